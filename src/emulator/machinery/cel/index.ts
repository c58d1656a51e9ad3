/**
 * CEL, the Common Expression Language, as Kubernetes v1.34 has it: rules of CustomResourceDefinitions, admission policies, match
 * conditions.
 *
 * - `compile` gives a program, or the issues as cel-go prints them. `evaluate` throws a `CelError`; every step costs, so that a
 *   hostile expression ends.
 * - Values are made from JSON as they are looked at; nothing is copied.
 * - No promises, host time or locale, which is why this is not a library from elsewhere.
 *
 * Deliberately absent: messages of protocol buffers, and estimates of the cost before anything runs.
 *
 * Upstream: cel-go, apiserver/pkg/cel.
 */
import type { Checked } from './ast.ts';
import { issuesText } from './ast.ts';
import { check } from './checker.ts';
import { Meter } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { SyntaxIssue } from './lexer.ts';
import { standardFunctions } from './library/index.ts';
import type { Functions, Overload } from './overload.ts';
import { functionsOf } from './overload.ts';
import { parse } from './parser.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

export { CelError, CostExceeded } from './errors.ts';
export * from './types.ts';
export { fromJson, objectType, Optional, toJson } from './values.ts';
export type { Value } from './values.ts';

/** The cost that one evaluation may have (apiserver/pkg/apis/cel/config.go, PerCallLimit). */
export const perCallLimit = 1_000_000;
/** The cost of all rules for one object together (RuntimeCELCostBudget). */
export const objectCostBudget = 10_000_000;

export interface Environment {
  readonly variables: ReadonlyMap<string, Type>;
  readonly functions: Functions;
}

/** The variables beside all functions of Kubernetes; `extra` are functions of one use (the authorizer). */
export function environment(variables: Readonly<Record<string, Type>>, extra: readonly Overload[] = []): Environment {
  return {
    variables: new Map(Object.entries(variables)),
    functions: extra.length > 0 ? functionsOf(standardFunctions, extra) : standard(),
  };
}

let known: Functions | undefined;
const standard = (): Functions => (known ??= functionsOf(standardFunctions));

export interface Program {
  readonly type: Type;
  readonly uses: ReadonlySet<string>;
  /** The value, and what it cost. Throws a CelError. */
  evaluate(variable: (name: string) => Value | undefined, limit?: number): { readonly value: Value; readonly cost: number };
}

export type Compiled = { readonly program: Program } | { readonly issues: string };

export function compile(source: string, { variables, functions }: Environment): Compiled {
  let checked: ReturnType<typeof check>;
  try {
    checked = check(parse(source), { variables, functions });
  } catch (error) {
    if (error instanceof SyntaxIssue) return { issues: issuesText(source, [error]) };
    throw error;
  }
  if (checked.issues.length > 0) return { issues: issuesText(source, checked.issues) };
  return { program: programOf(checked) };
}

function programOf({ expr, type, uses }: Checked): Program {
  return {
    type,
    uses,
    evaluate(variable, limit = perCallLimit) {
      const meter = new Meter(limit);
      return { value: evaluate(expr, { meter, variable }, undefined), cost: meter.spent };
    },
  };
}
