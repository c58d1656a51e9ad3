import type { Kernel } from '../../kernel/index.ts';
import type { Cidr, NatTable, Packet, TableNode } from '../network/index.ts';
import { contains, hopOf, isLoopback, parseIPv4 } from '../network/index.ts';
import type { Endpoint, Place, ServicePort } from './service-port.ts';
import { endpointChain, endpointsFrom, localEndpoints, serviceChain } from './service-port.ts';

interface Affinity {
  readonly endpoint: string;
  seenMs: number;
}

/**
 * The rules that one node's kernel has: what its kube-proxy last programmed. It outlives the proxy, so that Services go on
 * working, and go stale, while none runs.
 */
export class RuleTable implements NatTable, Place {
  readonly nodeName: string;
  /** The node's zone, known only where a Service has hints. */
  zone: string | undefined;
  /** Sources in here are Pods: their traffic to a ClusterIP keeps its address. */
  clusterCIDR: Cidr | undefined;
  masqueradesAll = false;
  hasLocalhostNodePorts = true;
  /** Blocks of the node's own addresses on which node ports answer; all when empty. */
  nodePortBlocks: readonly Cidr[] = [];
  readonly #kernel: Kernel;
  /** Ports of a Service by its key, `namespace/name`. */
  readonly #services = new Map<string, readonly ServicePort[]>();
  readonly #clusterIPs = new Map<string, ServicePort>();
  readonly #externalIPs = new Map<string, ServicePort>();
  readonly #balancedIPs = new Map<string, ServicePort>();
  readonly #nodePorts = new Map<string, ServicePort>();
  /** Which endpoint a client was last sent to, by port and client, where a Service asks for it. */
  readonly #affinities = new Map<string, Map<string, Affinity>>();

  constructor(kernel: Kernel, nodeName: string) {
    this.#kernel = kernel;
    this.nodeName = nodeName;
  }

  /** Every programmed port, sorted by name. */
  get ports(): readonly ServicePort[] {
    return [...this.#services.values()].flat().sort((a, b) => (a.name + a.protocol < b.name + b.protocol ? -1 : 1));
  }

  get serviceKeys(): Iterable<string> {
    return this.#services.keys();
  }

  /** Replaces the rules of one Service; no ports removes them. */
  program(key: string, ports: readonly ServicePort[]): void {
    const before = this.#services.get(key);
    if (before === ports) return;
    for (const port of before ?? []) this.#remove(port);
    if (ports.length === 0) this.#services.delete(key);
    else this.#services.set(key, ports);
    for (const port of ports) this.#add(port);
  }

  translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop' {
    if (packet.protocol === 'ICMP') return 'accept';
    const key = `${packet.ip}:${packet.port}/${packet.protocol}`;
    const internal = this.#clusterIPs.get(key);
    if (internal) return this.#toCluster(internal, packet, node.name);
    const balanced = this.#balancedIPs.get(key);
    if (balanced && !mayUse(balanced, packet.sourceIP || node.ip)) {
      packet.hops?.push(
        hopOf(
          packet,
          'loss',
          node.name,
          `KUBE-PROXY-FIREWALL: loadBalancerSourceRanges of ${balanced.name} do not let ${packet.sourceIP || node.ip} in`,
        ),
      );
      return 'drop';
    }
    const external = balanced ?? this.#externalIPs.get(key) ?? this.#nodePort(packet, node);
    return external ? this.#toExternal(external, packet, node.name) : 'accept';
  }

  #toCluster(port: ServicePort, packet: Packet, node: string): 'accept' | 'reject' | 'drop' {
    if (port.clusterEndpoints.length === 0) return reject(port, packet, node);
    const endpoints = port.isInternalLocal ? localEndpoints(port, this.nodeName) : endpointsFrom(port, this);
    if (this.masqueradesAll || !this.#isPod(packet.sourceIP)) packet.masquerade = true;
    return this.#destinationNat(port, endpoints, packet, node, port.isInternalLocal ? 'SVL' : 'SVC');
  }

  #toExternal(port: ServicePort, packet: Packet, node: string): 'accept' | 'reject' | 'drop' {
    if (port.clusterEndpoints.length === 0) return reject(port, packet, node);
    if (!port.isExternalLocal) {
      packet.masquerade = true;
      return this.#destinationNat(port, endpointsFrom(port, this), packet, node, 'SVC');
    }
    // Traffic from inside the cluster takes the short way to all endpoints; the node's own has no address worth keeping.
    if (this.#isPod(packet.sourceIP)) return this.#destinationNat(port, endpointsFrom(port, this), packet, node, 'SVC');
    if (packet.isLocal) {
      packet.masquerade = true;
      return this.#destinationNat(port, endpointsFrom(port, this), packet, node, 'SVC');
    }
    return this.#destinationNat(port, localEndpoints(port, this.nodeName), packet, node, 'SVL');
  }

