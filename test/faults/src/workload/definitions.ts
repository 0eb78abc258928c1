import { count, defineEntity, defineFeatureView, defineModel, defineRowFeatures, defineStream, flag, gate, instant, logisticRegression, max, mean, real, row, share, text, when, whole } from '@millrace/definitions';

/** What the fault runs play: is an order paid late? Small windows, so that a model is trained, replaced and rolled out within half a minute. */
export const payments = defineStream('payments', { fields: { order: whole(), customer: text(), paidAt: instant(), late: flag() }, id: 'order', eventTime: 'paidAt' });
export const orders = defineStream('orders', { fields: { order: whole(), customer: text(), placedAt: instant(), amount: real({ min: 0 }), items: whole() }, id: 'order', eventTime: 'placedAt', after: [payments] });
export const customer = defineEntity('customer', [orders, payments], (event) => event.customer);
export const order = defineRowFeatures(orders, (o) => ({ amount: row(o.amount), items: row(o.items) }));
export const placed = defineFeatureView('placed', {
  from: orders, entity: customer, resolution: '1m',
  features: () => ({ orders6h: count().over('6h'), meanAmount6h: mean(orders.amount).over('6h'), largest24h: max(orders.amount).before('24h') }),
});
export const paid = defineFeatureView('paid', { from: payments, entity: customer, resolution: '1m', features: () => ({ shareLate24h: share(payments.late).over('24h') }) });
export const latePayment = defineModel('late-payment', {
  predicts: orders,
  features: { ...order, ...placed, shareLate24h: paid.shareLate24h },
  label: { from: payments, judges: 'order', value: payments.late, horizon: '4h', absent: 'unknown' },
  learner: logisticRegression({ C: 1 }),
  training: { window: '28d', holdout: 0.25, minimumLabels: 200, seed: 7 },
  gates: [gate.answersInRuntime()],
  rollout: { steps: [10, 50, 100], minimum: 20, maximumWait: '8s' },
  retrain: { when: [when.labels(250), when.worse('auc', { by: 0.05, over: '1d' })], newLabels: 250, cooldown: '36h' },
});
