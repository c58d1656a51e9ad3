/** Where keys lead: `w`, `$`, `G`, `fx`. */
import type { Buffer, Position } from './buffer.ts';

export interface Motion {
  readonly to: Position;
  /** An operator takes whole lines. */
  readonly isLinewise: boolean;
  /** An operator takes the character under the end too. */
  readonly isInclusive: boolean;
}

const kindOf = (char: string | undefined, big: boolean): number =>
  char === undefined || /\s/.test(char) ? 0 : big || /[\p{L}\p{N}_]/u.test(char) ? 1 : 2;

function wordForward(buffer: Buffer, from: Position, big: boolean): Position {
  let { line, column } = from;
  const kind = kindOf(buffer.lines[line]![column], big);
  while (kind !== 0 && column < buffer.lines[line]!.length && kindOf(buffer.lines[line]![column], big) === kind) column++;
  for (;;) {
    const text = buffer.lines[line]!;
    while (column < text.length && kindOf(text[column], big) === 0) column++;
    if (column < text.length) return { line, column };
    if (line === buffer.lines.length - 1) return { line, column: text.length };
    line++;
    column = 0;
    if (buffer.lines[line] === '') return { line, column };
  }
}

function wordBackward(buffer: Buffer, from: Position, big: boolean): Position {
  let { line, column } = from;
  for (;;) {
    const text = buffer.lines[line]!;
    while (column > 0 && kindOf(text[column - 1], big) === 0) column--;
    if (column > 0) break;
    if (line === 0) return { line, column: 0 };
    line--;
    column = buffer.lines[line]!.length;
    if (column === 0) return { line, column };
  }
  const kind = kindOf(buffer.lines[line]![column - 1], big);
  while (column > 0 && kindOf(buffer.lines[line]![column - 1], big) === kind) column--;
  return { line, column };
}

function wordEnd(buffer: Buffer, from: Position, big: boolean): Position {
  let { line } = from;
  let column = from.column + 1;
  for (;;) {
    const text = buffer.lines[line]!;
    while (column < text.length && kindOf(text[column], big) === 0) column++;
    if (column < text.length) break;
    if (line === buffer.lines.length - 1) return { line, column: Math.max(0, text.length - 1) };
    line++;
    column = 0;
  }
  const kind = kindOf(buffer.lines[line]![column], big);
  while (kindOf(buffer.lines[line]![column + 1], big) === kind) column++;
  return { line, column };
}

function find(text: string, column: number, count: number, key: string, char: string): number | undefined {
  const isForward = key === 'f' || key === 't';
  let at = column;
  for (let i = 0; i < count; i++) at = isForward ? text.indexOf(char, at + 1) : at <= 0 ? -1 : text.lastIndexOf(char, at - 1);
  if (at < 0) return undefined;
  return key === 't' ? at - 1 : key === 'T' ? at + 1 : at;
}

function matchingBracket(buffer: Buffer, from: Position): Position | undefined {
  const pairs = '()[]{}';
  const text = buffer.lines[from.line]!;
  const column = [...text.slice(from.column)].findIndex((char) => pairs.includes(char)) + from.column;
  const open = text[column];
  if (open === undefined || column < from.column) return undefined;
  const at = pairs.indexOf(open);
  const [other, step] = at % 2 === 0 ? [pairs[at + 1]!, 1] : [pairs[at - 1]!, -1];
  let depth = 0;
  for (let line = from.line, c = column; line >= 0 && line < buffer.lines.length; ) {
    const char = buffer.lines[line]![c];
    if (char === open) depth++;
    if (char === other && --depth === 0) return { line, column: c };
    c += step;
    if (c < 0 || c >= buffer.lines[line]!.length) {
      line += step;
      c = step > 0 ? 0 : (buffer.lines[line]?.length ?? 1) - 1;
    }
  }
  return undefined;
}

function paragraph(buffer: Buffer, from: number, step: number): number {
  let line = from + step;
  while (line > 0 && line < buffer.lines.length - 1 && !(buffer.lines[line] === '' && buffer.lines[line - step] !== '')) line += step;
  return Math.max(0, Math.min(buffer.lines.length - 1, line));
}

