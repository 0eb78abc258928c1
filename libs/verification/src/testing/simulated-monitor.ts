import { PerformanceReported, type LabelObserved, type PredictionMade, type VectorComputed } from '@millrace/contracts';
import { decodeOwn } from '../avro/own-events.ts';
import type { LogRecord } from '../history/log-record.ts';
import type { MemoryLog } from './memory-log.ts';

const windowMs = 86_400_000;

/** Judges each window of each version once, as soon as all inputs of all slots have passed its end by the horizon, by what the log holds then. */
export class SimulatedMonitor {
  private readonly log: MemoryLog;
  private readonly model: string;
  private readonly slots: number;
  private readonly horizonMs: number;
  private readonly judged = new Set<string>();

  constructor(log: MemoryLog, { model, slots, horizonMs }: { model: string; slots: number; horizonMs: number }) {
    this.log = log;
    this.model = model;
    this.slots = slots;
    this.horizonMs = horizonMs;
  }

  *due(): Iterable<PerformanceReported> {
    const predictions = this.all<PredictionMade>('predictions');
    const reached = this.reached();
    for (const { version, eventTime } of predictions) {
      const windowStart = Math.floor(eventTime / windowMs) * windowMs;
      if (windowStart + windowMs + this.horizonMs > reached || this.judged.has(`${version}/${windowStart}`)) continue;
      this.judged.add(`${version}/${windowStart}`);
      yield this.report(version, windowStart, predictions);
    }
  }

  private reached(): number {
    const newest = (topic: string, slot: number, timeOf: (fields: never) => number): number => Math.max(-Infinity, ...this.of(topic, slot).map((fields) => timeOf(fields as never)));
    return Math.min(...Array.from({ length: this.slots }, (_, slot) => {
      const predictions = newest('predictions', slot, ({ eventTime }: PredictionMade) => eventTime);
      return Math.min(newest('feature-vectors', slot, ({ eventTime }: VectorComputed) => eventTime), newest('labels', slot, ({ laneTime }: LabelObserved) => laneTime), predictions === -Infinity ? Infinity : predictions);
    }));
  }

  private report(version: number, windowStart: number, predictions: readonly PredictionMade[]): PerformanceReported {
    const first = new Map<string, PredictionMade>();
    for (const each of predictions) if (!first.has(each.eventId.toString('hex'))) first.set(each.eventId.toString('hex'), each);
    const labels = new Map<string, LabelObserved>();
    for (const each of this.all<LabelObserved>('labels')) {
      const known = labels.get(each.eventId.toString('hex'));
      if (!known || each.labelTime > known.labelTime || (each.labelTime === known.labelTime && each.position > known.position)) labels.set(each.eventId.toString('hex'), each);
    }
    const scored = [...first].filter(([, each]) => each.version === version && each.score !== null && each.eventTime >= windowStart && each.eventTime < windowStart + windowMs);
    const joined = scored.flatMap(([id, { score, eventTime }]) => {
      const label = labels.get(id);
      return label && Math.abs(label.labelTime - eventTime) <= this.horizonMs ? [{ label: label.value, score: score! }] : [];
    });
    const mean = (of: (row: (typeof joined)[number]) => number): number => joined.reduce((sum, row) => sum + of(row), 0) / joined.length;
    return new PerformanceReported({
      model: this.model, version, role: 'CHAMPION', windowStart, windowEnd: windowStart + windowMs, predictions: scored.length, labelled: joined.length, violations: [], auc: Number.NaN,
      logLoss: mean(({ label, score }) => -Math.log(label === 1 ? score : 1 - score)), accuracy: mean(({ label, score }) => Number(score >= 0.5 === (label === 1))),
      meanPrediction: mean(({ score }) => score), rate: mean(({ label }) => label),
    });
  }

  private all<T>(topic: string): T[] {
    return Array.from({ length: this.slots }, (_, slot) => this.of(topic, slot)).flat() as T[];
  }

  private of(topic: string, slot: number): object[] {
    return this.log.records.get(`${topic}.${this.model}/${slot}`)!.filter(({ visible }: LogRecord) => visible).map(({ value }) => decodeOwn(value).fields as object);
  }
}
