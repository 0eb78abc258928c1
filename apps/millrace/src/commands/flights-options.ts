import { Option, type Command } from 'commander';
import { parseDay, parseSpeed } from './arguments.ts';

/** Which flights are posted, and how. */
export interface FlightsOptions {
  /** First and last UTC day of departure, as their midnights. */
  readonly from: number;
  readonly to: number;
  /** Real milliseconds per day; 0 = as fast as it goes. */
  readonly speed: number;
  readonly hold?: boolean;
}

// Defaults are shown as they would be typed.
const option = (flags: string, about: string, parse: (text: string) => number, fallback: string): Option => new Option(flags, about).argParser(parse).default(parse(fallback), fallback);

export function withFlightsOptions(command: Command): Command {
  return command
    .addOption(option('--from <day>', 'first UTC day of departure', parseDay, '2001-01-01'))
    .addOption(option('--to <day>', 'last UTC day of departure', parseDay, '2001-01-21'))
    .addOption(option('--speed <seconds>', "seconds of real time per day, or 'max'", parseSpeed, '5'));
}

/** @returns what is wrong with the days; undefined when nothing is */
export function daysFault({ from, to }: Pick<FlightsOptions, 'from' | 'to'>): string | undefined {
  return from > to ? '--from is after --to' : undefined;
}
