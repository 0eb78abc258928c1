import { MillraceError, eventIdOf } from '@millrace/contracts';

import { Evaluation } from './evaluation.ts';
import { hashLane } from './lane-hash.ts';
import { readLane, writeLane, type LaneContent } from './lane-snapshot.ts';
import type { AskPlan, LaneEvent, LanePlan, StreamPlan } from './plan.ts';
import { RecentIds } from './recent-ids.ts';
import type { TileSet } from './tile-set.ts';
import { UndoLog } from './undo-log.ts';
import { ViewState } from './view-state.ts';

/** Features of an event that a model predicts, as they were known at its time. */
export interface Vector {
  readonly model: string;
  readonly eventId: Buffer;
  readonly entityKeys: readonly string[];
  readonly eventTime: number;
  readonly acceptedAt: number;
  readonly position: number;
  /** `numeric` holds float32 values, NaN = missing. */
  readonly vectors: readonly { readonly featureSet: string; readonly numeric: readonly number[]; readonly categorical: readonly string[] }[];
}

/** Outcome of an event that a model predicts. */
export interface Label {
  readonly model: string;
  /** The judged event. */
  readonly eventId: Buffer;
  readonly value: number;
  readonly labelTime: number;
  readonly position: number;
  readonly laneTime: number;
}

/**
 * State of a lane: a pure function of the events (and plans) that went through it, in their order. For each event: drop it if it is a
 * repeat, ask, judge, then learn.
 *
 * @example
 * if (!lane.isRepeat(event.eventId, event.acceptedAt)) {
 *   emit(lane.asks(event), lane.judges(event));
 *   lane.learn(event);
 * }
 */
export class LaneState {
  /** Since this object was made: repeats dropped, facts too old to count, expressions that failed. No part of the state. */
  readonly counts = { repeats: 0, late: 0, failures: 0 };
  private plan: LanePlan | undefined;
  private streams = new Map<string, StreamPlan>();
  private views: readonly ViewState[] = [];
  private readonly ids = new RecentIds();
  /** Highest event time, ms since epoch. */
  private highest = Number.NEGATIVE_INFINITY;
  private log: UndoLog | undefined;
  private version = 0;
  private current: { event: LaneEvent; evaluation: Evaluation } | undefined;

  constructor(plan: LanePlan | undefined) {
    if (plan) this.activate(plan);
  }

  /** SHA-256 of the definitions in force. */
  get definitions(): string | undefined {
    return this.plan?.hash;
  }

  /** Highest event time seen, ms since epoch; -Infinity before the first event. */
  get laneTime(): number {
    return this.highest;
  }

  /** From here on a plan holds. Views that it defines as before keep their tiles, others begin empty. */
  activate(plan: LanePlan): void {
    const { plan: before, streams, views } = this;
    this.log?.record(() => Object.assign(this, { plan: before, streams, views, current: undefined }));
    const known = new Map(views.map((view) => [view.plan.key, view]));
    this.plan = plan;
    this.streams = new Map(plan.streams.map((stream) => [stream.name, stream]));
    // The slots of a view's expressions may differ between plans even where its definition does not.
    this.views = plan.views.map((view) => known.get(view.key)?.under(view) ?? new ViewState(view));
    this.current = undefined;
    this.version++;
  }

  /** Whether the event is a repeat, to be dropped; counts it. */
  isRepeat(eventId: Uint8Array, acceptedAt: number): boolean {
    const repeat = this.ids.has(eventId, acceptedAt);
    if (repeat) this.counts.repeats++;
    return repeat;
  }

  /** Vectors of the models that predict the event. */
  asks(event: LaneEvent): Vector[] {
    const stream = this.streams.get(event.stream);
    if (!stream || stream.asks.length === 0) return [];
    const evaluation = this.evaluate(stream, event);
    return stream.asks.map((ask) => ({
      model: ask.model,
      eventId: bufferOf(event.eventId),
      entityKeys: ask.entities.map((slot) => evaluation.text(slot) ?? ''),
      eventTime: event.eventTime,
      acceptedAt: event.acceptedAt,
      position: event.position,
      vectors: [this.vector(ask, evaluation, event.eventTime)],
    }));
  }

  /** Labels that the event brings. */
  judges(event: LaneEvent): Label[] {
    const stream = this.streams.get(event.stream);
    if (!stream || stream.judges.length === 0) return [];
    const evaluation = this.evaluate(stream, event);
    const laneTime = Math.max(this.highest, event.eventTime);
    const labels: Label[] = [];
    for (const { model, predicts, judged, value: slot } of stream.judges) {
      const value = evaluation.number(slot);
      // Without an outcome nothing is judged; the failure is counted.
      if (Number.isNaN(value)) continue;
      labels.push({ model, eventId: eventIdOf(predicts, judged(event.fields)), value, labelTime: event.eventTime, position: event.position, laneTime });
    }
    return labels;
  }

