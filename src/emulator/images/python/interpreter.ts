/** Runs Python: a few built-in functions, and of the modules os, sys, time and socket what scripts in containers ask for. */
import type { Call, Sys } from '../../kernel/index.ts';
import type { Expression, Statement } from './parser.ts';
import { PythonError } from './tokens.ts';

/** A number with a fraction, which prints as one. */
class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What `import` gives, and what has members like one. */
class Module {
  readonly members: Readonly<Record<string, Value>>;
  constructor(members: Readonly<Record<string, Value>>) {
    this.members = members;
  }
}

type Named = ReadonlyMap<string, Value>;
type Callable = (args: readonly Value[], named: Named) => Call<Value>;
type Value = string | number | boolean | null | Float | readonly Value[] | Callable | Module | ReadonlyMap<string, Value>;

/** sys.exit. */
class Exit extends Error {
  readonly code: Value;
  constructor(code: Value) {
    super('exit');
    this.code = code;
  }
}

type Leap = 'break' | 'continue' | undefined;

const isNumber = (value: Value): value is number | boolean | Float =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;
const numberOf = (value: number | boolean | Float): number => (value instanceof Float ? value.value : Number(value));

function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (value instanceof Float) return 'float';
  return Array.isArray(value) ? 'list' : typeof value === 'function' ? 'function' : value instanceof Module ? 'module' : 'dict';
}

