import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@millrace/testing';
import { verify, type Fold, type LabelFold, type Verdict } from '@millrace/verification';
import { RunningStory } from './running-story.ts';

const model = 'flight-delay';

/** Vectors of some flights by an offline script in Python, rounded to float32 as served; of the others nothing is known. */
function referenceVectors(): Fold {
  const { rows } = JSON.parse(readFileSync(new URL('../../../examples/flights/golden-vectors.json', import.meta.url), 'utf8')) as { rows: { row: number; vector: (number | null)[] }[] };
  const vectors = new Map(rows.map(({ row, vector }) => [row, vector.map((value) => (value === null ? NaN : Math.fround(value)))]));
  return ({ stream, fields }) => {
    const vector = stream === 'departures' ? vectors.get(Number(fields['flight'])) : undefined;
    return vector && { [model]: vector };
  };
}

const lateArrivals: LabelFold = ({ stream, fields }) => (stream === 'arrivals' ? { [model]: Number(fields['delay']) > 15 ? 1 : 0 } : undefined);

interface ConsoleStatus {
  models: { name: string; champion: { version: number } | null }[];
}

/** Four days, 59,000 flights, with SIGKILL of the feature store and of inference while events flow. */
describe('the loop, killed in the middle', () => {
  let folder: string;
  let story: RunningStory;
  let verdict: Verdict;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
    await chmod(folder, 0o755); // PostgreSQL may run as another user
    story = new RunningStory(folder, ['--from', '2001-01-01', '--to', '2001-01-04', '--speed', 'max', '--hold']);
    const lane = async (): Promise<number> => {
      const status = (await story.ask('feature-store', '/status')) as { loops: { name: string; state: string }[] } | undefined;
      return status?.loops.filter(({ state }) => state === 'running').length ?? 0;
    };
    await until(async () => (await lane()) > 0, { what: 'running feature store', timeoutMs: 120_000 });
    story.kill('feature-store');
    const champion = async (): Promise<boolean> => ((await story.ask('console', '/status')) as ConsoleStatus | undefined)?.models.some(({ champion }) => champion !== null) ?? false;
    await until(champion, { what: 'champion', timeoutMs: 180_000, everyMs: 50 });
    story.kill('inference');
    story.kill('feature-store');
    await until(() => story.report(), { what: 'report of the story', timeoutMs: 180_000, everyMs: 200 });
    verdict = await verify({
      brokers: story.up()!.brokers, workspace: '', fold: referenceVectors(), labels: lateArrivals,
      atLeast: { outcomes: 100_000, vectors: 50_000, labels: 50_000, features: 100, predictions: 5_000, routes: 5_000, epochs: 5_000, deciders: 6 },
    });
  }, 500_000);

  afterAll(async () => {
    await story.interrupt();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('loses nothing, doubles nothing and keeps every other promise, as a reader sees it that is not ours', () => {
    expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(verdict.ok).toBe(true);
  });

  it('started the killed services anew', () => {
    const { services } = story.up()!;
    expect(services['feature-store']!.restarts).toBeGreaterThanOrEqual(2);
    expect(services['inference']!.restarts).toBeGreaterThanOrEqual(1);
  });
});
