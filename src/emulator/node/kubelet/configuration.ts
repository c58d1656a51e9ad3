/** The kubelet's flags and its KubeletConfiguration file, as kubeadm writes them. */

import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import type { FileSystem } from '../../kernel/index.ts';
import { textOf } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import { parseYaml } from '../../machinery/yaml.ts';
import { decodeProblem, fieldsWithoutEffect, unknownFields } from './configuration-fields.ts';
import type { EvictionFields, EvictionSettings } from './eviction-thresholds.ts';
import type { GateSettings } from './gate.ts';
import type { ImageGCSettings } from './image-gc.ts';
import { evictionSettings, unmeasured } from './eviction-thresholds.ts';
import type { ServingSettings } from './serving-certificate.ts';
import type { ShutdownFields, ShutdownGroup } from './shutdown.ts';
import { shutdownGroups } from './shutdown.ts';

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
  /** How many processes a Pod may have; undefined for as many as there are. */
  readonly podPidsLimit: number | undefined;
  readonly port: number;
  readonly serving: ServingSettings;
  readonly imageGC: ImageGCSettings;
  readonly shutdown: readonly ShutdownGroup[];
  /** Whether the kubelet renews its client certificate. */
  readonly rotatesCertificates: boolean;
  readonly eviction: EvictionSettings;
  /** Who may ask the kubelet's server. */
  readonly gate: GateSettings;
  /** What is kept back from Pods: for the system, for Kubernetes itself, and for eviction. */
  readonly reserved: Reserved;
  /** Fields that are set and change nothing here. */
  readonly withoutEffect: readonly string[];
  /** Fields that there are not. */
  readonly unknownFields: readonly string[];
}

