import type { Kernel } from '../../kernel/index.ts';
import type { Block, IPFamily, NatTable, Packet, TableNode } from '../network/index.ts';
import { covers, familyOf, hopOf, isBlock6, isLoopback } from '../network/index.ts';
import type { Endpoint, Place, ServicePort } from './service-port.ts';

export type ProxyMode = 'iptables' | 'ipvs' | 'nftables';

interface Affinity {
  readonly endpoint: string;
  seenMs: number;
}

/**
 * What one mode of kube-proxy programs into one node's kernel. It outlives the proxy, so that Services go on working, and go stale,
 * while none runs.
 */
export abstract class ServiceTable implements NatTable, Place {
  abstract readonly mode: ProxyMode;
  readonly nodeName: string;
  /** The node's zone, known only where a Service has hints. */
  zone: string | undefined;
  /** Sources in here are Pods: their traffic to a ClusterIP keeps its address. At most one of each family. */
  clusterCIDRs: readonly Block[] = [];
  masqueradesAll = false;
  hasLocalhostNodePorts = true;
  /** Blocks of the node's own addresses on which node ports answer; all when empty. */
  nodePortBlocks: readonly Block[] = [];
  /** Called when somebody else empties the table. */
  onClear: (() => void) | undefined;
  protected readonly kernel: Kernel;
  /** Ports of a Service by its key, `namespace/name`. */
  readonly #services = new Map<string, readonly ServicePort[]>();
  /** Which endpoint a client was last sent to, by port and client, where a Service asks for it. */
  readonly #affinities = new Map<string, Map<string, Affinity>>();

  constructor(kernel: Kernel, nodeName: string) {
    this.kernel = kernel;
    this.nodeName = nodeName;
  }

  /** Every programmed port, sorted by name. */
  get ports(): readonly ServicePort[] {
    return [...this.#services.values()].flat().sort((a, b) => (a.name + a.protocol < b.name + b.protocol ? -1 : 1));
  }

  get serviceKeys(): Iterable<string> {
    return this.#services.keys();
  }

  portsOf(key: string): readonly ServicePort[] {
    return this.#services.get(key) ?? [];
  }

  /** Replaces the rules of one Service; no ports removes them. */
  program(key: string, ports: readonly ServicePort[]): void {
    const before = this.#services.get(key);
    if (before === ports) return;
    for (const port of before ?? []) {
      this.remove(port);
      if (port.affinitySeconds === 0) this.#affinities.delete(affinityKey(port));
    }
    if (ports.length === 0) this.#services.delete(key);
    else this.#services.set(key, ports);
    for (const port of ports) this.add(port);
  }

  /** Removes all rules, as `kube-proxy --cleanup` does. */
  clear(): void {
    for (const key of [...this.#services.keys()]) this.program(key, []);
    this.onClear?.();
  }

  /** The node is known to be in another zone. */
  setZone(zone: string | undefined): void {
    this.zone = zone;
  }

  abstract translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop';
  protected abstract add(port: ServicePort): void;
  protected abstract remove(port: ServicePort): void;

  /** The endpoint for a client: the one that it had, where the Service asks for that, or a new one. */
  protected stick(
    port: ServicePort,
    endpoints: readonly Endpoint[],
    packet: Packet,
    pick: (endpoints: readonly Endpoint[]) => Endpoint,
  ): Endpoint {
    const client = packet.sourceIP;
    if (port.affinitySeconds === 0) return endpoints.length === 1 ? endpoints[0]! : pick(endpoints);
    const { now } = this.kernel.loop;
    const key = affinityKey(port);
    const affinities = this.#affinities.get(key) ?? new Map<string, Affinity>();
    this.#affinities.set(key, affinities);
    const known = affinities.get(client);
    const isFresh = known && now - known.seenMs <= port.affinitySeconds * 1000;
    const before = isFresh ? endpoints.find((endpoint) => endpoint.text === known.endpoint) : undefined;
    const chosen = before ?? pick(endpoints);
    if (!packet.pick) affinities.set(client, { endpoint: chosen.text, seenMs: now });
    return chosen;
  }

  protected hasNodePortsOn(ip: string, node: TableNode): boolean {
    // Linux routes 127.0.0.1 elsewhere if asked, ::1 never.
    if (isLoopback(ip)) return ip !== '::1' && this.hasLocalhostNodePorts && this.nodePortBlocks.length === 0;
    if (!node.hasAddress(ip)) return false;
    return this.nodePortBlocks.length === 0 || this.nodePortBlocks.some((block) => covers(block, ip));
  }

  /** What is a Pod's source, in one family. */
  clusterCIDROf(family: IPFamily): Block | undefined {
    return this.clusterCIDRs.find((block) => isBlock6(block) === (family === 'IPv6'));
  }

  protected isPod(ip: string): boolean {
    if (ip === '') return this.clusterCIDRs.length === 0;
    const block = this.clusterCIDROf(familyOf(ip));
    return block === undefined || covers(block, ip);
  }
}

const affinityKey = ({ name, protocol }: ServicePort): string => `${name}/${protocol}`;

/** By what a node port is found: the two families of a Service share its number. */
export const nodePortKey = (port: number, protocol: string, family: IPFamily): string =>
  family === 'IPv4' ? `${port}/${protocol}` : `${port}/${protocol}/6`;

/** Whether the source ranges of a load balancer let a client in. */
export function mayUse({ sourceRanges }: ServicePort, client: string): boolean {
  return sourceRanges.length === 0 || sourceRanges.some((range) => covers(range, client));
}

/** Another Service may hold the address by now. */
export function forget<T>(found: Map<string, T>, key: string, one: T): void {
  if (found.get(key) === one) found.delete(key);
}

/** A Service without endpoints: the node answers in their place. */
export function refuse(port: ServicePort, packet: Packet, node: string): 'reject' {
  packet.hops?.push(
    hopOf(packet, 'refusal', node, `the Service ${port.name} has no ready endpoints, so ${node} answers "port unreachable"`),
  );
  return 'reject';
}

/** Where a packet was sent, and out of how many. */
export function natText(port: ServicePort, endpoint: Endpoint, count: number): string {
  return `to ${endpoint.text}, ${count === 1 ? 'the only endpoint' : `one of ${count} endpoints`} of the Service ${port.name}`;
}
