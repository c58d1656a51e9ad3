/** Quantities: apiserver/pkg/cel/library/quantity.go. */
import type { Quantity } from '../../quantity.ts';
import { addQuantity, compareQuantities, parseQuantity, quantityComplaint, quantityOf, subQuantity } from '../../quantity.ts';
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { Opaque } from '../values.ts';

const type = 'kubernetes.Quantity';
const billion = 1_000_000_000n;

const wrap = (quantity: Quantity): Opaque<Quantity> => new Opaque(type, quantity, quantity.text);
const wholeOf = (value: bigint): Quantity => quantityOf(value * billion);

function asInteger({ nanos }: Quantity): bigint | undefined {
  const value = nanos / billion;
  return nanos % billion === 0n && value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

export const quantities = define({
  'quantity(string): kubernetes.Quantity': ([text]) => {
    const complaint = quantityComplaint(text);
    if (complaint !== undefined) throw new CelError(complaint);
    return wrap(parseQuantity(text));
  },
  'isQuantity(string): bool': ([text]) => quantityComplaint(text) === undefined,
  'kubernetes.Quantity.sign(): int': ([{ of }]) => (of.nanos === 0n ? 0n : of.nanos < 0n ? -1n : 1n),
  'kubernetes.Quantity.isInteger(): bool': ([{ of }]) => asInteger(of) !== undefined,
  'kubernetes.Quantity.asInteger(): int': ([{ of }]) => {
    const value = asInteger(of);
    if (value === undefined) throw new CelError('cannot convert value to integer');
    return value;
  },
  'kubernetes.Quantity.asApproximateFloat(): double': ([{ of }]) => Number(of.nanos) / 1e9,
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': ([a, b]) => compareQuantities(a.of, b.of) > 0,
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': ([a, b]) => compareQuantities(a.of, b.of) < 0,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': ([a, b]) => BigInt(compareQuantities(a.of, b.of)),
  'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity': ([a, b]) => wrap(addQuantity(a.of, b.of)),
  'kubernetes.Quantity.add(int): kubernetes.Quantity': ([a, b]) => wrap(addQuantity(a.of, wholeOf(b))),
  'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity': ([a, b]) => wrap(subQuantity(a.of, b.of)),
  'kubernetes.Quantity.sub(int): kubernetes.Quantity': ([a, b]) => wrap(subQuantity(a.of, wholeOf(b))),
});
