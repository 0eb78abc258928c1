import { describe, expect, it } from '@jest/globals';
import type { PlatformOverview } from '../client/platform-overview.ts';
import { overviewText } from './overview-text.ts';

const service = { name: 'monitor', pid: 7, address: 'http://127.0.0.1:1', restarts: 2, lag: 12_000, memoryBytes: 2e8, troubles: ['monitor.slot.0 failed: OFFSET_GAP'], jobs: [{ job: 'train-model', id: 'x', share: 0.5, text: 'fitting', waiting: false }] };
const overview: PlatformOverview = {
  dataDir: '/d', brokers: '127.0.0.1:2', databaseUrl: 'postgres://h', workspace: '', servers: { kafka: { pid: 3 } }, rejected: 4,
  services: [service, { ...service, name: 'trainer', pid: null, address: null, lag: null, memoryBytes: null, troubles: [], jobs: [] }],
  models: [{ name: 'm', champion: { version: 1, bundle: 'abcdef0123' }, epoch: 3, rollout: { version: 2, stage: 'canary', weight: 25, waitsFor: 'outcomes' } }],
};

describe('the overview', () => {
  // eslint-disable-next-line no-control-regex -- colours depend on where the tests run
  const text = overviewText(overview).replace(/\u001B\[\d+m/g, '');

  it.each([
    'Kafka      127.0.0.1:2 (process 3)', '12,000  200 MB         2  train-model 50 %: fitting', 'does not answer', '! monitor.slot.0 failed: OFFSET_GAP',
    'model m: champion version 1 (abcdef01), route epoch 3; version 2 canary at 25 %, waits for outcomes', '4 posted records were rejected',
  ])('tells %j', (part) => expect(text).toContain(part));

  it('says so when there is nothing to tell', () => expect(overviewText({ ...overview, models: [], rejected: 0 })).toMatch(/no model is declared$/));
});
