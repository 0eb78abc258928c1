import { eventIdOf } from '@millrace/contracts';
import type { LaneEvent } from '@millrace/features';
import type { Flight } from './flight.ts';
import { FlightFile } from './flight-file.ts';

const minuteMs = 60_000;
/** Arrivals of so many minutes are posted before the departures of the same minutes; no flight lands sooner after it departed. */
const stretchMinutes = 45;

/**
 * Flights of flights-3m.parquet (npm package vega-datasets) that departed on some days, in the order of the file.
 *
 * @param days days of departure, UTC, from 1 January 2001 on
 */
export async function recordedFlights(days: number): Promise<Flight[]> {
  const from = Date.UTC(2001, 0, 1);
  const file = await FlightFile.open();
  try {
    return await file.departed(from, from + days * 1440 * minuteMs);
  } finally {
    file.close();
  }
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
