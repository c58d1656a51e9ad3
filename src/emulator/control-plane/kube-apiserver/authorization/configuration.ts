/**
 * The file of `--authorization-config`: who is asked, and in which order. Upstream: apiserver/pkg/apis/apiserver/validation,
 * ValidateAuthorizationConfiguration, and pkg/kubeapiserver/options/authorization.go.
 */
import { list, model, object, scalar, typeMeta } from '../../../machinery/configuration-model.ts';
import { strictDecodingError } from '../../../machinery/decode.ts';
import { decodeObject } from '../../../machinery/decode/walk.ts';
import { formatDuration, parseDuration } from '../../../machinery/duration.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import type { WebhookClientConfig } from '../outbound/review-call.ts';
import { compileCondition } from './match-conditions.ts';
import type { Condition } from './match-conditions.ts';

/** What the server knows of a webhook that it may ask. */
export interface WebhookSettings {
  readonly name: string;
  readonly backend: WebhookClientConfig;
  readonly timeoutMs: number;
  /** For how long a yes, or a no, is remembered. */
  readonly allowMs: number;
  readonly denyMs: number;
  /** Of the SubjectAccessReview that it is sent. */
  readonly version: string;
  /** What an error means. */
  readonly failurePolicy: string;
  readonly conditions: readonly Condition[];
}

export type LocalType = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny';
export type ConfiguredAuthorizer = { readonly type: LocalType } | { readonly type: 'Webhook'; readonly webhook: WebhookSettings };

