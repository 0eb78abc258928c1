import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PredictionMade } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import type { ServiceRuntime, StreamGroup } from './service-runtime.ts';
import type { StreamHandler } from './stream-spec.ts';
import { SlotState, rollout, slotGroup, vector } from './testing/slot-world.ts';
import { FailPoint, World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(() => world.close());

const input = 'feature-vectors.<model>';
const post = (...ids: string[]): Promise<number> => world.post(input, ...ids.map(vector));
const postAborted = (...ids: string[]): Promise<void> => world.postAborted(input, ...ids.map(vector));
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${index + 1}`);

async function counted(count: number): Promise<string[]> {
  await until(() => world.ends('predictions.<model>').then((records) => records >= count), { what: `${count} predictions` });
  return (await world.read('predictions.<model>')).map(({ event }) => event as PredictionMade).map(({ bundle, position }) => `${bundle}=${position}`);
}

const snapshotAt = (position: number) => until(() => world.snapshots.stored.at(-1)?.positions['feature-vectors.m'] === position, { what: `snapshot at ${position}` });

async function committed(): Promise<number> {
  const [found] = await world.cluster.fetchOffsets(world.workspace.group('inference', 'slot', 'm'), [world.topic(input)]);
  return Number(found!.partitions[0]!.offset);
}

/** Ends a service as if it were killed: no last snapshot. */
async function cutOff(runtime: ServiceRuntime): Promise<void> {
  world.snapshots.frozen = true;
  await runtime.stop();
  world.snapshots.frozen = false;
}

/** As retention does: all records, or those before `offset`. */
async function deleteRecords(before?: number): Promise<void> {
  const admin = new TopicAdmin(world.cluster);
  const offset = before ?? (await admin.offsets(world.topic(input), 0)).high;
  await admin.deleteRecords([{ topic: world.topic(input), partition: 0, offset }]);
  await until(async () => (await admin.offsets(world.topic(input), 0)).low === offset, { what: 'shorter log' });
  await admin.close();
}

/** A group that counts how often its loops have looked for something to do; its states have `more`. */
function watched(more: Partial<SlotState> = {}): { group: StreamGroup; looks(count: number): Promise<unknown> } {
  let looks = 0;
  const newState = (): SlotState => {
    const state = new SlotState();
    const due = state.due.bind(state);
    return Object.assign(state, more, { due: (standing: Parameters<typeof due>[0]) => (looks++, due(standing)) });
  };
  return {
    group: { ...slotGroup(), newState },
    looks: (count) => {
      const from = looks;
      return until(() => looks - from >= count, { what: `${count} looks` });
    },
  };
}

describe('an idle loop', () => {
  it('takes a snapshot of its last records, so that it can start when retention has emptied its log', async () => {
    world.snapshots.everyMs = 1500;
    const first = await world.start({ streams: [slotGroup()] });
    await post(...names(10));
    await counted(10);
    await snapshotAt(10);
    await deleteRecords();
    await cutOff(first);
    const second = await world.start({ streams: [slotGroup()] });
    await post('v11');
    expect((await counted(11)).at(-1)).toBe('v11=11');
    expect(second.states()).toMatchObject([{ state: 'running', error: undefined }]);
  });

  it('takes one of what it has folded at its start', async () => {
    await cutOff(await world.start({ streams: [slotGroup()] }));
    const first = await world.start({ streams: [slotGroup()] });
    await post(...names(3));
    await counted(3);
    await cutOff(first);
    expect(world.snapshots.stored).toEqual([]);
    world.snapshots.everyMs = 50;
    await world.start({ streams: [slotGroup()] });
    await snapshotAt(3);
  });

  it('takes one again that could not be written', async () => {
    world.snapshots.everyMs = 50;
    jest.spyOn(world.snapshots, 'write').mockRejectedValueOnce(new Error('no space'));
    await world.start({ streams: [slotGroup()] });
    await post('v1');
    await snapshotAt(1);
    expect(world.lines.join('\n')).toContain('no snapshot: no space');
  });

  it('takes one of what it said without an input', async () => {
    world.snapshots.everyMs = 50;
    await world.start({ streams: [slotGroup()] });
    await post('v1');
    await snapshotAt(1);
    await world.post('rollouts', rollout(1));
    await until(() => Buffer.concat(world.snapshots.stored.at(-1)!.pages).toString() === JSON.stringify({ count: 1, adopted: 1 }), { what: 'snapshot of the adopted version' });
  });
});

describe('records of aborted transactions at the end of an input', () => {
  it.each<[string, Partial<SlotState>]>([
    ['is restored by a snapshot', {}],
    ['is restored by a mark', { snapshot: undefined, restore: undefined } as unknown as Partial<SlotState>],
  ])('are passed by the committed offsets of a loop that %s, so that it can start when they are gone', async (_, more) => {
    world.snapshots.everyMs = 300;
    const { group } = watched(more);
    const first = await world.start({ streams: [group] });
    await post('v1');
    await counted(1);
    await postAborted('v2', 'v3');
    await until(async () => (await committed()) === 4, { what: 'offset behind two records and their marker' });
    if (group.newState({ model: 'm', partition: 0 }).snapshot) await snapshotAt(4);
    await deleteRecords();
    await cutOff(first);
    const second = await world.start({ streams: [group] });
    await post('v4');
    expect((await counted(2)).at(-1)).toMatch(/^v4=/);
    expect(second.states()).toMatchObject([{ state: 'running', error: undefined }]);
  });
});

describe('records that were deleted between the snapshot and the committed offset', () => {
  it('stop the loop, until somebody says that the state stands behind them', async () => {
    world.snapshots.everyMs = 50;
    const first = await world.start({ streams: [slotGroup()] });
    await post('v1', 'v2');
    await snapshotAt(2);
    world.snapshots.everyMs = 20_000;
    await post('v3', 'v4');
    await until(async () => (await committed()) === 4, { what: 'offset behind four records' });
    await cutOff(first);
    await deleteRecords(3);
    const second = await world.start({ streams: [slotGroup()] });
    await until(() => second.states()[0]?.state === 'failed', { what: 'failed loop' });
    expect(second.states()[0]?.error).toContain('/0 has offsets 3 to 3, but 2 was asked for');
    expect(world.lines.join('\n')).toContain('(BELOW_LOG_START)');
    await second.stop();
    world.snapshots.stored.push({ ...world.snapshots.stored.at(-1)!, positions: { 'feature-vectors.m': 3 } });
    await world.start({ streams: [slotGroup()] });
    await post('v5');
    expect(await counted(5)).toEqual(['v1=1', 'v2=2', 'v3=3', 'v4=4', 'v5=4']);
  });
});

describe('a loop that has nothing new', () => {
  it('commits nothing and takes no snapshot, also when it reads what it writes', async () => {
    world.snapshots.everyMs = 50;
    const { group, looks } = watched();
    const own = { event: PredictionMade, publishes: [], broadcast: false, handleBatch: () => undefined } as unknown as StreamHandler;
    const point = new FailPoint();
    await world.start({ streams: [{ ...group, handlers: [...group.handlers, own] }] }, { pause: point.pause });
    await post('v1');
    await until(() => world.snapshots.stored.at(-1)?.positions['predictions.m'] === 2, { what: 'snapshot behind its own record and marker' });
    const [commits, snapshots] = [point.commits, world.snapshots.stored.length];
    await looks(8);
    expect([point.commits, world.snapshots.stored.length]).toEqual([commits, snapshots]);
  });

  it('rests beside another one of the same name', async () => {
    const [one, two] = [watched(), watched()];
    const point = new FailPoint();
    const both = [await world.start({ streams: [one.group] }, { pause: point.pause }), await world.start({ streams: [two.group] }, { pause: point.pause })];
    world.snapshots.everyMs = 50;
    await postAborted('v1', 'v2');
    await until(async () => (await committed()) === 3, { what: 'offset behind two records and their marker' });
    await until(() => world.lines.some((line) => line.includes('begins again')), { what: 'the one that was replaced' });
    await until(() => both.every((runtime) => runtime.states()[0]?.state === 'running'), { what: 'both' });
    await Promise.all([one.looks(8), two.looks(8)]);
    const commits = point.commits;
    await Promise.all([one.looks(8), two.looks(8)]);
    expect(point.commits).toBe(commits);
    expect(world.lines.filter((line) => line.includes('begins again')).length).toBeLessThan(4);
  });
});
