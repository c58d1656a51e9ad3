import type { PacketHop, Random, Transport } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import type { Flow } from './conntrack.ts';
import type { Namespace } from './namespace.ts';

export type Protocol = Transport | 'ICMP';

/**
 * What became of a packet: it reached a namespace; somebody answered for it that the port is closed (REJECT); it vanished;
 * a router found no neighbour (EHOSTUNREACH); the sender has no route (ENETUNREACH).
 */
export type Outcome = 'delivered' | 'rejected' | 'dropped' | 'host-unreachable' | 'no-route';

/**
 * The first packet of a connection on its way. The wire has one and uses it again for each, so that a connection costs
 * no objects: read what you need from it before anything else is sent.
 */
export class Packet {
  protocol: Protocol = 'TCP';
  /** Empty until the route has chosen one (a packet of a node's own). */
  sourceIP = '';
  sourcePort = 0;
  /** Whether the sender keeps its port for more datagrams, so that they belong together. */
  isFlow = false;
  ip = '';
  port = 0;
  /** Set by a table: the source becomes the address of the interface by which the packet leaves. */
  masquerade = false;
  /** Whether a process of this very node, in its root namespace, sent it (chain OUTPUT rather than PREROUTING). */
  isLocal = false;
  /** The address that such a process has as long as no table gives the packet another; known while hops are collected. */
  ownSource = '';
  /** Whether a load balancer that makes connections of its own sends it on: the sender's address is not what machines see. */
  isProxied = false;
  outcome: Outcome = 'dropped';
  /** Where it arrived. */
  target: Namespace | undefined;
  /** One way, in virtual milliseconds. */
  latencyMs = 0;
  /** Where it came by; filled only while the trace listens. */
  hops: PacketHop[] | undefined;
  /**
   * Set on a packet that is sent on trial: picks one of so many equals. Tables ask `choose` instead of drawing at random or taking the next
   * in turn, and remember nothing of such a packet.
   */
  pick: ((count: number) => number) | undefined;
  /** The flow of UDP that it belongs to, for its answer to be noted. */
  flow: Flow | undefined;
  /** Set by a table that counts connections: called with the one that this packet opens. */
  onOpen: ((connection: Connection) => void) | undefined;

  start(protocol: Protocol, ip: string, port: number, hops: PacketHop[] | undefined): void {
    this.protocol = protocol;
    this.sourceIP = '';
    this.sourcePort = 0;
    this.isFlow = false;
    this.ip = ip;
    this.port = port;
    this.masquerade = false;
    this.isLocal = false;
    this.isProxied = false;
    this.ownSource = '';
    this.outcome = 'dropped';
    this.target = undefined;
    this.latencyMs = 0;
    this.hops = hops;
    this.pick = undefined;
    this.flow = undefined;
    this.onOpen = undefined;
  }

  /** A choice among equals: below `count`, by chance for a real packet. */
  choose(count: number, random: Random): number {
    if (count < 2) return 0;
    return this.pick ? this.pick(count) : random.below(count);
  }
}

/** What a table needs to know of the node that it stands on. */
export interface TableNode {
  readonly name: string;
  readonly ip: string;
  /** Its address of the family that another one is of. */
  addressLike(ip: string): string | undefined;
  hasAddress(ip: string): boolean;
}

/** A port of a Service, as a node's table has it. */
export interface TablePort {
  /** `namespace/name:port`, or without the port's name when it has none. */
  readonly name: string;
  readonly protocol: Transport;
  readonly clusterIP: string;
  readonly port: number;
  readonly clusterEndpoints: readonly unknown[];
}

/** Addresses that a node's table `nat` rewrites: what kube-proxy programs. Rewrites the packet in place. */
export interface NatTable {
  /** What becomes of the packet here: it goes on (changed or not), is answered with "port unreachable", or is dropped. */
  translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop';
  /** Services that are programmed, sorted by name. */
  readonly ports?: readonly TablePort[];
  /** Addresses of the dummy interface of IPVS; undefined where there is none. */
  readonly virtualIPs?: readonly string[] | undefined;
}

/**
 * The place of NetworkPolicy: asked on the Pod's own node, for what leaves it (after destination NAT) and for what arrives at it
 * (before source NAT). A node has none while there is no policy in the cluster.
 */
export interface PolicyTable {
  allows(direction: 'egress' | 'ingress', pod: Namespace, packet: Packet): boolean;
}