  /** Updates the views that the event feeds. */
  learn(event: LaneEvent): void {
    this.version++;
    const stream = this.streams.get(event.stream);
    if (stream) {
      const evaluation = this.evaluate(stream, event);
      for (const view of this.views) {
        if (view.plan.from !== event.stream) continue;
        if (!view.learn(evaluation, event.eventTime, this.highest, this.log)) this.counts.late++;
      }
      this.counts.failures += evaluation.failures;
    }
    this.current = undefined;
    const undo = this.ids.add(event.eventId, event.acceptedAt);
    this.log?.record(undo);
    if (event.eventTime > this.highest) this.highest = event.eventTime;
    if (!this.log) this.evict();
  }

  /** Begins to note what is overwritten, until one of the two is called. */
  journal(): { commit(): void; undo(): void } {
    if (this.log) throw new MillraceError('JOURNAL_OPEN', 'a journal of this lane is open already');
    const log = (this.log = new UndoLog());
    const { highest } = this;
    const counts = { ...this.counts };
    const close = (): void => {
      if (this.log !== log) throw new MillraceError('JOURNAL_CLOSED', 'this journal was committed or undone before');
      this.log = undefined;
      this.version++;
    };
    return {
      commit: () => {
        close();
        this.evict();
      },
      undo: () => {
        close();
        log.undo();
        this.highest = highest;
        this.current = undefined;
        Object.assign(this.counts, counts);
      },
    };
  }

  /**
   * Pages of the whole state.
   * @throws MillraceError JOURNAL_OPEN between journal and commit, STATE_CHANGED when an event is learned before the last page is taken
   */
  async *snapshot(): AsyncIterable<Uint8Array> {
    if (this.log) throw new MillraceError('JOURNAL_OPEN', 'a snapshot would contain what may be undone', { hint: 'take it between two batches' });
    const { version } = this;
    for (const page of writeLane(this.content())) {
      if (this.version !== version) throw new MillraceError('STATE_CHANGED', 'the lane went on while its snapshot was written', { hint: 'take all pages before the next batch' });
      yield page;
    }
  }

  /**
   * Takes over a snapshot; this lane must not have seen events.
   *
   * @param compile makes the plan from the definitions that the snapshot carries; not needed when they are in force here already
   * @throws MillraceError SNAPSHOT_INVALID for pages that are damaged, incomplete or of another version
   */
  async restore(pages: AsyncIterable<Uint8Array>, compile?: (definitions: string) => LanePlan): Promise<void> {
    if (this.log || this.highest !== Number.NEGATIVE_INFINITY) throw new MillraceError('LANE_NOT_EMPTY', 'only a new lane can take over a snapshot');
    await readLane(pages, {
      begin: ({ definitions, hash, highest, highestAcceptance }) => {
        if (definitions !== undefined && this.plan?.hash !== hash) {
          if (!compile) throw new MillraceError('SNAPSHOT_INVALID', 'the snapshot was taken under other definitions', { hint: 'activate them first, or pass a compiler' });
          this.activate(compile(definitions));
        }
        this.highest = highest;
        this.ids.highest = highestAcceptance;
        return this.views;
      },
      id: (id, acceptedAt) => this.ids.add(id, acceptedAt),
    });
    this.version++;
  }

  /** SHA-256 of the state's content, hex: equal for equal states, however they came about. */
  hash(): string {
    return hashLane(this.content());
  }

  private content(): LaneContent {
    return { plan: this.plan, highest: this.highest, views: this.views, ids: this.ids };
  }

  private vector(ask: AskPlan, evaluation: Evaluation, time: number): Vector['vectors'][number] {
    const found = ask.lookups.map(({ view, entity }): TileSet | undefined => this.views[view]!.find(evaluation.text(entity)));
    const numeric: number[] = [];
    const categorical: string[] = [];
    for (const feature of ask.features) {
      if (feature.kind === 'row' && feature.categorical) categorical.push(evaluation.text(feature.value) ?? '');
      else numeric.push(float32(feature.kind === 'row' ? evaluation.number(feature.value) : this.window(ask.lookups[feature.lookup]!, found[feature.lookup], feature.feature, evaluation, time)));
    }
    return { featureSet: ask.featureSet, numeric, categorical };
  }

  private window({ view, entity }: AskPlan['lookups'][number], tiles: TileSet | undefined, feature: number, evaluation: Evaluation, time: number): number {
    // Nobody's features are unknown, not zero.
    return evaluation.text(entity) === undefined ? Number.NaN : this.views[view]!.read(tiles, feature, time, this.highest);
  }

  private evaluate(stream: StreamPlan, event: LaneEvent): Evaluation {
    if (this.current?.event === event) return this.current.evaluation;
    const evaluation = new Evaluation(stream, event.fields);
    this.current = { event, evaluation };
    return evaluation;
  }

  /** Frees memory. What is freed does not count any more, so this never changes a value. */
  private evict(): void {
    this.ids.evict();
    for (const view of this.views) view.evict(this.highest);
  }
}

/** Missing values have one and the same bits, whatever computation they came from: vectors are compared and hashed bit by bit. */
function float32(value: number): number {
  return Number.isNaN(value) ? Number.NaN : Math.fround(value);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
