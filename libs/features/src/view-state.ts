import { aggregates } from './aggregate.ts';
import type { Evaluation } from './evaluation.ts';
import type { ViewPlan } from './plan.ts';
import { TileLayout, TileSet } from './tile-set.ts';
import type { UndoLog } from './undo-log.ts';

/** How long after the lane's highest event time an older event is still answered and counted in full, ms. */
export const latenessMs = 3_600_000;

const scratch = new Float64Array(4);

/** Tiles of a feature view by entity. What counts is decided by event times alone; when memory is freed makes no difference. */
export class ViewState {
  readonly plan: ViewPlan;
  readonly layout: TileLayout;
  private readonly sets: Map<string, TileSet>;
  /** Event time of the lane at which memory is freed next. */
  private evictAt = Number.NEGATIVE_INFINITY;

  constructor(plan: ViewPlan, sets = new Map<string, TileSet>()) {
    this.plan = plan;
    this.sets = sets;
    this.layout = new TileLayout(plan.measures.map(({ kind }) => kind));
  }

  /** The same tiles under another plan that defines the view equally; its expressions may have other numbers. */
  under(plan: ViewPlan): ViewState {
    return new ViewState(plan, this.sets);
  }

  /** Index of the oldest tile that counts when the lane's highest event time is `laneTime`. */
  oldest(laneTime: number): number {
    return Math.floor((laneTime - latenessMs - this.plan.longestMs) / this.plan.resolutionMs);
  }

  find(key: string | undefined): TileSet | undefined {
    return key === undefined ? undefined : this.sets.get(key);
  }

  /** Value of a feature for an event at `time`; an entity without tiles has empty windows. */
  read(tiles: TileSet | undefined, feature: number, time: number, laneTime: number): number {
    const { aggregate, measure, window, lengthMs } = this.plan.features[feature]!;
    const { resolutionMs } = this.plan;
    const now = Math.floor(time / resolutionMs);
    const inclusive = window === 'over' ? 1 : 0;
    const low = Math.max(now - lengthMs / resolutionMs + inclusive, this.oldest(laneTime));
    const high = now + inclusive;
    const column = this.layout.columns[measure]!;
    if (column.values !== undefined) return tiles?.countDistinct(column.values, low, high) ?? 0;
    if (tiles) tiles.combine(column, low, high, scratch);
    else column.rules.clear(scratch, 0);
    return aggregates[aggregate].read(scratch, now * resolutionMs);
  }

  /** Adds an event; false when it is too old to count. */
  learn(event: Evaluation, time: number, laneTime: number, undo: UndoLog | undefined): boolean {
    const { plan, layout } = this;
    const index = Math.floor(time / plan.resolutionMs);
    if (index < this.oldest(laneTime)) return false;
    const key = event.text(plan.entity);
    if (key === undefined) return true;
    const tiles = this.sets.get(key) ?? this.create(key, undo);
    if (undo) {
      const before = tiles.get(index);
      undo.record(() => tiles.put(index, before));
    }
    const start = tiles.open(index);
    const { data } = tiles.finest;
    for (let i = 0; i < plan.measures.length; i++) {
      const { value } = plan.measures[i]!;
      const { rules, at, values } = layout.columns[i]!;
      if (values !== undefined) {
        const text = event.text(value!);
        if (text !== undefined && tiles.addValue(values, index, text)) undo?.record(() => tiles.removeValue(values, index, text));
        continue;
      }
      const number = value === undefined ? 1 : event.number(value);
      // A failed expression has no value to count.
      if (!Number.isNaN(number)) rules.add(data, start + at, number, time, index * plan.resolutionMs);
    }
    return true;
  }

  /** Frees the tiles that no longer count, now and then: at most a sixteenth of the longest window lies about in vain. */
  evict(laneTime: number): void {
    if (laneTime < this.evictAt) return;
    this.evictAt = laneTime + Math.max(latenessMs, this.plan.longestMs / 16);
    const oldest = this.oldest(laneTime);
    for (const [key, tiles] of this.sets) {
      tiles.dropBefore(oldest);
      if (tiles.isEmpty) this.sets.delete(key);
    }
  }

  /** Entities with at least one tile that counts. */
  *entities(laneTime: number): Iterable<{ key: string; tiles: TileSet; first: number }> {
    const oldest = this.oldest(laneTime);
    for (const [key, tiles] of this.sets) {
      const first = tiles.finest.lowerBound(oldest);
      if (first < tiles.finest.end) yield { key, tiles, first };
    }
  }

  create(key: string, undo?: UndoLog): TileSet {
    const tiles = new TileSet(this.layout);
    this.sets.set(key, tiles);
    undo?.record(() => this.sets.delete(key));
    return tiles;
  }
}
