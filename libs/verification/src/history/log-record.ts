/** A record of a topic as two readers see it: one that asks for committed records only, one that asks for all. */
export interface LogRecord {
  /** Without the workspace's prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time at the broker, ms since epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As kcat prints them: `name=value,name=value`, raw bytes. */
  readonly headers: Buffer;
  /** Shown by read_committed. A record that is stored and not visible was aborted. */
  readonly visible: boolean;
  /** Shown by read_uncommitted. */
  readonly stored: boolean;
}

/** What is read of one partition: records from `low` up to but not including `end`. */
export interface LogRange {
  readonly topic: string;
  readonly partition: number;
  /** First offset that the broker keeps: above 0 where older records have expired. */
  readonly low: number;
  readonly end: number;
}

/** Where the records come from: a broker, or memory in tests. */
export interface LogSource {
  readonly ranges: readonly LogRange[];
  /** In the order of offsets, some at a time. */
  read(range: LogRange): AsyncIterable<readonly LogRecord[]> | Iterable<readonly LogRecord[]>;
}
