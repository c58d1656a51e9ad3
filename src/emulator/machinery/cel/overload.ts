/** Functions: one line of signature for each overload, and what it does. */
import type { Meter } from './errors.ts';
import type { Type } from './types.ts';
import { basic, listOf, mapOf, optionalOf } from './types.ts';
import type { Value } from './values.ts';

// biome-ignore lint/suspicious/noExplicitAny: an overload is called with values of the types that its signature names.
type Implementation = (args: any, meter: Meter) => Value;

export interface Overload {
  readonly name: string;
  readonly isMember: boolean;
  /** The receiver first. */
  readonly params: readonly Type[];
  readonly result: Type;
  readonly run: Implementation;
}

export type Functions = ReadonlyMap<string, readonly Overload[]>;

/**
 * Overloads from their signatures: `size(string): int`, `string.contains(string): bool`, `list<T>.sum(): T`. Operators are
 * called as cel-go calls them: `_+_(int, int): int`.
 */
export function define(table: Readonly<Record<string, Implementation>>): Overload[] {
  return Object.entries(table).map(([signature, run]) => ({ ...readSignature(signature), run }));
}

export function functionsOf(...lists: readonly (readonly Overload[])[]): Functions {
  const all = new Map<string, Overload[]>();
  for (const overload of lists.flat()) {
    const known = all.get(overload.name);
    if (known) known.push(overload);
    else all.set(overload.name, [overload]);
  }
  return all;
}

function readSignature(text: string): Omit<Overload, 'run'> {
  const open = text.indexOf('(');
  const close = text.lastIndexOf('): ');
  const head = text.slice(0, open);
  const result = readType(text.slice(close + 3));
  const args = splitTypes(text.slice(open + 1, close)).map(readType);
  // `.` parts a receiver from a method only where the receiver is a type: `optional.of` is one name.
  const dot = head.endsWith('_') || head.startsWith('@') ? -1 : receiverEnd(head);
  if (dot < 0) return { name: head, isMember: false, params: args, result };
  return { name: head.slice(dot + 1), isMember: true, params: [readType(head.slice(0, dot)), ...args], result };
}

/** Names that begin with one of these are functions with a dotted name. */
const namespaces = /^(optional|ip|cidr|format|sets|strings|math|base64|lists)\./;

function receiverEnd(head: string): number {
  return namespaces.test(head) ? -1 : head.lastIndexOf('.');
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '<') depth++;
    if (char === '>') depth--;
    if (char === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  return part.trim() === '' ? parts : [...parts, part.trim()];
}

function readType(text: string): Type {
  const generic = /^(list|map|optional)<(.*)>$/.exec(text);
  if (!generic) return /^[A-Z]$/.test(text) ? { kind: 'param', name: text } : basic(text);
  const parts = splitTypes(generic[2]!).map(readType);
  if (generic[1] === 'list') return listOf(parts[0]!);
  return generic[1] === 'map' ? mapOf(parts[0]!, parts[1]!) : optionalOf(parts[0]!);
}
