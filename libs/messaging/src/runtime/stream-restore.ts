import { MillraceError } from '@millrace/contracts';
import type { Journal, StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { InputFeed } from './input-feed.ts';
import type { LoopLog } from './loop-log.ts';
import type { Snapshots } from './snapshots.ts';
import { runBatch } from './stream-batch.ts';
import { handlersByStem, type StreamSpec } from './stream-spec.ts';

/** A batch whose transaction has no known end yet. */
export interface Pending {
  readonly journal: Journal;
  readonly next: Map<string, number>;
  readonly mark: number | undefined;
}

/** What is committed, read after fencing: the only truth. Inputs without an offset begin where their log does. */
export async function committedPositions(writer: TransactionalWriter, spec: StreamSpec, cluster: KafkaCluster): Promise<Committed> {
  const offsets = await writer.committed(spec.inputs.map((input) => ({ topic: input.name, partition: input.partition })));
  const positions = new Map<string, number>();
  let mark: number | undefined;
  const admin = new TopicAdmin(cluster);
  try {
    if ([...offsets.values()].every((committed) => committed.offset < 0)) await refuseLostOffsets(spec, admin);
    for (const input of spec.inputs) {
      const committed = offsets.get(`${input.name}/${input.partition}`);
      const known = committed !== undefined && committed.offset >= 0;
      positions.set(input.topic, known ? committed.offset : (await admin.offsets(input.name, input.partition)).low);
      if (committed?.metadata) mark = Math.max(mark ?? -Infinity, Number(committed.metadata));
    }
  } finally {
    await admin.close();
  }
  return { positions, mark };
}

async function refuseLostOffsets(spec: StreamSpec, admin: TopicAdmin): Promise<void> {
  for (const output of spec.owned) {
    const { high } = await admin.offsets(output.name, output.partition);
    if (high > 0)
      throw new MillraceError('OFFSETS_LOST', `${spec.service} has no committed offset, but ${output.name}/${output.partition} holds ${high} records of it`, { hint: 'never start it from the beginning; see docs/runbooks/offsets-lost.md' });
  }
}

/** What is committed: offsets by topic, and the mark that stands beside them. */
export interface Committed {
  readonly positions: Map<string, number>;
  readonly mark: number | undefined;
}

/**
 * Brings memory in line with what is committed: keeps or undoes a pending batch. False when neither fits.
 * A transaction without inputs does not move the offsets; then the mark tells whether it was committed, and where it did not move
 * either, the batch is undone: what is due is said again, and readers recognise it.
 */
export function settle(held: { committed: Committed; positions: Map<string, number>; pending?: Pending }, now: Committed): boolean {
  const { pending, committed } = held;
  if (pending && equal(now.positions, pending.next) && (!equal(pending.next, committed.positions) || (pending.mark !== committed.mark && pending.mark === now.mark))) {
    pending.journal.commit();
    held.committed = { positions: pending.next, mark: pending.mark };
    held.positions = pending.next;
  } else if (equal(now.positions, committed.positions)) pending?.journal.undo();
  else return false;
  delete held.pending;
  return true;
}

// An input that was added since has no committed offset yet and begins at 0.
function equal(now: Map<string, number>, then: Map<string, number>): boolean {
  return now.size === then.size && [...now].every(([topic, offset]) => then.get(topic) === offset);
}

interface FoldDeps {
  readonly name: string;
  readonly cluster: KafkaCluster;
  readonly snapshots: Snapshots;
  readonly log: LoopLog;
  readonly alive: () => void;
}

/** Restores a state: newest snapshot at or before the committed positions, then the inputs up to them with outputs off. */
export async function foldTo(target: Map<string, number>, state: StreamState, spec: StreamSpec, deps: FoldDeps): Promise<void> {
  const snapshot = await deps.snapshots.latest(deps.name, Object.fromEntries(target));
  if (snapshot) await state.restore!(snapshot.pages());
  const from = new Map(spec.inputs.map((input) => [input.topic, snapshot?.positions[input.topic] ?? 0]));
  const behind = spec.inputs.filter((input) => from.get(input.topic)! < target.get(input.topic)!);
  if (behind.length === 0) return;
  const started = performance.now();
  const reader = await PartitionReader.open(deps.cluster, behind.map((input) => ({ topic: input.name, partition: input.partition, offset: from.get(input.topic)! })));
  const feed = new InputFeed(reader, behind, from, spec.per === 'lane' && behind.length > 1, target);
  let folded = 0;
  try {
    while (!feed.reached()) {
      deps.alive();
      const reads = await feed.take(spec.batchSize);
      await runBatch(reads, handlersByStem(spec.handlers), state, undefined, {});
      folded += reads.length;
    }
  } finally {
    await feed.close();
  }
  deps.log.info(`${deps.name}: restored ${snapshot ? 'from a snapshot' : 'from the beginning'}, ${folded} records folded in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
