/** Which test shows that a field acts: what `npm run fidelity:prove` found out, kept in `shown-by.txt`. */
import fs from 'node:fs';
import path from 'node:path';
import type { FieldName } from './fields.ts';

export interface ShownBy {
  readonly file: string;
  /** The name with those of the groups that it stands in: `group > test`. */
  readonly name: string;
}

/** By `Probe.periodSeconds`. */
export type Shown = ReadonlyMap<FieldName, ShownBy>;

const file = path.join(import.meta.dirname, 'shown-by.txt');

/** A file of tests begins its line, a test is set in by two, the fields that it shows by four. */
export function readShown(): Shown {
  const shown = new Map<FieldName, ShownBy>();
  let by: ShownBy = { file: '', name: '' };
  for (const line of fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : []) {
    if (line.startsWith('    ')) for (const field of line.trim().split(' ')) shown.set(field, by);
    else if (line.startsWith('  ')) by = { ...by, name: line.slice(2) };
    else by = { file: line, name: '' };
  }
  return shown;
}

/** Sorted, so that a test of one file changes the lines below it. */
export function writeShown(shown: Shown): void {
  const lines: string[] = [];
  let last: ShownBy = { file: '', name: '' };
  for (const [field, by] of [...shown].sort(([a, x], [b, y]) => compare(x.file, y.file) || compare(x.name, y.name) || compare(a, b))) {
    if (by.file !== last.file) lines.push(by.file);
    if (by.file !== last.file || by.name !== last.name) lines.push(`  ${by.name}`, '   ');
    lines[lines.length - 1] += ` ${field}`;
    last = by;
  }
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
}

/** Without those whose test is gone, or has another name now. */
export function existing(shown: Shown): Shown {
  const known = new Map<string, readonly string[]>();
  const isThere = ({ file: test, name }: ShownBy): boolean => {
    if (!known.has(test)) known.set(test, fs.existsSync(test) ? textsIn(fs.readFileSync(test, 'utf8')) : []);
    return name.split(' > ').every((part) => known.get(test)!.some((text) => isTitle(text, part)));
  };
  return new Map([...shown].filter(([, by]) => isThere(by)));
}

/** Every text that stands in a source file. */
function textsIn(source: string): readonly string[] {
  const texts = [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)];
  return texts.map(([, single, double, template]) => (single ?? double ?? template ?? '').replace(/\\(.)/g, '$1'));
}

/** Whether a test may be called so by a text of its file: in full, by a row of a table, or with what a table fills in. */
function isTitle(text: string, name: string): boolean {
  // Vitest quotes the texts of tables, and cuts the long ones.
  const [begin = '', cut] = name.replace(/^'|'$/g, '').split('…');
  if (cut === undefined ? text === begin : text.startsWith(begin)) return true;
  const pieces = text.split(/\$\{[^}]*\}|\$[a-zA-Z_.]+|%[sdifjo#]/g);
  if (pieces.length === 1 || pieces.join('').trim().length < 2) return false;
  return new RegExp(`^${pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's').test(name);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
