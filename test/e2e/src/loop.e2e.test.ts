import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@millrace/testing';
import { faultsOf } from './check-history.ts';
import { readHistory, type History } from './history.ts';
import { RunningStory } from './running-story.ts';

interface ConsoleStatus {
  models: { name: string; champion: { version: number } | null }[];
}

/** Four days, 59,000 flights, with SIGKILL of the feature store and of inference while events flow. */
describe('the loop, killed in the middle', () => {
  let folder: string;
  let story: RunningStory;
  let history: History;

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
    history = await readHistory(story.up()!.brokers);
  }, 500_000);

  afterAll(async () => {
    await story.interrupt();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('loses nothing and doubles nothing, as librdkafka reads it', () => {
    expect(faultsOf(history)).toEqual({
      outcomes: 0, vectorsLost: 0, vectorsDoubled: 0, labelsLost: 0, labelsDoubled: 0, predictionsLost: 0, predictionsDoubled: 0, predictionsTooEarly: 0, epochsFalling: 0,
    });
  });

  it('went through all hops', () => {
    expect(history.vectors.length).toBeGreaterThan(50_000);
    expect(history.labels.length).toBeGreaterThan(50_000);
    expect(history.predictions.length).toBeGreaterThan(5_000);
    expect(new Set(history.adoptions.map(({ slot }) => slot))).toEqual(new Set([0, 1]));
  });

  it('started the killed services anew', () => {
    const { services } = story.up()!;
    expect(services['feature-store']!.restarts).toBeGreaterThanOrEqual(2);
    expect(services['inference']!.restarts).toBeGreaterThanOrEqual(1);
  });
});
