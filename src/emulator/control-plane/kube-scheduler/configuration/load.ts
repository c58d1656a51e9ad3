/** Reads a KubeSchedulerConfiguration: decoding, defaults (pkg/scheduler/apis/config/v1/defaults.go), validation (apis/config/validation). */
import type { FileSystem } from '../../../kernel/index.ts';
import { isErrno, textOf } from '../../../kernel/index.ts';
import { DecodeError, decodeObject } from '../../../machinery/decode/walk.ts';
import { strictDecodingError } from '../../../machinery/decode.ts';
import { durationError, parseDuration } from '../../../machinery/duration.ts';
import { aggregateText, fieldErrorText } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/go-quote.ts';
import { marshalCompact } from '../../../machinery/json.ts';
import type { ModelSchema } from '../../../machinery/schema.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import { mergePlugins } from './default-plugins.ts';
import { argumentDefaults } from './plugin-args.ts';
import { argumentModels, configurationModel } from './schema.ts';
import type { ExtenderConfiguration, ExtenderTLS, PluginSet, Plugins, ProfileConfiguration, SchedulerConfiguration } from './types.ts';
import { ConfigurationError, extensionPoints } from './types.ts';
import { validateConfiguration } from './validation.ts';

const group = 'kubescheduler.config.k8s.io';
const apiVersion = `${group}/v1`;

/** The file as it is written, decoded. */
export interface ConfigurationFile {
  readonly parallelism?: number;
  readonly leaderElection?: Readonly<Partial<Record<'leaseDuration' | 'renewDeadline' | 'retryPeriod', string>>> & {
    readonly leaderElect?: boolean;
    readonly resourceLock?: string;
    readonly resourceName?: string;
    readonly resourceNamespace?: string;
  };
  readonly clientConnection?: Readonly<Record<string, unknown>> & { readonly kubeconfig?: string };
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  readonly profiles?: readonly ProfileFile[];
  readonly extenders?: readonly ExtenderFile[];
  readonly enableProfiling?: boolean;
  readonly enableContentionProfiling?: boolean;
  readonly delayCacheUntilActive?: boolean;
}

export interface ExtenderFile {
  readonly prioritizeVerb?: string;
  readonly bindVerb?: string;
  readonly weight?: number;
  readonly managedResources?: readonly { readonly name?: string; readonly ignoredByScheduler?: boolean }[];
  readonly urlPrefix?: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: ExtenderTLS;
  readonly httpTimeout?: string;
  readonly nodeCacheCapable?: boolean;
  readonly ignorable?: boolean;
}

interface ProfileFile {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Plugins;
  readonly pluginConfig?: readonly { readonly name?: string; readonly args?: Readonly<Record<string, unknown>> }[];
}

/** Told of every default plugin that a profile sets anew, which upstream logs. */
export type OnOverride = (plugin: string) => void;

/** The configuration of a scheduler without --config. */
export const defaultConfiguration = (): SchedulerConfiguration => complete({}, () => {});

/** Reads the file that --config names. Throws a ConfigurationError with upstream's words. */
export function loadConfiguration(fs: FileSystem, path: string, onOverride: OnOverride): SchedulerConfiguration {
  let text: string;
  try {
    text = textOf(fs.readFile(path));
  } catch (error) {
    if (isErrno(error, 'EISDIR')) throw new ConfigurationError(`read ${path}: is a directory`);
    if (isErrno(error)) throw new ConfigurationError(`open ${path}: no such file or directory`);
    throw error;
  }
  return parseConfiguration(text, onOverride);
}

