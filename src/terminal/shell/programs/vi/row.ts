import { shownLine } from '../screen.ts';
import type { Position } from './buffer.ts';

/** Which columns of a line lie between the two ends of a selection: from, and up to. */
export function selectedColumns(a: Position, b: Position, line: number, isLinewise: boolean): readonly [number, number] | undefined {
  const [from, to] = a.line < b.line || (a.line === b.line && a.column <= b.column) ? [a, b] : [b, a];
  if (line < from.line || line > to.line) return undefined;
  if (isLinewise) return [0, Number.MAX_SAFE_INTEGER];
  return [line === from.line ? from.column : 0, line === to.line ? to.column + 1 : Number.MAX_SAFE_INTEGER];
}

/** One line of text as it is shown from a column on, with what is selected in reverse. Differs from vi: long lines scroll instead of wrapping. */
export function shownRow(text: string, selected: readonly [number, number] | undefined, left: number, width: number): string {
  const { cells, columns } = shownLine(text);
  let out = '';
  let isOn = false;
  for (const [i, cell] of cells.entries()) {
    if (columns[i + 1]! <= left || columns[i]! >= left + width) continue;
    const isIn = selected !== undefined && i >= selected[0] && i < selected[1];
    if (isIn !== isOn) out += isIn ? '\x1b[7m' : '\x1b[0m';
    isOn = isIn;
    out += columns[i + 1]! > left + width ? ' ' : cell;
  }
  return isOn ? `${out}\x1b[0m` : out;
}
