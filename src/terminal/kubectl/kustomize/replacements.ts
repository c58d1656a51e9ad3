/** `replacements`: a value of one resource copied into fields of others. Upstream: api/filters/replacement/replacement.go, kyaml/yaml/match.go. */
import { textOf } from '../../../emulator/kernel/index.ts';
import { parseSelector } from '../../../emulator/machinery/labels.ts';
import { parseYaml } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import { splitPath } from './field-path.ts';
import type { Replacement, ReplacementOptions, Selector } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { copy } from './parse.ts';
import { configured, type Transform } from './patches.ts';
import type { Resource } from './resource.ts';
import { idMatches, idText } from './resource-id.ts';
import type { ResourceList } from './resource-list.ts';

export function replacementTransform(loader: Loader, entries: readonly Replacement[]): Transform {
  const replacements = configured('ReplacementTransformer', { replacements: entries }, () =>
    entries.flatMap((entry): readonly Replacement[] => {
      if (!entry.path) return [entry];
      if (entry.source || entry.targets?.length) throw new KustomizeError('cannot specify both path and inline replacement');
      const value = parseYaml(textOf(loader.load(entry.path))) as Json;
      if (typeof value !== 'object' || value === null)
        throw new KustomizeError(`unsupported replacement type encountered within replacement path: ${typeof value}`);
      return Array.isArray(value) ? value : [value];
    }),
  );
  return (resources) => {
    for (const { source, targets } of replacements) {
      if (!source || !targets) throw new KustomizeError('replacements must specify a source and at least one target');
      const value = sourceValue(resources, source);
      for (const target of targets) replaceIn(resources, target, value);
    }
  };
}

type Source = NonNullable<Replacement['source']>;
type Target = NonNullable<Replacement['targets']>[number];

function sourceValue(resources: ResourceList, source: Source): Json {
  const found = resources.items.filter((resource) => resource.ids.some((id) => idMatches(id, source)));
  if (found.length === 0) throw new KustomizeError(`nothing selected by ${sourceText(source)}`);
  if (found.length > 1) throw new KustomizeError(`multiple matches for selector ${sourceText(source)}`);
  const path = source.fieldPath || 'metadata.name';
  const value = lookUp(found[0]!.object, splitFieldPath(path));
  const isEmpty = value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  if (isEmpty) throw new KustomizeError(`fieldPath \`${path}\` is missing for replacement source ${idText(source)}`);
  const { delimiter, index = 0 } = source.options ?? {};
  if (!delimiter) return value;
  if (typeof value === 'object') throw new KustomizeError('delimiter option can only be used with scalar nodes');
  const parts = String(value).split(delimiter);
  if (index < 0 || index >= parts.length) throw new KustomizeError(`options.index ${index} is out of bounds for value ${value}`);
  return parts[index];
}

function sourceText(source: Source): string {
  const { delimiter = '', index = 0, create = false } = source.options ?? {};
  const options = delimiter !== '' || create ? `${delimiter}(${index}), create=${create}` : '';
  return [idText(source), source.fieldPath, options].filter((part) => part).join(':');
}

/** One value by a path in which list items are named `[name=web]` or by number. */
function lookUp(object: Json, path: readonly string[]): Json {
  let value = object;
  for (const part of path) {
    if (value === undefined || value === null) return undefined;
    const match = itemMatcher(part);
    if (match && Array.isArray(value)) value = value.find(match);
    else if (Array.isArray(value) && part === '-') value = value.at(-1);
    else value = value[part];
  }
  return value;
}

function replaceIn(resources: ResourceList, target: Target, value: Json): void {
  const { select, reject = [] } = target;
  if (!select) throw new KustomizeError('target must specify resources to select');
  const paths = target.fieldPaths?.length ? target.fieldPaths : ['metadata.name'];
  for (const resource of resources.items) {
    if (!selectorsMatch(resource, select)) continue;
    if (reject.some((one) => (one.labelSelector || one.annotationSelector) && selectorsMatch(resource, one))) continue;
    const { ids } = resource;
    if (!ids.some((id) => idMatches(id, select))) continue;
    if (reject.some((one) => hasId(one) && ids.some((id) => idMatches(id, one)))) continue;
    for (const path of paths) setAt(resource, path, value, target.options ?? {});
  }
}

const hasId = (selector: Selector): boolean =>
  Boolean(selector.group || selector.version || selector.kind || selector.name || selector.namespace);

