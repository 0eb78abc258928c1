const hourMs = 3_600_000;
/** Offsets of all zones together, and formats, of some 90 kB each: zones and times come with events, so neither may grow with them. */
const hoursKept = 200_000;
const zonesKept = 500;
let hours = 0;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Offset by UTC hour; NaN where it changes within the hour. */
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/**
 * Difference of local time to UTC in a zone of the tz database, ms. Cached by zone and hour; independent of the zone of the process.
 *
 * @param time ms since epoch
 * @throws RangeError for an unknown zone
 * @example offsetAt(Date.UTC(2001, 2, 25, 7, 30), 'America/New_York') // -18_000_000
 */
export function offsetAt(time: number, zone: string): number {
  const { format, offsets } = zones.get(zone) ?? open(zone);
  const hour = Math.floor(time / hourMs);
  let offset = offsets.get(hour);
  if (offset === undefined) {
    offset = measure(format, hour * hourMs);
    // Some zones (Lord Howe) switch at half past: such an hour has no single offset.
    if (measure(format, (hour + 1) * hourMs - 1000) !== offset) offset = Number.NaN;
    if (hours >= hoursKept) {
      for (const each of zones.values()) each.offsets.clear();
      hours = 0;
    }
    hours++;
    offsets.set(hour, offset);
  }
  return Number.isNaN(offset) ? measure(format, time) : offset;
}

/**
 * Local time of day in hours; half past seven is 7.5. Seconds are cut off.
 *
 * @example hourOfDay(Date.UTC(2001, 0, 1, 12, 30), 'America/New_York') // 7.5
 */
export function hourOfDay(time: Date | number, zone: string): number {
  return modulo(localMinutes(time, zone), 1440) / 60;
}

/** Minute of the local hour, 0 to 59. */
export function minuteOfHour(time: Date | number, zone: string): number {
  return modulo(localMinutes(time, zone), 60);
}

/** Local day of the week, Monday = 0. */
export function dayOfWeek(time: Date | number, zone: string): number {
  // 1970-01-01 was a Thursday.
  return modulo(Math.floor(localMinutes(time, zone) / 1440) + 3, 7);
}

function localMinutes(time: Date | number, zone: string): number {
  const ms = Number(time);
  return Math.floor((ms + offsetAt(ms, zone)) / 60_000);
}

function open(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  const zone = { format, offsets: new Map<number, number>() };
  if (zones.size >= zonesKept) {
    zones.clear();
    hours = 0;
  }
  zones.set(name, zone);
  return zone;
}

function measure(format: Intl.DateTimeFormat, time: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(time)) part[type] = value;
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
  // setUTCFullYear, because Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const local = new Date(0);
  local.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
  local.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']));
  return local.getTime() - Math.floor(time / 1000) * 1000;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
