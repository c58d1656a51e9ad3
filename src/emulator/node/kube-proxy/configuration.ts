/** KubeProxyConfiguration, kubeproxy.config.k8s.io/v1alpha1: the file behind `--config`, which kubeadm keeps in a ConfigMap. */
import { parseYaml } from '../../machinery/yaml.ts';
import type { ProxyMode } from './service-table.ts';
import { isIPv6Text, unbracketed } from '../../machinery/ipv6.ts';

export interface Configuration {
  readonly mode: ProxyMode;
  /** Whether the file says so, or the proxy chose. */
  readonly hasMode: boolean;
  /** Of mode ipvs; empty for the default, rr. */
  readonly scheduler: string;
  readonly clusterCIDR: string;
  readonly hostnameOverride: string;
  readonly kubeconfig: string;
  readonly healthzPort: number;
  readonly metricsPort: number;
  /** On which of the node's addresses the metrics are; undefined: on all. */
  readonly metricsIP: string | undefined;
  readonly minSyncPeriodMs: number;
  /** Every packet to a ClusterIP is masqueraded. */
  readonly masqueradesAll: boolean;
  /** Whether node ports answer on 127.0.0.1. */
  readonly hasLocalhostNodePorts: boolean;
  /** Blocks of the node's addresses on which node ports answer, or `primary`; all when empty. */
  readonly nodePortAddresses: readonly string[];
  /** What is set and changes nothing here, for a warning. */
  readonly ignored: readonly string[];
}

/** A file or flag that kube-proxy does not start with; the message is upstream's. */
export class ConfigurationError extends Error {}

/** A file that can be read and says what cannot be. */
export class ValidationError extends ConfigurationError {}

/** Fields that exist; those that change nothing here are listed with the rest, since upstream accepts them. */
const fields: Readonly<Record<string, readonly string[] | undefined>> = {
  '': [
    'apiVersion',
    'kind',
    'bindAddress',
    'bindAddressHardFail',
    'clientConnection',
    'clusterCIDR',
    'configSyncPeriod',
    'conntrack',
    'detectLocal',
    'detectLocalMode',
    'enableProfiling',
    'featureGates',
    'healthzBindAddress',
    'hostnameOverride',
    'iptables',
    'ipvs',
    'logging',
    'metricsBindAddress',
    'mode',
    'nftables',
    'nodePortAddresses',
    'oomScoreAdj',
    'portRange',
    'showHiddenMetricsForVersion',
    'winkernel',
    'windowsRunAsService',
  ],
  clientConnection: ['acceptContentTypes', 'burst', 'contentType', 'kubeconfig', 'qps'],
  iptables: ['localhostNodePorts', 'masqueradeAll', 'masqueradeBit', 'minSyncPeriod', 'syncPeriod'],
  ipvs: ['excludeCIDRs', 'minSyncPeriod', 'scheduler', 'strictARP', 'syncPeriod', 'tcpFinTimeout', 'tcpTimeout', 'udpTimeout'],
  nftables: ['masqueradeAll', 'masqueradeBit', 'minSyncPeriod', 'syncPeriod'],
};

