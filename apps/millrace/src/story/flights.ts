import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventIdOf } from '@millrace/contracts';
import { infraDirectory } from '@millrace/embedded';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the demo is the one place where this program knows an example
import { flightStretches } from '@millrace/example-flights';
import type { Stretch } from '../poster/stretch.ts';
import type { GoldenRow } from '../report/golden-comparison.ts';

const directory = (): string => path.join(infraDirectory(), '..', 'examples', 'flights');

/** The model of the story. */
export const flightModel = 'flight-delay';

/** Streams with the fields that say when an event happened and which one it is. */
export const flightStreams = [
  { name: 'arrivals', time: 'landedAt', row: 'flight' },
  { name: 'departures', time: 'departedAt', row: 'flight' },
] as const;

/** Source file of the definitions, as a person would apply it. */
export const flightDefinitions = (): string => path.join(directory(), 'src', 'definitions.ts');

/**
 * The recorded flights that departed on some days, in stretches of event time.
 * @param from first and last UTC day, as their midnights
 * @param resumeAt what ends at or before this time was posted already
 */
export function flightsBetween(from: number, to: number, resumeAt: number | undefined): AsyncIterable<Stretch> {
  return flightStretches({ from, to, ...(resumeAt === undefined ? {} : { resumeAt }) });
}

/** Vectors that an independent program computed for some flights. */
export function goldenFlights(): GoldenRow[] {
  const { rows } = JSON.parse(readFileSync(path.join(directory(), 'golden-vectors.json'), 'utf8')) as { rows: { row: number; vector: (number | null)[] }[] };
  return rows.map(({ row, vector }) => ({ id: eventIdOf('departures', row), vector }));
}
