/** Shell patterns: `*`, `?`, `[a-z]`, `\x`, and the extended `@(a|b)`, which unbash reads wherever it stands. */
import type { FileSystem } from '../../emulator/kernel/index.ts';

const compiled = new Map<string, RegExp>();
const maxEntries = 500;

/** Quotes what a pattern would treat as special. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]()|@!+]/g, '\\$&');
}

export function isPattern(text: string): boolean {
  return /(?<!\\)(?:\\\\)*(?:[*?[]|[@!+]\()/.test(text);
}

/** A pattern as an anchored regular expression. */
export function patternRegExp(pattern: string): RegExp {
  let regExp = compiled.get(pattern);
  if (regExp) return regExp;
  regExp = new RegExp(`^${patternSource(pattern)}$`, 's');
  if (compiled.size >= maxEntries) compiled.delete(compiled.keys().next().value!);
  compiled.set(pattern, regExp);
  return regExp;
}

const classes: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
};

/** The inside of a bracket expression, from the index after `[`, as a regular expression's; undefined if it is not closed.
 * Shell patterns know `\\` inside, POSIX regular expressions do not. */
export function bracketSource(
  text: string,
  start: number,
  { escapes = false } = {},
): { readonly source: string; readonly end: number } | undefined {
  let i = start;
  const isNegated = text[i] === '!' || text[i] === '^';
  if (isNegated) i++;
  let source = '';
  for (let isFirst = true; i < text.length; isFirst = false) {
    const named = /^\[:(\w+):\]/.exec(text.slice(i, i + 12));
    if (named) {
      source += classes[named[1]!] ?? '';
      i += named[0].length;
    } else if (text[i] === ']' && !isFirst) {
      return { source: source === '' ? '(?!)' : `[${isNegated ? '^' : ''}${source}]`, end: i + 1 };
    } else {
      if (escapes && text[i] === '\\' && i + 1 < text.length) i++;
      const char = text[i]!;
      source += /[\\\]^[]/.test(char) ? `\\${char}` : char;
      i++;
    }
  }
  return undefined;
}

export function patternSource(pattern: string, any = '.*', one = '.'): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '\\' && i + 1 < pattern.length) source += quote(pattern[++i]!);
    else if ('@!?*+'.includes(char) && pattern[i + 1] === '(') {
      const end = closing(pattern, i + 1);
      if (end < 0) source += quote(char);
      else {
        const inner = alternatives(pattern.slice(i + 2, end))
          .map((part) => patternSource(part, any, one))
          .join('|');
        source += char === '!' ? `(?:(?!(?:${inner})$)${any})` : `(?:${inner})${char === '@' ? '' : char}`;
        i = end;
      }
    } else if (char === '*') source += any;
    else if (char === '?') source += one;
    else if (char === '[') {
      const bracket = bracketSource(pattern, i + 1, { escapes: true });
      source += bracket?.source ?? '\\[';
      if (bracket) i = bracket.end - 1;
    } else source += quote(char);
  }
  return source;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

function alternatives(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '|' && depth === 0) {
      parts.push('');
      continue;
    }
    if (char === '(') depth++;
    if (char === ')') depth--;
    parts[parts.length - 1] += char === '\\' ? char + (text[++i] ?? '') : char;
  }
  return parts;
}

/** Paths that match, sorted. A leading dot must be matched by a dot; `**` counts as `*`, as without globstar. */
export function glob(fs: FileSystem, cwd: string, pattern: string): string[] {
  const isAbsolute = pattern.startsWith('/');
  const base = isAbsolute || cwd === '/' ? '' : cwd;
  const endsWithSlash = pattern.endsWith('/');
  let found = [''];
  for (const part of pattern.split('/').filter((p) => p !== '')) {
    const literal = isPattern(part) ? undefined : part.replace(/\\(.)/g, '$1');
    const matches = patternRegExp(part);
    found = found.flatMap((prefix) => {
      const directory = `${base}/${prefix}`;
      const inode = fs.find(directory);
      if (inode?.kind !== 'directory') return [];
      const join = (name: string): string => (prefix === '' ? name : `${prefix}/${name}`);
      if (literal !== undefined)
        return literal === '.' || literal === '..' || fs.find(`${directory}/${literal}`, { followLast: false }) ? [join(literal)] : [];
      return fs
        .list(directory)
        .filter((name) => matches.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map(join);
    });
  }
  if (endsWithSlash) found = found.filter((path) => fs.find(`${base}/${path}`)?.kind === 'directory').map((path) => `${path}/`);
  return isAbsolute ? found.map((path) => `/${path}`) : found;
}

function quote(char: string): string {
  return /[\w\s]/.test(char) || char > '\x7f' ? char : `\\${char}`;
}
