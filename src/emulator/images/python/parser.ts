/** Python's grammar, as much of it as the scripts of the documentation's Jobs need. */
import type { Token } from './tokens.ts';
import { PythonError, tokensOf } from './tokens.ts';

export type Expression =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null; readonly isFloat?: boolean }
  | { readonly type: 'format'; readonly parts: readonly (string | Expression)[] }
  | { readonly type: 'name'; readonly name: string; readonly line: number }
  | { readonly type: 'list'; readonly items: readonly Expression[] }
  | { readonly type: 'member'; readonly of: Expression; readonly name: string; readonly line: number }
  | { readonly type: 'item'; readonly of: Expression; readonly index: Expression; readonly line: number }
  | {
      readonly type: 'call';
      readonly callee: Expression;
      readonly args: readonly Expression[];
      readonly named: ReadonlyMap<string, Expression>;
      readonly line: number;
    }
  | { readonly type: 'unary'; readonly operator: string; readonly operand: Expression; readonly line: number }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression; readonly line: number };

export type Statement =
  | { readonly type: 'expression'; readonly value: Expression; readonly line: number }
  | { readonly type: 'assign'; readonly name: string; readonly operator: string; readonly value: Expression; readonly line: number }
  | {
      readonly type: 'if';
      readonly branches: readonly { readonly test: Expression | undefined; readonly body: readonly Statement[] }[];
      readonly line: number;
    }
  | { readonly type: 'while'; readonly test: Expression; readonly body: readonly Statement[]; readonly line: number }
  | { readonly type: 'for'; readonly name: string; readonly over: Expression; readonly body: readonly Statement[]; readonly line: number }
  | { readonly type: 'import'; readonly module: string; readonly names: readonly string[] | undefined; readonly line: number }
  | { readonly type: 'break' | 'continue' | 'pass'; readonly line: number };

