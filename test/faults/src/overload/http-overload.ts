/**
 * What the HTTP door of ingestion does at twice its capacity. `node dist/overload/http-overload.js [--seconds 60] [--events 1]
 * [--report FILE]`: a broker and the service as processes, load from here in an open loop.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { positiveOption, wholeOption } from '@millrace/testing';
import { endOnSignal } from '../end-on-signal.ts';
import { atLeast, atMost, round, spread, type Check } from './figures.ts';
import { IngestionDoor } from './ingestion-door.ts';
import { MemoryWatch, processorMs, type MemoryFigures } from './memory-watch.ts';
import { openLoop, type Outcome } from './open-loop.ts';

export interface HttpOverloadOptions {
  /** Of the overload. Default 60. */
  readonly seconds?: number;
  /** Events per request. Default 1. */
  readonly events?: number;
  /** Requests per second, if known. Default: found by a ramp. */
  readonly capacity?: number;
  readonly onProgress?: (line: string) => void;
  /** Told how to end early what it has started. */
  readonly onStart?: (stop: () => Promise<unknown>) => void;
}

export interface HttpOverloadReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly figures: Readonly<Record<string, unknown>>;
}

const stepSeconds = 3;
const rampP99Ms = 100;

export async function httpOverload({ seconds = 60, events = 1, capacity, onProgress = () => undefined, onStart = () => undefined }: HttpOverloadOptions): Promise<HttpOverloadReport> {
  const opening = IngestionDoor.open();
  onStart(async () => (await opening).close());
  const door = await opening;
  const { port } = door.service;
  const accepted: number[] = [];
  let next = 0;
  const load = async (rate: number, forSeconds: number): Promise<Outcome[]> => {
    const outcomes = await openLoop({ port, rate, seconds: forSeconds, from: next, request: (index) => requestOf(index, events) });
    next += Math.floor(rate * forSeconds);
    for (const { status, index } of outcomes) if (status === 202) accepted.push(index);
    return outcomes;
  };
  try {
    await load(300, 3);
    const found = capacity ?? (await ramp(load, onProgress));
    const before = await load(found / 2, 5);
    const loadAverage = round(loadavg()[0]!, 2);
    onProgress(`capacity ${round(found)} requests/s; twice that for ${seconds} s (load average ${loadAverage})`);
    // What the runtime takes once for work of this kind is no growth: young generation, buffers of connections.
    await load(found * 2, Math.min(20, seconds / 2));
    const memory = new MemoryWatch(() => ({ ingestion: door.service.pid, broker: door.kafka.pid }));
    const ending = new AbortController();
    const health = askHealth(door, ending.signal);
    const processor = processorMs(door.service.pid);
    const during = await load(found * 2, seconds);
    const processorUsPerRequest = round(((processorMs(door.service.pid) - processor) * 1000) / during.length);
    ending.abort();
    const resident = memory.stop();
    const recovery = await recoveryOf(load, found / 2, spread(accepts(before)).p99);
    onProgress('reading back what was answered 202');
    const written = await door.written();
    const lost = accepted.flatMap((index) => idsOf(index, events)).filter((order) => !written.has(order)).length;
    return judge({ found, seconds, events, before, during, resident, health: await health, recovery, lost, accepted: accepted.length, loadAverage, processorUsPerRequest });
  } finally {
    await door.close();
  }
}

const accepts = (outcomes: readonly Outcome[]): number[] => outcomes.filter(({ status }) => status === 202).map(({ ms }) => ms);

/** The highest rate of which nothing is refused, at a bearable latency. A step that fails is tried once more: the machine may have stood still. */
async function ramp(load: (rate: number, seconds: number) => Promise<Outcome[]>, onProgress: (line: string) => void): Promise<number> {
  let best = 0;
  let failures = 0;
  for (let rate = 500; ; await delay(200)) {
    const outcomes = await load(rate, stepSeconds);
    const answered = accepts(outcomes);
    const { p99 } = spread(answered);
    onProgress(`${round(rate)} requests/s: ${round((answered.length / outcomes.length) * 100)} % accepted, p99 ${p99} ms`);
    if (answered.length >= outcomes.length * 0.99 && p99 <= rampP99Ms) {
      best = rate;
      failures = 0;
      rate *= 1.25;
    } else if (++failures === 2) return Math.max(best, answered.length / stepSeconds);
  }
}

