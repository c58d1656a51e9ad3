/** Whole objects inside of a custom resource: apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go. */
import type { JSONSchemaProps } from '../../../api/generated/types.ts';
import { validateObjectMeta } from '../../../api/metadata/object-meta.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { dns1035Label } from '../../../machinery/names.ts';
import type { DraftMeta } from '../../../machinery/objects.ts';
import { isEmbedded, isMap, itemsOf, valuesOf } from '../../../machinery/structural-schema/schema.ts';
import type { Json } from '../../../machinery/structural-schema/schema.ts';

const embedding = new WeakMap<JSONSchemaProps, boolean>();

/** Whether there is anything to look at: most schemas embed nothing. */
function embeds(schema: JSONSchemaProps): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    const values = valuesOf(schema);
    const inner = [itemsOf(schema), values === true ? undefined : values, ...Object.values(schema.properties ?? {})];
    known = isEmbedded(schema) || inner.some((one) => one !== undefined && embeds(one));
    embedding.set(schema, known);
  }
  return known;
}

/** Adds what is wrong with the names and metadata of objects in a value; `path` is empty for the custom resource itself. */
export function validateEmbedded(value: unknown, schema: JSONSchemaProps | undefined, path: string, errors: FieldError[]): void {
  if (!schema || !embeds(schema)) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) validateEmbedded(item, itemsOf(schema), `${path}[${i}]`, errors);
    return;
  }
  if (!isMap(value)) return;
  if (isEmbedded(schema)) validateResource(value, path, errors);
  const values = valuesOf(schema);
  for (const [key, inner] of Object.entries(value)) {
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property) validateEmbedded(inner, property, path === '' ? key : `${path}.${key}`, errors);
    else if (values && values !== true) validateEmbedded(inner, values, `${path}[${key}]`, errors);
  }
}

function validateResource(value: Json, path: string, errors: FieldError[]): void {
  const wrong = (field: string, detail: string): void =>
    void errors.push({ type: 'FieldValueInvalid', field: `${path}.${field}`, badValue: value[field], detail });
  for (const field of ['apiVersion', 'kind'] as const) {
    const name = value[field];
    if (!Object.hasOwn(value, field))
      errors.push({ type: 'FieldValueRequired', field: `${path}.${field}`, badValue: undefined, detail: '' });
    else if (typeof name !== 'string') wrong(field, 'must be a string');
    else if (name === '') wrong(field, 'must not be empty');
    else if (field === 'apiVersion' && name.split('/').length > 2) wrong(field, `unexpected GroupVersion string: ${name}`);
    else if (field === 'kind' && dns1035Label(name.toLowerCase()).length > 0)
      wrong(field, `may have mixed case, but should otherwise match: ${dns1035Label(name.toLowerCase()).join(',')}`);
  }
  if (!isMap(value.metadata)) return;
  const metadata = { ...value.metadata, name: value.metadata.name || 'fakename' } as DraftMeta;
  const own: FieldError[] = [];
  validateObjectMeta(metadata as never, { isNamespaced: Boolean(metadata.namespace), nameRule: pathSegment }, own);
  for (const error of own) errors.push({ ...error, field: `${path}.${error.field}` });
}

/** ValidatePathSegmentName. */
const pathSegment = (name: string): readonly string[] =>
  name === '.' || name === '..'
    ? [`may not be '${name}'`]
    : ['/', '%'].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
