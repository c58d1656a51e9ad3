/** Reads YAML on the parser of the package `yaml`, with go-yaml's meaning of scalars and go-yaml's words for errors. */
import {
  type Alias,
  isAlias,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { YamlError } from './error.ts';
import { goQuoteValue } from './go-value.ts';
import { goYamlMessage } from './messages.ts';
import { readPlainBlocks } from './plain-blocks.ts';
import { resolveScalar } from './scalar.ts';

export interface DuplicateKey {
  readonly key: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Characters that YAML may not hold as they are. Upstream: go-yaml's readerc.go. */
const notAllowed = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Aliases may stand for this many values before a document is refused. Upstream: go-yaml's `allowedAliasRatio`. */
const maxAliasedValues = 400_000;

/**
 * The first document as JSON would have it: null for an empty one. Throws a YamlError. Keys that stand twice go to `duplicates`
 * (a strict reader makes errors of them); the last one wins.
 */
export function parseYaml(text: string, duplicates?: DuplicateKey[]): unknown {
  const json = parseJson(text);
  if (json) return json.value;
  if (notAllowed.test(text)) throw new YamlError('error converting YAML to JSON: yaml: control characters are not allowed');
  const quick = readPlainBlocks(text);
  return quick ? quick.value : parseFully(text, duplicates);
}

/** Brackets within brackets, with which the parser would be busy for long before it gives up. */
const bottomless = /(?:[[{]\s*){2000}/;
const tooDeep = 'error converting YAML to JSON: yaml: exceeded max depth of 10000';

/** By the full parser, without the quick ways. */
export function parseFully(text: string, duplicates?: DuplicateKey[]): unknown {
  if (bottomless.test(text)) throw new YamlError(tooDeep);
  try {
    return compose(text, duplicates);
  } catch (error) {
    // The parser calls itself for every level, and a text of brackets has as many as it likes.
    if (error instanceof RangeError) throw new YamlError(tooDeep);
    throw error;
  }
}

function compose(text: string, duplicates: DuplicateKey[] | undefined): unknown {
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
    keepSourceTokens: false,
  });
  const error = document.errors.find((one) => one.code !== 'MULTIPLE_DOCS');
  if (error) throw new YamlError(`error converting YAML to JSON: ${goYamlMessage(text, error as YAMLParseError)}`);
  return new Reader(text, duplicates).value(document.contents);
}

/** A whole JSON text, which is by far the quickest to read. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  const start = text.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return undefined;
  try {
    return { value: JSON.parse(start) as unknown };
  } catch {
    return undefined;
  }
}

interface Collected {
  readonly value: unknown;
  /** How many values the node holds, aliases counted as what they stand for. */
  readonly size: number;
}

class Reader {
  readonly #text: string;
  readonly #duplicates: DuplicateKey[] | undefined;
  readonly #anchors = new Map<string, Collected>();
  #aliased = 0;

  constructor(text: string, duplicates: DuplicateKey[] | undefined) {
    this.#text = text;
    this.#duplicates = duplicates;
  }

  value(node: unknown): unknown {
    return this.#collect(node as Node | null).value;
  }

  #collect(node: Node | null): Collected {
    if (node === null || node === undefined) return { value: null, size: 1 };
    if (isAlias(node)) return this.#alias(node);
    const collected = isScalar(node)
      ? { value: scalarValue(node), size: 1 }
      : isSeq(node)
        ? this.#list(node.items as Node[])
        : this.#map(node as YAMLMap);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor) this.#anchors.set(anchor, collected);
    return collected;
  }

  #alias(node: Alias): Collected {
    const target = this.#anchors.get(node.source);
    if (!target) throw new YamlError(`error converting YAML to JSON: yaml: unknown anchor '${node.source}' referenced`);
    this.#aliased += target.size;
    if (this.#aliased > maxAliasedValues) throw new YamlError('error converting YAML to JSON: yaml: document contains excessive aliasing');
    return target;
  }

  #list(items: readonly Node[]): Collected {
    let size = 1;
    const value = items.map((item) => {
      const one = this.#collect(item);
      size += one.size;
      return one.value;
    });
    return { value, size };
  }

  #map(node: YAMLMap): Collected {
    const value: Record<string, unknown> = {};
    let size = 1;
    const own = new Set<string>();
    const merges: unknown[] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const one = this.#collect(pair.value);
      size += one.size;
      if (isScalar(pair.key) && pair.key.value === '<<' && isPlain(pair.key)) {
        merges.push(one.value);
        continue;
      }
      const key = this.#key(pair.key);
      if (own.has(key)) this.#duplicates?.push({ key, line: this.#lineOf(pair.key) });
      own.add(key);
      setOwn(value, key, one.value);
    }
    for (const merge of merges) mergeInto(value, own, merge);
    return { value, size };
  }

  #key(node: Node | null): string {
    const { value } = this.#collect(node);
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value === null) return 'null';
    throw new YamlError(`error converting YAML to JSON: yaml: invalid map key: ${goQuoteValue(value)}`);
  }

  #lineOf(node: Node): number {
    const offset = node.range?.[0] ?? 0;
    let line = 1;
    for (let i = this.#text.indexOf('\n'); i >= 0 && i < offset; i = this.#text.indexOf('\n', i + 1)) line++;
    return line;
  }
}

