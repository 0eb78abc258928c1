import { execFileSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

import { dayOfWeek, hourOfDay, minuteOfHour, offsetAt } from './calendar.ts';

const newYork = 'America/New_York';

describe('calendar', () => {
  it('gives local hour, minute and day', () => {
    const time = new Date('2001-01-01T12:30:59.999Z');
    expect(hourOfDay(time, newYork)).toBe(7.5);
    expect(minuteOfHour(time, newYork)).toBe(30);
    expect(dayOfWeek(time, newYork)).toBe(0);
    expect(dayOfWeek(new Date('2001-01-01T04:59:00Z'), newYork)).toBe(6);
  });

  it('skips an hour in spring and repeats one in autumn', () => {
    const hours = (times: string[]): number[] => times.map((time) => hourOfDay(Date.parse(time), newYork));
    expect(hours(['2001-04-01T06:59Z', '2001-04-01T07:00Z'])).toEqual([1 + 59 / 60, 3]);
    expect(hours(['2001-10-28T05:30Z', '2001-10-28T06:30Z'])).toEqual([1.5, 1.5]);
  });

  it('knows zones that change by half an hour, and times before 1970', () => {
    // Lord Howe put its clocks from 2:00 back to 1:30 on 25 March 2001, 15:00 UTC.
    expect(offsetAt(Date.parse('2001-03-24T14:59Z'), 'Australia/Lord_Howe')).toBe(11 * 3_600_000);
    expect(offsetAt(Date.parse('2001-03-24T15:00Z'), 'Australia/Lord_Howe')).toBe(10.5 * 3_600_000);
    expect(dayOfWeek(Date.parse('1969-12-31T12:00Z'), 'UTC')).toBe(2);
    expect(minuteOfHour(Date.parse('1969-12-31T12:59:30Z'), 'UTC')).toBe(59);
  });

  it('changes offset within an hour where a zone does', () => {
    // Asia/Kathmandu moved from +5:30 to +5:45 at local midnight of 1 January 1986, 18:30 UTC.
    expect(offsetAt(Date.parse('1985-12-31T18:29Z'), 'Asia/Kathmandu')).toBe(5.5 * 3_600_000);
    expect(offsetAt(Date.parse('1985-12-31T18:31Z'), 'Asia/Kathmandu')).toBe(5.75 * 3_600_000);
  });

  it('refuses unknown zones', () => {
    expect(() => hourOfDay(0, 'Mars/Olympus')).toThrow(RangeError);
  });

  it.each(['UTC', 'Europe/Berlin', 'Pacific/Auckland'])('does not depend on the zone of the process: %s', (TZ) => {
    const program = `import { hourOfDay, dayOfWeek } from '@millrace/features';
      console.log(hourOfDay(new Date('2001-03-25T07:30Z'), '${newYork}'), dayOfWeek(new Date('2001-03-25T01:30Z'), '${newYork}'));`;
    const output = execFileSync(process.execPath, ['--conditions=@millrace/source', '--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, TZ, NODE_OPTIONS: '' },
      encoding: 'utf8',
    });
    expect(output.trim()).toBe('2.5 5');
  });
});
