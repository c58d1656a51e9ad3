import type { Kernel, PacketPath } from '../../kernel/index.ts';
import { Process } from '../../kernel/index.ts';
import { hostPort, isIPv6Text } from '../../machinery/ipv6.ts';
import type { Block } from './blocks.ts';
import { covers, familyOf, isBlock6 } from './blocks.ts';
import type { Frame, Tap } from './capture.ts';
import { heldUp } from './firewall.ts';
import { hopOf, runningProgram, whyOf } from './hops.ts';
import { routeText, routeTo } from './interfaces.ts';
import type { Cidr } from './ipv4.ts';
import { isLoopback, parseIPv4, prefixOf } from './ipv4.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Namespace } from './namespace.ts';
import { NodeNetwork } from './node-network.ts';
import type { Outcome, Protocol } from './packet.ts';
import { Packet } from './packet.ts';
import { PacketLog } from './packet-log.ts';
import { hostLinkOf, tunnelAddress, tunnelDevice, vxlan } from './pod-network.ts';

const icmpHeaderBytes = 8;

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
  /** The last packets, as far as they were put on record. */
  readonly log = new PacketLog();
  /** Whether packets are put on record although no trace listens. */
  isRecording = false;
  /** Who looks at every frame (tcpdump). */
  readonly taps = new Set<Tap>();
  readonly #byAddress = new Map<string, NodeNetwork>();
  /** Nodes by the base of their Pod CIDR, for each length of prefix in use. */
  readonly #byPodCIDR = new Map<number, Map<number, NodeNetwork>>();
  /** Pairs of nodes that do not reach one another, `a|b` in sorted order. */
  readonly #cuts = new Set<string>();
  readonly #packet = new Packet();
  readonly #echoes = new WeakMap<object, number>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Plugs a machine in. Throws when the address or name is taken. */
  addNode(facts: { readonly name: string; readonly ip: string; readonly ip6?: string | undefined }): NodeNetwork {
    const { name, ip } = facts;
    if (this.nodes.has(name) || this.#byAddress.has(ip)) throw new Error(`node ${name} or address ${ip} is on the network already`);
    const node = new NodeNetwork(this, facts);
    this.nodes.set(name, node);
    for (const own of node.namespace.addresses) this.#byAddress.set(own, node);
    return node;
  }

  removeNode(node: NodeNetwork): void {
    node.setUp(false);
    this.nodes.delete(node.name);
    for (const own of node.namespace.addresses) this.#byAddress.delete(own);
    this.setPodBlocks(node, []);
  }

  /** Routes blocks of Pod addresses to a node, on every node, as a CNI plugin's daemon or a cloud's route table does. */
  setPodBlocks(node: NodeNetwork, blocks: readonly Block[]): void {
    this.#setPodCIDR(
      node,
      blocks.find((block): block is Cidr => !isBlock6(block)),
    );
    node.podCIDR6 = blocks.find(isBlock6);
  }

  #setPodCIDR(node: NodeNetwork, cidr: Cidr | undefined): void {
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

  /** Lets a load balancer fail, or work again. What went through it breaks. */
  setFailure(balancer: LoadBalancer, failure: LoadBalancer['failure']): void {
    balancer.failure = failure;
    if (!failure) return;
    for (const node of this.nodes.values())
      for (const connection of [...node.connections]) if (connection.dialed.ip === balancer.ip) connection.close();
  }

  /** Whether packets of one node reach another at all (loss apart). */
  canReach(a: NodeNetwork, b: NodeNetwork): boolean {
    return a.isUp && b.isUp && (this.#cuts.size === 0 || !this.#cuts.has(pairOf(a, b)));
  }

  /** Carries a packet as far as it gets. The packet that is returned is valid until the next one is sent. */
  send(
    from: Namespace,
    protocol: Protocol,
    ip: string,
    port: number,
    source?: { readonly port: number; readonly isKept: boolean },
  ): Packet {
    const packet = this.#packet;
    const isSeen = this.kernel.trace.isOn || this.isRecording || this.taps.size > 0;
    packet.start(protocol, ip, port, isSeen ? [] : undefined);
    if (source) {
      packet.sourcePort = source.port;
      packet.isFlow = source.isKept;
    }
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

  /** Puts the fate of a connection or datagram on record. Called only for a packet with hops. */
  record(
    from: Namespace,
    packet: Packet,
    { outcome, about, isAgain = false }: { readonly outcome: string; readonly about?: string | undefined; readonly isAgain?: boolean },
  ): void {
    const hops = packet.hops ?? [];
    const path: PacketPath = {
      from: `${from.name} (${hops[0]?.source || packet.sourceIP || (from.isRoot ? from.node.ip : '')})`,
      to: `${hops[0]?.destination}/${packet.protocol}`,
      program: runningProgram(this.kernel),
      about,
      hops,
      outcome,
      why: whyOf(hops, outcome),
    };
    this.log.add(path, this.kernel.loop.now, isAgain);
    // A Pod's namespace bears its Pod's name.
    const [namespace, name] = from.name.split('/');
    const sender = name === undefined ? undefined : { resource: 'pods', namespace, name };
    this.kernel.trace.emit('network', sender, { type: 'packet', ...path });
  }

  /** Shows a frame to who looks. */
  show(frame: Frame): void {
    for (const tap of this.taps) tap(frame);
  }

  /** What tcpdump says of the next echo: each program counts its own. */
  nextEcho(bytes: number): string {
    const { current } = this.kernel;
    const owner: object = current ?? this;
    const sequence = (this.#echoes.get(owner) ?? 0) + 1;
    this.#echoes.set(owner, sequence);
    return `id ${current instanceof Process ? current.pid : 1}, seq ${sequence}, length ${bytes + icmpHeaderBytes}`;
  }

  /** The node that has an address or routes it to its Pods. */
  nodeOf(ip: string): NodeNetwork | undefined {
    const direct = this.#byAddress.get(ip);
    if (direct) return direct;
    if (isIPv6Text(ip)) return this.#nodeOf6(ip);
    const address = parseIPv4(ip);
    if (address === undefined) return undefined;
    for (const [length, nodes] of this.#byPodCIDR) {
      const node = nodes.get(prefixOf(address, length));
      if (node) return node;
    }
    return undefined;
  }

  /** Machines of a cluster with IPv6 are few enough to be asked in turn. */
  #nodeOf6(ip: string): NodeNetwork | undefined {
    for (const node of this.nodes.values()) if (node.podCIDR6 && covers(node.podCIDR6, ip)) return node;
    return undefined;
  }

  #travel(from: Namespace, packet: Packet): Outcome {
    const { node } = from;
    if (from.isRoot) {
      packet.isLocal = true;
      if (packet.hops) packet.ownSource = node.sourceFor(packet.ip);
    } else packet.sourceIP = isLoopback(packet.ip) ? packet.ip : (from.addressLike(packet.ip) ?? '');
    packet.hops?.push(hopOf(packet, 'start', node.name, from.name, { device: isLoopback(packet.ip) ? 'lo' : 'eth0' }));
    if (!from.isRoot) {
      if (isLoopback(packet.ip) || from.addresses.includes(packet.ip)) return deliver(node, from, packet);
      if (from.addresses.length === 0) return lose(packet, node, `the Pod ${from.name} has no address yet, so it has no route`, 'no-route');
      if (packet.sourceIP === '')
        return lose(packet, node, `the Pod ${from.name} has no address of ${familyOf(packet.ip)}, so it has no route`, 'no-route');
      const link = hostLinkOf(node, from.addresses[0]!);
      packet.hops?.push(hopOf(packet, 'interface', node.name, linkText(node, link), { device: link }));
    }
    if (from.isRoot && node.addressLike(packet.ip) === undefined && !isLoopback(packet.ip))
      return lose(packet, node, `${node.name} has no address of ${familyOf(packet.ip)}, so it has no route`, 'no-route');
    return this.#route(from, packet);
  }

  #route(from: Namespace, packet: Packet): Outcome {
    let { node } = from;
    for (let routers = 0; routers < maxRouters; routers++) {
      const verdict = packet.protocol === 'UDP' ? track(node, packet) : translate(node, packet);
      if (verdict === 'reject') return 'rejected';
      if (verdict === 'drop') return 'dropped';
      if (node.hostPorts) toHostPort(node, packet);
      // Policies see where a packet really goes, so after all destination NAT.
      if (routers === 0 && node.policy && !from.isRoot && !node.policy.allows('egress', from, packet)) return 'dropped';
      if (isLoopback(packet.ip) || node.hasAddress(packet.ip)) return deliver(node, node.namespace, packet);
      const pod = node.podAt(packet.ip);
      if (pod) return deliverToPod(node, pod, packet);
      const block = node.podBlockLike(packet.ip);
      if (block && covers(block, packet.ip)) return noSuchPod(node, packet);
      const next = this.#nextFor(node, packet);
      if (!next) return lose(packet, node, lostBehind(this, node, packet), failures[this.balancers.get(packet.ip)?.failure ?? 'none']);
      const outcome = this.#cross(node, next, packet);
      if (outcome) return outcome;
      node = next;
    }
    return lose(packet, node, `more than ${maxRouters} routers passed it on, in circles`, 'dropped');
  }

  #nextFor(node: NodeNetwork, packet: Packet): NodeNetwork | undefined {
    const direct = this.nodeOf(packet.ip);
    if (direct) return direct.addressLike(packet.ip) === packet.ip || node.reachesPodsOf(direct) ? direct : undefined;
    const balancer = this.balancers.get(packet.ip);
    const chosen = balancer?.choose(packet, this.kernel.random);
    if (balancer) {
      const text = chosen ? `load balancer ${packet.ip} passes it to ${chosen.name}` : `load balancer ${packet.ip}`;
      packet.hops?.push(hopOf(packet, 'route', node.name, text));
    }
    if (chosen && balancer!.isProxy) {
      packet.ip = chosen.ip;
      packet.isProxied = true;
    }
    return chosen;
  }

  /** From node to node. Undefined when the packet made it. */
  #cross(node: NodeNetwork, next: NodeNetwork, packet: Packet): Outcome | undefined {
    const isToPod = this.podSubnet && !isIPv6Text(packet.ip) ? covers(this.podSubnet, packet.ip) : !next.hasAddress(packet.ip);
    const there = next.addressLike(packet.ip) ?? next.ip;
    const isRoutedToPod = isToPod && there !== packet.ip;
    const tunnel = isRoutedToPod ? tunnelAddress(node, packet.ip) : undefined;
    if (packet.hops)
      packet.hops.push(hopOf(packet, 'route', node.name, isRoutedToPod ? routeText(routeTo(node, next, packet.ip)) : `${there} dev eth0`));
    if (packet.sourceIP === '' || packet.masquerade || (!isToPod && !packet.isLocal))
      setSource(node, packet, tunnel ?? node.addressLike(packet.ip) ?? node.ip);
    packet.masquerade = false;
    packet.isLocal = false;
    if (tunnel !== undefined)
      packet.hops?.push(hopOf(packet, 'tunnel', node.name, tunnelText(node, next, packet.ip), { device: tunnelDevice(tunnel) }));
    packet.hops?.push(hopOf(packet, 'wire', node.name, 'leaves by eth0', { device: 'eth0' }));
    if (!node.isUp) return lose(packet, node, `the link of ${node.name} is down`, 'no-route');
    // Nobody answers ARP for the address of a machine without power.
    if (!next.isUp)
      return lose(
        packet,
        node,
        `nobody answers ${isIPv6Text(there) ? 'neighbour solicitations' : 'ARP'} for ${there}: ${next.name} is down`,
        'host-unreachable',
      );
    if (!this.canReach(node, next)) return lose(packet, node, `the wire between ${node.name} and ${next.name} is cut`, 'dropped');
    if (node.firewall || next.firewall) {
      const { protocol, sourceIP, port, isProxied } = packet;
      // Wrapped packets show the machines' own addresses.
      const outer = { protocol: 'UDP', sourceIP: node.ip, ip: next.ip, port: vxlan.port } as const;
      const blocked = !isProxied && heldUp(node, next, tunnel === undefined ? { protocol, sourceIP, ip: packet.ip, port } : outer);
      if (blocked) {
        const { chain, text, verdict } = blocked.rule;
        return lose(
          packet,
          blocked.node,
          `a rule of iptables holds it up: -A ${chain} ${text}`,
          verdict === 'REJECT' ? 'rejected' : 'dropped',
        );
      }
    }
    const loss = node.loss + next.loss;
    if (loss > 0 && (loss >= 1 || (!packet.pick && this.kernel.random.fraction() < loss)))
      return lose(packet, node, `it was lost between ${node.name} and ${next.name}`, 'dropped');
    packet.latencyMs += node.latencyMs + next.latencyMs;
    packet.hops?.push(hopOf(packet, 'wire', next.name, 'arrives by eth0', { device: 'eth0' }));
    if (tunnel !== undefined) packet.hops?.push(hopOf(packet, 'tunnel', next.name, 'unwrapped', { device: tunnelDevice(tunnel) }));
    return undefined;
  }
}

