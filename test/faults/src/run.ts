import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkRun } from './check-run.ts';
import { abortedTransactions } from './drive/aborted-transactions.ts';
import { Deployment } from './drive/deployment.ts';
import { settle } from './drive/settle.ts';
import { Random } from './random.ts';
import type { Scenario } from './scenario/scenario.ts';
import { orderLoad } from './workload/order-load.ts';
import { Poster } from './workload/poster.ts';

export interface RunOptions {
  readonly seed: number;
  readonly run: number;
  /** One kind of fault, or two at once. */
  readonly scenarios: readonly Scenario[];
  /** Orders to post; about twice as many events. */
  readonly orders: number;
  /** Items per second. */
  readonly rate: number;
  /** Data, logs and history; removed when nothing was found. */
  readonly folder: string;
  /** Keep the folder in any case. */
  readonly keep: boolean;
  /** Told every few seconds how far it is. */
  readonly onProgress?: (line: string) => void;
}

export interface RunResult {
  readonly run: number;
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, in words. */
  readonly violations: readonly string[];
  readonly faults: number;
  readonly accepted: number;
  readonly poison: number;
  readonly predictions: number;
  readonly versions: number;
  /** How long versions still predicted after a route had withdrawn them, ms. */
  readonly withdrawals: readonly number[];
  readonly aborted: number;
  readonly seconds: number;
  readonly folder: string;
}

/** So many items lead to the first training; the load goes on when its version answers, so that there is time for others after it. */
const firstVersionAfter = 1200;
const championWithinMs = 25_000;
/** In most runs some transactions are aborted by themselves: a plan that never aborts would test the easy case. */
const fewAborts = 'transaction.offsets=fail%4; transaction.commit=fail%4';
const settleWithinMs = 150_000;
const tellEveryMs = 5000;

const active = new Set<Deployment>();

/** Ends what runs now: for a command that is interrupted. */
export async function endRuns(): Promise<void> {
  await Promise.all([...active].map((deployment) => deployment.stop()));
}

/** One run: a deployment of its own, seeded load and faults, rest, and the checker over what is in the log. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, run, scenarios, folder } = options;
  const name = scenarios.map((scenario) => scenario.name).join('+');
  const random = new Random('faults', seed, run);
  const started = performance.now();
  const history: string[] = [];
  const note = (what: string): void => void history.push(`${((performance.now() - started) / 1000).toFixed(2)} ${what}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const deployment = new Deployment({
    folder,
    workspace: `f${run}`,
    brokers: Math.max(...scenarios.map(({ brokers = 1 }) => brokers)) as 1 | 3,
    instances: Math.max(...scenarios.map(({ instances = 1 }) => instances)) as 1 | 2,
    environment: { MILLRACE_CLOCK_FILE: join(folder, 'clock'), MILLRACE_FAIL_POINTS: scenarios.map(({ failPoints = fewAborts }) => failPoints).join('; ') },
    nodeOptions: scenarios.flatMap(({ nodeOptions = [] }) => nodeOptions),
  });
  active.add(deployment);
  const violations: string[] = [];
  let faults = 0;
  let telling: NodeJS.Timeout | undefined;
  const items = orderLoad({ seed: seed * 1000 + run, orders: options.orders });
  let found: Pick<RunResult, 'predictions' | 'versions' | 'withdrawals'> = { predictions: 0, versions: 0, withdrawals: [] };
  let poster: Poster | undefined;
  try {
    for (const scenario of scenarios) await scenario.prepare?.({ deployment });
    await deployment.start();
    note('started');
    telling = setInterval(() => options.onProgress?.(`run ${seed}:${run} ${name}: ${poster?.count ?? 0} of ${items.length} posted, ${faults} faults, ${history.at(-1)}`), tellEveryMs);
    poster = new Poster({ brokers: deployment.brokers, workspace: deployment.options.workspace, ids: deployment.schemaIds, rate: options.rate, random: new Random('post', seed, run), http: 0.3, door: () => deployment.door('ingestion') });
    const ending = new AbortController();
    const context = { deployment, random, note, signal: ending.signal };
    const injecting = scenarios.map(async (scenario) => {
      while (!ending.signal.aborted) {
        await delay(random.between(...scenario.every) * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
        if (ending.signal.aborted) return;
        if (await scenario.inject(context)) faults++;
      }
    });
    await poster.post(items, { before: firstVersionAfter, until: () => championWithin(championWithinMs, deployment) });
    note(`posted ${poster.count}`);
    ending.abort();
    await Promise.all(injecting);
    for (const scenario of scenarios) await scenario.heal?.(context);
    await deployment.kafka.heal();
    faults += deployment.kafka.proxies.reduce((sum, { faulted }) => sum + faulted, 0);
    await settle(deployment, settleWithinMs);
    note('at rest');
    await deployment.stopServices();
    violations.push(...deployment.late);
    const checked = await checkRun(deployment, poster.accepted);
    violations.push(...checked.violations);
    found = { predictions: checked.predictions, versions: checked.versions, withdrawals: checked.withdrawals };
    note('checked');
  } catch (error) {
    violations.push((error as Error).message);
  } finally {
    clearInterval(telling);
    poster?.stop();
    active.delete(deployment);
    await deployment.stop().catch((error: unknown) => violations.push(`not stopped: ${(error as Error).message}`));
  }
  for (const { unasked } of deployment.services) for (const what of unasked) note(`unasked: ${what}`);
  const aborted = abortedTransactions(join(folder, 'kafka', 'node-0', 'logs'));
  const result = { run, name, ok: violations.length === 0, violations, faults, accepted: poster?.accepted.eventIds.size ?? 0, poison: poster?.accepted.poison ?? 0, ...found, aborted, seconds: Math.round((performance.now() - started) / 1000), folder };
  writeFileSync(join(folder, 'history.txt'), [...history, JSON.stringify(result, null, 2), ''].join('\n'));
  unmount(deployment.artifacts, result.ok && !options.keep ? undefined : join(folder, 'artifacts-kept'));
  if (result.ok && !options.keep) rmSync(folder, { recursive: true, force: true });
  return result;
}

/** Waits for a champion, but no longer: under some faults there is none for a while, and that is no violation. */
async function championWithin(ms: number, deployment: Deployment): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const status = await deployment.all('console')[0]!.get<{ models: readonly { champion: unknown }[] }>('status');
    if (status?.models[0]?.champion) return;
    await delay(200);
  }
}

/** Artifacts on a file system of their own are copied before it goes, when they are to be kept. */
function unmount(artifacts: string, keepIn: string | undefined): void {
  try {
    execFileSync('mountpoint', ['-q', artifacts]);
  } catch {
    return;
  }
  if (keepIn) execFileSync('cp', ['-r', artifacts, keepIn]);
  execFileSync('umount', ['-l', artifacts]);
}
