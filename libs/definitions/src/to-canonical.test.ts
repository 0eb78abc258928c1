import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { cel } from './cel.ts';
import { defineEntity } from './define-entity.ts';
import { defineFeatureView } from './define-feature-view.ts';
import { defineModel } from './define-model.ts';
import { defineRowFeatures, row } from './define-row-features.ts';
import { defineStream } from './define-stream.ts';
import type { DefinitionSet } from './definition-set.ts';
import { flag, instant, text, whole } from './field.ts';
import { logisticRegression } from './learner.ts';
import { parseDefinitions } from './parse-definitions.ts';
import { toCanonical } from './to-canonical.ts';
import { count, mean } from './window-feature.ts';

function shop({ clip = 100, viewName = 'spending', unrelated = false, zoned = false }: { clip?: number; viewName?: string; unrelated?: boolean; zoned?: boolean } = {}) {
  const orders = defineStream('orders', { fields: { order: whole(), at: instant(), user: text(), amount: whole({ min: 0 }), ...(unrelated ? { note: text() } : {}) }, id: 'order', eventTime: 'at' });
  const returns = defineStream('returns', { fields: { order: whole(), at: instant(), fraud: flag() }, eventTime: 'at' });
  const user = defineEntity('user', [orders], (f) => f.user);
  const facts = defineRowFeatures(orders, (o) => ({ amount: row(o.amount), ...(zoned ? { day: row(cel`dayOfWeek(${o.at}, "UTC")`) } : {}) }));
  const limit = clip === 100 ? cel`clamp(${orders.amount}, 0, 100)` : cel`clamp(${orders.amount}, 0, 99)`;
  const spending = defineFeatureView(viewName, { from: orders, entity: user, resolution: '1m', features: () => ({ mean: mean(limit).over('1h'), orders: count().before('1d') }) });
  const fraud = defineModel('fraud', {
    predicts: orders,
    features: { orders: spending.orders, ...facts, mean: spending.mean },
    label: { from: returns, judges: 'order', value: returns.fraud, horizon: '30d', absent: 'unknown' },
    learner: logisticRegression({}),
    training: { window: '28d', holdout: 0.2, minimumLabels: 1, seed: 7 },
    gates: [],
    rollout: { steps: [100], minimum: 1, maximumWait: '10m' },
    retrain: { when: [], newLabels: 0, cooldown: '7d' },
  });
  return { orders, returns, user, facts, spending, fraud };
}

const setOf = (exports: Record<string, unknown>, zones = '2026a'): DefinitionSet => JSON.parse(toCanonical(exports, zones).json) as DefinitionSet;
const featureSet = (exports: Record<string, unknown>, zones?: string): string => setOf(exports, zones).models[0]!.featureSet;

describe('canonical form', () => {
  it('is the same whatever the order and number of exports, and hashes to SHA-256 of its bytes', () => {
    const exports = shop();
    const canonical = toCanonical(exports, '2026a');
    const { fraud } = shop();
    expect(toCanonical(Object.fromEntries(Object.entries(exports).reverse()), '2026a')).toEqual(canonical);
    // All that a model needs comes with it.
    expect(toCanonical({ fraud, unrelated: 1, nothing: null }, '2026a')).toEqual(canonical);
    expect(canonical.hash).toBe(createHash('sha256').update(canonical.json).digest('hex'));
    expect(toCanonical(exports, '2026b').hash).not.toBe(canonical.hash);
  });

  it('has sorted keys, durations in ms and features in the order of the model', () => {
    const { json } = toCanonical(shop(), '2026a');
    expect(json.startsWith('{"entities":[{"keys":{"orders":"user"},"name":"user"}],"models":[{"featureSet":')).toBe(true);
    expect(setOf(shop()).models[0]).toMatchObject({
      features: [
        { name: 'orders', feature: 'spending.orders' },
        { name: 'amount', feature: 'orders.amount' },
        { name: 'mean', feature: 'spending.mean' },
      ],
      label: { from: 'returns', judges: 'order', value: 'fraud', horizonMs: 2_592_000_000, absent: 'unknown' },
      training: { windowMs: 2_419_200_000 },
    });
  });

  it('is read back as the set it was', () => {
    const { json } = toCanonical(shop(), '2026a');
    expect(parseDefinitions(json)).toEqual(JSON.parse(json));
  });

  it('refuses two definitions of one name, telling both places', () => {
    expect(() => toCanonical({ a: shop().orders, b: shop().orders }, '2026a')).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID', message: expect.stringMatching(/to-canonical\.test\.ts:\d+: stream 'orders' is defined a second time/), hint: expect.stringMatching(/to-canonical\.test\.ts:\d+/) }));
  });

  it('refuses a module without definitions', () => {
    expect(() => toCanonical({ default: 5 }, '2026a')).toThrow(/exports no definition/);
  });
});

describe('feature set', () => {
  it('changes with an expression it depends on, not with names of views or other fields', () => {
    const before = featureSet(shop());
    expect(featureSet(shop({ clip: 99 }))).not.toBe(before);
    expect(featureSet(shop({ viewName: 'renamed' }))).toBe(before);
    expect(featureSet(shop({ unrelated: true }))).toBe(before);
  });

  it('depends on the time zone database where a feature does', () => {
    expect(featureSet(shop(), '2026b')).toBe(featureSet(shop(), '2026a'));
    expect(featureSet(shop({ zoned: true }), '2026b')).not.toBe(featureSet(shop({ zoned: true }), '2026a'));
  });
});

describe('parseDefinitions', () => {
  const valid = setOf(shop());
  type Edit = (set: any) => void;
  it.each<[string, Edit, RegExp]>([
    ['another version', (set) => (set.version = 2), /definitions: version: /],
    ['an unknown key', (set) => (set.models[0].extra = 1), /models\[0\]: unrecognized key/],
    ['a wrong number', (set) => (set.models[0].training.holdout = 2), /models\[0\]\.training\.holdout: /],
    ['a feature that is not there', (set) => (set.models[0].features[0].feature = 'spending.nothing'), /model 'fraud': there is no feature 'spending\.nothing'/],
    ['a stream that is not there', (set) => set.streams.shift(), /there is no stream 'orders'/],
    ['a field that is not there', (set) => (set.entities[0].keys.orders = 'usr'), /entity 'user': unknown variable: usr/],
    ['a forbidden call', (set) => (set.rowFeatures[0].features[0].value = 'size("x")'), /size\(\) may not be called/],
    ['an expression of the wrong type', (set) => (set.views[0].features[0].of = 'user'), /whole or real is needed, not text/],
    ['an aggregate of nothing', (set) => delete set.views[0].features[0].of, /mean takes an expression/],
    ['an event time that is no instant', (set) => (set.streams[0].eventTime = 'user'), /no instant/],
    ['a name used twice', (set) => set.views.push(set.views[0]), /view 'spending': it is defined twice/],
    ['a changed feature under an old hash', (set) => (set.views[0].features[0].lengthMs = 7_200_000), /feature set is not the hash/],
  ])('refuses %s', (_, edit, reason) => {
    const set = structuredClone(valid);
    edit(set);
    expect(() => parseDefinitions(JSON.stringify(set))).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID', message: expect.stringMatching(reason) }));
  });

  it('refuses what is no JSON', () => {
    expect(() => parseDefinitions('{')).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID', message: expect.stringMatching(/no JSON/) }));
  });
});