function translate(node: NodeNetwork, packet: Packet): 'accept' | 'reject' | 'drop' {
  return node.nat ? node.nat.translate(packet, node) : 'accept';
}

/** Where a datagram goes at a node: where its flow went before, or where the tables send a new one. */
function track(node: NodeNetwork, packet: Packet): 'accept' | 'reject' | 'drop' {
  const sourceIP = packet.sourceIP || (node.addressLike(packet.ip) ?? node.ip);
  if (packet.isFlow && node.conntrack.redirect(packet, sourceIP)) {
    packet.hops?.push(
      hopOf(packet, 'nat', node.name, `conntrack knows the flow: to ${hostPort(packet.ip, packet.port)}, as its first packet`),
    );
    return 'accept';
  }
  const { ip, port } = packet;
  const verdict = translate(node, packet);
  if (verdict === 'accept' && packet.sourcePort > 0 && (packet.isFlow || packet.ip !== ip)) {
    node.conntrack.remember(packet, sourceIP, { ip, port });
    if (packet.masquerade) packet.flow!.replyIP = node.addressLike(packet.ip) ?? node.ip;
  }
  return verdict;
}

/** The packet goes no further. */
function lose(packet: Packet, node: NodeNetwork, text: string, outcome: Outcome): Outcome {
  packet.hops?.push(hopOf(packet, 'loss', node.name, text));
  return outcome;
}