/** By how tightly they bind, the loosest first. */
const levels = [
  ['or'],
  ['and'],
  ['not'],
  ['==', '!=', '<', '>', '<=', '>=', 'in', 'not in', 'is', 'is not'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const constants: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const unknown = new Set([
  'def',
  'class',
  'try',
  'with',
  'lambda',
  'raise',
  'return',
  'yield',
  'async',
  'await',
  'global',
  'assert',
  'del',
  'match',
]);

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #is(type: Token['type']): boolean {
    return this.#token.type === type;
  }

  #fail(message = 'invalid syntax'): never {
    throw new PythonError('SyntaxError', message, this.#token.line);
  }

  #takes(text: string): boolean {
    const { type, text: found } = this.#token;
    if (found !== text || (type !== 'name' && type !== 'operator')) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) this.#fail(`expected '${text}'`);
  }

  #name(): string {
    if (this.#token.type !== 'name') this.#fail();
    return this.#tokens[this.#at++]!.text;
  }

  program(): readonly Statement[] {
    const statements: Statement[] = [];
    while (!this.#is('end')) {
      if (this.#is('indent')) throw new PythonError('IndentationError', 'unexpected indent', this.#token.line);
      statements.push(this.#statement());
    }
    return statements;
  }

  #block(): readonly Statement[] {
    this.#expect(':');
    if (!this.#is('newline')) return [this.#statement()];
    this.#at++;
    if (!this.#is('indent')) throw new PythonError('IndentationError', 'expected an indented block', this.#token.line);
    this.#at++;
    const body: Statement[] = [];
    while (!this.#is('dedent')) body.push(this.#statement());
    this.#at++;
    return body;
  }

  #statement(): Statement {
    const { line, type, text } = this.#token;
    if (type === 'name' && unknown.has(text)) this.#fail(`this emulator's Python does not know '${text}'`);
    if (this.#takes('if')) return this.#if(line);
    if (this.#takes('while')) return { type: 'while', test: this.expression(), body: this.#block(), line };
    if (this.#takes('for')) {
      const name = this.#name();
      this.#expect('in');
      return { type: 'for', name, over: this.expression(), body: this.#block(), line };
    }
    return this.#simple(line);
  }

  #if(line: number): Statement {
    const branches: { test: Expression | undefined; body: readonly Statement[] }[] = [{ test: this.expression(), body: this.#block() }];
    for (;;) {
      if (this.#takes('elif')) branches.push({ test: this.expression(), body: this.#block() });
      else if (this.#takes('else')) {
        branches.push({ test: undefined, body: this.#block() });
        return { type: 'if', branches, line };
      } else return { type: 'if', branches, line };
    }
  }

  #simple(line: number): Statement {
    const statement = this.#small(line);
    if (this.#token.type === 'newline') this.#at++;
    else if (this.#tokens[this.#at - 1]?.type !== 'newline') this.#fail();
    return statement;
  }

  #small(line: number): Statement {
    for (const type of ['break', 'continue', 'pass'] as const) if (this.#takes(type)) return { type, line };
    if (this.#takes('from')) {
      const module = this.#name();
      this.#expect('import');
      return { type: 'import', module, names: this.#names(), line };
    }
    if (this.#takes('import')) {
      const [first, ...more] = this.#names();
      // One statement a module: the rest is put back as a list of its own.
      if (more.length === 0) return { type: 'import', module: first!, names: undefined, line };
      return {
        type: 'if',
        branches: [{ test: undefined, body: [first!, ...more].map((module) => ({ type: 'import', module, names: undefined, line })) }],
        line,
      };
    }
    const value = this.expression();
    const { type, text } = this.#token;
    if (type !== 'operator' || !/^([-+*/%]|)=$/.test(text)) return { type: 'expression', value, line };
    if (value.type !== 'name') this.#fail("this emulator's Python assigns to names only");
    this.#at++;
    return { type: 'assign', name: value.name, operator: text.slice(0, -1), value: this.expression(), line };
  }

  #names(): readonly string[] {
    const names = [this.#name()];
    while (this.#takes(',')) names.push(this.#name());
    return names;
  }

  expression(level = 0): Expression {
    const { line } = this.#token;
    if (level === levels.length) return this.#unary();
    if (levels[level]![0] === 'not')
      return this.#takes('not') ? { type: 'unary', operator: 'not', operand: this.expression(level), line } : this.expression(level + 1);
    let left = this.expression(level + 1);
    for (let operator = this.#operator(levels[level]!); operator !== undefined; operator = this.#operator(levels[level]!))
      left = { type: 'binary', operator, left, right: this.expression(level + 1), line };
    return left;
  }

  /** `not in` and `is not` are two words. */
  #operator(known: readonly string[]): string | undefined {
    const { text, type } = this.#token;
    if (type !== 'operator' && type !== 'name') return undefined;
    const both = `${text} ${this.#tokens[this.#at + 1]?.text}`;
    if (known.includes(both) && both.includes('not')) {
      this.#at += 2;
      return both;
    }
    if (!known.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #unary(): Expression {
    const { line } = this.#token;
    if (this.#takes('-')) return { type: 'unary', operator: '-', operand: this.#unary(), line };
    let value = this.#atom();
    for (;;) {
      if (this.#takes('.')) value = { type: 'member', of: value, name: this.#name(), line };
      else if (this.#takes('[')) {
        value = { type: 'item', of: value, index: this.expression(), line };
        this.#expect(']');
      } else if (this.#takes('(')) value = this.#call(value, line);
      else return value;
    }
  }

  #call(callee: Expression, line: number): Expression {
    const args: Expression[] = [];
    const named = new Map<string, Expression>();
    while (!this.#takes(')')) {
      const isNamed = this.#token.type === 'name' && this.#tokens[this.#at + 1]?.text === '=';
      if (isNamed) {
        const name = this.#name();
        this.#expect('=');
        named.set(name, this.expression());
      } else args.push(this.expression());
      if (this.#token.text !== ')') this.#expect(',');
    }
    return { type: 'call', callee, args, named, line };
  }

  #atom(): Expression {
    const token = this.#tokens[this.#at++]!;
    if (token.type === 'number') return { type: 'literal', value: Number(token.text), isFloat: token.text.includes('.') };
    if (token.type === 'string') return { type: 'literal', value: token.text };
    if (token.type === 'format') return { type: 'format', parts: formatParts(token.text) };
    if (token.type === 'name') {
      if (Object.hasOwn(constants, token.text)) return { type: 'literal', value: constants[token.text]! };
      return { type: 'name', name: token.text, line: token.line };
    }
    if (token.text === '(') {
      const inner = this.expression();
      this.#expect(')');
      return inner;
    }
    if (token.text === '[') {
      const items: Expression[] = [];
      while (!this.#takes(']')) {
        items.push(this.expression());
        if (this.#token.text !== ']') this.#expect(',');
      }
      return { type: 'list', items };
    }
    this.#at--;
    return this.#fail();
  }
}

/** `{name}` in a text that is a format; doubled braces stand for themselves. */
function formatParts(text: string): (string | Expression)[] {
  return text.split(/(\{\{|\}\}|\{[^{}]*\})/).map((part) => {
    if (part === '{{' || part === '}}') return part[0]!;
    return part.startsWith('{') ? new Parser(tokensOf(part.slice(1, -1))).expression() : part;
  });
}

/** Throws a `PythonError`. */
export const parsePython = (source: string): readonly Statement[] => new Parser(tokensOf(source)).program();
