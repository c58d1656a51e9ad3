/** Writes the TypeScript interfaces of the models: read-only, with dates and quantities as the strings that stand in JSON. */
import { goFieldsOf } from '../../emulator/machinery/go-facts.ts';
import type { Field, Model } from './models.ts';

const scalars: Readonly<Record<string, string>> = {
  s: 'string',
  i: 'number',
  l: 'number',
  n: 'number',
  b: 'boolean',
  q: 'string',
  x: 'number | string',
  t: 'string',
  m: 'string',
  y: 'string',
  a: 'unknown',
};

/** Types of which `machinery/objects.ts` has the definition. */
const given: Readonly<Record<string, string>> = {
  ObjectMeta: 'DraftMeta',
  OwnerReference: 'OwnerReference',
  ManagedFieldsEntry: 'ManagedFieldsEntry',
  ListMeta: 'ListMeta',
};

export function isTopLevel(model: Model): boolean {
  const names = new Set(model.fields.map((field) => field.name));
  return names.has('apiVersion') && names.has('kind') && names.has('metadata') && !isList(model);
}

const isList = (model: Model): boolean => /List$/.test(model.name) && model.fields.some((field) => field.name === 'items');

/** Upstream's spec is a struct and no pointer: an object that came through the API server has one, if only an empty one. */
const isSpec = (model: Model, field: string): boolean => field === 'spec' && (isTopLevel(model) || model.name.endsWith('TemplateSpec'));

function typeText(type: string): string {
  if (type.startsWith('[]')) {
    const inner = typeText(type.slice(2));
    return `readonly ${inner.includes(' ') ? `(${inner})` : inner}[]`;
  }
  if (type.startsWith('{}')) return `Readonly<Record<string, ${typeText(type.slice(2))}>>`;
  return scalars[type] ?? given[type] ?? type;
}

/** A list or map that Go writes as null when it is nil. */
const isNullable = (model: string, { name, type }: Field): boolean =>
  /^(\[\]|\{\})/.test(type) && goFieldsOf(model).get(name)?.mark === '+';

function interfaceOf(model: Model): string {
  const isTop = isTopLevel(model);
  const lines = [`export interface ${model.name}${isTop ? ' extends ApiObject' : ''} {`];
  for (const field of model.fields) {
    if (isTop && (field.name === 'apiVersion' || field.name === 'kind' || field.name === 'metadata')) continue;
    const isRequired =
      field.isRequired ||
      isSpec(model, field.name) ||
      (isList(model) && (field.name === 'apiVersion' || field.name === 'kind' || field.name === 'metadata'));
    const key = /^[a-zA-Z_]\w*$/.test(field.name) ? field.name : `'${field.name}'`;
    const orNull = isNullable(model.name, field) ? ' | null' : '';
    lines.push(`  readonly ${key}${isRequired ? '' : '?'}: ${typeText(field.type)}${orNull}${isRequired ? '' : ' | undefined'};`);
  }
  lines.push('}');
  return lines.length === 2 ? `export type ${model.name} = ${isTop ? 'ApiObject' : 'Readonly<Record<string, never>>'};` : lines.join('\n');
}

export function writeTypes(models: readonly Model[]): string {
  const head = [
    '/* Made by src/build/fields. Interfaces of the API of Kubernetes v1.34. */',
    "import type { ApiObject, DraftMeta, ListMeta } from '../../machinery/objects.ts';",
    "export type { ListMeta, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../../machinery/objects.ts';",
  ].join('\n');
  return `${head}\n\n${models
    .filter((model) => !given[model.name])
    .map(interfaceOf)
    .join('\n\n')}\n`;
}
