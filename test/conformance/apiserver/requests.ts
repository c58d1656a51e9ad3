/** The requests whose answers were recorded: each object of `objects/` as it is, and once for every way in which one of its fields can be wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

type Value = Readonly<Record<string, unknown>>;

export interface SampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
}

/** A body, and what was done to the object in it: `.spec.replicas -1`. */
export interface Case {
  readonly name: string;
  readonly body: unknown;
}

const folder = path.join(import.meta.dirname, 'objects');

export const areas: readonly string[] = readdirSync(folder)
  .map((file) => file.replace('.yaml', ''))
  .sort();

export function objectsOf(area: string): readonly SampleObject[] {
  return parseAllDocuments(readFileSync(path.join(folder, `${area}.yaml`), 'utf8')).map((document) => document.toJS() as SampleObject);
}

/** `Deployment/web`; what is only asked has no name. */
export const nameOf = ({ kind, metadata }: SampleObject): string => `${kind}/${metadata?.name ?? ''}`;

export function casesOf(object: SampleObject): readonly Case[] {
  return [{ name: 'as it is', body: object }, ...damaged(object, '')];
}

/** What a client gets wrong about a value of this type. */
function wrongs(value: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (Array.isArray(value)) {
    const twice = value.length > 0 ? ([['twice', [...value, value[0]]]] as const) : [];
    return [['none', []], ...twice, ['text', 'x']];
  }
  switch (typeof value) {
    case 'string':
      return [
        ['empty', ''],
        ['bad', 'Bad_Value!'],
        ['number', 7],
      ];
    case 'number':
      return [
        ['-1', -1],
        ['0', 0],
        ['huge', 99_999_999],
        ['text', 'x'],
      ];
    case 'boolean':
      return [
        ['not', !value],
        ['text', 'x'],
      ];
    default:
      return [
        ['none', {}],
        ['with more', { ...(value as Value), bogus: 1 }],
        ['text', 'x'],
      ];
  }
}

/** The value damaged in each place, from the outside in; its path tells where. */
function* damaged(value: unknown, at: string): Generator<Case> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (at === '' && (key === 'kind' || key === 'apiVersion')) continue;
    const place = Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`;
    if (!Array.isArray(value)) yield { name: `${place} removed`, body: without(value as Value, key) };
    for (const [name, wrong] of wrongs(item)) yield { name: `${place} ${name}`, body: withItem(value, key, wrong) };
    for (const { name, body } of damaged(item, place)) yield { name, body: withItem(value, key, body) };
  }
}

function without(value: Value, key: string): unknown {
  return Object.fromEntries(Object.entries(value).filter(([other]) => other !== key));
}

function withItem(value: object, key: string, item: unknown): unknown {
  return Array.isArray(value) ? value.with(Number(key), item) : { ...value, [key]: item };
}
