/** An event as it is posted. */
export interface PostedEvent {
  /** Event time, ms since epoch. */
  readonly time: number;
  /** Its identity in its stream, which orders events of one time. */
  readonly row: number;
  /** Key of the record. */
  readonly key: string;
  /** By name, as the stream's Avro schema takes them. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Events of one stream. */
export interface StreamPart {
  readonly stream: string;
  readonly events: readonly PostedEvent[];
}

/**
 * A span of event time. Its parts are posted one after the other, each when the one before is acknowledged: what happened in it is
 * then known to whatever asks.
 */
export interface Stretch {
  /** First event time inside, ms since epoch. */
  readonly from: number;
  /** First event time behind. */
  readonly to: number;
  readonly parts: readonly StreamPart[];
}
