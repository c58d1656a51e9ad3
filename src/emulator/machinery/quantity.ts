/**
 * Quantities: exact numbers with a suffix, such as `250m`, `1Gi`, `3e6`. Amounts are whole nano-units in a BigInt, which is the
 * precision that upstream keeps. Parsed texts are interned, since a cluster has few unlike ones.
 *
 * Upstream: `apimachinery/pkg/api/resource/quantity.go`.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The amount times 10^9. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** Canonical text; or the text as written, which upstream keeps when it looks canonical to its fast path (`1.500`). */
  readonly text: string;
}

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const formatMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const numericMessage = 'unable to parse numeric part of quantity';
const suffixMessage = "unable to parse quantity's suffix";

const decimalSuffixes: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalNames: Readonly<Record<number, string>> = {
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
};
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const binaryNames = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const billion = 1_000_000_000n;
const maxBinary = ((1n << 63n) - 1n) * billion;
/** Differs from Kubernetes: upstream has no such bounds and computes for as long as it takes. */
const maxDigits = 400;
const maxExponent = 400;

const cacheSize = 8192;
const parsed = new Map<string, Quantity>();

/** Throws a QuantityError. A number is read as its decimal text, as upstream reads a JSON number. */
export function parseQuantity(source: string | number): Quantity {
  const text = typeof source === 'number' ? String(source) : source;
  const known = parsed.get(text);
  if (known) return known;
  const quantity = parse(text);
  if (parsed.size >= cacheSize) parsed.clear();
  parsed.set(text, quantity);
  return quantity;
}

function parse(text: string): Quantity {
  const match = /^([+-]?)(\d*)(?:(\.)(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text);
  if (!match || text === '') throw new QuantityError(formatMessage);
  const [, sign, whole, , decimals = '', suffix] = match as unknown as [
    string,
    string,
    string,
    string | undefined,
    string | undefined,
    string,
  ];
  if (suffix !== '' && /^[-+\d]/.test(suffix)) throw new QuantityError(formatMessage);
  const { exponent, format } = readSuffix(suffix);
  const num = whole.replace(/^0+/, '') || '0';
  if (num.length + decimals.length > maxDigits) throw new QuantityError(numericMessage);
  const digits = BigInt(num + decimals);
  const isBinary = format === 'BinarySI';
  let nanos = isBinary
    ? roundUp(digits * (1n << BigInt(exponent)) * billion, power10(decimals.length))
    : scaleUp(digits, exponent - decimals.length + 9);
  if (isBinary && nanos > maxBinary) nanos = maxBinary;
  const actual = isBinary && nanos > 0n && nanos < billion ? 'DecimalSI' : format;
  if (sign === '-') nanos = -nanos;
  const isKept = keepsText(num, decimals, exponent, format);
  return { nanos, format: actual, text: isKept ? text : canonicalText(nanos, actual) };
}

/** Whether upstream's fast path takes the text for canonical and keeps it. */
function keepsText(num: string, decimals: string, exponent: number, format: QuantityFormat): boolean {
  const shifted = num + decimals;
  if (format === 'BinarySI') return decimals === '' && 15 - num.length - Math.trunc(exponent * 0.3) - 1 >= 0 && (BigInt(num) & 7n) !== 0n;
  const scale = exponent - decimals.length;
  return shifted.length <= 18 && scale >= -9 && scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

function readSuffix(suffix: string): { exponent: number; format: QuantityFormat } {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' };
  const binary = binarySuffixes[suffix];
  if (binary !== undefined) return { exponent: binary, format: 'BinarySI' };
  if (!/^[eE][-+]?\d+$/.test(suffix)) throw new QuantityError(suffixMessage);
  const exponent = Number(suffix.slice(1));
  if (exponent > maxExponent) throw new QuantityError(numericMessage);
  return { exponent: Math.max(exponent, -2 * maxExponent), format: 'DecimalExponent' };
}

const power10 = (exponent: number): bigint => 10n ** BigInt(exponent);

function scaleUp(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * power10(exponent) : roundUp(digits, power10(-exponent));
}

/** Division of a number that is not negative, rounded up: who asks for a little gets a little. */
function roundUp(amount: bigint, divisor: bigint): bigint {
  const quotient = amount / divisor;
  return quotient * divisor === amount ? quotient : quotient + 1n;
}

/** Upstream: `CanonicalizeBytes`. */
function canonicalText(nanos: bigint, format: QuantityFormat): string {
  if (nanos === 0n) return '0';
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  if (format === 'BinarySI' && size >= 1024n * billion && size % billion === 0n) {
    let mantissa = size / billion;
    let step = 0;
    while (mantissa % 1024n === 0n && step < 6) {
      mantissa /= 1024n;
      step++;
    }
    return `${sign}${mantissa}${binaryNames[step]}`;
  }
  let mantissa = size;
  let exponent = -9;
  // Differs from Kubernetes: upstream goes beyond E and then prints no suffix at all, another number.
  const largest = format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : 18;
  while (mantissa % 1000n === 0n && exponent < largest) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return `${sign}${mantissa}${exponent === 0 ? '' : `e${exponent}`}`;
  return `${sign}${mantissa}${decimalNames[exponent]}`;
}

/** A quantity of so many nano-units, with canonical text. */
export function quantityOf(nanos: bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos, format, text: canonicalText(nanos, format) };
}

/** The sum keeps the format of the first, unless that is zero. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  return quantityOf(a.nanos + b.nanos, a.nanos === 0n ? b.format : a.format);
}

export function subQuantity(a: Quantity, b: Quantity): Quantity {
  return quantityOf(a.nanos - b.nanos, a.nanos === 0n ? b.format : a.format);
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nanos === b.nanos ? 0 : a.nanos < b.nanos ? -1 : 1;
}

const away = (nanos: bigint, unit: bigint): number => Number(nanos < 0n ? -roundUp(-nanos, unit) : roundUp(nanos, unit));

const milliCache = new Map<string, number>();
const valueCache = new Map<string, number>();

/** Thousandths, rounded away from zero: what the scheduler counts CPU in. Throws a QuantityError. */
export function milliValue(source: string | number): number {
  return cached(milliCache, source, 1_000_000n);
}

/** Whole units, rounded away from zero: what the scheduler counts bytes in. Throws a QuantityError. */
export function quantityValue(source: string | number): number {
  return cached(valueCache, source, billion);
}

function cached(cache: Map<string, number>, source: string | number, unit: bigint): number {
  const text = typeof source === 'number' ? String(source) : source;
  const known = cache.get(text);
  if (known !== undefined) return known;
  const value = away(parseQuantity(text).nanos, unit);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(text, value);
  return value;
}

/** What is wrong with a text as a quantity, undefined if nothing. */
export function quantityComplaint(text: string | number): string | undefined {
  try {
    parseQuantity(text);
    return undefined;
  } catch (error) {
    if (error instanceof QuantityError) return error.message;
    throw error;
  }
}

/** The text that the API server stores for a quantity: canonical unless it was already. Throws a QuantityError. */
export const canonicalQuantity = (text: string | number): string => parseQuantity(text).text;
