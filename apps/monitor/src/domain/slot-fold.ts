import type { LabelObserved, PredictionMade, Role, VectorComputed } from '@millrace/contracts';
import { countingLabel, laterLabel, nothingKnown, type JoinedEvent } from './joined-event.ts';
import { WindowCell, armKey, cellKey, windowStartOf, type Arm } from './window-cell.ts';

/** How much later than the newest record of its topic a record may come and still count. */
export const latenessMs = 2 * 3_600_000;
const sweepMs = 3_600_000;
const nobody: Arm = { version: null, role: null };

/** What one arm answered since its newest epoch began in this slot. */
export interface ArmState {
  readonly version: number;
  readonly role: Role;
  readonly bundle: string;
  readonly rolloutId: string;
  readonly epoch: number;
  readonly ok: number;
  readonly fallback: number;
  readonly failed: number;
  readonly latencyMsSum: number;
  /** Window of its newest prediction. */
  readonly windowStart: number;
}

/** Newest time of each input, ms since epoch; -Infinity before its first record. */
export interface Clocks {
  vectors: number;
  predictions: number;
  labels: number;
}

/** All that the fold knows: what a snapshot holds. */
export interface FoldView {
  readonly clocks: Readonly<Clocks>;
  readonly sweptTo: number;
  readonly arms: ReadonlyMap<string, ArmState>;
  readonly cells: ReadonlyMap<string, WindowCell>;
  readonly events: ReadonlyMap<string, JoinedEvent>;
}
export interface FoldContents extends FoldView {
  clocks: Clocks;
  sweptTo: number;
  readonly arms: Map<string, ArmState>;
  readonly cells: Map<string, WindowCell>;
  readonly events: Map<string, JoinedEvent>;
}

interface Overwritten {
  readonly contents: Omit<FoldContents, 'cells' | 'events'>;
  readonly cells: Map<string, WindowCell | undefined>;
  readonly events: Map<string, JoinedEvent | undefined>;
  readonly changed: ReadonlySet<string>;
}

/**
 * Joins vectors, predictions and labels of a slot by event, and counts by arm and window.
 *
 * The three inputs are read in no fixed order, so everything here is a function of *what* was read of each: sums are whole numbers,
 * and lateness is judged by the clock of the input that a record came in. An event is forgotten when the clocks of all three
 * have passed its time by horizon and lateness: no record can count for it any more.
 */
export class SlotFold implements FoldView {
  /** Horizon of labels, ms; nothing is forgotten before it is known. */
  horizonMs = Infinity;
  /** Keys of the cells that changed since the owner last emptied it. */
  changed = new Set<string>();
  private readonly maximumEvents: number;
  private contents: FoldContents = { clocks: { vectors: -Infinity, predictions: -Infinity, labels: -Infinity }, sweptTo: -Infinity, arms: new Map(), cells: new Map(), events: new Map() };
  private overwritten: Overwritten | undefined;

  /** `maximumEvents`: bound of memory; beyond it the oldest events are given up before their time. */
  constructor(maximumEvents = 500_000) {
    this.maximumEvents = maximumEvents;
  }

  get cells(): ReadonlyMap<string, WindowCell> {
    return this.contents.cells;
  }

  get arms(): ReadonlyMap<string, ArmState> {
    return this.contents.arms;
  }

  get events(): ReadonlyMap<string, JoinedEvent> {
    return this.contents.events;
  }

  get clocks(): Readonly<Clocks> {
    return this.contents.clocks;
  }

  get sweptTo(): number {
    return this.contents.sweptTo;
  }

  /** How far the slot has read: time that all inputs have reached; predictions count once there are any. */
  get readTime(): number {
    const { vectors, predictions, labels } = this.contents.clocks;
    return Math.min(vectors, labels, predictions === -Infinity ? Infinity : predictions);
  }

  /** Time up to which events are joined: what all three inputs have reached. Without a prediction other slots may have some, and those of this one are on their way. */
  get slotTime(): number {
    const { vectors, predictions, labels } = this.contents.clocks;
    return Math.min(vectors, labels, predictions);
  }

  /** Windows that end before this time are settled; they stay only until they were summarised. */
  get settledTime(): number {
    return this.contents.sweptTo - this.horizonMs - latenessMs;
  }

  vector({ eventId, eventTime }: VectorComputed): void {
    const clocks = this.contents.clocks;
    clocks.vectors = Math.max(clocks.vectors, eventTime);
    if (eventTime >= clocks.vectors - this.horizonMs - latenessMs) {
      this.cell(nobody, windowStartOf(eventTime));
      const id = eventId.toString('latin1');
      const before = this.known(id);
      if (!before.hasVector) this.replace(id, before, { ...before, eventTime, hasVector: true });
    }
    this.sweep();
  }

  prediction(event: PredictionMade): void {
    const clocks = this.contents.clocks;
    clocks.predictions = Math.max(clocks.predictions, event.eventTime);
    const id = event.eventId.toString('latin1');
    const before = this.known(id);
    if (!before.prediction) {
      this.progress(event);
      if (event.eventTime >= clocks.predictions - this.horizonMs - latenessMs) {
        const { version, role, outcome, score, eventTime } = event;
        const isProbability = score !== null && score >= 0 && score <= 1;
        this.cell({ version, role }, windowStartOf(eventTime)).bundle = event.bundle;
        this.replace(id, before, { ...before, eventTime, prediction: { version, role, outcome, score: isProbability ? score : null } });
      }
    }
    this.sweep();
  }

