import { setTimeout as delay } from 'node:timers/promises';
import { lagOf, type ServiceStatus } from '../client/service-client.ts';
import type { ModelStatus } from '../client/console-client.ts';

/** What a hold looks at. */
export interface Standing {
  readonly services: readonly ServiceStatus[];
  readonly models: readonly Pick<ModelStatus, 'name' | 'rollout'>[];
}

/**
 * What the platform has the data for and has not done yet, each as a phrase; empty when it is quiet. A job that waits for data does
 * not count, or both would wait for ever; canary steps go on with traffic.
 */
export function unfinished({ services, models }: Standing): string[] {
  const behind = services.filter((status) => lagOf(status) > 0).map((status) => `${status.service} is ${lagOf(status)} records behind`);
  const starting = services.flatMap(({ loops }) => loops.filter(({ state }) => state === 'starting').map(({ name }) => `${name} is starting`));
  const jobs = services.flatMap((status) => status.jobs.filter(({ waiting }) => !waiting).map(({ job, text }) => `${job}: ${text}`));
  const rollouts = models.flatMap(({ name, rollout }) => (rollout && rollout.waitsFor !== 'outcomes' ? [`version ${rollout.version} of ${name} waits for ${rollout.waitsFor}`] : []));
  return [...jobs, ...rollouts, ...starting, ...behind];
}

/** A loop that has stopped for good: what waits for it would wait for ever. */
export function failedLoop({ services }: Standing): string | undefined {
  for (const { loops } of services) {
    const failed = loops.find(({ state }) => state === 'failed');
    if (failed) return `${failed.name} has stopped: ${failed.error ?? 'for an unknown reason'}`;
  }
  return undefined;
}

const isWaiting = ({ services }: Standing): boolean => services.some(({ jobs }) => jobs.some(({ waiting }) => waiting));

export interface QuietOptions {
  /** @throws while a service does not answer */
  readonly look: () => Promise<Standing>;
  /** Told when what it waits for changes; undefined at the end. */
  readonly onWait: (what: string | undefined) => void;
  readonly signal: AbortSignal;
  /** Longest wait without fewer records behind than ever before and without a step of a job, ms: what goes on is waited for, however much it is. */
  readonly withinMs: number;
}

const everyMs = 150;
/** One event causes the next with a pause of at most a tick (1 s) between: quiet for less may be a gap. */
const quietMs = 1_200;
/** A job that waits for data looks into the archive, whose segments are sealed after 1 s: it may have them, and not know yet. */
const quietWhileWaitingMs = 2_600;

/**
 * Waits until the platform is quiet.
 * @returns what it still did when the time was over; undefined when it is quiet
 */
export async function untilQuiet({ look, onWait, signal, withinMs }: QuietOptions): Promise<string | undefined> {
  let until = performance.now() + withinMs;
  let least = Number.POSITIVE_INFINITY;
  let quietSince: number | undefined;
  let what: string | undefined;
  let steps = '';
  for (;;) {
    const standing = await look().catch(() => undefined);
    const failed = standing && failedLoop(standing);
    if (failed) return failed;
    what = standing ? unfinished(standing)[0] : 'a service does not answer';
    onWait(what);
    const behind = standing?.services.reduce((sum, status) => sum + lagOf(status), 0) ?? Number.POSITIVE_INFINITY;
    const reached = JSON.stringify(standing?.services.map(({ jobs }) => jobs) ?? steps);
    if (behind < least || reached !== steps) until = performance.now() + withinMs;
    [least, steps] = [Math.min(least, behind), reached];
    quietSince = what === undefined ? (quietSince ?? performance.now()) : undefined;
    if (quietSince !== undefined && performance.now() - quietSince >= (isWaiting(standing!) ? quietWhileWaitingMs : quietMs)) return undefined;
    if (performance.now() > until) return what ?? 'it was never quiet for long enough';
    await delay(everyMs, undefined, { signal });
  }
}
