import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventIngested, EventPosted, LabelObserved, VectorComputed, type CommandIssued, type Event, type PredictionMade, type RouteAdopted } from '@millrace/contracts';
import { until } from '@millrace/testing';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { noteOf } from './committed.ts';
import type { DecisionHandler } from './decider-spec.ts';
import type { StreamGroup } from './service-runtime.ts';
import type { StreamHandler } from './stream-spec.ts';
import { Findings, command, findings } from './testing/findings-world.ts';
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

describe('what a person has set', () => {
  /** Predicts each vector, and writes a second output for those called `rare`. */
  function twoOutputs(): StreamGroup {
    const group = slotGroup();
    const [vectors, rollouts] = group.handlers as [StreamHandler, StreamHandler];
    const handleBatch = async function* (batch: Iterable<Read>, state: StreamState): AsyncGenerator<Event> {
      const reads = [...batch];
      yield* (await vectors.handleBatch(reads, state))!;
      for (const { eventId, entityKeys } of eventsOf<VectorComputed>(reads)) if (entityKeys[0] === 'rare') yield new LabelObserved({ model: 'm', eventId, value: 1, labelTime: 0, position: 0, laneTime: 0 });
    };
    return { ...group, handlers: [{ ...vectors, publishes: [...vectors.publishes, LabelObserved], handleBatch }, rollouts] as unknown as StreamHandler[] };
  }
  /** Fails transactions of the given numbers. */
  const failsFrom = (first: number, last: number) => {
    let begun = 0;
    return async (step: string): Promise<void> => {
      if (step === 'begin' && ++begun >= first && begun <= last) throw new Error('fails after one commit');
    };
  };
  const ids = async (count: number): Promise<string[]> => (await counted(count)).map((prediction) => prediction.split('=')[0]!);

  it('stands also when the loop begins again behind its first commit, whatever a seldom written output says of the time before', async () => {
    const plan = { streams: [twoOutputs()], batchSize: 1 };
    const first = await world.start(plan);
    await post('v001', 'v002', 'v003', 'rare', 'v005');
    await counted(5);
    await first.stop();
    await set({ offset: 1 });
    const second = await world.start(plan, { pause: failsFrom(2, 2) });
    expect((await ids(9)).slice(5)).toEqual(['v002', 'v003', 'rare', 'v005']);
    expect(world.lines.filter((line) => line.includes('begins again'))).toEqual([expect.stringContaining('fails after one commit')]);
    expect(world.lines.join('\n')).not.toContain('lie behind');
    await second.stop();
  });

  it('does not hide what the loop has done since from a coordinator that answers what was before', async () => {
    const plan = { streams: [twoOutputs()], batchSize: 1 };
    const first = await world.start(plan);
    await post('v001', 'v002', 'rare');
    await counted(3);
    const before = await committed();
    await first.stop();
    await set({ offset: 0 });
    const second = await world.start(plan, { pause: failsFrom(2, Infinity) });
    await counted(4);
    await second.stop();
    await set(before);
    await world.start(plan);
    expect((await ids(6)).slice(3)).toEqual(['v001', 'v002', 'rare']);
    expect(world.lines.join('\n')).toContain('3 instead of 1');
  });

  it('stands for a decider too, whose own events tell of the time before', async () => {
    const decided: string[] = [];
    const group = findings();
    const [decisions, door] = group.handlers as [DecisionHandler, DecisionHandler];
    const decide: DecisionHandler['decide'] = (state, read, now) => (decided.push((read.event as CommandIssued).commandId), decisions.decide!(state, read, now));
    const plan = { service: 'monitor', deciders: [{ ...group, handlers: [{ ...decisions, decide }, door] }] };
    const [of, topic] = [world.workspace.group('monitor', Findings.name), world.topic('commands')];
    const heard = (count: number): Promise<unknown> => until(() => decided.length === count, { what: `${count} commands` });
    const first = await world.start(plan);
    await world.post('commands', command('silent'));
    await heard(1);
    await world.post('commands', command('a'));
    await heard(2);
    await first.stop();
    const [found] = await world.cluster.fetchOffsets(of, [topic]);
    // What it commits first after a person has gone back to the beginning: it has said nothing more.
    await set({ offset: 1, metadata: found!.partitions[0]!.metadata! }, { group: of, topic });
    await world.start(plan);
    await heard(3);
    expect(decided).toEqual(['silent', 'a', 'a']);
    expect(world.lines.join('\n')).not.toContain('lie behind');
  });
});

describe('an input whose beginning was deleted before anything of it was committed', () => {
  const deleteUpTo = async (at: World, topic: string, offset: number): Promise<void> => {
    const admin = new TopicAdmin(at.cluster);
    await admin.deleteRecords([{ topic, partition: 0, offset }]);
    await admin.close();
  };

  it('is said to have events without an outcome where others post them', async () => {
    const posting = await World.open({ models: [], streams: ['orders'] });
    try {
      const topic = posting.topic('events.orders');
      await posting.postBytes('events.orders', 0, ...Array.from({ length: 6 }, (_, index) => Buffer.from(`posted ${index}`)));
      await deleteUpTo(posting, topic, 5);
      const handleBatch = async function* (batch: Iterable<Read>): AsyncGenerator<Event> {
        for (const { value } of eventsOf<EventPosted>(batch)) yield ingested(value!.toString());
      };
      const group = { ...laneGroup(), handlers: [{ event: EventPosted, publishes: [EventIngested], broadcast: false, handleBatch }] as unknown as StreamHandler[] };
      await posting.start({ service: 'ingestion', streams: [group] });
      await until(() => posting.ends('event-ingested').then((records) => records === 1), { what: 'one ingested event' });
      expect((await posting.read('event-ingested')).map(({ event }) => (event as EventIngested).stream)).toEqual(['posted 5']);
      expect(posting.lines.filter((line) => line.includes('have no outcome'))).toEqual([expect.stringContaining(`${topic}/0 begins at offset 5`)]);
    } finally {
      await posting.close();
    }
  });

  it('is a topic of the platform that is read late, and nothing to be said', async () => {
    await post('v001', 'v002');
    await deleteUpTo(world, world.topic('feature-vectors.<model>'), 1);
    await world.start({ streams: [slotGroup()] });
    expect(await counted(1)).toEqual(['v002=1']);
    expect(world.lines.join('\n')).not.toContain('begins at');
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
