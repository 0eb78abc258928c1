import { partitionKey, type CommittedOffset, type TopicPartition } from '../kafka/transactional-writer.ts';
import type { Send } from './outputs.ts';

/**
 * Header of the last record of each partition that a transaction writes: the offsets that the same transaction commits, and the note
 * beside them. A group coordinator that has been moved or restarted in the middle of its loading may answer offsets of minutes ago, or
 * none (seen with Apache Kafka 4.3 after SIGKILL). Whoever believed it would write everything since then a second time; what stands in the log beside the outputs
 * themselves cannot fall behind them.
 *
 * @example { "at": { "ws.events.orders/0": 4711 }, "note": "{\"transaction\":\"17-0a1b2c3d\"}" }
 */
export const progressHeader = 'committed';

/** Room that is kept for the header in a record of the largest size: some hundred inputs. */
export const progressBytes = 16_384;

/** What a record says about the transaction that wrote it: offsets by `topic/partition`, with the note that stands beside each. */
export type Progress = ReadonlyMap<string, CommittedOffset>;

/** Writes the header into the last record of each partition. Nothing is written without offsets, or when there is no room for them. */
export function markProgress(sends: readonly Send[], offsets: readonly (TopicPartition & { readonly offset: number })[], note?: string): void {
  if (offsets.length === 0) return;
  const text = JSON.stringify({ at: Object.fromEntries(offsets.map((place) => [partitionKey(place), place.offset])), note });
  if (text.length > progressBytes - 64) return;
  for (const { messages } of sends) {
    const last = messages.at(-1);
    if (last) messages[messages.length - 1] = { ...last, headers: { ...last.headers, [progressHeader]: text } };
  }
}

/** @returns undefined for a record that is not the last of its partition in a transaction */
export function progressOf(headers: Readonly<Record<string, Buffer | undefined>>): Progress | undefined {
  const text = headers[progressHeader]?.toString();
  if (text === undefined) return undefined;
  const { at, note } = JSON.parse(text) as { at: Record<string, number>; note?: string };
  return new Map(Object.entries(at).map(([place, offset]) => [place, { offset, metadata: note }]));
}
