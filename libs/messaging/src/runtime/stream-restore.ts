import { failPoint } from '@millrace/fail-points';
import type { Journal, StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { Committed } from './committed.ts';
import { handlerError } from './handler-failed.ts';
import { InputFeed } from './input-feed.ts';
import type { LoopLog } from './loop-log.ts';
import type { Snapshots } from './snapshots.ts';
import { runBatch } from './stream-batch.ts';
import { handlersByStem, type StreamSpec } from './stream-spec.ts';

/** A batch whose transaction has no known end yet. */
export interface Pending {
  readonly journal: Journal;
  /** What is committed if it was. */
  readonly next: Committed;
}

/** Brings memory in line with what is committed: keeps or undoes a pending batch. False when neither fits. */
export function settle(held: { committed: Committed; positions: Map<string, number>; pending?: Pending }, now: Committed): boolean {
  const { pending, committed } = held;
  if (pending && now.transaction === pending.next.transaction) {
    pending.journal.commit();
    held.committed = pending.next;
    held.positions = pending.next.positions;
  } else if (now.transaction === committed.transaction && equal(now.positions, committed.positions)) pending?.journal.undo();
  else return false;
  delete held.pending;
  return true;
}

function equal(now: Map<string, number>, then: Map<string, number>): boolean {
  return now.size === then.size && [...now].every(([topic, offset]) => then.get(topic) === offset);
}

interface FoldDeps {
  readonly name: string;
  readonly cluster: KafkaCluster;
  readonly snapshots: Snapshots;
  readonly log: LoopLog;
  /** Called between batches; what it throws ends the fold. */
  readonly proceed: () => void;
}

/**
 * Restores a state: newest snapshot at or before the committed positions, then the inputs up to them with outputs off.
 * @returns how many offsets the committed positions lie behind those of the snapshot
 * @throws OffsetOutOfRange (BELOW_LOG_START) when the records behind the snapshot were deleted
 */
export async function foldTo({ positions: target, fresh }: Committed, state: StreamState, spec: StreamSpec, deps: FoldDeps): Promise<number> {
  await failPoint('restore.begun');
  const snapshot = await deps.snapshots.latest(deps.name, Object.fromEntries(target));
  if (snapshot)
    await state.restore!(snapshot.pages()).catch((error: unknown) => {
      throw handlerError(`${spec.group} (snapshot)`, error);
    });
  await failPoint('restore.loaded');
  const from = new Map(spec.inputs.map(({ topic }) => [topic, snapshot?.positions[topic] ?? (fresh.has(topic) ? target.get(topic)! : 0)]));
  const behind = spec.inputs.filter((input) => from.get(input.topic)! < target.get(input.topic)!);
  if (behind.length === 0) return 0;
  const started = performance.now();
  const reader = await PartitionReader.open(deps.cluster, behind.map((input) => ({ topic: input.name, partition: input.partition, offset: from.get(input.topic)! })));
  const feed = new InputFeed(reader, behind, from, spec.per === 'lane', target);
  const handlers = handlersByStem(spec.handlers);
  let folded = 0;
  try {
    while (!feed.reached()) {
      deps.proceed();
      const reads = await feed.take(spec.batchSize);
      await runBatch(reads, handlers, state, undefined, {});
      folded += reads.length;
    }
  } finally {
    await feed.close();
  }
  await failPoint('restore.folded');
  deps.log.info(`${deps.name}: restored ${snapshot ? 'from a snapshot' : 'from the beginning'}, ${folded} records folded in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return behind.reduce((sum, { topic }) => sum + target.get(topic)! - from.get(topic)!, 0);
}
