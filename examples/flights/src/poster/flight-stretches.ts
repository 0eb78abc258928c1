import type { Flight } from '../flight.ts';
import { FlightFile } from '../flight-file.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
/** Longer than any flight in the file takes to land. */
const longestMs = dayMs;

/** An event of a flight, as it is posted. */
export interface FlightEvent {
  /** Event time, ms since epoch. */
  readonly time: number;
  /** Number of the flight, which orders events of one time. */
  readonly row: number;
  /** Key of the record. */
  readonly key: string;
  /** By name, as in the definition of the stream. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** What happened in a span of event time. Arrivals stand first: whoever departs in a minute knows what has landed in it. */
export interface FlightStretch {
  /** First event time inside, ms since epoch. */
  readonly from: number;
  /** First event time behind. */
  readonly to: number;
  readonly parts: readonly [{ readonly stream: 'arrivals'; readonly events: readonly FlightEvent[] }, { readonly stream: 'departures'; readonly events: readonly FlightEvent[] }];
}

export interface FlightStretchesOptions {
  /** First and last UTC day of departure, as their midnights, ms since epoch. */
  readonly from: number;
  readonly to: number;
  /** Divides a day, so that each midnight begins a stretch; at most 45, the least time in which a flight lands. Default 45. */
  readonly stretchMinutes?: number;
  /** Stretches that end at or before this time were posted already and are left out; flights that departed in them still land. */
  readonly resumeAt?: number;
}

/**
 * The flights that departed on some days, in the order in which the world came to know them: stretch after stretch of event time, until
 * the last one has landed. Events of a stream are ordered by time and row. One day of flights is in memory at a time.
 *
 * @example
 * for await (const { to, parts } of flightStretches({ from: Date.UTC(2001, 0, 1), to: Date.UTC(2001, 0, 21) })) {
 *   for (const { stream, events } of parts) await send(stream, events);
 * }
 * @throws RangeError for days that are no midnights, and for stretches that do not fit
 */
export async function* flightStretches(options: FlightStretchesOptions): AsyncGenerator<FlightStretch, void, undefined> {
  const { from, to, stretchMinutes = 45, resumeAt = from } = options;
  if (from % dayMs !== 0 || to % dayMs !== 0 || from > to) throw new RangeError('from and to are midnights (UTC), from not after to');
  if (!(stretchMinutes >= 1 && stretchMinutes <= 45 && 1440 % stretchMinutes === 0)) throw new RangeError('stretchMinutes divides 1440 and is at most 45');
  const stretchMs = stretchMinutes * minuteMs;
  const file = await FlightFile.open();
  try {
    let aloft: Flight[] = [];
    const firstDay = Math.max(from, Math.floor((resumeAt - longestMs) / dayMs) * dayMs);
    for (let day = firstDay; day <= to || aloft.length > 0; day += dayMs) {
      const departed = day <= to ? (await file.departed(day, day + dayMs)).sort((a, b) => a.departedAt - b.departedAt || a.row - b.row) : [];
      aloft = [...aloft, ...departed].sort((a, b) => a.landedAt - b.landedAt || a.row - b.row);
      let landedSoFar = 0;
      let departedSoFar = 0;
      for (let start = day; start < day + dayMs; start += stretchMs) {
        const end = start + stretchMs;
        const landed = upTo(aloft, landedSoFar, ({ landedAt }) => landedAt < end);
        const left = upTo(departed, departedSoFar, ({ departedAt }) => departedAt < end);
        const arrivals = aloft.slice(landedSoFar, landed);
        const departures = departed.slice(departedSoFar, left);
        landedSoFar = landed;
        departedSoFar = left;
        if (end <= resumeAt) continue;
        yield {
          from: start,
          to: end,
          parts: [
            { stream: 'arrivals', events: arrivals.map(arrivalOf) },
            { stream: 'departures', events: departures.map(departureOf) },
          ],
        };
        if (day > to && landed === aloft.length) return;
      }
      aloft = aloft.slice(landedSoFar);
    }
  } finally {
    file.close();
  }
}

/** Index behind the flights from `start` on for which `holds`. */
function upTo(flights: readonly Flight[], start: number, holds: (flight: Flight) => boolean): number {
  let at = start;
  while (at < flights.length && holds(flights[at]!)) at++;
  return at;
}

function arrivalOf({ row, landedAt, origin, destination, delay }: Flight): FlightEvent {
  return { time: landedAt, row, key: String(row), fields: { flight: row, landedAt, origin, destination, delay } };
}

function departureOf({ row, departedAt, timeZone, origin, destination, distance }: Flight): FlightEvent {
  return { time: departedAt, row, key: String(row), fields: { flight: row, departedAt, timeZone, origin, destination, distance } };
}
