/**
 * The cloud below an emulated cluster, as far as it has one: load balancers with addresses from a range of the segment.
 *
 * - It takes a while to make one. An address is the lowest that is free, or the one that was asked for.
 * - Nodes of a Service that keeps traffic local are asked on its health check port, and get connections while they answer 200.
 */
import type { CloudLoadBalancers, LoadBalancerRequest } from '../control-plane/cloud-controller-manager/index.ts';
import type { Call, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import type { Network, NodeNetwork } from '../node/network/index.ts';
import { LoadBalancer } from '../node/network/index.ts';

/** 172.18.255.200 to 172.18.255.250. */
const range = { prefix: '172.18.255.', first: 200, last: 250 };
const createMs = 2000;
const deleteMs = 1000;
const probe = { periodMs: 5000, timeoutMs: 1000 };

interface Entry {
  readonly balancer: LoadBalancer;
  request: LoadBalancerRequest;
  /** Nodes that said that they have endpoints. */
  readonly healthy: Set<NodeNetwork>;
  isProbing: boolean;
}

export class Cloud implements CloudLoadBalancers {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #entries = new Map<string, Entry>();

  constructor(kernel: Kernel, network: Network) {
    this.#kernel = kernel;
    this.#network = network;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  *ensure(name: string, request: LoadBalancerRequest): Call<{ readonly ip: string } | { readonly error: string }> {
    let entry = this.#entries.get(name);
    if (!entry) {
      const ip = request.ip ?? this.#freeAddress();
      if (ip === undefined) return { error: `no free address left in ${range.prefix}${range.first}-${range.prefix}${range.last}` };
      if (!isInRange(ip)) return { error: `address ${ip} is not in ${range.prefix}${range.first}-${range.prefix}${range.last}` };
      if (this.#network.balancers.has(ip)) return { error: `address ${ip} is in use` };
      const balancer = new LoadBalancer(ip);
      entry = { balancer, request, healthy: new Set(), isProbing: false };
      this.#entries.set(name, entry);
      this.#network.balancers.set(ip, balancer);
      yield* this.#kernel.sleep(createMs);
    }
    entry.request = request;
    entry.balancer.ports = new Set(request.ports);
    this.#setTargets(entry);
    return { ip: entry.balancer.ip };
  }

  setNodes(name: string, nodes: readonly string[]): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    entry.request = { ...entry.request, nodes };
    this.#setTargets(entry);
  }

  *delete(name: string): Call<void> {
    const entry = this.#entries.get(name);
    if (!entry) return;
    yield* this.#kernel.sleep(deleteMs);
    this.#entries.delete(name);
    this.#network.balancers.delete(entry.balancer.ip);
  }

  #setTargets(entry: Entry): void {
    const { balancer, request, healthy } = entry;
    const nodes = request.nodes.flatMap((name) => this.#network.nodes.get(name) ?? []);
    balancer.nodes = request.healthCheckPort === undefined ? nodes : nodes.filter((node) => healthy.has(node));
    if (request.healthCheckPort === undefined || entry.isProbing) return;
    entry.isProbing = true;
    this.#probe(entry);
  }

  /** Asks all nodes of a balancer, and again after a while for as long as there is something to ask. */
  readonly #probe = (entry: Entry): void => {
    const { balancer, request } = entry;
    const port = request.healthCheckPort;
    if (port === undefined || this.#network.balancers.get(balancer.ip) !== balancer) {
      entry.isProbing = false;
      return;
    }
    for (const name of request.nodes) {
      const node = this.#network.nodes.get(name);
      if (node) this.#kernel.fiber(this.#ask(entry, node, port), { background: true });
    }
    this.#kernel.loop.after(probe.periodMs, this.#probe, entry, true);
  };

  *#ask(entry: Entry, node: NodeNetwork, port: number): Call<void> {
    const isHealthy = yield* this.#isHealthy(node.ip, port);
    if (isHealthy === entry.healthy.has(node)) return;
    if (isHealthy) entry.healthy.add(node);
    else entry.healthy.delete(node);
    this.#setTargets(entry);
  }

  *#isHealthy(ip: string, port: number): Call<boolean> {
    const { namespace } = this.#network.nodes.get('gateway')!;
    const request = { method: 'GET', target: '/healthz', headers: { host: `${ip}:${port}` } };
    try {
      return (yield* namespace.request({ ip, port }, request, { timeoutMs: probe.timeoutMs })).status === 200;
    } catch (error) {
      if (!isErrno(error)) throw error;
      return false;
    }
  }

  #freeAddress(): string | undefined {
    for (let host = range.first; host <= range.last; host++)
      if (!this.#network.balancers.has(`${range.prefix}${host}`)) return `${range.prefix}${host}`;
    return undefined;
  }
}

function isInRange(ip: string): boolean {
  const host = Number(ip.slice(range.prefix.length));
  return ip.startsWith(range.prefix) && host >= range.first && host <= range.last;
}
