import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addQuantity, compareQuantities, milliValue, parseQuantity, QuantityError, quantityValue, subQuantity } from './quantity.ts';

function check(text: string, want: string | undefined): void {
  if (want === undefined) expect(() => parseQuantity(text)).toThrow(QuantityError);
  else expect(parseQuantity(text).text).toBe(want);
}

/** Seen with kubectl v1.33: `create quota --dry-run=client`. */
test.each([
  ['0', '0'],
  ['Gi', '0'],
  ['.', '0'],
  ['+5', '+5'],
  ['1e', undefined],
  ['10Ei', '9223372036854775807'],
  ['-0', '0'],
  ['0Ki', '0'],
  ['1e-3', '1e-3'],
  ['1e-10', '1e-9'],
  ['1e30', '1e30'],
  ['1.5Ki', '1536'],
  ['1100Ki', '1100Ki'],
  ['1', '1'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['1.5', '1500m'],
  ['.5', '500m'],
  ['1024Mi', '1Gi'],
  ['1000Mi', '1000Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Mi', '512Ki'],
  ['0.5Ki', '512'],
  ['1000k', '1M'],
  ['1e3', '1e3'],
  ['1000e0', '1e3'],
  ['12E', '12E'],
  ['1E2', '100'],
  ['100000', '100k'],
  ['0.1n', '1n'],
  ['-1.5', '-1500m'],
  ['1.500', '1.500'],
  ['9Ei', '9223372036854775807'],
  ['', undefined],
  ['x', undefined],
  ['1x', undefined],
  ['1MM', undefined],
  ['1 Gi', undefined],
  ['1.2.3', undefined],
])('%s is %s', check);

test('messages are upstream’s', () => {
  expect(() => parseQuantity('1x')).toThrow("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  expect(() => parseQuantity('1MM')).toThrow("unable to parse quantity's suffix");
});

test('values round away from zero', () => {
  expect([milliValue('100u'), milliValue('1.5'), quantityValue('100m'), quantityValue('1Ki'), quantityValue('-100m')]).toEqual([
    1, 1500, 1, 1024, -1,
  ]);
});

const quantity = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'n'))
  .map(([value, suffix]) => parseQuantity(`${value}${suffix}`));

test('sums and order are those of exact numbers', () => {
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      expect(parseQuantity(addQuantity(a, b).text).nanos).toBe(a.nanos + b.nanos);
      expect(subQuantity(addQuantity(a, b), b).nanos).toBe(a.nanos);
      expect(compareQuantities(a, b)).toBe(a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);
      expect(parseQuantity(a.text).nanos).toBe(a.nanos);
    }),
  );
});
