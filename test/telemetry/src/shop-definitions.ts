import { defineModel, defineRowFeatures, defineStream, flag, gate, instant, logisticRegression, real, row, when, whole } from '@millrace/definitions';

/** A small set of definitions: is an order paid late? Two features of the order itself, one model. */
export const payments = defineStream('payments', { fields: { order: whole(), paidAt: instant(), late: flag() }, id: 'order', eventTime: 'paidAt' });
export const orders = defineStream('orders', { fields: { order: whole(), placedAt: instant(), amount: real({ min: 0 }), items: whole() }, id: 'order', eventTime: 'placedAt', after: [payments] });
export const order = defineRowFeatures(orders, (o) => ({ amount: row(o.amount), items: row(o.items) }));
export const latePayment = defineModel('late-payment', {
  predicts: orders,
  features: { amount: order.amount, items: order.items },
  label: { from: payments, judges: 'order', value: payments.late, horizon: '1d', absent: 'unknown' },
  learner: logisticRegression({ C: 1 }),
  training: { window: '28d', holdout: 0.25, minimumLabels: 50, seed: 7 },
  gates: [gate.answersInRuntime()],
  rollout: { steps: [100], minimum: 10, maximumWait: '1m' },
  retrain: { when: [when.labels(50)], newLabels: 50, cooldown: '1d' },
});
