/**
 * JSON as Go's encoding/json writes it: `<`, `>`, `&`, U+2028 and U+2029 escaped, no space in compact form, empty lists and
 * objects closed at once when indented. Fields that are undefined are left out.
 */
const escapable = /["\\<>&\u2028\u2029\u0000-\u001f\ud800-\udfff]/;
const quotable = /["\\\u2028\u2029\u0000-\u001f\ud800-\udfff]/;

export interface JsonOptions {
  /** One level, e.g. four spaces for `kubectl -o json`; '' is compact. */
  readonly indent?: string | undefined;
  /** Keys in byte order, as Go writes maps; else in the order of the object, as Go writes structs. */
  readonly isSorted?: boolean | undefined;
  /** Whether `<>&` become \u003c and so on; true unless given, as Go's default is. */
  readonly isHtmlEscaped?: boolean | undefined;
}

export function jsonString(text: string, isHtmlEscaped = true): string {
  if (!(isHtmlEscaped ? escapable : quotable).test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (code < 0x20) out += shortEscapes[char] ?? `\\u00${code.toString(16).padStart(2, '0')}`;
    else if (isHtmlEscaped && (char === '<' || char === '>' || char === '&')) out += `\\u00${code.toString(16)}`;
    else if (code === 0x2028 || code === 0x2029) out += `\\u${code.toString(16)}`;
    else if (code >= 0xd800 && code <= 0xdfff) out += '\\ufffd';
    else out += char;
  }
  return `${out}"`;
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

/** A number as Go prints a float64 or an int64. */
export function jsonNumber(value: number): string {
  // Within int64 every digit counts; beyond it Go has a float64 and prints the shortest digits, as JavaScript does.
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return Object.is(value, -0) ? '-0' : BigInt(value).toString();
  return String(value);
}

/** The JSON text of a value. */
export function toJson(value: unknown, options: JsonOptions = {}): string {
  const { indent = '', isSorted = false, isHtmlEscaped = true } = options;
  const parts: string[] = [];
  const write = (node: unknown, newline: string): void => {
    if (node === null || node === undefined) parts.push('null');
    else if (typeof node === 'string') parts.push(jsonString(node, isHtmlEscaped));
    else if (typeof node === 'number') parts.push(jsonNumber(node));
    else if (typeof node === 'boolean' || typeof node === 'bigint') parts.push(String(node));
    else if (Array.isArray(node)) writeList(node, newline);
    else writeMap(node as Record<string, unknown>, newline);
  };
  const writeList = (list: readonly unknown[], newline: string): void => {
    if (list.length === 0) {
      parts.push('[]');
      return;
    }
    const inner = newline === '' ? '' : newline + indent;
    parts.push('[');
    for (let i = 0; i < list.length; i++) {
      parts.push(i === 0 ? inner : `,${inner}`);
      write(list[i], inner);
    }
    parts.push(newline, ']');
  };
  const writeMap = (map: Record<string, unknown>, newline: string): void => {
    const keys = Object.keys(map);
    if (isSorted) sortKeys(keys);
    const inner = newline === '' ? '' : newline + indent;
    let isEmpty = true;
    parts.push('{');
    for (const key of keys) {
      if (map[key] === undefined) continue;
      parts.push(isEmpty ? inner : `,${inner}`, jsonString(key, isHtmlEscaped), newline === '' ? ':' : ': ');
      write(map[key], inner);
      isEmpty = false;
    }
    parts.push(isEmpty ? '}' : `${newline}}`);
  };
  write(value, indent === '' ? '' : '\n');
  return parts.join('');
}

/** Compact JSON as `json.Marshal` writes it. */
export const goJson = (value: unknown): string => toJson(value);

/** Sorts in place by bytes of UTF-8, which is the order of code points and not that of UTF-16 units. */
export function sortKeys(keys: string[]): string[] {
  return keys.sort(compareBytes);
}

/** Orders strings as Go does: by UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates sort above every other unit in UTF-8, though not in UTF-16.
    const isHighX = x >= 0xd800 && x <= 0xdfff;
    const isHighY = y >= 0xd800 && y <= 0xdfff;
    if (isHighX !== isHighY) return isHighX ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

/** Indented JSON with sorted keys, as `json.MarshalIndent` writes an unstructured object. */
export const marshalIndent = (value: unknown, indent: string): string => toJson(value, { indent, isSorted: true });

/** Compact JSON with sorted keys, as `json.Marshal` writes an unstructured object. */
export const marshalCompact = (value: unknown): string => toJson(value, { isSorted: true });
