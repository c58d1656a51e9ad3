/** configMapGenerator and secretGenerator, and the hash behind generated names. Upstream: api/internal/generators, api/kv, api/hasher. */
import { sha256 } from '@noble/hashes/sha2.js';
import { base64, type ByteString, textOf, toUint8Array, utf8 } from '../../../emulator/kernel/index.ts';
import { marshalCompact } from '../../../emulator/machinery/json.ts';
import type { Json } from '../json.ts';
import { KustomizeError, within } from './error.ts';
import type { GeneratorArgs, GeneratorOptions } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { Resource } from './resource.ts';

type Pair = readonly [key: string, value: ByteString];

/** The ConfigMap or Secret of an entry. */
export function generate(
  loader: Loader,
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  global: GeneratorOptions | undefined,
): Resource {
  if (!args.name) throw new KustomizeError('a configmap must have a name');
  const options = withGlobal(args.options, global);
  const { labels = {}, annotations = {}, immutable, disableNameSuffixHash } = options;
  const isSet = (map: object): boolean => Object.keys(map).length > 0;
  const object: Json = {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: args.name,
      ...(args.namespace && { namespace: args.namespace }),
      ...(isSet(labels) && { labels: { ...labels } }),
      ...(isSet(annotations) && { annotations: { ...annotations } }),
    },
    ...(kind === 'Secret' && { type: args.type || 'Opaque' }),
    ...dataOf(kind, dataPairs(loader, args)),
    ...(immutable && { immutable: true }),
  };
  const resource = new Resource(object);
  resource.needsHash = !disableNameSuffixHash;
  if (args.behavior === 'merge' || args.behavior === 'replace') resource.behavior = args.behavior;
  return resource;
}

/** A local setting wins, except that what is true globally stays true. */
function withGlobal(local: GeneratorOptions = {}, global: GeneratorOptions = {}): GeneratorOptions {
  return {
    labels: { ...global.labels, ...local.labels },
    annotations: { ...global.annotations, ...local.annotations },
    disableNameSuffixHash: Boolean(local.disableNameSuffixHash || global.disableNameSuffixHash),
    immutable: Boolean(local.immutable || global.immutable),
  };
}

function dataOf(kind: 'ConfigMap' | 'Secret', pairs: ReadonlyMap<string, ByteString>): Json {
  const [data, binaryData]: [Json, Json] = [{}, {}];
  for (const [key, value] of pairs) {
    if (kind === 'Secret') data[key] = lines(base64(value));
    else if (utf8(textOf(value)) === value) data[key] = textOf(value);
    else binaryData[key] = lines(base64(value));
  }
  return { ...(Object.keys(data).length > 0 && { data }), ...(Object.keys(binaryData).length > 0 && { binaryData }) };
}

/** Base64 that is longer than a line is broken into lines of seventy characters. */
function lines(text: string): string {
  return text.length < 70 ? text : text.replace(/.{1,70}/g, '$&\n');
}

function dataPairs(loader: Loader, args: GeneratorArgs): ReadonlyMap<string, ByteString> {
  const envs = [...(args.envs ?? []), ...(args.env ? [args.env] : [])];
  const { literals = [], files = [] } = args;
  const pairs = within('loading KV pairs', () => [
    ...within(`env source files: [${envs.join(' ')}]`, () => envs.flatMap((path) => envPairs(loader.load(path)))),
    ...within(`literal sources [${literals.join(' ')}]`, () => literals.map(literalPair)),
    ...within(`file sources: [${files.join(' ')}]`, () => files.map((source) => filePair(loader, source))),
  ]);
  const known = new Map<string, ByteString>();
  for (const [key, value] of pairs) {
    if (known.has(key)) throw new KustomizeError(`configmap ${args.name} illegally repeats the key \`${key}\``);
    known.set(key, value);
  }
  return known;
}

function envPairs(content: ByteString): Pair[] {
  const text = content.startsWith('\xef\xbb\xbf') ? content.slice(3) : content;
  return text.split('\n').flatMap((line): Pair[] => {
    const trimmed = line.replace(/\r$/, '').trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const equals = trimmed.indexOf('=');
    return [[equals < 0 ? trimmed : trimmed.slice(0, equals), (equals < 0 ? '' : trimmed.slice(equals + 1)) as ByteString]];
  });
}

function literalPair(source: string): Pair {
  const equals = source.indexOf('=');
  if (equals < 1) throw new KustomizeError(`invalid literal source ${source}, expected key=value`);
  const value = source.slice(equals + 1);
  const isQuoted = value.length > 1 && value[0] === value.at(-1) && (value[0] === '"' || value[0] === "'");
  return [source.slice(0, equals), utf8(isQuoted ? value.slice(1, -1) : value)];
}

function filePair(loader: Loader, source: string): Pair {
  const parts = source.split('=');
  if (parts.length > 2) throw new KustomizeError(`source ${JSON.stringify(source)} key name or file path contains '='`);
  const [first, second] = parts as [string, string | undefined];
  if (second === undefined) return [source.slice(source.lastIndexOf('/') + 1), loader.load(source)];
  if (first === '')
    throw new KustomizeError(`missing key name for file path ${JSON.stringify(second)} in source ${JSON.stringify(source)}`);
  if (second === '')
    throw new KustomizeError(`missing file path for key name ${JSON.stringify(first)} in source ${JSON.stringify(source)}`);
  return [first, loader.load(second)];
}

/** The ten letters behind a generated name, e.g. `app-config-g4hk9g2ff8`: a name, a kind and data, as JSON. */
export function contentHash(object: Json): string {
  const { kind, data = '', binaryData, stringData, type = '' } = object;
  // The name is looked up under a key that no object has, so that a prefix changes no hash.
  const name = '';
  const value =
    kind === 'ConfigMap'
      ? { data, kind, name, ...(binaryData && { binaryData }) }
      : kind === 'Secret'
        ? { data, kind, name, type, ...(stringData && { stringData }) }
        : object;
  return hashSuffix(marshalCompact(value));
}

/** Ten hexadecimal digits of the SHA-256, without vowels and digits that look like letters. Upstream: kubectl/pkg/util/hash. */
export function hashSuffix(text: string): string {
  const digest = sha256(toUint8Array(utf8(text)));
  const hex = [...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const letters: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  return hex.replace(/[013ae]/g, (digit) => letters[digit]!);
}