/** Seconds of half the capacity until nothing is refused and the slowest hundredth is at most twice what it was before; NaN = not within 30. */
async function recoveryOf(load: (rate: number, seconds: number) => Promise<Outcome[]>, rate: number, normalP99: number): Promise<number> {
  for (let second = 1; second <= 30; second++) {
    const outcomes = await load(rate, 1);
    if (outcomes.every(({ status }) => status === 202) && spread(accepts(outcomes)).p99 <= Math.max(50, 2 * normalP99)) return second;
  }
  return NaN;
}

interface Measured {
  readonly found: number;
  readonly seconds: number;
  readonly events: number;
  readonly before: readonly Outcome[];
  readonly during: readonly Outcome[];
  readonly resident: Record<string, MemoryFigures>;
  readonly health: readonly number[];
  readonly recovery: number;
  readonly lost: number;
  readonly accepted: number;
  readonly loadAverage: number;
  readonly processorUsPerRequest: number;
}

function judge({ found, seconds, events, before, during, resident, health, recovery, lost, accepted, loadAverage, processorUsPerRequest }: Measured): HttpOverloadReport {
  const refused = during.filter(({ status }) => status === 429 || status === 503);
  const byStatus = Object.groupBy(during, ({ status }) => String(status));
  const goodput = accepts(during).length / seconds;
  const checks = [
    atMost('p99 of refusals, ms', spread(refused.map(({ ms }) => ms)).p99, 50),
    atMost('refusals without Retry-After', refused.filter(({ hasRetryAfter }) => !hasRetryAfter).length, 0),
    atMost('answers other than 202, 429 and 503', during.filter(({ status }) => ![202, 429, 503].includes(status)).length, 0),
    atLeast('goodput, share of the capacity', round(goodput / found, 3), 0.9),
    atMost('events answered 202 that are not in the topic', lost, 0),
    atMost('memory of ingestion, last half over the half before', resident['ingestion']!.lastHalfOverFirst, 1.1),
    atMost('health, slowest answer, ms', round(Math.max(...health)), 1000),
    atMost('normal again after, s', recovery, 30),
  ];
  const figures = {
    capacityPerSecond: round(found), offeredPerSecond: round(found * 2), goodputPerSecond: round(goodput), seconds, eventsPerRequest: events, acceptedInAll: accepted, loadAverage, processorUsPerRequest,
    statuses: Object.fromEntries(Object.entries(byStatus).map(([status, outcomes]) => [status, outcomes!.length])),
    acceptedMs: { before: spread(accepts(before)), during: spread(accepts(during)) }, refusedMs: spread(refused.map(({ ms }) => ms)), healthMs: spread(health), memoryMb: resident,
  };
  return { ok: checks.every(({ ok }) => ok), checks, figures };
}

async function askHealth(door: IngestionDoor, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const start = performance.now();
    await (await door.service.ask('health/live')).text();
    times.push(performance.now() - start);
    await delay(100);
  }
  return times;
}

const idsOf = (index: number, events: number): number[] => Array.from({ length: events }, (_, place) => index * events + place + 1);

function requestOf(index: number, events: number): string {
  const orders = idsOf(index, events).map((order) => `{"order":${order},"customer":"c${order % 100}","placedAt":${Date.UTC(2026, 0, 1) + order},"amount":${order % 97},"items":2}`);
  const body = events === 1 ? orders[0]! : `[${orders.join(',')}]`;
  return `POST /events/orders HTTP/1.1\r\nhost: door\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, events: { type: 'string', default: '1' }, capacity: { type: 'string' }, report: { type: 'string' } } });
  const { checks, figures, ok } = await httpOverload({ seconds: wholeOption('seconds', values.seconds, 1), events: wholeOption('events', values.events, 1), ...(values.capacity === undefined ? {} : { capacity: positiveOption('capacity', values.capacity) }), onProgress: (line) => console.error(line), onStart: endOnSignal });
  for (const { name, ok: held, value, limit } of checks) console.log(`${held ? 'held  ' : 'missed'}  ${name}: ${value} (goal ${limit})`);
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify({ ok, checks, figures }, null, 2)}\n`);
  process.exitCode = ok ? 0 : 1;
}
