import type { LeaderElectionTimes } from '../../../client/index.ts';
import type { ConfigurationFile } from './load.ts';

/** The points at which a plugin takes part in scheduling, in the order in which upstream fills them (runtime/framework.go). */
export const extensionPoints = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
] as const;

export type ExtensionPoint = (typeof extensionPoints)[number];

export interface PluginEntry {
  readonly name: string;
  readonly weight?: number;
}

/** What a configuration says of one extension point. */
export interface PluginSet {
  readonly enabled?: readonly PluginEntry[];
  readonly disabled?: readonly PluginEntry[];
}

export type Plugins = Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>>;

/** One profile with all defaults filled in. */
export interface ProfileConfiguration {
  readonly schedulerName: string;
  /** Of all nodes, how many must be found before the search ends; undefined leaves it to the global setting. */
  readonly percentageOfNodesToScore: number | undefined;
  /** The profile's own plugins merged into the default ones. */
  readonly plugins: Plugins;
  /** Arguments by plugin, defaulted; plugins that are not known keep what the file says. */
  readonly pluginConfig: ReadonlyMap<string, unknown>;
}

export interface LeaderElectionConfiguration extends LeaderElectionTimes {
  readonly leaderElect: boolean;
  readonly resourceLock: string;
  readonly resourceName: string;
  readonly resourceNamespace: string;
}

/** Certificates by path, or as base64 of their PEM, which takes precedence. */
export type ExtenderTLS = Readonly<Partial<Record<`${'ca' | 'cert' | 'key'}${'File' | 'Data'}` | 'serverName', string>>> & {
  readonly insecure?: boolean;
};

/** A server that is asked about nodes; an empty verb is not asked. */
export interface ExtenderConfiguration {
  readonly urlPrefix: string;
  readonly filterVerb: string;
  readonly prioritizeVerb: string;
  readonly preemptVerb: string;
  readonly bindVerb: string;
  readonly weight: number;
  readonly enableHTTPS: boolean;
  readonly tls: ExtenderTLS | undefined;
  readonly httpTimeoutMs: number;
  /** Whether it wants names of nodes only. */
  readonly nodeCacheCapable: boolean;
  readonly managedResources: readonly { readonly name: string; readonly ignoredByScheduler: boolean }[];
  /** Whether Pods are scheduled without it while it is away. */
  readonly isIgnorable: boolean;
}

/** A KubeSchedulerConfiguration (kube-scheduler/config/v1) that has been read, defaulted and found valid. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ProfileConfiguration[];
  /** 0: as the size of the cluster suggests. */
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffMs: number;
  readonly podMaxBackoffMs: number;
  readonly leaderElection: LeaderElectionConfiguration;
  /** The path that clientConnection names; '' is none. */
  readonly kubeconfig: string;
  readonly extenders: readonly ExtenderConfiguration[];
  /** As it was written. */
  readonly file: ConfigurationFile;
  /** Settings of the file that change nothing here. */
  readonly withoutEffect: readonly string[];
}

/** A configuration that the scheduler does not start with; the message is upstream's. */
export class ConfigurationError extends Error {}
