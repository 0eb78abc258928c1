/**
 * One long run with a fault every 20 s: `npm run soak -- --minutes 30 --seed 7 --report FILE`. Beside the checker it judges that versions
 * are trained and become champions all the time, that nothing ends by itself, and that no process grows. In the first half only one half of the services is ended by faults, in the second half the other: each lives long enough to be measured.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wholeOption } from '@millrace/testing';
import { checkRun } from './check-run.ts';
import { abortedTransactions } from './drive/aborted-transactions.ts';
import { Deployment } from './drive/deployment.ts';
import { untilModelsMayBeAsked } from './drive/until-models-may-be-asked.ts';
import { watchLoops } from './drive/loop-watch.ts';
import { serviceNames } from './drive/service-names.ts';
import { settle } from './drive/settle.ts';
import { endOnSignal } from './end-on-signal.ts';
import { heapGrowths } from './heap-growth.ts';
import { Random } from './random.ts';
import { giveCommand } from './scenario/give-command.ts';
import { broker, network, postgres, scoringChild } from './scenario/index.ts';
import { orderLoad } from './workload/order-load.ts';
import { Poster } from './workload/poster.ts';

const faultEveryMs = 20_000;
const retrainEveryMs = 100_000;
const sampleEveryMs = 15_000;
const warmMs = 5 * 60_000;
const mbPerHourAtMost = 1;
/** Each half of the services must live longer than it counts as young, and be measured for a while. */
const measuredFromMinutes = 15;
/** The last items come when nothing is broken any more: what has survived must also work. */
const itemsAfterFaults = 500;
const usualRate = 150;
/** Of the trainings that the operator asks for; faults end some of them. */
const shareOfVersions = 0.5;
/** At the usual rate: a rollout waits for outcomes. */
const championsPerMinute = 0.15;
/** Outcomes of 10 % of this load come slowly. */
const rolloutWaitMs = 30_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '7' }, rate: { type: 'string', default: String(usualRate) }, folder: { type: 'string', default: join(tmpdir(), 'millrace-soak') }, report: { type: 'string' } } });
const minutes = wholeOption('minutes', values.minutes, 1);
const rate = wholeOption('rate', values.rate, 1);
const seed = wholeOption('seed', values.seed);
const leastVersions = Math.floor(((minutes * 60_000) / retrainEveryMs) * shareOfVersions);
const leastChampions = Math.floor(((minutes * rate) / usualRate) * championsPerMinute);
const random = new Random('soak', values.seed);
const heaps = join(values.folder, 'heaps');
rmSync(values.folder, { recursive: true, force: true });
mkdirSync(heaps, { recursive: true });
const deployment = new Deployment({
  folder: values.folder, workspace: 'soak', instances: 1, seed, rolloutWaitMs,
  environment: { MILLRACE_HEAP_FOLDER: heaps, MILLRACE_SEAL_MS: '5000' },
  // V8 learns for half an hour what is called how, and forgets code that is not: both would look like growth, or hide it.
  nodeOptions: ['--no-lazy-feedback-allocation', '--no-flush-bytecode', '--expose-gc', '--import', new URL('./drive/heap-probe.js', import.meta.url).href],
});
const started = performance.now();
const elapsed = (): number => performance.now() - started;
const note = (what: string): void => console.log(`${(elapsed() / 60_000).toFixed(2)} min  ${what}`);
const ending = new AbortController();
let poster: Poster | undefined;
endOnSignal(() => {
  ending.abort();
  poster?.stop();
  return deployment.stop();
});
const halves = [new Set(['ingestion', 'inference', 'trainer', 'registry']), new Set(['console', 'feature-store', 'monitor', 'deployer'])];
let faults = 0;
/** Ids of commands that were answered 202. */
const commands: string[] = [];
const context = { deployment, random, note, promised: (id: string) => void commands.push(id), signal: ending.signal };
async function injected(): Promise<boolean> {
  if (poster?.isStuck) return false;
  const half = halves[elapsed() < (minutes * 60_000) / 2 ? 0 : 1]!;
  const victim = random.pick(deployment.services.filter(({ name }) => half.has(name)));
  const kind = random.pick(['kill', 'kill', 'term', 'zombie', 'server'] as const);
  if (kind === 'server') return random.pick([broker, network, postgres, scoringChild]).inject(context);
  note(`${kind} ${victim.label}`);
  if (kind !== 'zombie') return victim.end(kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
  victim.pause();
  await delay(random.between(2000, 12_000));
  victim.resume();
  return true;
}
// A day of event time in about a minute at the usual rate: more, and the monitor would ask for trainings without end.
const items = orderLoad({ seed, orders: Math.ceil((minutes * 60 * rate) / 2.1), spacing: 30_000 });
const violations: string[] = [];
let found = { predictions: 0, versions: 0, completed: 0 };
try {
  await deployment.start();
  note(`started in ${values.folder}`);
  const posting = new Poster({ brokers: deployment.brokers, workspace: 'soak', ids: deployment.schemaIds, rate, random: new Random('post', values.seed), http: 0.2, door: () => deployment.door('ingestion') });
  poster = posting;
  const injecting = every(faultEveryMs, async () => {
    if (await injected()) faults++;
  });
  // The load turns once; what keeps versions coming for so long is an operator.
  let asked = 0;
  const retraining = every(retrainEveryMs, () => giveCommand(context, 'RETRAIN', { id: `soak-${++asked}`, why: 'versions are to come all the time' }));
  const sampling = every(sampleEveryMs, async () => {
    for (const { url, pid } of deployment.services) if (url !== undefined && pid !== undefined) process.kill(pid, 'SIGUSR2');
  });
  const watching = watchLoops(deployment, ending.signal).then((stands) => {
    if (stands === undefined) return;
    violations.push(`ended after ${Math.round(elapsed() / 1000)} s: ${stands}`);
    ending.abort();
    posting.stop();
  });
  let healedAt: number | undefined;
  const healed = async (): Promise<void> => {
    ending.abort();
    await Promise.all([injecting, retraining, sampling, watching]);
    await deployment.kafka.heal();
    await untilModelsMayBeAsked(deployment);
    healedAt = Date.now();
  };
  await posting.post(items, [{ before: Math.max(0, items.length - itemsAfterFaults), until: healed }]);
  // Also when it was ended early: what is paused or broken would never come to rest.
  if (healedAt === undefined) await healed();
  note(`posted ${posting.count}`);
  await settle(deployment, 180_000);
  await deployment.stopServices();
  violations.push(...deployment.late);
  const checked = await checkRun(deployment, posting.accepted, commands, healedAt);
  violations.push(...checked.violations);
  found = { predictions: checked.predictions, versions: checked.versions, completed: checked.completed };
} catch (error) {
  violations.push((error as Error).message);
} finally {
  ending.abort();
  await deployment.stop();
}
violations.push(...deployment.unasked);
const growths = heapGrowths(heaps, warmMs);
const measured = serviceNames.filter((name) => growths.some((growth) => growth.process.startsWith(`${name}-`)));
const steepest = Math.max(0, ...growths.map(({ objectsMbPerHour }) => objectsMbPerHour));
for (const growth of growths) console.log(`${growth.process.padEnd(20)} ${growth.objectsMbPerHour} MB/h (${growth.mbPerHour} with compiled code) over ${growth.minutes} min (${growth.firstMb} → ${growth.lastMb} MB, ${growth.externalMb} MB outside of the heap)`);
for (const violation of violations) console.log(`VIOLATED ${violation}`);
const checks = [
  { name: 'violations', ok: violations.length === 0, value: violations.length, limit: 0 },
  { name: 'versions', ok: found.versions >= leastVersions, value: found.versions, limit: leastVersions },
  { name: 'new champions', ok: found.completed >= leastChampions, value: found.completed, limit: leastChampions },
  ...(minutes < measuredFromMinutes ? [] : [{ name: 'services measured', ok: measured.length === serviceNames.length, value: measured.length, limit: serviceNames.length }]),
  { name: 'heap growth without compiled code, MB/h', ok: steepest <= mbPerHourAtMost, value: steepest, limit: mbPerHourAtMost },
];
const figures = { minutes, faults, accepted: poster?.accepted.eventIds.size ?? 0, ...found, aborted: abortedTransactions(join(values.folder, 'kafka', 'node-0', 'logs')), growths };
const report = { ok: checks.every(({ ok }) => ok), checks, figures };
console.log(JSON.stringify({ ...report, figures: { ...figures, growths: growths.length } }));
if (values.report) writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
process.exit(report.ok ? 0 : 1);

async function every(ms: number, act: () => Promise<unknown>): Promise<void> {
  while (!ending.signal.aborted) {
    await delay(ms, undefined, { signal: ending.signal }).catch(() => undefined);
    if (!ending.signal.aborted) await act().catch((error: unknown) => violations.push((error as Error).message));
  }
}
