/** The kubelet's flags and its KubeletConfiguration file, as kubeadm writes them. */

import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import type { FileSystem } from '../../kernel/index.ts';
import { textOf } from '../../kernel/index.ts';
import { parseYaml } from '../../machinery/yaml.ts';

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
}

interface ConfigurationFile {
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
  'evictionPressureTransitionPeriod',
  'fileCheckFrequency',
  'healthzBindAddress',
  'healthzPort',
  'httpCheckFrequency',
  'imageMaximumGCAge',
  'imageMinimumGCAge',
  'kind',
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
  'volumeStatsAggPeriod',
]);

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
  const configuration = make(file);
  if (parsed.size > 100) parsed.clear();
  parsed.set(text, configuration);
  return configuration;
}

function make(file: ConfigurationFile): KubeletConfiguration {
  return {
    clusterDNS: file.clusterDNS ?? [],
    clusterDomain: file.clusterDomain ?? '',
    staticPodPath: file.staticPodPath,
    maxPods: file.maxPods ?? 110,
    port: file.port ?? 10_250,
  };
}
