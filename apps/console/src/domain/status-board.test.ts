import { describe, expect, it } from '@jest/globals';
import { ArmObserved, EventRejected, ModelTrained, RetrainRequested, TrainingFailed, type Event } from '@millrace/contracts';
import type { Read } from '@millrace/messaging';
import { aborted, adopted, approved, arm, completed, first, model, performance, registered, requested, routed, second, started, trained, trainingStarted } from '../testing/examples.ts';
import type { BoardEvent } from './fold-board.ts';
import { adoptionOf, modelStatus, timelineOf } from './model-status.ts';
import { platformStatus } from './status.ts';
import { StatusBoard } from './status-board.ts';

const read = (topic: string, event: Event, position: number): Read<BoardEvent> => ({ event: event as BoardEvent, topic, partition: 0, position, time: 1000 + position, id: Buffer.alloc(0), headers: {} });

/** Gives records in one step, handler by handler as the runtime does: in reverse order of their events. */
async function given(topic: string, events: readonly Event[], store = new StatusBoard()): Promise<StatusBoard> {
  const from = await store.position('', topic, 0);
  const reads = events.map((event, index) => read(topic, event, from + index));
  await store.transact({ topic, partition: 0, expected: from, next: from + events.length }, async (step) => {
    for (const one of [...reads].reverse()) step.add([one]);
  });
  return store;
}
const statusOf = (store: StatusBoard) => modelStatus(model, store.board.model(model), 2);

describe('StatusBoard', () => {
  it('folds a step in the order of its topic, whatever the order of its handlers', async () => {
    const store = await given('rollouts', [...first, ...second]);
    expect(statusOf(store)).toMatchObject({ champion: { version: 1, bundle: 'b1' }, previous: null, epoch: 2, rollout: { version: 2, stage: 'canary', weight: 5, steps: [5, 25, 75, 100] } });
  });

  it('is the same in whatever order topics are read', async () => {
    const topics: [string, Event[]][] = [['rollouts', [...first, ...second]], ['serving', [adopted(0, 1), adopted(1, 1), adopted(0, 2)]], ['trainings', [trainingStarted, trained]], ['model-versions', [registered, approved]], ['findings', [performance()]], ['retrain-requested', [requested]]];
    const stores = await Promise.all([topics, [...topics].reverse()].map(async (order) => {
      const store = new StatusBoard();
      for (const [topic, events] of order) await given(topic, events, store);
      return store;
    }));
    expect(statusOf(stores[0]!)).toEqual(statusOf(stores[1]!));
    expect(timelineOf(stores[0]!.board.model(model))).toEqual(timelineOf(stores[1]!.board.model(model)));
    expect(statusOf(stores[0]!)).toMatchObject({
      adopted: { 0: 2, 1: 1 }, rollout: { waitsFor: 'adoption', adopted: [0] }, trainings: [{ id: 'e1e1e1e1e1', state: 'trained', trigger: 'miscalibrated', seconds: 3.21 }],
      versions: [{ version: 2, state: 'approved', verdicts: [{ passed: true }], trained: { dataset: { rows: 101_954 } } }], episodes: [{ episode: 'e1e1e1e1e1', newLabels: 60_000 }], performance: [{ version: 1, day: '2001-01-08', auc: 0.7012 }],
    });
  });

  it('takes nothing of a step that fails, and no step twice', async () => {
    const store = await given('rollouts', first);
    await expect(store.transact({ topic: 'rollouts', partition: 0, expected: 3, next: 5 }, async (step) => {
      step.add([read('rollouts', started(2, 1), 3)]);
      throw new Error('away');
    })).rejects.toThrow('away');
    expect(statusOf(store).rollout).toBeNull();
    await expect(store.transact({ topic: 'rollouts', partition: 0, expected: 0, next: 3 }, async () => undefined)).rejects.toMatchObject({ code: 'POSITION_MOVED' });
    expect(store.reached('rollouts', 0)).toBe(3);
  });

  it('shows a failed training, a restated window once, and the outcomes of a running step', async () => {
    const store = await given('trainings', [trainingStarted, new TrainingFailed({ model, training: 'e1e1e1e1e1', code: 'NO_ROWS', reason: 'no rows', retriable: false })]);
    await given('findings', [performance(), performance({ labelled: 14_000, auc: NaN }), performance({ version: 2, role: 'CANARY' })], store);
    await given('rollouts', [...first, ...second], store);
    const counts = (ok: number) => new ArmObserved({ model, rolloutId: 'r2', epoch: 2, role: 'CANARY', version: 2, slots: [{ slot: 0, ok, fallback: 0, failed: 1, latencyMsSum: 0 }, { slot: 1, ok, fallback: 0, failed: 0, latencyMsSum: 0 }] });
    await given('findings', [counts(10), counts(20)], store);
    expect(statusOf(store)).toMatchObject({ trainings: [{ state: 'failed', reason: 'no rows (NO_ROWS)' }], performance: [{ version: 1, labelled: 14_000 }, { version: 2 }], rollout: { outcomes: { canary: { ok: 40, failed: 1 }, champion: null } } });
    expect(timelineOf(store.board.model(model)).filter(({ kind }) => kind === 'performance-reported')).toHaveLength(2);
  });

  it('counts rejected records by their cause', async () => {
    const rejected = (code: string) => new EventRejected({ stream: 'arrivals', source: { topic: 't', partition: 0, offset: 1 }, offsets: 1, code, reason: 'why', acceptedAt: 1, key: null, value: null, headers: {}, cuts: [] });
    const store = await given('events-rejected', [rejected('NOT_AVRO'), rejected('NOT_AVRO'), rejected('INVALID_FIELD')]);
    expect(platformStatus({ workspace: undefined, applied: undefined }, store.board)).toMatchObject({ workspace: null, definitionsHash: null, rejected: { total: 3, byCode: { NOT_AVRO: 2, INVALID_FIELD: 1 }, newest: [{ code: 'INVALID_FIELD' }, {}, {}] } });
  });
});

