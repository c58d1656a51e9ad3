import { nodes } from '../../api/core/node.ts';
import { services } from '../../api/core/service.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { Node } from '../../api/generated/types.ts';
import type { Client, RestConfig } from '../../client/index.ts';
import { connectClient, Informer, inClusterConfig, KubeconfigError, loadKubeconfig } from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { parseFlags } from '../../control-plane/component-base/flags.ts';
import { klog } from '../../control-plane/component-base/klog.ts';
import type { Call, HttpHandler, Program, Sys } from '../../kernel/index.ts';
import { civilTime, isErrno, textOf } from '../../kernel/index.ts';
import type { NodeNetwork } from '../network/index.ts';
import { Namespace, parseCidr, resolveHost, textResponse } from '../network/index.ts';
import type { Configuration } from './configuration.ts';
import { ConfigurationError, parseConfiguration } from './configuration.ts';
import { HealthServers } from './health-servers.ts';
import { Proxier } from './proxier.ts';
import { RuleTable } from './rule-table.ts';

const flagTypes: FlagTypes = { config: 'string', 'hostname-override': 'string', v: 'integer' };

/** What a start needs, or the error that ends it. */
function readOptions(
  sys: Sys,
):
  | { readonly configuration: Configuration; readonly rest: RestConfig; readonly nodeName: string }
  | { readonly error: string; readonly isUsage?: boolean } {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) return { error: parsed.error, isUsage: true };
  const path = parsed.flags.text('config');
  if (path === undefined)
    return { error: 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable' };
  try {
    const configuration = parseConfiguration(textOf(sys.fs.readFile(path)));
    const nodeName = (parsed.flags.text('hostname-override') ?? '') || configuration.hostnameOverride || sys.hostname;
    return { configuration, rest: readRest(sys, configuration), nodeName };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { error: `failed complete: open ${path}: no such file or directory` };
    if (error instanceof ConfigurationError || error instanceof KubeconfigError) return { error: `failed complete: ${error.message}` };
    throw error;
  }
}

function readRest(sys: Sys, { kubeconfig }: Configuration): RestConfig {
  try {
    return kubeconfig === '' ? inClusterConfig(sys.fs, sys.env) : loadKubeconfig(sys.fs, kubeconfig);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    const missing = kubeconfig !== '' && !sys.fs.find(kubeconfig) ? kubeconfig : `a file that ${kubeconfig || 'the service account'} names`;
    throw new KubeconfigError(`unable to read ${missing}: ${error.message}`);
  }
}

/** The table of the node: the one that an earlier proxy left in the kernel, if any. */
function tableOf(sys: Sys, node: NodeNetwork, nodeName: string): RuleTable {
  if (node.nat instanceof RuleTable) return node.nat;
  const table = new RuleTable(sys.kernel, nodeName);
  node.nat = table;
  return table;
}

function configure(table: RuleTable, configuration: Configuration): void {
  table.clusterCIDR = parseCidr(configuration.clusterCIDR);
  table.masqueradesAll = configuration.masqueradesAll;
  table.hasLocalhostNodePorts = configuration.hasLocalhostNodePorts;
  table.nodePortBlocks = configuration.nodePortAddresses.flatMap((block) => parseCidr(block) ?? []);
}

function* addressOf(sys: Sys, { server }: RestConfig): Call<{ readonly ip: string; readonly port: number }> {
  return { ip: yield* resolveHost(sys, server.ip), port: server.port };
}

/** Healthy while no change has waited for two sync periods (pkg/proxy/healthcheck). */
function isHealthy(sys: Sys, { lastSyncMs, queuedMs }: Proxier): boolean {
  return lastSyncMs !== undefined && (queuedMs === undefined || sys.nowMs - queuedMs < 60_000);
}

/** Follows the labels of the proxy's node from the first call on: they say in which zone it is. */
function zoneWatcher(sys: Sys, client: Client, table: RuleTable): () => void {
  let informer: Informer<Node> | undefined;
  return () => {
    if (informer) return;
    informer = new Informer(sys.kernel, client, nodes, { fieldSelector: `metadata.name=${table.nodeName}` });
    informer.onChange(({ object }) => {
      table.zone = object.metadata.labels?.['topology.kubernetes.io/zone'];
    });
    sys.own(() => informer!.stop());
    informer.start();
  };
}

