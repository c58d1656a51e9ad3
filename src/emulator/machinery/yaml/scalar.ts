/** What a plain scalar means. Upstream: go-yaml v2, `resolve.go`. */

const words = new Map<string, boolean | null | number>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) words.set(word, true);
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) words.set(word, false);
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, null);
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, Number.NaN);
for (const word of ['inf', 'Inf', 'INF']) {
  words.set(`.${word}`, Number.POSITIVE_INFINITY);
  words.set(`+.${word}`, Number.POSITIVE_INFINITY);
  words.set(`-.${word}`, Number.NEGATIVE_INFINITY);
}

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const date = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\s*\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

/** The value of a plain scalar. Timestamps stay text. */
export function resolveScalar(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  const code = text.charCodeAt(0);
  const isDigit = code >= 48 && code <= 57;
  if (code === 46) return /^\.\d+([eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
  if (!isDigit && code !== 43 && code !== 45) return text;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const integer = resolveInteger(plain);
  if (integer !== undefined) return integer;
  return float.test(plain) ? Number(plain) : text;
}

/** Go's ParseInt with base 0, then ParseUint: undefined when neither takes the text. */
function resolveInteger(text: string): number | undefined {
  const match = /^([-+]?)(?:(0[xX])([0-9a-fA-F]+)|(0[bB])([01]+)|(0[oO]?)([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (!match) return undefined;
  const size = match[2]
    ? BigInt(`0x${match[3]}`)
    : match[4]
      ? BigInt(`0b${match[5]}`)
      : match[6]
        ? BigInt(`0o${match[7]}`)
        : BigInt(match[8]!);
  const isNegative = match[1] === '-';
  if (size > (isNegative ? 1n << 63n : match[1] === '+' ? (1n << 63n) - 1n : (1n << 64n) - 1n)) return undefined;
  return isNegative ? -Number(size) : Number(size);
}

/** Whether a text must be quoted for it to be read back as a string: it would be another value, a date, or a number of base 60. */
export function isAmbiguous(text: string): boolean {
  if (typeof resolveScalar(text) !== 'string') return true;
  const code = text.charCodeAt(0);
  if (!((code >= 48 && code <= 57) || code === 43 || code === 45)) return false;
  return date.test(text) || /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
}
