/**
 * The cloud below an emulated cluster, as far as it has one: load balancers with addresses from a range of the segment.
 *
 * - It takes a while to make one. It has an address of each family of its Service: the lowest that is free, or the one that was asked for.
 * - Nodes of a Service that keeps traffic local are asked on its health check port, and get connections while they answer 200.
 */
import type { CloudLoadBalancers, LoadBalancerRequest } from '../control-plane/cloud-controller-manager/index.ts';
import type { Call, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import { hostPort } from '../machinery/ipv6.ts';
import type { IPFamily, Network, NodeNetwork } from '../node/network/index.ts';
import { canonicalIP, familyOf, LoadBalancer, segment6 } from '../node/network/index.ts';

/** The last part of an address is written as a number of 200 to 250, in either family. */
const range = { first: 200, last: 250 };
const prefixes = { IPv4: '172.18.255.', IPv6: segment6.replace(':/64', ':ffff:') } as const;
const createMs = 2000;
const deleteMs = 1000;
const probe = { periodMs: 5000, timeoutMs: 1000 };

interface Entry {
  /** One a family, in the order in which the Service names them. */
  balancers: readonly LoadBalancer[];
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

  *ensure(name: string, request: LoadBalancerRequest): Call<{ readonly ips: readonly string[] } | { readonly error: string }> {
    const entry = this.#entries.get(name) ?? { balancers: [], request, healthy: new Set(), isProbing: false };
    const kept = entry.balancers.filter(({ ip }) => request.families.includes(familyOf(ip)));
    const missing = request.families.filter((family) => !kept.some(({ ip }) => familyOf(ip) === family));
    const addresses = missing.map((family) => this.#addressFor(family, request));
    const refused = addresses.find((address) => 'error' in address);
    if (refused) return refused;
    for (const { ip } of entry.balancers) if (!request.families.includes(familyOf(ip))) this.#network.balancers.delete(ip);
    const made = addresses.flatMap((address) => ('ip' in address ? new LoadBalancer(address.ip) : []));
    for (const balancer of made) this.#network.balancers.set(balancer.ip, balancer);
    const all = [...kept, ...made];
    entry.balancers = request.families.map((family) => all.find(({ ip }) => familyOf(ip) === family)!);
    this.#entries.set(name, entry);
    if (made.length > 0) yield* this.#kernel.sleep(createMs);
    entry.request = request;
    for (const balancer of entry.balancers) balancer.ports = new Set(request.ports);
    this.#setTargets(entry);
    return { ips: entry.balancers.map(({ ip }) => ip) };
  }

  #addressFor(family: IPFamily, request: LoadBalancerRequest): { readonly ip: string } | { readonly error: string } {
    const prefix = prefixes[family];
    const span = `${prefix}${range.first}-${prefix}${range.last}`;
    const chosen = request.ip === undefined ? undefined : canonicalIP(request.ip);
    if (chosen !== undefined && familyOf(chosen) === family) {
      if (!isInRange(chosen, prefix)) return { error: `address ${chosen} is not in ${span}` };
      return this.#network.balancers.has(chosen) ? { error: `address ${chosen} is in use` } : { ip: chosen };
    }
    const ip = this.#freeAddress(prefix);
    return ip === undefined ? { error: `no free address left in ${span}` } : { ip };
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
    for (const { ip } of entry.balancers) this.#network.balancers.delete(ip);
  }

  #setTargets(entry: Entry): void {
    const { balancers, request, healthy } = entry;
    const nodes = request.nodes.flatMap((name) => this.#network.nodes.get(name) ?? []);
    for (const balancer of balancers)
      balancer.nodes = request.healthCheckPort === undefined ? nodes : nodes.filter((node) => healthy.has(node));
    if (request.healthCheckPort === undefined || entry.isProbing) return;
    entry.isProbing = true;
    this.#probe(entry);
  }

  /** Asks all nodes of a balancer, and again after a while for as long as there is something to ask. */
  readonly #probe = (entry: Entry): void => {
    const { balancers, request } = entry;
    const port = request.healthCheckPort;
    if (port === undefined || !balancers.some((balancer) => this.#network.balancers.get(balancer.ip) === balancer)) {
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
    const request = { method: 'GET', target: '/healthz', headers: { host: hostPort(ip, port) } };
    try {
      return (yield* namespace.request({ ip, port }, request, { timeoutMs: probe.timeoutMs })).status === 200;
    } catch (error) {
      if (!isErrno(error)) throw error;
      return false;
    }
  }

  #freeAddress(prefix: string): string | undefined {
    for (let host = range.first; host <= range.last; host++)
      if (!this.#network.balancers.has(`${prefix}${host}`)) return `${prefix}${host}`;
    return undefined;
  }
}

function isInRange(ip: string, prefix: string): boolean {
  const host = Number(ip.slice(prefix.length));
  return ip.startsWith(prefix) && host >= range.first && host <= range.last;
}
