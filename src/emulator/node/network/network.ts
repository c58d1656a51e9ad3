import type { Kernel } from '../../kernel/index.ts';
import type { Cidr } from './ipv4.ts';
import { contains, isLoopback, parseIPv4, prefixOf } from './ipv4.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Namespace } from './namespace.ts';
import { NodeNetwork } from './node-network.ts';
import type { Outcome, Protocol } from './packet.ts';
import { Packet } from './packet.ts';

/** More routers than this and the packet dies. Only tables that send packets in circles get here. */
const maxRouters = 8;

/** The wire: one Ethernet segment that joins the nodes, as a kind cluster's bridge does, and the routes to the Pods behind them. */
export class Network {
  readonly kernel: Kernel;
  /** Every Pod of the cluster lies in here; what a Pod sends elsewhere is masqueraded as its node (ip-masq-agent, kindnet). */
  podSubnet: Cidr | undefined;
  readonly nodes = new Map<string, NodeNetwork>();
  /** Load balancers by the address that they answer for. */
  readonly balancers = new Map<string, LoadBalancer>();
  readonly #byAddress = new Map<string, NodeNetwork>();
  /** Nodes by the base of their Pod CIDR, for each length of prefix in use. */
  readonly #byPodCIDR = new Map<number, Map<number, NodeNetwork>>();
  /** Pairs of nodes that do not reach one another, `a|b` in sorted order. */
  readonly #cuts = new Set<string>();
  readonly #packet = new Packet();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Plugs a machine in. Throws when the address or name is taken. */
  addNode({ name, ip }: { readonly name: string; readonly ip: string }): NodeNetwork {
    if (this.nodes.has(name) || this.#byAddress.has(ip)) throw new Error(`node ${name} or address ${ip} is on the network already`);
    const node = new NodeNetwork(this, name, ip);
    this.nodes.set(name, node);
    this.#byAddress.set(ip, node);
    return node;
  }

  removeNode(node: NodeNetwork): void {
    node.setUp(false);
    this.nodes.delete(node.name);
    this.#byAddress.delete(node.ip);
    this.setPodCIDR(node, undefined);
  }

  /** Routes a block of Pod addresses to a node, on every node, as a CNI plugin's daemon or a cloud's route table does. */
  setPodCIDR(node: NodeNetwork, cidr: Cidr | undefined): void {
    const before = node.podCIDR;
    if (before) this.#byPodCIDR.get(before.prefixLength)?.delete(before.base);
    node.podCIDR = cidr;
    if (!cidr) return;
    const nodes = this.#byPodCIDR.get(cidr.prefixLength) ?? new Map<number, NodeNetwork>();
    this.#byPodCIDR.set(cidr.prefixLength, nodes.set(cidr.base, node));
  }

  /** Cuts or restores the wire between two nodes. Connections across it break. */
  setCut(a: NodeNetwork, b: NodeNetwork, isCut: boolean): void {
    const pair = pairOf(a, b);
    if (isCut === this.#cuts.has(pair)) return;
    if (!isCut) {
      this.#cuts.delete(pair);
      return;
    }
    this.#cuts.add(pair);
    a.breakConnections((other) => other === b);
  }

  /** Whether packets of one node reach another at all (loss apart). */
  canReach(a: NodeNetwork, b: NodeNetwork): boolean {
    return a.isUp && b.isUp && (this.#cuts.size === 0 || !this.#cuts.has(pairOf(a, b)));
  }

  /** Carries a packet as far as it gets. The packet that is returned is valid until the next one is sent. */
  send(from: Namespace, protocol: Protocol, ip: string, port: number): Packet {
    const packet = this.#packet;
    const { trace } = this.kernel;
    packet.start(protocol, ip, port, trace.isOn ? [] : undefined);
    packet.outcome = this.#travel(from, packet);
    return packet;
  }

  /** Sends a packet on trial: nothing is drawn, lost or remembered on its account. `pick` decides where the tables have a choice. */
  try(from: Namespace, protocol: Protocol, ip: string, port: number, pick: (count: number) => number): Packet {
    const packet = new Packet();
    packet.start(protocol, ip, port, []);
    packet.pick = pick;
    packet.outcome = this.#travel(from, packet);
    return packet;
  }

  /** Puts the fate of a connection or datagram on record. Called only while the trace listens. */
  record(from: Namespace, packet: Packet, to: string, outcome: string): void {
    // A Pod's namespace bears its Pod's name.
    const [namespace, name] = from.name.split('/');
    const sender = name === undefined ? undefined : { resource: 'pods', namespace, name };
    this.kernel.trace.emit('network', sender, {
      type: 'packet',
      from: `${from.name} (${packet.sourceIP})`,
      to,
      hops: packet.hops ?? [],
      outcome,
    });
  }

  /** The node that has an address or routes it to its Pods. */
  nodeOf(ip: string): NodeNetwork | undefined {
    const direct = this.#byAddress.get(ip);
    if (direct) return direct;
    const address = parseIPv4(ip);
    if (address === undefined) return undefined;
    for (const [length, nodes] of this.#byPodCIDR) {
      const node = nodes.get(prefixOf(address, length));
      if (node) return node;
    }
    return undefined;
  }

  #travel(from: Namespace, packet: Packet): Outcome {
    const { node } = from;
    packet.hops?.push(from.name);
    if (from.isRoot) packet.isLocal = true;
    else if (isLoopback(packet.ip) || from.addresses.includes(packet.ip)) return deliverLocally(from, packet);
    else {
      if (from.addresses.length === 0) return 'no-route';
      packet.sourceIP = from.addresses[0]!;
      packet.hops?.push(`${node.name} cni0`);
    }
    return this.#route(from, packet);
  }

  #route(from: Namespace, packet: Packet): Outcome {
    let { node } = from;
    for (let routers = 0; routers < maxRouters; routers++) {
      const verdict = node.nat ? node.nat.translate(packet, node) : 'accept';
      if (verdict === 'reject') return 'rejected';
      if (verdict === 'drop') return 'dropped';
      if (node.hostPorts) toHostPort(node, packet);
      // Policies see where a packet really goes, so after all destination NAT.
      if (routers === 0 && node.policy && !from.isRoot && !node.policy.allows('egress', from, packet))
        return this.#drop(packet, `${node.name} NetworkPolicy egress`);
      if (isLoopback(packet.ip) || node.hasAddress(packet.ip)) {
        if (packet.sourceIP === '') packet.sourceIP = packet.ip;
        return deliverLocally(node.namespace, packet);
      }
      const pod = node.pods.get(packet.ip);
      if (pod) return this.#deliverToPod(node, pod, packet);
      if (node.podCIDR && contains(node.podCIDR, parseIPv4(packet.ip)!)) return 'host-unreachable';
      const next = this.nodeOf(packet.ip) ?? this.#balance(packet);
      if (!next) return this.#drop(packet, `${node.name} default gateway`);
      const outcome = this.#cross(node, next, packet);
      if (outcome) return outcome;
      node = next;
    }
    return 'dropped';
  }

  #balance(packet: Packet): NodeNetwork | undefined {
    const balancer = this.balancers.get(packet.ip);
    if (!balancer) return undefined;
    packet.hops?.push(`load balancer ${packet.ip}`);
    return balancer.choose(packet, packet.pick ?? ((limit) => this.kernel.random.below(limit)));
  }

