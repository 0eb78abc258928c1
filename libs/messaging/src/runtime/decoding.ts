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

/**
 * Records as handlers see them.
 * @throws MillraceError UNDECODABLE for a record of our own topics that is no event of ours: skipping it would change history
 */
export function decodeRecords(input: InputTopic, records: readonly FetchedRecord[]): Read[] {
  return records.map((record): Read => {
    const headers = record.headers as Read['headers'];
    const place = { topic: input.topic, partition: input.partition, position: record.offset, time: record.timestamp, id: record.key ?? Buffer.alloc(0), headers };
    if (input.stream !== undefined) {
      const source = { topic: input.name, partition: input.partition, offset: record.offset };
      return { ...place, event: new EventPosted({ stream: input.stream, source, acceptedAt: record.timestamp, key: record.key, value: record.value, headers: record.headers as Record<string, Buffer> }) };
    }
    try {
      return { ...place, event: decodeEvent(record.value) };
    } catch (error) {
      const { code, message } = error as MillraceError;
      throw new MillraceError('UNDECODABLE', `${input.name}/${input.partition} offset ${record.offset}: ${message} (${code})`, { cause: error, hint: 'only Millrace may write this topic; see docs/runbooks/undecodable.md' });
    }
  });
}
