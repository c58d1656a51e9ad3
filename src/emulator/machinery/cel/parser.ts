/**
 * From the text of an expression to its tree, macros included. Upstream: cel-go/parser.
 * Unverified: what a syntax error says beyond its place; upstream's words come from its parser generator.
 */
import type { Comprehension, Expr, Macro, MapEntry } from './ast.ts';
import { SyntaxIssue, tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
import { reserved } from './reserved.ts';

/** How deep an expression may nest (cel-go's default is 250). */
const maxDepth = 250;
const maxLength = 100_000;

const oneVariable: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter', 'optMap', 'optFlatMap']);
const twoVariables: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'transformList',
  'transformMap',
  'transformMapEntry',
]);

/** Throws a SyntaxIssue. */
export function parse(source: string): Expr {
  if (source.length > maxLength)
    throw new SyntaxIssue(0, `expression code point size exceeds limit: size: ${source.length}, limit ${maxLength}`);
  return new Parser(tokenize(source)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expr {
    const expr = this.#expression();
    if (this.#peek.kind !== 'end') throw this.#unexpected('extraneous input');
    return expr;
  }

  get #peek(): Token {
    return this.#tokens[this.#position]!;
  }

  #take(): Token {
    return this.#tokens[this.#position++]!;
  }

  #is(symbol: string): boolean {
    const { kind, text } = this.#peek;
    return kind === 'symbol' && text === symbol;
  }

  #accept(symbol: string): Token | undefined {
    return this.#is(symbol) ? this.#take() : undefined;
  }

  #expect(symbol: string): Token {
    return this.#accept(symbol) ?? this.#fail(`'${symbol}'`);
  }

  #fail(wanted: string): never {
    const { text, at } = this.#peek;
    throw new SyntaxIssue(at, `mismatched input '${text}' expecting ${wanted}`);
  }

  #unexpected(what: string): SyntaxIssue {
    const { text, at } = this.#peek;
    return new SyntaxIssue(at, `${what} '${text}' expecting <EOF>`);
  }

  #expression(): Expr {
    if (++this.#depth > maxDepth) throw new SyntaxIssue(this.#peek.at, `expression recursion limit exceeded: ${maxDepth}`);
    const condition = this.#or();
    const mark = this.#accept('?');
    let result = condition;
    if (mark) {
      const yes = this.#or();
      this.#expect(':');
      result = call(mark.at, '_?_:_', [condition, yes, this.#expression()]);
    }
    this.#depth--;
    return result;
  }

  #or(): Expr {
    let left = this.#and();
    for (let token = this.#accept('||'); token; token = this.#accept('||')) left = call(token.at, '_||_', [left, this.#and()]);
    return left;
  }

  #and(): Expr {
    let left = this.#relation();
    for (let token = this.#accept('&&'); token; token = this.#accept('&&')) left = call(token.at, '_&&_', [left, this.#relation()]);
    return left;
  }

  #relation(): Expr {
    let left = this.#addition();
    for (;;) {
      const { kind, text, at } = this.#peek;
      const isIn = kind === 'ident' && text === 'in';
      if (!isIn && !(kind === 'symbol' && ['==', '!=', '<', '<=', '>', '>='].includes(text))) return left;
      this.#take();
      left = call(at, isIn ? '@in' : `_${text}_`, [left, this.#addition()]);
    }
  }

  #addition(): Expr {
    let left = this.#multiplication();
    for (;;) {
      const token = this.#accept('+') ?? this.#accept('-');
      if (!token) return left;
      left = call(token.at, `_${token.text}_`, [left, this.#multiplication()]);
    }
  }

  #multiplication(): Expr {
    let left = this.#unary();
    for (;;) {
      const token = this.#accept('*') ?? this.#accept('/') ?? this.#accept('%');
      if (!token) return left;
      left = call(token.at, `_${token.text}_`, [left, this.#unary()]);
    }
  }

  #unary(): Expr {
    const token = this.#accept('!') ?? this.#accept('-');
    if (!token) return this.#member();
    if (++this.#depth > maxDepth) throw new SyntaxIssue(token.at, `expression recursion limit exceeded: ${maxDepth}`);
    const next = this.#peek;
    // A minus before digits belongs to the number, so that the least integer can be written.
    const isNumber = token.text === '-' && (next.kind === 'int' || next.kind === 'double') && next.at === token.at + 1;
    const operand = isNumber ? this.#negative(token.at) : call(token.at, token.text === '!' ? '!_' : '-_', [this.#unary()]);
    this.#depth--;
    return operand;
  }

  #negative(at: number): Expr {
    const { kind, text } = this.#take();
    const value = kind === 'double' ? -Number(text) : -integer(text, at, true);
    return this.#suffixes({ op: 'literal', at, value });
  }

  #member(): Expr {
    return this.#suffixes(this.#primary());
  }

  #suffixes(primary: Expr): Expr {
    let expr = primary;
    for (;;) {
      const dot = this.#accept('.');
      if (dot) {
        const isOptional = this.#accept('?') !== undefined;
        const name = this.#name();
        if (!isOptional && !name.isQuoted && this.#is('(')) {
          const open = this.#take();
          expr = this.#method(open.at, expr, name, this.#list(')'));
        } else expr = { op: 'select', at: dot.at, of: expr, field: name.text, isOptional };
        continue;
      }
      const bracket = this.#accept('[');
      if (!bracket) return expr;
      const isOptional = this.#accept('?') !== undefined;
      const index = this.#expression();
      this.#expect(']');
      expr = call(bracket.at, isOptional ? '_[?_]' : '_[_]', [expr, index]);
    }
  }

  #name(): Token {
    if (this.#peek.kind !== 'ident') this.#fail('IDENTIFIER');
    return this.#take();
  }

  #list(close: string): Expr[] {
    const items: Expr[] = [];
    while (!this.#is(close)) {
      items.push(this.#expression());
      if (!this.#accept(',')) break;
    }
    this.#expect(close);
    return items;
  }

  #method(at: number, target: Expr, name: Token, args: readonly Expr[]): Expr {
    if (name.text === 'bind' && target.op === 'ident' && target.name === 'cel' && args.length === 3)
      return { op: 'bind', at, name: variable(args[0]!), value: args[1]!, body: args[2]! };
    const isTwo = twoVariables.has(name.text) && args.length >= 3 && (args.length > 3 || name.text !== 'map') && args[1]!.op === 'ident';
    if (isTwo) return comprehension(at, name.text, target, [variable(args[0]!), variable(args[1]!)], args.slice(2));
    const isOne = oneVariable.has(name.text) && (args.length === 2 || (args.length === 3 && name.text === 'map'));
    if (isOne) return comprehension(at, name.text, target, [variable(args[0]!)], args.slice(1));
    return { op: 'call', at, name: name.text, target, args };
  }

  #primary(): Expr {
    const token = this.#take();
    const { kind, text, at } = token;
    switch (kind) {
      case 'int':
        return { op: 'literal', at, value: integer(text, at, false) };
      case 'uint':
        return { op: 'literal', at, value: { uint: BigInt(text) } };
      case 'double':
        return { op: 'literal', at, value: Number(text) };
      case 'string':
        return { op: 'literal', at, value: text };
      case 'bytes':
        return { op: 'literal', at, value: { bytes: text } };
      case 'ident':
        return this.#identifier(token);
      case 'symbol':
        if (text === '(') {
          const inner = this.#expression();
          this.#expect(')');
          return inner;
        }
        if (text === '[') return this.#listLiteral(at);
        if (text === '{') return { op: 'map', at, entries: this.#entries() };
        if (text === '.') return this.#primary();
    }
    this.#position--;
    return this.#fail("{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}");
  }

  #identifier({ text, at, isQuoted }: Token): Expr {
    if (text === 'true' || text === 'false') return { op: 'literal', at, value: text === 'true' };
    if (text === 'null') return { op: 'literal', at, value: null };
    if (!isQuoted && (reserved.has(text) || text === 'in')) throw new SyntaxIssue(at, `reserved identifier: ${text}`);
    const open = this.#accept('(');
    if (!open) return { op: 'ident', at, name: text };
    const args = this.#list(')');
    if (text !== 'has') return { op: 'call', at: open.at, name: text, target: undefined, args };
    const [subject] = args;
    if (args.length !== 1 || subject?.op !== 'select') throw new SyntaxIssue(open.at, 'invalid argument to has() macro');
    return { op: 'has', at: open.at, of: subject.of, field: subject.field };
  }

  #listLiteral(at: number): Expr {
    const items: Expr[] = [];
    const optional = new Set<number>();
    while (!this.#is(']')) {
      if (this.#accept('?')) optional.add(items.length);
      items.push(this.#expression());
      if (!this.#accept(',')) break;
    }
    this.#expect(']');
    return { op: 'list', at, items, optional };
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.#is('}')) {
      const isOptional = this.#accept('?') !== undefined;
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression(), isOptional });
      if (!this.#accept(',')) break;
    }
    this.#expect('}');
    return entries;
  }
}

const call = (at: number, name: string, args: readonly Expr[]): Expr => ({ op: 'call', at, name, target: undefined, args });

function variable(expr: Expr): string {
  if (expr.op !== 'ident') throw new SyntaxIssue(expr.at, 'argument must be a simple name');
  return expr.name;
}

function comprehension(at: number, name: string, range: Expr, variables: readonly string[], args: readonly Expr[]): Comprehension {
  const macro = (name === 'existsOne' ? 'exists_one' : name) as Macro;
  const [filter, body] = args.length === 2 ? args : [undefined, args[0]];
  return { op: 'comprehension', at, macro, range, variables, filter, body: body! };
}

const least = -(2n ** 63n);

function integer(text: string, at: number, isNegated: boolean): bigint {
  const value = BigInt(text);
  if (isNegated ? -value < least : value >= 2n ** 63n) throw new SyntaxIssue(at, 'invalid int literal');
  return value;
}
