import { describe, expect, it } from '@jest/globals';
import { eventIdOf } from '@millrace/contracts';

import { ask, learnAll, minute, payment, planOf, start } from './lane.fixture.ts';
import { LaneState } from './lane-state.ts';

const hour = [
  { aggregate: 'count', window: 'over', minutes: 60 },
  { aggregate: 'count', window: 'before', minutes: 60 },
] as const;

describe('windows', () => {
  it('over ends with the minute of the event and excludes the minute one length before; before is the other way round', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0), payment(1), payment(59), payment(60)]);
    expect(ask(lane, 60)).toEqual([3, 3]);
    expect(ask(lane, 61)).toEqual([2, 3]);
    expect(ask(lane, 59)).toEqual([3, 2]);
  });

  it('floors times to the resolution before both bounds', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0.9), payment(60.1)]);
    // In the same minute as an event that came 48 s later; the minute 60 before is out of (t - 60, t].
    expect(ask(lane, 60.9)).toEqual([1, 1]);
    expect(ask(lane, 59.99)).toEqual([1, 1]);
  });

  it('gives 0 for counts and NaN for what has no value when a window is empty', () => {
    const aggregates = ['count', 'sum', 'mean', 'share', 'standardDeviation', 'min', 'max', 'last', 'timeSinceLast', 'distinctCount'] as const;
    const lane = new LaneState(planOf(aggregates.map((aggregate) => ({ aggregate, window: 'over', minutes: 60 }))));
    const empty = [0, 0, NaN, NaN, NaN, NaN, NaN, NaN, NaN, 0];
    expect(ask(lane, 0)).toEqual(empty);
    lane.learn(payment(0));
    expect(ask(lane, 60)).toEqual(empty);
  });

  it('computes every aggregate', () => {
    const aggregates = ['count', 'sum', 'mean', 'share', 'standardDeviation', 'min', 'max', 'last', 'timeSinceLast', 'distinctCount'] as const;
    const lane = new LaneState(planOf(aggregates.map((aggregate) => ({ aggregate, window: 'over', minutes: 60 }))));
    learnAll(lane, [payment(3, { amount: 12, country: 'DE' }), payment(1, { amount: 2 }), payment(2, { amount: 7 }), payment(90, { user: 'bob' })]);
    expect(ask(lane, 10)).toEqual([3, 21, 7, 1 / 3, 5, 2, 12, 12, 420, 2].map(Math.fround));
  });

  it('answers and counts late events within the lateness, from tiles that are otherwise out of every window', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0), payment(119)]);
    lane.learn(payment(10));
    expect(ask(lane, 59)).toEqual([2, 2]);
  });

  it('does not count facts that no event within the lateness can ask for', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0), payment(500), payment(0)]);
    expect(lane.counts.late).toBe(1);
    expect(ask(lane, 0)).toEqual([0, 0]);
  });

  it('leaves out values of expressions that fail, and counts the failures', () => {
    const lane = new LaneState(planOf([{ aggregate: 'mean', window: 'over', minutes: 60 }, { aggregate: 'count', window: 'over', minutes: 60 }]));
    learnAll(lane, [payment(0, { amount: 4 }), payment(1, { amount: undefined })]);
    expect(ask(lane, 2)).toEqual([4, 2]);
    expect(lane.counts.failures).toBe(1);
  });

  it('is missing as a whole when the entity of the asking event has no key', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0)]);
    const [vector] = lane.asks(payment(1, { user: NaN }));
    expect(vector).toMatchObject({ entityKeys: [''], vectors: [{ numeric: [NaN, NaN] }] });
  });
});

describe('fold of a lane', () => {
  it('drops repeats within an hour of acceptance and counts them', () => {
    const event = payment(0);
    const lane = learnAll(new LaneState(planOf(hour)), [event, event, { ...event, acceptedAt: event.acceptedAt + 60 * minute }]);
    expect(lane.counts.repeats).toBe(2);
    expect(ask(lane, 1)).toEqual([1, 1]);
    learnAll(lane, [{ ...event, acceptedAt: event.acceptedAt + 61 * minute }]);
    expect(ask(lane, 1)).toEqual([2, 2]);
  });

  it('hands on what identifies an event, with the keys that were read', () => {
    const event = payment(7, { user: 'eve' });
    expect(new LaneState(planOf(hour)).asks(event)).toEqual([
      { model: 'fraud', eventId: event.eventId, entityKeys: ['eve'], eventTime: event.eventTime, acceptedAt: event.acceptedAt, position: event.position, vectors: [{ featureSet: 'set of spending', numeric: [0, 0], categorical: [] }] },
    ]);
  });

  it('writes the label of the judged event with the lane\'s time', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(30)]);
    const event = { ...payment(20), stream: 'chargebacks', fields: { payment: 4711, fraud: true } };
    expect(lane.judges(event)).toEqual([
      { model: 'fraud', eventId: eventIdOf('payments', 4711), value: 1, labelTime: start + 20 * minute, position: event.position, laneTime: start + 30 * minute },
    ]);
    expect(lane.asks(event)).toEqual([]);
  });

  it('does nothing but remember ids and time before there are definitions', () => {
    const event = payment(0);
    const lane = learnAll(new LaneState(undefined), [event, event]);
    expect(lane.asks(payment(1))).toEqual([]);
    expect(lane.counts.repeats).toBe(1);
    lane.activate(planOf(hour));
    expect(ask(lane, 1)).toEqual([0, 0]);
  });

  it('keeps the tiles of views that a new plan defines as before, and begins others empty', () => {
    const lane = learnAll(new LaneState(planOf(hour)), [payment(0)]);
    lane.activate(planOf(hour));
    expect(ask(lane, 1)).toEqual([1, 1]);
    lane.activate(planOf(hour, 'other'));
    expect(ask(lane, 1)).toEqual([0, 0]);
  });

  it('has the same hash whatever the order in which equal facts came', () => {
    const events = Array.from({ length: 200 }, (_, i) => payment(i % 37, { user: `user ${i % 11}`, amount: i, country: `country ${i % 5}` }));
    const features = (['count', 'sum', 'min', 'max', 'distinctCount'] as const).map((aggregate) => ({ aggregate, window: 'over' as const, minutes: 60 }));
    const forwards = learnAll(new LaneState(planOf(features)), events);
    const backwards = learnAll(new LaneState(planOf(features)), events.toReversed());
    expect(backwards.hash()).toBe(forwards.hash());
    backwards.learn(payment(36));
    expect(backwards.hash()).not.toBe(forwards.hash());
  });
});
