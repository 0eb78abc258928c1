import { describe, expect, it } from '@jest/globals';
import { ModelLoadFailed, ModelLoaded, RolloutAborted, RolloutStarted, RouteAdopted, RouteChanged, type Arm } from '@millrace/contracts';
import { Losses } from './losses.ts';
import { Scorers, type Loading, type Scorer } from './scorers.ts';
import { SlotState } from './slot-state.ts';

const scorer: Scorer = { featureSet: 'f', features: 1, provider: 'cpu', losses: new Losses(() => 0), score: async (rows) => rows };
const failed: Loading = { state: 'failed', code: 'BUNDLE_MISSING', reason: 'no such bundle' };

/** Bundles load when a test says so. */
class ManualScorers extends Scorers {
  kept: readonly string[] = [];
  readonly lost = new Set<string>();
  private readonly states = new Map<string, Loading>();

  keep(_: object, digests: readonly string[]): void {
    this.kept = digests;
  }
  loading(digest: string): Loading {
    return this.states.get(digest) ?? { state: 'loading' };
  }
  failing(digest: string): { code: string; reason: string } | undefined {
    return this.lost.has(digest) ? { code: 'MODEL_FAILING', reason: 'it is lost again and again' } : undefined;
  }
  async ready(digests: readonly string[]): Promise<boolean> {
    return digests.every((digest) => this.loading(digest).state === 'ready');
  }
  set(digest: string, loading: Loading = { state: 'ready', scorer }): void {
    this.states.set(digest, loading);
  }
}

const model = 'flight-delay';
const started = (version: number, of = model): RolloutStarted => new RolloutStarted({ model: of, rolloutId: `${of}@${version}`, version, bundle: `b${version}`, previousVersion: null, previousBundle: null, steps: [100] });
const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: `b${version}`, weight });
const changed = (epoch: number, arms: Arm[], withdrawn: number[] = []): RouteChanged => new RouteChanged({ model, rolloutId: `${model}@${arms.at(-1)!.version}`, epoch, arms, withdrawn, reason: 'test' });
const at = (offset: number) => ({ partition: 1, positions: new Map([[`feature-vectors.${model}`, offset]]) });

function slot(loaded: string[] = []) {
  const scorers = new ManualScorers();
  for (const digest of loaded) scorers.set(digest);
  return { scorers, state: new SlotState({ model, slot: 1, instance: 'here' }, scorers) };
}
/** One committed transaction with what is due. */
function commit(state: SlotState, offset = 0) {
  const journal = state.journal();
  const said = [...state.due(at(offset))];
  journal.commit();
  return said;
}

describe('staging', () => {
  it('says once that the candidate is loaded, and loads it before', () => {
    const { state, scorers } = slot();
    state.started(started(1));
    expect(commit(state)).toEqual([]);
    expect(scorers.kept).toEqual(['b1']);
    scorers.set('b1');
    expect(commit(state)).toEqual([new ModelLoaded({ model, slot: 1, instance: 'here', rolloutId: `${model}@1`, version: 1, bundle: 'b1', provider: 'cpu' })]);
    expect(commit(state)).toEqual([]);
  });

  it('says why it cannot be loaded', () => {
    const { state, scorers } = slot();
    scorers.set('b1', failed);
    state.started(started(1));
    expect(commit(state)).toEqual([new ModelLoadFailed({ model, slot: 1, instance: 'here', rolloutId: `${model}@1`, version: 1, bundle: 'b1', code: 'BUNDLE_MISSING', reason: 'no such bundle' })]);
  });

  it('says once that a candidate fails which was loaded, again when its transaction was aborted', () => {
    const { state, scorers } = slot(['b1']);
    state.started(started(1));
    commit(state);
    scorers.lost.add('b1');
    const journal = state.journal();
    const said = [...state.due(at(0))];
    expect(said).toEqual([new ModelLoadFailed({ model, slot: 1, instance: 'here', rolloutId: `${model}@1`, version: 1, bundle: 'b1', code: 'MODEL_FAILING', reason: 'it is lost again and again' })]);
    journal.undo();
    expect(commit(state)).toEqual(said);
    expect(commit(state)).toEqual([]);
  });

  it('says nothing for a rollout that has ended or of another model, and lets the model go', () => {
    const { state, scorers } = slot(['b1']);
    state.started(started(1));
    commit(state);
    state.ended(new RolloutAborted({ model: 'another', rolloutId: `${model}@1`, version: 1, reason: '', by: '' }));
    state.ended(new RolloutAborted({ model, rolloutId: `${model}@1`, version: 1, reason: '', by: '' }));
    state.started(started(7, 'another'));
    expect(commit(state)).toEqual([]);
    expect(scorers.kept).toEqual([]);
  });
});