function linkText({ podNetwork }: NodeNetwork, link: string): string {
  const bridge = podNetwork ? podNetwork.bridge : 'cni0';
  return bridge === undefined ? `link ${link}` : `link ${link} on bridge ${bridge}`;
}

function tunnelText(node: NodeNetwork, next: NodeNetwork, ip: string): string {
  return `wrapped in UDP ${node.addressLike(ip)} > ${hostPort(next.addressLike(ip)!, vxlan.port)} (VXLAN ${vxlan.id})`;
}

/** Who answers for an address of this node's own block that no Pod has. */
function noSuchPod(node: NodeNetwork, packet: Packet): Outcome {
  if (node.podNetwork && node.podNetwork.bridge === undefined)
    return lose(packet, node, `no Pod has ${packet.ip}: the route blackhole ${node.podBlockLike(packet.ip)!.text} swallows it`, 'dropped');
  const question = isIPv6Text(packet.ip) ? 'neighbour solicitations' : 'ARP';
  return lose(packet, node, `no Pod on ${node.name} has ${packet.ip}: nobody answers ${question}`, 'host-unreachable');
}

/** What a sender hears of a load balancer that passes nothing on. */
const failures = { stopped: 'rejected', gone: 'host-unreachable', none: 'dropped' } as const;

function lostBehind(network: Network, { name }: NodeNetwork, { ip, port, protocol }: Packet): string {
  const failure = network.balancers.get(ip)?.failure;
  if (failure)
    return `the load balancer ${ip} ${failure === 'gone' ? 'does not answer ARP: its machine is gone' : 'refuses it: its program has stopped'}`;
  if (network.balancers.has(ip)) return `the load balancer ${ip} has no node for port ${port}/${protocol}`;
  return network.nodeOf(ip)
    ? `no route leads from ${name} to the Pod address ${ip}: it went to the default gateway, which drops it`
    : `nobody has ${ip}: it went to the default gateway, which drops it`;
}

