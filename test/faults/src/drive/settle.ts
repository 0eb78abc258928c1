import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment } from './deployment.ts';

interface ConsoleStatus {
  readonly models: readonly { readonly rollout: { readonly version: number; readonly stage: string; readonly weight: number } | null; readonly versions: readonly { state: string }[] }[];
}
interface Working {
  readonly loops: readonly { readonly name: string; readonly state: string; readonly lag: Readonly<Record<string, number>>; readonly error?: string }[];
  readonly jobs: readonly { readonly job: string; readonly waiting: boolean }[];
}

const everyMs = 300;
/** So many looks in a row must find nothing to do. */
const quietLooks = 5;

/**
 * Waits until every loop of every service runs without lag, no job and no rollout is under way. Nothing is posted any more.
 * @returns seconds that were spent waiting, by what was waited for
 * @throws Error with what is still going on after `timeoutMs`: a deployment that does not come to rest is itself a fault
 */
export async function settle(deployment: Deployment, timeoutMs: number): Promise<Map<string, number>> {
  const waited = new Map<string, number>();
  const end = performance.now() + timeoutMs;
  for (let quiet = 0; quiet < quietLooks; ) {
    const since = performance.now();
    const busy = await stillBusy(deployment);
    quiet = busy === undefined ? quiet + 1 : 0;
    if (performance.now() > end) throw new Error(`not at rest after ${timeoutMs / 1000} s: ${busy ?? 'only just'}`);
    await delay(everyMs);
    const what = busy?.replace(/[:{].*| is \d+ records.*/, '').trim() ?? 'a last look';
    waited.set(what, (waited.get(what) ?? 0) + (performance.now() - since) / 1000);
  }
  return waited;
}

async function stillBusy(deployment: Deployment): Promise<string | undefined> {
  for (const service of deployment.services) {
    if (service.name === 'console') continue;
    const working = await service.get<Working>('status');
    if (!working) return `${service.label} does not answer`;
    for (const { name, state, lag, error } of working.loops) {
      if (state !== 'running') return `${name} of ${service.label} is ${state}${error ? `: ${error}` : ''}`;
      const behind = Object.entries(lag).find(([, records]) => records > 0);
      if (behind) return `${name} of ${service.label} is ${behind[1]} records behind in ${behind[0]}`;
    }
    const job = working.jobs.find(({ waiting }) => !waiting);
    if (job) return `${service.label} runs ${job.job}`;
  }
  const status = await deployment.all('console')[0]!.get<ConsoleStatus>('status');
  if (!status) return 'the console does not answer';
  for (const { rollout, versions } of status.models) {
    if (rollout) return `version ${rollout.version} is rolled out (${rollout.stage} at ${rollout.weight} %): ${JSON.stringify(rollout)}`;
    if (versions.some(({ state }) => state === 'registered')) return 'a version waits for its gates';
  }
  return undefined;
}
