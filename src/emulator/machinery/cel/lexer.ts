import type { Issue } from './ast.ts';

export type TokenKind = 'ident' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  /** A name between backticks. */
  readonly isQuoted?: boolean;
}

/** The source cannot be read. */
export class SyntaxIssue extends Error implements Issue {
  readonly at: number;

  constructor(at: number, message: string) {
    super(`Syntax error: ${message}`);
    this.at = at;
  }
}

const symbols = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '.',
  ',',
  '?',
  ':',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '!',
];
const numbers = /(?:0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?)/y;
const names = /[A-Za-z_][A-Za-z0-9_]*/y;

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  for (;;) {
    i = skipSpace(source, i);
    if (i >= source.length) break;
    const token = next(source, i);
    tokens.push(token.token);
    i = token.end;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function skipSpace(source: string, from: number): number {
  let i = from;
  for (;;) {
    while (i < source.length && /\s/.test(source[i]!)) i++;
    if (!source.startsWith('//', i)) return i;
    while (i < source.length && source[i] !== '\n') i++;
  }
}

function next(source: string, at: number): { readonly token: Token; readonly end: number } {
  const quoted = /^([rR]?[bB]?|[bB]?[rR]?)("""|'''|"|')/.exec(source.slice(at, at + 6));
  if (quoted && quoted[1]!.length <= 2) return readString(source, at, quoted[1]!.toLowerCase(), quoted[2]!);
  if (source[at] === '`') {
    const end = source.indexOf('`', at + 1);
    if (end < 0) throw new SyntaxIssue(at, "token recognition error at: '`'");
    return { token: { kind: 'ident', text: source.slice(at + 1, end), at, isQuoted: true }, end: end + 1 };
  }
  numbers.lastIndex = at;
  const number = numbers.exec(source);
  if (number && (source[at] !== '.' || /\d/.test(source[at + 1] ?? ''))) {
    const text = number[0];
    const isUint = /[uU]$/.test(text);
    const kind = isUint ? 'uint' : /^0x/.test(text) || /^\d+$/.test(text) ? 'int' : 'double';
    return { token: { kind, text: isUint ? text.slice(0, -1) : text, at }, end: at + text.length };
  }
  names.lastIndex = at;
  const name = names.exec(source);
  if (name) return { token: { kind: 'ident', text: name[0], at }, end: at + name[0].length };
  const symbol = symbols.find((one) => source.startsWith(one, at));
  if (!symbol) throw new SyntaxIssue(at, `token recognition error at: '${source[at]}'`);
  return { token: { kind: 'symbol', text: symbol, at }, end: at + symbol.length };
}

function readString(source: string, at: number, prefix: string, quote: string): { readonly token: Token; readonly end: number } {
  const isRaw = prefix.includes('r');
  const isBytes = prefix.includes('b');
  let i = at + prefix.length + quote.length;
  let text = '';
  for (;;) {
    if (i >= source.length || (quote.length === 1 && source[i] === '\n'))
      throw new SyntaxIssue(at, `token recognition error at: '${source.slice(at, Math.min(source.length, at + 20))}'`);
    if (source.startsWith(quote, i)) break;
    if (source[i] === '\\' && !isRaw) {
      const escaped = readEscape(source, i, isBytes);
      text += escaped.text;
      i = escaped.end;
    } else {
      const char = String.fromCodePoint(source.codePointAt(i)!);
      text += char;
      i += char.length;
    }
  }
  return { token: { kind: isBytes ? 'bytes' : 'string', text, at }, end: i + quote.length };
}

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};

function readEscape(source: string, at: number, isBytes: boolean): { readonly text: string; readonly end: number } {
  const char = source[at + 1] ?? '';
  const known = simple[char];
  if (known !== undefined) return { text: known, end: at + 2 };
  const lengths: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 };
  const digits = lengths[char];
  const code =
    digits !== undefined && !(isBytes && digits > 2)
      ? new RegExp(`^[0-9a-fA-F]{${digits}}`).exec(source.slice(at + 2))
      : /^[0-3][0-7]{2}/.exec(source.slice(at + 1));
  const value = code ? Number.parseInt(code[0], digits === undefined ? 8 : 16) : Number.NaN;
  if (!code || value > 0x10ffff) throw new SyntaxIssue(at, `token recognition error at: '\\${char}'`);
  return { text: String.fromCodePoint(value), end: at + (digits === undefined ? 1 : 2) + code[0].length };
}
