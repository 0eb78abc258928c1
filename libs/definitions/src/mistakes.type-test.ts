/**
 * Mistakes that must not compile: `tsc -b` fails when one of them does. Never run.
 */
import { cel } from './cel.ts';
import { defineEntity } from './define-entity.ts';
import { defineFeatureView } from './define-feature-view.ts';
import { defineModel } from './define-model.ts';
import { defineRowFeatures, row } from './define-row-features.ts';
import { defineStream } from './define-stream.ts';
import { instant, text, whole } from './field.ts';
import { gate } from './gate.ts';
import { cyclic, logisticRegression } from './learner.ts';
import { count, mean, share } from './window-feature.ts';

const arrivals = defineStream('arrivals', { fields: { flight: whole(), landedAt: instant(), origin: text(), delay: whole() }, id: 'flight', eventTime: 'landedAt' });
const departures = defineStream('departures', { fields: { flight: whole(), departedAt: instant(), origin: text() }, id: 'flight', eventTime: 'departedAt', after: [arrivals] });
const origin = defineEntity('origin', [departures, arrivals], (f) => f.origin);
const arrivalsOnly = defineEntity('arrivals-only', [arrivals], (f) => f.origin);
const late = cel`${arrivals.delay} > 15`;

// @ts-expect-error a field that the stream does not have
export const wrongField = cel`${arrivals.delays} > 15`;
// @ts-expect-error a field that the stream does not have
defineEntity('origin', [departures, arrivals], (f) => f.delay);

// @ts-expect-error an event time that is no instant, an id that is no field
defineStream('clicks', { fields: { user: text() }, eventTime: 'user' });
// @ts-expect-error an event time that is no instant, an id that is no field
defineStream('clicks', { fields: { user: text(), at: instant() }, id: 'usr', eventTime: 'at' });

// @ts-expect-error a window or a resolution that is no duration
count().over('60 minutes');
// @ts-expect-error a window or a resolution that is no duration
defineFeatureView('v', { from: departures, entity: origin, resolution: 60, features: () => ({ n: count().over('1h') }) });

// @ts-expect-error a field of arrivals in a view of departures, or in row features of departures
defineFeatureView('v', { from: departures, entity: origin, resolution: '1m', features: () => ({ share: share(late).over('3h') }) });
// @ts-expect-error a field of arrivals in a view of departures, or in row features of departures
defineRowFeatures(departures, () => ({ delay: row(arrivals.delay) }));
// @ts-expect-error a field of arrivals in a view of departures, or in row features of departures
defineRowFeatures(departures, (d) => ({ both: row(cel`${d.flight} == ${arrivals.flight}`) }));

// @ts-expect-error a view whose entity has no key on the stream that feeds it, or on the one that asks
defineFeatureView('v', { from: departures, entity: arrivalsOnly, resolution: '1m', features: () => ({ n: count().over('3h') }) });
// @ts-expect-error a view whose entity has no key on the stream that feeds it, or on the one that asks
defineEntity('origin', [departures, arrivals], () => arrivals.origin);

const options = {
  predicts: departures,
  training: { window: '28d', holdout: 0.2, minimumLabels: 1, seed: 7 },
  gates: [gate.atLeast('auc', 0.6)],
  rollout: { steps: [100], minimum: 1, maximumWait: '10m' },
  retrain: { when: [], newLabels: 0, cooldown: '7d' },
} as const;
const label = { from: arrivals, judges: 'flight', value: late, horizon: '12h', absent: 'unknown' } as const;
const learner = logisticRegression({});
const unasked = defineFeatureView('v', { from: arrivals, entity: arrivalsOnly, resolution: '1m', features: () => ({ n: count().over('3h') }) });
const landed = defineRowFeatures(arrivals, (a) => ({ delay: row(a.delay) }));
const traffic = defineFeatureView('w', { from: departures, entity: origin, resolution: '1m', features: () => ({ n: count().over('3h') }) });
// @ts-expect-error a view whose entity has no key on the stream that feeds it, or on the one that asks
defineModel('m', { ...options, features: { n: unasked.n }, label, learner });
// @ts-expect-error a view whose entity has no key on the stream that feeds it, or on the one that asks
defineModel('m', { ...options, features: { delay: landed.delay }, label, learner });

// @ts-expect-error a label that judges by no field of its stream, or is computed from another stream's
defineModel('m', { ...options, features: { n: traffic.n }, label: { ...label, judges: 'fligth' }, learner });
// @ts-expect-error a label that judges by no field of its stream, or is computed from another stream's
defineModel('m', { ...options, features: { n: traffic.n }, label: { ...label, value: departures.flight }, learner });

// @ts-expect-error an encoding of a feature that the model does not have; a metric that does not exist; a mean of text, a share of a number
defineModel('m', { ...options, features: { n: traffic.n }, label, learner: logisticRegression({ encode: { m: cyclic(24) } }) });
// @ts-expect-error an encoding of a feature that the model does not have; a metric that does not exist; a mean of text, a share of a number
gate.atLeast('auk', 0.6);
// @ts-expect-error an encoding of a feature that the model does not have; a metric that does not exist; a mean of text, a share of a number
mean(arrivals.origin);
// @ts-expect-error an encoding of a feature that the model does not have; a metric that does not exist; a mean of text, a share of a number
share(arrivals.delay);

defineModel('m', { ...options, features: { n: traffic.n }, label, learner: logisticRegression({ encode: { n: cyclic(24) } }) });
