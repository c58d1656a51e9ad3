/** Reads an EncryptionConfiguration. Upstream: apiserver/pkg/apis/apiserver/validation/validation_encryption.go. */
import { fromBase64, toUint8Array } from '../../../kernel/index.ts';
import { list, model, object, scalar, typeMeta } from '../../../machinery/configuration-model.ts';
import { strictDecodingError } from '../../../machinery/decode.ts';
import { decodeObject } from '../../../machinery/decode/walk.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import type { Algorithm, EncryptedResources, Key, Provider } from './provider.ts';

const keys = object(model('AESConfiguration', { keys: list(object(model('Key', { name: 'string', secret: 'string' }))) }));
const fileModel = model('EncryptionConfiguration', {
  ...typeMeta,
  resources: list(
    object(
      model('ResourceConfiguration', {
        resources: list(scalar('string')),
        providers: list(
          object(model('ProviderConfiguration', { aescbc: keys, aesgcm: keys, secretbox: keys, identity: 'any', kms: 'any' })),
        ),
      }),
    ),
  ),
});

interface RawKey {
  readonly name?: string;
  readonly secret?: string;
}
type RawProvider = Readonly<Record<string, { readonly keys?: readonly RawKey[] } | null>>;
interface RawResources {
  readonly resources?: readonly string[];
  readonly providers?: readonly RawProvider[];
}

const keyBytes: Readonly<Record<Algorithm, readonly number[]>> = { aescbc: [16, 24, 32], aesgcm: [16, 24, 32], secretbox: [32] };
const isAlgorithm = (name: string): name is Algorithm => name in keyBytes;

const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);

/** Throws an Error with upstream's words. */
export function readEncryptionConfiguration(text: string, path: string): readonly EncryptedResources[] {
  const failed = (why: string): Error => new Error(`error while parsing file: ${why}`);
  const undecodable = (why: string): Error =>
    failed(`error decoding encryption provider configuration file ${JSON.stringify(path)}: ${why}`);
  if (text === '') throw failed(`encryption provider configuration file ${JSON.stringify(path)} is empty`);
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw undecodable((error as Error).message);
  }
  const file = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly apiVersion?: string;
    readonly kind?: string;
  };
  if (file.kind !== 'EncryptionConfiguration' || file.apiVersion !== 'apiserver.config.k8s.io/v1')
    throw undecodable(`no kind "${file.kind ?? ''}" is registered for version "${file.apiVersion ?? ''}"`);
  const strictErrors: string[] = [];
  let decoded: { readonly resources?: readonly RawResources[] };
  try {
    decoded = decodeObject(value, fileModel, strictErrors) as typeof decoded;
  } catch (error) {
    throw undecodable((error as Error).message);
  }
  if (strictErrors.length > 0) throw undecodable(strictDecodingError(strictErrors));
  const resources = listOf(decoded.resources);
  const problems =
    resources.length === 0 ? ['resources: Required value: at least one resources is required'] : resources.flatMap(entryProblems);
  if (problems.length > 0) throw failed(aggregateText(problems));
  return resources.map((entry) => ({ resources: entry.resources!, providers: entry.providers!.map(providerOf) }));
}

function entryProblems({ resources, providers }: RawResources, index: number): readonly string[] {
  const at = `resources[${index}]`;
  const missing = (field: string): string => `${at}.${field}: Required value: at least one ${at}.${field} is required`;
  return [
    ...(listOf(resources).length === 0 ? [missing('resources')] : []),
    ...overlapProblems(listOf(resources), `${at}.resources`),
    ...listOf(resources).flatMap((name, i) => nameProblem(name, `${at}.resources[${i}]`)),
    ...(listOf(providers).length === 0 ? [missing('providers')] : []),
    ...listOf(providers).flatMap((provider, i) => providerProblems(provider, `${at}.providers[${i}]`)),
  ];
}

function overlapProblems(names: readonly string[], at: string): readonly string[] {
  const bad = `${at}: Invalid value: ${JSON.stringify(names)}`;
  const groupOf = (name: string): string => (name.includes('.') ? name.slice(name.indexOf('.') + 1) : '');
  const isStar = (name: string): boolean => name.startsWith('*.');
  const pairs = names.flatMap((one, i) => names.filter((_, j) => j !== i).map((other) => [one, other] as const));
  const overlaps = ([one, other]: readonly [string, string]): boolean =>
    one !== other && (one === '*.*' || (groupOf(one) === groupOf(other) && (isStar(one) || isStar(other))));
  return [
    ...(new Set(names).size < names.length ? [`${bad}: the same resource cannot be specified multiple times`] : []),
    ...(pairs.some(overlaps)
      ? [`${bad}: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`]
      : []),
  ];
}

function nameProblem(name: string, at: string): readonly string[] {
  const bad = (why: string): readonly string[] => [`${at}: Invalid value: ${JSON.stringify(name)}: ${why}`];
  if (/[A-Z]/.test(name)) return bad('resource name should not contain capital letters');
  if (name === '*') return bad("use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources");
  if (name.endsWith('.events.k8s.io'))
    return bad("'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file");
  if (name.endsWith('.*') && name !== '*.*') return bad('encrypting the same resource across groups is not supported');
  return [];
}

function providerProblems(provider: RawProvider, at: string): readonly string[] {
  const names = Object.keys(provider ?? {}).filter((name) => isAlgorithm(name) || name === 'identity' || name === 'kms');
  const shown = JSON.stringify(provider);
  if (names.length === 0)
    return [
      `${at}: Invalid value: ${shown}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`,
    ];
  if (names.length > 1)
    return [
      `${at}: Invalid value: ${shown}: more than one provider specified in a single element, should split into different list elements`,
    ];
  const [name] = names as [string];
  // Differs from Kubernetes: there are no KMS plugins, so a provider of that type is refused.
  if (name === 'kms') return [`${at}.kms: Forbidden: no KMS plugin can be reached`];
  return isAlgorithm(name) ? keysProblems(listOf(provider[name]?.keys), `${at}.${name}.keys`, keyBytes[name]) : [];
}

function keysProblems(keys: readonly RawKey[], at: string, lengths: readonly number[]): readonly string[] {
  if (keys.length === 0) return [`${at}: Required value: at least one keys is required`];
  return keys.flatMap(({ name, secret }, i) => {
    const problems = name ? [] : [`${at}[${i}].name: Required value: name is a mandatory field for a key`];
    if (!secret) return [...problems, `${at}[${i}].secret: Required value: secret is a mandatory field for a key`];
    const bytes = fromBase64(secret);
    const bad = `${at}[${i}].secret: Invalid value: "REDACTED"`;
    if (bytes === undefined) return [...problems, `${bad}: secrets must be base64 encoded`];
    if (lengths.includes(bytes.length)) return problems;
    return [...problems, `${bad}: secret is not of the expected length, got ${bytes.length}, expected one of [${lengths.join(' ')}]`];
  });
}

function providerOf(raw: RawProvider): Provider {
  const algorithm = Object.keys(raw).find(isAlgorithm);
  if (algorithm === undefined) return { algorithm: 'identity' };
  const keys = raw[algorithm]!.keys!.map(({ name, secret }): Key => ({ name: name!, secret: toUint8Array(fromBase64(secret!)!) }));
  return { algorithm, keys };
}