function setSource(node: NodeNetwork, packet: Packet, ip: string): void {
  const isChanged = packet.sourceIP !== '' && packet.sourceIP !== ip;
  const text = isChanged ? `MASQUERADE: the source ${packet.sourceIP} becomes ${ip}` : '';
  packet.sourceIP = ip;
  if (isChanged) packet.hops?.push(hopOf(packet, 'nat', node.name, text));
}

function deliverToPod(node: NodeNetwork, pod: Namespace, packet: Packet): Outcome {
  const link = hostLinkOf(node, pod.addresses[0] ?? packet.ip);
  // Asked before the source is rewritten, as a chain FORWARD is.
  if (node.policy && !node.policy.allows('ingress', pod, packet)) return 'dropped';
  if (packet.masquerade || packet.sourceIP === '')
    setSource(node, packet, node.gatewayLike(packet.ip) ?? node.addressLike(packet.ip) ?? node.ip);
  packet.hops?.push(hopOf(packet, 'interface', node.name, linkText(node, link), { device: link }));
  return deliver(node, pod, packet);
}

function deliver(node: NodeNetwork, target: Namespace, packet: Packet): Outcome {
  if (packet.sourceIP === '') packet.sourceIP = packet.ip;
  packet.target = target;
  packet.hops?.push(hopOf(packet, 'arrival', node.name, target.name, { device: isLoopback(packet.ip) ? 'lo' : 'eth0' }));
  return 'delivered';
}

/** The plugin portmap: a port of the node that belongs to a Pod. */
function toHostPort(node: NodeNetwork, packet: Packet): void {
  if (!isLoopback(packet.ip) && !node.hasAddress(packet.ip)) return;
  const mapping = node.hostPorts!.get(`${packet.port}/${packet.protocol}`);
  if (!mapping || (mapping.hostIP !== undefined && mapping.hostIP !== packet.ip)) return;
  // A Pod that reaches itself this way, and the node's own loopback, need an address that can be answered.
  const ip = mapping.ips.find((one) => familyOf(one) === familyOf(packet.ip));
  if (ip === undefined) return;
  if (packet.sourceIP === ip || isLoopback(packet.ip)) packet.masquerade = true;
  packet.ip = ip;
  packet.port = mapping.port;
  packet.hops?.push(hopOf(packet, 'nat', node.name, `CNI-HOSTPORT-DNAT: to ${hostPort(ip, mapping.port)}`));
}

function pairOf(a: NodeNetwork, b: NodeNetwork): string {
  return a.name < b.name ? `${a.name}|${b.name}` : `${b.name}|${a.name}`;
}
