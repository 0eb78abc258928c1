import type { SeenRecord } from '../check.ts';
import type { LogRange } from '../history/log-record.ts';
import { Column } from '../tables/column.ts';
import { IdTable } from '../tables/id-table.ts';
import { identity, type DeclaredModel, type DeclaredSet, type DeclaredSets } from './declared-sets.ts';
import { KnownLabels } from './known-labels.ts';
import { labelValue } from './label-value.ts';
import { Marks } from './marks.ts';

/** Repeats of an event count for nothing within this time after its acceptance, ms. */
const repeatMs = 3_600_000;

const ingested = 1;
const aborted = 2;
const counted = 4;

/** What one event of a lane asks for. */
export interface Asked {
  /** Whether it counts: no repeat within the hour. */
  readonly counted: boolean;
  readonly predictedBy: readonly DeclaredModel[];
  readonly judges: readonly DeclaredModel[];
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A lane: each ingested event by position with what must follow from it; some 60 bytes an event. */
export class LaneTable {
  readonly range: LogRange;
  readonly ids = new IdTable();
  /** By model: what was seen of each position. */
  readonly marks = new Map<string, Marks>();
  /** What the newest record asked for. */
  newest: Asked | undefined;
  private readonly declared: DeclaredSets;
  private readonly labels = new Map<string, KnownLabels>();
  private readonly flags = new Column(Uint8Array);
  private readonly numbers = new Column(Uint32Array);
  private readonly eventTimes = new Column(Float64Array);
  private readonly acceptances = new Column(Float64Array);
  private readonly times = new Column(Float64Array);
  /** By number of the id: newest acceptance that counted. */
  private readonly lastCounted = new Column(Float64Array);
  private readonly streams: string[] = [''];
  private readonly streamOf = new Column(Uint8Array);
  private highest = Number.NEGATIVE_INFINITY;
  /** Definitions in force. */
  set: DeclaredSet | undefined;

  constructor(range: LogRange, declared: DeclaredSets) {
    this.range = range;
    this.declared = declared;
  }

  take(record: SeenRecord): void {
    const { event } = record;
    const at = record.offset - this.range.low;
    this.newest = undefined;
    if (!record.visible) this.flags.mark(at, aborted);
    if (!event) return;
    if (event.stem === 'definition-activated') this.set = this.declared.learn(event.fields);
    if (event.stem !== 'event-ingested') return;
    const { stream, eventId, eventTime, acceptedAt, schemaId, payload } = event.fields;
    const number = this.ids.number(eventId);
    // Where older records have expired, the definitions in force are those of the newest record that is left.
    const set = this.set ?? this.declared.newest;
    const isCounted = this.counts(number, acceptedAt);
    this.flags.mark(at, ingested | (isCounted ? counted : 0));
    this.numbers.set(at, number);
    this.eventTimes.set(at, eventTime);
    this.acceptances.set(at, acceptedAt);
    this.times.set(at, record.timestamp);
    if (!this.streams.includes(stream)) this.streams.push(stream);
    this.streamOf.set(at, this.streams.indexOf(stream));
    const predictedBy = isCounted ? (set?.models.filter(({ predicts }) => predicts === stream) ?? []) : [];
    const judges = isCounted ? (set?.models.filter(({ label }) => label.from === stream) ?? []) : [];
    for (const { name } of predictedBy) this.marksOf(name).wantVector(at);
    const fields = this.declared.payload(stream, schemaId, payload);
    for (const model of judges) {
      const marks = this.marksOf(model.name);
      marks.wantLabel(at, isAlwaysKnown(model.label.value), fields ? judgedBy(model, fields, set!).readUInt32LE(12) : 0);
      const value = fields && labelValue(model.label.value, fields);
      if (value !== undefined) marks.expectLabel(at, value);
    }
    this.newest = { counted: isCounted, predictedBy, judges, fields };
  }

  vector(record: SeenRecord, isDue: boolean): void {
    const position = record.event!.fields.position as number;
    if (this.has(position)) this.marksOf(record.of).vector(position - this.range.low, record.offset, record.timestamp, isDue);
  }

