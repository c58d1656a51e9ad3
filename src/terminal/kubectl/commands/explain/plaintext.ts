/** The layout of kubectl explain. Upstream: kubectl/pkg/explain/v2/templates/plaintext.tmpl. */
import { CommandError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { ApiResource } from '../../rest/discovery.ts';

export function explainText(document: Json, resource: ApiResource, fields: readonly string[], isRecursive: boolean): string {
  const schemas: Readonly<Record<string, Json>> = document.components?.schemas ?? {};
  const isWanted = (one: Json): boolean => one.group === resource.group && one.version === resource.version && one.kind === resource.kind;
  const root = Object.values(schemas).find((schema) => schema['x-kubernetes-group-version-kind']?.some(isWanted));
  if (!root)
    throw new CommandError(
      `GVK map[group:${resource.group} kind:${resource.kind} version:${resource.version}] not found in OpenAPI schema`,
    );
  const body = output(schemas, root, fields, isRecursive);
  if (body === undefined) throw new CommandError(`field ${JSON.stringify(fields.at(-1))} does not exist`);
  return `${body}\n`;
}

/** What stands above the fields, printed even when the field does not exist. */
export function explainHead(resource: ApiResource): string {
  const group = resource.group === '' ? '' : `GROUP:      ${resource.group}\n`;
  return `${group}KIND:       ${resource.kind}\nVERSION:    ${resource.version}\n\n`;
}

type Schemas = Readonly<Record<string, Json>>;

function resolved(schemas: Schemas, schema: Json): Json {
  const ref: string | undefined = schema?.$ref;
  return ref === undefined ? schema : (schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? schema);
}

/** Follows the path of fields through lists, maps and references; undefined when it leads nowhere. */
function output(schemas: Schemas, schema: Json, fields: readonly string[], isRecursive: boolean): string | undefined {
  const whole = resolved(schemas, schema);
  const [field, ...rest] = fields;
  if (field === undefined) {
    const description = indent(wrap(descriptionOf(schemas, schema) || '<empty>', 76), 4);
    const list = fieldList(schemas, schema, 1, isRecursive, new Set());
    return `DESCRIPTION:\n${description}\n${list === '' ? '' : `FIELDS:\n${list}`}`;
  }
  const sub = whole.properties?.[field];
  if (sub) {
    const head = rest.length === 0 ? `FIELD: ${field} <${typeText(schemas, sub)}>\n${enumText(sub, true, 0)}\n\n` : '';
    const tail = output(schemas, sub, rest, isRecursive);
    return tail === undefined ? undefined : head + tail;
  }
  if (whole.items) return output(schemas, whole.items, fields, isRecursive);
  if (typeof whole.additionalProperties === 'object') return output(schemas, whole.additionalProperties, fields, isRecursive);
  for (const alternative of whole.allOf ?? []) {
    const found = output(schemas, alternative, fields, isRecursive);
    if (found !== undefined) return found;
  }
  return undefined;
}

function descriptionOf(schemas: Schemas, schema: Json): string {
  const whole = resolved(schemas, schema);
  const own = whole.description ? `${whole.description}\n` : '';
  const below = [
    ...(whole.allOf ?? []),
    ...(whole.items ? [whole.items] : []),
    ...(typeof whole.additionalProperties === 'object' ? [whole.additionalProperties] : []),
  ];
  return own + below.map((one) => descriptionOf(schemas, one)).join('');
}

function fieldList(schemas: Schemas, schema: Json, level: number, isRecursive: boolean, seen: ReadonlySet<string>): string {
  const ref: string = schema?.$ref ?? '';
  if (ref !== '' && seen.has(ref)) return '';
  const history = new Set([...seen, ref]);
  const whole = resolved(schemas, schema);
  let text = '';
  for (const name of Object.keys(whole.properties ?? {}).sort()) {
    text += fieldDetail(schemas, whole, name, level, isRecursive);
    if (isRecursive) text += fieldList(schemas, whole.properties[name], level + 1, true, history);
  }
  for (const one of whole.allOf ?? []) text += fieldList(schemas, one, level, isRecursive, history);
  if (whole.items) text += fieldList(schemas, whole.items, level, isRecursive, history);
  if (typeof whole.additionalProperties === 'object') text += fieldList(schemas, whole.additionalProperties, level, isRecursive, history);
  return text;
}

function fieldDetail(schemas: Schemas, parent: Json, name: string, level: number, isShort: boolean): string {
  const schema = parent.properties[name];
  const margin = ' '.repeat(level * 2);
  const required = parent.required?.includes(name) ? ' -required-' : '';
  const head = `${margin}${name}\t<${typeText(schemas, schema)}>${required}${enumText(schema, false, level * 2)}\n`;
  return isShort ? head : `${head}${indent(wrap(schema.description ?? '<no description>', 78 - level * 2), level * 2 + 2)}\n\n`;
}

function typeText(schemas: Schemas, schema: Json): string {
  if (schema.items) return `[]${typeText(schemas, schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map[string]${typeText(schemas, schema.additionalProperties)}`;
  if (schema.allOf?.length === 1 && !schema.properties) return typeText(schemas, schema.allOf[0]);
  if (schema.$ref) {
    const target = resolved(schemas, schema);
    if (target === schema || !target.type || target.type === 'object') return (schema.$ref as string).replace(/^.*[/.]/, '') || 'Object';
    return target.type;
  }
  return schema.type === 'object' || !schema.type ? 'Object' : schema.type;
}

function enumText(schema: Json, isLong: boolean, margin: number): string {
  if (!schema.enum) return '';
  const words = (schema.enum as readonly string[]).map((word) => (word === '' ? '""' : word));
  if (isLong) return `ENUM:${words.map((word) => `\n    ${word}`).join('')}`;
  return `\n${' '.repeat(margin)}enum: ${words.length > 4 ? `${words.slice(0, 4).join(', ')}, ....` : words.join(', ')}`;
}

/** Lines of at most `width` characters, broken at spaces; what is one word stays whole. */
function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current].join('\n');
}

function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}
