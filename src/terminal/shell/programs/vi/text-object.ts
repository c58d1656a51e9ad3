import type { Buffer, Position } from './buffer.ts';

/** `iw`, `i"`, `i(` and their `a` forms, on the line of the cursor. */
export function textObject(buffer: Buffer, around: boolean, key: string): { readonly from: Position; readonly to: Position } | undefined {
  const { line, column } = buffer.cursor;
  const text = buffer.line;
  const span = (from: number, to: number) => ({ from: { line, column: from }, to: { line, column: to } });
  if (key === 'w' || key === 'W') {
    const isWord = (char: string | undefined): boolean => char !== undefined && (key === 'W' ? /\S/ : /[\p{L}\p{N}_]/u).test(char);
    const kind = isWord(text[column]);
    let [from, to] = [column, column];
    while (from > 0 && isWord(text[from - 1]) === kind && /\s/.test(text[from - 1]!) === /\s/.test(text[column] ?? ' ')) from--;
    while (to < text.length && isWord(text[to]) === kind && /\s/.test(text[to]!) === /\s/.test(text[column] ?? ' ')) to++;
    if (around) while (text[to] === ' ') to++;
    return span(from, to);
  }
  const pairs: Readonly<Record<string, readonly [string, string]>> = {
    '"': ['"', '"'],
    "'": ["'", "'"],
    '`': ['`', '`'],
    '(': ['(', ')'],
    ')': ['(', ')'],
    b: ['(', ')'],
    '{': ['{', '}'],
    '}': ['{', '}'],
    B: ['{', '}'],
    '[': ['[', ']'],
    ']': ['[', ']'],
    '<': ['<', '>'],
    '>': ['<', '>'],
  };
  const pair = pairs[key];
  if (!pair) return undefined;
  let from = text.lastIndexOf(pair[0], column);
  if (from < 0) from = text.indexOf(pair[0], column);
  const to = from < 0 ? -1 : text.indexOf(pair[1], Math.max(from + 1, pair[0] === pair[1] ? from + 1 : column));
  if (to < 0) return undefined;
  return around ? span(from, to + 1) : span(from + 1, to);
}
