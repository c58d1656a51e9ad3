/**
 * The run-time schema: what fields a model has, of which types, and how they merge. Decoding, patches and field ownership walk it
 * beside the data. Made from the generated text and from `merge-keys.ts`; a model is read when it is first asked for.
 */
import { schemaText } from '../api/generated/schema.ts';
import { goFieldsOf } from './go-facts.ts';
import type { GoField } from './go-facts.ts';
import { mergeFacts } from './merge-keys.ts';

export type ScalarType =
  | 'string'
  | 'int32'
  | 'int64'
  | 'number'
  | 'boolean'
  | 'quantity'
  | 'int-or-string'
  | 'time'
  | 'micro-time'
  | 'bytes'
  | 'any';

export interface ListMerge {
  readonly listType: 'atomic' | 'set' | 'map';
  /** The fields that tell elements apart when `listType` is `map`. */
  readonly keys: readonly string[];
  /** Values of keys that an element leaves out. */
  readonly keyDefaults: Readonly<Record<string, string>>;
}

export type SchemaType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'list'; readonly item: SchemaType; readonly merge: ListMerge }
  | { readonly kind: 'map'; readonly value: SchemaType; readonly isAtomic: boolean }
  | { readonly kind: 'object'; readonly name: string; readonly isAtomic: boolean; readonly model: ModelSchema };

/** Whatever was set; only what is not empty; always, as null where it is nil (`or-null`). Go's zero values are empty. */
export type Presence = 'if-set' | 'unless-empty' | 'always' | 'or-null';

export interface FieldSchema {
  readonly name: string;
  readonly type: SchemaType;
  readonly isRequired: boolean;
  /** When an object that a client reads has the field. */
  readonly presence: Presence;
  /** The name that Go's decoder has for the field's type, where it is not told by the type itself. */
  readonly goType?: string | undefined;
  /** What a strategic merge patch does; lists without `isMerged` are replaced. */
  readonly patch: {
    readonly isMerged: boolean;
    readonly retainsKeys: boolean;
    readonly isReplaced: boolean;
    readonly mergeKey: string | undefined;
  };
}

export interface ModelSchema {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  readonly required: readonly string[];
  /** Fields that an object has even when a client leaves them out, as Go's zero value has them. */
  readonly always: readonly FieldSchema[];
  readonly isAtomic: boolean;
}

const scalars: Readonly<Record<string, ScalarType>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  n: 'number',
  b: 'boolean',
  q: 'quantity',
  x: 'int-or-string',
  t: 'time',
  m: 'micro-time',
  y: 'bytes',
  a: 'any',
};

const scalarTypes = new Map<string, SchemaType>(Object.entries(scalars).map(([code, scalar]) => [code, { kind: 'scalar', scalar }]));
/** A value of which nothing is known. */
export const anyType: SchemaType = scalarTypes.get('a')!;

const atomic: ListMerge = { listType: 'atomic', keys: [], keyDefaults: {} };
const set: ListMerge = { listType: 'set', keys: [], keyDefaults: {} };

/** The lines of the schema by model, cut when the first model is asked for. */
let lines: Map<string, string> | undefined;
const models = new Map<string, ModelSchema>();

function linesByModel(): Map<string, string> {
  if (!lines) {
    lines = new Map();
    for (const line of schemaText.trim().split('\n')) {
      const equals = line.indexOf('=');
      lines.set(line.slice(0, equals), line.slice(equals + 1));
    }
  }
  return lines;
}

/** The zero values of Go's types, where a value cannot be absent. */
export const zeroScalars: Readonly<Partial<Record<ScalarType, unknown>>> = {
  string: '',
  int32: 0,
  int64: 0,
  number: 0,
  boolean: false,
  'int-or-string': 0,
};

export const hasModel = (name: string): boolean => linesByModel().has(name) || registered.get(name)?.deref() !== undefined;

/**
 * Models that were made at run time, of custom resources. Whoever registers one keeps it for as long as it serves it: a process
 * that grades ten thousand submissions does not stop the API servers of clusters that it lets go.
 */
const registered = new Map<string, WeakRef<ModelSchema>>();
let registeredAtSweep = 64;

export function registerModel(model: ModelSchema): void {
  if (registered.size >= registeredAtSweep) {
    for (const [name, known] of registered) if (known.deref() === undefined) registered.delete(name);
    registeredAtSweep = Math.max(64, 2 * registered.size);
  }
  registered.set(model.name, new WeakRef(model));
}

