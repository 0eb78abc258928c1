import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DuckDBInstance } from '@duckdb/node-api';
import { eventIdOf } from '@millrace/contracts';
import { offsetAt, type LaneEvent } from '@millrace/features';

const minuteMs = 60_000;
/** Arrivals of so many minutes are posted before the departures of the same minutes; no flight lands sooner after it departed. */
const stretchMinutes = 45;

/** A recorded flight. */
export interface Flight {
  /** Number of its row in the file. */
  readonly row: number;
  /** Actual departure, ms since epoch. */
  readonly departedAt: number;
  /** When its outcome is known: the data has no arrival time; departure + 45 min + distance / 8 min is on the late side. */
  readonly landedAt: number;
  readonly timeZone: string;
  readonly origin: string;
  readonly destination: string;
  /** Miles. */
  readonly distance: number;
  /** Arrival delay, minutes. */
  readonly delay: number;
}

/** Time zones of airports, IATA code to name in the tz database. The table was written by hand from state and longitude. */
export function airportTimeZones(): ReadonlyMap<string, string> {
  const file = fileURLToPath(new URL('../airport-time-zones.csv', import.meta.url));
  return new Map(readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',') as [string, string]));
}

/**
 * Flights of flights-3m.parquet (npm package vega-datasets) that departed on some days, in the order of the file. Its column `date` is
 * the departure in the local time of the origin.
 *
 * @param days days of departure, UTC, from 1 January 2001 on
 */
export async function recordedFlights(days: number): Promise<Flight[]> {
  const parquet = join(createRequire(import.meta.url).resolve('vega-datasets'), '../../data/flights-3m.parquet');
  const from = Date.UTC(2001, 0, 1);
  const to = from + days * 1440 * minuteMs;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  // Half a day more on either side, because local days are not UTC days.
  const result = await connection.runAndReadAll(
    `select file_row_number, epoch_ms(date), delay, distance, origin, destination from read_parquet('${parquet}', file_row_number = true)
     where epoch_ms(date) >= ${from - 43_200_000} and epoch_ms(date) < ${to + 43_200_000} order by file_row_number`,
  );
  const zones = airportTimeZones();
  const flights: Flight[] = [];
  for (const [row, local, delay, distance, origin, destination] of result.getRows() as [bigint, bigint, number, number, string, string][]) {
    const timeZone = zones.get(origin)!;
    const departedAt = utcOf(Math.floor(Number(local) / minuteMs) * minuteMs, timeZone);
    if (departedAt < from || departedAt >= to) continue;
    const landedAt = departedAt + (45 + Math.floor(Number(distance) / 8)) * minuteMs;
    flights.push({ row: Number(row), departedAt, landedAt, timeZone, origin, destination, distance: Number(distance), delay: Number(delay) });
  }
  connection.closeSync();
  instance.closeSync();
  return flights;
}

/** The flights as a lane sees them: for each stretch of 45 minutes its arrivals by time, then its departures by time. */
export function laneOf(flights: readonly Flight[]): LaneEvent[] {
  const stretch = (time: number): number => Math.floor(time / (stretchMinutes * minuteMs));
  const events = flights.flatMap((flight) => {
    const { row, departedAt, landedAt, timeZone, origin, destination, distance, delay } = flight;
    return [
      { stream: 'departures', time: departedAt, row, fields: { flight: row, departedAt, timeZone, origin, destination, distance } },
      { stream: 'arrivals', time: landedAt, row, fields: { flight: row, landedAt, origin, destination, delay } },
    ];
  });
  events.sort((a, b) => stretch(a.time) - stretch(b.time) || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.time - b.time || a.row - b.row));
  return events.map(({ stream, time, row, fields }, position) => ({ stream, eventId: eventIdOf(stream, row), eventTime: time, acceptedAt: time, position, fields }));
}

/** Local time as UTC: the offset is first looked up where the time would be in UTC, then at the time so found. */
function utcOf(local: number, timeZone: string): number {
  const guess = local - offsetAt(local, timeZone);
  return local - offsetAt(guess, timeZone);
}
