import { MillraceError } from '@millrace/contracts';

/** What to do about an error code of a partition in a Fetch answer. */
export type FetchTrouble = 'stale-leader' | 'out-of-range' | MillraceError;

const OUT_OF_RANGE = 1;
/** Wrong or unknown leader, leader epoch, storage being opened, high watermark not yet known: metadata changes and heals it. */
const STALE = new Set([3, 5, 6, 9, 56, 74, 75, 76, 78, 100]);

export function troubleOf(errorCode: number, place: string): FetchTrouble {
  if (errorCode === OUT_OF_RANGE) return 'out-of-range';
  if (STALE.has(errorCode)) return 'stale-leader';
  if (errorCode === 29) return new MillraceError('NOT_AUTHORIZED', `reading ${place} is not allowed`, { hint: 'Grant READ on the topic to this principal.' });
  return new MillraceError('FETCH_REFUSED', `the broker refuses to read ${place} with error code ${errorCode}`);
}

/** The position asked for is outside of what the broker holds. */
export class OffsetOutOfRange extends MillraceError {
  readonly topic: string;
  readonly partition: number;
  /** Position asked for. */
  readonly offset: number;
  /** First offset that the broker holds. */
  readonly low: number;
  /** Offset behind the last one. */
  readonly high: number;

  constructor(topic: string, partition: number, offset: number, low: number, high: number) {
    const isBelow = offset < low;
    super(
      isBelow ? 'BELOW_LOG_START' : 'BEYOND_LOG_END',
      `${topic}/${partition} has offsets ${low} to ${high - 1}, but ${offset} was asked for`,
      { hint: isBelow ? 'The records were deleted before they were read; see docs/runbooks/below-log-start.md' : 'The log was cut short; restore it or read the runbook on lost data.' },
    );
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.low = low;
    this.high = high;
  }
}
