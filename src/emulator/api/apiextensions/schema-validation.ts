/**
 * Whether the schema of a CustomResourceDefinition is structural, and says nothing that is not supported.
 * Upstream: apiextensions-apiserver/pkg/apiserver/schema/validation.go and pkg/apis/apiextensions/validation/validation.go.
 */
import { fieldErrorText, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { goRegExp } from '../../machinery/structural-schema/go-regexp.ts';
import { prune } from '../../machinery/structural-schema/prune.ts';
import { isEmbedded, isMap, itemsOf, keepsUnknown, metaFields, valuesOf } from '../../machinery/structural-schema/schema.ts';
import { validateValue } from '../../machinery/structural-schema/validate-value.ts';
import type { JSONSchemaProps } from '../generated/types.ts';
import { itemsInGo, schemaInGo } from './internal-form.ts';
import { validateRules } from './rule-validation.ts';

type Level = 'root' | 'item' | 'field';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const allowedAtRoot = new Set([
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);
const allowedText =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';

/** All that is wrong with the schema of one version. */
export function validateSchema(schema: JSONSchemaProps, path: FieldPath, hasStatus: boolean, errors: FieldError[]): void {
  if (hasStatus) validateRoot(schema, path, errors);
  if (schema.nullable) errors.push(forbidden(path.child('nullable'), 'nullable cannot be true at the root'));
  const structural: FieldError[] = [];
  validateStructure(schema, 'root', path, structural);
  if (structural.length === 0) validateDefaults(schema, true, path, structural);
  structural.sort((a, b) => (fieldErrorText(a) < fieldErrorText(b) ? -1 : 1));
  errors.push(...structural);
  const own: FieldError[] = [];
  validateProps(schema, path, { isRoot: true, isInMeta: false, noDefault: undefined }, own);
  errors.push(...own);
  // Rules are read against types, so that they come once the schema itself is good.
  if (structural.length + own.length === 0) validateRules(schema, path, errors);
}

function validateRoot(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  if (schema.type && schema.type !== 'object') {
    const detail = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    errors.push(invalid(path.child('type'), schema.type, detail));
    return;
  }
  if (Object.keys(schema).every((key) => allowedAtRoot.has(key))) return;
  errors.push(
    invalid(
      path,
      schemaInGo(schema),
      `only ${allowedText} fields are allowed at the root of the schema if the status subresource is enabled`,
    ),
  );
}

/** validateStructuralInvariants. */
function validateStructure(schema: JSONSchemaProps, level: Level, path: FieldPath, errors: FieldError[]): void {
  const { type = '', properties = {} } = schema;
  const items = itemsOf(schema);
  if (type === 'array' && !items) errors.push(required(path.child('items'), 'must be specified'));
  if (items) validateStructure(items, 'item', path.child('items'), errors);
  for (const [key, property] of Object.entries(properties)) {
    // What metadata are is known; below the root only their names may be restricted.
    if (level === 'root' && key === 'metadata') validateRootMetadata(property, path.child('properties').key(key), errors);
    else validateStructure(property, 'field', path.child('properties').key(key), errors);
  }
  const values = valuesOf(schema);
  if (values !== undefined) {
    if (level === 'root') errors.push(forbidden(path.child('additionalProperties'), 'must not be used at the root'));
    if (values !== true) validateStructure(values, 'field', path.child('additionalProperties'), errors);
  }
  validateType(schema, type, level, path, errors);
  validateExtensions(schema, path, errors);
  validateJunctors(schema, path, errors, true);
}

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateType(schema: JSONSchemaProps, type: string, level: Level, path: FieldPath, errors: FieldError[]): void {
  const isIntOrString = schema['x-kubernetes-int-or-string'];
  if (isEmbedded(schema) && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(path.child('type'), detail) : invalid(path.child('type'), type, detail));
  } else if (type === '' && !isIntOrString && !keepsUnknown(schema)) errors.push(required(path.child('type'), emptyType[level]));
  if (level === 'root' && type !== '' && type !== 'object') errors.push(invalid(path.child('type'), type, 'must be object at the root'));
  if (level !== 'root' && !isEmbedded(schema)) return;
  for (const key of ['kind', 'apiVersion']) {
    const property = schema.properties?.[key];
    if (property && property.type !== 'string')
      errors.push(invalid(path.child('properties').key(key).child('type'), property.type ?? '', 'must be string'));
  }
}

function validateRootMetadata(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  if (schema.type !== 'object') errors.push(invalid(path.child('type'), schema.type ?? '', 'must be object'));
  const { type: _type, description: _description, properties = {}, ...rest } = schema;
  const isMore = Object.keys(properties).some((key) => key !== 'name' && key !== 'generateName');
  if (isMore || Object.keys(rest).length > 0)
    errors.push(forbidden(path, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
}

function validateExtensions(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  const isIntOrString = schema['x-kubernetes-int-or-string'];
  if (isIntOrString && keepsUnknown(schema))
    errors.push(invalid(path.child('x-kubernetes-preserve-unknown-fields'), true, 'must be false if x-kubernetes-int-or-string is true'));
  if (isIntOrString && isEmbedded(schema))
    errors.push(invalid(path.child('x-kubernetes-embedded-resource'), true, 'must be false if x-kubernetes-int-or-string is true'));
  const isBare = isEmbedded(schema) && !keepsUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0;
  if (isBare) {
    const detail = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(path.child('properties'), detail));
  }
}

const isIntOrStringPattern = (anyOf: readonly JSONSchemaProps[] | undefined): boolean =>
  anyOf?.length === 2 && anyOf[0]!.type === 'integer' && anyOf[1]!.type === 'string';

/** Below anyOf and the like values are judged, and nothing is said of what they are. */
function validateJunctors(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[], isOutside: boolean): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  if (!(isOutside && isIntOrStringPattern(anyOf)))
    for (const [i, one] of anyOf.entries()) validateNested(one, path.child('anyOf').index(i), errors, false);
  for (const [i, one] of allOf.entries())
    validateNested(one, path.child('allOf').index(i), errors, isOutside && i === 0 && isIntOrStringPattern(one.anyOf));
  for (const [i, one] of oneOf.entries()) validateNested(one, path.child('oneOf').index(i), errors, false);
  if (not) validateNested(not, path.child('not'), errors, false);
  if (pattern !== undefined && pattern !== '' && !goRegExp(pattern)) {
    const detail = `must be a valid regular expression, but isn't: error parsing regexp: invalid syntax: \`${pattern}\``;
    errors.push(invalid(path.child('pattern'), pattern, detail));
  }
}

const forbiddenInside: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function validateNested(schema: JSONSchemaProps, path: FieldPath, errors: FieldError[], hasIntOrString: boolean): void {
  const { anyOf: _pattern, ...rest } = schema;
  validateJunctors(hasIntOrString ? rest : schema, path, errors, false);
  const items = itemsOf(schema);
  if (items) validateNested(items, path.child('items'), errors, false);
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    validateNested(property, path.child('properties').key(key), errors, false);
  for (const [key, detail] of forbiddenInside) if (schema[key]) errors.push(forbidden(path.child(key), detail));
  if (schema.properties?.metadata)
    errors.push(forbidden(path.child('properties').key('metadata'), 'must not be specified in a nested context'));
}

/** A default must be what its own schema allows, and name nothing unknown (schema/defaulting/validation.go). */
function validateDefaults(schema: JSONSchemaProps, isRoot: boolean, path: FieldPath, errors: FieldError[]): void {
  if (schema.default !== undefined) {
    const unknown: string[] = [];
    prune(schema.default, schema, isEmbedded(schema), unknown);
    if (unknown.length > 0) errors.push(invalid(path.child('default'), schema.default, 'must not have unknown fields'));
    else
      for (const error of validateValue(schema.default, schema, '')) {
        const inside = error.field === '' || error.field === '<nil>' ? '' : `.${error.field}`;
        errors.push({ ...error, field: `${path.child('default')}${inside}` });
      }
  }
  const items = itemsOf(schema);
  if (items) validateDefaults(items, false, path.child('items'), errors);
  const values = valuesOf(schema);
  if (values && values !== true) validateDefaults(values, false, path.child('additionalProperties'), errors);
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    if (!isRoot || !metaFields.has(key)) validateDefaults(property, false, path.child('properties').key(key), errors);
}

interface Place {
  readonly isRoot: boolean;
  readonly isInMeta: boolean;
  /** Why a default may not stand here. */
  readonly noDefault: string | undefined;
}

const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

/** ValidateCustomResourceDefinitionOpenAPISchema. */
function validateProps(schema: JSONSchemaProps, path: FieldPath, place: Place, errors: FieldError[]): void {
  const { type = '', properties = {} } = schema;
  if (type !== '' && !types.includes(type)) errors.push(notSupported(path.child('type'), type, types));
  if (schema.default !== undefined && place.noDefault !== undefined)
    errors.push(forbidden(path.child('default'), `must not be set ${place.noDefault}`));
  for (const key of unsupported) if (schema[key] !== undefined) errors.push(forbidden(path.child(key), `${key} is not supported`));
  if (type === 'null') errors.push(forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items)) errors.push(forbidden(path.child('items'), 'items must be a schema object and not an array'));
  if (place.isInMeta && isEmbedded(schema))
    errors.push(forbidden(path.child('x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'));
  if (schema.uniqueItems)
    errors.push(forbidden(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true && Object.keys(properties).length > 0)
    errors.push(forbidden(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'));
  const inner: Place = { ...place, isRoot: false };
  const values = valuesOf(schema);
  if (values && values !== true) {
    const noDefault = place.isInMeta ? 'inside additionalProperties applying to object metadata' : place.noDefault;
    validateProps(values, path.child('additionalProperties'), { ...inner, noDefault }, errors);
  }
  for (const [key, property] of Object.entries(properties)) {
    const isMeta = (place.isRoot || isEmbedded(schema)) && metaFields.has(key);
    const noDefault = place.isRoot && metaFields.has(key) ? `in top-level ${key}` : place.noDefault;
    validateProps(property, path.child('properties').key(key), { isRoot: false, isInMeta: place.isInMeta || isMeta, noDefault }, errors);
  }
  const items = itemsOf(schema);
  if (items) validateProps(items, path.child('items'), inner, errors);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  validateMapType(schema, type, path, errors);
  validateListType(schema, type, path, errors);
}

function validateMapType(schema: JSONSchemaProps, type: string, path: FieldPath, errors: FieldError[]): void {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  const detail = 'must be object if x-kubernetes-map-type is specified';
  if (type !== 'object') errors.push(type === '' ? required(path.child('type'), detail) : invalid(path.child('type'), type, detail));
  if (mapType !== 'atomic' && mapType !== 'granular')
    errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
}

function validateListType(schema: JSONSchemaProps, type: string, path: FieldPath, errors: FieldError[]): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = path.child('x-kubernetes-list-type');
  const detail = 'must be array if x-kubernetes-list-type is specified';
  const items = itemsOf(schema);
  if (listType !== undefined && type !== 'array')
    errors.push(type === '' ? required(path.child('type'), detail) : invalid(path.child('type'), type, detail));
  else if (listType === 'set' && items) validateSetItems(items, path.child('items'), errors);
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(notSupported(at, listType, ['atomic', 'set', 'map']));
  if (keys.length > 0 && listType !== 'map') {
    const message = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(at, message) : invalid(at, listType, message));
  }
  if (listType === 'map') validateMapKeys(schema, keys, items, path, errors);
  if ((listType === 'map' || listType === 'set') && items?.nullable)
    errors.push(forbidden(path.child('items', 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`));
}

function validateSetItems(items: JSONSchemaProps, path: FieldPath, errors: FieldError[]): void {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    errors.push(invalid(path.child('x-kubernetes-list-type'), listType, detail));
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(invalid(path.child('x-kubernetes-map-type'), listType, detail));
}

function validateMapKeys(
  schema: JSONSchemaProps,
  keys: readonly string[],
  items: JSONSchemaProps | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('x-kubernetes-list-map-keys');
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) errors.push(required(path.child('items'), 'must have a schema if x-kubernetes-list-type is map'));
  else if (!isMap(schema.items))
    errors.push(invalid(path.child('items'), itemsInGo(schema.items), 'must only have a single schema if x-kubernetes-list-type is map'));
  if (!items) return;
  if (items.type !== 'object') {
    errors.push(invalid(path.child('items', 'type'), items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
    return;
  }
  keys.forEach((key, i) => {
    const property = items.properties?.[key];
    const own = path.child('items', 'properties').key(key);
    if (!property) errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    else {
      if (property.type === 'array' || property.type === 'object')
        errors.push(invalid(own.child('type'), items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      if (!items.required?.includes(key) && property.default === undefined) {
        const detail = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
        errors.push(required(own.child('default'), detail));
      }
      if (property.nullable)
        errors.push(forbidden(own.child('nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
    }
    if (keys.indexOf(key) < i) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  });
}