  label({ eventId, value, labelTime, position, laneTime }: LabelObserved): void {
    const clocks = this.contents.clocks;
    clocks.labels = Math.max(clocks.labels, laneTime);
    if ((value === 0 || value === 1) && labelTime >= laneTime - latenessMs) {
      const id = eventId.toString('latin1');
      const before = this.known(id);
      const label = laterLabel(before.label, { value, labelTime, position, laneTime });
      if (label !== before.label) this.replace(id, before, { ...before, label });
    }
    this.sweep();
  }

  /** Begins to note what is overwritten. */
  begin(): void {
    const { clocks, sweptTo, arms } = this.contents;
    this.overwritten = { contents: { clocks: { ...clocks }, sweptTo, arms: new Map(arms) }, cells: new Map(), events: new Map(), changed: new Set(this.changed) };
  }

  keep(): void {
    this.overwritten = undefined;
  }

  undo(): void {
    const { overwritten } = this;
    if (!overwritten) return;
    this.overwritten = undefined;
    Object.assign(this.contents, overwritten.contents);
    putBack(overwritten.cells, this.contents.cells);
    putBack(overwritten.events, this.contents.events);
    this.changed = new Set(overwritten.changed);
  }

  /** Takes over what a snapshot held. */
  resume(contents: FoldContents): void {
    this.contents = contents;
    this.changed = new Set(contents.cells.keys());
  }

  private known(id: string): JoinedEvent {
    return this.contents.events.get(id) ?? nothingKnown;
  }

  private replace(id: string, before: JoinedEvent, after: JoinedEvent): void {
    this.countLabel(before, -1);
    if (!before.prediction && after.prediction) this.cell(after.prediction, windowStartOf(after.eventTime!)).predicted(after.prediction, 1);
    this.countLabel(after, 1);
    this.set(id, after);
    if (this.contents.events.size > this.maximumEvents) this.giveUpOldest();
  }

  private countLabel(event: JoinedEvent, sign: 1 | -1): void {
    const label = countingLabel(event, this.horizonMs);
    if (!label) return;
    const window = windowStartOf(event.eventTime!);
    if (!event.prediction) {
      if (event.hasVector) this.cell(nobody, window).unjudged(label.value, sign);
    } else if (event.prediction.score !== null) this.cell(event.prediction, window).judged(event.prediction.score, label.value, sign);
  }

  /** The cell, to be changed. */
  private cell({ version, role }: Arm, windowStart: number): WindowCell {
    const key = cellKey({ version, role }, windowStart);
    let cell = this.contents.cells.get(key);
    if (this.overwritten && !this.overwritten.cells.has(key)) this.overwritten.cells.set(key, cell?.clone());
    if (!cell) this.contents.cells.set(key, (cell = new WindowCell({ version, role }, windowStart)));
    this.changed.add(key);
    return cell;
  }

  private progress({ version, role, bundle, rolloutId, epoch, outcome, latencyMs, eventTime }: PredictionMade): void {
    const key = armKey({ version, role });
    const known = this.contents.arms.get(key);
    if (known && known.epoch > epoch) return;
    const before = known && known.epoch === epoch ? known : { ok: 0, fallback: 0, failed: 0, latencyMsSum: 0 };
    this.contents.arms.set(key, {
      version, role, bundle, rolloutId, epoch, windowStart: windowStartOf(eventTime),
      ok: before.ok + Number(outcome === 'OK'), fallback: before.fallback + Number(outcome === 'FALLBACK'), failed: before.failed + Number(outcome === 'FAILED'),
      latencyMsSum: before.latencyMsSum + latencyMs,
    });
  }

  private set(id: string, event: JoinedEvent | undefined): void {
    const { events } = this.contents;
    if (this.overwritten && !this.overwritten.events.has(id)) this.overwritten.events.set(id, events.get(id));
    if (event) events.set(id, event);
    else events.delete(id);
  }

  /** Forgets what is settled, once per hour of event time. */
  private sweep(): void {
    const { clocks, cells, events } = this.contents;
    const time = Math.floor(Math.min(clocks.vectors, clocks.predictions, clocks.labels) / sweepMs) * sweepMs;
    if (!(time > this.contents.sweptTo)) return;
    this.contents.sweptTo = time;
    for (const [id, event] of events) if (this.reference(event) < this.settledTime) this.set(id, undefined);
    for (const [key, cell] of cells) {
      if (cell.windowEnd >= this.settledTime || this.changed.has(key)) continue;
      if (this.overwritten && !this.overwritten.cells.has(key)) this.overwritten.cells.set(key, cell);
      cells.delete(key);
    }
  }

  /** Time from which on an event is judged to be settled. A label without its event may still see it within the horizon. */
  private reference({ eventTime, label }: JoinedEvent): number {
    return eventTime ?? label!.laneTime + this.horizonMs;
  }

  private giveUpOldest(): void {
    const byAge = [...this.contents.events].map(([id, event]) => ({ id, time: this.reference(event) })).sort((a, b) => a.time - b.time);
    for (const { id } of byAge.slice(0, Math.ceil(this.maximumEvents / 10))) this.set(id, undefined);
  }
}

function putBack<V>(overwritten: ReadonlyMap<string, V | undefined>, into: Map<string, V>): void {
  for (const [key, value] of overwritten) {
    if (value === undefined) into.delete(key);
    else into.set(key, value);
  }
}
