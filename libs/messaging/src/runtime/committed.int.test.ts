import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventIngested, VectorComputed, type Event, type PredictionMade, type RouteAdopted } from '@millrace/contracts';
import { until } from '@millrace/testing';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { noteOf } from './committed.ts';
import type { StreamGroup } from './service-runtime.ts';
import type { StreamHandler } from './stream-spec.ts';
import { MemorySnapshots } from './testing/memory-snapshots.ts';
import { rollout, slotGroup, vector } from './testing/slot-world.ts';
import { FailPoint, World, eventsOf } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
let group: string;
beforeEach(async () => {
  world = await World.open();
  group = world.workspace.group('inference', 'slot', 'm');
}, 240_000);
afterEach(() => world.close());

const post = (...ids: string[]): Promise<number> => world.post('feature-vectors.<model>', ...ids.map(vector));

async function counted(count: number): Promise<string[]> {
  await until(() => world.ends('predictions.<model>').then((records) => records >= count), { what: `${count} predictions` });
  return (await world.read('predictions.<model>')).map(({ event }) => event as PredictionMade).map(({ bundle, position }) => `${bundle}=${position}`);
}

/** A service that has handled three vectors, one transaction each, and has ended; what it had committed after the first. */
async function ended(): Promise<Committed> {
  const runtime = await world.start({ streams: [slotGroup()] });
  let first: Committed | undefined;
  for (const [index, id] of ['v001', 'v002', 'v003'].entries()) {
    await post(id);
    await counted(index + 1);
    first ??= await committed();
  }
  await runtime.stop();
  return first!;
}

interface Committed {
  readonly offset: number;
  readonly metadata?: string;
}

async function set(committed: Committed, where: { at?: World; group?: string; topic?: string } = {}): Promise<void> {
  const { at = world, group: of = group, topic = world.topic('feature-vectors.<model>') } = where;
  const writer = await TransactionalWriter.open(at.cluster, { transactionalId: `${at.workspace.prefix}.hand`, group: of });
  await writer.transact({ sends: [], offsets: [{ topic, partition: 0, ...committed }] });
  await writer.close();
}
/** What the loop itself has committed. */
async function committed(): Promise<Committed> {
  const [found] = await world.cluster.fetchOffsets(group, [world.topic('feature-vectors.<model>')]);
  const { offset, metadata } = found!.partitions[0]!;
  return { offset: Number(offset), metadata: metadata! };
}
/** A lane that makes one vector of each event. */
function laneGroup(): StreamGroup {
  class LaneState implements StreamState {
    journal = () => ({ commit: () => undefined, undo: () => undefined });
  }
  const handleBatch = async function* (batch: Iterable<Read>): AsyncGenerator<Event> {
    for (const { stream } of eventsOf<EventIngested>(batch)) yield vector(stream);
  };
  return { state: LaneState, per: 'lane', handlers: [{ event: EventIngested, publishes: [VectorComputed], broadcast: false, handleBatch }] as unknown as StreamHandler[], newState: () => new LaneState() };
}
const ingested = (stream: string): EventIngested => new EventIngested({ stream, eventId: Buffer.alloc(16, stream), eventTime: 0, acceptedAt: 0, source: { topic: 't', partition: 0, offset: 0 }, schemaId: 1, payload: Buffer.alloc(0) });
const adopted = async (): Promise<number[]> => (await world.read('serving')).map(({ event }) => (event as RouteAdopted).epoch);
const adoptions = (count: number) => until(() => world.ends('serving').then((records) => records >= count), { what: `${count} adoptions` });

