/** Static types of an expression: undeclared names, unknown fields and calls that cannot be. Upstream: cel-go/checker. */
import type { Checked, Comprehension, Expr, Issue } from './ast.ts';
import type { Functions, Overload } from './overload.ts';
import type { Bindings, Type } from './types.ts';
import {
  bool,
  bytes,
  double,
  dyn,
  int,
  isAssignable,
  joinTypes,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  resolve,
  string,
  typeText,
  typeType,
  uint,
} from './types.ts';

export interface CheckOptions {
  readonly variables: ReadonlyMap<string, Type>;
  readonly functions: Functions;
}

const typeNames: ReadonlySet<string> = new Set(['int', 'uint', 'double', 'string', 'bool', 'bytes', 'list', 'map', 'type', 'null_type']);

/** The type of the expression, and what is wrong with it. */
export function check(expr: Expr, options: CheckOptions): Checked & { readonly issues: readonly Issue[] } {
  const checker = new Checker(options);
  const type = checker.typeOf(expr);
  return { expr, type, uses: checker.uses, issues: checker.issues };
}

class Checker {
  readonly issues: Issue[] = [];
  readonly uses = new Set<string>();
  readonly #functions: Functions;
  /** Arguments of `format` may be of several types; other lists may not. */
  #isMixed = false;
  readonly #globals: ReadonlyMap<string, Type>;
  /** Variables of macros, innermost last. */
  readonly #scopes: Map<string, Type>[] = [];

  constructor({ variables, functions }: CheckOptions) {
    this.#globals = variables;
    this.#functions = functions;
  }