/** `__proto__` is a key like any other. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

function mergeInto(map: Record<string, unknown>, own: ReadonlySet<string>, merge: unknown): void {
  const sources = Array.isArray(merge) ? merge : [merge];
  for (const source of [...sources].reverse()) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      throw new YamlError('error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value');
    }
    for (const [key, value] of Object.entries(source as Record<string, unknown>)) if (!own.has(key)) setOwn(map, key, value);
  }
}

const isPlain = (node: Scalar): boolean => node.type === 'PLAIN' || node.type === undefined;

function scalarValue(node: Scalar): unknown {
  const text = typeof node.value === 'string' ? node.value : String(node.source ?? '');
  const tag = node.tag;
  if (tag === undefined || tag === '?') return isPlain(node) ? finite(resolveScalar(text)) : text;
  if (!tag.startsWith('tag:yaml.org,2002:')) return isPlain(node) ? finite(resolveScalar(text)) : text;
  const type = tag.slice('tag:yaml.org,2002:'.length);
  if (type === 'str' || type === 'binary' || type === 'timestamp') return text;
  const value = finite(resolveScalar(text));
  const isFitting =
    (type === 'int' && Number.isInteger(value)) ||
    (type === 'float' && typeof value === 'number') ||
    (type === 'bool' && typeof value === 'boolean') ||
    (type === 'null' && value === null);
  if (!isFitting) throw new YamlError(`error converting YAML to JSON: yaml: cannot decode !!${shortTag(value)} \`${text}\` as a !!${type}`);
  return value;
}

const shortTag = (value: unknown): string =>
  value === null
    ? 'null'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int'
        : 'float'
      : typeof value === 'boolean'
        ? 'bool'
        : 'str';

function finite<T>(value: T): T {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new YamlError(`error converting YAML to JSON: json: unsupported value: ${text}`);
}

/**
 * All documents of a stream as kubectl takes them: JSON values one after the other, or YAML parted by lines that begin with
 * `---`. Documents that are empty or only comments are left out. Throws a YamlError whose line numbers count within a document.
 */
export function parseYamlDocuments(text: string): unknown[] {
  const start = text.trimStart();
  if (start.startsWith('{')) {
    const stream = parseJsonStream(start);
    if (stream) return stream;
  }
  return splitDocuments(text)
    .map((document) => parseYaml(document))
    .filter((value) => value !== null);
}

/** JSON objects one after the other; undefined when the text is not that, and may still be YAML. */
function parseJsonStream(text: string): unknown[] | undefined {
  const quick = parseJson(text);
  if (quick) return [quick.value];
  const values: unknown[] = [];
  let start = 0;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (isInString) {
      if (char === '\\') i++;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) {
      const one = parseJson(text.slice(start, i + 1));
      if (!one) return undefined;
      values.push(one.value);
      start = i + 1;
    }
  }
  return depth === 0 && text.slice(start).trim() === '' ? values : undefined;
}

function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) documents.push(`${lines.join('\n')}\n`);
    lines = [];
  };
  const all = text.split('\n');
  if (all[all.length - 1] === '') all.pop();
  for (const line of all) {
    if (!line.startsWith('---')) lines.push(line);
    else {
      const rest = line.slice(3).trim();
      if (rest !== '' && !rest.startsWith('#')) throw new YamlError(`invalid Yaml document separator: ${rest}`);
      // The first separator of an empty buffer goes into the document and parts nothing.
      if (lines.length > 0) flush();
      else lines.push(line);
    }
  }
  flush();
  return documents;
}
