import {
  DefinitionActivated, DefinitionApplied, EventIngested, EventRejected, LabelObserved, PredictionMade, RouteAdopted, VectorComputed, WorkspaceCreated, boundedType, eventIdOf, murmur3, slotOf,
  type Event,
} from '@millrace/contracts';
import { decodeOwn } from '../avro/own-events.ts';
import { crc32c } from '../checks/record-batch.ts';
import type { FoldedEvent } from '../checks/folded-event.ts';
import { MemoryLog, transaction } from './memory-log.ts';
import { Seeded } from './seeded.ts';
import { ControlStory } from './control-story.ts';
import { SimulatedSummaries } from './simulated-summaries.ts';
import { SimulatedMonitor } from './simulated-monitor.ts';

export const model = 'late-order';
export const slots = 2;
const hash = 'd'.repeat(64);
const horizonMs = 2 * 3_600_000;
export const featureSet = 'f'.repeat(64);

const schemas = ['orders', 'outcomes'].map((stream, i) => ({
  stream, schemaId: 1000 + i,
  schema: JSON.stringify({ type: 'record', name: stream, namespace: 's', fields: [{ name: 'order', type: 'long' }, { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }, { name: 'amount', type: 'double' }] }),
}));
const types = new Map(schemas.map(({ schemaId, schema }) => [schemaId, boundedType(JSON.parse(schema) as object)]));
const streamOf = (name: string) => ({ name, id: 'order', eventTime: 'at', after: [], fields: [{ name: 'order', kind: 'whole' }, { name: 'at', kind: 'instant' }, { name: 'amount', kind: 'real' }] });
const definitions = JSON.stringify({
  streams: schemas.map(({ stream }) => streamOf(stream)),
  models: [{ name: model, predicts: 'orders', features: [{}, {}, {}, {}], featureSet, label: { from: 'outcomes', judges: 'order', value: 'outcomes.amount > 5', horizonMs } }],
});

/** What the simulated feature store computes: the amount, how many events came before, a value that is missing for some, and a text. */
export function simulatedFold(): (event: Pick<FoldedEvent, 'stream' | 'fields'>) => Record<string, (number | string)[]> | undefined {
  let before = 0;
  return ({ stream, fields }) => {
    const amount = fields['amount'] as number;
    const features = [Math.fround(amount), Math.fround(before / 3), amount > 5 ? Number.NaN : Math.fround(amount * amount), amount > 5 ? 'large' : 'small'];
    before++;
    return stream === 'orders' ? { [model]: features } : undefined;
  };
}

/** A small loop of one lane and two slots, run by a seed: posts, repeats, poison, aborted transactions, three rollouts, a rollback. */
export class SimulatedLoop {
  readonly log = new MemoryLog();
  readonly accepted: { topic: string; partition: number; offset: number }[] = [];
  private readonly random: Seeded;
  private readonly story: ControlStory;
  private readonly fold = simulatedFold();
  private readonly monitor = new SimulatedMonitor(this.log, { model, slots, horizonMs });
  private readonly counted = new Map<string, number>();
  private readonly read = { posts: new Map<string, number>(), ingested: 0, vectors: [0, 0] };
  private readonly adopted = [0, 0];
  private readonly outcomes = new Set<number>();
  private highest = 0;
  private order = 0;

  constructor(seed: number, events = 240) {
    this.random = new Seeded(seed);
    for (const topic of ['definitions', 'commands', 'retrain-requested', 'findings', 'trainings', 'model-versions', 'rollouts', 'serving', 'events-rejected', 'events.orders', 'events.outcomes', 'event-ingested']) this.log.open(topic, 0);
    for (const topic of ['feature-vectors', 'labels', 'predictions']) for (let slot = 0; slot < slots; slot++) this.log.open(`${topic}.${model}`, slot);
    const summaries = new SimulatedSummaries(this.log, model, slots);
    this.log.event('definitions', 0, new WorkspaceCreated({ lanes: 1, slots, createdAt: this.log.now }));
    this.log.event('definitions', 0, new DefinitionApplied({ hash, definitions, schemas, appliedAt: this.log.now, by: 'test' }));
    this.write([{ topic: 'event-ingested', partition: 0, event: new DefinitionActivated({ hash, definitions, schemas, appliedOffset: 1 }) }], 0);
    this.story = new ControlStory(this.log, this.random);
    this.postBatch();
    let judgedOn = 0;
    for (let posted = 0; posted < events; ) {
      const count = 1 + this.random.below(8);
      for (let i = 0; i < count; i++) this.post();
      posted += count;
      this.story.tell(posted / events);
      this.ingest();
      this.store();
      for (let slot = 0; slot < slots; slot++) this.infer(slot);
      for (let slot = 0; slot < slots; slot++) summaries.say(slot);
      const day = Math.floor((this.log.now - horizonMs) / 86_400_000);
      if (day !== judgedOn) this.judge();
      judgedOn = day;
      // However the dice fall, some days end.
      if (posted - count < events * 0.4 && posted >= events * 0.4) this.log.now += 30 * 3_600_000;
    }
    this.story.tell(1);
    for (let slot = 0; slot < slots; slot++) while (this.adopted[slot] !== this.story.route!.epoch) this.infer(slot);
    this.judge();
    summaries.compact();
  }