export function parseConfiguration(text: string, onOverride: OnOverride = () => {}): SchedulerConfiguration {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new ConfigurationError(`couldn't get version/kind; json parse error: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = value === null || value === undefined ? undefined : Array.isArray(value) ? 'array' : typeof value;
    if (what === undefined) throw new ConfigurationError(`Object 'Kind' is missing in 'null'`);
    throw new ConfigurationError(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${what} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  checkKind(value as { readonly apiVersion?: string; readonly kind?: string });
  const strictErrors: string[] = [];
  const file = decodeAs<ConfigurationFile>(value, configurationModel, strictErrors);
  const decoded = decodeArguments(file, strictErrors);
  if (strictErrors.length > 0) throw new ConfigurationError(strictDecodingError(strictErrors));
  return complete(decoded, onOverride);
}

// Unverified: the line number in the name of the scheme, which stands in upstream's error.
const scheme = 'k8s.io/kubernetes/pkg/scheduler/apis/config/scheme/scheme.go:30';

function checkKind(value: { readonly apiVersion?: string; readonly kind?: string }): void {
  const { kind, apiVersion: version = '' } = value;
  if (!kind) throw new ConfigurationError(`Object 'Kind' is missing in '${marshalCompact(value)}'`);
  if (version === '') throw new ConfigurationError(`Object 'apiVersion' is missing in '${marshalCompact(value)}'`);
  if (version !== apiVersion || !/^(KubeSchedulerConfiguration|\w+Args)$/.test(kind))
    throw new ConfigurationError(`no kind ${quote(kind)} is registered for version ${quote(version)} in scheme ${quote(scheme)}`);
  if (kind !== 'KubeSchedulerConfiguration')
    throw new ConfigurationError(`couldn't decode as KubeSchedulerConfiguration, got ${apiVersion}, Kind=${kind}: `);
}

function decodeAs<T>(value: unknown, model: ModelSchema, strictErrors: string[]): T {
  try {
    return decodeObject(value, model, strictErrors) as T;
  } catch (error) {
    if (error instanceof DecodeError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** Arguments of plugins that are known are decoded too (DecodeNestedObjects); others are the affair of the plugin. */
function decodeArguments(file: ConfigurationFile, strictErrors: string[]): ConfigurationFile {
  const profiles = file.profiles?.map((profile, i) => {
    const pluginConfig = profile.pluginConfig?.map(({ name = '', args = {} }, j) => {
      const model = argumentModels[name];
      if (!model) return { name, args };
      const own: string[] = [];
      const where = `decoding .profiles[${i}].pluginConfig[${j}]: `;
      const kind = args.kind;
      if (kind !== undefined && kind !== model.name)
        throw new ConfigurationError(
          `${where}args for plugin ${name} were not of type ${model.name}.${group}, got ${String(kind)}.${group}`,
        );
      let decoded: Readonly<Record<string, unknown>>;
      try {
        decoded = decodeAs(args, model, own);
      } catch (error) {
        if (error instanceof ConfigurationError) throw new ConfigurationError(`${where}decoding args for plugin ${name}: ${error.message}`);
        throw error;
      }
      if (own.length > 0)
        strictErrors.push(`${where}${strictDecodingError([`decoding args for plugin ${name}: ${strictDecodingError(own)}`])}`);
      return { name, args: decoded };
    });
    return { ...profile, ...(pluginConfig ? { pluginConfig } : {}) };
  });
  return { ...file, ...(profiles ? { profiles } : {}) };
}

function complete(file: ConfigurationFile, onOverride: OnOverride): SchedulerConfiguration {
  const listed = file.profiles?.length ? file.profiles : [{}];
  const ignored = (file.extenders ?? []).flatMap(({ managedResources = [] }) =>
    managedResources.flatMap(({ name, ignoredByScheduler }) => (name && ignoredByScheduler ? [name] : [])),
  );
  const profiles = listed.map((profile) =>
    withIgnored(completeProfile(profile, listed.length === 1 ? 'default-scheduler' : '', onOverride), ignored),
  );
  const { leaderElection: election = {}, clientConnection = {} } = file;
  const configuration: SchedulerConfiguration = {
    profiles,
    percentageOfNodesToScore: file.percentageOfNodesToScore ?? 0,
    podInitialBackoffMs: (file.podInitialBackoffSeconds ?? 1) * 1000,
    podMaxBackoffMs: (file.podMaxBackoffSeconds ?? 10) * 1000,
    leaderElection: {
      leaderElect: election.leaderElect ?? true,
      leaseDurationMs: durationOf(election.leaseDuration, 15_000),
      renewDeadlineMs: durationOf(election.renewDeadline, 10_000),
      retryPeriodMs: durationOf(election.retryPeriod, 2000),
      resourceLock: election.resourceLock || 'leases',
      resourceName: election.resourceName || 'kube-scheduler',
      resourceNamespace: election.resourceNamespace || 'kube-system',
    },
    kubeconfig: clientConnection.kubeconfig ?? '',
    extenders: (file.extenders ?? []).map(completeExtender),
    file,
    withoutEffect: withoutEffect(file),
  };
  const errors = validateConfiguration(configuration, file);
  if (errors.length > 0) throw new ConfigurationError(aggregateText(errors.map(fieldErrorText)));
  return configuration;
}

function completeExtender(file: ExtenderFile): ExtenderConfiguration {
  return {
    urlPrefix: file.urlPrefix ?? '',
    filterVerb: file.filterVerb ?? '',
    prioritizeVerb: file.prioritizeVerb ?? '',
    preemptVerb: file.preemptVerb ?? '',
    bindVerb: file.bindVerb ?? '',
    weight: file.weight ?? 0,
    enableHTTPS: file.enableHTTPS ?? false,
    tls: file.tlsConfig,
    httpTimeoutMs: durationOf(file.httpTimeout, 5000),
    nodeCacheCapable: file.nodeCacheCapable ?? false,
    managedResources: (file.managedResources ?? []).map(({ name = '', ignoredByScheduler = false }) => ({ name, ignoredByScheduler })),
    isIgnorable: file.ignorable ?? false,
  };
}

function durationOf(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '0s' || text === '0') return fallback;
  const ms = parseDuration(text);
  if (ms === undefined) throw new ConfigurationError(durationError(text));
  return ms;
}

function completeProfile(file: ProfileFile, defaultName: string, onOverride: OnOverride): ProfileConfiguration {
  const plugins = mergePlugins(file.plugins, onOverride);
  const pluginConfig = new Map<string, unknown>();
  for (const { name = '', args = {} } of file.pluginConfig ?? []) {
    const defaults = argumentDefaults[name as keyof typeof argumentDefaults] as ((args: object) => unknown) | undefined;
    // Of two entries for a plugin the first is kept; validation refuses them both.
    if (!pluginConfig.has(name)) pluginConfig.set(name, defaults ? defaults(args) : args);
  }
  for (const name of namesOf(plugins)) {
    const defaults = argumentDefaults[name as keyof typeof argumentDefaults] as ((args: object) => unknown) | undefined;
    if (defaults && !pluginConfig.has(name)) pluginConfig.set(name, defaults({}));
  }
  return {
    schedulerName: file.schedulerName ?? defaultName,
    percentageOfNodesToScore: file.percentageOfNodesToScore,
    plugins,
    pluginConfig,
  };
}

/** Resources that an extender sees to are none of NodeResourcesFit's business. */
function withIgnored(profile: ProfileConfiguration, ignored: readonly string[]): ProfileConfiguration {
  const fit = profile.pluginConfig.get('NodeResourcesFit') as { readonly ignoredResources?: readonly string[] } | undefined;
  if (ignored.length === 0 || !fit) return profile;
  const args = { ...fit, ignoredResources: [...(fit.ignoredResources ?? []), ...ignored] };
  return { ...profile, pluginConfig: new Map([...profile.pluginConfig, ['NodeResourcesFit', args]]) };
}

function namesOf(plugins: Plugins): ReadonlySet<string> {
  const sets: readonly (PluginSet | undefined)[] = [plugins.multiPoint, ...extensionPoints.map((point) => plugins[point])];
  return new Set(sets.flatMap((set) => (set?.enabled ?? []).map(({ name }) => name)));
}

/** What is accepted and changes nothing here. */
function withoutEffect(file: ConfigurationFile): readonly string[] {
  const named = (['parallelism', 'enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive'] as const).filter(
    (field) => file[field] !== undefined,
  );
  const connection = Object.keys(file.clientConnection ?? {}).filter((field) => field !== 'kubeconfig');
  return [...named, ...connection.map((field) => `clientConnection.${field}`)];
}
