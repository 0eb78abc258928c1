import { describe, expect, it } from '@jest/globals';
import { utcOfLocal } from './utc-of-local.ts';

const iso = (local: string, zone: string): string => new Date(utcOfLocal(Date.parse(`${local}Z`), zone)).toISOString().slice(0, 16);

describe('utcOfLocal', () => {
  // What Python's datetime(…, tzinfo=ZoneInfo(…)).astimezone(UTC) gives with fold 0.
  it.each([
    ['winter', '2001-01-01T08:00', 'America/New_York', '2001-01-01T13:00'],
    ['summer', '2001-06-01T08:00', 'America/New_York', '2001-06-01T12:00'],
    ['the minute before clocks go forward', '2001-04-01T01:59', 'America/Los_Angeles', '2001-04-01T09:59'],
    ['a time that clocks skip: by the clock before', '2001-04-01T02:30', 'America/Los_Angeles', '2001-04-01T10:30'],
    ['the minute after', '2001-04-01T03:00', 'America/Los_Angeles', '2001-04-01T10:00'],
    ['a time that clocks show twice: the first', '2001-10-28T01:30', 'America/Chicago', '2001-10-28T06:30'],
    ['the hour after', '2001-10-28T02:30', 'America/Chicago', '2001-10-28T08:30'],
    ['the night of the change where there is none', '2001-04-01T02:30', 'America/Phoenix', '2001-04-01T09:30'],
    ['east of Greenwich, south of the equator', '2001-03-25T02:30', 'Australia/Sydney', '2001-03-24T15:30'],
  ])('%s', (_, local, zone, utc) => expect(iso(local, zone)).toBe(utc));
});
