import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MillraceError, type PredictionMade } from '@millrace/contracts';
import { until } from '@millrace/testing';
import type { ServiceRuntime } from './service-runtime.ts';
import { SlotState, rollout, slotGroup, vector } from './testing/slot-world.ts';
import { FailPoint, World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(() => world.close());

const names = (count: number, from = 1): string[] => Array.from({ length: count }, (_, index) => `v${String(from + index).padStart(3, '0')}`);
const post = (...ids: string[]): Promise<number> => world.post('feature-vectors.<model>', ...ids.map(vector));

/** Predictions by librdkafka, as soon as there are so many. */
async function predictions(count: number): Promise<PredictionMade[]> {
  await until(() => world.ends('predictions.<model>').then((records) => records >= count), { what: `${count} predictions` });
  return (await world.read('predictions.<model>')).map(({ event }) => event as PredictionMade);
}
/** Which vectors were counted as which, in the order of the log. */
const counted = (events: PredictionMade[]): string[] => events.map(({ bundle, position }) => `${bundle}=${position}`);
const standing = (runtime: ServiceRuntime) => runtime.states()[0]!;

describe('a transaction that fails', () => {
  it.each(['begin', 'add-partitions', 'send', 'offsets', 'commit', 'committed'])("at '%s' leaves each output once and a state that counted each input once", async (step) => {
    const point = new FailPoint();
    const runtime = await world.start({ streams: [slotGroup()] }, { pause: point.pause });
    await post(...names(3));
    expect(counted(await predictions(3))).toEqual(['v001=1', 'v002=2', 'v003=3']);
    await until(() => point.commits === 1, { what: 'the end of the transaction' });
    point.arm(step);
    await post(...names(3, 4));
    expect(counted(await predictions(6))).toEqual(names(6).map((name, index) => `${name}=${index + 1}`));
    await post(...names(1, 7));
    expect(counted(await predictions(7)).at(-1)).toBe('v007=7');
    expect(standing(runtime)).toMatchObject({ state: 'running', error: undefined });
    expect(world.lines.filter((line) => line.includes('begins again'))).toHaveLength(1);
    expect(world.lines.filter((line) => line.includes('is restored'))).toEqual([]);
  });

  it.each(['send', 'committed'])("at '%s' leaves what was due without an input said once", async (step) => {
    const point = new FailPoint();
    await world.start({ streams: [slotGroup()] }, { pause: point.pause });
    await post('v001');
    await predictions(1);
    await until(() => point.commits === 1, { what: 'the end of the transaction' });
    point.arm(step);
    await world.post('rollouts', rollout(1));
    await until(() => world.lines.some((line) => line.includes('begins again')), { what: 'failure of the transaction' });
    await post('v002'); // goes out behind whatever was due
    await predictions(2);
    expect((await world.read('serving')).map(({ event }) => event)).toMatchObject([{ epoch: 1 }]);
  });
});

describe('a restart', () => {
  it('takes a snapshot and folds what came behind it, with outputs off', async () => {
    const first = await world.start({ streams: [slotGroup()] });
    await post(...names(5));
    await predictions(5);
    await first.stop();
    expect(world.snapshots.stored).toHaveLength(1);
    world.snapshots.frozen = true;
    const second = await world.start({ streams: [slotGroup()] });
    await post(...names(4, 6));
    await predictions(9);
    await second.stop();
    await world.start({ streams: [slotGroup()] });
    await post('v010');
    expect(counted(await predictions(10))).toEqual(names(10).map((name, index) => `${name}=${index + 1}`));
    expect(world.lines.filter((line) => line.includes('restored'))).toEqual([expect.stringContaining('restored from a snapshot, 4 records folded')]);
  });

  it('folds from the beginning when there is no snapshot', async () => {
    world.snapshots.frozen = true;
    await (await world.start({ streams: [slotGroup()] })).stop();
    const first = await world.start({ streams: [slotGroup()] });
    await post(...names(3));
    await predictions(3);
    await first.stop();
    await world.start({ streams: [slotGroup()] });
    await post('v004');
    expect(counted(await predictions(4)).at(-1)).toBe('v004=4');
    expect(world.lines.filter((line) => line.includes('restored'))).toEqual([expect.stringContaining('from the beginning, 3 records folded')]);
  });

  it('writes its last snapshot at the committed offsets, also behind records of aborted transactions', async () => {
    const state = new SlotState();
    const runtime = await world.start({ streams: [{ ...slotGroup(), newState: () => state }] });
    await post('v001');
    await predictions(1);
    await world.postAborted('feature-vectors.<model>', vector('v002'), vector('v003'));
    await until(() => state.position === 4, { what: 'the position behind the aborted records and their marker' });
    await runtime.stop();
    expect(world.snapshots.stored.map(({ positions }) => positions)).toEqual([{ 'feature-vectors.m': 1 }]);
  });

  it('goes on although its very first transaction was cut off', async () => {
    const point = new FailPoint();
    point.arm('commit');
    await post('v001');
    await world.start({ streams: [slotGroup()] }, { pause: point.pause });
    expect(counted(await predictions(1))).toEqual(['v001=1']);
  });

  it('is refused when the offsets are lost', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await post('v001');
    const [prediction] = await predictions(1);
    await runtime.stop();
    const other = await World.open();
    await other.post('predictions.<model>', prediction!);
    const refused = await other.start({ streams: [slotGroup()] });
    await until(() => standing(refused).state === 'failed', { what: 'refusal' });
    expect(standing(refused).error).toContain('no committed offset');
    expect(other.lines.join()).toContain('OFFSETS_LOST');
    await other.close();
  });
});

