import { describe, expect, it } from '@jest/globals';
import { RolloutAborted, RolloutCompleted, RolloutStarted, RouteChanged, type Arm } from '@millrace/contracts';
import { championOf, foldRoutes, noRoutes, type ModelRoutes } from './model-routes.ts';

const model = 'm';
const started = (version: number, rolloutId = `r${version}`) =>
  new RolloutStarted({ model, rolloutId, version, bundle: `b${version}`, previousVersion: null, previousBundle: null, steps: [25, 100] });
const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: `b${version}`, weight });
const route = (epoch: number, rolloutId: string, arms: Arm[], withdrawn: number[] = []) => new RouteChanged({ model, rolloutId, epoch, arms, withdrawn, reason: '' });
const completed = (version: number) => new RolloutCompleted({ model, rolloutId: `r${version}`, version, bundle: `b${version}` });
const after = (...events: Parameters<typeof foldRoutes>[1][]): ModelRoutes => events.reduce(foldRoutes, noRoutes);
const first = [started(1), route(1, 'r1', [arm('CHAMPION', 1, 100)]), completed(1)];
const second = [started(2), route(2, 'r2', [arm('CHAMPION', 1, 75), arm('CANARY', 2, 25)]), route(3, 'r2', [arm('CANARY', 2, 100)])];

describe('foldRoutes', () => {
  it('makes a champion of what is routed alone', () => {
    expect(championOf(after(started(1)))).toBeUndefined();
    expect(after(...first)).toMatchObject({ epoch: 1, champions: [{ version: 1, bundle: 'b1' }], running: undefined });
  });

  it('keeps the champion while a canary runs, even at 100 %', () => {
    expect(after(...first, ...second.slice(0, 2))).toMatchObject({ epoch: 2, running: { version: 2, stage: 'canary', weight: 25, epoch: 2 } });
    const last = after(...first, ...second);
    expect(championOf(last)?.version).toBe(1);
    expect(last.running).toMatchObject({ weight: 100, epoch: 3 });
  });

  it('goes back to the champion before, and forgets the withdrawn one', () => {
    const both = [...first, ...second, route(4, 'r2', [arm('CHAMPION', 2, 100)]), completed(2)];
    expect(after(...both).champions.map(({ version }) => version)).toEqual([1, 2]);
    const back = after(...both, route(5, 'back', [arm('CHAMPION', 1, 100)], [2]));
    expect(back.champions.map(({ version }) => version)).toEqual([1]);
    expect(back).toMatchObject({ epoch: 5, given: 3, newestId: 'back' });
    expect([...back.withdrawn]).toEqual([2]);
  });

  it('ends an aborted rollout with or without a route', () => {
    const aborted = new RolloutAborted({ model, rolloutId: 'r2', version: 2, reason: '', by: 'deployer' });
    expect(after(...first, started(2), aborted)).toMatchObject({ epoch: 1, running: undefined, given: 2 });
    const routed = after(...first, ...second, aborted, route(4, 'r2', [arm('CHAMPION', 1, 100)], [2]));
    expect(routed).toMatchObject({ epoch: 4, running: undefined, given: 2 });
    expect(routed.champions.map(({ version }) => version)).toEqual([1]);
  });
});
