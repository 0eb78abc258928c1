import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Flight } from './flight.ts';
import { utcOfLocal } from './utc-of-local.ts';

const minuteMs = 60_000;
/** Clocks and UTC differ by less. */
const farthestMs = 14 * 60 * minuteMs;

/** Time zones of airports, IATA code to name in the tz database. The table was written by hand from state and longitude. */
export function airportTimeZones(): ReadonlyMap<string, string> {
  const file = fileURLToPath(new URL('../airport-time-zones.csv', import.meta.url));
  return new Map(readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',') as [string, string]));
}

/** Path of flights-3m.parquet in the npm package vega-datasets. */
export function flightsParquet(): string {
  return join(createRequire(import.meta.url).resolve('vega-datasets'), '../../data/flights-3m.parquet');
}

/** The three million recorded flights. Only what is asked for is read. Its column `date` is the departure in the local time of the origin. */
export class FlightFile {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly zones = airportTimeZones();
  private readonly parquet = flightsParquet().replaceAll("'", "''");

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance;
    this.connection = connection;
  }

  static async open(): Promise<FlightFile> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '64MB', temp_directory: '', autoinstall_known_extensions: 'false' });
    return new FlightFile(instance, await instance.connect());
  }

  /**
   * Flights that departed in [from, to), in the order of the file.
   *
   * @param from ms since epoch
   * @param to ms since epoch
   */
  async departed(from: number, to: number): Promise<Flight[]> {
    const result = await this.connection.runAndReadAll(
      `select file_row_number, epoch_ms(date), delay, distance, origin, destination from read_parquet('${this.parquet}', file_row_number = true)
       where date >= make_timestamp(${BigInt(from - farthestMs) * 1000n}) and date < make_timestamp(${BigInt(to + farthestMs) * 1000n}) order by file_row_number`,
    );
    const flights: Flight[] = [];
    for (const [row, local, delay, distance, origin, destination] of result.getRows() as [bigint, bigint, bigint, bigint, string, string][]) {
      const timeZone = this.zones.get(origin)!;
      const departedAt = utcOfLocal(Math.floor(Number(local) / minuteMs) * minuteMs, timeZone);
      if (departedAt < from || departedAt >= to) continue;
      const landedAt = departedAt + (45 + Math.floor(Number(distance) / 8)) * minuteMs;
      flights.push({ row: Number(row), departedAt, landedAt, timeZone, origin, destination, distance: Number(distance), delay: Number(delay) });
    }
    return flights;
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
