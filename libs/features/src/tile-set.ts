import { measures, type MeasureKind, type MeasureRules } from './measure.ts';
import { Tiles } from './tiles.ts';

/** One coarser tile combines this many tiles of the level below. */
const fanOut = 16;
const levels = 4;
const spans = Array.from({ length: levels }, (_, level) => fanOut ** level);

/** A measure with its place in the columns of a tile. */
export interface Column {
  readonly rules: MeasureRules;
  readonly at: number;
  /** For distinct counts: which of the sets of values. */
  readonly values: number | undefined;
}

/** Columns of a tile that holds these measures. */
export class TileLayout {
  readonly columns: readonly Column[];
  readonly width: number;
  readonly valueSets: number;

  constructor(kinds: readonly MeasureKind[]) {
    let width = 0;
    let valueSets = 0;
    this.columns = kinds.map((kind) => {
      const column = { rules: measures[kind], at: width, values: kind === 'distinct' ? valueSets++ : undefined };
      width += column.rules.width;
      return column;
    });
    this.width = width;
    this.valueSets = valueSets;
  }
}

/**
 * Tiles of one entity: the finest level holds what happened in each stretch of the view's resolution, coarser ones combine 16, 256 and
 * 4,096 of those, oldest first, when they are first read after a change. Their borders are fixed in time, so the value of a window is a
 * function of its finest tiles alone: it does not depend on when coarser ones were made, nor on what was read before.
 */
export class TileSet {
  private readonly layout: TileLayout;
  private readonly levels: readonly Tiles[];
  /** Texts by index of the finest tile, one map per distinct count. */
  private readonly values: readonly Map<number, Set<string>>[];

  constructor(layout: TileLayout) {
    this.layout = layout;
    this.levels = spans.map(() => new Tiles(layout.width));
    this.values = Array.from({ length: layout.valueSets }, () => new Map());
  }

  get finest(): Tiles {
    return this.levels[0]!;
  }

  get isEmpty(): boolean {
    return this.finest.first === this.finest.end;
  }

  /** Columns of a tile as they are; undefined when there is none. */
  get(index: number): Float64Array | undefined {
    const row = this.finest.find(index);
    if (row < 0) return undefined;
    const start = this.finest.columnsOf(row);
    return this.finest.data.slice(start, start + this.layout.width);
  }

  /** Offset in `finest.data` of the tile to write to, made empty if it is new. */
  open(index: number): number {
    const { finest } = this;
    let row = finest.find(index);
    if (row < 0) {
      row = finest.insert(index);
      const start = finest.columnsOf(row);
      for (const { rules, at } of this.layout.columns) rules.clear(finest.data, start + at);
    }
    this.touch(index, true);
    return finest.columnsOf(row);
  }

  /** Puts the columns of a tile back; undefined removes it. */
  put(index: number, columns: Float64Array | undefined): void {
    if (columns) {
      const start = this.open(index);
      this.finest.data.set(columns, start);
    } else {
      const row = this.finest.find(index);
      if (row >= 0) this.finest.remove(row);
      this.touch(index, false);
    }
  }

  /** Adds a text to a distinct count; false when the tile has it already. */
  addValue(values: number, index: number, text: string): boolean {
    const map = this.values[values]!;
    const known = map.get(index);
    if (known?.has(text)) return false;
    if (known) known.add(text);
    else map.set(index, new Set([text]));
    return true;
  }

  removeValue(values: number, index: number, text: string): void {
    const known = this.values[values]!.get(index);
    if (known?.delete(text) && known.size === 0) this.values[values]!.delete(index);
  }

  /** Texts of a tile, sorted. */
  valuesOf(values: number, index: number): string[] {
    return [...(this.values[values]!.get(index) ?? [])].sort();
  }

  /** Number of different texts in the tiles from `low` to below `high`. */
  countDistinct(values: number, low: number, high: number): number {
    const { finest } = this;
    const all = new Set<string>();
    for (let row = finest.lowerBound(low), end = finest.lowerBound(high); row < end; row++) {
      for (const text of this.values[values]!.get(finest.indexOf(row)) ?? []) all.add(text);
    }
    return all.size;
  }

  /** Combines a measure over the tiles from `low` to below `high`, oldest first, into `into[0]` and following. */
  combine({ rules, at }: Column, low: number, high: number, into: Float64Array): void {
    rules.clear(into, 0);
    let cursor = low;
    let level = 0;
    // Up to the coarsest level that fits, then down again: each part lies after the one before.
    for (; level + 1 < levels; level++) {
      const next = Math.ceil(cursor / spans[level + 1]!) * spans[level + 1]!;
      if (next + spans[level + 1]! > high) break;
      this.addRows(rules, at, level, cursor, next, into);
      cursor = next;
    }
    for (; level >= 0; level--) {
      const next = Math.floor(high / spans[level]!) * spans[level]!;
      this.addRows(rules, at, level, cursor, next, into);
      cursor = Math.max(cursor, next);
    }
  }

  dropBefore(index: number): void {
    for (const map of this.values) for (const tile of map.keys()) if (tile < index) map.delete(tile);
    for (let level = 0; level < levels; level++) this.levels[level]!.dropBefore(Math.floor(index / spans[level]!));
  }

  private addRows(rules: MeasureRules, at: number, level: number, low: number, high: number, into: Float64Array): void {
    if (low >= high) return;
    const tiles = this.levels[level]!;
    const first = tiles.lowerBound(low / spans[level]!);
    const end = tiles.lowerBound(high / spans[level]!);
    if (level > 0) for (let row = first; row < end; row++) if (tiles.isStale(row)) this.refresh(level, row);
    rules.combine(into, 0, tiles.data, tiles.columnsOf(first) + at, end - first, tiles.stride);
  }

  private refresh(level: number, row: number): void {
    const tiles = this.levels[level]!;
    const below = this.levels[level - 1]!;
    const index = tiles.indexOf(row);
    const first = below.lowerBound(index * fanOut);
    const end = below.lowerBound((index + 1) * fanOut);
    if (level > 1) for (let child = first; child < end; child++) if (below.isStale(child)) this.refresh(level - 1, child);
    const start = tiles.columnsOf(row);
    for (const { rules, at } of this.layout.columns) {
      rules.clear(tiles.data, start + at);
      rules.combine(tiles.data, start + at, below.data, below.columnsOf(first) + at, end - first, below.stride);
    }
    tiles.setStale(row, false);
  }

  private touch(index: number, create: boolean): void {
    for (let level = 1; level < levels; level++) {
      const tiles = this.levels[level]!;
      const coarse = Math.floor(index / spans[level]!);
      let row = tiles.find(coarse);
      if (row < 0 && create) row = tiles.insert(coarse);
      if (row >= 0) tiles.setStale(row, true);
    }
  }
}
