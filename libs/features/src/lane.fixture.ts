import { createHash } from 'node:crypto';

import { aggregates, type AggregateKind } from './aggregate.ts';
import type { LaneState } from './lane-state.ts';
import type { Evaluator, Fields, LaneEvent, LanePlan, ViewPlan } from './plan.ts';

export const minute = 60_000;
/** A round start: 1 January 2001. */
export const start = Date.UTC(2001, 0, 1);

interface PlannedFeature {
  readonly aggregate: AggregateKind;
  readonly window: 'over' | 'before';
  readonly minutes: number;
}

const slots = { user: 0, amount: 1, large: 2, country: 3 };
const valueSlots = { number: slots.amount, condition: slots.large, text: slots.country };

const expressions: Evaluator[] = [
  (fields) => fields['user'] as string,
  (fields) => {
    if (typeof fields['amount'] !== 'number') throw new Error('no amount');
    return fields['amount'];
  },
  (fields) => ((fields['amount'] as number) > 10 ? 1 : 0),
  (fields) => fields['country'] as string,
];

/**
 * Plan of one model 'fraud' that predicts payments from features of their user, all at a resolution of a minute; 'chargebacks' judge.
 * Its view is called `name`, so that another name is another definition.
 */
export function planOf(features: readonly PlannedFeature[], name = 'spending'): LanePlan {
  const kinds = features.map(({ aggregate }) => aggregates[aggregate]);
  const view: ViewPlan = {
    key: `${name} ${JSON.stringify(features)}`,
    from: 'payments',
    entity: slots.user,
    resolutionMs: minute,
    longestMs: Math.max(...features.map(({ minutes }) => minutes)) * minute,
    measures: kinds.map(({ measure, of }) => ({ kind: measure, value: of && valueSlots[of] })),
    features: features.map(({ aggregate, window, minutes }, measure) => ({ aggregate, measure, window, lengthMs: minutes * minute })),
  };
  const ask = {
    model: 'fraud',
    featureSet: `set of ${name}`,
    entities: [slots.user],
    lookups: [{ view: 0, entity: slots.user }],
    features: features.map((_, feature) => ({ kind: 'window' as const, lookup: 0, feature })),
  };
  const judge = { model: 'fraud', predicts: 'payments', judged: (fields: Fields) => fields['payment'] as number, value: 0 };
  const definitions = JSON.stringify({ name, features });
  return {
    hash: createHash('sha256').update(definitions).digest('hex'),
    definitions,
    streams: [
      { name: 'payments', expressions, asks: [ask], judges: [] },
      { name: 'chargebacks', expressions: [(fields) => (fields['fraud'] === true ? 1 : 0)], asks: [], judges: [judge] },
    ],
    views: [view],
  };
}

/** The plan that `planOf` wrote these definitions for. */
export function planFrom(definitions: string): LanePlan {
  const { name, features } = JSON.parse(definitions) as { name: string; features: PlannedFeature[] };
  return planOf(features, name);
}

let payments = 0;

/** A payment at so many minutes after the start, accepted at the same time. */
export function payment(minutes: number, fields: Fields = {}): LaneEvent {
  const position = payments++;
  const eventId = createHash('sha256').update(`payment ${position}`).digest().subarray(0, 16);
  const time = start + minutes * minute;
  return { stream: 'payments', eventId, eventTime: time, acceptedAt: time, position, fields: { user: 'ann', amount: 1, country: 'FR', ...fields } };
}

export function learnAll(lane: LaneState, events: Iterable<LaneEvent>): LaneState {
  for (const event of events) if (!lane.isRepeat(event.eventId, event.acceptedAt)) lane.learn(event);
  return lane;
}

/** Features of a payment as the lane knows them now. */
export function ask(lane: LaneState, minutes: number, fields?: Fields): readonly number[] {
  return lane.asks(payment(minutes, fields))[0]!.vectors[0]!.numeric;
}

/** Pages as a reader gets them. */
export async function* pagesOf(pages: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* pages;
}

/** A generator of numbers in [0, 1), the same for the same seed (mulberry32, T. Ettinger, public domain). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
