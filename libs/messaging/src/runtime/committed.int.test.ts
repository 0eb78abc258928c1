import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PredictionMade } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { slotGroup, vector } from './testing/slot-world.ts';
import { World } from './testing/world.ts';

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

/** A service that has handled three vectors, one transaction each, and has ended. */
async function ended(): Promise<void> {
  const runtime = await world.start({ streams: [slotGroup()] });
  for (const [index, id] of ['v001', 'v002', 'v003'].entries()) {
    await post(id);
    await counted(index + 1);
  }
  await runtime.stop();
}

const offsets = (offset: string) => world.cluster.withAdmin((admin) => admin.setOffsets({ groupId: group, topic: world.topic('feature-vectors.<model>'), partitions: [{ partition: 0, offset }] }));

describe('a group coordinator that has lost what was committed', () => {
  it.each([
    ['no offset', () => world.cluster.withAdmin((admin) => admin.deleteGroups([group]))],
    ['an offset of some transactions ago', () => offsets('1')],
  ])('and answers %s is not believed: the outputs say how far the loop was', async (_, forget) => {
    await ended();
    await forget();
    await world.start({ streams: [slotGroup()] });
    await post('v004');
    expect(await counted(4)).toEqual(['v001=1', 'v002=2', 'v003=3', 'v004=4']);
    expect(world.lines.filter((line) => line.includes('lie behind the outputs'))).toEqual([expect.stringContaining('instead of 3')]);
  });

  it('is not assumed where a person has moved an offset on', async () => {
    await ended();
    await post('v004');
    await offsets('4');
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
    await post('v001');
    await world.start({ streams: [slotGroup()] });
    await until(() => world.lines.some((line) => line.includes('TRANSACTION_HANGING')), { what: 'refusal' });
    expect(await world.ends('predictions.<model>')).toBe(0);
    await open.close();
    release();
    await other;
    await (await TransactionalWriter.open(world.cluster, { transactionalId: `${world.workspace.prefix}.other`, group: 'other' })).close();
    expect(await counted(1)).toEqual(['v001=1']);
  });
});
