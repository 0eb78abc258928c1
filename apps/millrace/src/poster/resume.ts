import type { PostedEvent, StreamPart } from './stretch.ts';

/** The last event of a stream that was posted. */
export interface LastPosted {
  readonly time: number;
  readonly row: number;
}

const isBehind = ({ time, row }: PostedEvent, last: LastPosted): boolean => time > last.time || (time === last.time && row > last.row);

/**
 * What is still to be posted of a part. Events of a stream are posted by time and row, so what was posted is all up to the last one.
 *
 * @param posted last event by stream; absent where the stream is empty
 */
export function stillToPost(part: StreamPart, posted: ReadonlyMap<string, LastPosted>): StreamPart {
  const last = posted.get(part.stream);
  return last ? { ...part, events: part.events.filter((event) => isBehind(event, last)) } : part;
}
