import {
  cel, count, cyclic, defineEntity, defineFeatureView, defineModel, defineRowFeatures, defineStream, gate, instant, logisticRegression, mean,
  oneHot, row, share, text, when, whole,
} from '@millrace/definitions';

export const arrivals = defineStream('arrivals', {
  fields: { flight: whole(), landedAt: instant(), origin: text(), destination: text(), delay: whole({ unit: 'min' }) },
  id: 'flight', eventTime: 'landedAt',
});
export const departures = defineStream('departures', {
  fields: { flight: whole(), departedAt: instant(), timeZone: text(), origin: text(), destination: text(), distance: whole({ min: 0, unit: 'mile' }) },
  id: 'flight', eventTime: 'departedAt', after: [arrivals],       // what landed in a minute is known to whoever departs in it
});

const both = [departures, arrivals] as const;
export const origin = defineEntity('origin', both, (f) => f.origin);
export const destination = defineEntity('destination', both, (f) => f.destination);
export const route = defineEntity('route', both, (f) => cel`${f.origin} + ">" + ${f.destination}`);

export const flight = defineRowFeatures(departures, (d) => ({
  hourOfDay: row(cel`hourOfDay(${d.departedAt}, ${d.timeZone})`),      // 7.5 = half past seven, local
  minuteOfHour: row(cel`minuteOfHour(${d.departedAt}, ${d.timeZone})`),
  dayOfWeek: row(cel`dayOfWeek(${d.departedAt}, ${d.timeZone})`),      // Monday = 0
  distance: row(d.distance),
}));
export const traffic = defineFeatureView('traffic', {
  from: departures, entity: origin, resolution: '1m',
  features: () => ({ departures60m: count().before('60m') }),          // [t − 60 min, t): a minute does not see itself
});
const late = cel`${arrivals.delay} > 15`;
const delay = cel`clamp(${arrivals.delay}, -60, 180)`;
export const fromOrigin = defineFeatureView('from-origin', {
  from: arrivals, entity: origin, resolution: '1m',
  features: () => ({ meanDelay60m: mean(delay).over('60m'), shareLate3h: share(late).over('3h'), shareLate24h: share(late).over('24h'), shareLate7d: share(late).over('7d') }),
});
export const intoDestination = defineFeatureView('into-destination', {
  from: arrivals, entity: destination, resolution: '1m',
  features: () => ({ shareLate3h: share(late).over('3h'), meanDelay60m: mean(delay).over('60m'), shareLate24h: share(late).over('24h') }),
});
export const onRoute = defineFeatureView('on-route', {
  from: arrivals, entity: route, resolution: '1m',
  features: () => ({ shareLate24h: share(late).over('24h'), shareLate7d: share(late).over('7d'), meanDelay7d: mean(delay).over('7d') }),
});

export const flightDelay = defineModel('flight-delay', {
  predicts: departures,
  features: {
    ...flight, originDepartures60m: traffic.departures60m,
    originMeanDelay60m: fromOrigin.meanDelay60m, originShareLate3h: fromOrigin.shareLate3h, originShareLate24h: fromOrigin.shareLate24h, originShareLate7d: fromOrigin.shareLate7d,
    destinationShareLate3h: intoDestination.shareLate3h, destinationMeanDelay60m: intoDestination.meanDelay60m, destinationShareLate24h: intoDestination.shareLate24h,
    routeShareLate24h: onRoute.shareLate24h, routeShareLate7d: onRoute.shareLate7d, routeMeanDelay7d: onRoute.meanDelay7d,
  },
  label: { from: arrivals, judges: 'flight', value: late, horizon: '12h', absent: 'unknown' },   // judges: the field that is the departure's id
  learner: logisticRegression({ C: 1, encode: { hourOfDay: cyclic(24, 2), dayOfWeek: oneHot(7) } }),
  training: { window: '28d', holdout: 0.2, minimumLabels: 10_000, seed: 7 },
  gates: [gate.atLeast('auc', 0.6), gate.betterThanChampion('logLoss'), gate.answersInRuntime()],
  rollout: { steps: [5, 25, 75, 100], minimum: 500, maximumWait: '10m' },
  retrain: { when: [when.labels(40_000), when.worse('auc', { by: 0.05, over: '1d' }), when.miscalibrated({ by: 0.05, over: '1d' })], newLabels: 60_000, cooldown: '7d' },
});
