import { expect, test } from 'vitest';
import { bpi } from './index.ts';

test('π has the digits that it has', () => {
  expect(bpi(1)).toBe('3');
  expect(bpi(5)).toBe('3.1416');
  expect(bpi(50)).toBe('3.1415926535897932384626433832795028841971693993751');
  const long = bpi(2000);
  expect(long).toHaveLength(2001);
  // The digits from the 1990th on are …9331367702898915…, of which the last one printed is rounded.
  expect(bpi(2010).startsWith(long.slice(0, -1))).toBe(true);
  // The Feynman point: six nines at the 762nd decimal.
  expect(long.slice(2 + 761, 2 + 767)).toBe('999999');
});
