/**
 * Validation of a value against a JSON schema, with the errors of upstream's validator.
 * Upstream: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation/validation.go.
 */
import type { JSONSchemaProps } from '../../api/generated/types.ts';
import { equal } from '../equality.ts';
import type { FieldError, FieldErrorType } from '../field-error.ts';
import { goJson } from '../json.ts';
import { goRegExp } from './go-regexp.ts';
import { hasFormat, isKnownFormat } from './formats.ts';
import { isMap, itemsOf, valuesOf } from './schema.ts';

/** What is wrong with a value; `path` is where it stands (`spec.replicas`, '' for the whole object). */
export function validateValue(value: unknown, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors);
  return errors;
}

const make = (type: FieldErrorType, field: string, badValue: unknown, detail: string): FieldError => ({ type, field, badValue, detail });

/** Of the composite checks upstream does not tell the place as a field. */
const composite = (errors: FieldError[], detail: string): void => void errors.push(make('FieldValueInvalid', '<nil>', '', detail));

const child = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function check(value: unknown, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  checkType(value, schema, path, errors);
  if (value === null) {
    checkEnum(value, schema, path, errors);
    return;
  }
  checkComposites(value, schema, path, errors);
  if (typeof value === 'string') checkString(value, schema, path, errors);
  if (typeof value === 'number') checkNumber(value, schema, path, errors);
  if (Array.isArray(value)) checkList(value, schema, path, errors);
  checkEnum(value, schema, path, errors);
  if (isMap(value)) checkMap(value, schema, path, errors);
}

/** The type of a value in the words of JSON schema. */
function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkType(value: unknown, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const found = typeName(value);
  if (found === 'null' ? schema.nullable || types.length === 0 : types.length === 0 || types.includes(found)) return;
  if (found === 'integer' && types.includes('number')) return;
  errors.push(make('FieldValueTypeInvalid', path, found, `${path} in body must be of type ${types.join(',')}: "${found}"`));
}

function checkEnum(value: unknown, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  if (!schema.enum || schema.enum.some((one) => equal(one, value))) return;
  const supported = schema.enum.map((one) => JSON.stringify(typeof one === 'string' ? one : goJson(one)));
  errors.push(make('FieldValueNotSupported', path, value, `supported values: ${supported.join(', ')}`));
}

function checkString(value: string, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const { maxLength, minLength, pattern, format } = schema;
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength)
    errors.push(make('FieldValueTooLong', path, undefined, `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`));
  if (minLength !== undefined && length < minLength)
    errors.push(make('FieldValueInvalid', path, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && goRegExp(pattern)?.test(value) === false)
    errors.push(make('FieldValueInvalid', path, value, `${path} in body should match '${pattern}'`));
  if (format !== undefined && isKnownFormat(format) && !hasFormat(value, format))
    errors.push(make('FieldValueTypeInvalid', path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
}

function checkNumber(value: number, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const { maximum, minimum, exclusiveMaximum, exclusiveMinimum, multipleOf } = schema;
  const wrong = (what: string): void => void errors.push(make('FieldValueInvalid', path, value, `${path} in body should be ${what}`));
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) wrong(`a multiple of ${multipleOf}`);
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    wrong(`${exclusiveMaximum ? 'less than' : 'less than or equal to'} ${maximum}`);
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    wrong(`${exclusiveMinimum ? 'greater than' : 'greater than or equal to'} ${minimum}`);
}

const atMost = (count: number): string => `must have at most ${count} ${count === 1 ? 'item' : 'items'}`;

function checkList(value: readonly unknown[], schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const items = itemsOf(schema);
  if (items) for (const [i, item] of value.entries()) check(item, items, `${path}[${i}]`, errors);
  const { maxItems, minItems } = schema;
  if (minItems !== undefined && value.length < minItems)
    errors.push(make('FieldValueInvalid', path, value.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) errors.push(make('FieldValueTooMany', path, value.length, atMost(maxItems)));
}

function checkMap(value: Readonly<Record<string, unknown>>, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  const { maxProperties, minProperties, properties = {}, required = [] } = schema;
  if (minProperties !== undefined && keys.length < minProperties)
    errors.push(make('FieldValueInvalid', path, keys.length, `${path} in body should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && keys.length > maxProperties)
    errors.push(make('FieldValueTooMany', path, keys.length, atMost(maxProperties)));
  const values = valuesOf(schema);
  for (const key of keys) {
    if (Object.hasOwn(properties, key)) check(value[key], properties[key]!, child(path, key), errors);
    else if (values && values !== true) check(value[key], values, child(path, key), errors);
  }
  for (const key of required) if (value[key] === undefined) errors.push(make('FieldValueRequired', child(path, key), undefined, ''));
}

function checkComposites(value: unknown, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const { anyOf, oneOf, allOf, not } = schema;
  const isIntOrString = schema['x-kubernetes-int-or-string'];
  if (anyOf && anyOf.length > 0 && !(isIntOrString && anyOf.every(({ type }) => type !== undefined))) {
    const failures = anyOf.map((one) => validateValue(value, one, path));
    if (!failures.some(({ length }) => length === 0)) {
      composite(errors, `"${path}" must validate at least one schema (anyOf)`);
      errors.push(...best(failures));
    }
  }
  if (oneOf && oneOf.length > 0) {
    const failures = oneOf.map((one) => validateValue(value, one, path));
    const valid = failures.filter(({ length }) => length === 0).length;
    if (valid === 0) {
      composite(errors, `"${path}" must validate one and only one schema (oneOf). Found none valid`);
      errors.push(...best(failures));
    } else if (valid > 1) composite(errors, `"${path}" must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
  }
  if (allOf && allOf.length > 0) {
    const failures = allOf.map((one) => validateValue(value, one, path));
    const failed = failures.filter(({ length }) => length > 0);
    if (failed.length > 0) {
      composite(errors, `"${path}" must validate all the schemas (allOf)${failed.length === allOf.length ? '. None validated' : ''}`);
      errors.push(...failed.flat());
    }
  }
  if (not && validateValue(value, not, path).length === 0) composite(errors, `"${path}" must not validate the schema (not)`);
}

/** Of several ways that failed, the one that came closest. */
const best = (failures: readonly FieldError[][]): readonly FieldError[] =>
  failures.reduce((least, one) => (one.length < least.length ? one : least));