// Differs from Kubernetes: the authorizer ABAC, which reads its policy from a file, is not there.
const knownTypes = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
export const isAuthorizerType = (type: string): type is LocalType | 'Webhook' => knownTypes.includes(type);
const versions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`);
const maxConditions = 64;
const maxTimeoutMs = 30_000;

const webhookModel = model('WebhookConfiguration', {
  authorizedTTL: 'string',
  cacheAuthorizedRequests: 'boolean',
  unauthorizedTTL: 'string',
  cacheUnauthorizedRequests: 'boolean',
  timeout: 'string',
  subjectAccessReviewVersion: 'string',
  matchConditionSubjectAccessReviewVersion: 'string',
  failurePolicy: 'string',
  connectionInfo: object(model('WebhookConnectionInfo', { type: 'string', kubeConfigFile: 'string' })),
  matchConditions: list(object(model('WebhookMatchCondition', { expression: 'string' }))),
});
const fileModel = model('AuthorizationConfiguration', {
  ...typeMeta,
  authorizers: list(
    object(model('AuthorizerConfiguration', { type: scalar('string'), name: scalar('string'), webhook: object(webhookModel) })),
  ),
});

interface RawWebhook {
  readonly authorizedTTL?: string;
  readonly cacheAuthorizedRequests?: boolean;
  readonly unauthorizedTTL?: string;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout?: string;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}
interface RawAuthorizer {
  readonly type?: string;
  readonly name?: string;
  readonly webhook?: RawWebhook;
}

/** Files that a configuration names. */
export interface ConfigurationFiles {
  readonly exists: (path: string) => boolean;
  /** Throws an Error. */
  readonly backend: (path: string) => WebhookClientConfig;
}

/** Throws an Error with upstream's words. `required`: types that must be among them, as they were when the server started. */
export function readAuthorizationConfiguration(
  text: string,
  files: ConfigurationFiles,
  required: readonly string[] = [],
): readonly ConfiguredAuthorizer[] {
  const authorizers = decoded(text);
  const problems: string[] = [];
  if (authorizers.length === 0) problems.push('authorizers: Required value: at least one authorization mode must be defined');
  const configured = authorizers.flatMap((one, i) =>
    new AuthorizerReader(`authorizers[${i}]`, problems, files).read(one, authorizers.slice(0, i)),
  );
  if (problems.length > 0) throw new Error(aggregateText(problems));
  const misnamed = authorizers.flatMap(({ type = '', name = '' }) =>
    type === 'Webhook' || name === type.toLowerCase()
      ? []
      : [`expected name ${type.toLowerCase()} for authorizer ${type} instead of ${name}`],
  );
  const missing = required.filter((type) => !authorizers.some((one) => one.type === type)).sort();
  if (missing.length > 0) misnamed.push(`missing required types: [${missing.join(' ')}]`);
  if (misnamed.length > 0) throw new Error(aggregateText(misnamed));
  return configured;
}

function decoded(text: string): readonly RawAuthorizer[] {
  const failed = (why: string): Error => new Error(`failed to load AuthorizationConfiguration from file: ${why}`);
  if (text === '') return [];
  const value: unknown = parseYaml(text);
  const { kind = '', apiVersion = '' } = (typeof value === 'object' && value !== null ? value : {}) as {
    kind?: string;
    apiVersion?: string;
  };
  if (kind !== 'AuthorizationConfiguration' || !versions.includes(apiVersion))
    throw failed(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const strictErrors: string[] = [];
  const { authorizers = [] } = decodeObject(value, fileModel, strictErrors) as { readonly authorizers?: readonly RawAuthorizer[] };
  if (strictErrors.length > 0) throw failed(strictDecodingError(strictErrors));
  return authorizers;
}

/** Reads one authorizer and notes what is wrong with it. */
class AuthorizerReader {
  readonly #at: string;
  readonly #problems: string[];
  readonly #files: ConfigurationFiles;

  constructor(at: string, problems: string[], files: ConfigurationFiles) {
    this.#at = at;
    this.#problems = problems;
    this.#files = files;
  }

  read({ type = '', name = '', webhook }: RawAuthorizer, earlier: readonly RawAuthorizer[]): readonly ConfiguredAuthorizer[] {
    if (type === '') return this.#required('type');
    if (!isAuthorizerType(type)) return this.#unsupported('type', type, ['ABAC', ...knownTypes].sort());
    if (type !== 'Webhook' && earlier.some((other) => other.type === type)) return this.#duplicate('type', type);
    if (name === '') this.#required('name');
    else if (earlier.some((other) => other.name === name)) this.#duplicate('name', name);
    if (type !== 'Webhook') {
      if (webhook) this.#invalid('webhook', 'non-null', 'may only be specified when type=Webhook');
      return [{ type }];
    }
    if (!webhook) return this.#required('webhook', 'required when type=Webhook');
    return [{ type, webhook: this.#webhook(name, webhook) }];
  }

  #webhook(name: string, raw: RawWebhook): WebhookSettings {
    const version = this.#oneOf('subjectAccessReviewVersion', raw.subjectAccessReviewVersion, ['v1', 'v1beta1']);
    const { matchConditionSubjectAccessReviewVersion: conditionVersion = '', matchConditions = [] } = raw;
    const field = 'matchConditionSubjectAccessReviewVersion';
    if (conditionVersion !== '') this.#oneOf(field, conditionVersion, ['v1']);
    else if (matchConditions.length > 0) this.#required(field, 'required if match conditions are specified');
    return {
      name,
      version,
      timeoutMs: this.#timeout(raw.timeout),
      allowMs: this.#duration('authorizedTTL', raw.authorizedTTL, 300_000) * Number(raw.cacheAuthorizedRequests ?? true),
      denyMs: this.#duration('unauthorizedTTL', raw.unauthorizedTTL, 30_000) * Number(raw.cacheUnauthorizedRequests ?? true),
      failurePolicy: this.#oneOf('failurePolicy', raw.failurePolicy, ['NoOpinion', 'Deny']),
      backend: this.#backend(raw.connectionInfo ?? {}),
      conditions: this.#conditions(matchConditions.map(({ expression = '' }) => expression)),
    };
  }

  #timeout(text: string | undefined): number {
    const ms = this.#duration('timeout', text, 0);
    if (ms === 0) this.#required('timeout');
    else if (ms > maxTimeoutMs || ms < 0) this.#invalid('timeout', formatDuration(ms), 'must be > 0s and <= 30s');
    return ms;
  }

  #duration(field: string, text: string | undefined, fallback: number): number {
    const ms = parseDuration(text ?? '0') ?? 0;
    if (ms < 0 && field !== 'timeout') this.#invalid(field, formatDuration(ms), 'must be > 0s');
    return ms === 0 ? fallback : ms;
  }

  #backend({ type = '', kubeConfigFile: path = '' }: NonNullable<RawWebhook['connectionInfo']>): WebhookClientConfig {
    const field = 'connectionInfo.kubeConfigFile';
    if (this.#oneOf('connectionInfo.type', type, ['InClusterConfig', 'KubeConfigFile']) !== 'KubeConfigFile') {
      if (path !== '') this.#invalid(field, path, 'can only be set when type=KubeConfigFile');
      return {};
    }
    if (path === '') this.#required(field);
    else if (!path.startsWith('/')) this.#invalid(field, path, 'must be an absolute path');
    else if (!this.#files.exists(path)) this.#invalid(field, path, `error loading file: stat ${path}: no such file or directory`);
    else return this.#files.backend(path);
    return {};
  }

  #conditions(sources: readonly string[]): readonly Condition[] {
    if (sources.length > maxConditions) {
      this.#report('matchConditions', `Too many: ${sources.length}: must have at most ${maxConditions} items`);
      return [];
    }
    return sources.flatMap((source, i): readonly Condition[] => {
      const field = `matchConditions[${i}].expression`;
      if (source.trim() === '') return this.#required(field);
      if (sources.indexOf(source) < i) return this.#duplicate(field, source);
      const compiled = compileCondition(source);
      if (!('problem' in compiled)) return [compiled];
      return this.#invalid(field, source, compiled.problem);
    });
  }

  #oneOf(field: string, value = '', values: readonly string[]): string {
    if (value === '') this.#required(field);
    else if (!values.includes(value)) this.#unsupported(field, value, values);
    return value;
  }

  #report(field: string, problem: string): readonly never[] {
    this.#problems.push(`${this.#at}.${field}: ${problem}`);
    return [];
  }

  #required(field: string, why = ''): readonly never[] {
    return this.#report(field, why === '' ? 'Required value' : `Required value: ${why}`);
  }

  #duplicate(field: string, value: string): readonly never[] {
    return this.#report(field, `Duplicate value: ${JSON.stringify(value)}`);
  }

  #invalid(field: string, value: string, why: string): readonly never[] {
    return this.#report(field, `Invalid value: ${JSON.stringify(value)}: ${why}`);
  }

  #unsupported(field: string, value: string, values: readonly string[]): readonly never[] {
    const list = values.map((one) => JSON.stringify(one)).join(', ');
    return this.#report(field, `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`);
  }
}
