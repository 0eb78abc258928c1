import { expect, it } from '@jest/globals';
import { fuzzHttp } from './http-fuzz.ts';

it('the doors of all services live through hostile requests, answer as planned, and forget', async () => {
  const { violations, statuses, health } = await fuzzHttp({ runs: 600, seed: 7, requestMs: 2000, healthMs: 30_000 });
  expect(violations).toEqual([]);
  expect(Object.keys(statuses).length).toBeGreaterThan(20);
  expect(health.asked).toBeGreaterThan(8);
}, 240_000);
