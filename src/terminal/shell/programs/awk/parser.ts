import { AwkError } from './syntax.ts';
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from './syntax.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';

/** Levels of binary operators from the weakest; concatenation stands between comparison and addition. */
const comparison = new Set(['<', '<=', '==', '!=', '>', '>=']);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #functions = new Map<string, AwkFunction>();
  #next = 0;
  /** Inside of print's arguments `>` redirects; inside of a for's head `in` belongs to it. */
  #noGreater = false;
  #noIn = false;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #fail(): never {
    const { text, type, line } = this.#token;
    throw new AwkError(
      `line ${line}: syntax error at or near ${type === 'end' ? 'end of file' : type === 'newline' ? 'end of line' : text}`,
    );
  }

  #is(text: string): boolean {
    return this.#token.text === text && ['operator', 'keyword', 'newline'].includes(this.#token.type);
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail();
  }

  #newlines(): void {
    while (this.#is('\n')) this.#next++;
  }

  #terminators(): void {
    while (this.#is('\n') || this.#is(';')) this.#next++;
  }

  parse(): AwkProgram {
    const rules: Rule[] = [];
    this.#terminators();
    while (this.#token.type !== 'end') {
      if (this.#is('function') || this.#is('func')) this.#function();
      else rules.push(this.#rule());
      this.#terminators();
    }
    return { rules, functions: this.#functions };
  }

  #function(): void {
    this.#next++;
    const name = this.#tokens[this.#next++]!.text;
    this.#expect('(');
    const parameters: string[] = [];
    while (!this.#take(')')) {
      this.#newlines();
      if (this.#token.type !== 'name') this.#fail();
      parameters.push(this.#tokens[this.#next++]!.text);
      this.#take(',');
    }
    this.#newlines();
    this.#functions.set(name, { parameters, body: this.#block() });
  }

  #rule(): Rule {
    if (this.#is('BEGIN') || this.#is('END')) {
      const kind = this.#tokens[this.#next++]!.text as 'BEGIN' | 'END';
      if (!this.#is('{')) this.#fail();
      return { kind, from: undefined, to: undefined, body: this.#block() };
    }
    let from: Expression | undefined;
    let to: Expression | undefined;
    if (!this.#is('{')) {
      from = this.#expression();
      if (this.#take(',')) {
        this.#newlines();
        to = this.#expression();
      }
    }
    return { kind: 'pattern', from, to, body: this.#is('{') ? this.#block() : undefined };
  }

  #block(): Statement {
    this.#expect('{');
    const body: Statement[] = [];
    this.#terminators();
    while (!this.#take('}')) {
      if (this.#token.type === 'end') this.#fail();
      body.push(this.#statement());
      this.#terminators();
    }
    return { type: 'block', body };
  }

  /** A statement that stands after if, while, for or else, on this line or the next. */
  #body(): Statement {
    this.#newlines();
    if (this.#take(';')) return { type: 'block', body: [] };
    return this.#statement();
  }

  #statement(): Statement {
    if (this.#is('{')) return this.#block();
    const keyword = this.#token.type === 'keyword' ? this.#token.text : '';
    switch (keyword) {
      case 'if':
        return this.#if();
      case 'while':
        return this.#while();
      case 'do':
        return this.#do();
      case 'for':
        return this.#for();
      default: {
        const statement = this.#simple();
        if (!this.#is('}') && !this.#is(';') && !this.#is('\n') && this.#token.type !== 'end') this.#fail();
        return statement;
      }
    }
  }

  #if(): Statement {
    this.#next++;
    this.#expect('(');
    const test = this.#expression();
    this.#expect(')');
    const yes = this.#body();
    const before = this.#next;
    this.#terminators();
    if (this.#take('else')) return { type: 'if', test, yes, no: this.#body() };
    this.#next = before;
    return { type: 'if', test, yes, no: undefined };
  }

  #while(): Statement {
    this.#next++;
    this.#expect('(');
    const test = this.#expression();
    this.#expect(')');
    return { type: 'while', test, body: this.#body(), isDo: false };
  }

  #do(): Statement {
    this.#next++;
    const body = this.#body();
    this.#terminators();
    this.#expect('while');
    this.#expect('(');
    const test = this.#expression();
    this.#expect(')');
    return { type: 'while', test, body, isDo: true };
  }

  #for(): Statement {
    this.#next++;
    this.#expect('(');
    const [name, inWord, array, close] = this.#tokens.slice(this.#next, this.#next + 4);
    if (name?.type === 'name' && inWord?.text === 'in' && array?.type === 'name' && close?.text === ')') {
      this.#next += 4;
      return { type: 'for-in', name: name.text, array: array.text, body: this.#body() };
    }
    const start = this.#is(';') ? undefined : this.#simple();
    this.#expect(';');
    this.#newlines();
    const test = this.#is(';') ? undefined : this.#expression();
    this.#expect(';');
    this.#newlines();
    const step = this.#is(')') ? undefined : this.#simple();
    this.#expect(')');
    return { type: 'for', start, test, step, body: this.#body() };
  }

  #endsStatement(): boolean {
    return this.#is(';') || this.#is('\n') || this.#is('}') || this.#token.type === 'end';
  }

  #simple(): Statement {
    const { type, text } = this.#token;
    if (type !== 'keyword' || text === 'getline') return { type: 'expression', expression: this.#expression() };
    this.#next++;
    switch (text) {
      case 'print':
      case 'printf':
        return this.#print(text === 'printf');
      case 'next':
      case 'break':
      case 'continue':
        return { type: text };
      case 'exit':
      case 'return':
        return { type: text, value: this.#endsStatement() ? undefined : this.#expression() };
      case 'delete': {
        const name = this.#tokens[this.#next++]!.text;
        if (!this.#take('[')) return { type: 'delete', name, keys: undefined };
        return { type: 'delete', name, keys: this.#list(']') };
      }
      default:
        this.#next--;
        return this.#fail();
    }
  }

  #print(isFormat: boolean): Statement {
    let args: Expression[] = [];
    this.#noGreater = true;
    if (!this.#endsStatement() && !this.#is('>') && !this.#is('>>') && !this.#is('|')) {
      args.push(this.#expression());
      while (this.#take(',')) {
        this.#newlines();
        args.push(this.#expression());
      }
    }
    this.#noGreater = false;
    const [only] = args;
    if (args.length === 1 && only?.type === 'group') args = [...only.items];
    let redirect: Extract<Statement, { type: 'print' }>['redirect'];
    for (const operator of ['>', '>>', '|'] as const) {
      if (redirect || !this.#take(operator)) continue;
      redirect = { operator, target: this.#concatenation() };
    }
    return { type: 'print', args, isFormat, redirect };
  }

  #list(close: string): Expression[] {
    const items: Expression[] = [];
    const [noGreater, noIn] = [this.#noGreater, this.#noIn];
    this.#noGreater = this.#noIn = false;
    this.#newlines();
    while (!this.#take(close)) {
      items.push(this.#expression());
      this.#newlines();
      if (!this.#is(close)) this.#expect(',');
      this.#newlines();
    }
    [this.#noGreater, this.#noIn] = [noGreater, noIn];
    return items;
  }

  #expression(): Expression {
    const left = this.#ternary();
    const operator = ['=', '+=', '-=', '*=', '/=', '%=', '^='].find((candidate) => this.#is(candidate));
    if (!operator || !['variable', 'field', 'element'].includes(left.type)) return left;
    this.#next++;
    this.#newlines();
    return { type: 'assign', operator, target: left, value: this.#expression() };
  }

  #ternary(): Expression {
    const test = this.#or();
    if (!this.#take('?')) return test;
    this.#newlines();
    const yes = this.#expression();
    this.#newlines();
    this.#expect(':');
    this.#newlines();
    return { type: 'condition', test, yes, no: this.#expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) {
      this.#newlines();
      left = { type: 'binary', operator: '||', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#membership();
    while (this.#take('&&')) {
      this.#newlines();
      left = { type: 'binary', operator: '&&', left, right: this.#membership() };
    }
    return left;
  }

  #membership(): Expression {
    let left = this.#match();
    while (!this.#noIn && this.#is('in')) {
      this.#next++;
      left = { type: 'in', name: this.#tokens[this.#next++]!.text, keys: left.type === 'group' ? left.items : [left] };
    }
    return left;
  }

  #match(): Expression {
    let left = this.#comparison();
    while (this.#is('~') || this.#is('!~'))
      left = { type: 'binary', operator: this.#tokens[this.#next++]!.text, left, right: this.#comparison() };
    return left;
  }

  #comparison(): Expression {
    let left = this.#concatenation();
    while (this.#token.type === 'operator' && comparison.has(this.#token.text) && !(this.#noGreater && this.#token.text === '>')) {
      left = { type: 'binary', operator: this.#tokens[this.#next++]!.text, left, right: this.#concatenation() };
    }
    while (this.#is('|') && this.#tokens[this.#next + 1]?.text === 'getline') {
      this.#next += 2;
      left = { type: 'getline', kind: 'command', source: left, target: this.#startsTarget() ? this.#primary() : undefined };
    }
    return left;
  }

  #startsTarget(): boolean {
    return this.#token.type === 'name' || this.#is('$');
  }

  #concatenation(): Expression {
    let left = this.#additive();
    while (this.#startsOperand()) left = { type: 'binary', operator: ' ', left, right: this.#additive() };
    return left;
  }

  #startsOperand(): boolean {
    const { type, text } = this.#token;
    if (['number', 'string', 'name', 'call', 'builtin', 'regexp'].includes(type)) return true;
    return (
      type === 'operator' &&
      ['$', '!', '(', '-', '+', '++', '--'].includes(text) &&
      !(text === '!' && this.#tokens[this.#next + 1]?.text === '~')
    );
  }

  #additive(): Expression {
    let left = this.#multiplicative();
    while (this.#is('+') || this.#is('-'))
      left = { type: 'binary', operator: this.#tokens[this.#next++]!.text, left, right: this.#multiplicative() };
    return left;
  }

  #multiplicative(): Expression {
    let left = this.#unary();
    while (this.#is('*') || this.#is('/') || this.#is('%'))
      left = { type: 'binary', operator: this.#tokens[this.#next++]!.text, left, right: this.#unary() };
    return left;
  }

  #unary(): Expression {
    for (const operator of ['!', '-', '+']) if (this.#take(operator)) return { type: 'unary', operator, operand: this.#unary() };
    return this.#power();
  }

  #power(): Expression {
    const left = this.#postfix();
    return this.#take('^') ? { type: 'binary', operator: '^', left, right: this.#unary() } : left;
  }

  #postfix(): Expression {
    const target = this.#primary();
    for (const operator of ['++', '--'] as const) {
      if (['variable', 'field', 'element'].includes(target.type) && this.#take(operator))
        return { type: 'step', operator, isPrefix: false, target };
    }
    return target;
  }

  #primary(): Expression {
    const { type, text } = this.#token;
    this.#next++;
    switch (type) {
      case 'number':
        return { type: 'number', value: Number(text) };
      case 'string':
        return { type: 'string', value: text };
      case 'regexp':
        return { type: 'regexp', source: text };
      case 'name':
        return this.#take('[') ? { type: 'element', name: text, keys: this.#list(']') } : { type: 'variable', name: text };
      case 'call':
        this.#expect('(');
        return { type: 'call', name: text, args: this.#list(')'), isBuiltin: false };
      case 'builtin':
        return { type: 'call', name: text, args: this.#take('(') ? this.#list(')') : [], isBuiltin: true };
      default:
    }
    if (type === 'keyword' && text === 'getline') return this.#getline();
    if (type !== 'operator') {
      this.#next--;
      this.#fail();
    }
    if (text === '$') {
      for (const operator of ['++', '--'] as const)
        if (this.#take(operator)) return { type: 'field', index: { type: 'step', operator, isPrefix: true, target: this.#primary() } };
      return { type: 'field', index: this.#take('-') ? { type: 'unary', operator: '-', operand: this.#primary() } : this.#primary() };
    }
    if (text === '++' || text === '--') return { type: 'step', operator: text, isPrefix: true, target: this.#primary() };
    if (text === '(') {
      const items = this.#list(')');
      return items.length === 1 ? (items[0]!.type === 'group' ? items[0]! : { type: 'group', items }) : { type: 'group', items };
    }
    this.#next--;
    return this.#fail();
  }

  #getline(): Expression {
    const target = this.#startsTarget() ? this.#primary() : undefined;
    return this.#take('<')
      ? { type: 'getline', kind: 'file', target, source: this.#primary() }
      : { type: 'getline', kind: 'main', target, source: undefined };
  }
}

/** Throws `AwkError`. */
export function parseAwk(text: string): AwkProgram {
  return new Parser(text).parse();
}