describe('adoptionOf', () => {
  it('names the slots that are missing', async () => {
    const store = await given('serving', [adopted(1, 3), adopted(0, 2), adopted(1, 2)]);
    const board = store.board.model(model);
    expect(adoptionOf(model, board, 2, { epoch: 3 })).toEqual({ model, epoch: 3, routed: 0, adopted: [1], missing: [0], done: false });
    expect(adoptionOf(model, board, 2, { epoch: 2 })).toMatchObject({ adopted: [0, 1], missing: [], done: true });
  });

  it('finds the route that withdrew a version', async () => {
    const store = await given('rollouts', [...first, ...second]);
    await given('serving', [adopted(0, 3), adopted(1, 2)], store);
    const board = store.board.model(model);
    expect(adoptionOf(model, board, 2, { withdrawn: 2 })).toMatchObject({ epoch: null, missing: [0, 1], done: false });
    await given('rollouts', [aborted(2), routed(3, 'r2', [arm('CHAMPION', 1, 100)], 'back', [2])], store);
    expect(adoptionOf(model, board, 2, { withdrawn: 2 })).toMatchObject({ epoch: 3, adopted: [0], missing: [1], done: false });
    await given('serving', [adopted(1, 3)], store);
    expect(adoptionOf(model, board, 2, { withdrawn: 2 }).done).toBe(true);
  });

  it('has nothing to wait for when the withdrawn version never had a route', async () => {
    const store = await given('rollouts', [...first, started(2, 1), aborted(2)]);
    await given('serving', [adopted(0, 1), adopted(1, 1)], store);
    expect(adoptionOf(model, store.board.model(model), 2, { withdrawn: 2 })).toMatchObject({ epoch: 1, done: true });
  });
});

describe('timelineOf', () => {
  it('tells what happened, a line each, with its figures', async () => {
    const store = await given('retrain-requested', [requested]);
    await given('trainings', [trainingStarted, trained], store);
    await given('model-versions', [registered, approved], store);
    await given('rollouts', [...first, ...second, completed(2)], store);
    await given('findings', [performance({ violations: ['mean prediction 0.0589 off'] })], store);
    const timeline = timelineOf(store.board.model(model));
    expect(timeline.map(({ text }) => text).sort()).toEqual([
      '2001-01-08: version 1 (champion) on 13,998 of 14,201 predictions: AUC 0.7012, log loss 0.4501, mean prediction 0.2222 against rate 0.2811; alarm: mean prediction 0.0589 off',
      'route epoch 1: version 1 at 100 % (version 1 is the first)',
      'route epoch 2: version 1 at 95 %, version 2 (canary) at 5 % (loaded by all slots)',
      'training e1e1e1e1 done in 3.2 s: 101,954 rows to 2001-01-07 21:24, 20,391 held out: AUC 0.6588, log loss 0.3596; champion version 1 on the same rows: AUC 0.6580, log loss 0.3853',
      'training e1e1e1e1 started (miscalibrated)',
      'training requested (miscalibrated): mean prediction 0.2103 against rate 0.3012 on 2001-01-04; data until 60,000 labels from 2001-01-04 00:00 on',
      'version 1 is being loaded: the first version, 100 % once it is loaded',
      'version 1 is the champion',
      'version 2 approved by gates: AUC 0.6588 is at least 0.6',
      'version 2 is being loaded: in place of version 1, by steps of 5, 25, 75, 100 %',
      'version 2 is the champion',
      'version 2 registered: bundle b2b2b2b2 of training e1e1e1e1',
    ]);
    const route = timeline.find(({ kind, figures }) => kind === 'route-changed' && figures['epoch'] === 2);
    expect(route).toMatchObject({ id: 'rollouts:4', at: 1004, figures: { arms: [{ weight: 95 }, { weight: 5 }], rolloutId: 'r2' } });
    expect(timeline.every(({ at }, index) => index === 0 || at >= timeline[index - 1]!.at)).toBe(true);
  });

  it('leaves out what there is not: a champion before the first version, a time from which labels count', async () => {
    const store = await given('trainings', [new ModelTrained({ ...trained, champion: null, championVersion: null })]);
    await given('retrain-requested', [new RetrainRequested({ ...requested, since: Number.MIN_SAFE_INTEGER, championVersion: null, championBundle: null })], store);
    const texts = timelineOf(store.board.model(model)).map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringMatching(/log loss 0\.3596$/));
    expect(texts).toContainEqual(expect.stringMatching(/; data until 60,000 labels$/));
  });
});
