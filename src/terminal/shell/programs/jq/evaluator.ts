import { JqError, arithmetic, compare, isObject, isTrue, shortened, typeOf } from './values.ts';
import type { Json, JsonObject } from './values.ts';
import { format } from './formats.ts';
import { functions } from './functions.ts';
import { computed, iterate } from './located.ts';
import type { Located } from './located.ts';
import { getPath, setPath } from './paths.ts';
import type { Path } from './paths.ts';
import type { Filter, Pattern } from './syntax.ts';

interface Closure {
  readonly parameters: readonly string[];
  readonly body: Filter;
  scope: Scope;
}

/** Names in sight: variables by their name, functions by name and number of parameters. */
export class Scope {
  readonly variables: ReadonlyMap<string, Json>;
  readonly closures: ReadonlyMap<string, Closure>;

  constructor(variables: ReadonlyMap<string, Json> = new Map(), closures: ReadonlyMap<string, Closure> = new Map()) {
    this.variables = variables;
    this.closures = closures;
  }

  withVariable(name: string, value: Json): Scope {
    return new Scope(new Map([...this.variables, [name, value]]), this.closures);
  }

  withClosure(name: string, closure: Closure): Scope {
    return new Scope(this.variables, new Map([...this.closures, [`${name}/${closure.parameters.length}`, closure]]));
  }
}

/** Evaluation is one stretch of work: a filter without end must not hold up the machine. */
const maxSteps = 2_000_000;
const maxDepth = 400;

export class Evaluator {
  #steps = 0;
  #depth = 0;
  readonly env: JsonObject;
  readonly nowSeconds: number;
  /** Further inputs, for `input` and `inputs`. */
  readonly nextInput: () => Json | undefined;

  constructor(options: { readonly env: JsonObject; readonly nowSeconds: number; readonly nextInput: () => Json | undefined }) {
    this.env = options.env;
    this.nowSeconds = options.nowSeconds;
    this.nextInput = options.nextInput;
  }

