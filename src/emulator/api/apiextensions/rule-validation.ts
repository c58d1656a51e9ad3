/** The rules (x-kubernetes-validations) of a schema, before any object is judged by them. */
import { fieldErrorText, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { hasRules, rulesOf } from '../../machinery/structural-schema/rules.ts';
import { isEmbedded, itemsOf, valuesOf } from '../../machinery/structural-schema/schema.ts';
import type { JSONSchemaProps, ValidationRule } from '../generated/types.ts';
import { ruleInGo } from './internal-form.ts';
import { schemaAt } from './selectable-fields.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasNewline = (text: string): boolean => /[\n\r]/.test(text);

export function validateRules(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  const found: FieldError[] = [];
  walk(schema, path, found);
  // Rules are compiled once what stands around them is good.
  if (found.length === 0) compileAll(schema, true, undefined, path, found);
  found.sort((a, b) => (fieldErrorText(a) < fieldErrorText(b) ? -1 : 1));
  errors.push(...found);
}

function walk(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries())
    validateRule(schema, rule, path.child('x-kubernetes-validations').index(i), errors);
  const items = itemsOf(schema);
  if (items) walk(items, path.child('items'), errors);
  const values = valuesOf(schema);
  if (values && values !== true) walk(values, path.child('additionalProperties'), errors);
  for (const [key, property] of Object.entries(schema.properties ?? {})) walk(property, path.child('properties').key(key), errors);
}

function validateRule(schema: JSONSchemaProps, own: ValidationRule, path: FieldPath, errors: FieldError[]): void {
  const { rule = '', message = '', messageExpression = '', reason, fieldPath = '' } = own;
  const trimmed = message.trim();
  if (rule.trim() === '') errors.push(required(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && trimmed === '') errors.push(invalid(path.child('message'), message, 'must be non-empty if specified'));
  else if (hasNewline(trimmed)) errors.push(invalid(path.child('message'), message, 'must not contain line breaks'));
  else if (hasNewline(rule.trim()) && trimmed === '')
    errors.push(required(path.child('message'), 'message must be specified if rule contains line breaks'));
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(required(path.child('messageExpression'), 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(path.child('reason'), reason, reasons));
  const at = path.child('fieldPath');
  if (fieldPath !== '' && fieldPath.trim() === '') errors.push(invalid(at, fieldPath, 'must be non-empty if specified'));
  if (hasNewline(fieldPath)) errors.push(invalid(at, fieldPath, 'must not contain line breaks'));
  if (fieldPath !== '' && 'problem' in schemaAt(fieldPath, schema)) errors.push(invalid(at, fieldPath, 'must be a valid path'));
}

/** `atomicPath`: the part of the schema around this one whose old and new elements cannot be told apart. */
function compileAll(
  schema: JSONSchemaProps,
  isRoot: boolean,
  atomicPath: FieldPath | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!hasRules(schema)) return;
  for (const [i, { rule, problem, messageProblem, usesOldSelf }] of rulesOf(schema, isRoot).rules.entries()) {
    const at = path.child('x-kubernetes-validations').index(i);
    if (problem !== undefined) errors.push(invalid(at.child('rule'), ruleInGo(rule), problem));
    if (messageProblem !== undefined) errors.push(invalid(at.child('messageExpression'), ruleInGo(rule), messageProblem));
    if (usesOldSelf && atomicPath) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${atomicPath}`;
      errors.push(invalid(at.child('rule'), rule.rule, detail));
    } else if (!usesOldSelf && problem === undefined && rule.optionalOldSelf !== undefined)
      errors.push(invalid(at.child('optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  }
  const items = itemsOf(schema);
  const below = atomicPath ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path);
  if (items) compileAll(items, isEmbedded(items), below, path.child('items'), errors);
  const inside = atomicPath ?? (schema['x-kubernetes-map-type'] === 'atomic' ? path : undefined);
  const values = valuesOf(schema);
  if (values && values !== true) compileAll(values, isEmbedded(values), inside, path.child('additionalProperties'), errors);
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    compileAll(property, isEmbedded(property), inside, path.child('properties').key(key), errors);
}
