import { describe, expect, it } from '@jest/globals';

import { random } from './lane.fixture.ts';
import type { MeasureKind } from './measure.ts';
import { TileLayout, TileSet } from './tile-set.ts';

const kinds: MeasureKind[] = ['count', 'total', 'least', 'greatest', 'moments', 'last', 'recency'];
const layout = new TileLayout(kinds);

interface Fact {
  readonly index: number;
  readonly value: number;
}

function add(tiles: TileSet, { index, value }: Fact): void {
  const place = tiles.open(index);
  for (const { rules, at } of layout.columns) rules.add(tiles.finest.data, place + at, value, index, index);
}

function read(tiles: TileSet, low: number, high: number): number[] {
  return layout.columns.flatMap((column) => {
    const into = new Float64Array(4);
    tiles.combine(column, low, high, into);
    return [...into.subarray(0, column.rules.width)];
  });
}

/** What the columns must hold, computed from the facts themselves. */
function expected(facts: readonly Fact[], low: number, high: number): number[] {
  const inside = facts.filter(({ index }) => index >= low && index < high).sort((a, b) => a.index - b.index);
  const values = inside.map(({ value }) => value);
  const n = values.length;
  const sum = values.reduce((a, b) => a + b, 0);
  const mean = n === 0 ? 0 : sum / n;
  const newest = inside.at(-1)?.index ?? Number.NEGATIVE_INFINITY;
  return [n, n, sum, Math.min(...values), Math.max(...values), n, mean, values.reduce((a, b) => a + (b - mean) ** 2, 0), newest, inside.at(-1)?.value ?? Number.NaN, newest];
}

function close(found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of wanted.entries()) {
    if (Number.isFinite(value)) expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
    else expect(found[i]).toBe(value);
  }
}

describe('tile set', () => {
  it('combines any range as if every fact in it were read, also after late facts and after tiles were dropped', () => {
    const next = random(1);
    const tiles = new TileSet(layout);
    const facts: Fact[] = [];
    let oldest = 0;
    for (let step = 0; step < 3000; step++) {
      // Mostly at the end, sometimes up to 6,000 tiles late; negative indexes too.
      const index = Math.floor(step * 4 - 5000 - (next() < 0.1 ? next() * 6000 : next() * 5));
      if (index >= oldest - 5000) {
        const fact = { index, value: Math.floor(next() * 200) - 60 };
        facts.push(fact);
        add(tiles, fact);
      }
      if (step % 500 === 499) {
        oldest = step * 4 - 5000;
        tiles.dropBefore(oldest - 5000);
      }
      if (step % 3 > 0) continue;
      const low = Math.max(oldest - 5000, step * 4 - 5000 - Math.floor(next() * 9000));
      const high = low + Math.floor(next() * (next() < 0.5 ? 40 : 9000));
      close(read(tiles, low, high), expected(facts, low, high));
    }
  });

  it('is a function of its finest tiles alone, to the last bit', () => {
    const next = random(2);
    const facts = Array.from({ length: 2000 }, (_, i) => ({ index: i * 3, value: next() * 1e6 - 5e5 }));
    const readBetween = new TileSet(layout);
    for (const fact of facts) {
      add(readBetween, fact);
      read(readBetween, fact.index - 700, fact.index + 1);
    }
    const backwards = new TileSet(layout);
    for (const fact of facts.toReversed()) add(backwards, fact);
    for (const [low, high] of [[0, 6000], [17, 5983], [255, 4097], [4095, 4096]] as const) expect(read(backwards, low, high)).toEqual(read(readBetween, low, high));
  });

  it('puts a tile back as it was', () => {
    const tiles = new TileSet(layout);
    for (let index = 0; index < 50; index++) add(tiles, { index, value: index });
    const before = read(tiles, 0, 64);
    const known = tiles.get(10);
    add(tiles, { index: 10, value: 1000 });
    add(tiles, { index: 55, value: 1000 });
    expect(read(tiles, 0, 64)).not.toEqual(before);
    tiles.put(55, undefined);
    tiles.put(10, known);
    expect(read(tiles, 0, 64)).toEqual(before);
  });
});