  private judge(): void {
    for (const report of this.monitor.due()) this.story.say('findings', report);
  }

  private post(): void {
    const { random, log } = this;
    // Now and then more than an hour passes: what comes twice counts again.
    log.now += random.chance(0.04) ? 4_000_000 + random.below(8 * 3_600_000) : 1 + random.below(1000);
    const isOutcome = this.order > 3 && random.chance(0.4);
    const stream = isOutcome ? 'outcomes' : 'orders';
    const number = isOutcome ? this.toJudge() : random.chance(0.08) && this.order > 0 ? 1 + random.below(this.order) : ++this.order;
    const body = types.get(isOutcome ? 1001 : 1000)!.toBuffer({ order: number, at: log.now - random.below(60_000), amount: random.next() * 10 });
    const frame = Buffer.alloc(5);
    frame.writeInt32BE(isOutcome ? 1001 : 1000, 1);
    const isPoison = random.chance(0.05);
    const value = isPoison ? random.bytes(random.below(40)) : Buffer.concat([frame, body]);
    const headers = random.chance(0.5) ? `traceparent=00-${number},note=a,b=c` : '';
    if (random.chance(0.03)) log.value(`events.${stream}`, 0, value, { visible: false });
    const { topic, partition, offset } = log.value(`events.${stream}`, 0, isPoison && random.chance(0.1) ? null : value, { key: String(number), headers });
    this.accepted.push({ topic, partition, offset });
  }

  /** Mostly an order that has no outcome yet. */
  private toJudge(): number {
    const any = 1 + this.random.below(this.order);
    if (this.random.chance(0.05)) return any;
    for (let i = 0; i < this.order; i++) {
      const order = 1 + ((any + i) % this.order);
      if (this.outcomes.has(order)) continue;
      this.outcomes.add(order);
      return order;
    }
    return any;
  }

  /** Three records in a batch that grows too large when it is inflated: it has one outcome. */
  private postBatch(): void {
    const { topic, partition, offset } = this.log.value('events.orders', 0, Buffer.of(1));
    for (let i = 1; i < 3; i++) this.log.value('events.orders', 0, Buffer.of(1));
    this.read.posts.set(topic, offset + 3);
    const batch = Buffer.alloc(80);
    batch.writeBigInt64BE(BigInt(offset), 0);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt8(2, 16);
    batch.writeInt32BE(2, 23);
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
    const source = { topic, partition, offset };
    this.write([{ topic: 'events-rejected', partition: 0, event: new EventRejected({ stream: 'orders', source, offsets: 3, cuts: [], code: 'COMPRESSED_BATCH_TOO_LARGE', reason: 'it grows', acceptedAt: this.log.now, key: null, value: batch, headers: {} }) }]);
  }

  private ingest(): void {
    const posts = ['events.orders', 'events.outcomes'].flatMap((topic) => this.log.records.get(`${topic}/0`)!.filter(({ offset, visible }) => visible && offset >= (this.read.posts.get(topic) ?? 0)));
    posts.sort((a, b) => a.timestamp - b.timestamp || a.offset - b.offset);
    for (const { topic, offset } of posts) this.read.posts.set(topic, offset + 1);
    this.log.now += 1;
    this.write(
      posts.map(({ topic, partition, offset, timestamp: acceptedAt, key, value, headers }) => {
        const stream = topic.slice('events.'.length);
        const source = { topic, partition, offset };
        try {
          const schemaId = value!.readInt32BE(1);
          const { order, at } = types.get(schemaId)!.fromBuffer(value!.subarray(5)) as { order: number; at: number };
          return { topic: 'event-ingested', partition: 0, event: new EventIngested({ stream, eventId: eventIdOf(stream, order), eventTime: at, acceptedAt, source, schemaId, payload: value!.subarray(5) }) };
        } catch {
          const named = headers.length > 0 ? { traceparent: headers.subarray(12, headers.indexOf(',')), note: Buffer.from('a'), b: Buffer.from('c') } : {};
          return { topic: 'events-rejected', partition: 0, event: new EventRejected({ stream, source, offsets: 1, cuts: [], code: 'NOT_AVRO', reason: 'no record', acceptedAt, key, value, headers: named } as never) };
        }
      }),
    );
  }

