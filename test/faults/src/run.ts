import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkRun } from './check-run.ts';
import { abortedTransactions } from './drive/aborted-transactions.ts';
import { Deployment } from './drive/deployment.ts';
import { untilModelsMayBeAsked } from './drive/until-models-may-be-asked.ts';
import { settle } from './drive/settle.ts';
import { Random } from './random.ts';
import { giveCommand } from './scenario/give-command.ts';
import { fewAborts, type Scenario } from './scenario/scenario.ts';
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
  /** Data, logs and history; removed when nothing was found and no process ended by itself. */
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
  /** Faults that happened; what found nothing to break does not count. */
  readonly faults: number;
  /** Kinds of the run that broke nothing. */
  readonly idle: readonly string[];
  /** Fail points that acted, by name: how often. */
  readonly points: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly poison: number;
  readonly predictions: number;
  readonly versions: number;
  /** Rollouts that ended with a new champion. */
  readonly completed: number;
  /** How long versions still predicted after a route had withdrawn them, ms. */
  readonly withdrawals: readonly number[];
  readonly aborted: number;
  /** Ends of services that no fault of the plan has caused. */
  readonly unasked: number;
  readonly seconds: number;
  readonly folder: string;
}

/** So much of the load leads to the first training; it goes on when its version answers, so that there is time for others after it. */
const untilFirstVersion = { items: 1200, share: 0.45, withinMs: 25_000 };
/** What was learnt turns wrong after a quarter of the load; here a second version is due, and its rollout needs the rest of the load. */
const secondVersion = { share: 0.5, withinMs: 12_000 };
/** The last part of the load comes when no fault is made any more and a version answers: what has survived must also work. Steps that fail by chance go on failing. */
const afterFaults = { share: 0.1, itemsAtLeast: 500, versionWithinMs: 20_000, anotherWithinMs: 60_000 };
const settleWithinMs = 150_000;
const tellEveryMs = 5000;

const active = new Map<Deployment, AbortController>();

/** Ends what runs now: for a command that is interrupted. */
export async function endRuns(): Promise<void> {
  for (const ending of active.values()) ending.abort();
  await Promise.all([...active.keys()].map((deployment) => deployment.stop().finally(() => unmount(deployment.artifacts, undefined))));
}

