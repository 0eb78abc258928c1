import { readFileSync } from 'node:fs';

import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from '@jest/globals';
import { airportTimeZones, FlightFile, flightsParquet } from '../flight-file.ts';
import { flightStretches, type FlightEvent, type FlightStretch, type FlightStretchesOptions } from './flight-stretches.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const begin = Date.UTC(2001, 0, 1);

async function posted(options: Partial<FlightStretchesOptions> & { days: number }): Promise<FlightStretch[]> {
  const stretches: FlightStretch[] = [];
  for await (const stretch of flightStretches({ from: begin, to: begin + (options.days - 1) * dayMs, ...options })) stretches.push(stretch);
  return stretches;
}

const events = (stretches: readonly FlightStretch[], part: 0 | 1): FlightEvent[] => stretches.flatMap(({ parts }) => parts[part].events);

describe('the clock of flights', () => {
  const golden = JSON.parse(readFileSync(new URL('../../golden-clock.json', import.meta.url), 'utf8')) as { days: [number, number][]; rows: [number, number, number, string, string, number][] };

  it('equals the reference, before, in and after the night in which clocks change', async () => {
    const file = await FlightFile.open();
    const found = new Map<number, unknown>();
    for (const [first, last] of golden.days) {
      for (const { row, departedAt, landedAt, origin, destination, delay } of await file.departed(begin + first * dayMs, begin + last * dayMs)) {
        found.set(row, [row, (departedAt - begin) / minuteMs, (landedAt - begin) / minuteMs, origin, destination, delay]);
      }
    }
    file.close();
    expect(golden.rows.length).toBeGreaterThan(100);
    expect(golden.rows.map(([row]) => found.get(row))).toEqual(golden.rows);
  }, 30_000);
});

describe('flightStretches', () => {
  it('posts every flight once and lets each land, as many per day as a count by SQL finds', async () => {
    const days = 3;
    const stretches = await posted({ days });
    const departures = events(stretches, 1);
    const arrivals = events(stretches, 0);
    const perDay = (list: readonly FlightEvent[]): number[] =>
      list.reduce((counts, { time }) => {
        const day = Math.floor((time - begin) / dayMs);
        counts[day] = (counts[day] ?? 0) + 1;
        return counts;
      }, [] as number[]);
    expect(perDay(departures)).toEqual(await countedBySql(days));
    expect(new Set(departures.map(({ row }) => row)).size).toBe(departures.length);
    expect(arrivals.map(({ row }) => row).sort((a, b) => a - b)).toEqual(departures.map(({ row }) => row).sort((a, b) => a - b));
  }, 30_000);

  it('begins at midnight and has stretches of 45 minutes without a gap; in each, events of its time in the order of time and row', async () => {
    const stretches = await posted({ days: 1 });
    expect(stretches[0]!.from).toBe(begin);
    for (const [index, { from, to, parts }] of stretches.entries()) {
      expect([from, to]).toEqual([begin + index * 45 * minuteMs, begin + (index + 1) * 45 * minuteMs]);
      expect(parts.map(({ stream }) => stream)).toEqual(['arrivals', 'departures']);
      for (const { events: list } of parts) {
        expect(list.every(({ time }) => time >= from && time < to)).toBe(true);
        expect(list).toEqual([...list].sort((a, b) => a.time - b.time || a.row - b.row));
      }
    }
    const last = stretches.at(-1)!;
    expect(last.parts[0].events.length).toBeGreaterThan(0); // it ends with the last landing, not at midnight
    expect(last.to).toBeGreaterThan(begin + dayMs);
  });

  it('posts the first flight of the file as the reference has it', async () => {
    const stretches = await posted({ days: 1 });
    const departedAt = begin + 481 * minuteMs;
    const landedAt = begin + 798 * minuteMs;
    expect(events(stretches, 1).find(({ row }) => row === 0)).toEqual({
      time: departedAt,
      row: 0,
      key: '0',
      fields: { flight: 0, departedAt, timeZone: 'America/Los_Angeles', origin: 'LAS', destination: 'PHL', distance: expect.any(Number) },
    });
    expect(events(stretches, 0).find(({ row }) => row === 0)).toEqual({ time: landedAt, row: 0, key: '0', fields: { flight: 0, landedAt, origin: 'LAS', destination: 'PHL', delay: 33 } });
  });

  it('goes on at a time as if it had never stopped', async () => {
    const whole = await posted({ days: 3 });
    const resumeAt = begin + 2 * dayMs + 90 * minuteMs;
    expect(await posted({ days: 3, resumeAt })).toEqual(whole.filter(({ to }) => to > resumeAt));
    // Within a stretch: the whole stretch again.
    expect((await posted({ days: 1, resumeAt: begin + 100 * minuteMs }))[0]!.from).toBe(begin + 90 * minuteMs);
    expect(await posted({ days: 1, resumeAt: begin + 4 * dayMs })).toEqual([]);
  }, 30_000);

  it('refuses what would break the order of a lane', async () => {
    await expect(posted({ days: 1, from: begin + 1 })).rejects.toThrow('midnights');
    await expect(posted({ days: 0 })).rejects.toThrow('from not after to');
    for (const stretchMinutes of [0, 7, 60]) await expect(posted({ days: 1, stretchMinutes })).rejects.toThrow('stretchMinutes');
  });
});

/** Flights per UTC day in January, when no zone of the file changes its clocks, by fixed offsets. */
async function countedBySql(days: number): Promise<number[]> {
  const hours: Record<string, number> = {
    'America/Puerto_Rico': 4, 'America/New_York': 5, 'America/Detroit': 5, 'America/Indiana/Indianapolis': 5, 'America/Chicago': 6,
    'America/Denver': 7, 'America/Phoenix': 7, 'America/Los_Angeles': 8, 'America/Anchorage': 9, 'Pacific/Honolulu': 10,
  };
  const zones = [...airportTimeZones()].map(([airport, zone]) => `('${airport}', ${hours[zone]})`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(
    `with departures as (
       select date_trunc('day', date + to_hours(hours)) as day from '${flightsParquet()}' join (values ${zones.join()}) zones(airport, hours) on airport = origin
     ) select cast(count(*) as integer) from departures where day < timestamp '2001-01-01' + to_days(${days}) group by day order by day`,
  );
  connection.closeSync();
  instance.closeSync();
  return result.getRows().map(([count]) => Number(count));
}