export const forgetModel = (name: string): void => void registered.delete(name);

/** The schema of a built-in model by the name of its interface: `Pod`, `PodSpec`. */
export function modelSchema(name: string): ModelSchema {
  let model = models.get(name) ?? registered.get(name)?.deref();
  if (!model) {
    const line = linesByModel().get(name);
    if (line === undefined) throw new Error(`no model is called ${name}`);
    model = readModel(name, line);
    models.set(name, model);
  }
  return model;
}

function readModel(name: string, line: string): ModelSchema {
  const facts = mergeFacts[name] ?? {};
  const goFields = goFieldsOf(name);
  const fields = new Map<string, FieldSchema>();
  const required: string[] = [];
  for (const text of line === '' ? [] : line.split(',')) {
    const match = /^(.+?)(!?):([^:]+)$/.exec(text)!;
    const [, field, mark, type] = match as unknown as [string, string, string, string];
    const words = facts[field] === undefined ? [] : facts[field].split(' ');
    const isRequired = mark === '!';
    if (isRequired) required.push(field);
    const goField = goFields.get(field);
    const read = readType(type, words);
    const presence = presenceOf(read, isRequired, goField);
    fields.set(field, { name: field, type: read, isRequired, presence, goType: goField?.type, patch: readPatch(words) });
  }
  const always = [...fields.values()].filter(({ presence }) => presence === 'always' || presence === 'or-null');
  return { name, fields, required, always, isAtomic: facts.$ === 'atomic' };
}

/** Times and whatever has no schema may be nil in Go. A required list that is nil is refused by validation, so that it is empty here. */
function presenceOf(type: SchemaType, isRequired: boolean, goField: GoField | undefined): Presence {
  switch (goField?.mark) {
    case '*':
      return 'if-set';
    case '=':
      return 'always';
    case '!':
      return 'or-null';
    case '+':
      return type.kind === 'list' || type.kind === 'map' || isTime(type) ? 'or-null' : 'always';
    case '?':
      return 'unless-empty';
  }
  if (type.kind === 'scalar' && zeroScalars[type.scalar] === undefined) return 'if-set';
  if (isRequired && type.kind !== 'map') return 'always';
  return type.kind === 'object' ? 'if-set' : 'unless-empty';
}

const isTime = (type: SchemaType): boolean => type.kind === 'scalar' && (type.scalar === 'time' || type.scalar === 'micro-time');

function readType(text: string, words: readonly string[]): SchemaType {
  if (text.startsWith('[]')) return { kind: 'list', item: readType(text.slice(2), []), merge: readMerge(words) };
  if (text.startsWith('{}')) return { kind: 'map', value: readType(text.slice(2), []), isAtomic: words.includes('atomic') };
  const scalar = scalarTypes.get(text);
  if (scalar) return scalar;
  const isAtomic = words.includes('atomic') || (mergeFacts[text]?.$ === 'atomic' && !words.includes('separable'));
  // Models refer to one another in circles, so that each is read when it is first looked at.
  let model: ModelSchema | undefined;
  return {
    kind: 'object',
    name: text,
    isAtomic,
    get model() {
      model ??= modelSchema(text);
      return model;
    },
  };
}

function readMerge(words: readonly string[]): ListMerge {
  if (words.includes('set')) return set;
  const map = words.find((word) => word.startsWith('map('));
  if (!map) return atomic;
  const keys: string[] = [];
  const keyDefaults: Record<string, string> = {};
  for (const part of map.slice(4, -1).split(',')) {
    const [key, value] = part.split('=') as [string, string | undefined];
    keys.push(key);
    if (value !== undefined) keyDefaults[key] = value;
  }
  return { listType: 'map', keys, keyDefaults };
}

const noPatch: FieldSchema['patch'] = { isMerged: false, retainsKeys: false, isReplaced: false, mergeKey: undefined };

function readPatch(words: readonly string[]): FieldSchema['patch'] {
  const word = words.find((one) => /^(merge|retainKeys|replace)/.test(one));
  if (!word) return noPatch;
  return {
    isMerged: word.startsWith('merge'),
    retainsKeys: word.includes('retainKeys'),
    isReplaced: word.startsWith('replace'),
    mergeKey: /\((.*)\)/.exec(word)?.[1],
  };
}
