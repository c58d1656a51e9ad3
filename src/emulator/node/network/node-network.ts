import type { Transport } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import type { Flow } from './conntrack.ts';
import { Conntrack } from './conntrack.ts';
import { formatIPv6, isIPv6Text } from '../../machinery/ipv6.ts';
import type { Block, Cidr6 } from './blocks.ts';
import { covers } from './blocks.ts';
import { Firewall, heldUp } from './firewall.ts';
import type { FilterRule } from './firewall.ts';
import type { Cidr } from './ipv4.ts';
import { formatIPv4, isLoopback } from './ipv4.ts';
import { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import type { NatTable, PolicyTable } from './packet.ts';
import type { PodNetwork } from './pod-network.ts';
import { tunnelAddress } from './pod-network.ts';

/** A port of the node that leads to a Pod: a container's `hostPort`. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: Transport;
  readonly hostIP?: string | undefined;
}

/** Where a port of the node leads (hostPort of a container). */
export interface HostPort {
  /** The Pod's, at most one of each family. */
  readonly ips: readonly string[];
  readonly port: number;
  /** Only packets to this address of the node; all when absent. */
  readonly hostIP?: string | undefined;
}

const linkMs = 0.5;

/** A queueing discipline that makes a link worse (tc-netem(8)). */
export interface Netem {
  readonly delayMs: number;
  /** 0 to 1. */
  readonly loss: number;
}

/** A machine's part of the wire: its root namespace, its link, the bridge with its Pods, and its tables. */
export class NodeNetwork {
  readonly network: Network;
  readonly name: string;
  /** The first address of eth0: of IPv4 unless the machine has none. */
  readonly ip: string;
  /** Undefined on a machine of a cluster of IPv6 alone. */
  readonly ip4: string | undefined;
  /** Undefined on a machine of a cluster of IPv4 alone. */
  readonly ip6: string | undefined;
  /** What the machine's own processes and host-network Pods see. */
  readonly namespace: Namespace;
  /** Pods on the bridge by their first address. */
  readonly pods = new Map<string, Namespace>();
  /** Set by `Network.setPodBlocks`. */
  podCIDR: Cidr | undefined;
  /** Set by `Network.setPodBlocks`. */
  podCIDR6: Cidr6 | undefined;
  /** How Pods hang here and reach other nodes; undefined before a CNI plugin has set it up. */
  podNetwork: PodNetwork | undefined;
  /** Whether somebody sees to it that NetworkPolicies hold for the Pods of this node. */
  enforcesPolicies = false;
  /** Half of the one-way latency to any other node, in virtual milliseconds: two halves make a whole one. */
  latencyMs = linkMs;
  /** Probability that a packet gets lost on this node's link. */
  loss = 0;
  /** What `tc` has put on the link. */
  netem: Netem | undefined;
  /** By `port/protocol`; allocated by the first. */
  hostPorts: Map<string, HostPort> | undefined;
  /** Rules that somebody has made with iptables. */
  firewall: Firewall | undefined;
  nat: NatTable | undefined;
  policy: PolicyTable | undefined;
  /** Connections that leave or enter this node, to break them when it loses its power or its link. */
  readonly connections = new Set<Connection>();
  #isUp = true;
  #conntrack: Conntrack | undefined;
  /** Pods by their second address; allocated by the first. */
  #pods6: Map<string, Namespace> | undefined;

  constructor(network: Network, { name, ip, ip6 }: { readonly name: string; readonly ip: string; readonly ip6?: string | undefined }) {
    this.network = network;
    this.name = name;
    this.ip = ip;
    [this.ip4, this.ip6] = isIPv6Text(ip) ? [undefined, ip] : [ip, ip6];
    this.namespace = new Namespace(this, name, true);
    this.namespace.setAddresses([this.ip4, this.ip6].filter((one) => one !== undefined));
  }

  /** Its address of the family that another one is of. */
  addressLike(ip: string): string | undefined {
    return isIPv6Text(ip) ? this.ip6 : this.ip4;
  }

  /** Which of its own addresses a process of the machine speaks from, by the route to an address: the bridge's to its Pods, eth0's to all else. */
  sourceFor(ip: string): string {
    if (isLoopback(ip) || this.hasAddress(ip)) return ip;
    const block = this.podBlockLike(ip);
    const own = block && covers(block, ip) ? this.gatewayLike(ip) : undefined;
    return own ?? this.addressLike(ip) ?? '';
  }

  /** The Pod that has an address. */
  podAt(ip: string): Namespace | undefined {
    return this.pods.get(ip) ?? this.#pods6?.get(ip);
  }

  /** Its Pods' block of the family that an address is of. */
  podBlockLike(ip: string): Block | undefined {
    return isIPv6Text(ip) ? this.podCIDR6 : this.podCIDR;
  }

  /** Flows that the node's kernel remembers. */
  get conntrack(): Conntrack {
    return (this.#conntrack ??= new Conntrack(this.network.kernel));
  }

  /** Forgets flows, if there are any. */
  forgetFlows(matches: (flow: Flow) => boolean): void {
    this.#conntrack?.forget(matches);
  }

  /** The bridge's address, first of the Pod CIDR, undefined where there is no bridge. */
  get gatewayIP(): string | undefined {
    if (this.podNetwork && this.podNetwork.bridge === undefined) return undefined;
    return this.podCIDR && formatIPv4(this.podCIDR.base + 1);
  }

  /** The bridge's address of IPv6. */
  get gatewayIP6(): string | undefined {
    if (this.podNetwork && this.podNetwork.bridge === undefined) return undefined;
    return this.podCIDR6 && formatIPv6(this.podCIDR6.base + 1n);
  }

  /** What Pods of the family of an address see as the node that stands in for somebody. */
  gatewayLike(ip: string): string | undefined {
    return isIPv6Text(ip) ? this.gatewayIP6 : this.gatewayIP;
  }

  /** Whether this node has a route to the Pods of another one. */
  reachesPodsOf(other: NodeNetwork): boolean {
    return this.podNetwork?.plugin === other.podNetwork?.plugin;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Plugs the machine's link in or pulls it out, which is also what a loss of power looks like from outside. */
  setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    if (!isUp) this.breakConnections(() => true);
  }

  /**
   * Delays or loses what leaves by the link, or lets it be as it was.
   *
   * Differs from Linux: when nothing gets through any more, an established connection breaks at once.
   */
  shape(netem: Netem | undefined): void {
    this.netem = netem;
    this.loss = netem?.loss ?? 0;
    // It acts on what leaves, so once on the way there and back.
    this.latencyMs = linkMs + (netem?.delayMs ?? 0) / 2;
    if (this.loss >= 1) this.breakConnections(() => true);
  }

  /**
   * Changes the rules of the machine's firewall.
   *
   * Differs from Linux: a connection that nothing can pass any more breaks at once.
   */
  setFirewall(change: (rules: FilterRule[]) => void): void {
    const { rules } = (this.firewall ??= new Firewall());
    change(rules);
    if (rules.length === 0) this.firewall = undefined;
    const { balancers } = this.network;
    for (const connection of [...this.connections]) {
      const { from, to, dialed, remote, peerIP } = connection;
      if (balancers.get(dialed.ip)?.isProxy) continue;
      if (heldUp(from.node, to.node, { protocol: 'TCP', sourceIP: peerIP, ip: remote.ip, port: remote.port })) connection.close();
    }
  }

  hasAddress(ip: string): boolean {
    if (ip === this.ip || ip === this.ip6) return true;
    const block = this.podBlockLike(ip);
    return block !== undefined && (ip === this.gatewayLike(ip) || (this.podNetwork?.carrier === 'vxlan' && ip === tunnelAddress(this, ip)));
  }

  /** A network namespace for a Pod's sandbox, with nothing but a loopback until a CNI plugin attaches it. */
  createNamespace(name: string): Namespace {
    return new Namespace(this, name, false);
  }

  /** Plugs a Pod's namespace in with an address of either family, or with one of IPv4 and one of IPv6. */
  attach(pod: Namespace, ip: string, ip6?: string): void {
    if (this.pods.has(ip)) throw new Error(`address ${ip} is in use on ${this.name}`);
    this.pods.set(ip, pod);
    if (ip6 !== undefined) (this.#pods6 ??= new Map()).set(ip6, pod);
    pod.setAddresses(ip6 === undefined ? [ip] : [ip, ip6]);
  }

  /** Whether the node has a block of addresses for Pods. */
  get hasPodBlock(): boolean {
    return this.podCIDR !== undefined || this.podCIDR6 !== undefined;
  }

  /** Unplugs a Pod: its listeners and connections end. */
  detach(pod: Namespace): void {
    for (const ip of pod.addresses) {
      if (this.pods.get(ip) === pod) this.pods.delete(ip);
      if (this.#pods6?.get(ip) === pod) this.#pods6.delete(ip);
    }
    pod.close();
    pod.setAddresses([]);
  }

  /**
   * Differs from Linux: both ends learn at once that the way between them is gone, instead of by their health checks (client-go's take
   * 45 s). Nothing may cross a wire that is cut, and an open connection between parts of the emulator would.
   */
  breakConnections(isAffected: (other: NodeNetwork) => boolean): void {
    const affected = [...this.connections].filter((connection) =>
      isAffected(connection.from.node === this ? connection.to.node : connection.from.node),
    );
    for (const connection of affected) connection.close();
  }
}