  typeOf(expr: Expr): Type {
    switch (expr.op) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#ident(expr.name, expr.at);
      case 'select':
        return this.#select(expr);
      case 'has':
        this.#field(expr.of, this.typeOf(expr.of), expr.field, expr.at);
        return bool;
      case 'call':
        return this.#call(expr);
      case 'list':
        return listOf(
          this.#elements(
            expr.items.map((item, i) => {
              const type = this.typeOf(item);
              return expr.optional.has(i) && type.kind === 'optional' ? type.of : type;
            }),
            expr.items,
          ),
        );
      case 'map':
        return this.#map(expr);
      case 'comprehension':
        return this.#comprehension(expr);
      case 'bind':
        return this.#within([[expr.name, this.typeOf(expr.value)]], () => this.typeOf(expr.body));
    }
  }

  #report(at: number, message: string): Type {
    this.issues.push({ at, message });
    return dyn;
  }

  #lookup(name: string): Type | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const type = this.#scopes[i]!.get(name);
      if (type) return type;
    }
    const type = this.#globals.get(name);
    if (type) this.uses.add(name);
    return type;
  }

  #ident(name: string, at: number): Type {
    const type = this.#lookup(name);
    if (type) return type;
    if (typeNames.has(name)) return typeType;
    return this.#report(at, `undeclared reference to '${name}' (in container '')`);
  }

  #within<T>(variables: readonly (readonly [string, Type])[], body: () => T): T {
    this.#scopes.push(new Map(variables));
    const result = body();
    this.#scopes.pop();
    return result;
  }

  #select(expr: Expr & { op: 'select' }): Type {
    const dotted = qualifiedName(expr);
    const variable = dotted === undefined ? undefined : this.#globals.get(dotted);
    if (variable || dotted === 'google.protobuf.Timestamp' || dotted === 'google.protobuf.Duration') {
      expr.dotted = dotted!;
      if (variable) this.uses.add(dotted!);
      return variable ?? typeType;
    }
    const of = this.typeOf(expr.of);
    const type = this.#field(expr.of, of, expr.field, expr.at);
    if (of.kind === 'optional') return type.kind === 'optional' ? type : optionalOf(type);
    return expr.isOptional ? optionalOf(type) : type;
  }

  #field(of: Expr, type: Type, field: string, at: number): Type {
    if (type.kind === 'optional') return this.#field(of, type.of, field, at);
    if (type.kind === 'object') return type.fields.get(field)?.type ?? this.#report(at, `undefined field '${field}'`);
    if (type.kind === 'map') return type.value;
    if (type === dyn) return dyn;
    return this.#report(at, `type '${typeText(type)}' does not support field selection`);
  }

  #elements(types: readonly Type[], items: readonly Expr[]): Type {
    const joined = joinTypes(types);
    if (!this.#isMixed && joined === dyn && types.length > 0 && !types.includes(dyn)) {
      const odd = types.findIndex((type) => !isAssignable(type, types[0]!, new Map()));
      if (odd > 0) this.#report(items[odd]!.at, `expected type '${typeText(types[0]!)}' but found '${typeText(types[odd]!)}'`);
    }
    return joined;
  }

  #map(expr: Expr & { op: 'map' }): Type {
    const keys = expr.entries.map(({ key }) => this.typeOf(key));
    const values = expr.entries.map(({ value, isOptional }) => {
      const type = this.typeOf(value);
      return isOptional && type.kind === 'optional' ? type.of : type;
    });
    return mapOf(
      this.#elements(
        keys,
        expr.entries.map(({ key }) => key),
      ),
      this.#elements(
        values,
        expr.entries.map(({ value }) => value),
      ),
    );
  }

  #comprehension(expr: Comprehension): Type {
    const range = this.typeOf(expr.range);
    const { macro, variables } = expr;
    if (macro === 'optMap' || macro === 'optFlatMap') {
      const of = range.kind === 'optional' ? range.of : dyn;
      const body = this.#within([[variables[0]!, of]], () => this.typeOf(expr.body));
      return macro === 'optMap' ? optionalOf(body) : body.kind === 'optional' ? body : optionalOf(dyn);
    }
    if (range.kind !== 'list' && range.kind !== 'map' && range !== dyn)
      return this.#report(
        expr.range.at,
        `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    const [first, second] = variablesOf(range, variables.length);
    const scope = variables.map((name, i): readonly [string, Type] => [name, i === 0 ? first : second]);
    return this.#within(scope, () => this.#body(expr, range));
  }

  #body(expr: Comprehension, range: Type): Type {
    if (expr.filter) this.#expectBool(expr.filter);
    const { macro, body } = expr;
    if (macro === 'all' || macro === 'exists' || macro === 'exists_one') {
      this.#expectBool(body);
      return bool;
    }
    if (macro === 'filter') {
      this.#expectBool(body);
      return range.kind === 'list' ? range : listOf(range.kind === 'map' ? range.key : dyn);
    }
    const type = this.typeOf(body);
    if (macro === 'transformMap') return mapOf(range.kind === 'map' ? range.key : range.kind === 'list' ? int : dyn, type);
    return macro === 'transformMapEntry' ? type : listOf(type);
  }

  #expectBool(expr: Expr): void {
    const type = this.typeOf(expr);
    if (type !== bool && type !== dyn) this.#report(expr.at, `expected type 'bool' but found '${typeText(type)}'`);
  }

  #call(expr: Expr & { op: 'call' }): Type {
    const { target, args } = expr;
    const space = target && qualifiedName(target);
    const isNamespace = space !== undefined && this.#functions.has(`${space}.${expr.name}`) && !this.#isVariable(space);
    const name = isNamespace ? `${space}.${expr.name}` : expr.name;
    const isMember = target !== undefined && !isNamespace;
    const all = isMember ? [target, ...args] : args;
    const known = this.#functions.get(name)?.filter((overload) => overload.isMember === isMember) ?? [];
    if (known.length === 0) {
      for (const arg of all) this.typeOf(arg);
      return this.#report(expr.at, `undeclared reference to '${name}' (in container '')`);
    }
    this.#isMixed = name === 'format';
    const types = all.map((arg) => this.typeOf(arg));
    this.#isMixed = false;
    const fitting = fittingOverloads(known, types);
    if (fitting.length === 0) {
      const shown = isMember
        ? `${typeText(types[0]!)}.(${types.slice(1).map(typeText).join(', ')})`
        : `(${types.map(typeText).join(', ')})`;
      return this.#report(expr.at, `found no matching overload for '${name}' applied to '${shown}'`);
    }
    expr.resolved = { overloads: fitting.map(({ overload }) => overload), args: all };
    const [{ result }, ...others] = fitting as [Fitting, ...Fitting[]];
    return others.every((other) => typeText(other.result) === typeText(result)) ? result : dyn;
  }

  #isVariable(name: string): boolean {
    return this.#scopes.some((scope) => scope.has(name)) || this.#globals.has(name);
  }
}

interface Fitting {
  readonly overload: Overload;
  readonly result: Type;
}

function fittingOverloads(overloads: readonly Overload[], types: readonly Type[]): Fitting[] {
  const found: Fitting[] = [];
  for (const overload of overloads) {
    if (overload.params.length !== types.length) continue;
    const bindings: Bindings = new Map();
    if (overload.params.every((param, i) => isAssignable(types[i]!, param, bindings)))
      found.push({ overload, result: resolve(overload.result, bindings) });
  }
  return found;
}

function literalType(value: (Expr & { op: 'literal' })['value']): Type {
  switch (typeof value) {
    case 'bigint':
      return int;
    case 'number':
      return double;
    case 'string':
      return string;
    case 'boolean':
      return bool;
  }
  if (value === null) return nullType;
  return 'uint' in value ? uint : bytes;
}

/** The types of a macro's variables: elements or keys, or with two variables position and element, key and value. */
function variablesOf(range: Type, count: number): readonly [Type, Type] {
  if (range.kind === 'list') return count === 1 ? [range.of, dyn] : [int, range.of];
  return range.kind === 'map' ? [range.key, range.value] : [dyn, dyn];
}

/** `a.b.c` as one name; undefined for any other expression. */
function qualifiedName(expr: Expr): string | undefined {
  if (expr.op === 'ident') return expr.name;
  if (expr.op !== 'select' || expr.isOptional) return undefined;
  const before = qualifiedName(expr.of);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}
