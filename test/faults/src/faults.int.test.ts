import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataFolder } from './drive/data-folder.ts';
import { run } from './run.ts';
import { abort, network, scoringChild, twoInstances, type Scenario } from './scenario/index.ts';

/** A short selection of the matrix, each kind of trouble once; `npm run faults` runs all of it at length. */
describe('a deployment under faults loses nothing, doubles nothing and comes to rest', () => {
  let folder: string;

  beforeAll(() => {
    folder = dataFolder('faults');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, Scenario[]]>([
    ['failing steps and a bad network', [abort, network]],
    ['two instances and scorers that die', [twoInstances, scoringChild]],
  ])('%s', async (name, scenarios) => {
    const result = await run({ seed: 5, run: scenarios.length + name.length, scenarios, orders: 1000, rate: 100, folder: join(folder, 'run'), keep: false });
    expect(result.violations).toEqual([]);
    expect(result.accepted).toBeGreaterThan(1800);
    expect(result.faults).toBeGreaterThan(0);
    // Faults hit a platform that answers: a version was trained, rolled out and predicted.
    expect(result.versions).toBeGreaterThan(0);
    expect(result.predictions).toBeGreaterThan(100);
  }, 300_000);
});
