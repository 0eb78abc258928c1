import { EventPosted, MillraceError, decodeEvent } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { FetchedRecord } from '../kafka/partition-reader.ts';

/** A topic of topology.ts as a loop reads it. */
export interface InputTopic {
  /** Real name, with the workspace's prefix. */
  readonly name: string;
  /** Name without prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Set for `events.<stream>`: records from outside, handed over undecoded. */
  readonly stream?: string;
}

const noKey = Buffer.alloc(0);

/**
 * Records as handlers see them.
 * @throws MillraceError UNDECODABLE for a record of our own topics that is no event of ours: skipping it would change history
 */
export function decodeRecords(input: InputTopic, records: readonly FetchedRecord[]): Read[] {
  const { topic, partition, stream } = input;
  return records.map(({ offset, timestamp, key, value, headers, poison }): Read => {
    if (stream !== undefined) {
      const event = new EventPosted({ stream, source: { topic: input.name, partition, offset }, acceptedAt: timestamp, key, value, headers, poison });
      return { event, topic, partition, position: offset, time: timestamp, id: key ?? noKey, headers };
    }
    try {
      return { event: decodeEvent(value), topic, partition, position: offset, time: timestamp, id: key ?? noKey, headers };
    } catch (error) {
      const { code, message } = error as MillraceError;
      throw new MillraceError('UNDECODABLE', `${input.name}/${input.partition} offset ${offset}: ${message} (${code})`, { cause: error, hint: 'only Millrace may write this topic; see docs/runbooks/undecodable.md' });
    }
  });
}