  #deliverToPod(node: NodeNetwork, pod: Namespace, packet: Packet): Outcome {
    packet.hops?.push(`${node.name} cni0`);
    // Asked before the source is rewritten, as a chain FORWARD is.
    if (node.policy && !node.policy.allows('ingress', pod, packet)) return this.#drop(packet, `${node.name} NetworkPolicy ingress`);
    if (packet.masquerade || packet.sourceIP === '') packet.sourceIP = node.gatewayIP ?? node.ip;
    return deliverLocally(pod, packet);
  }

  /** From node to node. Undefined when the packet made it. */
  #cross(node: NodeNetwork, next: NodeNetwork, packet: Packet): Outcome | undefined {
    const isToPod = this.podSubnet ? contains(this.podSubnet, parseIPv4(packet.ip)!) : !next.hasAddress(packet.ip);
    if (packet.sourceIP === '' || packet.masquerade || (!isToPod && !packet.isLocal)) packet.sourceIP = node.ip;
    packet.masquerade = false;
    packet.isLocal = false;
    packet.hops?.push(`${node.name} eth0`);
    if (!node.isUp) return 'no-route';
    // Nobody answers ARP for the address of a machine without power.
    if (!next.isUp) return 'host-unreachable';
    if (!this.canReach(node, next)) return 'dropped';
    const loss = node.loss + next.loss;
    if (loss > 0 && !packet.pick && this.kernel.random.fraction() < loss) return 'dropped';
    packet.latencyMs += node.latencyMs + next.latencyMs;
    packet.hops?.push(`${next.name} eth0`);
    return undefined;
  }

  #drop(packet: Packet, where: string): Outcome {
    packet.hops?.push(where);
    return 'dropped';
  }
}

function deliverLocally(target: Namespace, packet: Packet): Outcome {
  if (packet.sourceIP === '') packet.sourceIP = packet.ip;
  packet.target = target;
  packet.hops?.push(target.name);
  return 'delivered';
}

/** The plugin portmap: a port of the node that belongs to a Pod. */
function toHostPort(node: NodeNetwork, packet: Packet): void {
  if (!isLoopback(packet.ip) && !node.hasAddress(packet.ip)) return;
  const mapping = node.hostPorts!.get(`${packet.port}/${packet.protocol}`);
  if (!mapping || (mapping.hostIP !== undefined && mapping.hostIP !== packet.ip)) return;
  // A Pod that reaches itself this way, and the node's own loopback, need an address that can be answered.
  if (packet.sourceIP === mapping.ip || isLoopback(packet.ip)) packet.masquerade = true;
  packet.ip = mapping.ip;
  packet.port = mapping.port;
  packet.hops?.push(`${node.name} CNI-HOSTPORT-DNAT ${mapping.ip}:${mapping.port}`);
}

function pairOf(a: NodeNetwork, b: NodeNetwork): string {
  return a.name < b.name ? `${a.name}|${b.name}` : `${b.name}|${a.name}`;
}
