import { Errno, createLineReader, readAll, textOf } from '../../../../emulator/kernel/index.ts';
import type { Call, LineReader, Sys } from '../../../../emulator/kernel/index.ts';
import { formatDate } from '../../date-format.ts';
import { posixRegExp } from '../../regular-expression.ts';
import { arithmetic, compareValues, gensub, substring, truth } from './computing.ts';
import { Streams } from './streams.ts';
import { formatAwk, formatNumber, numberOf, split } from './values.ts';
import type { Value } from './values.ts';
import { AwkError } from './syntax.ts';
import type { AwkProgram, Expression, Statement } from './syntax.ts';

type AwkArray = Map<string, Value>;
type Flow = 'break' | 'continue' | 'next' | 'exit' | 'return' | undefined;

interface Frame {
  readonly scalars: Map<string, Value>;
  readonly arrays: Map<string, AwkArray>;
}

const maxDepth = 500;
/** Runs a program over records. Every expression may read, and so may block. */
export class AwkInterpreter {
  readonly #sys: Sys;
  readonly #program: AwkProgram;
  readonly #globals: Frame = {
    scalars: new Map<string, Value>([
      ['FS', ' '],
      ['OFS', ' '],
      ['ORS', '\n'],
      ['RS', '\n'],
      ['NR', 0],
      ['NF', 0],
      ['FNR', 0],
      ['SUBSEP', '\x1c'],
      ['CONVFMT', '%.6g'],
      ['OFMT', '%.6g'],
      ['FILENAME', ''],
      ['RSTART', 0],
      ['RLENGTH', -1],
    ]),
    arrays: new Map(),
  };
  #frame: Frame | undefined;
  #depth = 0;
  #record = '';
  #fields: Value[] = [];
  #isSplit = true;
  #files: readonly string[] = [];
  #nextFile = 0;
  #reader: LineReader | undefined;
  #fd = 0;
  exitCode = 0;
  #returned: Value = '';
  readonly #streams: Streams;
  readonly #ranges = new Set<number>();
  #seed = 0;
  #out = '';

  constructor(sys: Sys, program: AwkProgram) {
    this.#sys = sys;
    this.#streams = new Streams(sys);
    this.#program = program;
    this.#globals.arrays.set('ENVIRON', new Map([...sys.env].map(([name, value]) => [name, split.field(value)])));
  }

  set(name: string, value: Value): void {
    this.#assignVariable(name, value);
  }

  /** Returns the exit code. */
  *run(files: readonly string[]): Call<number> {
    this.#files = files;
    this.#globals.arrays.set('ARGV', new Map(['awk', ...files].map((file, i) => [String(i), split.field(file)])));
    this.#globals.scalars.set('ARGC', files.length + 1);
    let flow: Flow;
    for (const rule of this.#program.rules) if (rule.kind === 'BEGIN' && flow !== 'exit') flow = yield* this.#statement(rule.body!);
    const readsInput = this.#program.rules.some((rule) => rule.kind !== 'BEGIN');
    while (readsInput && flow !== 'exit') {
      const record = yield* this.#nextRecord();
      if (record === undefined) break;
      this.#setRecord(record);
      flow = yield* this.#rules();
      if (this.#sys.tick()) yield* this.#sys.preempt();
      if (this.#out.length > 4096) yield* this.#flush();
    }
    let end: Flow;
    for (const rule of this.#program.rules) if (rule.kind === 'END' && end !== 'exit') end = yield* this.#statement(rule.body!);
    yield* this.#flush();
    yield* this.#streams.closeAll();
    return this.exitCode;
  }

  *#flush(): Call<void> {
    const text = this.#out;
    this.#out = '';
    if (text !== '') yield* this.#sys.print(1, text);
  }

  *#rules(): Call<Flow> {
    for (const [i, rule] of this.#program.rules.entries()) {
      if (rule.kind !== 'pattern') continue;
      let runs = !rule.from;
      if (rule.from && rule.to) {
        runs = this.#ranges.has(i) || truth(yield* this.#pattern(rule.from));
        if (runs) this.#ranges.add(i);
        if (runs && truth(yield* this.#pattern(rule.to))) this.#ranges.delete(i);
      } else if (rule.from) runs = truth(yield* this.#pattern(rule.from));
      if (!runs) continue;
      if (!rule.body) this.#out += `${this.#record}${this.#text(this.#variable('ORS'))}`;
      else {
        const flow = yield* this.#statement(rule.body);
        if (flow === 'exit') return flow;
        if (flow === 'next') return undefined;
      }
    }
    return undefined;
  }

  #pattern(expression: Expression): Call<Value> {
    return this.#evaluate(expression);
  }

  // Records and fields.

  *#nextRecord(): Call<string | undefined> {
    for (;;) {
      if (!this.#reader) {
        const file = yield* this.#open();
        if (file === undefined) return undefined;
      }
      const separator = this.#text(this.#variable('RS'));
      const record = yield* this.#readRecord(separator);
      if (record !== undefined) {
        this.#globals.scalars.set('NR', Number(this.#globals.scalars.get('NR')) + 1);
        this.#globals.scalars.set('FNR', Number(this.#globals.scalars.get('FNR')) + 1);
        return record;
      }
      this.#reader = undefined;
      if (this.#fd !== 0) this.#sys.fds.close(this.#fd);
      if (this.#files.length === 0) this.#nextFile = 1;
    }
  }

  *#readRecord(separator: string): Call<string | undefined> {
    const reader = this.#reader!;
    if (separator === '\n') {
      const line = yield* reader.next();
      return line === undefined ? undefined : textOf(line);
    }
    // Another separator: the rest of the file is read at once.
    if (!this.#pendingRecords) {
      const text = textOf(yield* readAll(this.#sys, this.#fd));
      const trimmed = separator === '' ? text.replace(/^\n+|\n+$/g, '') : text.replace(/\n$/, '');
      this.#pendingRecords =
        trimmed === ''
          ? []
          : separator === ''
            ? trimmed.split(/\n\n+/)
            : separator.length === 1
              ? trimmed.split(separator)
              : trimmed.split(posixRegExp(separator, { extended: true }));
    }
    const record = this.#pendingRecords.shift();
    if (record === undefined) this.#pendingRecords = undefined;
    return record;
  }

  #pendingRecords: string[] | undefined;

  *#open(): Call<string | undefined> {
    for (;;) {
      if (this.#files.length === 0 && this.#nextFile === 0) {
        this.#fd = 0;
        this.#reader = createLineReader(this.#sys, 0);
        return '';
      }
      const file = this.#files[this.#nextFile++];
      if (file === undefined) return undefined;
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(file);
      if (assignment) {
        this.#assignVariable(assignment[1]!, split.field(assignment[2]!));
        if (this.#files.slice(this.#nextFile).length === 0 && this.#files.every((name) => /^[A-Za-z_]\w*=/.test(name))) {
          this.#fd = 0;
          this.#reader = createLineReader(this.#sys, 0);
          return '';
        }
        continue;
      }
      try {
        this.#fd = file === '-' ? 0 : this.#sys.open(file, 'read');
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        yield* this.#flush();
        yield* this.#sys.print(2, `awk: cannot open ${file} (${error.message})\n`);
        this.exitCode = 2;
        continue;
      }
      this.#globals.scalars.set('FILENAME', file);
      this.#globals.scalars.set('FNR', 0);
      this.#reader = createLineReader(this.#sys, this.#fd);
      return file;
    }
  }

  #setRecord(record: string): void {
    this.#record = record;
    this.#isSplit = false;
  }

  #splitRecord(): void {
    if (this.#isSplit) return;
    this.#isSplit = true;
    this.#fields = split.record(this.#record, this.#text(this.#variable('FS')));
    this.#globals.scalars.set('NF', this.#fields.length);
  }

  #field(index: number): Value {
    if (index < 0) throw new AwkError(`trying to access out of range field ${index}`);
    if (index === 0) return split.field(this.#record);
    this.#splitRecord();
    return this.#fields[index - 1] ?? '';
  }

  #setField(index: number, value: Value): void {
    if (index === 0) return this.#setRecord(this.#text(value));
    this.#splitRecord();
    while (this.#fields.length < index) this.#fields.push('');
    this.#fields[index - 1] = typeof value === 'number' ? value : split.field(this.#text(value));
    this.#globals.scalars.set('NF', this.#fields.length);
    this.#rebuild();
  }

  #rebuild(): void {
    this.#record = this.#fields.map((field) => this.#text(field)).join(this.#text(this.#variable('OFS')));
  }

  // Variables.

  #variable(name: string): Value {
    if (name === 'NF') this.#splitRecord();
    return this.#frame?.scalars.get(name) ?? this.#globals.scalars.get(name) ?? '';
  }

  #assignVariable(name: string, value: Value): void {
    if (this.#frame?.scalars.has(name)) return void this.#frame.scalars.set(name, value);
    if (name === 'NF') {
      this.#splitRecord();
      this.#fields.length = Math.max(0, Math.min(10_000, numberOf(value)));
      this.#fields = Array.from(this.#fields, (field) => field ?? '');
      this.#rebuild();
    }
    this.#globals.scalars.set(name, value);
  }

  #array(name: string): AwkArray {
    const local = this.#frame?.arrays.get(name);
    if (local) return local;
    if (this.#frame?.scalars.has(name)) {
      const made: AwkArray = new Map();
      this.#frame.arrays.set(name, made);
      return made;
    }
    let array = this.#globals.arrays.get(name);
    if (!array) this.#globals.arrays.set(name, (array = new Map()));
    return array;
  }

  #text(value: Value): string {
    return typeof value === 'string' ? value : typeof value === 'number' ? formatNumber(value) : value.text;
  }

  *#key(keys: readonly Expression[]): Call<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.#text(yield* this.#evaluate(key)));
    return parts.join(this.#text(this.#variable('SUBSEP')));
  }

  // Statements.

  *#statement(statement: Statement): Call<Flow> {
    if (this.#sys.tick()) yield* this.#sys.preempt();
    switch (statement.type) {
      case 'block':
        for (const item of statement.body) {
          const flow = yield* this.#statement(item);
          if (flow) return flow;
        }
        return undefined;
      case 'expression':
        yield* this.#evaluate(statement.expression);
        return undefined;
      case 'print':
        yield* this.#print(statement);
        return undefined;
      case 'if': {
        const branch = truth(yield* this.#evaluate(statement.test)) ? statement.yes : statement.no;
        return branch && (yield* this.#statement(branch));
      }
      case 'while':
        return yield* this.#loop(statement.test, undefined, statement.body, statement.isDo);
      case 'for':
        if (statement.start) yield* this.#statement(statement.start);
        return yield* this.#loop(statement.test, statement.step, statement.body, false);
      case 'for-in':
        for (const key of [...this.#array(statement.array).keys()]) {
          this.#assignVariable(statement.name, split.field(key));
          const flow = yield* this.#statement(statement.body);
          if (flow === 'break') break;
          if (flow && flow !== 'continue') return flow;
        }
        return undefined;
      case 'delete':
        if (!statement.keys) this.#array(statement.name).clear();
        else this.#array(statement.name).delete(yield* this.#key(statement.keys));
        return undefined;
      case 'exit':
        if (statement.value) this.exitCode = numberOf(yield* this.#evaluate(statement.value)) & 255;
        return 'exit';
      case 'return':
        this.#returned = statement.value ? yield* this.#evaluate(statement.value) : '';
        return 'return';
      default:
        return statement.type;
    }
  }

  *#loop(test: Expression | undefined, step: Statement | undefined, body: Statement, isDo: boolean): Call<Flow> {
    for (let isFirst = true; ; isFirst = false) {
      if (!(isDo && isFirst) && test && !truth(yield* this.#evaluate(test))) return undefined;
      const flow = yield* this.#statement(body);
      if (flow === 'break') return undefined;
      if (flow && flow !== 'continue') return flow;
      if (step) yield* this.#statement(step);
    }
  }

  *#print({ args, isFormat, redirect }: Extract<Statement, { type: 'print' }>): Call<void> {
    const values: Value[] = [];
    for (const arg of args) values.push(yield* this.#evaluate(arg));
    const texts = values.map((value) =>
      typeof value === 'number' && !Number.isInteger(value) ? formatAwk(this.#text(this.#variable('OFMT')), [value]) : this.#text(value),
    );
    const text = isFormat
      ? formatAwk(texts[0] ?? '', values.slice(1))
      : (args.length === 0 ? this.#record : texts.join(this.#text(this.#variable('OFS')))) + this.#text(this.#variable('ORS'));
    if (!redirect) {
      this.#out += text;
      return;
    }
    const target = this.#text(yield* this.#evaluate(redirect.target));
    if (!this.#streams.isOpen(target)) yield* this.#flush();
    yield* this.#sys.print(this.#streams.output(redirect.operator, target), text);
  }

  // Expressions.

  *#evaluate(node: Expression): Call<Value> {
    switch (node.type) {
      case 'number':
      case 'string':
        return node.value;
      case 'regexp':
        return Number(this.#regExp(node.source).test(this.#record));
      case 'variable':
        return this.#variable(node.name);
      case 'field':
        return this.#field(Math.trunc(numberOf(yield* this.#evaluate(node.index))));
      case 'element': {
        const array = this.#array(node.name);
        const key = yield* this.#key(node.keys);
        if (!array.has(key)) array.set(key, '');
        return array.get(key)!;
      }
      case 'in':
        return Number(this.#array(node.name).has(yield* this.#key(node.keys)));
      case 'group': {
        if (node.items.length === 1) return yield* this.#evaluate(node.items[0]!);
        return yield* this.#key(node.items);
      }
      case 'condition':
        return yield* this.#evaluate(truth(yield* this.#evaluate(node.test)) ? node.yes : node.no);
      case 'unary': {
        const value = yield* this.#evaluate(node.operand);
        return node.operator === '!' ? Number(!truth(value)) : node.operator === '-' ? -numberOf(value) : numberOf(value);
      }
      case 'step': {
        const before = numberOf(yield* this.#evaluate(node.target));
        const after = node.operator === '++' ? before + 1 : before - 1;
        yield* this.#assign(node.target, after);
        return node.isPrefix ? after : before;
      }
      case 'assign': {
        const right = yield* this.#evaluate(node.value);
        const value =
          node.operator === '=' ? right : arithmetic(node.operator[0]!, numberOf(yield* this.#evaluate(node.target)), numberOf(right));
        yield* this.#assign(node.target, value);
        return value;
      }
      case 'binary':
        return yield* this.#binary(node);
      case 'call':
        return node.isBuiltin ? yield* this.#builtin(node.name, node.args) : yield* this.#call(node.name, node.args);
      case 'getline':
        return yield* this.#getline(node);
    }
  }

  *#binary({ operator, left, right }: Extract<Expression, { type: 'binary' }>): Call<Value> {
    if (operator === '&&') return Number(truth(yield* this.#evaluate(left)) && truth(yield* this.#evaluate(right)));
    if (operator === '||') return Number(truth(yield* this.#evaluate(left)) || truth(yield* this.#evaluate(right)));
    const a = yield* this.#evaluate(left);
    if (operator === '~' || operator === '!~') {
      const source = right.type === 'regexp' ? right.source : this.#text(yield* this.#evaluate(right));
      return Number(this.#regExp(source).test(this.#text(a)) === (operator === '~'));
    }
    const b = yield* this.#evaluate(right);
    if (operator === ' ') return this.#text(a) + this.#text(b);
    if (!/^(<|<=|==|!=|>|>=)$/.test(operator)) return arithmetic(operator, numberOf(a), numberOf(b));
    const isText = (left.type === 'string' && a === '') || (right.type === 'string' && b === '');
    return Number(compareValues(operator, a, b, isText));
  }

  *#assign(target: Expression, value: Value): Call<void> {
    if (target.type === 'variable') this.#assignVariable(target.name, value);
    else if (target.type === 'element') this.#array(target.name).set(yield* this.#key(target.keys), value);
    else if (target.type === 'field') this.#setField(Math.trunc(numberOf(yield* this.#evaluate(target.index))), value);
    else if (target.type === 'group' && target.items.length === 1) yield* this.#assign(target.items[0]!, value);
    else throw new AwkError('assignment to what is no variable');
  }

  #regExp(source: string, global = false): RegExp {
    return posixRegExp(source, { extended: true, global });
  }

  *#call(name: string, args: readonly Expression[]): Call<Value> {
    const called = this.#program.functions.get(name);
    if (!called) throw new AwkError(`calling undefined function ${name}`);
    if (++this.#depth > maxDepth) throw new AwkError(`function call nesting too deep in ${name}`);
    const frame: Frame = { scalars: new Map(), arrays: new Map() };
    for (const [i, parameter] of called.parameters.entries()) {
      const arg = args[i];
      // A name that is an array, or not known to be anything, is passed by reference.
      const isArray =
        arg?.type === 'variable' &&
        !this.#frame?.scalars.get(arg.name) &&
        (this.#frame?.arrays.has(arg.name) ||
          this.#globals.arrays.has(arg.name) ||
          (!this.#globals.scalars.has(arg.name) && !this.#frame?.scalars.has(arg.name)));
      if (isArray) frame.arrays.set(parameter, this.#array(arg.name));
      frame.scalars.set(parameter, arg && !isArray ? yield* this.#evaluate(arg) : '');
    }
    const outer = this.#frame;
    this.#frame = frame;
    this.#returned = '';
    const flow = yield* this.#statement(called.body);
    this.#frame = outer;
    this.#depth--;
    if (flow === 'exit') throw new AwkError('exit inside of a function is not supported here');
    const value = this.#returned;
    this.#returned = '';
    return value;
  }

  *#getline(node: Extract<Expression, { type: 'getline' }>): Call<Value> {
    let line: string | undefined;
    if (node.kind === 'main') line = yield* this.#nextRecord();
    else {
      const name = this.#text(yield* this.#evaluate(node.source!));
      let reader: LineReader;
      try {
        reader = this.#streams.input(node.kind, name);
      } catch (error) {
        if (error instanceof Errno) return -1;
        throw error;
      }
      const bytes = yield* reader.next();
      line = bytes === undefined ? undefined : textOf(bytes);
    }
    if (line === undefined) return 0;
    if (node.target) yield* this.#assign(node.target, split.field(line));
    else this.#setRecord(line);
    return 1;
  }

  *#builtin(name: string, args: readonly Expression[]): Call<Value> {
    const first = args[0];
    if (name === 'length' && first?.type === 'variable' && (this.#frame?.arrays.has(first.name) || this.#globals.arrays.has(first.name)))
      return this.#array(first.name).size;
    if (name === 'split') return yield* this.#split(args);
    if (name === 'sub' || name === 'gsub') return yield* this.#substitute(name, args);
    const source = first?.type === 'regexp' ? first.source : undefined;
    const values: Value[] = [];
    for (const [i, arg] of args.entries())
      values.push(arg.type === 'regexp' && (name === 'match' || name === 'gensub') && i < 2 ? arg.source : yield* this.#evaluate(arg));
    const text = (i: number): string => this.#text(values[i] ?? '');
    const number = (i: number): number => numberOf(values[i] ?? 0);
    switch (name) {
      case 'length':
        return args.length === 0 ? [...this.#record].length : [...text(0)].length;
      case 'substr':
        return substring(text(0), number(1), args.length > 2 ? number(2) : undefined);
      case 'index':
        return [...text(0).slice(0, Math.max(0, text(0).indexOf(text(1))))].length + Number(text(0).includes(text(1)));
      case 'match':
        return this.#match(text(0), source && args.length === 1 ? source : text(1));
      case 'gensub':
        return gensub(this.#regExp(text(0), true), text(1), text(2), args.length > 3 ? text(3) : this.#record);
      case 'sprintf':
        return formatAwk(text(0), values.slice(1));
      case 'tolower':
        return text(0).toLowerCase();
      case 'toupper':
        return text(0).toUpperCase();
      case 'int':
        return Math.trunc(number(0));
      case 'sqrt':
        return Math.sqrt(number(0));
      case 'exp':
        return Math.exp(number(0));
      case 'log':
        return Math.log(number(0));
      case 'sin':
        return Math.sin(number(0));
      case 'cos':
        return Math.cos(number(0));
      case 'atan2':
        return Math.atan2(number(0), number(1));
      case 'rand':
        return this.#sys.kernel.random.fraction();
      case 'srand': {
        const before = this.#seed;
        this.#seed = args.length > 0 ? number(0) : Math.floor(this.#sys.kernel.clock.unixMs / 1000);
        return before;
      }
      case 'systime':
        return Math.floor(this.#sys.kernel.clock.unixMs / 1000);
      case 'strftime':
        return formatDate(
          args.length > 1 ? number(1) * 1000 : this.#sys.kernel.clock.unixMs,
          args.length > 0 ? text(0) : '%a %b %e %H:%M:%S %Z %Y',
        );
      case 'close':
        return yield* this.#streams.close(text(0));
      case 'fflush':
        yield* this.#flush();
        return 0;
      case 'system': {
        yield* this.#flush();
        const pid = this.#sys.spawn(this.#sys.load('sh', ['sh', '-c', text(0)]));
        return (yield* this.#sys.wait(pid)).code;
      }
      default:
        throw new AwkError(`calling undefined function ${name}`);
    }
  }

  #match(text: string, source: string): number {
    const match = this.#regExp(source).exec(text);
    this.#assignVariable('RSTART', match ? [...text.slice(0, match.index)].length + 1 : 0);
    this.#assignVariable('RLENGTH', match ? [...match[0]].length : -1);
    return numberOf(this.#variable('RSTART'));
  }

  *#split([subject, array, separator]: readonly Expression[]): Call<Value> {
    if (!subject || array?.type !== 'variable') throw new AwkError('split: second argument must be an array');
    const text = this.#text(yield* this.#evaluate(subject));
    const by =
      separator === undefined
        ? this.#text(this.#variable('FS'))
        : separator.type === 'regexp'
          ? separator.source
          : this.#text(yield* this.#evaluate(separator));
    const parts = separator?.type === 'regexp' ? split.byRegExp(text, by) : split.record(text, by);
    const target = this.#array(array.name);
    target.clear();
    for (const [i, part] of parts.entries()) target.set(String(i + 1), part);
    return parts.length;
  }

  *#substitute(name: string, [pattern, replacement, target]: readonly Expression[]): Call<Value> {
    if (!pattern || !replacement) throw new AwkError(`${name}: not enough arguments`);
    const source = pattern.type === 'regexp' ? pattern.source : this.#text(yield* this.#evaluate(pattern));
    const template = this.#text(yield* this.#evaluate(replacement));
    const place: Expression = target ?? { type: 'field', index: { type: 'number', value: 0 } };
    const text = this.#text(yield* this.#evaluate(place));
    let count = 0;
    const changed = text.replace(this.#regExp(source, name === 'gsub'), (match) => {
      count++;
      return template.replace(/\\\\|\\&|&/g, (part) => (part === '&' ? match : part.slice(1)));
    });
    if (count > 0) yield* this.#assign(place, changed);
    return count;
  }
}
