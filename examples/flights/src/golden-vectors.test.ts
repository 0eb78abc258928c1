import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { compilePlan, parseDefinitions, toCanonical } from '@millrace/definitions';
import { LaneState, type LaneEvent } from '@millrace/features';
import { beforeAll, describe, expect, it } from '@jest/globals';

import * as definitions from './definitions.ts';
import { laneOf, recordedFlights } from './recorded-flights.ts';

interface Golden {
  readonly days: number;
  readonly departures: number;
  readonly late: number;
  readonly sha256: string;
  readonly order: readonly string[];
  readonly rows: readonly { readonly row: number; readonly vector: readonly (number | null)[] }[];
}

const golden = JSON.parse(readFileSync(new URL('../golden-vectors.json', import.meta.url), 'utf8')) as Golden;
const batchSize = 500;
/** Calendar, distance and counts are exact; what follows are means and shares. */
const exact = 5;

const planFrom = (json: string) => compilePlan(parseDefinitions(json));

describe('features of the flights', () => {
  const served = new Map<number, readonly number[]>();
  let late = 0;
  let labels = 0;

  const fold = (lane: LaneState, batch: readonly LaneEvent[]): void => {
    for (const event of batch) {
      if (lane.isRepeat(event.eventId, event.acceptedAt)) continue;
      for (const { vectors } of lane.asks(event)) served.set(event.fields['flight'] as number, vectors[0]!.numeric);
      for (const { value } of lane.judges(event)) {
        late += value;
        labels++;
      }
      lane.learn(event);
    }
  };

  beforeAll(async () => {
    const events = laneOf(await recordedFlights(golden.days));
    let lane = new LaneState(planFrom(toCanonical(definitions, process.versions.tz ?? '').json));
    for (let at = 0, batch = 0; at < events.length; at += batchSize, batch++) {
      const inputs = events.slice(at, at + batchSize);
      // As in service: some transactions are aborted and their batch is folded again; once the lane moves to another process.
      if (batch % 13 === 3) {
        const aborted = lane.journal();
        const before = { late, labels };
        fold(lane, [...inputs, ...events.slice(at + batchSize, at + 2 * batchSize)]);
        aborted.undo();
        ({ late, labels } = before);
      }
      if (batch === 200) {
        const moved = new LaneState(undefined);
        await moved.restore(lane.snapshot(), planFrom);
        lane = moved;
      }
      const journal = lane.journal();
      fold(lane, inputs);
      journal.commit();
    }
    expect(lane.counts).toEqual({ repeats: 0, late: 0, failures: 0 });
  }, 120_000);

  it('has one vector per departure and one label per arrival', () => {
    expect(served.size).toBe(golden.departures);
    expect({ labels, late }).toEqual({ labels: golden.departures, late: golden.late });
  });

  it('equals the reference on its rows: exact for calendar and counts, within 1e-6 for means and shares, NaN where nothing is known', () => {
    expect(golden.rows.length).toBeGreaterThan(100);
    for (const { row, vector } of golden.rows) {
      const found = served.get(row)!;
      for (const [i, value] of vector.entries()) {
        const place = `row ${row}, ${golden.order[i]}`;
        if (value === null) expect([place, found[i]]).toEqual([place, Number.NaN]);
        else if (i < exact) expect([place, found[i]]).toEqual([place, Math.fround(value)]);
        else expect([place, Math.abs(found[i]! - value) <= 1e-6 * Math.abs(value)]).toEqual([place, true]);
      }
    }
  });

  it('equals the reference on every row to the last bit of float32', () => {
    const hash = createHash('sha256');
    const bytes = Buffer.alloc(golden.order.length * 4);
    for (const [, vector] of [...served].sort(([a], [b]) => a - b)) {
      vector.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
      hash.update(bytes);
    }
    expect(hash.digest('hex')).toBe(golden.sha256);
  });
});
