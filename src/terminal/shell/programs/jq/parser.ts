import { JqSyntaxError } from './syntax.ts';
import type { Filter, Pattern } from './syntax.ts';

interface Token {
  readonly type: 'number' | 'string' | 'name' | 'field' | 'variable' | 'format' | 'operator' | 'end';
  readonly text: string;
  readonly parts?: readonly (string | Filter)[];
}

const operator = /^(?:\?\/\/=?|\/\/=|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|\.\.|and\b|or\b|[.[\]{}()|,:;+\-*/%<>=?])/;
const keywords = new Set([
  'if',
  'then',
  'elif',
  'else',
  'end',
  'as',
  'def',
  'reduce',
  'foreach',
  'try',
  'catch',
  'and',
  'or',
  'import',
  'include',
  'label',
]);

/** Reads a string literal from after its quote; `\(…)` holds a filter. */
function readString(text: string, start: number): { readonly parts: readonly (string | Filter)[]; readonly end: number } {
  const parts: (string | Filter)[] = [''];
  const add = (piece: string): void => {
    if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += piece;
    else parts.push(piece);
  };
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') return { parts, end: i + 1 };
    if (char !== '\\') {
      add(char);
      continue;
    }
    const escaped = text[++i] ?? '';
    if (escaped === '(') {
      let depth = 1;
      let end = i + 1;
      for (; end < text.length && depth > 0; end++) {
        if (text[end] === '"') end = readString(text, end + 1).end - 1;
        else if (text[end] === '(') depth++;
        else if (text[end] === ')') depth--;
      }
      parts.push(parseJq(text.slice(i + 1, end - 1)), '');
      i = end - 1;
    } else if (escaped === 'u') {
      add(String.fromCharCode(Number.parseInt(text.slice(i + 1, i + 5), 16)));
      i += 4;
    } else add({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }[escaped] ?? escaped);
  }
  throw new JqSyntaxError('syntax error, unexpected end of file, expecting QQSTRING_END (Unix shell quoting issues?)');
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    let match = /^(?:\s+|#[^\n]*)/.exec(rest);
    if (match) {
      at += match[0].length;
      continue;
    }
    const push = (type: Token['type'], value: string, length: number, parts?: Token['parts']): void => {
      tokens.push(parts ? { type, text: value, parts } : { type, text: value });
      at += length;
    };
    if ((match = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest))) push('number', match[0], match[0].length);
    else if (rest[0] === '"') {
      const { parts, end } = readString(text, at + 1);
      push('string', '', end - at, parts);
    } else if ((match = /^\.([A-Za-z_]\w*)/.exec(rest))) push('field', match[1]!, match[0].length);
    else if ((match = /^\.(?=")/.exec(rest))) push('operator', '."', 1);
    else if ((match = /^\$([A-Za-z_]\w*|__loc__)/.exec(rest))) push('variable', match[1]!, match[0].length);
    else if ((match = /^@(\w+)/.exec(rest))) push('format', match[1]!, match[0].length);
    else if ((match = operator.exec(rest))) push('operator', match[0], match[0].length);
    else if ((match = /^[A-Za-z_]\w*(?:::\w+)*/.exec(rest))) push('name', match[0], match[0].length);
    else
      throw new JqSyntaxError(`syntax error, unexpected INVALID_CHARACTER (Unix shell quoting issues?) at <top-level>, line 1:\n${text}`);
  }
  return [...tokens, { type: 'end', text: '' }];
}

const strengths: Readonly<Record<string, readonly [strength: number, side: 'left' | 'right' | 'none']>> = {
  '|': [1, 'right'],
  ',': [2, 'left'],
  '//': [3, 'right'],
  '=': [4, 'none'],
  '|=': [4, 'none'],
  '+=': [4, 'none'],
  '-=': [4, 'none'],
  '*=': [4, 'none'],
  '/=': [4, 'none'],
  '%=': [4, 'none'],
  '//=': [4, 'none'],
  or: [5, 'left'],
  and: [6, 'left'],
  '==': [7, 'none'],
  '!=': [7, 'none'],
  '<': [7, 'none'],
  '<=': [7, 'none'],
  '>': [7, 'none'],
  '>=': [7, 'none'],
  '+': [8, 'left'],
  '-': [8, 'left'],
  '*': [9, 'left'],
  '/': [9, 'left'],
  '%': [9, 'left'],
};

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #fail(): never {
    const { type, text } = this.#token;
    const what =
      type === 'end'
        ? 'end of file'
        : type === 'name' && keywords.has(text)
          ? text
          : type === 'operator'
            ? `'${text}'`
            : type === 'number'
              ? 'LITERAL'
              : type === 'field'
                ? 'FIELD'
                : type === 'string'
                  ? 'QQSTRING_START'
                  : 'IDENT';
    throw new JqSyntaxError(`syntax error, unexpected ${what} (Unix shell quoting issues?) at <top-level>, line 1:\n${this.#text}`);
  }

  #is(text: string): boolean {
    return this.#token.text === text && (this.#token.type === 'operator' || this.#token.type === 'name');
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail();
  }

  parse(): Filter {
    if (this.#isOver) return { type: 'identity' };
    const filter = this.#pipe();
    if (!this.#isOver) this.#fail();
    return filter;
  }

  get #isOver(): boolean {
    return this.#token.type === 'end';
  }

  #pipe(): Filter {
    if (this.#is('def')) return this.#define();
    return this.#binary(0);
  }

  #define(): Filter {
    this.#next++;
    const name = this.#tokens[this.#next++]!.text;
    const parameters: string[] = [];
    if (this.#take('(')) {
      do {
        const token = this.#tokens[this.#next++]!;
        parameters.push(token.type === 'variable' ? `$${token.text}` : token.text);
      } while (this.#take(';'));
      this.#expect(')');
    }
    this.#expect(':');
    const body = this.#pipe();
    this.#expect(';');
    return { type: 'define', name, parameters, body, rest: this.#token.type === 'end' ? { type: 'identity' } : this.#pipe() };
  }

  /** Precedence climbing; `noComma` inside of object values. */
  #binary(least: number, noComma = false): Filter {
    let left = this.#postfix();
    for (;;) {
      if (this.#is('as')) {
        this.#next++;
        const pattern = this.#pattern();
        this.#expect('|');
        return { type: 'bind', source: left, pattern, body: this.#pipe() };
      }
      const { text, type } = this.#token;
      const found = type === 'operator' || text === 'and' || text === 'or' ? strengths[text] : undefined;
      if (!found || found[0] < least || (noComma && (text === ',' || text === '|'))) return left;
      const [strength, side] = found;
      this.#next++;
      const right = text === '|' ? this.#pipe() : this.#binary(side === 'right' ? strength : strength + 1, noComma);
      left = combine(text, left, right);
    }
  }

  #pattern(): Pattern {
    if (this.#token.type === 'variable') return { type: 'variable', name: this.#tokens[this.#next++]!.text };
    if (this.#take('[')) {
      const items: Pattern[] = [];
      do items.push(this.#pattern());
      while (this.#take(','));
      this.#expect(']');
      return { type: 'array', items };
    }
    this.#expect('{');
    const entries: { key: Filter; pattern: Pattern }[] = [];
    do {
      const token = this.#token;
      if (token.type === 'variable') {
        this.#next++;
        const key: Filter = { type: 'literal', value: token.text };
        entries.push({ key, pattern: { type: 'variable', name: token.text } });
        if (this.#take(':')) entries.push({ key, pattern: this.#pattern() });
      } else {
        const key = this.#key();
        this.#expect(':');
        entries.push({ key, pattern: this.#pattern() });
      }
    } while (this.#take(','));
    this.#expect('}');
    return { type: 'object', entries };
  }

  #postfix(): Filter {
    let filter = this.#primary();
    for (;;) {
      const { type, text } = this.#token;
      if (type === 'field') {
        this.#next++;
        filter = { type: 'index', target: filter, key: { type: 'literal', value: text } };
      } else if (this.#take('."')) filter = { type: 'index', target: filter, key: this.#string() };
      else if (this.#is('.') && this.#tokens[this.#next + 1]?.text === '[') this.#next++;
      else if (this.#take('[')) filter = this.#bracket(filter);
      else if (this.#take('?')) filter = { type: 'try', body: filter, handler: undefined };
      else return filter;
    }
  }

  #bracket(target: Filter): Filter {
    if (this.#take(']')) return { type: 'iterate', target };
    if (this.#take(':')) {
      const to = this.#pipe();
      this.#expect(']');
      return { type: 'slice', target, from: undefined, to };
    }
    const key = this.#pipe();
    if (this.#take(':')) {
      const to = this.#is(']') ? undefined : this.#pipe();
      this.#expect(']');
      return { type: 'slice', target, from: key, to };
    }
    this.#expect(']');
    return { type: 'index', target, key };
  }

  #string(format?: string): Filter {
    const token = this.#tokens[this.#next++]!;
    if (token.type !== 'string') {
      this.#next--;
      this.#fail();
    }
    const parts = token.parts!;
    return parts.length === 1 && format === undefined ? { type: 'literal', value: parts[0] } : { type: 'string', parts, format };
  }

  #primary(): Filter {
    const { type, text } = this.#token;
    this.#next++;
    switch (type) {
      case 'number':
        return { type: 'literal', value: Number(text) };
      case 'string':
        this.#next--;
        return this.#string();
      case 'field':
        return { type: 'index', target: { type: 'identity' }, key: { type: 'literal', value: text } };
      case 'variable':
        return { type: 'variable', name: text };
      case 'format':
        return this.#token.type === 'string' ? this.#string(text) : { type: 'format', name: text };
      case 'name':
        return this.#named(text);
      case 'operator':
        break;
      default:
        this.#next--;
        return this.#fail();
    }
    switch (text) {
      case '.':
        return this.#token.type === 'string' ? { type: 'index', target: { type: 'identity' }, key: this.#string() } : { type: 'identity' };
      case '."':
        return { type: 'index', target: { type: 'identity' }, key: this.#string() };
      case '..':
        return { type: 'recurse' };
      case '-':
        return { type: 'negate', operand: this.#postfix() };
      case '(': {
        const filter = this.#pipe();
        this.#expect(')');
        return filter;
      }
      case '[': {
        if (this.#take(']')) return { type: 'array', items: undefined };
        const items = this.#pipe();
        this.#expect(']');
        return { type: 'array', items };
      }
      case '{':
        return this.#object();
      default:
        this.#next--;
        return this.#fail();
    }
  }

  #named(name: string): Filter {
    switch (name) {
      case 'if':
        return this.#if();
      case 'try': {
        const body = this.#postfixTry();
        return { type: 'try', body, handler: this.#take('catch') ? this.#postfixTry() : undefined };
      }
      case 'reduce':
      case 'foreach': {
        const source = this.#postfix();
        this.#expect('as');
        const pattern = this.#pattern();
        this.#expect('(');
        const start = this.#pipe();
        this.#expect(';');
        const update = this.#pipe();
        const extract = name === 'foreach' && this.#take(';') ? this.#pipe() : undefined;
        this.#expect(')');
        return name === 'reduce'
          ? { type: 'reduce', source, pattern, start, update }
          : { type: 'foreach', source, pattern, start, update, extract };
      }
      case 'null':
        return { type: 'literal', value: null };
      case 'true':
        return { type: 'literal', value: true };
      case 'false':
        return { type: 'literal', value: false };
      default:
    }
    if (keywords.has(name)) {
      this.#next--;
      this.#fail();
    }
    const args: Filter[] = [];
    if (this.#take('(')) {
      do args.push(this.#pipe());
      while (this.#take(';'));
      this.#expect(')');
    }
    return { type: 'call', name, args };
  }

  #postfixTry(): Filter {
    return this.#postfix();
  }

  #if(): Filter {
    const branches: { test: Filter; body: Filter }[] = [];
    do {
      const test = this.#pipe();
      this.#expect('then');
      branches.push({ test, body: this.#pipe() });
    } while (this.#take('elif'));
    const otherwise = this.#take('else') ? this.#pipe() : undefined;
    this.#expect('end');
    return { type: 'if', branches, otherwise };
  }

  #key(): Filter {
    const { type, text } = this.#token;
    if (type === 'string') return this.#string();
    this.#next++;
    if (type === 'name') return { type: 'literal', value: text };
    if (type === 'format' && this.#token.type === 'string') return this.#string(text);
    if (type === 'operator' && text === '(') {
      const filter = this.#pipe();
      this.#expect(')');
      return filter;
    }
    this.#next--;
    return this.#fail();
  }

  #object(): Filter {
    const entries: { key: Filter; value: Filter }[] = [];
    while (!this.#take('}')) {
      const { type, text } = this.#token;
      if (type === 'variable') {
        this.#next++;
        entries.push({ key: { type: 'literal', value: text }, value: { type: 'variable', name: text } });
      } else {
        const key = this.#key();
        const value: Filter = this.#take(':') ? this.#binary(3, true) : { type: 'index', target: { type: 'identity' }, key };
        entries.push({ key, value });
      }
      if (!this.#is('}')) this.#expect(',');
    }
    return { type: 'object', entries };
  }
}

function combine(operator: string, left: Filter, right: Filter): Filter {
  switch (operator) {
    case '|':
      return { type: 'pipe', left, right };
    case ',':
      return { type: 'comma', left, right };
    case '//':
      return { type: 'alternative', left, right };
    case 'and':
    case 'or':
      return { type: operator, left, right };
    default:
      return /^(\||\+|-|\*|\/|%|\/\/)?=$/.test(operator)
        ? { type: 'assign', operator, path: left, value: right }
        : { type: 'binary', operator, left, right };
  }
}

/** Throws `JqSyntaxError`. */
export function parseJq(text: string): Filter {
  return new Parser(text).parse();
}
