/** Strings: cel-go's standard and extended functions, and Kubernetes' regular expressions (find, findAll). */
import { goRegExp } from '../../structural-schema/go-regexp.ts';
import { CelError } from '../errors.ts';
import type { Meter } from '../errors.ts';
import { define } from '../overload.ts';
import { formatText } from './format-text.ts';

function regExp(pattern: string, text: string, meter: Meter): RegExp {
  meter.charge(Math.ceil(text.length / 10) * Math.max(1, Math.ceil(pattern.length / 4)));
  const found = goRegExp(pattern);
  if (!found) throw new CelError(`error parsing regexp: invalid syntax: \`${pattern}\``);
  return found;
}

function findAll(text: string, pattern: string, limit: number, meter: Meter): string[] {
  const expression = regExp(pattern, text, meter);
  const all = [...text.matchAll(new RegExp(expression.source, `${expression.flags}g`))].map(([match]) => match);
  return limit < 0 ? all : all.slice(0, limit);
}

/** A part of a text by code points. */
function part(text: string, from: bigint, to: bigint | undefined, meter: Meter): string {
  meter.text(text.length);
  const chars = [...text];
  const end = to ?? BigInt(chars.length);
  if (from < 0n || from > BigInt(chars.length)) throw new CelError(`index out of range: ${from}`);
  if (end < 0n || end > BigInt(chars.length)) throw new CelError(`index out of range: ${end}`);
  if (from > end) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  return chars.slice(Number(from), Number(end)).join('');
}

function indexOf(text: string, sub: string, offset: bigint, meter: Meter): bigint {
  meter.text(text.length);
  const chars = [...text];
  if (offset < 0n || offset > BigInt(chars.length)) throw new CelError(`index out of range: ${offset}`);
  const before = chars.slice(0, Number(offset)).join('').length;
  const at = text.indexOf(sub, before);
  return at < 0 ? -1n : BigInt([...text.slice(0, at)].length);
}

function lastIndexOf(text: string, sub: string, offset: bigint | undefined, meter: Meter): bigint {
  meter.text(text.length);
  const chars = [...text];
  if (offset !== undefined && (offset < 0n || offset > BigInt(chars.length))) throw new CelError(`index out of range: ${offset}`);
  const at = text.lastIndexOf(sub, offset === undefined ? text.length : chars.slice(0, Number(offset)).join('').length);
  return at < 0 ? -1n : BigInt([...text.slice(0, at)].length);
}

function replace(text: string, from: string, to: string, limit: bigint, meter: Meter): string {
  meter.text(text.length);
  const parts = text.split(from);
  const times = limit < 0n ? parts.length - 1 : Math.min(parts.length - 1, Number(limit));
  meter.text(times * to.length);
  return [...parts.slice(0, times), parts.slice(times).join(from)].join(to);
}

function split(text: string, by: string, limit: bigint, meter: Meter): string[] {
  meter.text(text.length);
  const parts = by === '' ? [...text] : text.split(by);
  if (limit < 0n || parts.length <= Number(limit)) return parts;
  if (limit === 0n) return [];
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(by)];
}

const ascii = (text: string, from: RegExp, change: (char: string) => string): string => text.replace(from, change);

export const strings = define({
  'string.contains(string): bool': ([text, sub], meter) => {
    meter.text(text.length);
    return text.includes(sub);
  },
  'string.startsWith(string): bool': ([text, sub]) => text.startsWith(sub),
  'string.endsWith(string): bool': ([text, sub]) => text.endsWith(sub),
  'string.matches(string): bool': ([text, pattern], meter) => regExp(pattern, text, meter).test(text),
  'matches(string, string): bool': ([text, pattern], meter) => regExp(pattern, text, meter).test(text),
  'string.find(string): string': ([text, pattern], meter) => findAll(text, pattern, 1, meter)[0] ?? '',
  'string.findAll(string): list<string>': ([text, pattern], meter) => findAll(text, pattern, -1, meter),
  'string.findAll(string, int): list<string>': ([text, pattern, limit], meter) => findAll(text, pattern, Number(limit), meter),
  'string.charAt(int): string': ([text, index], meter) => {
    const chars = [...text];
    if (index < 0n || index > BigInt(chars.length)) throw new CelError(`index out of range: ${index}`);
    return part(text, index, index === BigInt(chars.length) ? index : index + 1n, meter);
  },
  'string.indexOf(string): int': ([text, sub], meter) => indexOf(text, sub, 0n, meter),
  'string.indexOf(string, int): int': ([text, sub, offset], meter) => indexOf(text, sub, offset, meter),
  'string.lastIndexOf(string): int': ([text, sub], meter) => lastIndexOf(text, sub, undefined, meter),
  'string.lastIndexOf(string, int): int': ([text, sub, offset], meter) => lastIndexOf(text, sub, offset, meter),
  'string.lowerAscii(): string': ([text], meter) => {
    meter.text(text.length);
    return ascii(text, /[A-Z]/g, (char) => char.toLowerCase());
  },
  'string.upperAscii(): string': ([text], meter) => {
    meter.text(text.length);
    return ascii(text, /[a-z]/g, (char) => char.toUpperCase());
  },
  'string.replace(string, string): string': ([text, from, to], meter) => replace(text, from, to, -1n, meter),
  'string.replace(string, string, int): string': ([text, from, to, limit], meter) => replace(text, from, to, limit, meter),
  'string.split(string): list<string>': ([text, by], meter) => split(text, by, -1n, meter),
  'string.split(string, int): list<string>': ([text, by, limit], meter) => split(text, by, limit, meter),
  'string.substring(int): string': ([text, from], meter) => part(text, from, undefined, meter),
  'string.substring(int, int): string': ([text, from, to], meter) => part(text, from, to, meter),
  'string.trim(): string': ([text], meter) => {
    meter.text(text.length);
    return text.trim();
  },
  'string.format(list<dyn>): string': ([text, args], meter) => formatText(text, args, meter),
  'strings.quote(string): string': ([text]) => JSON.stringify(text),
  'list<string>.join(): string': ([list], meter) => {
    meter.text(list.join('').length);
    return list.join('');
  },
  'list<string>.join(string): string': ([list, by], meter) => {
    const text = list.join(by);
    meter.text(text.length);
    return text;
  },
});
