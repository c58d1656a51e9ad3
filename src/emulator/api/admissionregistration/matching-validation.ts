/** Rules, selectors and match conditions, which webhooks and policies share: pkg/apis/admissionregistration/validation/validation.go. */
import { bool } from '../../machinery/cel/index.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { pathSegmentName, qualifiedName } from '../../machinery/names.ts';
import type { MatchCondition, MatchResources, NamedRuleWithOperations, RuleWithOperations } from '../generated/types.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';
import type { Declared } from './expressions.ts';
import { compileExpression } from './expressions.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
export const failurePolicies = ['Fail', 'Ignore'];
const matchPolicies = ['Equivalent', 'Exact'];
const mostConditions = 64;

/** One of a list of words; an absent one is the business of defaults. */
export function among(value: string | undefined, supported: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(path, value, supported));
}

export function validateMatchPolicy(value: string | undefined, path: FieldPath, errors: FieldError[]): void {
  among(value, matchPolicies, path.child('matchPolicy'), errors);
}

export function validateRule(rule: RuleWithOperations, path: FieldPath, errors: FieldError[]): void {
  const { operations: wanted = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  wildcard(wanted, 'operations', path.child('operations'), errors);
  for (const [i, operation] of wanted.entries())
    if (!operations.includes(operation)) errors.push(notSupported(path.child('operations').index(i), operation, operations));
  wildcard(apiGroups, 'API groups', path.child('apiGroups'), errors);
  wildcard(apiVersions, 'API versions', path.child('apiVersions'), errors);
  for (const [i, version] of apiVersions.entries()) if (version === '') errors.push(required(path.child('apiVersions').index(i)));
  validateResources(resources, path.child('resources'), errors);
  among(scope, scopes, path.child('scope'), errors);
}

/** A list that may not be empty, and in which a star stands alone. */
function wildcard(list: readonly string[], what: string, path: FieldPath, errors: FieldError[]): void {
  if (list.length === 0) errors.push(required(path));
  if (list.length > 1 && list.includes('*')) errors.push(invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

function validateResources(resources: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(required(path));
  const [all, everywhere] = [new Set<string>(), new Set<string>()];
  for (const [i, text] of resources.entries()) {
    if (text === '') {
      errors.push(required(path.index(i)));
      continue;
    }
    const [resource, sub] = text.split('/') as [string, string | undefined];
    if (sub === undefined) continue;
    if (all.has(resource)) errors.push(invalid(path.index(i), text, `if '${resource}/*' is present, must not specify ${text}`));
    if (everywhere.has(sub)) errors.push(invalid(path.index(i), text, `if '*/${sub}' is present, must not specify ${text}`));
    if (sub === '*') all.add(resource);
    if (resource === '*') everywhere.add(sub);
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && resources.some((text) => text !== '*' && !text.includes('/')))
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
}

function validateNamedRule(rule: NamedRuleWithOperations, path: FieldPath, errors: FieldError[]): void {
  const names = rule.resourceNames ?? [];
  for (const [i, name] of names.entries()) {
    const at = path.child('resourceNames').index(i);
    complain(name, pathSegmentName(name), at, errors);
    if (names.indexOf(name) < i) errors.push(duplicate(at, name));
  }
  validateRule(rule, path, errors);
}

export function validateMatchResources(match: MatchResources | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!match) return;
  validateMatchPolicy(match.matchPolicy, path, errors);
  validateLabelSelector(match.namespaceSelector, path.child('namespaceSelector'), errors);
  validateLabelSelector(match.objectSelector, path.child('objectSelector'), errors);
  for (const key of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [i, rule] of (match[key] ?? []).entries()) validateNamedRule(rule, path.child(key).index(i), errors);
}

export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  declared: Declared,
  path: FieldPath,
  errors: FieldError[],
): void {
  const list = conditions ?? [];
  if (list.length > mostConditions) errors.push(tooMany(path, list.length, mostConditions));
  for (const [i, { name = '', expression = '' }] of list.entries()) {
    const at = path.index(i);
    if (expression.trim() === '') errors.push(required(at.child('expression')));
    else validateExpression(expression.trim(), declared, [bool], at.child('expression'), errors);
    if (name === '') errors.push(required(at.child('name')));
    else complain(name, qualifiedName(name), at.child('name'), errors);
    if (name !== '' && list.findIndex((one) => one.name === name) < i) errors.push(duplicate(at.child('name'), name));
  }
}

export function validateExpression(
  source: string,
  declared: Declared,
  types: Parameters<typeof compileExpression>[2],
  path: FieldPath,
  errors: FieldError[],
): void {
  const compiled = compileExpression(source, declared, types);
  if ('problem' in compiled) errors.push(invalid(path, source, compiled.problem));
}

/** Defaults of what webhooks and policies match by (pkg/apis/admissionregistration/v1/defaults.go). */
export function defaultRules<R extends RuleWithOperations>(rules: readonly R[] | undefined): readonly R[] | undefined {
  return rules?.every(({ scope }) => scope !== undefined)
    ? rules
    : rules?.map((rule) => (rule.scope === undefined ? { ...rule, scope: '*' } : rule));
}

export function defaultMatchResources(match: MatchResources | undefined): MatchResources | undefined {
  if (!match) return match;
  const { matchPolicy = 'Equivalent', namespaceSelector = {}, objectSelector = {}, resourceRules, excludeResourceRules } = match;
  return {
    ...match,
    matchPolicy,
    namespaceSelector,
    objectSelector,
    ...(resourceRules && { resourceRules: defaultRules(resourceRules) }),
    ...(excludeResourceRules && { excludeResourceRules: defaultRules(excludeResourceRules) }),
  };
}
