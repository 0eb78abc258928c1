import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@millrace/testing';
import { dataFolder } from '../drive/data-folder.ts';
import { Deployment } from '../drive/deployment.ts';
import type { DrivenService } from '../drive/driven-service.ts';
import type { ServiceName } from '../drive/service-names.ts';
import { residentMb } from '../overload/memory-watch.ts';
import { Random } from '../random.ts';
import { exchange, type Exchange } from './http-exchange.ts';
import { attack, quickKinds, slowKinds, type AttackKind, type Route } from './http-requests.ts';

export interface HttpFuzzOptions {
  /** Attacks in all; a fiftieth of them are slow. */
  readonly runs: number;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
  /** Told how to end early what it has started. */
  readonly onStart?: (stop: () => Promise<unknown>) => void;
  /** What the services allow a request to take, ms; their default is 10,000. */
  readonly requestMs?: number;
  /** How long `GET /health/live` may take, ms. Default 1000, for a machine that has nothing else to do. */
  readonly healthMs?: number;
}

export interface HttpFuzzReport {
  readonly ok: boolean;
  readonly seed: number;
  readonly runs: number;
  /** What must not be, with what shows it; at most 50. */
  readonly violations: readonly { readonly rule: string; readonly service: string; readonly kind: AttackKind | null; readonly run: number | null; readonly detail: string }[];
  /** How often each status came, per kind of attack; `none` = the connection was ended without an answer. */
  readonly statuses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly health: { readonly asked: number; readonly slowestMs: number };
  readonly slowestMs: number;
  /** Resident memory per service, MB: after half of the runs, and at the end. */
  readonly memory: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
}

