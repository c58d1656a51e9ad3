import type { Connection } from './connection.ts';
import type { Flow } from './conntrack.ts';
import { Conntrack } from './conntrack.ts';
import type { Cidr } from './ipv4.ts';
import { formatIPv4 } from './ipv4.ts';
import { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import type { NatTable, PolicyTable } from './packet.ts';
import type { PodNetwork } from './pod-network.ts';
import { tunnelAddress } from './pod-network.ts';

/** Where a port of the node leads (hostPort of a container). */
export interface HostPort {
  readonly ip: string;
  readonly port: number;
  /** Only packets to this address of the node; all when absent. */
  readonly hostIP?: string | undefined;
}

/** A machine's part of the wire: its root namespace, its link, the bridge with its Pods, and its tables. */
export class NodeNetwork {
  readonly network: Network;
  readonly name: string;
  /** The address of eth0. */
  readonly ip: string;
  /** What the machine's own processes and host-network Pods see. */
  readonly namespace: Namespace;
  /** Pods on the bridge by address. */
  readonly pods = new Map<string, Namespace>();
  /** Set by `Network.setPodCIDR`. */
  podCIDR: Cidr | undefined;
  /** How Pods hang here and reach other nodes; undefined before a CNI plugin has set it up. */
  podNetwork: PodNetwork | undefined;
  /** Whether somebody sees to it that NetworkPolicies hold for the Pods of this node. */
  enforcesPolicies = false;
  /** Half of the one-way latency to any other node, in virtual milliseconds: two halves make a whole one. */
  latencyMs = 0.5;
  /** Probability that a packet gets lost on this node's link. */
  loss = 0;
  /** By `port/protocol`; allocated by the first. */
  hostPorts: Map<string, HostPort> | undefined;
  nat: NatTable | undefined;
  policy: PolicyTable | undefined;
  /** Connections that leave or enter this node, to break them when it loses its power or its link. */
  readonly connections = new Set<Connection>();
  #isUp = true;
  #conntrack: Conntrack | undefined;

  constructor(network: Network, name: string, ip: string) {
    this.network = network;
    this.name = name;
    this.ip = ip;
    this.namespace = new Namespace(this, name, true);
    this.namespace.setAddresses([ip]);
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

  hasAddress(ip: string): boolean {
    if (ip === this.ip) return true;
    return this.podCIDR !== undefined && (ip === this.gatewayIP || (this.podNetwork?.carrier === 'vxlan' && ip === tunnelAddress(this)));
  }

  /** A network namespace for a Pod's sandbox, with nothing but a loopback until a CNI plugin attaches it. */
  createNamespace(name: string): Namespace {
    return new Namespace(this, name, false);
  }

  /** Plugs a Pod's namespace into the bridge with an address. */
  attach(pod: Namespace, ip: string): void {
    if (this.pods.has(ip)) throw new Error(`address ${ip} is in use on ${this.name}`);
    this.pods.set(ip, pod);
    pod.setAddresses([ip]);
  }

  /** Unplugs a Pod: its listeners and connections end. */
  detach(pod: Namespace): void {
    for (const ip of pod.addresses) if (this.pods.get(ip) === pod) this.pods.delete(ip);
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