  *run(filter: Filter, input: Json, scope: Scope): Generator<Json> {
    for (const { value } of this.#evaluate(filter, { value: input, path: undefined }, scope)) yield value;
  }

  /** The paths that a filter leads to. */
  *paths(filter: Filter, input: Json, scope: Scope): Generator<Path> {
    for (const { path, value } of this.#evaluate(filter, { value: input, path: [] }, scope)) {
      if (!path) throw new JqError(`Invalid path expression with result ${shortened(value)}`);
      yield path;
    }
  }

  *#evaluate(filter: Filter, at: Located, scope: Scope): Generator<Located> {
    if (++this.#steps > maxSteps) throw new JqError('the filter takes too many steps');
    if (this.#depth > maxDepth) throw new JqError('the filter nests too deep');
    this.#depth++;
    try {
      yield* this.#step(filter, at, scope);
    } finally {
      this.#depth--;
    }
  }

  *#values(filter: Filter, at: Located, scope: Scope): Generator<Json> {
    for (const { value } of this.#evaluate(filter, { value: at.value, path: undefined }, scope)) yield value;
  }

  *#step(filter: Filter, at: Located, scope: Scope): Generator<Located> {
    switch (filter.type) {
      case 'identity':
        return yield at;
      case 'recurse':
        return yield* this.#recurse(at);
      case 'literal':
        return yield computed(filter.value as Json);
      case 'string':
        return yield* this.#string(filter.parts, filter.format ?? 'text', at, scope);
      case 'format':
        return yield computed(format(filter.name, at.value));
      case 'index':
        for (const target of this.#evaluate(filter.target, at, scope))
          for (const key of this.#values(filter.key, at, scope)) yield index(target, key);
        return;
      case 'slice':
        return yield* this.#slice(filter, at, scope);
      case 'iterate':
        for (const target of this.#evaluate(filter.target, at, scope)) yield* iterate(target);
        return;
      case 'try':
        return yield* this.#try(filter.body, filter.handler, at, scope);
      case 'pipe':
        for (const left of this.#evaluate(filter.left, at, scope)) yield* this.#evaluate(filter.right, left, scope);
        return;
      case 'comma':
        yield* this.#evaluate(filter.left, at, scope);
        return yield* this.#evaluate(filter.right, at, scope);
      case 'and':
      case 'or':
        for (const left of this.#values(filter.left, at, scope)) {
          if (isTrue(left) === (filter.type === 'or')) yield computed(filter.type === 'or');
          else for (const right of this.#values(filter.right, at, scope)) yield computed(isTrue(right));
        }
        return;
      case 'alternative':
        return yield* this.#alternative(filter.left, filter.right, at, scope);
      case 'binary':
        for (const right of this.#values(filter.right, at, scope))
          for (const left of this.#values(filter.left, at, scope)) yield computed(binary(filter.operator, left, right));
        return;
      case 'assign':
        return yield* this.#assign(filter, at, scope);
      case 'negate':
        for (const value of this.#values(filter.operand, at, scope)) {
          if (typeof value !== 'number') throw new JqError(`${typeOf(value)} (${shortened(value)}) cannot be negated`);
          yield computed(-value);
        }
        return;
      case 'array':
        return yield computed(filter.items ? [...this.#values(filter.items, at, scope)] : []);
      case 'object':
        for (const object of this.#object(filter.entries, at, scope)) yield computed(object);
        return;
      case 'if':
        return yield* this.#if(filter, 0, at, scope);
      case 'reduce': {
        let state: Json | undefined = [...this.#values(filter.start, at, scope)].at(-1) ?? null;
        for (const item of this.#values(filter.source, at, scope))
          for (const inner of this.#bind(filter.pattern, item, scope))
            state = [...this.#values(filter.update, { value: state ?? null, path: undefined }, inner)].at(-1) ?? null;
        return yield computed(state);
      }
      case 'foreach':
        return yield* this.#foreach(filter, at, scope);
      case 'bind':
        for (const item of this.#values(filter.source, at, scope))
          for (const inner of this.#bind(filter.pattern, item, scope)) yield* this.#evaluate(filter.body, at, inner);
        return;
      case 'variable': {
        if (filter.name === 'ENV') return yield computed(this.env);
        if (filter.name === '__loc__') return yield computed({ file: '<top-level>', line: 1 });
        const value = scope.variables.get(filter.name);
        if (value === undefined) throw new JqError(`$${filter.name} is not defined`);
        return yield computed(value);
      }
      case 'define': {
        const closure: Closure = { parameters: filter.parameters, body: filter.body, scope };
        const inner = scope.withClosure(filter.name, closure);
        closure.scope = inner;
        return yield* this.#evaluate(filter.rest, at, inner);
      }
      case 'call':
        return yield* this.#call(filter.name, filter.args, at, scope);
    }
  }

  *#recurse(at: Located): Generator<Located> {
    yield at;
    if (Array.isArray(at.value) || isObject(at.value)) for (const child of iterate(at)) yield* this.#recurse(child);
  }

  *#string(parts: readonly (string | Filter)[], name: string, at: Located, scope: Scope, from = 0): Generator<Located> {
    const part = parts[from];
    if (part === undefined) return yield computed('');
    const heads = typeof part === 'string' ? [part] : [...this.#values(part, at, scope)].map((value) => format(name, value));
    for (const { value: tail } of this.#string(parts, name, at, scope, from + 1))
      for (const head of heads) yield computed(`${head as string}${tail as string}`);
  }

  *#slice(filter: Extract<Filter, { type: 'slice' }>, at: Located, scope: Scope): Generator<Located> {
    const bounds = (bound: Filter | undefined): Json[] => (bound ? [...this.#values(bound, at, scope)] : [null]);
    for (const target of this.#evaluate(filter.target, at, scope)) {
      for (const to of bounds(filter.to)) {
        for (const from of bounds(filter.from)) {
          const key = { start: from, end: to };
          yield { value: getPath(target.value, [key]), path: target.path && [...target.path, key] };
        }
      }
    }
  }

  *#try(body: Filter, handler: Filter | undefined, at: Located, scope: Scope): Generator<Located> {
    const depth = this.#depth;
    try {
      yield* this.#evaluate(body, at, scope);
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      this.#depth = depth;
      if (handler) yield* this.#evaluate(handler, computed(error.value), scope);
    }
  }

  *#alternative(left: Filter, right: Filter, at: Located, scope: Scope): Generator<Located> {
    let found = false;
    const depth = this.#depth;
    try {
      for (const item of this.#evaluate(left, at, scope)) {
        if (!isTrue(item.value)) continue;
        found = true;
        yield item;
      }
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      this.#depth = depth;
    }
    if (!found) yield* this.#evaluate(right, at, scope);
  }

  *#assign(filter: Extract<Filter, { type: 'assign' }>, at: Located, scope: Scope): Generator<Located> {
    const { operator } = filter;
    if (operator === '|=') {
      let result = at.value;
      const removed: Path[] = [];
      for (const path of [...this.paths(filter.path, at.value, scope)]) {
        const [first] = this.#values(filter.value, { value: getPath(result, path), path: undefined }, scope);
        if (first === undefined) removed.push(path);
        else result = setPath(result, path, first);
      }
      for (const path of removed.reverse()) result = setPath(result, path, undefined);
      return yield computed(result);
    }
    for (const value of this.#values(filter.value, at, scope)) {
      let result = at.value;
      for (const path of [...this.paths(filter.path, at.value, scope)]) {
        const before = getPath(result, path);
        const next =
          operator === '=' ? value : operator === '//=' ? (isTrue(before) ? before : value) : arithmetic(operator[0]!, before, value);
        result = setPath(result, path, next);
      }
      yield computed(result);
    }
  }

  *#object(
    entries: readonly { readonly key: Filter; readonly value: Filter }[],
    at: Located,
    scope: Scope,
    from = 0,
  ): Generator<JsonObject> {
    const entry = entries[from];
    if (!entry) return yield {};
    for (const key of this.#values(entry.key, at, scope)) {
      if (typeof key !== 'string') throw new JqError(`Object keys must be strings`);
      for (const value of this.#values(entry.value, at, scope))
        for (const rest of this.#object(entries, at, scope, from + 1)) yield { [key]: value, ...rest };
    }
  }

  *#if(filter: Extract<Filter, { type: 'if' }>, branch: number, at: Located, scope: Scope): Generator<Located> {
    const found = filter.branches[branch];
    if (!found) return yield* filter.otherwise ? this.#evaluate(filter.otherwise, at, scope) : [at];
    for (const test of this.#values(found.test, at, scope))
      yield* isTrue(test) ? this.#evaluate(found.body, at, scope) : this.#if(filter, branch + 1, at, scope);
  }

  *#foreach(filter: Extract<Filter, { type: 'foreach' }>, at: Located, scope: Scope): Generator<Located> {
    for (const start of this.#values(filter.start, at, scope)) {
      let state = start;
      for (const item of this.#values(filter.source, at, scope)) {
        for (const inner of this.#bind(filter.pattern, item, scope)) {
          for (const next of this.#values(filter.update, { value: state, path: undefined }, inner)) {
            state = next;
            yield* filter.extract ? this.#evaluate(filter.extract, computed(state), inner) : [computed(state)];
          }
        }
      }
    }
  }

  *#bind(pattern: Pattern, value: Json, scope: Scope): Generator<Scope> {
    if (pattern.type === 'variable') return yield scope.withVariable(pattern.name, value);
    const parts: readonly { readonly key: Filter; readonly pattern: Pattern }[] =
      pattern.type === 'array' ? pattern.items.map((item, i) => ({ key: { type: 'literal', value: i }, pattern: item })) : pattern.entries;
    let scopes: Scope[] = [scope];
    for (const part of parts) {
      scopes = scopes.flatMap((inner) =>
        [...this.#values(part.key, computed(value), inner)].flatMap((key) => [
          ...this.#bind(part.pattern, index(computed(value), key).value, inner),
        ]),
      );
    }
    yield* scopes;
  }

  *#call(name: string, args: readonly Filter[], at: Located, scope: Scope): Generator<Located> {
    const closure = scope.closures.get(`${name}/${args.length}`);
    if (closure) {
      let inner = closure.scope;
      const valued: [string, Filter][] = [];
      for (const [i, parameter] of closure.parameters.entries()) {
        inner = inner.withClosure(parameter.replace(/^\$/, ''), { parameters: [], body: args[i]!, scope });
        if (parameter.startsWith('$')) valued.push([parameter.slice(1), args[i]!]);
      }
      let scopes = [inner];
      for (const [parameter, arg] of valued)
        scopes = scopes.flatMap((each) => [...this.#values(arg, at, scope)].map((value) => each.withVariable(parameter, value)));
      for (const each of scopes) yield* this.#evaluate(closure.body, at, each);
      return;
    }
    const builtin = functions.get(`${name}/${args.length}`);
    if (!builtin) throw new JqError(`${name}/${args.length} is not defined`);
    const call = {
      evaluator: this,
      values: (i: number, value: Json = at.value) => this.#values(args[i]!, { value, path: undefined }, scope),
      first: (i: number, value: Json = at.value): Json => {
        for (const found of this.#values(args[i]!, { value, path: undefined }, scope)) return found;
        return null;
      },
      paths: (i: number) => this.paths(args[i]!, at.value, scope),
      located: (i: number, from: Located = at) => this.#evaluate(args[i]!, from, scope),
    };
    yield* builtin(at, call);
  }
}

/** What a builtin may ask of its arguments. */
export interface CallArguments {
  readonly evaluator: Evaluator;
  values(i: number, value?: Json): Generator<Json>;
  first(i: number, value?: Json): Json;
  paths(i: number): Generator<Path>;
  located(i: number, from?: Located): Generator<Located>;
}

function binary(operator: string, left: Json, right: Json): Json {
  if (!/^(==|!=|<|<=|>|>=)$/.test(operator)) return arithmetic(operator, left, right);
  const result = compare(left, right);
  return { '==': result === 0, '!=': result !== 0, '<': result < 0, '<=': result <= 0, '>': result > 0, '>=': result >= 0 }[operator]!;
}

function index({ value, path }: Located, key: Json): Located {
  return { value: getPath(value, [key]), path: path && [...path, key] };
}
