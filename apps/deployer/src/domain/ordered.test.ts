import { describe, expect, it } from '@jest/globals';
import { RolloutWorld, model } from '../testing/rollout-world.ts';
import { standingOf } from './standing.ts';

/** Version 2 is champion after version 1, at epoch 4. */
function promoted(): RolloutWorld {
  const world = RolloutWorld.withCanary([50, 100]);
  world.observe(1, 2, 'CHAMPION', { ok: 500 });
  world.observe(2, 2, 'CANARY', { ok: 500 });
  world.adopt(3);
  world.observe(2, 3, 'CANARY', { ok: 500 });
  world.adopt(4);
  return world;
}

describe('a rollback by command', () => {
  it('ends the running rollout, at whatever step it is', () => {
    expect(RolloutWorld.withCanary().command('ROLL_BACK')).toEqual(['aborted 2 by ann: it looks wrong', 'epoch 3: CHAMPION 1 100 % without 2']);
    const staging = RolloutWorld.withChampion();
    staging.approve(2);
    expect(staging.command('ROLL_BACK')).toEqual(['aborted 2 by ann: it looks wrong']);
  });

  it('wins over a step that was ready to advance', () => {
    const world = RolloutWorld.withCanary();
    world.observe(2, 2, 'CANARY', { ok: 500 });
    world.command('ROLL_BACK');
    expect(world.observe(1, 2, 'CHAMPION', { ok: 9500 })).toEqual([]);
    expect(world.adopt(3)).toEqual([]);
    expect(standingOf(world.state, model)).toMatchObject({ champion: { version: 1 }, epoch: 3 });
  });

  it('routes the champion before when no rollout runs, under a rollout id of its own', () => {
    const world = promoted();
    expect(world.command('ROLL_BACK', { version: 2 })).toEqual(['epoch 5: CHAMPION 1 100 % without 2']);
    const ids = new Set(world.published.map(({ rolloutId }) => rolloutId));
    expect(ids.size).toBe(3);
    expect(world.published.at(-1)).toMatchObject({ reason: 'rolled back by ann: it looks wrong' });
    expect(world.approve(2)).toEqual([]);
  });

  it('leads to a line in the log when there is nothing to go back to', () => {
    const world = RolloutWorld.withChampion();
    expect(world.command('ROLL_BACK', { commandId: 'c9' })).toEqual([]);
    expect(world.log).toEqual(['ROLL_BACK of flight-delay by ann (c9) leads to nothing: there is no champion to go back to']);
    const twice = promoted();
    twice.command('ROLL_BACK');
    expect(twice.command('ROLL_BACK')).toEqual([]);
  });

  it('is carried out once for its id and only for the version that it names', () => {
    const world = promoted();
    world.approve(3);
    world.load(3);
    expect(world.command('ROLL_BACK', { commandId: 'one', version: 3 })).toEqual(['aborted 3 by ann: it looks wrong', 'epoch 6: CHAMPION 2 100 % without 3']);
    expect(world.command('ROLL_BACK', { commandId: 'one', version: null })).toEqual([]);
    expect(world.command('ROLL_BACK', { commandId: 'two', version: 3 })).toEqual([]);
    expect(world.log.at(-1)).toContain('version 3 neither takes over nor is the champion');
  });

  it('lets the next approved version begin', () => {
    const world = RolloutWorld.withCanary();
    world.approve(3);
    expect(world.command('ROLL_BACK').at(-1)).toBe('started 3');
  });
});

describe('other commands', () => {
  it('aborts only a running rollout', () => {
    expect(RolloutWorld.withCanary().command('ABORT')).toEqual(['aborted 2 by ann: it looks wrong', 'epoch 3: CHAMPION 1 100 % without 2']);
    const world = promoted();
    expect(world.command('ABORT')).toEqual([]);
    expect(world.log[0]).toContain('no rollout is running');
  });

  it('leaves those of other services alone', () => {
    const world = RolloutWorld.withCanary();
    expect(world.command('RETRAIN')).toEqual([]);
    expect(world.log).toEqual([]);
  });
});
