import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventIngested, LabelObserved, ModelTrained, PredictionMade, RetrainRequested, TrainingStarted, eventIdOf } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';
import { RecordedService } from './recorded-service.ts';
import { Shop, definitionHash, model } from './shop.ts';
import { newCaller, traceparentOf, type Caller } from './trace-context.ts';

const services = ['ingestion', 'feature-store', 'inference', 'trainer'] as const;
const idOf = (order: number): Buffer => eventIdOf('orders', order);
const orderOf = (order: number) => ({ order, placedAt: Date.UTC(2026, 0, 1) + 1000 * order, amount: order % 7, items: order % 5 });

let folder: string;
let receiver: OtlpReceiver;
let shop: Shop;
const running = new Map<string, RecordedService>();

async function start(name: (typeof services)[number]): Promise<void> {
  running.set(name, await RecordedService.start(name, { ...shop.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }, join(folder, `${name}.modules`)));
}

/** The spans of a caller's trace once all the named ones have arrived, in the order of the names. */
async function spansOf({ traceId }: Caller, ...names: string[]): Promise<ReceivedSpan[]> {
  return until(
    () => {
      const spans = receiver.ofTrace(traceId);
      const found = names.map((name) => spans.find((span) => span.name === name));
      return found.every((span) => span !== undefined) && found;
    },
    { what: `spans ${names.join(', ')} of trace ${traceId}`, timeoutMs: 30_000 },
  );
}

const prediction = (order: number) => shop.record('predictions.<model>', PredictionMade, ({ eventId }) => eventId.equals(idOf(order)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-telemetry-'));
  receiver = await OtlpReceiver.start();
  shop = await Shop.open(join(folder, 'artifacts'));
  for (const name of services) await start(name);
  const ready = (service: RecordedService) => until(async () => (await service.ask('health/ready')).ok, { what: `${service.name} to be ready`, timeoutMs: 30_000 });
  await Promise.all([...running.values()].map(ready));
  await shop.route(running.get('inference')!);
}, 240_000);

afterAll(async () => {
  await Promise.allSettled([...running.values()].map((service) => service.end()));
  await shop?.close();
  await receiver?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe('with a collector', () => {
  it('one trace leads from the HTTP door to the committed prediction', async () => {
    const caller = newCaller();
    const posted = await running.get('ingestion')!.ask('events/orders', { method: 'POST', headers: { 'content-type': 'application/json', traceparent: caller.traceparent }, body: JSON.stringify(orderOf(1)) });
    expect(posted.status).toBe(202);

    const { headers } = await prediction(1);
    const chain = await spansOf(caller, 'POST /events/:stream', 'event-posted', 'event-ingested', 'vector-computed');
    expect(chain.map(({ service, kind }) => [service, kind])).toEqual([['ingestion', 2], ['ingestion', 5], ['feature-store', 5], ['inference', 5]]);
    expect(chain.map(({ parentSpanId }) => parentSpanId)).toEqual([caller.spanId, ...chain.slice(0, -1).map(({ spanId }) => spanId)]);
    expect(headers['traceparent']).toBe(traceparentOf(chain.at(-1)!));
  }, 60_000);

  it('one trace leads from the header of a producer to the committed prediction, each event in its own', async () => {
    const callers = [2, 3].map((order) => ({ order, caller: newCaller() }));
    await Promise.all(callers.map(({ order, caller }) => shop.post('orders', [orderOf(order)], caller)));
    for (const { order, caller } of callers) {
      const { headers } = await prediction(order);
      const chain = await spansOf(caller, 'event-posted', 'event-ingested', 'vector-computed');
      expect(chain.map(({ parentSpanId }) => parentSpanId)).toEqual([caller.spanId, ...chain.slice(0, -1).map(({ spanId }) => spanId)]);
      expect(headers['traceparent']).toBe(traceparentOf(chain.at(-1)!));
      const [posted] = chain;
      const batch = await until(() => receiver.spans.find(({ name, links }) => name === 'event-posted batch' && links.some(({ spanId }) => spanId === caller.spanId)), { what: 'the batch of the event', timeoutMs: 10_000 });
      expect(batch.traceId).not.toBe(posted!.traceId);
    }
  }, 60_000);

  it('a training is linked to the request that caused it, also when the trainer was killed in between, and its model carries the trace on', async () => {
    const caller = newCaller();
    const episode = 'e'.repeat(64);
    await shop.publish('retrain-requested', new RetrainRequested({ model, episode, trigger: 'manual', evidence: [], since: -62135596800000, newLabels: 150, championVersion: null, championBundle: null, definitionHash }), caller);
    const started = await shop.record('trainings', TrainingStarted);
    const [request] = await spansOf(caller, 'retrain-requested');
    await running.get('trainer')!.end('SIGKILL');
    await start('trainer');

    const orders = Array.from({ length: 200 }, (_, i) => 100 + i);
    await shop.post('orders', orders.map(orderOf));
    await shop.post('payments', orders.map((order) => ({ order, paidAt: orderOf(order).placedAt + 60_000, late: order % 7 > 3 !== (order % 11 === 0) })));
    await until(async () => (await shop.records('labels.<model>')).filter(({ event }) => event instanceof LabelObserved).length === orders.length, { what: 'all labels', timeoutMs: 60_000, everyMs: 200 });
    const trained = await shop.record('trainings', ModelTrained);

    const [training] = await spansOf(caller, 'train-model');
    expect([request!.service, training!.service]).toEqual(['trainer', 'trainer']);
    expect(request!.links).toEqual([expect.objectContaining({ traceId: caller.traceId, spanId: caller.spanId })]);
    expect(started.headers['traceparent']).toBe(traceparentOf(request!));
    expect(training!.links).toEqual([expect.objectContaining({ traceId: caller.traceId, spanId: request!.spanId })]);
    expect(trained.headers['traceparent']).toBe(traceparentOf(training!));
    // 200 events that nobody traces: no span of their own.
    expect(receiver.spans.filter(({ name }) => name === 'event-ingested').map(({ traceId }) => traceId)).toHaveLength(3);
  }, 120_000);
});

describe('without a collector', () => {
  it('no exporter is loaded and nothing of it is printed, and a trace goes through unchanged', async () => {
    const traced = running.get('ingestion')!;
    running.delete('ingestion');
    const { loaded: withEndpoint } = await traced.end();
    const sdk = (modules: string[]): string[] => modules.filter((url) => /opentelemetry\/(sdk-|exporter-|otlp-)/.test(url));
    expect(sdk(withEndpoint).length).toBeGreaterThan(0);

    const plain = await RecordedService.start('ingestion', shop.env, join(folder, 'plain.modules'));
    running.set('ingestion', plain);
    const caller = newCaller();
    await shop.post('orders', [orderOf(9)], caller);
    const ingested = await shop.record('event-ingested', EventIngested, ({ eventId }) => eventId.equals(idOf(9)));
    expect(ingested.headers['traceparent']).toBe(caller.traceparent);

    const { code, loaded } = await plain.end();
    expect(code).toBe(0);
    expect(loaded.length).toBeGreaterThan(0);
    expect(sdk(loaded)).toEqual([]);
    const lines = plain.output.trim().split('\n').map((line) => JSON.parse(line) as { level: string; text: string });
    expect(lines.filter(({ level, text }) => level !== 'info' || /telemetry|otlp|trace/i.test(text))).toEqual([]);
  }, 60_000);
});
