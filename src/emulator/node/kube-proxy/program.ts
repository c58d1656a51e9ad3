import { nodes } from '../../api/core/node.ts';
import { services } from '../../api/core/service.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { Node } from '../../api/generated/types.ts';
import { serviceCIDRs } from '../../api/networking/service-cidr.ts';
import type { Client, RestConfig } from '../../client/index.ts';
import { connectClient, Informer, inClusterConfig, KubeconfigError, loadKubeconfig } from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import type { Flags } from '../../control-plane/component-base/flags.ts';
import { parseFlags } from '../../control-plane/component-base/flags.ts';
import { releaseOf } from '../../control-plane/component-base/release.ts';
import { klog } from '../../control-plane/component-base/klog.ts';
import type { Call, HttpHandler, Program, Sys } from '../../kernel/index.ts';
import { civilTime, isErrno, textOf } from '../../kernel/index.ts';
import type { NodeNetwork } from '../network/index.ts';
import { familyOf, Namespace, parseBlock, parseBlocks, resolveHost, textResponse } from '../network/index.ts';
import type { Configuration } from './configuration.ts';
import { ConfigurationError, parseConfiguration, ValidationError } from './configuration.ts';
import { HealthServers } from './health-servers.ts';
import { Proxier } from './proxier.ts';
import { NodeTables } from './node-tables.ts';
import { RuleTable } from './rule-table.ts';
import type { ServiceTable } from './service-table.ts';
import { VirtualServerTable } from './virtual-servers.ts';

const flagTypes: FlagTypes = { cleanup: 'boolean', config: 'string', 'hostname-override': 'string', v: 'integer' };

