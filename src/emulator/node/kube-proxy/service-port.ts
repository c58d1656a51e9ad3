/**
 * What kube-proxy knows of one port of one Service: where it is reached, and its endpoints. Every node's proxy sees the same
 * objects, so they are compiled once and shared (upstream: pkg/proxy/serviceport.go, endpointslicecache.go, topology.go).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { EndpointSlice, Service } from '../../api/generated/types.ts';
import { toUint8Array, utf8 } from '../../kernel/index.ts';
import type { Block, IPFamily } from '../network/index.ts';
import { familyOf, isBlock6, parseBlock } from '../network/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** `ip:port`, `[ip]:port`. */
  readonly text: string;
  readonly nodeName: string | undefined;
  readonly isReady: boolean;
  /** Names of the zones and of the nodes that it is meant for; undefined without hints. */
  readonly zones: readonly string[] | undefined;
  readonly nodes: readonly string[] | undefined;
  /** Serves still, although it is going away: used when no other endpoint is left. */
  readonly isServingTerminating: boolean;
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first 16 characters of the base 32 form of a SHA-256, as chains are named (pkg/proxy/iptables/proxier.go, portProtoHash). */
export function chainHash(text: string): string {
  const digest = sha256(toUint8Array(utf8(text)));
  let out = '';
  for (let bit = 0; out.length < 16; bit += 5) {
    const pair = (digest[bit >> 3]! << 8) | digest[(bit >> 3) + 1]!;
    out += base32Alphabet[(pair >> (11 - (bit & 7))) & 31];
  }
  return out;
}

/** The name of the chain that rewrites packets for one endpoint. */
export function endpointChain(port: ServicePort, endpoint: Endpoint): string {
  return `KUBE-SEP-${chainHash(port.name + port.protocol.toLowerCase() + endpoint.text)}`;
}

/** The chains of a Service's port, by what they are for; names are hashed only when somebody looks. */
export function serviceChain(prefix: 'SVC' | 'SVL' | 'EXT' | 'FW', port: ServicePort): string {
  return `KUBE-${prefix}-${chainHash(port.name + port.protocol.toLowerCase())}`;
}

export interface ServicePort {
  /** Of which all addresses here are: a Service of two families has two of each of its ports. */
  readonly family: IPFamily;
  /** `namespace/name:port`, or without the port's name when it has none. */
  readonly name: string;
  /** Tables have ports of SCTP; nobody here sends such packets. */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly clusterIP: string;
  readonly port: number;
  /** 0 when there is none. */
  readonly nodePort: number;
  /** 0 when there is none. */
  readonly healthCheckNodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Who may use the load balancer's addresses; everybody when empty. */
  readonly sourceRanges: readonly Block[];
  readonly isInternalLocal: boolean;
  readonly isExternalLocal: boolean;
  /** 0 without session affinity. */
  readonly affinitySeconds: number;
  /** Whether endpoints say for whom they are meant. */
  readonly hasHints: boolean;
  /** Sorted by their text. */
  readonly endpoints: readonly Endpoint[];
  /** What traffic for the whole cluster goes to, hints aside. */
  readonly clusterEndpoints: readonly Endpoint[];
}

/** Endpoints that traffic goes to: the ready ones, else those that still serve while they terminate (KEP 1669). */
export function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.isReady);
  return ready.length > 0 ? ready : endpoints.filter((endpoint) => endpoint.isServingTerminating);
}

/** Endpoints on this node, for traffic that may not leave it. */
export function localEndpoints(port: ServicePort, nodeName: string): readonly Endpoint[] {
  return usable(port.endpoints.filter((endpoint) => endpoint.nodeName === nodeName));
}

/** Where a proxy runs, as far as hints go by it. */
export interface Place {
  readonly nodeName: string;
  readonly zone: string | undefined;
}

/**
 * Endpoints for traffic of the whole cluster that starts here (pkg/proxy/topology.go, CategorizeEndpoints): those hinted for this node
 * if every ready one has such a hint and one of them is, else those hinted for its zone on the same terms, else all.
 */
