/** The records of a cluster: Kubernetes' DNS specification 1.1.0, as CoreDNS' plugin kubernetes answers (plugin/kubernetes). */
import type { Endpoint, EndpointSlice, Service } from '../../../api/generated/types.ts';
import type { DnsRecord } from '../../../node/network/index.ts';
import { canonicalIP, familyOf } from '../../../node/network/index.ts';

/** The cluster's objects, as the plugin's caches have them. */
export interface ClusterView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): Iterable<EndpointSlice>;
  serviceByIP(ip: string): Service | undefined;
  allSlices(): Iterable<EndpointSlice>;
  /** Whether a Pod of the namespace has the address; undefined when Pods are not looked at (`pods insecure`). */
  hasPod: ((namespace: string, ip: string) => boolean) | undefined;
  readonly answersPods: boolean;
  readonly usesPodNames: boolean;
  readonly ignoresEmpty: boolean;
}

/** One thing that a name stands for. */
export interface Target {
  /** Full name of the service or endpoint, the target of SRV. */
  readonly name: string;
  readonly ip?: string;
  readonly port: number;
  /** Where an ExternalName leads. */
  readonly alias?: string;
}

/** Undefined when the name does not exist; an empty list when it exists without such records. */
export function lookUp(cluster: ClusterView, name: string, zone: string): readonly Target[] | undefined {
  const base = name.slice(0, name.length - zone.length).replace(/\.$/, '');
  if (base === '' || base === 'svc' || base === 'pod') return [];
  const labels = base.split('.');
  const type = labels.pop();
  const namespace = labels.pop();
  if (type !== 'svc' && type !== 'pod') return undefined;
  if (namespace === undefined || !cluster.hasNamespace(namespace)) return undefined;
  const service = labels.pop();
  if (service === undefined) return [];
  if (labels.length > 2) return undefined;
  if (type === 'pod') return lookUpPod(cluster, namespace, service, `${name}`);
  const [first, second] = labels;
  const endpoint = labels.length === 1 ? first : undefined;
  const port = labels.length === 2 ? { name: stripUnderscore(first!), protocol: stripUnderscore(second!) } : undefined;
  return lookUpService(cluster, { namespace, service, endpoint, port }, zone);
}

const stripUnderscore = (label: string): string => (label.startsWith('_') ? label.slice(1) : label);

function lookUpPod(cluster: ClusterView, namespace: string, label: string, name: string): readonly Target[] | undefined {
  const ip = canonicalIP(label.replaceAll('-', '.')) ?? canonicalIP(label.replaceAll('-', ':'));
  if (!cluster.answersPods || ip === undefined) return undefined;
  if (cluster.hasPod && !cluster.hasPod(namespace, ip)) return undefined;
  return [{ name, ip, port: 0 }];
}

interface ServiceQuestion {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: string | undefined;
  readonly port: { readonly name: string; readonly protocol: string } | undefined;
}

function lookUpService(cluster: ClusterView, question: ServiceQuestion, zone: string): readonly Target[] | undefined {
  const service = cluster.service(question.namespace, question.service);
  if (!service) return undefined;
  const base = `${question.service}.${question.namespace}.svc.${zone}`;
  if (service.spec.type === 'ExternalName') {
    if (question.endpoint !== undefined || question.port) return undefined;
    return [{ name: base, port: 0, alias: `${service.spec.externalName?.replace(/\.$/, '')}.` }];
  }
  if (cluster.ignoresEmpty && endpointTargets(cluster, { ...question, endpoint: undefined, port: undefined }, base).length === 0)
    return undefined;
  const targets =
    isHeadless(service) || question.endpoint !== undefined
      ? endpointTargets(cluster, question, base)
      : portTargets(service, question, base);
  return targets.length > 0 ? targets : undefined;
}

function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None' || !service.spec.clusterIP;
}

function matches(question: ServiceQuestion, name: string | undefined, protocol: string | undefined): boolean {
  const { port } = question;
  return !port || (port.name === (name ?? '').toLowerCase() && port.protocol === (protocol ?? 'TCP').toLowerCase());
}

function portTargets(service: Service, question: ServiceQuestion, base: string): Target[] {
  const ports = (service.spec.ports ?? []).filter(({ name, protocol }) => matches(question, name, protocol));
  const { clusterIP, clusterIPs = [clusterIP!] } = service.spec;
  return clusterIPs.flatMap((ip) => ports.map(({ port }) => ({ name: base, ip, port })));
}

function endpointTargets(cluster: ClusterView, question: ServiceQuestion, base: string): Target[] {
  const targets: Target[] = [];
  for (const slice of cluster.slices(question.namespace, question.service)) {
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const ip of endpoint.addresses) {
        const host = endpointHost(endpoint, ip, cluster.usesPodNames);
        if (question.endpoint !== undefined && question.endpoint !== host) continue;
        // Endpoints of a headless Service without ports are addresses all the same.
        for (const { name, port, protocol } of slice.ports?.length
          ? slice.ports
          : [{ port: 0 } as { name?: string; port?: number; protocol?: string }]) {
          if (matches(question, name, protocol)) targets.push({ name: `${host}.${base}`, ip, port: port ?? 0 });
        }
      }
    }
  }
  return targets;
}

/** The label of an endpoint: its hostname, the Pod's name when so configured, or its address with dashes. */
function endpointHost(endpoint: Endpoint, ip: string, usesPodNames: boolean): string {
  return endpoint.hostname || (usesPodNames && endpoint.targetRef?.name) || ip.replaceAll(/[.:]/g, '-');
}

/** The names that an address stands for: its Service, or the endpoints that have it. */
export function reverseNames(cluster: ClusterView, ip: string, zone: string): readonly string[] {
  const service = cluster.serviceByIP(ip);
  if (service) return [`${service.metadata.name}.${service.metadata.namespace}.svc.${zone}`];
  const names: string[] = [];
  for (const slice of cluster.allSlices()) {
    const owner = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (owner === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false || !endpoint.addresses.includes(ip)) continue;
      names.push(`${endpointHost(endpoint, ip, cluster.usesPodNames)}.${owner}.${slice.metadata.namespace}.svc.${zone}`);
    }
  }
  return names;
}

const typeOf = (ip: string): 'A' | 'AAAA' => (familyOf(ip) === 'IPv6' ? 'AAAA' : 'A');

/** A and AAAA records, each address once. */
export function addressRecords(name: string, targets: readonly Target[], ttl: number): readonly DnsRecord[] {
  const addresses = new Set(targets.flatMap(({ ip }) => (ip === undefined ? [] : [ip])));
  return [...addresses].map((data) => ({ name, type: typeOf(data), ttl, data }));
}

/** SRV records with equal weights that share 100, and the addresses of their targets beside them (plugin/backend_lookup.go). */
export function serviceRecords(
  name: string,
  targets: readonly Target[],
  ttl: number,
): { readonly answers: readonly DnsRecord[]; readonly additional: readonly DnsRecord[] } {
  const all = targets.filter(({ ip }) => ip !== undefined);
  const weight = Math.max(1, Math.floor(100 / Math.max(1, all.length)));
  const additional = new Map<string, DnsRecord>();
  for (const target of all)
    additional.set(`${target.name} ${target.ip}`, { name: target.name, type: typeOf(target.ip!), ttl, data: target.ip! });
  return {
    answers: all.map((target) => ({ name, type: 'SRV', ttl, data: `0 ${weight} ${target.port} ${target.name}` })),
    additional: [...additional.values()],
  };
}
