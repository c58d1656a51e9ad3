/** Manifests as kustomize reads them: every object has a kind and a name, lists are taken apart. Upstream: api/resource/factory.go. */
import { parseYamlDocuments, YamlError } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';

/** A text that is not YAML at all, so that it cannot be anything else either. */
export class MalformedYaml extends KustomizeError {}

export function parseObjects(text: string): Json[] {
  let documents: readonly unknown[];
  try {
    documents = parseYamlDocuments(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new MalformedYaml(error.message.replace('error converting YAML to JSON: ', ''));
  }
  return documents.flatMap((document) => flatten(document));
}

function flatten(value: Json): Json[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') throw new KustomizeError('expected mapping node, got scalar');
  if (Array.isArray(value)) throw new KustomizeError('expected mapping node, got sequence');
  if (Object.keys(value).length === 0) return [];
  check(value);
  if (!value.kind.endsWith('List') || !('items' in value)) return [copy(value)];
  if (value.items === null) return [];
  if (!Array.isArray(value.items)) throw new KustomizeError(`expected array in ${value.kind}/items, but found ${typeof value.items}`);
  return value.items.flatMap(flatten);
}

function check(object: Json): void {
  const { apiVersion, kind, metadata } = object;
  if (apiVersion === undefined && kind === undefined && metadata === undefined) throw new KustomizeError('missing Resource metadata');
  const text = `{{${apiVersion ?? ''} ${kind ?? ''}} {{${metadata?.name ?? ''} ${metadata?.namespace ?? ''}} ${goMap(metadata?.labels)} ${goMap(metadata?.annotations)}}}`;
  if (!kind) throw new KustomizeError(`missing kind in object ${text}`);
  if (!metadata?.name && !kind.endsWith('List')) throw new KustomizeError(`missing metadata.name in object ${text}`);
}

function goMap(map: Json): string {
  const pairs = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([key, value]) => `${key}:${value}`).join(' ')}]`;
}

/** Aliases of YAML share what they stand for; a resource that is changed in place may not. */
export function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copy(child)]));
}
