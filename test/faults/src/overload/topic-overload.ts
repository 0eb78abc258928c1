/**
 * What the chain of ingestion, feature store and inference does when events come twice as fast as it can answer them in time.
 * `node dist/overload/topic-overload.js [--seconds 60] [--report FILE]`: a broker and the services as processes.
 *
 * The capacity is the highest rate at which the chain stays less than a second behind (Site Reliability Engineering, chapter 21: the
 * rate that is still served as promised). Larger batches let it do more when it lags, and only by that can it ever catch up: with a
 * rate S while it lags, an overload of 2 C for T seconds leaves T (2 C - S) events, which take T (2 C - S) / S seconds.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { positiveOption, until, wholeOption } from '@millrace/testing';
import { endOnSignal } from '../end-on-signal.ts';
import { Chain, chainServices } from './chain.ts';
import { atLeast, atMost, round, type Check } from './figures.ts';
import { MemoryWatch, processorMs } from './memory-watch.ts';

export interface TopicOverloadOptions {
  /** Of the overload. Default 60. */
  readonly seconds?: number;
  /** Events per second, if known. Default: found by a ramp. */
  readonly capacity?: number;
  readonly onProgress?: (line: string) => void;
  /** Told how to end early what it has started. */
  readonly onStart?: (stop: () => Promise<unknown>) => void;
}

export interface TopicOverloadReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly figures: Readonly<Record<string, unknown>>;
}

const stepSeconds = 8;
const patienceMs = 300_000;

export async function topicOverload({ seconds = 60, capacity, onProgress = () => undefined, onStart }: TopicOverloadOptions): Promise<TopicOverloadReport> {
  const chain = await Chain.open(onProgress, onStart);
  try {
    await chain.load(500, 5);
    await drained(chain);
    const found = capacity ?? (await ramp(chain, onProgress));
    await drained(chain);
    const loadAverage = round(loadavg()[0]!, 2);
    onProgress(`capacity ${round(found)} events/s; twice that for ${seconds} s (load average ${loadAverage})`);
    // What the runtime takes once for work of this kind is no growth: young generation, buffers of fetches.
    await chain.load(2 * found, Math.min(20, seconds / 2));
    await drained(chain);
    const memory = new MemoryWatch(() => chain.pids());
    const processor = processorTimes(chain);
    const lags: Record<string, number>[] = [];
    const watching = new AbortController();
    const watch = watchLag(chain, lags, watching.signal);
    await chain.load(2 * found, seconds);
    const resident = memory.stop();
    const fell = performance.now();
    const behind = await known(chain);
    await drained(chain);
    const drainSeconds = round((performance.now() - fell) / 1000);
    watching.abort();
    const processorUsPerEvent = Object.fromEntries(Object.entries(processorTimes(chain)).map(([name, ms]) => [name, round(((ms - processor[name]!) * 1000) / (2 * found * seconds))]));
    await watch;
    onProgress(`${behind} events behind when the load fell, none ${drainSeconds} s later; reading back`);
    const { lost, doubled, predicted } = await chain.outcome();
    const unasked = chain.deployment.services.flatMap((service) => service.unasked);
    const checks = [
      atLeast('events behind when the load fell', behind, 1),
      atMost('acknowledged events without a prediction', lost, 0),
      atMost('events with several predictions', doubled, 0),
      atMost('services that ended', unasked.length, 0),
      ...chainServices.map((name) => atMost(`memory of ${name}, last half over the half before`, resident[name]!.lastHalfOverFirst, 1.1)),
      atMost('lag gone after, s', drainSeconds, 30),
    ];
    const figures = {
      capacityPerSecond: round(found), offeredPerSecond: round(2 * found), seconds, behind, drainSeconds, drainedPerSecond: round(behind / drainSeconds), answeredPerSecondMeanwhile: round((2 * found * seconds - behind) / seconds),
      posted: chain.acknowledged.length, predicted, loadAverage, processorUsPerEvent, lag: lags, memoryMb: resident,
    };
    return { ok: checks.every(({ ok }) => ok), checks, figures };
  } finally {
    await chain.close();
  }
}

/** Processor time of each process so far, ms. */
function processorTimes(chain: Chain): Record<string, number> {
  return Object.fromEntries([...Object.entries(chain.pids()), ['load', process.pid] as const].map(([name, pid]) => [name, processorMs(pid!)]));
}

const total = (backlog: Readonly<Record<string, number>>): number => Object.values(backlog).reduce((sum, waiting) => sum + waiting, 0);

/** Events behind; a service that is busy does not answer in time now and then. */
async function known(chain: Chain): Promise<number> {
  return until(async () => {
    const behind = total(await chain.backlog());
    return !Number.isNaN(behind) && behind;
  }, { what: 'answer of all services', timeoutMs: patienceMs, everyMs: 100 });
}

async function drained(chain: Chain): Promise<void> {
  const start = performance.now();
  // Twice: what has left one service may not yet be counted before the next.
  for (let empty = 0; empty < 3; await delay(100)) {
    empty = total(await chain.backlog()) === 0 ? empty + 1 : 0;
    if (performance.now() - start > patienceMs) throw new Error(`the chain is still ${JSON.stringify(await chain.backlog())} behind`);
  }
}

/** The highest rate at which the chain is less than a second behind after some seconds of it. */
async function ramp(chain: Chain, onProgress: (line: string) => void): Promise<number> {
  let best = 500;
  for (let rate = 1000; ; rate *= 1.3) {
    await chain.load(rate, stepSeconds);
    const behind = total(await chain.backlog());
    onProgress(`${round(rate)} events/s: ${behind} behind`);
    await drained(chain);
    // NaN: a service does not answer within seconds, and is behind.
    if (Number.isNaN(behind) || behind > rate) return best;
    best = rate;
  }
}

async function watchLag(chain: Chain, lags: Record<string, number>[], signal: AbortSignal): Promise<void> {
  const start = performance.now();
  while (!signal.aborted) {
    lags.push({ atSeconds: round((performance.now() - start) / 1000), ...(await chain.backlog()) });
    await delay(2000);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, capacity: { type: 'string' }, report: { type: 'string' } } });
  const { checks, figures, ok } = await topicOverload({ seconds: wholeOption('seconds', values.seconds, 1), ...(values.capacity === undefined ? {} : { capacity: positiveOption('capacity', values.capacity) }), onProgress: (line) => console.error(line), onStart: endOnSignal });
  for (const { name, ok: held, value, limit } of checks) console.log(`${held ? 'held  ' : 'missed'}  ${name}: ${value} (goal ${limit})`);
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify({ ok, checks, figures }, null, 2)}\n`);
  process.exitCode = ok ? 0 : 1;
}