const routes: Readonly<Record<ServiceName, readonly Route[]>> = {
  'console': [{ method: 'POST', path: '/definitions' }, { method: 'POST', path: '/commands' }, { method: 'GET', path: '/definitions' }, { method: 'GET', path: '/streams' }, { method: 'GET', path: '/streams/orders' }, { method: 'GET', path: '/models/late-payment' }, { method: 'GET', path: '/models/late-payment/timeline' }, { method: 'GET', path: '/models/late-payment/adoption?epoch=1' }],
  'ingestion': [{ method: 'POST', path: '/events/orders' }, { method: 'POST', path: '/events/payments' }, { method: 'POST', path: '/events/nothing' }],
  'feature-store': [{ method: 'GET', path: '/health/ready' }],
  'inference': [{ method: 'GET', path: '/routes' }],
  'monitor': [{ method: 'GET', path: '/performance/late-payment' }],
  'trainer': [{ method: 'GET', path: '/health/live' }],
  'registry': [{ method: 'POST', path: '/rebuild' }, { method: 'GET', path: '/models' }, { method: 'GET', path: '/models/late-payment/versions/1' }],
  'deployer': [{ method: 'GET', path: '/rollouts/late-payment' }],
};
const everywhere: Route = { method: 'GET', path: '/status' };
const growthMb = 64;
/** Any answer, or the end of the connection, comes within this: 10 s for the request, and what it takes to look and to answer. */
const limitMs = 12_000;
const inside = /node_modules|\/dist\/|\/src\/|file:\/\/|\.[jt]s:\d+|\n\s+at |\bat \w+ \(/;

/** Attacks the doors of all services with what no client of good will sends, and watches that they live, answer as planned and forget. */
export async function fuzzHttp({ runs, seed, onProgress = () => undefined, onStart = () => undefined, requestMs = 10_000, healthMs = 1000 }: HttpFuzzOptions): Promise<HttpFuzzReport> {
  const folder = dataFolder('http');
  const deployment = new Deployment({ folder, workspace: `h${seed}`, instances: 1, environment: { MILLRACE_HTTP_TIMEOUT_MS: String(requestMs) } });
  onProgress('starting all services');
  const starting = deployment.start();
  const stop = async (): Promise<void> => {
    await starting.catch(() => undefined);
    await deployment.stop();
    await rm(folder, { recursive: true, force: true });
  };
  onStart(stop);
  try {
    await starting;
    return await new HttpFuzz(deployment, { seed, healthMs }).run(runs, onProgress);
  } finally {
    await stop();
  }
}

class HttpFuzz {
  private readonly violations: HttpFuzzReport['violations'][number][] = [];
  private readonly statuses: Record<string, Record<string, number>> = {};
  private readonly health = { asked: 0, slowestMs: 0 };
  private readonly deployment: Deployment;
  private readonly seed: number;
  private readonly healthMs: number;
  private slowestMs = 0;

  constructor(deployment: Deployment, { seed, healthMs }: { seed: number; healthMs: number }) {
    this.deployment = deployment;
    this.seed = seed;
    this.healthMs = healthMs;
  }

  async run(runs: number, onProgress: (line: string) => void): Promise<HttpFuzzReport> {
    const services = this.deployment.services;
    const before = new Map<string, number>();
    const stop = new AbortController();
    const watch = this.watchHealth(stop.signal);
    let next = 0;
    const client = async (slow: boolean): Promise<void> => {
      for (let run = next++; run < runs; run = next++) {
        await this.attack(run, slow);
        if (run === Math.floor(runs / 2)) for (const service of services) before.set(service.name, memoryOf(service));
        if (run > 0 && run % Math.ceil(runs / 10) === 0) onProgress(`${run} of ${runs} attacks, ${this.violations.length} violations`);
      }
    };
    // Slow clients hold their connections all the while; nobody else may notice.
    const slowClients = Array.from({ length: 8 }, () => client(true));
    await Promise.all([...slowClients, ...Array.from({ length: 12 }, () => client(false))]);
    stop.abort();
    await watch;
    const memory: Record<string, { before: number; after: number }> = {};
    for (const service of services) {
      const first = before.get(service.name) ?? 0;
      // What a collection has not yet come to is no growth.
      const after = await until(() => (memoryOf(service) - first <= growthMb ? memoryOf(service) : undefined), { what: 'memory', timeoutMs: 10_000, everyMs: 500 }).catch(() => memoryOf(service));
      memory[service.name] = { before: first, after };
      if (after - first > growthMb) this.violate('memory', service, null, null, `${first} → ${after} MB`);
      for (const unasked of service.unasked) this.violate('lives', service, null, null, unasked);
      await until(async () => (await service.get<{ door: { requests: number; bytes: number } }>('status'))?.door.bytes === 0, { what: 'forgotten bodies', timeoutMs: 15_000 }).catch(() => this.violate('forgets', service, null, null, 'bytes of bodies are still counted'));
    }
    const { violations, statuses, health, slowestMs } = this;
    return { ok: violations.length === 0, seed: this.seed, runs, violations: violations.slice(0, 50), statuses, health: { ...health, slowestMs: Math.round(health.slowestMs) }, slowestMs: Math.round(slowestMs), memory };
  }

  private async attack(run: number, slow: boolean): Promise<void> {
    const random = new Random('http', this.seed, run);
    // The doors that take bodies get most of it.
    const name = random.chance(0.7) ? random.pick<ServiceName>(['ingestion', 'console']) : random.pick(Object.keys(routes) as ServiceName[]);
    const service = this.deployment.all(name)[0]!;
    const kind = slow && random.chance(0.5) ? random.pick(slowKinds) : random.pick(quickKinds);
    const { writes, answers } = attack(kind, random, random.chance(0.9) ? random.pick(routes[name]) : everywhere);
    if (service.url === undefined) return;
    this.judge(run, kind, service, await exchange({ port: Number(new URL(service.url).port), writes, answers, limitMs }));
  }

  private judge(run: number, kind: AttackKind, service: DrivenService, { statuses, text, ms, answerMs, end }: Exchange): void {
    const counts = (this.statuses[kind] ??= {});
    for (const status of statuses.length > 0 ? statuses : [end === 'left' ? 'left' : 'none']) counts[status] = (counts[status] ?? 0) + 1;
    this.slowestMs = Math.max(this.slowestMs, ms);
    const wrong = statuses.find((status) => status >= 500 && status !== 503);
    if (wrong !== undefined) this.violate('no 5xx but 503', service, kind, run, text.slice(0, 400));
    if (statuses.includes(503) && !/retry-after: \d+/i.test(text)) this.violate('503 has Retry-After', service, kind, run, text.slice(0, 400));
    if (inside.test(text)) this.violate('nothing from inside', service, kind, run, text.slice(0, 600));
    if (statuses.some((status) => status >= 400) && !/"code":"[A-Z_]+"/.test(text) && !isWithoutBody(kind)) this.violate('errors have a code', service, kind, run, text.slice(0, 400));
    if (end === 'timeout') this.violate('answered or ended in time', service, kind, run, `${Math.round(ms)} ms, ${Math.round(answerMs)} ms since the last byte: ${text.slice(0, 200)}`);
  }

  /** Asks each service in turn, all the while. */
  private async watchHealth(signal: AbortSignal): Promise<void> {
    const ask = async (service: DrivenService): Promise<void> => {
      while (!signal.aborted) {
        const start = performance.now();
        const healthy = await fetch(`${service.url}/health/live`, { signal: AbortSignal.timeout(2 * this.healthMs) }).then((answer) => answer.text().then(() => answer.ok), () => false);
        const ms = performance.now() - start;
        this.health.asked++;
        this.health.slowestMs = Math.max(this.health.slowestMs, ms);
        if (!healthy || ms > this.healthMs) this.violate('health in time', service, null, null, `${healthy ? 'answered' : 'not answered'} after ${Math.round(ms)} ms`);
        await delay(100);
      }
    };
    await Promise.all(this.deployment.services.map(ask));
  }

  private violate(rule: string, service: DrivenService, kind: AttackKind | null, run: number | null, detail: string): void {
    this.violations.push({ rule, service: service.name, kind, run, detail });
  }
}

/** HEAD has none. */
function isWithoutBody(kind: AttackKind): boolean {
  return kind === 'method';
}

const memoryOf = ({ pid }: DrivenService): number => (pid === undefined ? 0 : residentMb(pid));
