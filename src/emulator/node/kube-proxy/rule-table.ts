import type { Kernel } from '../../kernel/index.ts';
import type { Block, Packet, TableNode } from '../network/index.ts';
import { covers, familyOf, hopOf } from '../network/index.ts';
import { endpointNftChain, nftChain } from './nft-names.ts';
import type { Endpoint, ServicePort } from './service-port.ts';
import { endpointChain, endpointsFrom, localEndpoints, serviceChain } from './service-port.ts';
import { forget, mayUse, natText, nodePortKey, refuse, ServiceTable } from './service-table.ts';

/** The rules of mode iptables, and of mode nftables, which differs in what it does with ClusterIPs that no rule wants. */
export class RuleTable extends ServiceTable {
  readonly mode: 'iptables' | 'nftables';
  /** Of mode nftables: a packet to an address in here that no Service has is dropped. */
  serviceCIDRs: readonly Block[] = [];
  readonly #clusterIPs = new Map<string, ServicePort>();
  readonly #externalIPs = new Map<string, ServicePort>();
  readonly #balancedIPs = new Map<string, ServicePort>();
  readonly #nodePorts = new Map<string, ServicePort>();
  /** How many ports each ClusterIP has, in mode nftables. */
  readonly #portCounts = new Map<string, number>();

  constructor(kernel: Kernel, nodeName: string, mode: 'iptables' | 'nftables' = 'iptables') {
    super(kernel, nodeName);
    this.mode = mode;
  }

  translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop' {
    const key = `${packet.ip}:${packet.port}/${packet.protocol}`;
    const internal = this.#clusterIPs.get(key);
    if (internal) return this.#toCluster(internal, packet, node.name);
    const balanced = this.#balancedIPs.get(key);
    if (balanced && !mayUse(balanced, packet.sourceIP || (node.addressLike(packet.ip) ?? node.ip))) {
      const chain = this.mode === 'nftables' ? nftChain('firewall', balanced) : 'KUBE-PROXY-FIREWALL';
      const client = packet.sourceIP || (node.addressLike(packet.ip) ?? node.ip);
      packet.hops?.push(hopOf(packet, 'loss', node.name, `${chain}: loadBalancerSourceRanges of ${balanced.name} do not let ${client} in`));
      return 'drop';
    }
    const external = balanced ?? this.#externalIPs.get(key) ?? this.#nodePort(packet, node);
    if (external) return this.#toExternal(external, packet, node.name);
    return this.mode === 'nftables' ? this.#toNobody(packet, node.name) : 'accept';
  }

  /** Chain cluster-ips-check of mode nftables. */
  #toNobody(packet: Packet, node: string): 'accept' | 'reject' | 'drop' {
    const isActive = this.#portCounts.has(packet.ip);
    if (!isActive && !this.serviceCIDRs.some((block) => covers(block, packet.ip))) return 'accept';
    const why = isActive ? 'no Service has this port of the address' : 'no Service has this address';
    packet.hops?.push(hopOf(packet, isActive ? 'refusal' : 'loss', node, `cluster-ips-check: ${why}`));
    return isActive ? 'reject' : 'drop';
  }

  #toCluster(port: ServicePort, packet: Packet, node: string): 'accept' | 'reject' | 'drop' {
    if (port.clusterEndpoints.length === 0) return refuse(port, packet, node);
    const endpoints = port.isInternalLocal ? localEndpoints(port, this.nodeName) : endpointsFrom(port, this);
    if (this.masqueradesAll || !this.isPod(packet.sourceIP)) packet.masquerade = true;
    return this.#destinationNat(port, endpoints, packet, node, port.isInternalLocal ? 'SVL' : 'SVC');
  }

  #toExternal(port: ServicePort, packet: Packet, node: string): 'accept' | 'reject' | 'drop' {
    if (port.clusterEndpoints.length === 0) return refuse(port, packet, node);
    if (!port.isExternalLocal) {
      packet.masquerade = true;
      return this.#destinationNat(port, endpointsFrom(port, this), packet, node, 'SVC');
    }
    // Traffic from inside the cluster takes the short way to all endpoints; the node's own has no address worth keeping.
    if (this.isPod(packet.sourceIP)) return this.#destinationNat(port, endpointsFrom(port, this), packet, node, 'SVC');
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
    const endpoint = this.stick(port, endpoints, packet, (all) => all[packet.choose(all.length, this.kernel.random)]!);
    if (endpoint.ip === packet.sourceIP) packet.masquerade = true; // It would answer itself directly.
    packet.ip = endpoint.ip;
    packet.port = endpoint.port;
    packet.hops?.push(hopOf(packet, 'nat', node, `${this.#chainsOf(port, endpoint, chain)}: ${natText(port, endpoint, endpoints.length)}`));
    return 'accept';
  }

  #chainsOf(port: ServicePort, endpoint: Endpoint, chain: 'SVC' | 'SVL'): string {
    if (this.mode === 'iptables') return `${serviceChain(chain, port)} > ${endpointChain(port, endpoint)}`;
    return `${nftChain(chain === 'SVC' ? 'service' : 'local', port)} > ${endpointNftChain('endpoint', port, endpoint)}`;
  }

  #nodePort(packet: Packet, node: TableNode): ServicePort | undefined {
    if (this.#nodePorts.size === 0 || !this.hasNodePortsOn(packet.ip, node)) return undefined;
    return this.#nodePorts.get(nodePortKey(packet.port, packet.protocol, familyOf(packet.ip)));
  }

  protected add(port: ServicePort): void {
    this.#clusterIPs.set(`${port.clusterIP}:${port.port}/${port.protocol}`, port);
    for (const ip of port.externalIPs) this.#externalIPs.set(`${ip}:${port.port}/${port.protocol}`, port);
    for (const ip of port.loadBalancerIPs) this.#balancedIPs.set(`${ip}:${port.port}/${port.protocol}`, port);
    if (port.nodePort > 0) this.#nodePorts.set(nodePortKey(port.nodePort, port.protocol, port.family), port);
    if (this.mode === 'nftables') this.#count(port.clusterIP, 1);
  }

  protected remove(port: ServicePort): void {
    forget(this.#clusterIPs, `${port.clusterIP}:${port.port}/${port.protocol}`, port);
    for (const ip of port.externalIPs) forget(this.#externalIPs, `${ip}:${port.port}/${port.protocol}`, port);
    for (const ip of port.loadBalancerIPs) forget(this.#balancedIPs, `${ip}:${port.port}/${port.protocol}`, port);
    forget(this.#nodePorts, nodePortKey(port.nodePort, port.protocol, port.family), port);
    if (this.mode === 'nftables') this.#count(port.clusterIP, -1);
  }

  #count(ip: string, by: number): void {
    const count = (this.#portCounts.get(ip) ?? 0) + by;
    if (count > 0) this.#portCounts.set(ip, count);
    else this.#portCounts.delete(ip);
  }
}
