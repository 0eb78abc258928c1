import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventIdOf } from '@millrace/contracts';
import { oneOfOption, refuseOptions, until, wholeOption } from '@millrace/testing';
import { checkRun } from '../check-run.ts';
import { dataFolder } from '../drive/data-folder.ts';
import { Deployment } from '../drive/deployment.ts';
import type { DrivenService } from '../drive/driven-service.ts';
import { serviceNames, type ServiceName } from '../drive/service-names.ts';
import { settle } from '../drive/settle.ts';
import { endOnSignal } from '../end-on-signal.ts';
import { quantile } from '../overload/figures.ts';
import { Random } from '../random.ts';
import { orderLoad, type Item } from '../workload/order-load.ts';
import { Poster } from '../workload/poster.ts';
import { Arrivals } from './arrivals.ts';
import { HttpClient } from './http-client.ts';

/*
 * How long predictions pause when a service ends: SIGKILL and SIGTERM of each service under steady load; a supervisor starts it
 * again, and with `--instances 2` (the default) a second one is there; and a rolling restart of all. With `--brokers 3` brokers are killed in place of services.
 * At the end the history is checked: nothing lost, nothing doubled.
 *
 *   node --conditions=@millrace/source test/faults/src/failover/failover.ts --instances 2 --runs 5 --report failover.json
 */
const { values } = parseArgs({
  options: { instances: { type: 'string' }, brokers: { type: 'string', default: '1' }, runs: { type: 'string', default: '5' }, rate: { type: 'string', default: '200' }, only: { type: 'string' }, rolling: { type: 'boolean', default: false }, report: { type: 'string' }, folder: { type: 'string' } },
});
const brokers = oneOfOption('brokers', values.brokers, ['1', '3']) === '3' ? 3 : 1;
const instances = oneOfOption('instances', values.instances ?? (brokers === 3 ? '1' : '2'), ['1', '2']) === '2' ? 2 : 1;
if (brokers === 3 && (instances === 2 || values.rolling || values.only)) refuseOptions('--brokers 3 kills brokers of a deployment with one instance of each service: leave out --instances 2, --rolling and --only');
const runs = wholeOption('runs', values.runs, 1);
const rate = wholeOption('rate', values.rate, 1);
const names = values.only?.split(',').map((name) => oneOfOption('only', name, serviceNames)) ?? serviceNames;
/** Services whose end can delay a prediction get all the runs, the others one: they show that it does not. */
const onPath = new Set<ServiceName>(['ingestion', 'feature-store', 'inference']);
const limits = { SIGKILL: 10_000, SIGTERM: 3000, broker: 20_000, rolling: 10_000 };
const titles = { SIGKILL: 'pause after SIGKILL of a service', SIGTERM: 'pause after SIGTERM', broker: 'pause after SIGKILL of one broker of three' };
const slots = 2;
/** What a prediction passes on its way, and how many partitions that has. */
const onWay: readonly (readonly [string, number])[] = [['failover.events.orders', 1], ['failover.event-ingested', 1], ['failover.feature-vectors.late-payment', slots], ['failover.predictions.late-payment', slots], ['__transaction_state', 8], ['__consumer_offsets', 8]];
const watchedMs = 6000;
const brokerWatchedMs = 15_000;
/** Event time runs so many times slower than in the fault runs: a training every minute and a half instead of all the time. */
const slower = 20;
/** Numbers that no order of the load has. */
const firstByHttp = 10_000_000;

const folder = values.folder ?? dataFolder('failover');
const deployment = new Deployment({ folder, workspace: 'failover', instances, brokers });
const pauses: (Partial<Pause> & { pauseMs: number; of: string; kind: keyof typeof titles })[] = [];
let rollingMs: number | undefined;
let violations: readonly string[];
let arrivals: Arrivals | undefined;
const stop = async (): Promise<void> => {
  arrivals?.close();
  await deployment.stop();
};
endOnSignal(stop);
try {
  await deployment.start();
  const poster = new Poster({ brokers: deployment.brokers, workspace: 'failover', ids: deployment.schemaIds, rate, random: new Random('failover'), http: 0, door: () => undefined });
  const posting = poster.post(orderLoad({ seed: 1, orders: 200_000, poison: 0 }).map(slowly));
  const watched = new Arrivals(deployment.brokers, 'failover.predictions.late-payment');
  arrivals = watched;
  const client = new HttpClient(() => deployment.all('ingestion').flatMap(({ url }) => url ?? []), (index) => ({ order: firstByHttp + index, customer: 'http', paidAt: Date.UTC(2026, 0, 1), late: false }));
  // Without its load nothing is measured: a load that cannot go on ends it at once.
  await Promise.race([measure(watched), posting.then(() => Promise.reject(new Error('the load has ended before the last pause was measured')))]);
  poster.stop();
  await Promise.all([posting, client.stop()]);
  for (const index of client.accepted) poster.accepted.eventIds.add(eventIdOf('payments', firstByHttp + index).toString('hex'));
  arrivals.close();
  await settle(deployment, 120_000);
  await deployment.stopServices();
  const checked = await checkRun(deployment, poster.accepted);
  violations = [...checked.violations, ...deployment.late, ...deployment.unasked];
  const kinds = (brokers === 3 ? ['broker' as const] : (['SIGKILL', 'SIGTERM'] as const)).map((kind) => {
    const of = pauses.filter((pause) => pause.kind === kind).map(({ pauseMs }) => pauseMs);
    return { kind, count: of.length, p50: Math.round(quantile(of, 0.5)), p95: Math.round(quantile(of, 0.95)), longest: Math.round(quantile(of, 1)) };
  });
  const http = { asked: client.asked, failed: client.failed, repeated: client.repeated, slowestMs: Math.round(client.slowestMs) };
  const figures = {
    instances, brokers, rate, predictions: checked.predictions, kinds,
    ...(rollingMs === undefined ? {} : { rollingMs: Math.round(rollingMs) }), http, pauses, violations,
  };
  const checks = [
    ...kinds.map(({ kind, p95 }) => ({ name: `${titles[kind]}, p95 ms`, ok: p95 <= limits[kind], value: p95, limit: limits[kind] })),
    ...(rollingMs === undefined ? [] : [{ name: 'longest pause of a rolling restart, ms', ok: rollingMs <= limits.rolling, value: Math.round(rollingMs), limit: limits.rolling }]),
    { name: 'HTTP requests that succeed', ok: http.failed <= 0.001 * http.asked, value: 1 - http.failed / http.asked, limit: 0.999 },
    { name: 'violations', ok: violations.length === 0, value: violations.length, limit: 0 },
  ];
  console.log(JSON.stringify({ checks, kinds, http, violations }, null, 2));
  if (values.report) writeFileSync(values.report, `${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks, figures }, null, 2)}\n`);
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
} finally {
  await stop();
}