/** What a start needs, or the error that ends it. */
function readOptions(
  sys: Sys,
  flags: Flags,
): { readonly configuration: Configuration; readonly rest: RestConfig; readonly nodeName: string } | { readonly error: string } {
  const path = flags.text('config');
  if (path === undefined)
    return { error: 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable' };
  try {
    const configuration = parseConfiguration(textOf(sys.fs.readFile(path)));
    const nodeName = (flags.text('hostname-override') ?? '') || configuration.hostnameOverride || sys.hostname;
    return { configuration, rest: readRest(sys, configuration), nodeName };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { error: `failed complete: open ${path}: no such file or directory` };
    if (error instanceof ValidationError) return { error: `failed validate: ${error.message}` };
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

/** What proxies have left on the node. */
function tablesOf(sys: Sys, node: NodeNetwork): NodeTables {
  if (node.nat instanceof NodeTables) return node.nat;
  const tables = new NodeTables(sys.kernel);
  node.nat = tables;
  return tables;
}

function configure(table: ServiceTable, configuration: Configuration, node: NodeNetwork): void {
  table.clusterCIDRs = parseBlocks(configuration.clusterCIDR);
  table.masqueradesAll = configuration.masqueradesAll;
  table.hasLocalhostNodePorts = configuration.mode === 'iptables' && configuration.hasLocalhostNodePorts;
  table.nodePortBlocks = configuration.nodePortAddresses.flatMap((block) => {
    if (block !== 'primary') return parseBlock(block) ?? [];
    return node.namespace.addresses.flatMap((ip) => parseBlock(`${ip}/${familyOf(ip) === 'IPv6' ? 128 : 32}`) ?? []);
  });
  if (table instanceof VirtualServerTable) table.scheduler = configuration.scheduler || 'rr';
}

/** What a proxy says of itself before it begins (server.go, server_linux.go). */
function announce(sys: Sys, configuration: Configuration, node: NodeNetwork): void {
  const { mode, hasMode, scheduler, nodePortAddresses, clusterCIDR } = configuration;
  for (const field of configuration.ignored)
    klog(sys, 'W', 'server.go:115', `"The field changes nothing in this emulator" field="${field}"`);
  if (!hasMode) klog(sys, 'I', 'server_linux.go:53', '"Using iptables proxy"');
  klog(sys, 'I', 'server.go:715', `"Successfully retrieved NodeIPs" NodeIPs=["${node.namespace.addresses.join('","')}"]`);
  if (nodePortAddresses.length === 0)
    klog(
      sys,
      'E',
      'server.go:256',
      '"Kube-proxy configuration may be incomplete or incorrect" err="nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`"',
    );
  if (clusterCIDR === '')
    klog(
      sys,
      'I',
      'server_linux.go:443',
      `"Detect-local-mode set to ClusterCIDR, but no cluster CIDR specified for primary IP family" ipFamily="${familyOf(node.ip)}" clusterCIDRs=null`,
    );
  klog(sys, 'I', 'server_linux.go:132', `"Using ${mode} Proxier"`);
  if (mode === 'ipvs' && scheduler === '')
    klog(sys, 'I', 'proxier.go:364', `"IPVS scheduler not specified, use rr by default" ipFamily="${familyOf(node.ip)}"`);
  klog(sys, 'I', 'server.go:527', `"Version info" version="${releaseOf(sys)}"`);
}

function* addressOf(sys: Sys, { server }: RestConfig): Call<{ readonly ip: string; readonly port: number }> {
  return { ip: yield* resolveHost(sys, server.ip), port: server.port };
}

/** Healthy while no change has waited for two sync periods (pkg/proxy/healthcheck). */
function isHealthy(sys: Sys, { lastSyncMs, queuedMs }: Proxier): boolean {
  return lastSyncMs !== undefined && (queuedMs === undefined || sys.nowMs - queuedMs < 60_000);
}

/** Follows the labels of the proxy's node from the first call on: they say in which zone it is. */
function zoneWatcher(sys: Sys, client: Client, table: ServiceTable): () => void {
  let informer: Informer<Node> | undefined;
  return () => {
    if (informer) return;
    informer = new Informer(sys.kernel, client, nodes, { fieldSelector: `metadata.name=${table.nodeName}` });
    informer.onChange(({ object }) => {
      table.setZone(object.metadata.labels?.['topology.kubernetes.io/zone']);
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

/** Mode nftables drops packets to addresses of Services that no Service has, so it follows which addresses these are. */
function watchServiceCIDRs(sys: Sys, client: Client, table: RuleTable): void {
  const informer = new Informer(sys.kernel, client, serviceCIDRs);
  const read = (): void => {
    table.serviceCIDRs = [...informer.values()].flatMap(({ spec }) => spec?.cidrs ?? []).flatMap((block) => parseBlock(block) ?? []);
  };
  informer.onChange(read);
  informer.onSync(read);
  sys.own(() => informer.stop());
  informer.start();
}

/** `/proxyMode` of port 10249, which is how one finds out what a proxy does. */
const metrics = (mode: string): HttpHandler =>
  function* ({ target }) {
    if (target === '/proxyMode') return textResponse(200, mode);
    if (target === '/healthz') return textResponse(200, 'ok');
    return textResponse(404, '404 page not found\n');
  };

/** `kube-proxy`: programs the node that its network namespace belongs to, in the mode that its configuration names. */
export const kubeProxy: Program = function* (sys) {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    yield* sys.print(2, `Error: ${parsed.error}\n`);
    return 1;
  }
  const { net } = sys;
  if (!(net instanceof Namespace)) throw new Error('kube-proxy needs the wire');
  // Without the host's network it programs tables that no packet meets, as on Linux.
  const tables = net.isRoot ? tablesOf(sys, net.node) : new NodeTables(sys.kernel);
  if (parsed.flags.boolean('cleanup', false)) {
    tables.clean(['iptables', 'ipvs', 'nftables']);
    return 0;
  }
  const options = readOptions(sys, parsed.flags);
  if ('error' in options) {
    klog(sys, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(options.error)}`);
    return 1;
  }
  const { configuration, rest, nodeName } = options;
  announce(sys, configuration, net.node);
  const table = tables.open(configuration.mode, nodeName);
  configure(table, configuration, net.node);
  // The token is read again for each session: the kubelet rotates it.
  const credential = function* () {
    return readRest(sys, configuration).credential;
  };
  const client = connectClient({
    kernel: sys.kernel,
    net,
    server: yield* addressOf(sys, rest),
    credential,
    authorities: rest.authorities,
    agent: 'kube-proxy',
  });
  sys.own(() => client.close());
  if (table instanceof RuleTable && table.mode === 'nftables') watchServiceCIDRs(sys, client, table);
  run(sys, net, client, { configuration, tables, table, server: `https://${rest.server.ip}:${rest.server.port}` });
  yield* sys.pause();
  return 0;
};

interface Parts {
  readonly configuration: Configuration;
  readonly tables: NodeTables;
  readonly table: ServiceTable;
  /** As its kubeconfig has it. */
  readonly server: string;
}

/** What client-go says of a list that failed (tools/cache/reflector.go, DefaultWatchErrorHandler). */
function watchFailure(kind: string, url: string, error: Error): string {
  const selector = encodeURIComponent('!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name').replaceAll('!', '%21');
  const why = isErrno(error) ? `Get "${url}?labelSelector=${selector}&limit=500&resourceVersion=0": ${error.message}` : error.message;
  return `"Failed to watch" err=${JSON.stringify(`failed to list *v1.${kind}: ${why}`)} logger="UnhandledError" reflector="k8s.io/client-go/informers/factory.go:160" type="*v1.${kind}"`;
}

/** Watches, programs and answers until the process ends. */
function run(sys: Sys, net: Namespace, client: Client, { configuration, tables, table, server }: Parts): void {
  const informers = {
    services: new Informer(sys.kernel, client, services),
    slices: new Informer(sys.kernel, client, endpointSlices, { labelSelector: '!service.kubernetes.io/headless' }),
  };
  const health = new HealthServers(
    net,
    () => isHealthy(sys, proxier),
    (message) => klog(sys, 'E', 'service_health.go:190', `"Failed to start healthcheck" err=${JSON.stringify(message)}`),
  );
  const proxier = new Proxier(sys.kernel, table, informers, {
    minSyncPeriodMs: configuration.minSyncPeriodMs,
    health,
    onHints: zoneWatcher(sys, client, table),
    onRestore: () => tables.restore(table),
    node: net.node,
  });
  sys.own(() => health.close());
  sys.own(() => proxier.stop());
  for (const [port, http] of [
    [configuration.healthzPort, healthz(sys, proxier)],
    [configuration.metricsPort, metrics(configuration.mode)],
  ] as const) {
    const ip = port === configuration.metricsPort ? configuration.metricsIP : undefined;
    const listener = net.listen(port, { http }, ip === undefined ? {} : { ip });
    sys.own(() => listener.close());
  }
  klog(sys, 'I', 'config.go:200', '"Starting service config controller"');
  klog(sys, 'I', 'config.go:106', '"Starting endpoint slice config controller"');
  const paths = { Service: '/api/v1/services', EndpointSlice: '/apis/discovery.k8s.io/v1/endpointslices' };
  for (const informer of [informers.services, informers.slices]) {
    const kind = informer.kind.kind as keyof typeof paths;
    informer.onFailure = (error) => klog(sys, 'E', 'reflector.go:205', watchFailure(kind, `${server}${paths[kind]}`, error));
    sys.own(() => informer.stop());
    informer.start();
  }
}
