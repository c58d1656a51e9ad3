/**
 * Reads the generated models of the client package: their classes for types, their declarations for which fields are
 * required and what the fields mean.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTaken, nameOf } from './names.ts';
import { quantityFields } from './quantities.ts';

/**
 * The type of a field, as the run-time schema writes it: `s` string, `i` int32, `l` int64, `n` number, `b` boolean, `q` quantity,
 * `x` int-or-string, `t` time, `m` micro-time, `y` bytes, `a` anything, `[]T` list, `{}T` map, else the name of a model.
 */
export type FieldType = string;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly isRequired: boolean;
  readonly description: string;
}

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly Field[];
}

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const unquoted = (text: string): string => text.replace(/\\(['"\\])/g, '$1').trim();

export function readModels(folder: string): Model[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const sources = new Set(files.map((file) => file.slice(0, -3)).filter(isTaken));
  const rename = (model: string): string => nameOf(model, (other) => sources.has(other));
  const models = [...sources].map((source) => readModel(folder, source, rename));
  const known = new Set(models.map((model) => model.name));
  for (const model of models) {
    for (const { name, type } of model.fields) {
      const leaf = type.replace(/^(\[\]|\{\})+/, '');
      if (leaf.length > 1 && !known.has(leaf)) throw new Error(`${model.name}.${name} is of the unknown type ${leaf}`);
    }
  }
  return models.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readModel(folder: string, source: string, rename: (model: string) => string): Model {
  const name = rename(source);
  const code = readFileSync(join(folder, `${source}.js`), 'utf8');
  const declaration = readFileSync(join(folder, `${source}.d.ts`), 'utf8');
  const list = /attributeTypeMap = (\[[\s\S]*?\n?\]);/.exec(code);
  if (!list) throw new Error(`${source} has no attribute list`);
  const attributes = JSON.parse(list[1]!) as Attribute[];
  const head = /\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/.exec(declaration);
  const facts = declaredFields(declaration);
  const quantities = new Map((quantityFields[name] ?? []).map((text) => [text.replace(/[[\]{}]/g, ''), text.replace(/^\w+/, '')]));
  const fields = attributes.map((attribute): Field => {
    const fact = facts.get(attribute.name);
    if (!fact) throw new Error(`${source}.${attribute.name} is not declared`);
    const shape = quantities.get(attribute.baseName);
    quantities.delete(attribute.baseName);
    return {
      name: attribute.baseName,
      type: shape === undefined ? typeOf(attribute.type, attribute.format, rename) : `${shape}q`,
      isRequired: fact.isRequired,
      description: fact.description,
    };
  });
  for (const left of quantities.keys()) if (name !== 'PodStatus') throw new Error(`${name} has no field ${left}`);
  return { name, description: unquoted(head?.[1] ?? ''), fields };
}

function declaredFields(declaration: string): Map<string, { isRequired: boolean; description: string }> {
  const out = new Map<string, { isRequired: boolean; description: string }>();
  const pattern = /(?:\/\*\*\n\s*\* ([^\n]*)\n\s*\*\/\n\s*)?'([\w$]+)'(\??):/g;
  for (const match of declaration.matchAll(pattern))
    out.set(match[2]!, { isRequired: match[3] !== '?', description: unquoted(match[1] ?? '') });
  return out;
}

function typeOf(type: string, format: string, rename: (model: string) => string): FieldType {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return `[]${typeOf(list[1]!, format, rename)}`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return `{}${typeOf(map[1]!, format, rename)}`;
  if (type === 'string') return format === 'byte' ? 'y' : 's';
  if (type === 'number') return format === 'double' || format === 'float' ? 'n' : format === 'int32' ? 'i' : 'l';
  if (type === 'boolean') return 'b';
  if (type === 'IntOrString') return 'x';
  if (type === 'any') return 'a';
  if (type === 'Date') return 't';
  if (type === 'V1MicroTime') return 'm';
  return rename(type);
}
