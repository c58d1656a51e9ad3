import { describe, expect, test } from 'vitest';
import { formatTime, parseTime } from '../kernel/time.ts';
import { CronError, parseCron } from './cron.ts';
import { timeZone, utc } from './time-zone.ts';

/** The next times of a schedule, in UTC. */
function dueTimes(line: string, from: string, count = 1, zone = utc): string[] {
  const schedule = parseCron(line);
  const times: string[] = [];
  for (let at = parseTime(from)!; times.length < count; ) {
    const next = schedule.next(at, zone);
    if (next === undefined) return [...times, 'never'];
    times.push(formatTime(next));
    at = next;
  }
  return times;
}

describe('when a schedule is due', () => {
  test.each<{ name: string; line: string; from?: string; zone?: string; want: readonly string[] }>([
    { name: 'every minute', line: '* * * * *', want: ['2026-01-01T00:01:00Z', '2026-01-01T00:02:00Z'] },
    {
      name: 'every five minutes',
      line: '*/5 * * * *',
      from: '2026-01-01T00:03:59Z',
      want: ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z'],
    },
    { name: 'a step from a number', line: '50/5 3 * * *', want: ['2026-01-01T03:50:00Z', '2026-01-01T03:55:00Z', '2026-01-02T03:50:00Z'] },
    { name: 'hourly', line: '@hourly', want: ['2026-01-01T01:00:00Z'] },
    { name: 'yearly', line: '@yearly', want: ['2027-01-01T00:00:00Z'] },
    { name: 'weekdays by name', line: '0 9 * * mon-fri', want: ['2026-01-01T09:00:00Z', '2026-01-02T09:00:00Z', '2026-01-05T09:00:00Z'] },
    { name: 'months by name, lists', line: '0 0 1 feb,Apr *', want: ['2026-02-01T00:00:00Z', '2026-04-01T00:00:00Z'] },
    { name: 'day or weekday', line: '0 0 13 * 5', want: ['2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z', '2026-01-13T00:00:00Z'] },
    { name: 'day and every other weekday', line: '0 0 13 * */2', want: ['2026-01-03T00:00:00Z'] },
    { name: 'a leap day', line: '0 0 29 2 *', want: ['2028-02-29T00:00:00Z'] },
    { name: '31 February', line: '59 23 31 2 *', want: ['never'] },
    { name: 'every so often', line: '@every 1h30m', from: '2026-01-01T00:00:07Z', want: ['2026-01-01T01:30:07Z', '2026-01-01T03:00:07Z'] },
    { name: 'nine in Berlin', line: '0 9 * * *', zone: 'Europe/Berlin', want: ['2026-01-01T08:00:00Z'] },
    {
      name: 'nine in Berlin as the clock goes forward',
      line: '0 9 * * *',
      zone: 'Europe/Berlin',
      from: '2026-03-28T00:00:00Z',
      want: ['2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z'],
    },
    {
      name: 'an hour that is skipped',
      line: '30 2 * * *',
      zone: 'America/New_York',
      from: '2026-03-07T12:00:00Z',
      want: ['2026-03-09T06:30:00Z'],
    },
    {
      name: 'an hour that comes twice',
      line: '30 1 * * *',
      zone: 'America/New_York',
      from: '2026-11-01T00:00:00Z',
      want: ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-11-02T06:30:00Z'],
    },
    { name: 'half hours', line: '0 0 * * *', zone: 'Asia/Kolkata', want: ['2026-01-01T18:30:00Z'] },
    { name: 'southern summer', line: '0 12 * * *', zone: 'Australia/Sydney', want: ['2026-01-01T01:00:00Z'] },
    { name: 'southern winter', line: '0 12 * * *', zone: 'Australia/Sydney', from: '2026-06-01T00:00:00Z', want: ['2026-06-01T02:00:00Z'] },
  ])('$name', ({ line, from = '2026-01-01T00:00:00Z', zone, want }) => {
    expect(dueTimes(line, from, want.length, zone ? timeZone(zone)! : utc)).toEqual(want);
  });

  test('giving up takes no time worth speaking of', () => {
    const schedule = parseCron('0 0 31 2,4,6,9,11 *');
    for (let i = 0; i < 100; i++) expect(schedule.next(i, timeZone('Europe/Paris')!)).toBeUndefined();
  });
});

describe('lines that cannot be read', () => {
  test.each<{ line: string; want: string }>([
    { line: '', want: 'empty spec string' },
    { line: '* * * *', want: 'expected exactly 5 fields, found 4: [* * * *]' },
    { line: '0 0 0 0 0 0', want: 'expected exactly 5 fields, found 6: [0 0 0 0 0 0]' },
    { line: '60 * * * *', want: 'end of range (60) above maximum (59): 60' },
    { line: '* * 0 * *', want: 'beginning of range (0) below minimum (1): 0' },
    { line: '* * * * 7', want: 'end of range (7) above maximum (6): 7' },
    { line: '5-2 * * * *', want: 'beginning of range (5) beyond end of range (2): 5-2' },
    { line: '*/0 * * * *', want: 'step of range should be a positive number: */0' },
    { line: 'x * * * *', want: 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax' },
    { line: '1/2/3 * * * *', want: 'too many slashes: 1/2/3' },
    { line: '1-2-3 * * * *', want: 'too many hyphens: 1-2-3' },
    { line: '@often', want: 'unrecognized descriptor: @often' },
    { line: '@every soon', want: 'failed to parse duration @every soon: time: invalid duration "soon"' },
  ])('$line', ({ line, want }) => {
    expect(() => parseCron(line)).toThrow(new CronError(want));
  });

  test('zones that are not known', () => {
    expect(['Mars/Olympus', 'Etc/GMT+13', 'local', ''].map(timeZone)).toEqual([undefined, undefined, undefined, undefined]);
    expect(timeZone('Etc/GMT+5')!.offsetMs(0)).toBe(-18_000_000);
  });
});
