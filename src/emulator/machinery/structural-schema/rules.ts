/**
 * The rules (x-kubernetes-validations) of a schema: compiled once for each schema, and evaluated for an object and what it was.
 * Upstream: apiextensions-apiserver/pkg/apiserver/schema/cel.
 */
import type { JSONSchemaProps, ValidationRule } from '../../api/generated/types.ts';
import {
  bool,
  CelError,
  compile,
  CostExceeded,
  environment,
  fromJson,
  objectCostBudget,
  Optional,
  optionalOf,
  perCallLimit,
  string,
} from '../cel/index.ts';
import type { Environment, Program, Type, Value } from '../cel/index.ts';
import { equal } from '../equality.ts';
import type { FieldError, FieldErrorType } from '../field-error.ts';
import { celType } from './cel-type.ts';
import { isEmbedded, isMap, itemsOf, valuesOf } from './schema.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program | undefined;
  /** What is wrong with the rule itself. */
  readonly problem: string | undefined;
  readonly message: Program | undefined;
  readonly messageProblem: string | undefined;
  readonly usesOldSelf: boolean;
}

interface CompiledRules {
  readonly type: Type;
  readonly rules: readonly CompiledRule[];
}

const compiled = new WeakMap<JSONSchemaProps, CompiledRules>();

/** The rules of one schema, not of those below it. */
export function rulesOf(schema: JSONSchemaProps, isRoot: boolean): CompiledRules {
  let known = compiled.get(schema);
  if (!known) {
    const type = celType(schema, 'self', isRoot);
    known = { type, rules: (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, type)) };
    compiled.set(schema, known);
  }
  return known;
}

function compileRule(rule: ValidationRule, self: Type): CompiledRule {
  const env = environment({ self, oldSelf: rule.optionalOldSelf ? optionalOf(self) : self });
  const own = compileAs(rule.rule, env, bool, 'compilation failed: ', 'cel expression must evaluate to a bool');
  const message = rule.messageExpression
    ? compileAs(
        rule.messageExpression,
        env,
        string,
        'messageExpression compilation failed: ',
        'messageExpression must evaluate to a string',
      )
    : {};
  return {
    rule,
    program: own.program,
    problem: own.problem,
    message: message.program,
    messageProblem: message.problem,
    usesOldSelf: own.program?.uses.has('oldSelf') ?? false,
  };
}

function compileAs(
  source: string,
  env: Environment,
  type: Type,
  failed: string,
  wrongType: string,
): { readonly program?: Program; readonly problem?: string } {
  const result = compile(source, env);
  if ('issues' in result) return { problem: failed + result.issues };
  return result.program.type === type ? { program: result.program } : { problem: wrongType };
}

/** Whether there are rules anywhere: most schemas have none, and then nothing is walked. */
export function hasRules(schema: JSONSchemaProps): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const [items, values] = [itemsOf(schema), valuesOf(schema)];
  const has =
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
    Object.values(schema.properties ?? {}).some(hasRules) ||
    (items !== undefined && hasRules(items)) ||
    (values !== undefined && values !== true && hasRules(values));
  withRules.set(schema, has);
  return has;
}
const withRules = new WeakMap<JSONSchemaProps, boolean>();

interface Walk {
  readonly errors: FieldError[];
  readonly isUpdate: boolean;
  budget: number;
}

/** What the rules say of a value. `old` is what it was; undefined for a new object. */
export function evaluateRules(value: unknown, old: unknown, schema: JSONSchemaProps, isRoot: boolean, path: string): readonly FieldError[] {
  const walk: Walk = { errors: [], isUpdate: old !== undefined, budget: objectCostBudget };
  if (hasRules(schema)) visit(walk, value, old, schema, isRoot, path);
  return walk.errors;
}

function visit(walk: Walk, value: unknown, old: unknown, schema: JSONSchemaProps, isRoot: boolean, path: string): void {
  if (value === undefined || value === null || walk.budget < 0 || !hasRules(schema)) return;
  const { type, rules } = rulesOf(schema, isRoot);
  for (const rule of rules) {
    if (walk.budget < 0) return;
    applyRule(walk, rule, type, value, old, schema, path);
  }
  if (Array.isArray(value)) visitList(walk, value, old, schema, path);
  else if (isMap(value)) visitMap(walk, value, isMap(old) ? old : undefined, schema, path);
}

