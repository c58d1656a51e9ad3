import { AwkError } from './syntax.ts';

export interface Token {
  readonly type: 'number' | 'string' | 'regexp' | 'name' | 'call' | 'builtin' | 'keyword' | 'operator' | 'newline' | 'end';
  readonly text: string;
  readonly line: number;
}

const keywords = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
export const builtinNames = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'gensub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
]);

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** What backslashes in a string literal or a -v value stand for. */
export function unescapeString(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|([\s\S]))/g, (whole, octal: string | undefined, char: string | undefined) =>
    octal !== undefined ? String.fromCharCode(Number.parseInt(octal, 8)) : (escapes[char!] ?? whole),
  );
}

const operator = /^(?:\*\*=|\*\*|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|>>|[{}()[\];,+\-*/%^!<>|?:~$=])/;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const blank = /^(?:[ \t\r]+|\\\r?\n|#[^\n]*)/.exec(rest)?.[0];
    if (blank) {
      if (blank.startsWith('\\')) line++;
      at += blank.length;
      continue;
    }
    const add = (type: Token['type'], value: string, length: number): void => {
      tokens.push({ type, text: value, line });
      at += length;
    };
    const last = tokens.at(-1);
    // A slash is a division after a value, and begins a regular expression elsewhere.
    const afterValue =
      last !== undefined &&
      (['number', 'string', 'name', 'regexp'].includes(last.type) ||
        [')', ']', '$', '++', '--'].includes(last.text) ||
        (last.type === 'builtin' && last.text === 'length'));
    let match: RegExpExecArray | null;
    if (rest[0] === '\n') {
      add('newline', '\n', 1);
      line++;
    } else if ((match = /^(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest))) add('number', match[0], match[0].length);
    else if (rest[0] === '"') {
      match = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest);
      if (!match) throw new AwkError(`unterminated string ${rest.slice(0, 10)}... at source line ${line}`);
      add('string', unescapeString(match[1]!), match[0].length);
    } else if (rest[0] === '/' && !afterValue) {
      match = /^\/((?:[^/\\\n[]|\\[\s\S]|\[\^?\]?[^\]\n]*\])*)\//.exec(rest);
      if (!match) throw new AwkError(`unterminated regexp at source line ${line}`);
      add('regexp', match[1]!.replaceAll('\\/', '/'), match[0].length);
    } else if ((match = /^[A-Za-z_]\w*/.exec(rest))) {
      const name = match[0];
      add(
        keywords.has(name) ? 'keyword' : builtinNames.has(name) ? 'builtin' : rest[name.length] === '(' ? 'call' : 'name',
        name,
        name.length,
      );
    } else if ((match = operator.exec(rest)))
      add('operator', match[0] === '**' ? '^' : match[0] === '**=' ? '^=' : match[0], match[0].length);
    else throw new AwkError(`syntax error at source line ${line}: unexpected '${rest[0]}'`);
  }
  tokens.push({ type: 'end', text: '', line });
  return tokens;
}
