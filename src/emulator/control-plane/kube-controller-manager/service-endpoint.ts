/** What of a Pod goes into the slices of a Service (k8s.io/endpointslice/utils.go). */
import type { DiscoveryV1EndpointPort, Endpoint, Node, Pod, Service } from '../../api/generated/types.ts';
import { isIPv6Text } from '../../machinery/ipv6.ts';
import { isPodReady, isPodTerminal } from './pod-state.ts';

type Conditions = NonNullable<Endpoint['conditions']>;
/** There are few, so all endpoints share them: by ready, serving, terminating. */
const conditionsOf = new Map<string, Conditions>();

function conditions(ready: boolean, serving: boolean, terminating: boolean): Conditions {
  const key = `${ready}${serving}${terminating}`;
  let known = conditionsOf.get(key);
  if (!known) conditionsOf.set(key, (known = { ready, serving, terminating }));
  return known;
}

export type IPFamily = 'IPv4' | 'IPv6';

/** The Pod's address of a family. */
export function podIPOf({ status }: Pod, family: IPFamily): string | undefined {
  const first = status?.podIP;
  if (!first) return undefined;
  if (isIPv6Text(first) === (family === 'IPv6')) return first;
  return status.podIPs?.find(({ ip }) => isIPv6Text(ip!) === (family === 'IPv6'))?.ip;
}

/** The families that a Service has endpoints of, the first one first. */
export function familiesOf({ spec }: Service): readonly IPFamily[] {
  return spec?.ipFamilies?.length ? (spec.ipFamilies as readonly IPFamily[]) : ['IPv4'];
}

/** Whether a Pod has an address that a Service may send to; one that is being deleted still has. */
export function hasEndpoint(pod: Pod, family: IPFamily): boolean {
  return !isPodTerminal(pod) && podIPOf(pod, family) !== undefined;
}

export function endpointOf(pod: Pod, service: Service, node: Node | undefined, family: IPFamily): Endpoint {
  const { namespace, name, uid } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = Boolean(service.spec?.publishNotReadyAddresses) || (serving && !terminating);
  const hasName = pod.spec.hostname && pod.spec.subdomain === service.metadata.name;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [podIPOf(pod, family)!],
    conditions: conditions(ready, serving, terminating),
    hostname: hasName ? pod.spec.hostname : undefined,
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
    zone,
    hints: ready && service.spec?.trafficDistribution ? hintsFor(service.spec.trafficDistribution, zone, pod.spec.nodeName) : undefined,
  };
}

/** For whom an endpoint is meant by spec.trafficDistribution (k8s.io/endpointslice/trafficdist/trafficdist.go). */
function hintsFor(distribution: string, zone: string | undefined, nodeName: string | undefined): Endpoint['hints'] {
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const forNodes = distribution === 'PreferSameNode' && nodeName !== undefined ? [{ name: nodeName }] : undefined;
  return forZones || forNodes ? { forNodes, forZones } : undefined;
}

/** Whether nothing that an endpoint shows has changed. */
export function endsAlike(a: Pod, b: Pod): boolean {
  return (
    a.status?.podIP === b.status?.podIP &&
    (a.status?.podIPs?.length ?? 0) === (b.status?.podIPs?.length ?? 0) &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    isPodReady(a) === isPodReady(b) &&
    isPodTerminal(a) === isPodTerminal(b)
  );
}

/** The ports of a Service on one Pod: a named target port is the container's of that name, and is left out where there is none. */
export function portsOf(service: Service, pod: Pod): readonly DiscoveryV1EndpointPort[] {
  const ports: DiscoveryV1EndpointPort[] = [];
  for (const { name, port, targetPort, protocol, appProtocol } of service.spec?.ports ?? []) {
    const target = typeof targetPort === 'string' ? namedPort(pod, targetPort, protocol ?? 'TCP') : targetPort || port;
    if (target !== undefined) ports.push({ name: name ?? '', port: target, protocol: protocol ?? 'TCP', appProtocol });
  }
  return ports;
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...spec.containers, ...sidecars]) {
    for (const port of ports ?? []) if (port.name === name && (port.protocol ?? 'TCP') === protocol) return port.containerPort;
  }
  return undefined;
}

/** Whether the Service's selector matches the Pod. A Service without a selector selects nothing. */
export function selects({ metadata, spec }: Service, pod: Pod): boolean {
  const selector = spec?.selector;
  if (!selector || spec.type === 'ExternalName' || metadata.namespace !== pod.metadata.namespace) return false;
  let any = false;
  for (const key in selector) {
    any = true;
    if (pod.metadata.labels?.[key] !== selector[key]) return false;
  }
  return any;
}
