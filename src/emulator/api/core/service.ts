/** Service: pkg/registry/core/service/strategy.go. */
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill, fillNil, mapSame } from '../fill.ts';
import type { Service, ServiceSpec } from '../generated/types.ts';
import { serviceColumns } from './service-columns.ts';
import { keepAllocated } from './service-update.ts';
import { validateService, validateServiceUpdate } from './service-validation.ts';
import { withoutEffect } from '../without-effect.ts';

/** SetDefaults_Service of pkg/apis/core/v1/defaults.go. Addresses, node ports and IP families are allocated by the API server. */
function defaultSpec(spec: ServiceSpec): ServiceSpec {
  let result = fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (result.sessionAffinity === 'None' && result.sessionAffinityConfig) result = { ...result, sessionAffinityConfig: undefined };
  if (result.sessionAffinity === 'ClientIP') {
    const clientIP = fill(result.sessionAffinityConfig?.clientIP ?? {}, { timeoutSeconds: 10_800 });
    if (clientIP !== result.sessionAffinityConfig?.clientIP) result = { ...result, sessionAffinityConfig: { clientIP } };
  }
  result = change(result, 'ports', (ports) =>
    mapSame(ports, (port) => {
      const named = fill(port, { protocol: 'TCP' });
      return named.targetPort ? named : { ...named, targetPort: named.port };
    }),
  );
  const isExternal =
    result.type === 'NodePort' || result.type === 'LoadBalancer' || (result.type === 'ClusterIP' && (result.externalIPs?.length ?? 0) > 0);
  if (isExternal) result = fill(result, { externalTrafficPolicy: 'Cluster' });
  if (result.type !== 'ExternalName') result = fillNil(result, { internalTrafficPolicy: 'Cluster' });
  return result.type === 'LoadBalancer' ? fill(result, { allocateLoadBalancerNodePorts: true }) : result;
}

/** A load balancer's address is one that nodes answer for, unless its controller says otherwise. */
function defaultStatus(status: NonNullable<Service['status']>): NonNullable<Service['status']> {
  return change(status, 'loadBalancer', (balancer) =>
    change(balancer, 'ingress', (list) => mapSame(list, (one) => (one.ip ? fill(one, { ipMode: 'VIP' }) : one))),
  );
}

const topologyMode = 'service.kubernetes.io/topology-mode';

/** GetWarningsForService of pkg/api/service/warnings.go, and an annotation without effect here. */
function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[topologyMode] !== undefined) warnings.push(withoutEffect(`metadata.annotations[${topologyMode}]`));
  if (spec.type === 'ClusterIP' && spec.clusterIP === 'None') {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (spec.externalIPs?.length) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity) warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  if (spec.type === 'ExternalName' && spec.externalIPs?.length)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && spec.externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  return warnings;
}

/** The descriptor of Service. */
export const services = defineKind<Service>({
  kind: 'Service',
  resource: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  storagePrefix: 'services/specs',
  subresources: {
    proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions' },
    status: statusSubresource(),
  },
  setDefaults: (service) => change(change(service, 'spec', defaultSpec), 'status', defaultStatus),
  defaultsStatus: true,
  prepareForCreate(service) {
    const { clusterIP, clusterIPs } = service.spec;
    const named = clusterIP && !clusterIPs?.length ? { ...service, spec: { ...service.spec, clusterIPs: [clusterIP] } } : service;
    return { ...named, status: { loadBalancer: {} } };
  },
  prepareForUpdate: (next, previous) => keepAllocated(keepStatus(next, previous), previous),
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  columns: serviceColumns,
  selectableFields: { 'spec.clusterIP': (service) => service.spec.clusterIP ?? '', 'spec.type': (service) => service.spec.type ?? '' },
});