function visitList(walk: Walk, value: readonly unknown[], old: unknown, schema: JSONSchemaProps, path: string): void {
  const items = itemsOf(schema);
  if (!items) return;
  const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
  const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
  for (const [i, item] of value.entries()) {
    // Only elements that have keys can be told again.
    const match =
      keys.length > 0 && isMap(item) ? before.find((one) => isMap(one) && keys.every((key) => equal(one[key], item[key]))) : undefined;
    visit(walk, item, match, items, isEmbedded(items), `${path}[${i}]`);
  }
}

function visitMap(
  walk: Walk,
  value: Readonly<Record<string, unknown>>,
  old: Readonly<Record<string, unknown>> | undefined,
  schema: JSONSchemaProps,
  path: string,
): void {
  const isCorrelated = schema['x-kubernetes-map-type'] !== 'atomic';
  const values = valuesOf(schema);
  for (const key of Object.keys(value)) {
    const before = isCorrelated ? old?.[key] : undefined;
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property) visit(walk, value[key], before, property, isEmbedded(property), path === '' ? key : `${path}.${key}`);
    else if (values && values !== true) visit(walk, value[key], before, values, isEmbedded(values), `${path}[${key}]`);
  }
}

const make = (type: FieldErrorType, field: string, badValue: unknown, detail: string): FieldError => ({
  type,
  field: field === '' ? '<nil>' : field,
  badValue,
  detail,
});

function applyRule(walk: Walk, one: CompiledRule, type: Type, value: unknown, old: unknown, schema: JSONSchemaProps, path: string): void {
  const { rule, program, problem, usesOldSelf } = one;
  const shown = schema.type ?? '';
  const fail = (detail: string): void => void walk.errors.push(make('FieldValueInvalid', path, shown, detail));
  if (problem !== undefined || !program) {
    if (problem !== undefined) fail(`rule compile error: ${problem}`);
    return;
  }
  if (usesOldSelf && old === undefined && !rule.optionalOldSelf) return;
  const before = old === undefined ? undefined : fromJson(old, type);
  const variable = (name: string): Value | undefined => {
    if (name === 'self') return fromJson(value, type);
    if (name !== 'oldSelf') return undefined;
    return rule.optionalOldSelf ? new Optional(before) : before;
  };
  let result: Value;
  try {
    const answer = program.evaluate(variable, Math.min(perCallLimit, walk.budget));
    walk.budget -= answer.cost;
    result = answer.value;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    fail(failureText(error, rule));
    if (error instanceof CostExceeded) walk.budget = -1;
    return;
  }
  if (result === true) return;
  const at = rule.fieldPath ? path + (path === '' ? rule.fieldPath.replace(/^\./, '') : rule.fieldPath) : path;
  const error = errorFor(rule, at, shown, messageFor(walk, one, variable));
  // Ratcheting: a rule that looks at the value alone does not judge what nobody touched.
  // Differs from Kubernetes: what is let pass so is no warning.
  if (!usesOldSelf && walk.isUpdate && old !== undefined && equal(old, value)) return;
  walk.errors.push(error);
}

const ruleText = ({ message, rule }: ValidationRule): string => (message ? message.trim() : rule.trim());

function failureText(error: CelError, rule: ValidationRule): string {
  const { message } = error;
  if (error instanceof CostExceeded)
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
  if (message.startsWith('no such overload'))
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`;
  return `${message} evaluating rule: ${ruleText(rule)}`;
}

function messageFor(walk: Walk, { rule, message }: CompiledRule, variable: (name: string) => Value | undefined): string {
  if (message) {
    try {
      const { value, cost } = message.evaluate(variable, Math.min(perCallLimit, Math.max(0, walk.budget)));
      walk.budget -= cost;
      const text = String(value);
      if (text.trim() !== '' && !/[\r\n]/.test(text)) return text;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
    }
  }
  return rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`;
}

function errorFor({ reason }: ValidationRule, path: string, shown: string, message: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
    case 'FieldValueRequired':
      return make(reason, path, undefined, message);
    case 'FieldValueDuplicate':
      return make(reason, path, shown, '');
    default:
      return make('FieldValueInvalid', path, shown, message);
  }
}