export interface Reserved {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

interface ConfigurationFile extends EvictionFields, ShutdownFields {
  readonly kubeReserved?: Readonly<Record<string, string>>;
  readonly systemReserved?: Readonly<Record<string, string>>;
  readonly kind?: string;
  readonly authentication?: {
    readonly anonymous?: { readonly enabled?: boolean };
    readonly webhook?: { readonly enabled?: boolean };
    readonly x509?: { readonly clientCAFile?: string };
  };
  readonly authorization?: { readonly mode?: string };
  readonly apiVersion?: string;
  readonly clusterDNS?: readonly string[];
  readonly clusterDomain?: string;
  readonly staticPodPath?: string;
  readonly maxPods?: number;
  readonly podPidsLimit?: number;
  readonly port?: number;
  readonly rotateCertificates?: boolean;
  readonly serverTLSBootstrap?: boolean;
  readonly tlsCertFile?: string;
  readonly imageGCHighThresholdPercent?: number;
  readonly imageGCLowThresholdPercent?: number;
  readonly imageMinimumGCAge?: string;
  readonly imageMaximumGCAge?: string;
}

/** A configuration that the kubelet refuses to start with. */
export class ConfigurationFileError extends Error {}

/** Nodes mostly have the same file, so it is parsed once. */
const parsed = new Map<string, KubeletConfiguration>();

export function loadConfiguration(fs: FileSystem, path: string | undefined): KubeletConfiguration {
  if (path === undefined) return make({});
  const refuse = (why: string): ConfigurationFileError =>
    new ConfigurationFileError(
      `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error ${why}`,
    );
  if (fs.find(path)?.kind !== 'file')
    throw refuse(`failed to read kubelet config file ${JSON.stringify(path)}, error: open ${path}: no such file or directory`);
  const text = textOf(fs.readFile(path));
  const known = parsed.get(text);
  if (known) return known;
  const file = decode(text, refuse);
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

/** What the file says, with values of the right types (pkg/kubelet/kubeletconfig/util/codec/codec.go). */
function decode(text: string, refuse: (why: string) => ConfigurationFileError): ConfigurationFile {
  let file: ConfigurationFile | null;
  try {
    file = parseYaml(text) as ConfigurationFile | null;
  } catch (error) {
    throw refuse(`failed to decode: ${(error as Error).message.split('\n')[0]!.replace(/^error converting YAML to JSON: /, '')}`);
  }
  if (text.trim() === '') throw refuse('kubelet config file was empty');
  if (typeof file !== 'object' || file === null)
    throw refuse(
      "failed to decode: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string; Kind string }",
    );
  if (!file.kind) throw refuse(`failed to decode: Object 'Kind' is missing in '${JSON.stringify(file)}'`);
  if (file.kind !== 'KubeletConfiguration' || file.apiVersion !== 'kubelet.config.k8s.io/v1beta1')
    throw refuse(
      `failed to decode: no kind ${JSON.stringify(file.kind)} is registered for version ${JSON.stringify(file.apiVersion ?? '')} in scheme "pkg/kubelet/apis/config/scheme/scheme.go:33"`,
    );
  const problem = decodeProblem(file);
  if (problem !== undefined) throw refuse(`failed to decode: ${problem}`);
  return file;
}

/** Throws an Error in the words of pkg/kubelet/apis/config/validation. */
function imageGCSettings(file: ConfigurationFile): ImageGCSettings {
  const { imageGCHighThresholdPercent: highPercent = 85, imageGCLowThresholdPercent: lowPercent = 80 } = file;
  const invalid = (why: string): Error => new Error(`invalid configuration: ${why}`);
  for (const [name, value] of [
    ['imageGCHighThresholdPercent', highPercent],
    ['imageGCLowThresholdPercent', lowPercent],
  ] as const)
    if (value < 0 || value > 100) throw invalid(`${name} ${value} must be between 0 and 100, inclusive`);
  if (lowPercent >= highPercent)
    throw invalid(
      `imageGCLowThresholdPercent (--image-gc-low-threshold) ${lowPercent} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) ${highPercent}`,
    );
  return {
    highPercent,
    lowPercent,
    minimumAgeMs: parseDuration(file.imageMinimumGCAge ?? '') || 120_000,
    maximumAgeMs: parseDuration(file.imageMaximumGCAge ?? '') ?? 0,
  };
}

function make(file: ConfigurationFile): KubeletConfiguration {
  const eviction = evictionSettings(file);
  const hard = eviction.thresholds.find(({ signal, graceMs }) => signal === 'memory.available' && graceMs === 0);
  const { kubeReserved = {}, systemReserved = {} } = file;
  const sum = (name: string, of: (text: string) => number): number => of(kubeReserved[name] ?? '0') + of(systemReserved[name] ?? '0');
  return {
    eviction,
    withoutEffect: [...fieldsWithoutEffect(file), ...unmeasured(file).map((signal) => `eviction signal ${signal}`)],
    unknownFields: unknownFields(file),
    gate: {
      isAnonymousAllowed: file.authentication?.anonymous?.enabled ?? false,
      reviewsTokens: file.authentication?.webhook?.enabled ?? true,
      clientCAFile: file.authentication?.x509?.clientCAFile,
      mode: file.authorization?.mode ?? 'Webhook',
    },
    reserved: { cpuMilli: sum('cpu', milliValue), memoryBytes: sum('memory', quantityValue) + (hard?.bytes ?? 0) },
    clusterDNS: file.clusterDNS ?? [],
    clusterDomain: file.clusterDomain ?? '',
    staticPodPath: file.staticPodPath,
    maxPods: file.maxPods ?? 110,
    podPidsLimit: (file.podPidsLimit ?? -1) > 0 ? file.podPidsLimit : undefined,
    port: file.port ?? 10_250,
    serving: { certFile: file.tlsCertFile, asksCluster: file.serverTLSBootstrap ?? false },
    imageGC: imageGCSettings(file),
    shutdown: shutdownGroups(file),
    rotatesCertificates: file.rotateCertificates ?? false,
  };
}
