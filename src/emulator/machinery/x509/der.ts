/**
 * DER, as much of it as certificates and keys need: a writer of nested values and a reader of a tree.
 * Written by hand because the libraries for it expect the host's TextEncoder and cost ten times the size.
 */
import { bytesOf, textOf, toUint8Array, utf8 } from '../../kernel/bytes.ts';
import { civilTime, unixMs } from '../../kernel/time.ts';

export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** One value: tag, length, content. */
export function encode(tagNumber: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  const length: number[] = [];
  if (body.length < 0x80) length.push(body.length);
  else {
    for (let rest = body.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
    length.unshift(0x80 | length.length);
  }
  return concat(Uint8Array.of(tagNumber, ...length), body);
}

export const sequence = (...content: readonly Uint8Array[]): Uint8Array => encode(tag.sequence, ...content);
export const set = (...content: readonly Uint8Array[]): Uint8Array => encode(tag.set, ...content);
/** A context-specific value that holds others. */
export const explicit = (number: number, ...content: readonly Uint8Array[]): Uint8Array => encode(0xa0 | number, ...content);
export const octetString = (bytes: Uint8Array): Uint8Array => encode(tag.octetString, bytes);
export const bitString = (bytes: Uint8Array, unusedBits = 0): Uint8Array => encode(tag.bitString, Uint8Array.of(unusedBits), bytes);
export const boolean = (value: boolean): Uint8Array => encode(tag.boolean, Uint8Array.of(value ? 0xff : 0));

/** An unsigned integer, big-endian. */
export function integer(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const digits = bytes.subarray(from);
  return encode(tag.integer, digits[0]! & 0x80 ? concat(Uint8Array.of(0), digits) : digits);
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return encode(tag.objectIdentifier, Uint8Array.from(bytes));
}

export function text(tagNumber: number, value: string): Uint8Array {
  return encode(tagNumber, toUint8Array(utf8(value)));
}

const pad = (n: number): string => String(n).padStart(2, '0');

/** UTCTime up to 2049, GeneralizedTime after it, as RFC 5280 asks. */
export function time(ms: number): Uint8Array {
  const { year, month, day, hour, minute, second } = civilTime(ms);
  const rest = `${pad(month)}${pad(day)}${pad(hour)}${pad(minute)}${pad(second)}Z`;
  return year < 2050 ? text(tag.utcTime, pad(year % 100) + rest) : text(tag.generalizedTime, `${year}${rest}`);
}

/** A value that was read. `bytes` is the whole of it with its header. */
export interface DerValue {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
  readonly children: readonly DerValue[];
}

/** Thrown for bytes that are not DER. */
export class DerError extends Error {}

/** Reads one value and what is nested in it. */
export function decode(bytes: Uint8Array): DerValue {
  const { value, end } = decodeAt(bytes, 0, 0);
  if (end !== bytes.length) throw new DerError('trailing data');
  return value;
}

function decodeAt(bytes: Uint8Array, start: number, depth: number): { value: DerValue; end: number } {
  if (depth > 32 || start + 2 > bytes.length) throw new DerError('syntax error: data truncated');
  const tagNumber = bytes[start]!;
  let at = start + 1;
  let length = bytes[at++]!;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError('syntax error: invalid length');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] ?? 0);
  }
  const end = at + length;
  if (end > bytes.length) throw new DerError('syntax error: data truncated');
  const content = bytes.subarray(at, end);
  const children: DerValue[] = [];
  if (tagNumber & 0x20) {
    for (let next = at; next < end; ) {
      const child = decodeAt(bytes.subarray(0, end), next, depth + 1);
      children.push(child.value);
      next = child.end;
    }
  }
  return { value: { tag: tagNumber, bytes: bytes.subarray(start, end), content, children }, end };
}

export function readIdentifier(value: DerValue): string {
  const [first = 0, ...rest] = value.content;
  const arcs = [Math.min(2, Math.floor(first / 40)), first - Math.min(2, Math.floor(first / 40)) * 40];
  let arc = 0;
  for (const byte of rest) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs.join('.');
}

export const readText = (value: DerValue): string => textOf(bytesOf(value.content));

export function readTime(value: DerValue): number {
  const digits = readText(value);
  const match = (value.tag === tag.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
    digits,
  );
  if (!match) throw new DerError(`malformed time ${digits}`);
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  const fullYear = value.tag === tag.utcTime ? (year < 50 ? 2000 : 1900) + year : year;
  return unixMs(fullYear, month, day, hour, minute, second);
}