type Section = Readonly<Record<string, unknown>>;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration, 0 when it is none. */
function durationMs(text: unknown): number {
  let total = 0;
  for (const [, value, unit] of String(text ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(value) * units[unit!]!;
  return total;
}

function portOf(address: unknown, fallback: number): number {
  const match = /:(\d+)$/.exec(String(address ?? ''));
  return match ? Number(match[1]) : fallback;
}

/** Unless the file says otherwise, the loopback of the family that the proxy binds to. */
function metricsIPOf({ bindAddress, metricsBindAddress }: Section): string | undefined {
  const host = unbracketed(String(metricsBindAddress ?? '').replace(/:\d+$/, ''));
  if (host === '') return isIPv6Text(String(bindAddress ?? '')) ? '::1' : '127.0.0.1';
  return host === '0.0.0.0' || host === '::' ? undefined : host;
}

/** The file that was read last: every node's proxy reads the same. */
let last: { readonly text: string; readonly configuration: Configuration } | undefined;

const modes: readonly string[] = ['iptables', 'ipvs', 'nftables'];
const schedulers: readonly string[] = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', ''];

/** Reads the file strictly. Throws a `ConfigurationError`. */
export function parseConfiguration(text: string): Configuration {
  if (last?.text !== text) last = { text, configuration: read(text) };
  return last.configuration;
}

function read(text: string): Configuration {
  let root: unknown;
  try {
    root = parseYaml(text);
  } catch (error) {
    throw new ConfigurationError(`failed to decode: ${(error as Error).message}`);
  }
  const file = asSection(root);
  if (file.kind !== 'KubeProxyConfiguration' || file.apiVersion !== 'kubeproxy.config.k8s.io/v1alpha1') {
    throw new ConfigurationError(`no kind "${file.kind ?? ''}" is registered for version "${file.apiVersion ?? ''}" in scheme`);
  }
  checkFields(file);
  const mode = modeOf(file);
  const client = asSection(file.clientConnection);
  const [iptables, ipvs, nftables] = [asSection(file.iptables), asSection(file.ipvs), asSection(file.nftables)];
  const nodePortAddresses = Array.isArray(file.nodePortAddresses) ? file.nodePortAddresses.map(String) : [];
  return {
    mode,
    hasMode: Boolean(file.mode),
    scheduler: schedulerOf(mode, ipvs),
    clusterCIDR: String(file.clusterCIDR ?? ''),
    hostnameOverride: String(file.hostnameOverride ?? ''),
    kubeconfig: String(client.kubeconfig ?? ''),
    healthzPort: portOf(file.healthzBindAddress, 10_256),
    metricsPort: portOf(file.metricsBindAddress, 10_249),
    metricsIP: metricsIPOf(file),
    minSyncPeriodMs:
      mode === 'ipvs' ? durationMs(ipvs.minSyncPeriod) : durationMs((mode === 'nftables' ? nftables : iptables).minSyncPeriod) || 1000,
    masqueradesAll: (mode === 'nftables' ? nftables : iptables).masqueradeAll === true,
    hasLocalhostNodePorts: iptables.localhostNodePorts !== false,
    nodePortAddresses: nodePortAddresses.length === 0 && mode === 'nftables' ? ['primary'] : nodePortAddresses,
    ignored: ignoredFields(file),
  };
}

/** Differs from Kubernetes: Pods are told from other sources by clusterCIDR only, and kernel tunables change nothing. */
function ignoredFields(file: Section): readonly string[] {
  const isSet = (value: unknown): boolean =>
    value !== undefined &&
    value !== null &&
    value !== '' &&
    value !== 0 &&
    value !== '0s' &&
    value !== false &&
    (value as { length?: number }).length !== 0;
  const names = ['conntrack', 'detectLocal', 'featureGates', 'oomScoreAdj', 'portRange', 'winkernel'].filter(
    (name) => Object.values(asSection(file[name])).some(isSet) || (typeof file[name] !== 'object' && isSet(file[name])),
  );
  for (const section of ['iptables', 'ipvs', 'nftables'])
    for (const name of ['excludeCIDRs', 'masqueradeBit', 'strictARP', 'tcpFinTimeout', 'tcpTimeout', 'udpTimeout'])
      if (isSet(asSection(file[section])[name])) names.push(`${section}.${name}`);
  const mode = file.detectLocalMode;
  return isSet(mode) && mode !== 'ClusterCIDR' ? [...names, 'detectLocalMode'] : names;
}

function modeOf(file: Section): ProxyMode {
  const mode = String(file.mode ?? '');
  if (mode === '') return 'iptables';
  if (!modes.includes(mode))
    throw new ValidationError(
      `KubeProxyConfiguration.Mode.ProxyMode: Invalid value: "${mode}": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])`,
    );
  return mode as ProxyMode;
}

function schedulerOf(mode: ProxyMode, { scheduler }: Section): string {
  const name = String(scheduler ?? '');
  if (mode === 'ipvs' && !schedulers.includes(name))
    throw new ValidationError(
      `KubeProxyConfiguration.KubeProxyIPVSConfiguration.Scheduler.Scheduler: Invalid value: "${name}": must be in [${schedulers.join(' ')}], blank means the default algorithm method (currently rr)`,
    );
  return name;
}

function asSection(value: unknown): Section {
  return typeof value === 'object' && value !== null ? (value as Section) : {};
}

function checkFields(file: Section): void {
  for (const [section, known] of Object.entries(fields)) {
    const values = section === '' ? file : asSection(file[section]);
    const unknown = Object.keys(values).find((name) => !known!.includes(name));
    if (unknown !== undefined)
      throw new ConfigurationError(`strict decoding error: unknown field "${section === '' ? '' : `${section}.`}${unknown}"`);
  }
}
