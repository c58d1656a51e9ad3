/** The kubelet's flags and its KubeletConfiguration file, as kubeadm writes them. */

import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import type { FileSystem } from '../../kernel/index.ts';
import { textOf } from '../../kernel/index.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import { parseYaml } from '../../machinery/yaml.ts';
import type { EvictionFields, EvictionSettings } from './eviction-thresholds.ts';
import { evictionSettings, unmeasured } from './eviction-thresholds.ts';

/** Flags that kubeadm's unit passes, and the few that an administrator adds. */
export const flagTypes: FlagTypes = {
  'bootstrap-kubeconfig': 'string',
  config: 'string',
  'container-runtime-endpoint': 'string',
  'hostname-override': 'string',
  kubeconfig: 'string',
  'node-ip': 'string',
  'node-labels': 'list',
  'pod-infra-container-image': 'string',
  'register-with-taints': 'list',
  v: 'integer',
};

export interface KubeletConfiguration {
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly staticPodPath: string | undefined;
  readonly maxPods: number;
  readonly port: number;
  readonly eviction: EvictionSettings;
  /** What is kept back from Pods: for the system, for Kubernetes itself, and for eviction. */
  readonly reserved: Reserved;
  /** Fields that are set and change nothing here. */
  readonly withoutEffect: readonly string[];
}

export interface Reserved {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

interface ConfigurationFile extends EvictionFields {
  readonly kubeReserved?: Readonly<Record<string, string>>;
  readonly systemReserved?: Readonly<Record<string, string>>;
  readonly kind?: string;
  readonly clusterDNS?: readonly string[];
  readonly clusterDomain?: string;
  readonly staticPodPath?: string;
  readonly maxPods?: number;
  readonly port?: number;
}

/** Fields that kubeadm writes or that the course uses; another one is refused as strict decoding does. */
const knownFields = new Set([
  'apiVersion',
  'authentication',
  'authorization',
  'cgroupDriver',
  'clusterDNS',
  'clusterDomain',
  'containerRuntimeEndpoint',
  'cpuManagerReconcilePeriod',
  'crashLoopBackOff',
  'evictionHard',
  'evictionMaxPodGracePeriod',
  'evictionMinimumReclaim',
  'evictionPressureTransitionPeriod',
  'evictionSoft',
  'evictionSoftGracePeriod',
  'fileCheckFrequency',
  'healthzBindAddress',
  'healthzPort',
  'httpCheckFrequency',
  'imageMaximumGCAge',
  'imageMinimumGCAge',
  'kind',
  'kubeReserved',
  'logging',
  'maxPods',
  'memorySwap',
  'nodeStatusReportFrequency',
  'nodeStatusUpdateFrequency',
  'port',
  'resolvConf',
  'rotateCertificates',
  'runtimeRequestTimeout',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
  'staticPodPath',
  'streamingConnectionIdleTimeout',
  'syncFrequency',
  'systemReserved',
  'volumeStatsAggPeriod',
]);

/** Known, and without effect here unless they say what is the case anyway. */
const ignored = [
  'crashLoopBackOff',
  'evictionMinimumReclaim',
  'imageMaximumGCAge',
  'imageMinimumGCAge',
  'memorySwap',
  'shutdownGracePeriod',
  'shutdownGracePeriodCriticalPods',
] as const;

/** Empty values and times of zero stand for the default. */
function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '' && value !== '0s';
}

/** A configuration that the kubelet refuses to start with. */
export class ConfigurationFileError extends Error {}

/** Nodes mostly have the same file, so it is parsed once. */
const parsed = new Map<string, KubeletConfiguration>();

export function loadConfiguration(fs: FileSystem, path: string | undefined): KubeletConfiguration {
  if (path === undefined) return make({});
  const text = textOf(fs.readFile(path));
  const known = parsed.get(text);
  if (known) return known;
  let file: ConfigurationFile | null;
  try {
    file = parseYaml(text) as ConfigurationFile | null;
  } catch (error) {
    throw new ConfigurationFileError(
      `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error couldn't get version/kind; json parse error: ${(error as Error).message.split('\n')[0]}`,
    );
  }
  if (file?.kind !== 'KubeletConfiguration')
    throw new ConfigurationFileError(
      `failed to load kubelet config file, path: ${path}, error: failed to decode, no kind ${JSON.stringify(file?.kind ?? '')} is registered`,
    );
  const unknown = Object.keys(file).find((field) => !knownFields.has(field));
  if (unknown !== undefined)
    throw new ConfigurationFileError(
      `failed to load kubelet config file, path: ${path}, error: failed to decode: strict decoding error: unknown field ${JSON.stringify(unknown)}`,
    );
  let configuration: KubeletConfiguration;
  try {
    configuration = make(file);
  } catch (error) {
    throw new ConfigurationFileError(`failed to run Kubelet: ${(error as Error).message}`);
  }
  if (parsed.size > 100) parsed.clear();
  parsed.set(text, configuration);
  return configuration;
}

function make(file: ConfigurationFile): KubeletConfiguration {
  const eviction = evictionSettings(file);
  const hard = eviction.thresholds.find(({ signal, graceMs }) => signal === 'memory.available' && graceMs === 0);
  const { kubeReserved = {}, systemReserved = {} } = file;
  const sum = (name: string, of: (text: string) => number): number => of(kubeReserved[name] ?? '0') + of(systemReserved[name] ?? '0');
  return {
    eviction,
    withoutEffect: [
      ...ignored.filter((field) => isSet((file as Readonly<Record<string, unknown>>)[field])),
      ...unmeasured(file).map((signal) => `eviction signal ${signal}`),
    ],
    reserved: { cpuMilli: sum('cpu', milliValue), memoryBytes: sum('memory', quantityValue) + (hard?.bytes ?? 0) },
    clusterDNS: file.clusterDNS ?? [],
    clusterDomain: file.clusterDomain ?? '',
    staticPodPath: file.staticPodPath,
    maxPods: file.maxPods ?? 110,
    port: file.port ?? 10_250,
  };
}