describe('a group coordinator that has lost what was committed', () => {
  it.each<[string, (first: Committed) => Promise<unknown>]>([
    ['no offset', () => world.cluster.withAdmin((admin) => admin.deleteGroups([group]))],
    ['an offset of some transactions ago', set],
  ])('and answers %s is not believed: the outputs say how far the loop was', async (_, forget) => {
    await forget(await ended());
    await world.start({ streams: [slotGroup()] });
    await post('v004');
    expect(await counted(4)).toEqual(['v001=1', 'v002=2', 'v003=3', 'v004=4']);
    expect(world.lines.filter((line) => line.includes('lie behind the outputs'))).toEqual([expect.stringContaining('instead of 3')]);
  });

  it('is not believed either by a lane whose model was declared while it ran', async () => {
    const late = await World.open({ models: [] });
    try {
      const fail = new FailPoint();
      await late.start({ service: 'feature-store', streams: [laneGroup()] }, { pause: fail.pause });
      await late.create(['m']);
      await late.declare(['m']);
      await late.post('event-ingested', ingested('e001'));
      const vectors = (count: number) => until(() => late.ends('feature-vectors.<model>').then((records) => records >= count), { what: `${count} vectors` });
      await vectors(1);
      await set({ offset: 0, metadata: noteOf({ transaction: undefined, mark: undefined }) }, { at: late, group: late.workspace.group('feature-store', 'lane'), topic: late.topic('event-ingested') });
      fail.arm('begin');
      await late.post('event-ingested', ingested('e002'));
      await vectors(2);
      expect((await late.read('feature-vectors.<model>')).map(({ event }) => (event as VectorComputed).entityKeys[0])).toEqual(['e001', 'e002']);
    } finally {
      await late.close();
    }
  });

  it('is not believed where a transaction has only written into a topic of all slots', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await post('v001');
    await counted(1);
    const before = await committed();
    await world.post('rollouts', rollout(1));
    await adoptions(1);
    await runtime.stop();
    await set(before);
    // What it has adopted stands beside the offsets, and in no snapshot.
    await world.start({ streams: [slotGroup()] }, { snapshots: new MemorySnapshots() });
    await post('v002');
    await counted(2);
    await world.post('rollouts', rollout(2));
    await adoptions(2);
    expect(await adopted()).toEqual([1, 2]);
  });

  it('is not assumed where a person has moved an offset back', async () => {
    await ended();
    await set({ offset: 1 });
    await world.start({ streams: [slotGroup()] });
    expect((await counted(5)).slice(3).map((prediction) => prediction.split('=')[0])).toEqual(['v002', 'v003']);
    expect(world.lines.join('\n')).not.toContain('lie behind');
  });

  it('is not assumed where a person has moved an offset on', async () => {
    await ended();
    await post('v004');
    await set({ offset: 4 });
    await world.start({ streams: [slotGroup()] });
    await post('v005');
    expect((await counted(4)).at(-1)).toMatch(/^v005=/);
    expect(world.lines.join('\n')).not.toContain('lie behind');
  });
});

describe('a transaction in an output that has no end although nobody writes it any more', () => {
  it('holds the loop up, which would decide its fate, and not for longer than it lasts', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const open = await TransactionalWriter.open(world.cluster, { transactionalId: `${world.workspace.prefix}.other`, group: 'other', transactionTimeoutMs: 60_000, pause: (step) => (step === 'commit' ? held : undefined) });
    const other = open.transact({ sends: [{ topic: world.topic('predictions.<model>'), partition: 0, messages: [{ key: 'k', value: Buffer.from('no event') }] }], offsets: [] }).catch(() => undefined);
    const admin = new TopicAdmin(world.cluster);
    const range = (): ReturnType<TopicAdmin['offsets']> => admin.offsets(world.topic('predictions.<model>'), 0);
    await until(async () => (await range()).high === 1, { what: 'record of the transaction' });
    await post('v001');
    await world.start({ streams: [slotGroup()] });
    await until(() => world.lines.some((line) => line.includes('TRANSACTION_HANGING')), { what: 'refusal' });
    // One record of the transaction without an end, and nothing behind it.
    expect(await range()).toMatchObject({ stable: 0, high: 1 });
    await admin.close();
    await open.close();
    release();
    await other;
    await (await TransactionalWriter.open(world.cluster, { transactionalId: `${world.workspace.prefix}.other`, group: 'other' })).close();
    expect(await counted(1)).toEqual(['v001=1']);
  });
});