  private store(): void {
    const writes: { topic: string; partition: number; event: Event }[] = [];
    for (const record of this.log.records.get('event-ingested/0')!) {
      if (record.offset < this.read.ingested || !record.visible) continue;
      this.read.ingested = record.offset + 1;
      const { stream, eventId, eventTime, acceptedAt, schemaId, payload } = fieldsOf(record.value!);
      if (stream === undefined) continue;
      const last = this.counted.get(eventId.toString('hex'));
      if (last !== undefined && acceptedAt - last <= 3_600_000) continue;
      this.counted.set(eventId.toString('hex'), acceptedAt);
      const fields = types.get(schemaId)!.fromBuffer(payload) as { order: number; amount: number };
      const features = this.fold({ stream, fields: fields as never });
      const position = record.offset;
      this.highest = Math.max(this.highest, eventTime);
      if (features) {
        const [numeric, categorical] = [features[model]!.slice(0, 3) as number[], features[model]!.slice(3) as string[]];
        const vectors = [{ featureSet, numeric, categorical }];
        writes.push({ topic: `feature-vectors.${model}`, partition: slotOf(eventId, 0, slots), event: new VectorComputed({ model, eventId, entityKeys: [String(fields.order)], eventTime, acceptedAt, position, vectors }) });
      } else {
        const judged = eventIdOf('orders', fields.order);
        writes.push({ topic: `labels.${model}`, partition: slotOf(judged, 0, slots), event: new LabelObserved({ model, eventId: judged, value: Number(fields.amount > 5), labelTime: eventTime, position, laneTime: this.highest }) });
      }
    }
    this.log.now += 1;
    this.write(writes);
  }

  private infer(slot: number): void {
    const place = `feature-vectors.${model}/${slot}`;
    const route = this.story.route;
    const writes: { topic: string; partition: number; event: Event }[] = [];
    if (route && route.epoch > this.adopted[slot]! && this.random.chance(0.7)) {
      this.adopted[slot] = route.epoch;
      writes.push({ topic: 'serving', partition: 0, event: new RouteAdopted({ model, slot, instance: 'i', rolloutId: route.rolloutId, epoch: route.epoch, offset: this.read.vectors[slot]! }) });
    }
    const held = this.story.routes.find(({ epoch }) => epoch === this.adopted[slot]);
    for (const record of this.log.records.get(place)!) {
      if (record.offset < this.read.vectors[slot]! || !record.visible) continue;
      this.read.vectors[slot] = record.offset + 1;
      if (!held) continue;
      const { eventId, eventTime, acceptedAt, position } = fieldsOf(record.value!);
      const canary = held.arms.find(({ role }) => role === 'CANARY');
      const share = (murmur3(Buffer.concat([eventId, Buffer.from(held.rolloutId)])) / 2 ** 32) * 100;
      const { role, version, bundle } = canary && share < canary.weight ? canary : held.arms.find(({ role: each }) => each === 'CHAMPION')!;
      const failed = this.random.chance(0.05);
      const made = { model, eventId, eventTime, acceptedAt, position, role, version, bundle, epoch: held.epoch, rolloutId: held.rolloutId, latencyMs: 1 };
      const answer = failed ? ({ outcome: 'FAILED', score: null, failure: 'the model is gone' } as const) : ({ outcome: 'OK', score: this.random.next(), failure: null } as const);
      writes.push({ topic: `predictions.${model}`, partition: slot, event: new PredictionMade({ ...made, ...answer }) });
    }
    this.log.now += 1;
    this.write(writes);
  }

  private write(writes: readonly { topic: string; partition: number; event: Event }[], abortShare?: number): void {
    transaction(this.log, this.random, writes, abortShare);
  }
}

function fieldsOf(value: Buffer) {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  return decodeOwn(value).fields as any;
}
