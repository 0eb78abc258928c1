import type { EndOfLabelsQuery } from '@millrace/archive';

/** Tells whether a stream that has paused is archived to its end. A port: type and injection token in one. */
export abstract class StreamEnd {
  abstract readonly settled: NonNullable<EndOfLabelsQuery['settled']>;
}