describe('routes', () => {
  it('passes over vectors until a route is adopted, from the offset that is read next', async () => {
    const { state, scorers } = slot();
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    expect(commit(state, 40)).toEqual([]);
    expect(await state.route(0)).toBeUndefined();
    scorers.set('b1');
    expect(commit(state, 42)).toEqual([new RouteAdopted({ model, slot: 1, instance: 'here', rolloutId: `${model}@1`, epoch: 1, offset: 42 })]);
    expect(await state.route(0)).toMatchObject({ epoch: 1 });
    expect(state.mark()).toBe(1);
  });

  it('stays with the adopted route until all models of the newest are loaded, then takes the newest only', async () => {
    const { state, scorers } = slot(['b1']);
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    commit(state);
    state.changed(changed(2, [arm('CHAMPION', 1, 95), arm('CANARY', 2, 5)]));
    state.changed(changed(3, [arm('CHAMPION', 1, 75), arm('CANARY', 2, 25), arm('PREVIOUS', 9, 0)]));
    expect(commit(state)).toEqual([]);
    expect(await state.route(0)).toMatchObject({ epoch: 1 });
    expect(scorers.kept).toEqual(['b1', 'b2']);
    scorers.set('b2');
    expect(commit(state)).toMatchObject([{ epoch: 3 }]);
  });

  it('never answers by a version that a newer route withdrew', async () => {
    const { state, scorers } = slot(['b2']);
    state.changed(changed(1, [arm('CHAMPION', 2, 100)]));
    commit(state);
    state.changed(changed(2, [arm('CHAMPION', 1, 100)], [2]));
    commit(state);
    await expect(state.route(0)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY', retriable: true });
    scorers.set('b1');
    commit(state);
    expect(await state.route(0)).toMatchObject({ epoch: 2 });
  });
});

describe('an undone transaction', () => {
  it('says everything again, and keeps what rollouts said meanwhile', async () => {
    const { state, scorers } = slot(['b1', 'b2']);
    state.started(started(1));
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    const journal = state.journal();
    expect([...state.due(at(10))].map(({ constructor }) => constructor)).toEqual([ModelLoaded, RouteAdopted]);
    state.changed(changed(2, [arm('CHAMPION', 2, 100)]));
    journal.undo();
    expect(state.mark()).toBe(0);
    expect(commit(state, 10)).toMatchObject([{ rolloutId: `${model}@1` }, { epoch: 2, offset: 10 }]);
    commit(state, 11);
    expect(scorers.kept).toEqual(['b1', 'b2']); // the candidate is still staged
  });
});

describe('a restart', () => {
  it('goes on with the adopted epoch, and waits for its model instead of failing vectors', async () => {
    const { state, scorers } = slot();
    state.resume(2);
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    state.changed(changed(2, [arm('CHAMPION', 2, 100)]));
    expect(commit(state)).toEqual([]);
    expect(scorers.kept).toEqual(['b2']);
    await expect(state.route(0)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY', retriable: true });
    scorers.set('b2', failed);
    await expect(state.route(0)).rejects.toThrow('no such bundle');
    scorers.set('b2');
    expect(await state.route(0)).toMatchObject({ epoch: 2 });
    expect(commit(state)).toEqual([]);
  });

  it('adopts what is newer than the mark', () => {
    const { state } = slot(['b1', 'b2']);
    state.resume(1);
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    state.changed(changed(2, [arm('CHAMPION', 2, 100)]));
    expect(commit(state, 5)).toMatchObject([{ epoch: 2, offset: 5 }]);
  });

  it('says again that the staged candidate is loaded', () => {
    const { state } = slot(['b1']);
    state.resume(0);
    state.started(started(1));
    expect(commit(state)).toMatchObject([{ version: 1 }]);
  });

  it('waits until rollouts shows the adopted epoch', async () => {
    const { state } = slot(['b1', 'b2']);
    state.resume(2);
    await expect(state.route(0)).rejects.toMatchObject({ code: 'LOG_BEHIND', retriable: true });
    state.changed(changed(1, [arm('CHAMPION', 1, 100)]));
    await expect(state.route(0)).rejects.toMatchObject({ code: 'LOG_BEHIND', retriable: true, message: `${model} slot 1 has adopted epoch 2, but rollouts ends at epoch 1` });
    state.changed(changed(2, [arm('CHAMPION', 2, 100)]));
    expect(await state.route(0)).toMatchObject({ epoch: 2 });
  });

  it('refuses to answer by an epoch that rollouts has lost', async () => {
    const { state } = slot(['b2']);
    state.resume(2);
    state.changed(changed(3, [arm('CHAMPION', 2, 100)]));
    await expect(state.route(0)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });
});
