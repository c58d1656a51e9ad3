/** Evaluation of a checked expression. Every step is counted, so that each evaluation ends. Upstream: cel-go/interpreter. */
import type { ByteString } from '../../kernel/bytes.ts';
import type { Comprehension, Expr } from './ast.ts';
import type { Meter } from './errors.ts';
import { CelError, CostExceeded } from './errors.ts';
import type { CelMap, Value } from './values.ts';
import { Bytes, EntryMap, isMapValue, isOfType, Optional, TypeValue, Uint } from './values.ts';

/** Variables by name; those of macros stand before those outside. */
export interface Scope {
  readonly name: string;
  readonly value: Value;
  readonly outer: Scope | undefined;
}

export interface Run {
  readonly meter: Meter;
  /** A declared variable; undefined when it has no value. */
  readonly variable: (name: string) => Value | undefined;
}

export function evaluate(expr: Expr, run: Run, scope: Scope | undefined): Value {
  switch (expr.op) {
    case 'literal':
      return literal(expr.value);
    case 'ident':
      return ident(expr.name, run, scope);
    case 'select':
      return select(expr, run, scope);
    case 'has':
      return has(expr, run, scope);
    case 'call':
      return callFunction(expr, run, scope);
    case 'list':
      return list(expr, run, scope);
    case 'map':
      return map(expr, run, scope);
    case 'comprehension':
      return comprehension(expr, run, scope);
    case 'bind':
      return evaluate(expr.body, run, { name: expr.name, value: evaluate(expr.value, run, scope), outer: scope });
  }
}

function literal(value: (Expr & { op: 'literal' })['value']): Value {
  if (typeof value !== 'object' || value === null) return value;
  return 'uint' in value ? new Uint(value.uint) : new Bytes(value.bytes as ByteString);
}

function ident(name: string, run: Run, scope: Scope | undefined): Value {
  run.meter.charge(1);
  for (let at = scope; at; at = at.outer) if (at.name === name) return at.value;
  const value = run.variable(name);
  if (value !== undefined) return value;
  if (/^(int|uint|double|string|bool|bytes|list|map|type|null_type)$/.test(name)) return new TypeValue(name);
  throw new CelError(`no such attribute(s): ${name}`);
}

function select(expr: Expr & { op: 'select' }, run: Run, scope: Scope | undefined): Value {
  const { dotted } = expr;
  if (dotted !== undefined) return run.variable(dotted) ?? new TypeValue(dotted);
  const of = evaluate(expr.of, run, scope);
  run.meter.charge(1);
  if (of instanceof Optional) {
    const value = of.value === undefined ? undefined : fieldOf(of.value, expr.field);
    return new Optional(value);
  }
  const value = fieldOf(of, expr.field);
  if (expr.isOptional) return new Optional(value);
  if (value === undefined) throw new CelError(`no such key: ${expr.field}`);
  return value;
}

function fieldOf(of: Value, field: string): Value | undefined {
  if (isMapValue(of)) return of.get(field);
  throw new CelError('no such overload');
}

function has(expr: Expr & { op: 'has' }, run: Run, scope: Scope | undefined): boolean {
  const of = evaluate(expr.of, run, scope);
  const inner = of instanceof Optional ? of.value : of;
  return inner !== undefined && fieldOf(inner, expr.field) !== undefined;
}

function list(expr: Expr & { op: 'list' }, run: Run, scope: Scope | undefined): Value {
  run.meter.charge(10);
  const items: Value[] = [];
  expr.items.forEach((item, i) => {
    const value = evaluate(item, run, scope);
    if (!expr.optional.has(i)) items.push(value);
    else if (value instanceof Optional && value.value !== undefined) items.push(value.value);
  });
  return items;
}

function map(expr: Expr & { op: 'map' }, run: Run, scope: Scope | undefined): Value {
  run.meter.charge(30);
  const made = new EntryMap();
  for (const { key, value, isOptional } of expr.entries) {
    const name = evaluate(key, run, scope);
    const item = evaluate(value, run, scope);
    if (!isOptional) made.put(name, item);
    else if (item instanceof Optional && item.value !== undefined) made.put(name, item.value);
  }
  return made;
}