  label(record: SeenRecord): void {
    const position = record.event!.fields.position as number;
    if (this.has(position)) this.marksOf(record.of).label(position - this.range.low);
    const { eventId, value, labelTime, laneTime } = record.event!.fields;
    const judged = this.ids.find(eventId);
    if (judged >= 0) this.knownLabels(record.of).add(judged, value, labelTime, laneTime);
  }

  /** Labels that came, by number of the judged event. */
  knownLabels(model: string): KnownLabels {
    let labels = this.labels.get(model);
    if (!labels) this.labels.set(model, (labels = new KnownLabels()));
    return labels;
  }

  /** Events of a model with vector and label that happened at this time or later. */
  labelled(model: string, since: number): number {
    const marks = this.marksOf(model);
    const labels = this.knownLabels(model);
    const seen = new Column(Uint8Array);
    let count = 0;
    for (let position = this.range.low; position < this.range.end; position++) {
      if (marks.vectors(position - this.range.low) === 0) continue;
      const number = this.number(position);
      // The first vector of an event is the one that counts.
      if (seen.get(number) > 0 || labels.count(number) === 0) continue;
      seen.set(number, 1);
      if (this.eventTime(position) >= since) count++;
    }
    return count;
  }

  /** Number of the id of an event. */
  number(position: number): number {
    return this.numbers.get(position - this.range.low);
  }

  prediction(record: SeenRecord): void {
    const position = record.event!.fields.position as number;
    if (this.has(position)) this.marksOf(record.of).prediction(position - this.range.low);
  }

  /** Older than what the broker keeps: nothing can be said of it. */
  isExpired(position: number): boolean {
    return position < this.range.low;
  }

  /** Whether an ingested event stands there. */
  has(position: number): boolean {
    return (this.flags.get(position - this.range.low) & ingested) !== 0;
  }

  isAborted(position: number): boolean {
    return (this.flags.get(position - this.range.low) & aborted) !== 0;
  }

  isCounted(position: number): boolean {
    return (this.flags.get(position - this.range.low) & counted) !== 0;
  }

  id(position: number): Buffer {
    return this.ids.at(this.numbers.get(position - this.range.low));
  }

  stream(position: number): string {
    return this.streams[this.streamOf.get(position - this.range.low)]!;
  }

  eventTime(position: number): number {
    return this.eventTimes.get(position - this.range.low);
  }

  acceptedAt(position: number): number {
    return this.acceptances.get(position - this.range.low);
  }

  /** Append time of the ingested event. */
  time(position: number): number {
    return this.times.get(position - this.range.low);
  }

  marksOf(model: string): Marks {
    let marks = this.marks.get(model);
    if (!marks) this.marks.set(model, (marks = new Marks()));
    return marks;
  }

  private counts(number: number, acceptedAt: number): boolean {
    const last = this.lastCounted.get(number);
    const isRepeat = last !== 0 && last >= this.highest - repeatMs && Math.abs(acceptedAt - last) <= repeatMs;
    if (isRepeat) return false;
    this.lastCounted.set(number, acceptedAt);
    if (acceptedAt > this.highest) this.highest = acceptedAt;
    return true;
  }
}

/** Whether an expression has a value whatever the fields are: comparisons, logic, sums and products of fields and numbers. */
export function isAlwaysKnown(expression: string): boolean {
  return /^[\w\s.()<>=!&|?:+*-]+$/.test(expression) && !/[A-Za-z_]\w*\s*\(|\bnull\b|NaN/.test(expression);
}

/** Id of the event that a label event judges, by its payload. */
function judgedBy({ predicts, label }: DeclaredModel, fields: Readonly<Record<string, unknown>>, set: DeclaredSet): Buffer {
  const kind = set.streams.find(({ name }) => name === label.from)?.fields.find(({ name }) => name === label.judges)?.kind;
  return identity(predicts, fields[label.judges], kind);
}
