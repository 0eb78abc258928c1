import { describe, expect, it } from '@jest/globals';
import { labelValue } from './label-value.ts';

describe('labelValue', () => {
  it.each<[string, Record<string, unknown>, 0 | 1]>([
    ['payments.late', { late: true }, 1],
    ['payments.late', { late: false }, 0],
    ['!payments.late', { late: false }, 1],
    ['arrivals.delay > 15', { delay: 16n }, 1],
    ['arrivals.delay > 15', { delay: 15 }, 0],
    ['arrivals.delay >= -2.5', { delay: -2.5 }, 1],
    [' orders.count != 3 ', { count: 3 }, 0],
    ['outcomes.value', { value: 1 }, 1],
  ])('%s of %j is %d', (expression, fields, value) => expect(labelValue(expression, fields)).toBe(value));

  it.each<[string, Record<string, unknown>]>([
    ['arrivals.delay > 15 && arrivals.cancelled', { delay: 20, cancelled: true }],
    ['clamp(arrivals.delay, 0, 1)', { delay: 1 }],
    ['arrivals.delay > departures.delay', { delay: 1 }],
    ['arrivals.delay > 15', {}],
    ['arrivals.delay > 15', { delay: null }],
    ['arrivals.delay > 15', { delay: Number.NaN }],
    ['outcomes.value', { value: 0.5 }],
    ['outcomes.name', { name: 'late' }],
  ])('%s of %j is not judged', (expression, fields) => expect(labelValue(expression, fields)).toBeUndefined());
});
