import { describe, expect, it } from '@jest/globals';
import { RouteChanged } from '@millrace/contracts';
import { RolloutWorld } from '../testing/rollout-world.ts';

/** A whole history: the first version, a candidate that is taken back, one that takes over, and a rollback. */
const story: ((world: RolloutWorld) => string[])[] = [
  (world) => world.approve(1),
  (world) => world.load(1, [0]),
  (world) => world.load(1, [1]),
  (world) => world.adopt(1, [1]),
  (world) => world.adopt(1, [0]),
  (world) => world.approve(2),
  (world) => world.approve(3),
  (world) => world.load(2),
  (world) => world.adopt(2, [0]),
  (world) => world.adopt(2, [1]),
  (world) => world.observe(1, 2, 'CHAMPION', { ok: 500 }),
  (world) => world.observe(2, 2, 'CANARY', { ok: 400, failed: 100 }),
  (world) => world.load(3),
  (world) => world.adopt(4),
  (world) => world.observe(1, 4, 'CHAMPION', { ok: 500 }, world.rolloutId(3)),
  (world) => world.observe(3, 4, 'CANARY', { ok: 500 }, world.rolloutId(3)),
  (world) => world.adopt(5),
  (world) => world.observe(3, 5, 'CANARY', { ok: 500 }, world.rolloutId(3)),
  (world) => world.adopt(6),
  (world) => world.command('ROLL_BACK'),
  (world) => world.adopt(7),
];

describe('a restart', () => {
  it('at any point leads to the same events: own events and inputs may be folded in either order', () => {
    const steady = RolloutWorld.declared([50, 100]);
    const expected = story.map((step) => step(steady));
    expect(expected.at(-2)).toEqual(['epoch 7: CHAMPION 1 100 % without 3']);
    const restarting = RolloutWorld.declared([50, 100]);
    const events = story.map((step) => {
      restarting.restart();
      return step(restarting);
    });
    expect(events).toEqual(expected);
    restarting.restart();
    expect(restarting.state).toEqual(steady.state);
  });

  it('decides nothing a second time', () => {
    const world = RolloutWorld.declared([50, 100]);
    for (const step of story) step(world);
    world.restart();
    expect(world.wait(5)).toEqual([]);
  });

  it('finds epochs that only grow', () => {
    const world = RolloutWorld.declared([50, 100]);
    for (const step of story) step(world);
    const epochs = world.published.filter((event) => event instanceof RouteChanged).map(({ epoch }) => epoch);
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