function selectorsMatch({ object }: Resource, { labelSelector = '', annotationSelector = '' }: Selector): boolean {
  const { labels = {}, annotations = {} } = object.metadata ?? {};
  return parseSelector(labelSelector).matches(labels) && parseSelector(annotationSelector).matches(annotations);
}

/** Where a value stands: in a map or a list, under a key. */
interface Slot {
  readonly parent: Json;
  readonly key: string | number;
}

function setAt(resource: Resource, path: string, value: Json, options: ReplacementOptions): void {
  const holder = { root: resource.object };
  const slots = slotsAt({ parent: holder, key: 'root' }, splitFieldPath(path), options.create ? emptyLike(value) : undefined);
  if (slots.length === 0) {
    throw new KustomizeError(`unable to find ${options.create ? 'or create ' : ''}field ${JSON.stringify(path)} in replacement target`);
  }
  for (const { parent, key } of slots) parent[key] = replaced(parent[key], value, options);
}

function emptyLike(value: Json): () => Json {
  return () => (Array.isArray(value) ? [] : typeof value === 'object' ? {} : '');
}

function replaced(current: Json, value: Json, { delimiter, index = 0 }: ReplacementOptions): Json {
  let text = value;
  if (delimiter) {
    if (typeof current === 'object' && current !== null) throw new KustomizeError('delimiter option can only be used with scalar nodes');
    const parts = String(current ?? '').split(delimiter);
    if (index < 0) parts.unshift(String(value));
    else if (index >= parts.length) parts.push(String(value));
    else parts[index] = String(value);
    text = parts.join(delimiter);
  }
  if (typeof text === 'object') return copy(text);
  // A scalar keeps the type of the field that it goes into.
  if (typeof current === 'number' && typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return typeof current === 'string' && current !== '' ? String(text) : text;
}

function slotsAt(slot: Slot, path: readonly string[], create: (() => Json) | undefined): readonly Slot[] {
  const [part, ...rest] = path;
  if (part === undefined) return [slot];
  const value = slot.parent[slot.key];
  const match = itemMatcher(part);
  if (/^\d+$/.test(part) && Array.isArray(value)) return indexed(value, Number(part), rest, create);
  if (match) {
    if (!Array.isArray(value)) return [];
    if (create && !value.some(match)) {
      const [, field = '', wanted] = /^\[([^=]*)=(.*)\]$/.exec(part)!;
      value.push(field === '' ? wanted : { [field]: wanted });
    }
    return value.flatMap((item, i) => (match(item) ? slotsAt({ parent: value, key: i }, rest, create) : []));
  }
  if (part === '*' && Array.isArray(value)) return value.flatMap((_, i) => slotsAt({ parent: value, key: i }, rest, create));
  if (typeof value !== 'object' || value === null) return [];
  if (value[part] === undefined) {
    if (!create) return [];
    value[part] = emptyFor(rest, create);
  }
  return slotsAt({ parent: value, key: part }, rest, create);
}

function indexed(list: Json[], index: number, rest: readonly string[], create: (() => Json) | undefined): readonly Slot[] {
  if (index === list.length && create) list.push(emptyFor(rest, create));
  if (index >= list.length) throw new KustomizeError(`index ${index} specified but only ${list.length} elements found`);
  return slotsAt({ parent: list, key: index }, rest, create);
}

/** What a field that is created must be for the rest of the path to lead on. */
function emptyFor(rest: readonly string[], create: () => Json): Json {
  if (rest.length === 0) return create();
  return itemMatcher(rest[0]!) || /^\d+$/.test(rest[0]!) ? [] : {};
}

/** `[name=web]` and `[=value]`; the value is a pattern. */
function itemMatcher(part: string): ((item: Json) => boolean) | undefined {
  const match = /^\[([^=]*)=(.*)\]$/.exec(part);
  if (!match) return undefined;
  const [, field, pattern] = match as unknown as [string, string, string];
  const expression = new RegExp(pattern);
  return (item) => {
    const value = field === '' ? item : item?.[field];
    return value !== undefined && value !== null && expression.test(String(value));
  };
}

/** `spec.containers.[name=a.b].image`: dots in brackets do not part. */
function splitFieldPath(path: string): string[] {
  const parts: string[] = [];
  const split = splitPath(path, '.');
  for (let i = 0; i < split.length; i++) {
    let part = split[i]!;
    if (part.startsWith('[') && !part.endsWith(']')) {
      while (i + 1 < split.length && !part.endsWith(']')) part += `.${split[++i]}`;
      if (!part.includes('=')) part = part.replace(/^\[|\]$/g, '');
    }
    parts.push(part);
  }
  return parts;
}