function callFunction(expr: Expr & { op: 'call' }, run: Run, scope: Scope | undefined): Value {
  const { name, resolved } = expr;
  if (name === '_&&_') return junction(expr, run, scope, false);
  if (name === '_||_') return junction(expr, run, scope, true);
  if (name === '_?_:_') {
    const condition = evaluate(expr.args[0]!, run, scope);
    if (typeof condition !== 'boolean') throw new CelError('no such overload');
    return evaluate(expr.args[condition ? 1 : 2]!, run, scope);
  }
  const { overloads, args } = resolved!;
  if ((name === 'or' || name === 'orValue') && args.length === 2) {
    // The alternative is looked at only when it is needed.
    const first = evaluate(args[0]!, run, scope);
    if (first instanceof Optional && first.value !== undefined) return name === 'or' ? first : first.value;
    return evaluate(args[1]!, run, scope);
  }
  const values = args.map((arg) => evaluate(arg, run, scope));
  run.meter.charge(1);
  const overload =
    overloads.length === 1 ? overloads[0]! : overloads.find(({ params }) => params.every((param, i) => isOfType(values[i]!, param)));
  if (!overload || (overloads.length === 1 && !overload.params.every((param, i) => isOfType(values[i]!, param))))
    throw new CelError('no such overload');
  return overload.run(values, run.meter);
}

/** `||` and `&&` do not care for an error on one side when the other side decides. */
function junction({ args }: Expr & { op: 'call' }, run: Run, scope: Scope | undefined, decides: boolean): Value {
  let failure: CelError | undefined;
  for (const arg of args) {
    try {
      const value = evaluate(arg, run, scope);
      if (value === decides) return decides;
      if (typeof value !== 'boolean') failure ??= new CelError('no such overload');
    } catch (error) {
      if (!(error instanceof CelError) || error instanceof CostExceeded) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return !decides;
}

/** What a macro visits: its one or two variables for each element. */
function* steps(range: Value, count: number): Generator<readonly [Value, Value]> {
  if (Array.isArray(range)) {
    for (let i = 0; i < range.length; i++) yield count === 1 ? [range[i]!, null] : [BigInt(i), range[i]!];
  } else if (typeof range === 'object' && range !== null && isMapValue(range)) {
    for (const key of range.keys()) yield [key, count === 1 ? null : (range as CelMap).get(key)!];
  } else throw new CelError('no such overload');
}

function comprehension(expr: Comprehension, run: Run, outer: Scope | undefined): Value {
  const range = evaluate(expr.range, run, outer);
  const { macro, variables, filter, body } = expr;
  if (macro === 'optMap' || macro === 'optFlatMap') return optional(expr, range, run, outer);
  const results: Value[] = [];
  const entries = macro === 'transformMap' || macro === 'transformMapEntry' ? new EntryMap() : undefined;
  let count = 0;
  let failure: CelError | undefined;
  for (const [first, second] of steps(range, variables.length)) {
    run.meter.charge(2);
    let scope: Scope = { name: variables[0]!, value: first, outer };
    if (variables.length > 1) scope = { name: variables[1]!, value: second, outer: scope };
    if (macro === 'all' || macro === 'exists') {
      const answer = attempt(body, run, scope);
      if (answer === (macro === 'exists')) return answer;
      if (answer instanceof CelError) failure ??= answer;
      continue;
    }
    if (filter && !isTrue(evaluate(filter, run, scope))) continue;
    const value = evaluate(body, run, scope);
    if (macro === 'exists_one') count += isTrue(value) ? 1 : 0;
    else if (macro === 'filter') {
      if (isTrue(value)) results.push(first);
    } else if (macro === 'transformMap') entries!.put(first, value);
    else if (macro === 'transformMapEntry') for (const key of (value as CelMap).keys()) entries!.put(key, (value as CelMap).get(key)!);
    else results.push(value);
  }
  if (failure) throw failure;
  if (macro === 'all' || macro === 'exists') return macro === 'all';
  return macro === 'exists_one' ? count === 1 : (entries ?? results);
}

function optional({ macro, variables, body }: Comprehension, range: Value, run: Run, outer: Scope | undefined): Value {
  if (!(range instanceof Optional)) throw new CelError('no such overload');
  if (range.value === undefined) return range;
  const value = evaluate(body, run, { name: variables[0]!, value: range.value, outer });
  return macro === 'optMap' ? new Optional(value) : value;
}

function attempt(body: Expr, run: Run, scope: Scope): boolean | CelError {
  try {
    return isTrue(evaluate(body, run, scope));
  } catch (error) {
    if (!(error instanceof CelError) || error instanceof CostExceeded) throw error;
    return error;
  }
}

function isTrue(value: Value): boolean {
  if (typeof value !== 'boolean') throw new CelError('no such overload');
  return value;
}
