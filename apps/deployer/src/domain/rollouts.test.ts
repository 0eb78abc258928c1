import { describe, expect, it } from '@jest/globals';
import { ModelVersionApproved, RolloutStarted, WorkspaceCreated } from '@millrace/contracts';
import { RolloutWorld } from '../testing/rollout-world.ts';
import { rolloutIdOf } from './rollout-id.ts';
import { standingOf } from './standing.ts';

const back = (epoch: number) => `epoch ${epoch}: CHAMPION 1 100 % without 2`;

describe('the first version', () => {
  it('answers everything as soon as every slot has loaded it, and is done when every slot has adopted it', () => {
    const world = RolloutWorld.declared();
    expect(world.approve(1)).toEqual(['started 1']);
    expect(world.load(1, [0])).toEqual([]);
    expect(world.load(1, [1])).toEqual(['epoch 1: CHAMPION 1 100 %']);
    expect(world.adopt(1, [1])).toEqual([]);
    expect(world.adopt(1, [0])).toEqual(['completed 1']);
    expect(standingOf(world.state, 'flight-delay')).toMatchObject({ champion: { version: 1, bundle: 'b1' }, previous: null, epoch: 1, rollout: null, adopted: { 0: 1, 1: 1 } });
  });

  it('names its rollout by what is known when it begins', () => {
    const world = RolloutWorld.declared();
    world.approve(1);
    expect(world.published[0]).toEqual(new RolloutStarted({ model: 'flight-delay', rolloutId: rolloutIdOf('flight-delay', 1, 1), version: 1, bundle: 'b1', previousVersion: null, previousBundle: null, steps: [5, 25, 75, 100] }));
    expect(rolloutIdOf('flight-delay', 1, 1)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is withdrawn without a route when it cannot be loaded or is not loaded in time', () => {
    const failing = RolloutWorld.declared();
    failing.approve(1);
    expect(failing.failToLoad(1)).toEqual(['aborted 1 by deployer: slot 1 cannot load it: golden answers differ (GOLDEN_DIFFER)']);
    const slow = RolloutWorld.declared();
    slow.approve(1);
    slow.load(1, [0]);
    expect(slow.wait(600)).toEqual([]);
    expect(slow.wait(2)).toEqual(['aborted 1 by deployer: only 1 of 2 slots loaded it within 600 s']);
  });

  it('waits for its slots as long as it takes: there is nothing to go back to', () => {
    const world = RolloutWorld.declared();
    world.approve(1);
    world.load(1);
    expect(world.wait(1000)).toEqual([]);
    expect(world.failToLoad(1)).toEqual([]);
    expect(world.command('ROLL_BACK')).toEqual([]);
    expect(world.log[0]).toContain('version 1 is the first');
    expect(world.adopt(1)).toEqual(['completed 1']);
  });

  it('starts when its definition and the workspace are known, in whatever order they come', () => {
    const world = new RolloutWorld();
    expect(world.approve(1)).toEqual([]);
    expect(world.define([100])).toEqual([]);
    world.give(new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
    expect(world.tick(1000)).toEqual(['started 1']);
  });
});

describe('a candidate beside a champion', () => {
  it('goes through its steps and becomes the champion', () => {
    const world = RolloutWorld.withChampion();
    expect(world.approve(2)).toEqual(['started 2']);
    expect(world.load(2)).toEqual(['epoch 2: CHAMPION 1 95 %, CANARY 2 5 %']);
    expect(world.adopt(2)).toEqual([]);
    expect(world.observe(1, 2, 'CHAMPION', { ok: 9500 })).toEqual([]);
    expect(world.observe(2, 2, 'CANARY', { ok: 498 })).toEqual([]);
    expect(world.observe(2, 2, 'CANARY', { ok: 500 })).toEqual(['epoch 3: CHAMPION 1 75 %, CANARY 2 25 %']);
    world.adopt(3);
    world.observe(1, 3, 'CHAMPION', { ok: 1500 });
    expect(world.observe(2, 3, 'CANARY', { ok: 500 })).toEqual(['epoch 4: CHAMPION 1 25 %, CANARY 2 75 %']);
    world.adopt(4);
    world.observe(2, 4, 'CANARY', { ok: 1500 });
    expect(world.observe(1, 4, 'CHAMPION', { ok: 500 })).toEqual(['epoch 5: CANARY 2 100 %']);
    world.adopt(5);
    expect(world.observe(2, 5, 'CANARY', { ok: 500 })).toEqual(['epoch 6: CHAMPION 2 100 %', 'completed 2']);
    expect(world.published.at(-2)).toMatchObject({ reason: 'held at 100 % for 500 outcomes', rolloutId: world.rolloutId(2) });
    expect(standingOf(world.state, 'flight-delay')).toMatchObject({ champion: { version: 2 }, previous: { version: 1 } });
  });

  it('is not judged before every slot answers by the step, even if the counts are there', () => {
    const world = RolloutWorld.withChampion();
    world.approve(2);
    world.load(2);
    world.adopt(2, [0]);
    world.observe(1, 2, 'CHAMPION', { ok: 9500 });
    expect(world.observe(2, 2, 'CANARY', { ok: 500 })).toEqual([]);
    expect(standingOf(world.state, 'flight-delay')?.rollout).toMatchObject({ stage: 'canary', weight: 5, waitsFor: '1 of 2 slots to adopt epoch 2' });
    expect(world.adopt(2, [1])).toEqual(['epoch 3: CHAMPION 1 75 %, CANARY 2 25 %']);
  });

  it('is rolled back when it fails more often than the champion', () => {
    const world = RolloutWorld.withCanary();
    world.observe(1, 2, 'CHAMPION', { ok: 9500 });
    const events = world.observe(2, 2, 'CANARY', { ok: 480, failed: 20 });
    expect(events).toEqual([expect.stringContaining('aborted 2 by deployer: at 5 % the candidate failed on 4.00 %'), back(3)]);
    expect(standingOf(world.state, 'flight-delay')).toMatchObject({ champion: { version: 1 }, epoch: 3, rollout: null });
  });

  it('at 100 % is compared with the champion of the step before', () => {
    const world = RolloutWorld.withCanary([50, 100]);
    world.observe(1, 2, 'CHAMPION', { ok: 970, failed: 30 });
    world.observe(2, 2, 'CANARY', { ok: 970, failed: 30 });
    world.adopt(3);
    expect(world.observe(2, 3, 'CANARY', { ok: 480, failed: 20 })).toEqual(['epoch 4: CHAMPION 2 100 %', 'completed 2']);
  });

  it('is rolled back when a slot cannot load it any more', () => {
    expect(RolloutWorld.withCanary().failToLoad(2)).toEqual([expect.stringContaining('aborted 2 by deployer: slot 1 cannot load it'), back(3)]);
  });

  it('never had a route, so none is changed', () => {
    const world = RolloutWorld.withChampion();
    world.approve(2);
    expect(world.failToLoad(2)).toEqual([expect.stringContaining('aborted 2')]);
    expect(standingOf(world.state, 'flight-delay')?.epoch).toBe(1);
  });

  it.each([
    ['loading', (world: RolloutWorld) => world.approve(2), 'only 0 of 2 slots loaded it'],
    ['adoption', (world: RolloutWorld) => (world.approve(2), world.load(2), world.adopt(2, [1])), 'only 1 of 2 slots adopted epoch 2'],
    ['outcomes', (world: RolloutWorld) => (world.approve(2), world.load(2), world.adopt(2), world.observe(2, 2, 'CANARY', { ok: 400 })), 'at 5 % only 0 of 500 outcomes'],
  ])('is rolled back when %s does not come in time', (_, begin, reason) => {
    const world = RolloutWorld.withChampion();
    begin(world);
    expect(world.wait(599)).toEqual([]);
    expect(world.wait(3)[0]).toContain(reason);
  });

  it('waits anew at each step', () => {
    const world = RolloutWorld.withCanary();
    world.wait(500);
    world.observe(1, 2, 'CHAMPION', { ok: 9500 });
    world.observe(2, 2, 'CANARY', { ok: 500 });
    expect(world.wait(500)).toEqual([]);
    world.adopt(3);
    expect(world.wait(500)).toEqual([]);
  });

  it('is not blamed for time in which this process slept or was away', () => {
    const world = RolloutWorld.withCanary();
    world.wait(10);
    expect(world.tick(3_600_000)).toEqual([]);
    world.wait(500);
    world.restart();
    expect(world.tick(3_600_000)).toEqual([]);
    expect(world.wait(590)).toEqual([]);
    expect(world.wait(11)[1]).toEqual(back(3));
  });
});

describe('queued versions', () => {
  it('wait until the running rollout has ended', () => {
    const world = RolloutWorld.declared();
    world.approve(1);
    expect(world.approve(2)).toEqual([]);
    expect(world.approve(3)).toEqual([]);
    expect(standingOf(world.state, 'flight-delay')?.queued).toEqual([2, 3]);
    world.load(1);
    expect(world.adopt(1)).toEqual(['completed 1', 'started 2']);
    expect(world.failToLoad(2)).toEqual([expect.stringContaining('aborted 2'), 'started 3']);
  });

  it('start once, however often they are approved', () => {
    const world = RolloutWorld.withChampion();
    expect(world.approve(1)).toEqual([]);
    world.approve(2);
    world.failToLoad(2);
    expect(world.approve(2)).toEqual([]);
    expect(world.wait(3)).toEqual([]);
  });
});

describe('what comes late or twice', () => {
  it('changes nothing', () => {
    const world = RolloutWorld.withCanary();
    world.observe(1, 2, 'CHAMPION', { ok: 9500 });
    world.observe(2, 2, 'CANARY', { ok: 500 });
    const events = [world.load(2), world.load(1), world.adopt(1), world.adopt(2), world.failToLoad(1), world.observe(2, 2, 'CANARY', { ok: 9000 }), world.observe(1, 2, 'CHAMPION', { ok: 90_000 })];
    expect(events.flat()).toEqual([]);
    world.adopt(3);
    expect(world.observe(2, 3, 'CANARY', { ok: 5000 }, 'another')).toEqual([]);
    expect(world.observe(1, 3, 'CHAMPION', { ok: 5000 }, 'another')).toEqual([]);
    expect(world.observe(1, 1, 'CHAMPION', { ok: 5000 })).toEqual([]);
  });

  it('is not taken for another model', () => {
    const world = RolloutWorld.withCanary();
    expect(world.give(new ModelVersionApproved({ model: 'other', version: 3, bundle: 'b3', verdicts: [], approvedBy: 'gates' }))).toEqual([]);
    expect(standingOf(world.state, 'other')).toBeUndefined();
    expect(standingOf(world.state, 'flight-delay')?.queued).toEqual([]);
  });
});
