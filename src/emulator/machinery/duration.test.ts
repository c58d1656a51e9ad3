import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, humanDuration, parseDuration } from './duration.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

function check(ms: number, want: string): void {
  expect(humanDuration(ms)).toBe(want);
}

test.each([
  [-2 * second, '<invalid>'],
  [-0.5 * second, '0s'],
  [1 * second, '1s'],
  [119 * second, '119s'],
  [120 * second, '2m'],
  [125 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute, '10m'],
  [179 * minute, '179m'],
  [180 * minute, '3h'],
  [190 * minute, '3h10m'],
  [8 * hour, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [50 * hour, '2d2h'],
  [8 * day, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [740 * day, '2y10d'],
  [8 * 365 * day, '8y'],
])('%i ms is %s old', check);

test.each([
  ['1h30m', 5_400_000, '1h30m0s'],
  ['1.5s', 1500, '1.5s'],
  ['300ms', 300, '300ms'],
  ['-1m', -60_000, '-1m0s'],
  ['0', 0, '0s'],
  ['10us', 0.01, '10µs'],
  ['1m0.5s', 60_500, '1m0.5s'],
])('%s', (text, ms, printed) => {
  expect(parseDuration(text)).toBe(ms);
  expect(formatDuration(ms)).toBe(printed);
});

test.each(['', '1', 'x', '1h1', '5 s', '1d'])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());

test('what is printed is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});