/** One run: a deployment of its own, seeded load and faults, rest, and the checker over what is in the log. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, run, scenarios, folder } = options;
  const name = scenarios.map((scenario) => scenario.name).join('+');
  const random = new Random('faults', seed, run);
  const started = performance.now();
  const history: string[] = [];
  const note = (what: string): void => void history.push(`${((performance.now() - started) / 1000).toFixed(2)} ${what}`);
  // Of a run that was killed.
  unmount(join(folder, 'artifacts'), undefined);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const deployment = new Deployment({
    folder,
    workspace: `f${run}`,
    seed: seed * 1000 + run,
    brokers: Math.max(...scenarios.map(({ brokers = 1 }) => brokers)) as 1 | 3,
    instances: Math.max(...scenarios.map(({ instances = 1 }) => instances)) as 1 | 2,
    environment: { MILLRACE_CLOCK_FILE: join(folder, 'clock') },
    failPoints: (service) => scenarios.flatMap(({ failPoints = fewAborts, failPointsOf }) => [failPoints, failPointsOf?.[service] ?? '']).filter(Boolean).join('; '),
    nodeOptions: scenarios.flatMap(({ nodeOptions = [] }) => nodeOptions),
  });
  const ending = new AbortController();
  active.set(deployment, ending);
  const violations: string[] = [];
  const injected = new Map(scenarios.map((scenario) => [scenario, 0]));
  let telling: NodeJS.Timeout | undefined;
  let found: Pick<RunResult, 'predictions' | 'versions' | 'completed' | 'withdrawals'> = { predictions: 0, versions: 0, completed: 0, withdrawals: [] };
  let poster: Poster | undefined;
  let injecting: Promise<unknown> = Promise.resolve();
  let healedAt: number | undefined;
  try {
    for (const scenario of scenarios) await scenario.prepare?.({ deployment });
    await deployment.start();
    note('started');
    const items = orderLoad({ seed: seed * 1000 + run, orders: options.orders });
    poster = new Poster({ brokers: deployment.brokers, workspace: deployment.options.workspace, ids: deployment.schemaIds, rate: options.rate, random: new Random('post', seed, run), http: 0.3, door: () => deployment.door('ingestion') });
    telling = setInterval(() => options.onProgress?.(`run ${seed}:${run} ${name}: ${poster?.count ?? 0} of ${items.length} posted, ${sum([...injected.values()])} faults, ${history.at(-1)}`), tellEveryMs);
    const commands: string[] = [];
    const context = { deployment, random, note, promised: (id: string) => void commands.push(id), signal: ending.signal };
    const train = (): Promise<unknown> => giveCommand(context, 'RETRAIN', { id: `retrain-${Math.round(performance.now())}`, why: 'no version answers' }).catch((error: unknown) => note((error as Error).message));
    const breaking = async (scenario: Scenario): Promise<void> => {
      while (!ending.signal.aborted) {
        await delay(random.between(...scenario.every) * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
        if (ending.signal.aborted || poster?.isStuck) continue;
        if (await scenario.inject(context)) injected.set(scenario, injected.get(scenario)! + 1);
      }
    };
    injecting = Promise.all(scenarios.map((scenario) => breaking(scenario).catch((error: unknown) => violations.push(`a fault could not be healed: ${(error as Error).message}`))));
    const { share, withinMs } = untilFirstVersion;
    await poster.post(items, [
      { before: Math.min(untilFirstVersion.items, Math.floor(share * items.length)), until: async () => (await championWithin(withinMs, deployment)) || void train() },
      { before: Math.floor(secondVersion.share * items.length), until: () => consoleSays(({ champion, rollout }) => Boolean(champion && rollout), secondVersion.withinMs, deployment) },
      {
        before: items.length - Math.max(Math.ceil(afterFaults.share * items.length), afterFaults.itemsAtLeast),
        until: async () => {
          ending.abort();
          await injecting;
          for (const scenario of scenarios) await scenario.heal?.(context);
          await deployment.kafka.heal();
          note('nothing is broken any more');
          if (!(await championWithin(afterFaults.versionWithinMs, deployment))) {
            // The first training, or the rollout of its version, may have ended in a fault; the next one is up to people.
            await train();
            if (!(await championWithin(afterFaults.anotherWithinMs, deployment))) violations.push('no version answers, although nothing is broken any more');
          }
          await untilModelsMayBeAsked(deployment);
          healedAt = Date.now();
        },
      },
    ]);
    note(`posted ${poster.count}`);
    for (const [what, seconds] of await settle(deployment, settleWithinMs)) note(`waited ${seconds.toFixed(1)} s: ${what}`);
    note('at rest');
    await deployment.stopServices();
    note('stopped');
    const checked = await checkRun(deployment, poster.accepted, commands, healedAt);
    violations.push(...checked.violations);
    found = { predictions: checked.predictions, versions: checked.versions, completed: checked.completed, withdrawals: checked.withdrawals };
    for (const step of checked.course) note(step);
    note('checked');
  } catch (error) {
    violations.push((error as Error).message);
  } finally {
    ending.abort();
    clearInterval(telling);
    poster?.stop();
    // What a fault starts again in the end must not outlive the run.
    await injecting;
    active.delete(deployment);
    await deployment.stop().catch((error: unknown) => violations.push(`not stopped: ${(error as Error).message}`));
  }
  const { unasked, late, hits } = deployment;
  for (const what of unasked) note(`unasked: ${what}`);
  violations.push(...late, ...(scenarios.every(({ isControl }) => isControl) ? unasked : []));
  const points: Record<string, number> = {};
  for (const { point } of hits) points[point] = (points[point] ?? 0) + 1;
  const indirect = { points: hits.filter(({ action }) => action !== 'fail').length, requests: sum(deployment.kafka?.proxies.map(({ faulted }) => faulted) ?? []) };
  const isIdle = ({ isControl, indirectly }: Scenario, times: number): boolean => !isControl && times === 0 && (indirectly === undefined || indirect[indirectly] === 0);
  const result: RunResult = {
    run, name, ok: violations.length === 0, violations, faults: sum([...injected.values(), ...Object.values(indirect)]), idle: [...injected].filter(([scenario, times]) => isIdle(scenario, times)).map(([scenario]) => scenario.name), points, accepted: poster?.accepted.eventIds.size ?? 0, poison: poster?.accepted.poison ?? 0, ...found,
    aborted: abortedTransactions(join(folder, 'kafka', 'node-0', 'logs')), unasked: unasked.length, seconds: Math.round((performance.now() - started) / 1000), folder,
  };
  writeFileSync(join(folder, 'history.txt'), [...history, JSON.stringify(result, null, 2), ''].join('\n'));
  // What ended by itself is no violation, but worth a look.
  const isKept = options.keep || !result.ok || unasked.length > 0;
  unmount(deployment.artifacts, isKept ? join(folder, 'artifacts-kept') : undefined);
  if (!isKept) rmSync(folder, { recursive: true, force: true });
  return result;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface ModelStanding {
  readonly champion: unknown;
  readonly rollout: unknown;
}

/** Waits for a champion, but no longer: under some faults there is none for a while, and that is no violation. */
function championWithin(ms: number, deployment: Deployment): Promise<boolean> {
  return consoleSays(({ champion }) => Boolean(champion), ms, deployment);
}

async function consoleSays(what: (model: ModelStanding) => boolean, ms: number, deployment: Deployment): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await delay(200)) {
    const status = await deployment.all('console')[0]!.get<{ models: readonly ModelStanding[] }>('status');
    if (status?.models[0] && what(status.models[0])) return true;
  }
  return false;
}

/** Artifacts on a file system of their own are copied before it goes, when they are to be kept. */
function unmount(artifacts: string, keepIn: string | undefined): void {
  try {
    execFileSync('mountpoint', ['-q', artifacts]);
  } catch {
    return;
  }
  try {
    if (keepIn) execFileSync('cp', ['-r', artifacts, keepIn]);
  } finally {
    execFileSync('umount', ['-l', artifacts]);
  }
}
