import { hostPort, parseIPv6 } from '../../machinery/ipv6.ts';
import type { Connection, Packet, TableNode } from '../network/index.ts';
import { compareIPs, familyOf, hopOf, isLoopback, parseIPv4 } from '../network/index.ts';
import type { Endpoint, ServicePort } from './service-port.ts';
import { endpointsFrom, localEndpoints } from './service-port.ts';
import { forget, mayUse, natText, nodePortKey, refuse, ServiceTable } from './service-table.ts';

/** IPVS remembers an ended TCP connection (TIME_WAIT) and a flow of UDP for this long. */
const timeWaitMs = 120_000;
const udpMs = 300_000;
/** A real server that goes away keeps what it has; once a minute the proxy looks whether it may go (graceful_termination.go). */
const gracefulPeriodMs = 60_000;

/** One endpoint behind a virtual server. */
export class RealServer {
  readonly endpoint: Endpoint;
  weight = 1;
  activeConnections = 0;
  /** Connections that it was given so far. */
  total = 0;
  #expiries: number[] = [];

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  inactiveConnections(now: number): number {
    this.#expiries = this.#expiries.filter((expiry) => expiry > now);
    return this.#expiries.length;
  }

  /** A connection has ended now and is remembered for so long. */
  rest(now: number, ms: number): void {
    while (this.#expiries[0] !== undefined && this.#expiries[0] <= now) this.#expiries.shift();
    this.#expiries.push(now + ms);
  }
}

export type Portal = 'cluster' | 'external' | 'balanced' | 'node';

/** An address and port that IPVS answers for. Node ports have no address of their own: they are on all of the node's. */
export class VirtualServer {
  readonly portal: Portal;
  readonly ip: string;
  readonly port: number;
  servicePort: ServicePort;
  realServers: readonly RealServer[] = [];
  turn = -1;

  constructor(portal: Portal, ip: string, port: number, servicePort: ServicePort) {
    this.portal = portal;
    this.ip = ip;
    this.port = port;
    this.servicePort = servicePort;
  }
}

type Scheduler = (server: VirtualServer, packet: Packet, now: number) => RealServer | undefined;

const alive = ({ realServers }: VirtualServer): readonly RealServer[] => realServers.filter(({ weight }) => weight > 0);

const roundRobin: Scheduler = (server, packet) => {
  const all = alive(server);
  if (all.length === 0) return undefined;
  if (packet.pick) return all[packet.pick(all.length)];
  server.turn = (server.turn + 1) % all.length;
  return all[server.turn];
};

/** The one with the least of something, the first of equals. */
const leastOf =
  (load: (real: RealServer, now: number) => number): Scheduler =>
  (server, _, now) => {
    let best: RealServer | undefined;
    for (const real of alive(server)) if (!best || load(real, now) < load(best, now)) best = real;
    return best;
  };

/** The 32 bits of an address, of IPv6 its four words folded (ip_vs_sh_hashkey). */
function foldedAddress(ip: string): number {
  const six = parseIPv6(ip);
  return six === undefined
    ? (parseIPv4(ip) ?? 0)
    : [0n, 32n, 64n, 96n].reduce((sum, shift) => sum ^ Number((six >> shift) & 0xffff_ffffn), 0);
}

/** 256 buckets that the real servers share in turn (net/netfilter/ipvs/ip_vs_sh.c). */
const hashOf =
  (address: (packet: Packet) => string): Scheduler =>
  (server, packet) => {
    const all = alive(server);
    const bucket = Math.imul(foldedAddress(address(packet)), 0x61c8_8647) >>> 24;
    return all.length === 0 ? undefined : all[bucket % all.length];
  };

const leastConnections = leastOf((real, now) => real.activeConnections * 256 + real.inactiveConnections(now));
const sourceHash = hashOf(({ sourceIP }) => sourceIP);
const shortestDelay = leastOf((real) => real.activeConnections + 1);
const neverQueue: Scheduler = (server, packet, now) =>
  alive(server).find((real) => real.activeConnections === 0) ?? shortestDelay(server, packet, now);

/** Every weight is 1, so that weighted schedulers do as their plain ones. Differs from Linux: lblc and lblcr do as wlc, mh as sh. */
const schedulers: Readonly<Record<string, Scheduler>> = {
  rr: roundRobin,
  wrr: roundRobin,
  lc: leastConnections,
  wlc: leastConnections,
  lblc: leastConnections,
  lblcr: leastConnections,
  sh: sourceHash,
  mh: sourceHash,
  dh: hashOf(({ ip }) => ip),
  sed: shortestDelay,
  nq: neverQueue,
};

/** What IPVS, the dummy interface kube-ipvs0 and the rules of mode ipvs do together with a node's packets. */
export class VirtualServerTable extends ServiceTable {
  readonly mode = 'ipvs';
  scheduler = 'rr';
  readonly #servers = new Map<string, VirtualServer>();
  readonly #nodePorts = new Map<string, VirtualServer>();
  /** Addresses of kube-ipvs0, with how many virtual servers each has. */
  readonly #bound = new Map<string, number>();
  #isWatching = false;

