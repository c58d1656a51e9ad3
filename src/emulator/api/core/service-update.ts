/**
 * What an update of a Service keeps although the client did not send it: patchAllocatedValues, and what it drops because
 * the type changed: dropTypeDependentFields, both of pkg/registry/core/service/strategy.go.
 */
import { equal } from '../../machinery/equality.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';

const hasClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
/** Whether a load balancer asks each node for endpoints of its own. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
const hasNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

function keepNodePorts(next: readonly ServicePort[], previous: readonly ServicePort[]): readonly ServicePort[] {
  const used = new Set(next.map(({ nodePort }) => nodePort).filter(Boolean));
  return next.map((port) => {
    if (port.nodePort) return port;
    const old = previous.find((candidate) => candidate.port === port.port && candidate.protocol === port.protocol);
    if (!old?.nodePort || used.has(old.nodePort)) return port;
    used.add(old.nodePort);
    return { ...port, nodePort: old.nodePort };
  });
}

function dropNodePorts(next: readonly ServicePort[], previous: readonly ServicePort[]): readonly ServicePort[] {
  const old = new Set(previous.map(({ nodePort }) => nodePort));
  // A node port that the client newly chose stays, so that validation can refuse it.
  return next.map((port) => (port.nodePort && old.has(port.nodePort) ? { ...port, nodePort: undefined } : port));
}

/** Fields of a load balancer go with it, unless the client newly set them, so that validation can refuse them. */
function keepBalancer(next: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let spec = next;
  if (needsHealthCheck(old) && needsHealthCheck(spec)) {
    if (!spec.healthCheckNodePort) spec = { ...spec, healthCheckNodePort: old.healthCheckNodePort };
  } else if (needsHealthCheck(old) && spec.healthCheckNodePort === old.healthCheckNodePort)
    spec = { ...spec, healthCheckNodePort: undefined };
  if (old.type !== 'LoadBalancer' || spec.type === 'LoadBalancer') return spec;
  const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass: name } = spec;
  if (allocates !== undefined && allocates === old.allocateLoadBalancerNodePorts)
    spec = { ...spec, allocateLoadBalancerNodePorts: undefined };
  return name !== undefined && name === old.loadBalancerClass ? { ...spec, loadBalancerClass: undefined } : spec;
}

/** The Service with its allocated values: address, families, node ports. */
export function keepAllocated(next: Service, previous: Service): Service {
  let spec = next.spec;
  const old = previous.spec;
  if (hasClusterIP(spec) && hasClusterIP(old)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) spec = { ...spec, clusterIP: old.clusterIP, clusterIPs: old.clusterIPs };
    else if (!spec.clusterIPs?.length && spec.clusterIP)
      spec = { ...spec, clusterIPs: spec.clusterIP === old.clusterIP ? old.clusterIPs : [spec.clusterIP] };
    else if (!spec.clusterIP) spec = { ...spec, clusterIP: spec.clusterIPs![0] };
    // A client that knows the first address only has set or cleared that one (normalizeClusterIPs).
    if (spec.clusterIP !== old.clusterIP && equal(spec.clusterIPs, old.clusterIPs))
      spec = { ...spec, clusterIPs: spec.clusterIP ? [spec.clusterIP] : undefined };
    if (!spec.ipFamilies?.length) spec = { ...spec, ipFamilies: old.ipFamilies };
    if (!spec.ipFamilyPolicy) spec = { ...spec, ipFamilyPolicy: old.ipFamilyPolicy };
  } else if (!hasClusterIP(spec) && hasClusterIP(old) && spec.clusterIP === old.clusterIP) {
    spec = {
      ...spec,
      clusterIP: undefined,
      clusterIPs: undefined,
      ipFamilies: undefined,
      ipFamilyPolicy: undefined,
      internalTrafficPolicy: undefined,
    };
  }
  const oldPorts = old.ports ?? [];
  if (spec.ports && hasNodePorts(old)) {
    spec = { ...spec, ports: hasNodePorts(spec) ? keepNodePorts(spec.ports, oldPorts) : dropNodePorts(spec.ports, oldPorts) };
    if (!hasNodePorts(spec) && spec.type === 'ClusterIP' && !spec.externalIPs?.length) spec = { ...spec, externalTrafficPolicy: undefined };
  }
  spec = keepBalancer(spec, old);
  return spec === next.spec ? next : { ...next, spec };
}
