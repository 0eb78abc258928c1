import { describe, expect, it } from '@jest/globals';

import { cel } from './cel.ts';
import { defineEntity } from './define-entity.ts';
import { defineFeatureView } from './define-feature-view.ts';
import { defineModel } from './define-model.ts';
import { defineRowFeatures, row } from './define-row-features.ts';
import { defineStream } from './define-stream.ts';
import type { Duration } from './duration.ts';
import { flag, instant, real, text, whole } from './field.ts';
import { logisticRegression } from './learner.ts';
import { count, mean, share } from './window-feature.ts';

const clicks = defineStream('clicks', { fields: { user: text(), at: instant(), zone: text(), price: real(), amount: whole(), paid: flag() }, id: 'user', eventTime: 'at' });
const outcomes = defineStream('outcomes', { fields: { user: text(), number: whole(), at: instant(), bad: flag() }, eventTime: 'at' });
const user = defineEntity('user', [clicks], (f) => f.user);
const onlyOutcomes = defineEntity('only-outcomes', [outcomes], (f) => f.user);

/** Line of this file on which a function throws, and what it says. */
function thrown(define: () => unknown): { code: string; message: string } {
  try {
    define();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

describe('an error in a definition', () => {
  it('names file, line and reason', () => {
    const here = Number(/define\.test\.ts:(\d+)/.exec(new Error().stack ?? '')?.[1]);
    const error = thrown(() => cel`${clicks.amount} > "many"`);
    expect(error.code).toBe('DEFINITION_INVALID');
    expect(error.message).toContain(`define.test.ts:${here + 1}: no such overload: int > string, in: amount > "many"`);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['syntax', () => cel`${clicks.amount} >`, /unexpected token: EOF/i],
    ['an unknown name', () => cel`${clicks.amount} > limit`, /unknown variable: limit/],
    ["cel-js's own time zones", () => cel`${clicks.at}.getHours(${clicks.zone})`, /getHours\(\) may not be called; there are clamp, dayOfWeek, hourOfDay, minuteOfHour, real/],
    ['functions of CEL', () => cel`${clicks.user}.matches("(a+)+b")`, /matches\(\) may not be called/],
    ['macros', () => cel`[1, 2].exists(x, x > 1)`, /exists\(\) may not be called/],
    ['wrong arguments', () => cel`hourOfDay(${clicks.at})`, /hourOfDay/],
    ['a value that no feature can hold', () => cel`[${clicks.amount}]`, /its value is a list/],
    ['an expression that is too large', () => cel`${Array.from({ length: 200 }, () => clicks.amount).reduce((all, each) => cel`${all} + ${each}`)} > 1`, /exceeded/i],
    ['what is no field', () => cel`${'amount' as never} > 1`, /no field and no expression/],
    ['fields of two streams', () => cel`${clicks.amount} > ${outcomes.number as never}`, /different streams/],
    ['a word of CEL as a field', () => defineStream('s', { fields: { in: text(), at: instant() }, eventTime: 'at' }), /keep for themselves/],
    ['a name that no topic can have', () => defineStream('My Stream', { fields: { at: instant() }, eventTime: 'at' }), /small letters/],
    ['a share of a number', () => share(cel`${clicks.amount} + 1`), /share\(\) needs a condition, not whole/],
    ['a mean of text', () => mean(cel`${clicks.user} + "x"`), /mean\(\) needs a number, not text/],
    ['a duration of nothing', () => count().over('0m'), /'0m' is no duration/],
    ['a duration in years', () => count().over('1y' as Duration), /is no duration/],
    ['a window beside the resolution', () => defineFeatureView('v', { from: clicks, entity: user, resolution: '1h', features: () => ({ n: count().over('90m') }) }), /no multiple of the resolution 1h/],
    ['an entity without a key on the stream', () => defineFeatureView('v', { from: clicks, entity: onlyOutcomes as never, resolution: '1h', features: () => ({ n: count().over('2h') }) }), /has no key on clicks/],
    ['an instant as a feature', () => defineRowFeatures(clicks, (c) => ({ at: row(c.at as never) })), /is an instant/],
  ])('refuses %s', (_, define, reason) => {
    const { code, message } = thrown(define);
    expect(code).toBe('DEFINITION_INVALID');
    expect(message).toMatch(reason);
    expect(message).toMatch(/define\.test\.ts:\d+: /);
  });
});

describe('a model', () => {
  const view = defineFeatureView('v', { from: clicks, entity: user, resolution: '1m', features: () => ({ n: count().over('1h') }) });
  const options: Parameters<typeof defineModel>[1] = {
    predicts: clicks,
    features: { n: view.n },
    label: { from: outcomes, judges: 'user', value: outcomes.bad, horizon: '1h', absent: 'unknown' },
    learner: logisticRegression({}),
    training: { window: '28d', holdout: 0.2, minimumLabels: 1, seed: 7 },
    gates: [],
    rollout: { steps: [5, 100], minimum: 1, maximumWait: '10m' },
    retrain: { when: [], newLabels: 0, cooldown: '7d' },
  } as never;

  it.each<[string, object, RegExp]>([
    ['steps that shrink', { rollout: { ...options.rollout, steps: [25, 5, 100] } }, /rollout\.steps: steps grow and end with 100/],
    ['a holdout of everything', { training: { ...options.training, holdout: 1 } }, /training\.holdout/],
    ['a key of another type than the id', { label: { ...options.label, judges: 'number' } }, /'number' of outcomes is not of the type of the id of clicks/],
    ['a predicted stream without id', { predicts: outcomes, features: {} }, /outcomes declares no id/],
    ['no feature', { features: {} }, /features/],
    ['a label that is text', { label: { ...options.label, value: outcomes.user } }, /neither a condition nor a number/],
    ['an encoding of nothing', { learner: logisticRegression({ encode: { m: { kind: 'one-hot', size: 2 } } }) }, /'m' is encoded but is no feature/],
  ])('is refused with %s', (_, change, reason) => {
    expect(thrown(() => defineModel('m', { ...options, ...change })).message).toMatch(reason);
  });

  it('is accepted without', () => {
    expect(defineModel('m', options).name).toBe('m');
  });
});