  #destinationNat(
    port: ServicePort,
    endpoints: readonly Endpoint[],
    packet: Packet,
    node: string,
    chain: 'SVC' | 'SVL',
  ): 'accept' | 'drop' {
    if (endpoints.length === 0) {
      packet.hops?.push(
        hopOf(packet, 'loss', node, `the Service ${port.name} has no endpoint on ${node}, and its traffic policy is Local`),
      );
      return 'drop';
    }
    const endpoint = this.#choose(port, endpoints, packet);
    if (endpoint.ip === packet.sourceIP) packet.masquerade = true; // It would answer itself directly.
    packet.ip = endpoint.ip;
    packet.port = endpoint.port;
    packet.hops?.push(hopOf(packet, 'nat', node, natText(port, endpoint, endpoints.length, chain)));
    return 'accept';
  }

  #choose(port: ServicePort, endpoints: readonly Endpoint[], packet: Packet): Endpoint {
    const { loop, random } = this.#kernel;
    const client = packet.sourceIP;
    const affinities = port.affinitySeconds > 0 ? this.#affinitiesOf(port) : undefined;
    const known = affinities?.get(client);
    const isFresh = known && loop.now - known.seenMs <= port.affinitySeconds * 1000;
    const before = isFresh ? endpoints.find((endpoint) => endpoint.text === known.endpoint) : undefined;
    const chosen = before ?? endpoints[packet.choose(endpoints.length, random)]!;
    if (!packet.pick) affinities?.set(client, { endpoint: chosen.text, seenMs: loop.now });
    return chosen;
  }

  #affinitiesOf(port: ServicePort): Map<string, Affinity> {
    const key = `${port.name}/${port.protocol}`;
    const affinities = this.#affinities.get(key) ?? new Map<string, Affinity>();
    this.#affinities.set(key, affinities);
    return affinities;
  }

  #nodePort(packet: Packet, node: { hasAddress(ip: string): boolean }): ServicePort | undefined {
    if (this.#nodePorts.size === 0 || !this.#hasNodePortsOn(packet.ip, node)) return undefined;
    return this.#nodePorts.get(`${packet.port}/${packet.protocol}`);
  }

  #hasNodePortsOn(ip: string, node: { hasAddress(ip: string): boolean }): boolean {
    if (isLoopback(ip)) return this.hasLocalhostNodePorts && this.nodePortBlocks.length === 0;
    if (!node.hasAddress(ip)) return false;
    return this.nodePortBlocks.length === 0 || this.nodePortBlocks.some((block) => contains(block, parseIPv4(ip)!));
  }

  #isPod(ip: string): boolean {
    return this.clusterCIDR === undefined || (ip !== '' && contains(this.clusterCIDR, parseIPv4(ip)!));
  }

  #add(port: ServicePort): void {
    this.#clusterIPs.set(`${port.clusterIP}:${port.port}/${port.protocol}`, port);
    for (const ip of port.externalIPs) this.#externalIPs.set(`${ip}:${port.port}/${port.protocol}`, port);
    for (const ip of port.loadBalancerIPs) this.#balancedIPs.set(`${ip}:${port.port}/${port.protocol}`, port);
    if (port.nodePort > 0) this.#nodePorts.set(`${port.nodePort}/${port.protocol}`, port);
  }

  #remove(port: ServicePort): void {
    forget(this.#clusterIPs, `${port.clusterIP}:${port.port}/${port.protocol}`, port);
    for (const ip of port.externalIPs) forget(this.#externalIPs, `${ip}:${port.port}/${port.protocol}`, port);
    for (const ip of port.loadBalancerIPs) forget(this.#balancedIPs, `${ip}:${port.port}/${port.protocol}`, port);
    forget(this.#nodePorts, `${port.nodePort}/${port.protocol}`, port);
    if (port.affinitySeconds === 0) this.#affinities.delete(`${port.name}/${port.protocol}`);
  }
}

function reject(port: ServicePort, packet: Packet, node: string): 'reject' {
  packet.hops?.push(
    hopOf(packet, 'refusal', node, `the Service ${port.name} has no ready endpoints, so ${node} answers "port unreachable"`),
  );
  return 'reject';
}

/** Which rules rewrote a packet, and to what. */
function natText(port: ServicePort, endpoint: Endpoint, count: number, chain: 'SVC' | 'SVL'): string {
  const which = count === 1 ? 'the only endpoint' : `one of ${count} endpoints`;
  return `${serviceChain(chain, port)} > ${endpointChain(port, endpoint)}: to ${endpoint.text}, ${which} of the Service ${port.name}`;
}

/** Whether the source ranges of a load balancer let a client in. */
function mayUse({ sourceRanges }: ServicePort, client: string): boolean {
  return sourceRanges.length === 0 || sourceRanges.some((range) => contains(range, parseIPv4(client)!));
}

/** Another Service may hold the address by now. */
function forget(ports: Map<string, ServicePort>, key: string, port: ServicePort): void {
  if (ports.get(key) === port) ports.delete(key);
}