function text(value: Value, isInner = false): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Float) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (typeof value === 'string') return isInner ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : value;
  if (Array.isArray(value)) return `[${value.map((item) => text(item as Value, true)).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${text(key, true)}: ${text(item as Value, true)}`).join(', ')}}`;
  return typeof value === 'function' ? '<function>' : String(value);
}

function isTrue(value: Value): boolean {
  if (value === null || value === '' || value === false) return false;
  if (isNumber(value)) return numberOf(value) !== 0;
  return Array.isArray(value) ? value.length > 0 : !(value instanceof Map) || value.size > 0;
}

function isEqual(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item as Value, b[i] as Value));
  return a === b;
}

export class Interpreter {
  readonly #sys: Sys;
  readonly #names = new Map<string, Value>();
  #line = 1;

  constructor(sys: Sys, args: readonly string[]) {
    this.#sys = sys;
    for (const [name, run] of Object.entries(this.#builtIns())) this.#names.set(name, run);
    this.#modules = this.#makeModules(args);
  }

  readonly #modules: Readonly<Record<string, Readonly<Record<string, Value>>>>;

  /** The exit code. */
  *run(program: readonly Statement[]): Call<number> {
    try {
      yield* this.#block(program);
      return 0;
    } catch (error) {
      if (error instanceof PythonError) {
        yield* this.#sys.print(
          2,
          `Traceback (most recent call last):\n  File "<string>", line ${error.line}, in <module>\n${error.kind}: ${error.message}\n`,
        );
        return 1;
      }
      if (!(error instanceof Exit)) throw error;
      if (typeof error.code === 'number') return error.code & 255;
      if (error.code === null) return 0;
      yield* this.#sys.print(2, `${text(error.code)}\n`);
      return 1;
    }
  }

  #fail(kind: string, message: string): never {
    throw new PythonError(kind, message, this.#line);
  }

  *#block(statements: readonly Statement[]): Call<Leap> {
    for (const statement of statements) {
      this.#line = statement.line;
      if (this.#sys.tick()) yield* this.#sys.preempt();
      const leap = yield* this.#statement(statement);
      if (leap) return leap;
    }
    return undefined;
  }

  *#statement(statement: Statement): Call<Leap> {
    switch (statement.type) {
      case 'pass':
        return undefined;
      case 'break':
      case 'continue':
        return statement.type;
      case 'expression':
        yield* this.#value(statement.value);
        return undefined;
      case 'import':
        this.#import(statement.module, statement.names);
        return undefined;
      case 'assign': {
        const value = yield* this.#value(statement.value);
        this.#names.set(statement.name, statement.operator ? this.#binary(statement.operator, this.#name(statement.name), value) : value);
        return undefined;
      }
      case 'if':
        for (const { test, body } of statement.branches) if (!test || isTrue(yield* this.#value(test))) return yield* this.#block(body);
        return undefined;
      case 'while':
        while (isTrue(yield* this.#value(statement.test))) if ((yield* this.#block(statement.body)) === 'break') break;
        return undefined;
      case 'for':
        for (const item of this.#items(yield* this.#value(statement.over))) {
          this.#names.set(statement.name, item);
          if ((yield* this.#block(statement.body)) === 'break') break;
        }
        return undefined;
    }
  }

  #import(module: string, names: readonly string[] | undefined): void {
    const found = Object.hasOwn(this.#modules, module) ? this.#modules[module] : undefined;
    if (!found) this.#fail('ModuleNotFoundError', `No module named '${module}'`);
    if (!names) this.#names.set(module, new Module(found));
    for (const name of names ?? []) {
      if (!Object.hasOwn(found, name)) this.#fail('ImportError', `cannot import name '${name}' from '${module}'`);
      this.#names.set(name, found[name]!);
    }
  }

  #name(name: string): Value {
    const value = this.#names.get(name);
    return value === undefined ? this.#fail('NameError', `name '${name}' is not defined`) : value;
  }

  #items(value: Value): readonly Value[] {
    if (Array.isArray(value)) return value as readonly Value[];
    if (typeof value === 'string') return [...value];
    if (value instanceof Map) return [...value.keys()] as Value[];
    return this.#fail('TypeError', `'${typeName(value)}' object is not iterable`);
  }

  *#value(expression: Expression): Call<Value> {
    switch (expression.type) {
      case 'literal':
        return expression.isFloat ? new Float(expression.value as number) : expression.value;
      case 'format': {
        let result = '';
        for (const part of expression.parts) result += typeof part === 'string' ? part : text(yield* this.#value(part));
        return result;
      }
      case 'list': {
        const items: Value[] = [];
        for (const item of expression.items) items.push(yield* this.#value(item));
        return items;
      }
      case 'name':
        this.#line = expression.line;
        return this.#name(expression.name);
      case 'member':
        return this.#member(yield* this.#value(expression.of), expression.name);
      case 'item':
        return this.#item(yield* this.#value(expression.of), yield* this.#value(expression.index));
      case 'unary': {
        const operand = yield* this.#value(expression.operand);
        if (expression.operator === 'not') return !isTrue(operand);
        return this.#binary('-', 0, operand);
      }
      case 'binary': {
        const left = yield* this.#value(expression.left);
        if (expression.operator === 'or') return isTrue(left) ? left : yield* this.#value(expression.right);
        if (expression.operator === 'and') return isTrue(left) ? yield* this.#value(expression.right) : left;
        return this.#binary(expression.operator, left, yield* this.#value(expression.right));
      }
      case 'call':
        return yield* this.#call(expression);
    }
  }

  *#call({ callee, args, named, line }: Extract<Expression, { type: 'call' }>): Call<Value> {
    const run = yield* this.#value(callee);
    const values: Value[] = [];
    for (const arg of args) values.push(yield* this.#value(arg));
    const byName = new Map<string, Value>();
    for (const [name, arg] of named) byName.set(name, yield* this.#value(arg));
    this.#line = line;
    if (typeof run !== 'function') return this.#fail('TypeError', `'${typeName(run)}' object is not callable`);
    return yield* run(values, byName);
  }

  #item(of: Value, index: Value): Value {
    if (of instanceof Map) {
      const value = of.get(text(index)) as Value | undefined;
      return value === undefined ? this.#fail('KeyError', text(index, true)) : value;
    }
    const items = this.#items(of);
    if (typeof index !== 'number')
      return this.#fail('TypeError', `${typeName(of)} indices must be integers or slices, not ${typeName(index)}`);
    const item = items[index < 0 ? items.length + index : index];
    return item === undefined ? this.#fail('IndexError', `${typeName(of)} index out of range`) : item;
  }

  #member(of: Value, name: string): Value {
    if (of instanceof Module)
      return Object.hasOwn(of.members, name) ? of.members[name]! : this.#fail('AttributeError', `module has no attribute '${name}'`);
    const methods: Readonly<Record<string, Callable>> =
      of instanceof Map
        ? { get: call(([key = '', fallback = null]) => (of.get(text(key)) as Value | undefined) ?? fallback) }
        : typeof of === 'string'
          ? {
              upper: call(() => of.toUpperCase()),
              lower: call(() => of.toLowerCase()),
              strip: call(() => of.trim()),
              split: call(([by]) => (by === undefined ? of.split(/\s+/).filter(Boolean) : of.split(text(by)))),
              join: call(([items = []]) =>
                this.#items(items)
                  .map((item) => text(item))
                  .join(of),
              ),
              startswith: call(([start = '']) => of.startsWith(text(start))),
              endswith: call(([end = '']) => of.endsWith(text(end))),
            }
          : {};
    return Object.hasOwn(methods, name)
      ? methods[name]!
      : this.#fail('AttributeError', `'${typeName(of)}' object has no attribute '${name}'`);
  }

  #binary(operator: string, a: Value, b: Value): Value {
    switch (operator) {
      case '==':
        return isEqual(a, b);
      case '!=':
        return !isEqual(a, b);
      case 'is':
        return a === b;
      case 'is not':
        return a !== b;
      case 'in':
      case 'not in': {
        const isIn = typeof b === 'string' ? b.includes(text(a)) : this.#items(b).some((item) => isEqual(item, a));
        return isIn === (operator === 'in');
      }
    }
    if (isNumber(a) && isNumber(b)) return this.#arithmetic(operator, a, b);
    if (typeof a === 'string' && typeof b === 'string') {
      if (operator === '+') return a + b;
      if (operator === '<' || operator === '>') return operator === '<' ? a < b : a > b;
    }
    if (operator === '*' && typeof a === 'string' && typeof b === 'number') return a.repeat(Math.max(0, Math.min(b, 10_000)));
    if (operator === '+' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b] as Value[];
    const kind = /[<>]/.test(operator) ? 'not supported between instances of' : 'unsupported operand type(s) for';
    return this.#fail(
      'TypeError',
      kind.startsWith('not')
        ? `'${operator}' ${kind} '${typeName(a)}' and '${typeName(b)}'`
        : `${kind} ${operator}: '${typeName(a)}' and '${typeName(b)}'`,
    );
  }

  #arithmetic(operator: string, left: number | boolean | Float, right: number | boolean | Float): Value {
    const [a, b] = [numberOf(left), numberOf(right)];
    const same = (value: number): Value => (left instanceof Float || right instanceof Float ? new Float(value) : value);
    if (b === 0 && ['/', '//', '%'].includes(operator)) this.#fail('ZeroDivisionError', 'division by zero');
    switch (operator) {
      case '+':
        return same(a + b);
      case '-':
        return same(a - b);
      case '*':
        return same(a * b);
      case '/':
        return new Float(a / b);
      case '//':
        return same(Math.floor(a / b));
      case '%':
        return same(a - b * Math.floor(a / b));
      case '<':
        return a < b;
      case '>':
        return a > b;
      case '<=':
        return a <= b;
      default:
        return a >= b;
    }
  }

  #builtIns(): Readonly<Record<string, Callable>> {
    const sys = this.#sys;
    const int = (value: Value): number => {
      if (isNumber(value)) return Math.trunc(numberOf(value));
      if (typeof value !== 'string')
        return this.#fail('TypeError', `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
      if (!/^\s*[-+]?\d+\s*$/.test(value)) return this.#fail('ValueError', `invalid literal for int() with base 10: ${text(value, true)}`);
      return Number(value);
    };
    return {
      *print(args, named) {
        const end = named.get('end');
        yield* sys.print(1, args.map((arg) => text(arg)).join(text(named.get('sep') ?? ' ')) + (end === undefined ? '\n' : text(end)));
        return null;
      },
      int: call(([value = 0]) => int(value)),
      float: call(([value = 0]) => new Float(Number(text(value)))),
      str: call(([value = '']) => text(value)),
      bool: call(([value = false]) => isTrue(value)),
      abs: call(([value = 0]) => (isNumber(value) ? Math.abs(numberOf(value)) : this.#fail('TypeError', 'bad operand type for abs()'))),
      len: call(([value = null]) => (value instanceof Map ? value.size : this.#items(value).length)),
      sum: call(([items = []]) => this.#items(items).reduce((a, b) => this.#binary('+', a, b), 0)),
      range: call((args) => {
        const [from, to] = args.length > 1 ? [int(args[0]!), int(args[1]!)] : [0, int(args[0] ?? 0)];
        const step = args.length > 2 ? int(args[2]!) : 1;
        if (step === 0) return this.#fail('ValueError', 'range() arg 3 must not be zero');
        return Array.from({ length: Math.min(1_000_000, Math.max(0, Math.ceil((to - from) / step))) }, (_, i) => from + i * step);
      }),
      exit: call(([code = null]) => {
        throw new Exit(code);
      }),
    };
  }

  #makeModules(args: readonly string[]): Readonly<Record<string, Readonly<Record<string, Value>>>> {
    const sys = this.#sys;
    const environ: Value = new Map(sys.env);
    const nothing = call(() => null);
    return {
      os: { environ, getenv: call(([name = '', fallback = null]) => environ.get(text(name)) ?? fallback), getpid: call(() => sys.pid) },
      sys: {
        argv: args,
        exit: call(([code = null]) => {
          throw new Exit(code);
        }),
        stdout: new Module({
          flush: nothing,
          *write([written = '']) {
            yield* sys.print(1, text(written));
            return text(written).length;
          },
        }),
      },
      time: {
        time: call(() => new Float(sys.kernel.clock.unixMs / 1000)),
        *sleep([seconds = 0]) {
          yield* sys.sleep(Math.max(0, Number(text(seconds)) * 1000 || 0));
          return null;
        },
      },
      socket: { gethostname: call(() => sys.hostname) },
    };
  }
}

/** A function that need not wait. */
function call(run: (args: readonly Value[]) => Value): Callable {
  return function* (args): Call<Value> {
    return run(args);
  };
}