export function endpointsFrom(port: ServicePort, { nodeName, zone }: Place): readonly Endpoint[] {
  const { clusterEndpoints: all } = port;
  if (!port.hasHints || !all[0]!.isReady) return all;
  const near = (names: (endpoint: Endpoint) => readonly string[] | undefined, own: string | undefined): readonly Endpoint[] =>
    own !== undefined && all.every((endpoint) => names(endpoint)) ? all.filter((endpoint) => names(endpoint)!.includes(own)) : [];
  const sameNode = near(({ nodes }) => nodes, nodeName);
  if (sameNode.length > 0) return sameNode;
  const sameZone = near(({ zones }) => zones, zone);
  return sameZone.length > 0 ? sameZone : all;
}

const none: readonly ServicePort[] = [];
/** The last compilation of each Service, which the proxies of all nodes share. */
const compiled = new WeakMap<Service, { readonly slices: readonly EndpointSlice[]; readonly ports: readonly ServicePort[] }>();

/** Whether a proxy leaves this Service alone: headless, a name elsewhere, or in the care of another proxy. */
function isSkipped({ spec, metadata }: Service): boolean {
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return true;
  return (
    metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined ||
    metadata.labels?.['service.kubernetes.io/headless'] !== undefined
  );
}

/** The ports of a Service with the endpoints that its slices give them. The same arguments give the same result, not made twice. */
export function compileService(service: Service, slices: readonly EndpointSlice[]): readonly ServicePort[] {
  if (isSkipped(service)) return none;
  const before = compiled.get(service);
  if (before && before.slices.length === slices.length && before.slices.every((slice, i) => slice === slices[i])) return before.ports;
  const ports = compile(service, slices);
  compiled.set(service, { slices, ports });
  return ports;
}

function compile(service: Service, slices: readonly EndpointSlice[]): readonly ServicePort[] {
  const { clusterIP, clusterIPs = [clusterIP!] } = service.spec;
  return clusterIPs.flatMap((ip) => compileFamily(service, slices, ip));
}

function compileFamily({ metadata, spec, status }: Service, slices: readonly EndpointSlice[], clusterIP: string): readonly ServicePort[] {
  const family = familyOf(clusterIP);
  const ports: ServicePort[] = [];
  const isOurs = (ip: string): boolean => familyOf(ip) === family;
  for (const port of spec.ports ?? []) {
    const protocol = (port.protocol ?? 'TCP') as ServicePort['protocol'];
    const endpoints = endpointsOf(slices, port.name ?? '', family);
    const clusterEndpoints = usable(endpoints);
    ports.push({
      family,
      name: `${metadata.namespace}/${metadata.name}${port.name ? `:${port.name}` : ''}`,
      protocol,
      clusterIP,
      port: port.port,
      nodePort: port.nodePort ?? 0,
      healthCheckNodePort: spec.healthCheckNodePort ?? 0,
      externalIPs: (spec.externalIPs ?? []).filter(isOurs),
      loadBalancerIPs: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
        ip && ipMode !== 'Proxy' && isOurs(ip) ? [ip] : [],
      ),
      sourceRanges: (spec.loadBalancerSourceRanges ?? []).flatMap((range) => {
        const block = parseBlock(range.trim());
        return block && isBlock6(block) === (family === 'IPv6') ? [block] : [];
      }),
      isInternalLocal: spec.internalTrafficPolicy === 'Local',
      isExternalLocal: spec.externalTrafficPolicy === 'Local',
      affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
      endpoints,
      clusterEndpoints,
      hasHints: clusterEndpoints.some(({ zones, nodes }) => zones ?? nodes),
    });
  }
  return ports;
}

function endpointsOf(slices: readonly EndpointSlice[], portName: string, family: IPFamily): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType !== family) continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || port.port === undefined) continue;
      for (const { addresses, conditions, nodeName, hints } of slice.endpoints ?? []) {
        const ip = addresses[0]!;
        const isReady = conditions?.ready !== false;
        const isServingTerminating = (conditions?.serving ?? isReady) && conditions?.terminating === true;
        const zones = hints?.forZones?.map(({ name }) => name);
        const nodes = hints?.forNodes?.map(({ name }) => name);
        const text = hostPort(ip, port.port);
        const endpoint: Endpoint = { ip, port: port.port, text, nodeName, isReady, zones, nodes, isServingTerminating };
        if (isReady || !found.get(endpoint.text)?.isReady) found.set(endpoint.text, endpoint);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}