describe('broadcast inputs', () => {
  it('are read before the first batch, and a batch is handled again when one comes before its commit', async () => {
    await world.post('rollouts', rollout(1));
    let late = true;
    await world.start({
      streams: [
        slotGroup(async (ids) => {
          if (!ids.includes('v002') || !late) return;
          late = false;
          await world.post('rollouts', rollout(2));
        }),
      ],
    });
    await post('v001');
    expect(await predictions(1)).toMatchObject([{ version: 1 }]);
    await post('v002', 'v003');
    expect((await predictions(3)).map(({ version, position }) => [version, position])).toEqual([[1, 1], [2, 2], [2, 3]]);
    await post('v004');
    expect((await predictions(4)).at(-1)).toMatchObject({ version: 2, position: 4 });
    expect((await world.read('serving')).map(({ event }) => event)).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
  });

  it('whose fold breaks off are folded again from the start, into a new state', async () => {
    const group = slotGroup();
    let broken = true;
    const rollouts = group.handlers[1]!;
    const handlers = [
      group.handlers[0]!,
      {
        ...rollouts,
        handleBatch: async (batch: Iterable<never>, state: never) => {
          await rollouts.handleBatch(batch, state);
          if (!broken) return undefined;
          broken = false;
          throw new MillraceError('NOT_NOW', 'the archive is away', { retriable: true });
        },
      },
    ];
    await world.post('rollouts', rollout(1));
    await world.start({ streams: [{ ...group, handlers: handlers as typeof group.handlers }] });
    await post('v001');
    expect(await predictions(1)).toMatchObject([{ version: 1, position: 1 }]);
  });
});

describe('what would happen again stops the loop', () => {
  it('a handler that fails: the batch is not committed, the standing says why', async () => {
    const runtime = await world.start({
      streams: [
        slotGroup((ids) => {
          if (ids.includes('v002')) throw new TypeError('no such figure');
        }),
      ],
    });
    await post('v001');
    await predictions(1);
    await post('v002');
    await until(() => standing(runtime).state === 'failed', { what: 'end of the loop' });
    expect(standing(runtime).error).toBe('the handler of vector-computed failed: no such figure');
    expect(await predictions(1)).toHaveLength(1);
    expect(world.exits).toEqual([]);
  });

  it('a record that is no event: what stands before it is handled, nothing behind it', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await post(...names(3));
    await predictions(3);
    const offset = await world.postBytes('feature-vectors.<model>', 0, Buffer.from('no event'));
    await post(...names(3, 4));
    await until(() => standing(runtime).state === 'failed', { what: 'end of the loop' });
    expect(world.lines.join('\n')).toContain(`${world.topic('feature-vectors.<model>')}/0 offset ${offset}:`);
    expect(world.lines.join('\n')).toContain('UNDECODABLE');
    expect(counted(await predictions(3))).toEqual(['v001=1', 'v002=2', 'v003=3']);
  });

  it('not so an error that says it may pass', async () => {
    let times = 3;
    const runtime = await world.start({
      streams: [
        slotGroup((ids) => {
          if (ids.includes('v002') && times-- > 0) throw new MillraceError('NOT_NOW', 'the archive is away', { retriable: true });
        }),
      ],
    });
    await post('v001', 'v002');
    expect(counted(await predictions(2))).toEqual(['v001=1', 'v002=2']);
    expect(standing(runtime).state).toBe('running');
  });
});