/** Undefined when the key is no motion, or leads nowhere. `argument` is the character after f, t, F and T. */
export function motion(buffer: Buffer, key: string, count: number | undefined, argument = '', page = 20): Motion | undefined {
  const { line, column } = buffer.cursor;
  const n = count ?? 1;
  const text = buffer.line;
  const exclusive = (to: Position): Motion => ({ to, isLinewise: false, isInclusive: false });
  const inclusive = (to: Position): Motion => ({ to, isLinewise: false, isInclusive: true });
  const linewise = (at: number, to = column): Motion => ({
    to: { line: Math.max(0, Math.min(buffer.lines.length - 1, at)), column: to },
    isLinewise: true,
    isInclusive: false,
  });
  const firstText = (at: number): number => Math.max(0, buffer.lines[Math.max(0, Math.min(buffer.lines.length - 1, at))]!.search(/\S/));
  const repeat = (step: (from: Position) => Position): Position => {
    let at = buffer.cursor;
    for (let i = 0; i < n; i++) at = step(at);
    return at;
  };
  switch (key) {
    case 'h':
    case 'Left':
    case 'Backspace':
      return exclusive({ line, column: Math.max(0, column - n) });
    case 'l':
    case 'Right':
    case ' ':
      return exclusive({ line, column: Math.min(text.length, column + n) });
    case 'j':
    case 'Down':
    case 'C-n':
      return linewise(line + n);
    case 'k':
    case 'Up':
    case 'C-p':
      return linewise(line - n);
    case 'Enter':
    case '+':
      return linewise(line + n, firstText(line + n));
    case '-':
      return linewise(line - n, firstText(line - n));
    case '0':
    case 'Home':
      return exclusive({ line, column: 0 });
    case '^':
      return exclusive({ line, column: firstText(line) });
    case '$':
    case 'End':
      return inclusive({
        line: Math.min(buffer.lines.length - 1, line + n - 1),
        column: Math.max(0, buffer.lines[Math.min(buffer.lines.length - 1, line + n - 1)]!.length - 1),
      });
    case 'w':
    case 'W':
      return exclusive(repeat((at) => wordForward(buffer, at, key === 'W')));
    case 'b':
    case 'B':
      return exclusive(repeat((at) => wordBackward(buffer, at, key === 'B')));
    // What `cw` changes: to the end of the word, where the cursor may stand already.
    case 'cw':
    case 'cW':
      return inclusive(repeat((at) => wordEnd(buffer, at === buffer.cursor ? { line, column: column - 1 } : at, key === 'cW')));
    case 'e':
    case 'E':
      return inclusive(repeat((at) => wordEnd(buffer, at, key === 'E')));
    case 'G':
      return linewise(
        count === undefined ? buffer.lines.length - 1 : count - 1,
        firstText(count === undefined ? buffer.lines.length - 1 : count - 1),
      );
    case 'gg':
      return linewise(count === undefined ? 0 : count - 1, firstText(count === undefined ? 0 : count - 1));
    case 'C-f':
    case 'PageDown':
      return linewise(line + page * n);
    case 'C-b':
    case 'PageUp':
      return linewise(line - page * n);
    case 'C-d':
      return linewise(line + Math.floor(page / 2));
    case 'C-u':
      return linewise(line - Math.floor(page / 2));
    case '{':
      return exclusive({ line: paragraph(buffer, line, -1), column: 0 });
    case '}':
      return exclusive({ line: paragraph(buffer, line, 1), column: 0 });
    case '%': {
      const to = matchingBracket(buffer, buffer.cursor);
      return to && inclusive(to);
    }
    case 'f':
    case 't':
    case 'F':
    case 'T': {
      const to = find(text, column, n, key, argument);
      return to === undefined ? undefined : key === 'f' || key === 't' ? inclusive({ line, column: to }) : exclusive({ line, column: to });
    }
    default:
      return undefined;
  }
}