function slowly(item: Item): Item {
  if (!('event' in item)) return item;
  const slow = (at: number): number => Date.UTC(2026, 0, 1) + Math.round((at - Date.UTC(2026, 0, 1)) / slower);
  return 'placedAt' in item.event ? { stream: 'orders', event: { ...item.event, placedAt: slow(item.event.placedAt) } } : { stream: 'payments', event: { ...item.event, paidAt: slow(item.event.paidAt) } };
}

/** Milliseconds from the signal, and the longest pause of predictions of any slot. */
interface Pause {
  readonly pauseMs: number;
  readonly endedMs: number;
  readonly listensMs: number;
  readonly runsMs: number;
}

/** Ends one service after the other, and watches predictions meanwhile. */
async function measure(watched: Arrivals): Promise<void> {
  await until(() => watched.times.size === slots, { what: 'predictions in all slots', timeoutMs: 180_000, everyMs: 200 });
  console.log(`predictions flow; data and logs in ${folder}`);
  if (brokers === 3) return measureBrokers(watched);
  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    for (const name of names) {
      for (let run = 0; run < (onPath.has(name) ? runs : 1); run++) {
        const pause = await pauseAfter(watched, deployment.all(name)[run % instances]!, signal);
        pauses.push({ of: name, kind: signal, ...pause });
        console.log(`${signal} ${name.padEnd(14)} pause ${pause.pauseMs} ms: ended after ${pause.endedMs} ms, listens after ${pause.listensMs} ms, all loops run after ${pause.runsMs} ms`);
      }
    }
  if (values.rolling) {
    const began = performance.now();
    for (const service of deployment.services.filter(({ name }) => names.includes(name))) {
      await service.end('SIGTERM');
      await until(() => service.url === undefined, { what: `the end of ${service.label}` }).catch(() => undefined);
      await untilRunning(service);
    }
    rollingMs = watched.longestPauseMs(began, performance.now());
    console.log(`rolling restart of ${names.join(', ')} in ${Math.round((performance.now() - began) / 1000)} s: longest pause ${Math.round(rollingMs)} ms`);
  }
}

/** Kills one broker after the other; each time all three are in step before. */
async function measureBrokers(watched: Arrivals): Promise<void> {
  const { cluster } = deployment.kafka;
  for (let run = 0; run < runs; run++) {
    for (const [topic, partitions] of onWay)
      for (let partition = 0; partition < partitions; partition++)
        await until(async () => (await cluster.inSyncOf(topic, partition)).length === 3, { what: `three replicas of ${topic}/${partition}`, timeoutMs: 120_000, everyMs: 200 });
    const at = performance.now();
    await cluster.node(run % 3).kill();
    // What was on its way arrives at once; the pause comes when the broker is missed.
    await watched.after(at + brokerWatchedMs, slots, 60_000);
    const pauseMs = Math.round(watched.longestPauseMs(at, performance.now()));
    pauses.push({ of: `broker ${run % 3}`, kind: 'broker', pauseMs });
    console.log(`SIGKILL broker ${run % 3}   pause ${pauseMs} ms`);
    await cluster.node(run % 3).start();
  }
}

/** Ends an instance and watches until it runs again. */
async function pauseAfter(arrivals: Arrivals, service: DrivenService, signal: 'SIGKILL' | 'SIGTERM'): Promise<Pause> {
  const at = performance.now();
  const since = (): number => Math.round(performance.now() - at);
  await service.end(signal);
  const endedMs = since();
  await until(() => service.url !== undefined, { what: `${service.label} again`, timeoutMs: 60_000, everyMs: 5 });
  const listensMs = since();
  await untilRunning(service);
  const runsMs = since();
  await arrivals.after(performance.now(), slots, 60_000);
  await delay(Math.max(1000, watchedMs - since()));
  return { pauseMs: Math.round(arrivals.longestPauseMs(at, performance.now())), endedMs, listensMs, runsMs };
}

/** The process is there again, and all its loops run. */
async function untilRunning(service: DrivenService): Promise<void> {
  await until(async () => (await service.get('health/ready')) !== undefined, { what: `${service.label} after its restart`, timeoutMs: 60_000, everyMs: 50 });
}