/** `/healthz` and `/livez` of port 10256. */
function healthz(sys: Sys, proxier: Proxier): HttpHandler {
  return function* ({ target }) {
    const path = target.replace(/\?.*/, '');
    if (path !== '/healthz' && path !== '/livez') return textResponse(404, '404 page not found\n');
    const { unixMs } = sys.kernel.clock;
    const times = { lastUpdated: goTime(unixMs - sys.nowMs + (proxier.lastSyncMs ?? 0)), currentTime: goTime(unixMs) };
    return textResponse(isHealthy(sys, proxier) ? 200 : 503, JSON.stringify(times), 'application/json');
  };
}

/** A time as Go's `String` prints it. */
function goTime(unixMs: number): string {
  const { year, month, day, hour, minute, second } = civilTime(unixMs);
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${year}-${pad(month)}-${pad(day)} ${pad(hour)}:${pad(minute)}:${pad(second)} +0000 UTC`;
}

/** `/proxyMode` of port 10249, which is how one finds out what a proxy does. */
const metrics: HttpHandler = function* ({ target }) {
  if (target === '/proxyMode') return textResponse(200, 'iptables');
  if (target === '/healthz') return textResponse(200, 'ok');
  return textResponse(404, '404 page not found\n');
};

/** `kube-proxy`, mode iptables: programs the node that its network namespace belongs to. */
export const kubeProxy: Program = function* (sys) {
  const options = readOptions(sys);
  if ('error' in options) {
    if (options.isUsage) yield* sys.print(2, `Error: ${options.error}\n`);
    else klog(sys, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(options.error)}`);
    return 1;
  }
  const { configuration, rest, nodeName } = options;
  if (!(sys.net instanceof Namespace)) throw new Error('kube-proxy needs the wire');
  // Without the host's network it programs a table that no packet meets, as on Linux.
  const table = sys.net.isRoot ? tableOf(sys, sys.net.node, nodeName) : new RuleTable(sys.kernel, nodeName);
  configure(table, configuration);
  for (const field of configuration.ignored)
    klog(sys, 'W', 'server.go:115', `"The field changes nothing in this emulator" field="${field}"`);
  klog(sys, 'I', 'server_linux.go:53', '"Using iptables proxy"');
  // The token is read again for each session: the kubelet rotates it.
  const credential = function* () {
    return readRest(sys, configuration).credential;
  };
  const client = connectClient({ kernel: sys.kernel, net: sys.net, server: yield* addressOf(sys, rest), credential, agent: 'kube-proxy' });
  sys.own(() => client.close());
  const informers = {
    services: new Informer(sys.kernel, client, services),
    slices: new Informer(sys.kernel, client, endpointSlices, { labelSelector: '!service.kubernetes.io/headless' }),
  };
  const health = new HealthServers(
    sys.net,
    () => isHealthy(sys, proxier),
    (message) => klog(sys, 'E', 'service_health.go:190', `"Failed to start healthcheck" err=${JSON.stringify(message)}`),
  );
  const proxier = new Proxier(sys.kernel, table, informers, {
    minSyncPeriodMs: configuration.minSyncPeriodMs,
    health,
    onHints: zoneWatcher(sys, client, table),
  });
  sys.own(() => health.close());
  sys.own(() => proxier.stop());
  for (const [port, http] of [
    [configuration.healthzPort, healthz(sys, proxier)],
    [configuration.metricsPort, metrics],
  ] as const) {
    const listener = sys.net.listen(port, { http }, port === configuration.metricsPort ? { ip: '127.0.0.1' } : {});
    sys.own(() => listener.close());
  }
  klog(sys, 'I', 'config.go:200', '"Starting service config controller"');
  klog(sys, 'I', 'config.go:106', '"Starting endpoint slice config controller"');
  for (const informer of [informers.services, informers.slices]) {
    sys.own(() => informer.stop());
    informer.start();
  }
  yield* sys.pause();
  return 0;
};
