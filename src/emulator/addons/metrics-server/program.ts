/** The command `metrics-server`. */
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import type { Node } from '../../api/generated/types.ts';
import { connectClient, Informer, inClusterConfig, KubeconfigError, readToken } from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { parseFlags } from '../../control-plane/component-base/flags.ts';
import { klog, warnWithoutEffect } from '../../control-plane/component-base/klog.ts';
import type { ByteString, Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { serveMetrics } from './api.ts';
import { PointStore } from './point-store.ts';
import { parseResourceMetrics } from './scrape.ts';
import { hostPort } from '../../machinery/ipv6.ts';

export const metricsServerVersion = 'v0.8.0';

const flagTypes: FlagTypes = {
  'cert-dir': 'string',
  'kubelet-insecure-tls': 'boolean',
  'kubelet-preferred-address-types': 'list',
  'kubelet-request-timeout': 'duration',
  'kubelet-use-node-status-port': 'boolean',
  'metric-resolution': 'duration',
  'secure-port': 'integer',
  v: 'integer',
};
/** Known, parsed and without effect here. */
const withoutEffect = ['cert-dir', 'v'];
const readyzPollMs = 1000;
/** How long a kubelet may take to answer. */
const requestTimeoutMs = 10_000;

const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: utf8(body),
});

interface Options {
  readonly resolutionMs: number;
  readonly token: () => string;
  readonly isInsecure: boolean;
  readonly usesStatusPort: boolean;
  readonly addressTypes: readonly string[];
}

/** Asks every kubelet again and again. */
class Scraper {
  readonly points = new PointStore();
  readonly nodes: Informer<Node>;
  readonly #sys: Sys;
  readonly #options: Options;
  #isStopped = false;

  constructor(sys: Sys, options: Options, informer: Informer<Node>) {
    this.#sys = sys;
    this.#options = options;
    this.nodes = informer;
  }

  /** Begins at once; rates are there after the second round. */
  readonly tick = (): void => {
    if (this.#isStopped) return;
    const { kernel } = this.#sys;
    kernel.loop.after(this.#options.resolutionMs, this.tick, undefined, true);
    this.points.keep(new Set([...this.nodes.values()].map(({ metadata }) => metadata.name)));
    // Differs from Kubernetes: all nodes are asked at the start of a round, not spread over it.
    for (const node of this.nodes.values()) kernel.fiber(this.#scrape(node), { background: true });
  };

  stop(): void {
    this.#isStopped = true;
  }

  *#scrape(node: Node): Call<void> {
    const { name } = node.metadata;
    const { isInsecure, usesStatusPort, addressTypes } = this.#options;
    const ip = addressTypes.map((wanted) => node.status?.addresses?.find(({ type }) => type === wanted)?.address).find(Boolean);
    const port = usesStatusPort ? (node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250) : 10_250;
    const url = `https://${hostPort(ip!, port)}/metrics/resource`;
    const failed = (why: string): void =>
      klog(this.#sys, 'E', 'scraper.go:149', `"Failed to scrape node" err=${JSON.stringify(why)} node=${JSON.stringify(name)}`);
    if (ip === undefined)
      return failed(`no address matched types [${addressTypes.join(' ')}], found ${node.status?.addresses?.length ?? 0}`);
    // A kubelet's own certificate names no address, and nobody signed it.
    if (!isInsecure)
      return failed(
        `Get "${url}": tls: failed to verify certificate: x509: cannot validate certificate for ${ip} because it doesn't contain any IP SANs`,
      );
    try {
      const request: HttpRequest = {
        method: 'GET',
        target: '/metrics/resource',
        headers: { 'user-agent': 'metrics-server', authorization: `Bearer ${this.#options.token()}` },
      };
      const { status, body } = yield* this.#sys.net.request({ ip, port }, request, { tls: true, timeoutMs: requestTimeoutMs });
      if (this.#isStopped) return;
      const point = status === 200 ? parseResourceMetrics(textOf(body as ByteString)) : undefined;
      if (!point) return failed(`request failed, status: "${status}"`);
      this.points.put(name, point);
    } catch (error) {
      if (!isErrno(error)) throw error;
      failed(
        error.code === 'ETIMEDOUT'
          ? `Get "${url}": context deadline exceeded`
          : `Get "${url}": dial tcp ${hostPort(ip, port)}: connect: ${error.message.toLowerCase()}`,
      );
    }
  }
}

/** `metrics-server --secure-port=10250 --metric-resolution=15s …`, in a Pod. */
export const metricsServer: Program = function* (sys): Call<number> {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    yield* sys.print(2, `Error: ${parsed.error}\n`);
    return 1;
  }
  const { flags } = parsed;
  let config: ReturnType<typeof inClusterConfig>;
  try {
    config = inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    klog(sys, 'F', 'config.go:54', `unable to construct lister client config: ${error.message}`);
    return 255;
  }
  warnWithoutEffect(sys, flags, withoutEffect);
  const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  const client = connectClient({
    kernel: sys.kernel,
    net: sys.net,
    server: config.server,
    authorities: config.authorities,
    credential: function* () {
      return readToken(sys.fs, tokenFile);
    },
    agent: 'metrics-server',
  });
  const nodeInformer = new Informer(sys.kernel, client, nodes);
  const podInformer = new Informer(sys.kernel, client, pods);
  const scraper = new Scraper(
    sys,
    {
      resolutionMs: parseDuration(flags.text('metric-resolution') ?? '') ?? 60_000,
      token: () => {
        const credential = readToken(sys.fs, tokenFile);
        return credential.type === 'token' ? credential.token : '';
      },
      isInsecure: flags.boolean('kubelet-insecure-tls', false),
      usesStatusPort: flags.boolean('kubelet-use-node-status-port', false),
      addressTypes: flags.has('kubelet-preferred-address-types')
        ? flags.list('kubelet-preferred-address-types')
        : ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'],
    },
    nodeInformer,
  );
  sys.own(() => {
    scraper.stop();
    nodeInformer.stop();
    podInformer.stop();
    client.close();
  });
  const sources = { points: scraper.points, nodes: () => nodeInformer.values(), pods: () => podInformer.values() };
  const port = flags.integer('secure-port', 10_250);
  sys.net.listen(port, {
    isTls: true,
    http: function* (request): Call<HttpResponse> {
      if (request.target === '/livez' || request.target === '/healthz') return text(200, 'ok');
      if (request.target === '/readyz')
        return scraper.points.isEmpty
          ? text(500, '[-]metric-storage-ready failed: reason withheld\nreadyz check failed\n')
          : text(200, 'ok');
      return serveMetrics(sources, request) ?? text(404, '404 page not found\n');
    },
  });
  klog(sys, 'I', 'secure_serving.go:211', `"Serving securely on [::]:${port}"`);
  nodeInformer.start();
  podInformer.start();
  while (!nodeInformer.hasSynced || !podInformer.hasSynced) yield* sys.sleep(readyzPollMs);
  scraper.tick();
  for (const signal of ['TERM', 'INT'] as const) sys.onSignal(signal, 'catch');
  yield* sys.pause();
  return 0;
};
