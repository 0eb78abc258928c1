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
