/** POSIX basic and extended regular expressions, as grep, sed, awk, expr and `[[ =~ ]]` take them, on JavaScript's. */
import { bracketSource } from './pattern.ts';

export interface RegExpOptions {
  readonly extended?: boolean;
  readonly ignoreCase?: boolean;
  readonly global?: boolean;
  /** `^` and `$` also match at line breaks. */
  readonly multiline?: boolean;
}

const compiled = new Map<string, RegExp>();
const maxEntries = 500;

/**
 * Throws SyntaxError when the pattern is malformed. Differs from POSIX: of several alternatives the first that matches
 * is taken, not the longest.
 */
export function posixRegExp(
  pattern: string,
  { extended = false, ignoreCase = false, global = false, multiline = false }: RegExpOptions = {},
): RegExp {
  const flags = `${global ? 'g' : ''}${ignoreCase ? 'i' : ''}${multiline ? 'm' : ''}su`;
  const key = `${extended ? 'E' : 'B'}${flags}:${pattern}`;
  let regExp = compiled.get(key);
  if (!regExp) {
    regExp = new RegExp(translate(pattern, extended), flags);
    if (compiled.size >= maxEntries) compiled.delete(compiled.keys().next().value!);
    compiled.set(key, regExp);
  }
  regExp.lastIndex = 0;
  return regExp;
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\b(?=\\w)',
  '>': '\\b(?<=\\w)',
  b: '\\b',
  B: '\\B',
  w: '\\w',
  W: '\\W',
  s: '\\s',
  S: '\\S',
  n: '\\n',
  t: '\\t',
  r: '\\r',
  f: '\\f',
  v: '\\v',
  '`': '^',
  "'": '$',
};

/** Operators that are special without a backslash in extended, and with one in basic expressions. */
const operators = '(){}+?|';

function translate(pattern: string, extended: boolean): string {
  let source = '';
  let groups = 0;
  /** Whether an asterisk or `^` here would begin an expression. */
  let isStart = true;
  for (let i = 0; i < pattern.length; i++) {
    let char = pattern[i]!;
    let isOperator = extended && operators.includes(char);
    if (char === '\\') {
      char = pattern[++i] ?? '';
      if (char === '') throw new SyntaxError('Trailing backslash');
      if (operators.includes(char) && !extended) isOperator = true;
      else {
        source += escapes[char] ?? (/[1-9]/.test(char) ? `\\${char}` : quote(char));
        isStart = false;
        continue;
      }
    } else if (char === '[') {
      const bracket = bracketSource(pattern, i + 1);
      if (!bracket) throw new SyntaxError('Unmatched [, [^, [:, [., or [=');
      source += bracket.source;
      i = bracket.end - 1;
      isStart = false;
      continue;
    }
    if (isOperator && char === '{' && !/^\{\d*,?\d*(\}|\\\})/.test(pattern.slice(i))) isOperator = false;
    if (!isOperator) {
      if (char === '*' && isStart) source += '\\*';
      else if (char === '^') source += extended || isStart ? '^' : '\\^';
      else if (char === '$') source += extended || isEnd(pattern, i) ? '$' : '\\$';
      else if (char === '*' || char === '.') source += char;
      else source += quote(char);
      isStart = char === '^' && isStart;
      continue;
    }
    if (char === '{') {
      const [whole, low, comma, high] = /^\{(\d*)(,?)(\d*)\\?\}/.exec(pattern.slice(i)) as unknown as [string, string, string, string];
      source += `{${low || '0'}${comma}${high}}`;
      i += whole.length - 1;
    } else if ((char === '+' || char === '?') && isStart) source += `\\${char}`;
    else if (char === ')' && groups === 0 && extended) source += '\\)';
    else source += char === '}' ? '\\}' : char;
    if (char === '(') groups++;
    if (char === ')') groups--;
    isStart = char === '(' || char === '|';
  }
  if (groups > 0) throw new SyntaxError('Unmatched ( or \\(');
  return source;
}

function isEnd(pattern: string, i: number): boolean {
  const rest = pattern.slice(i + 1);
  return rest === '' || rest.startsWith('\\)') || rest.startsWith('\\|');
}

function quote(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