  /** Virtual servers but for node ports. */
  get servers(): readonly VirtualServer[] {
    return [...this.#servers.values()];
  }

  get nodePortServers(): readonly VirtualServer[] {
    return [...this.#nodePorts.values()];
  }

  /** Addresses of kube-ipvs0. */
  get addresses(): readonly string[] {
    return [...this.#bound.keys()].sort(compareIPs);
  }

  translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop' {
    const server = this.#servers.get(`${packet.ip}:${packet.port}/${packet.protocol}`) ?? this.#nodePort(packet, node);
    if (!server) {
      if (!this.#bound.has(packet.ip)) return 'accept';
      packet.hops?.push(hopOf(packet, 'refusal', node.name, 'KUBE-IPVS-FILTER: no Service has this port of the address'));
      return 'reject';
    }
    const { portal, servicePort: port } = server;
    if (portal === 'balanced' && !mayUse(port, packet.sourceIP || (node.addressLike(packet.ip) ?? node.ip))) {
      const client = packet.sourceIP || (node.addressLike(packet.ip) ?? node.ip);
      packet.hops?.push(
        hopOf(packet, 'loss', node.name, `KUBE-PROXY-FIREWALL: loadBalancerSourceRanges of ${port.name} do not let ${client} in`),
      );
      return 'drop';
    }
    return this.#forward(server, port, packet, node);
  }

  #forward(server: VirtualServer, port: ServicePort, packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop' {
    const { now } = this.kernel.loop;
    const client = packet.sourceIP;
    if (!server.realServers.some(({ weight }) => weight > 0)) return refuse(port, packet, node.name);
    const isFromPod = this.isPod(client);
    const isLocal = server.portal === 'cluster' ? false : port.isExternalLocal;
    if (server.portal === 'cluster' ? this.masqueradesAll || !isFromPod : !isLocal) packet.masquerade = true;
    if (isLocal && !isFromPod && localEndpoints(port, this.nodeName).length === 0) {
      packet.hops?.push(
        hopOf(
          packet,
          'loss',
          node.name,
          `the Service ${port.name} has no endpoint on ${node.name}: the answer does not come back this way`,
        ),
      );
      return 'drop';
    }
    const schedule = schedulers[this.scheduler] ?? roundRobin;
    const endpoints = alive(server).map(({ endpoint }) => endpoint);
    const chosen = this.stick(port, endpoints, packet, () => schedule(server, packet, now)!.endpoint);
    const real = server.realServers.find(({ endpoint }) => endpoint.text === chosen.text)!;
    if (chosen.ip === client) packet.masquerade = true; // KUBE-LOOP-BACK
    const virtual = `IPVS ${hostPort(packet.ip, packet.port)} ${this.scheduler}`;
    packet.ip = chosen.ip;
    packet.port = chosen.port;
    packet.hops?.push(hopOf(packet, 'nat', node.name, `${virtual}: ${natText(port, chosen, endpoints.length)}`));
    if (!packet.pick) this.#count(real, packet, now);
    return 'accept';
  }

  #count(real: RealServer, packet: Packet, now: number): void {
    real.total++;
    if (packet.protocol === 'UDP') return real.rest(now, udpMs);
    packet.onOpen = (connection: Connection) => {
      real.activeConnections++;
      connection.onClose(() => {
        real.activeConnections--;
        real.rest(this.kernel.loop.now, timeWaitMs);
      });
    };
  }

  #nodePort(packet: Packet, node: TableNode): VirtualServer | undefined {
    if (this.#nodePorts.size === 0 || isLoopback(packet.ip) || !this.hasNodePortsOn(packet.ip, node)) return undefined;
    return this.#nodePorts.get(nodePortKey(packet.port, packet.protocol, familyOf(packet.ip)));
  }

  /** A Service that changed keeps its virtual servers, and they their real ones with what these count. */
  override program(key: string, ports: readonly ServicePort[]): void {
    const before = this.portsOf(key);
    if (before === ports) return;
    const kept = new Map(before.flatMap((port) => this.#serversOf(port).map(([name, server]) => [name, server] as const)));
    super.program(key, ports);
    for (const port of ports) for (const [name, server] of this.#serversOf(port)) this.#fill(server, kept.get(name));
  }

  override setZone(zone: string | undefined): void {
    super.setZone(zone);
    for (const server of [...this.#servers.values(), ...this.#nodePorts.values()]) this.#fill(server, server);
  }

  #serversOf(port: ServicePort): readonly (readonly [string, VirtualServer])[] {
    const names = [port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs].map((ip) => `${ip}:${port.port}/${port.protocol}`);
    const found = names.flatMap((name) => {
      const server = this.#servers.get(name);
      return server ? [[name, server] as const] : [];
    });
    const key = nodePortKey(port.nodePort, port.protocol, port.family);
    const node = this.#nodePorts.get(key);
    return node ? [...found, [key, node] as const] : found;
  }

  /** The endpoints that a virtual server has (syncEndpoint): without local ones, those of the whole cluster. */
  #fill(server: VirtualServer, before: VirtualServer | undefined): void {
    const { servicePort: port, portal } = server;
    const isLocal = portal === 'cluster' ? port.isInternalLocal : port.isExternalLocal;
    const local = isLocal ? localEndpoints(port, this.nodeName) : [];
    const wanted = local.length > 0 ? local : endpointsFrom(port, this);
    const old = new Map((before?.realServers ?? []).map((real) => [real.endpoint.text, real]));
    const next = wanted.map((endpoint) => {
      const real = old.get(endpoint.text) ?? new RealServer(endpoint);
      old.delete(endpoint.text);
      real.weight = 1;
      return real;
    });
    const leaving = [...old.values()].filter((real) => port.protocol === 'TCP' && this.#isBusy(real));
    for (const real of leaving) real.weight = 0;
    if (leaving.length > 0) this.#watchLeaving();
    server.realServers = [...next, ...leaving];
    server.turn = before?.turn ?? -1;
  }

  #isBusy(real: RealServer): boolean {
    return real.activeConnections + real.inactiveConnections(this.kernel.loop.now) > 0;
  }

  #watchLeaving(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.kernel.loop.after(gracefulPeriodMs, () => this.#dropIdle(), undefined, true);
  }

  #dropIdle(): void {
    this.#isWatching = false;
    for (const server of [...this.#servers.values(), ...this.#nodePorts.values()]) {
      if (server.realServers.every(({ weight }) => weight > 0)) continue;
      server.realServers = server.realServers.filter((real) => real.weight > 0 || this.#isBusy(real));
      if (server.realServers.some(({ weight }) => weight === 0)) this.#watchLeaving();
    }
  }

  protected add(port: ServicePort): void {
    this.#bind('cluster', port.clusterIP, port);
    for (const ip of port.externalIPs) this.#bind('external', ip, port);
    for (const ip of port.loadBalancerIPs) this.#bind('balanced', ip, port);
    if (port.nodePort > 0)
      this.#nodePorts.set(nodePortKey(port.nodePort, port.protocol, port.family), new VirtualServer('node', '', port.nodePort, port));
  }

  #bind(portal: Portal, ip: string, port: ServicePort): void {
    const key = `${ip}:${port.port}/${port.protocol}`;
    if (!this.#servers.has(key)) this.#bound.set(ip, (this.#bound.get(ip) ?? 0) + 1);
    this.#servers.set(key, new VirtualServer(portal, ip, port.port, port));
  }

  protected remove(port: ServicePort): void {
    for (const [key, server] of this.#serversOf(port)) {
      if (server.servicePort !== port) continue;
      if (server.portal === 'node') forget(this.#nodePorts, key, server);
      else {
        this.#servers.delete(key);
        const left = this.#bound.get(server.ip)! - 1;
        if (left > 0) this.#bound.set(server.ip, left);
        else this.#bound.delete(server.ip);
      }
    }
  }
}
