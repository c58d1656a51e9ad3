/** Validation of Services: ValidateService of pkg/apis/core/validation/validation.go. Addresses and node ports out of range are refused by the allocators. */
import { duplicate, fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../../machinery/names.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, oneOf, validateIP, validatePort } from '../metadata/rules.ts';
import { validateCIDR } from '../networking/cidr.ts';
import { needsHealthCheck } from './service-update.ts';

const spec = fieldPath('spec');
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

function validateType(own: ServiceSpec, errors: FieldError[]): void {
  if ((own.ports?.length ?? 0) === 0 && own.clusterIP !== 'None' && own.type !== 'ExternalName') errors.push(required(spec.child('ports')));
  if ((own.type === 'LoadBalancer' || own.type === 'NodePort') && own.clusterIP === 'None') {
    errors.push(invalid(spec.child('clusterIPs').index(0), 'None', `may not be set to 'None' for ${own.type} services`));
  }
  if (own.type !== 'ExternalName') return;
  if (own.clusterIPs?.length || own.clusterIP) errors.push(forbidden(spec.child('clusterIPs'), 'may not be set for ExternalName services'));
  if (!own.externalName) errors.push(required(spec.child('externalName')));
  else {
    const name = own.externalName.replace(/\.$/, '');
    complain(name, dns1123Subdomain(name), spec.child('externalName'), errors);
  }
}

function validatePorts(ports: readonly ServicePort[], errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = spec.child('ports').index(i);
    if (!port.name) {
      if (ports.length > 1) errors.push(required(at.child('name')));
    } else {
      complain(port.name, dns1123Label(port.name), at.child('name'), errors);
      if (names.has(port.name)) errors.push(duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    complain(port.port, portNumber(port.port), at.child('port'), errors);
    oneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol'), errors);
    if (port.targetPort !== undefined) validatePort(port.targetPort, at.child('targetPort'), errors);
    if (port.appProtocol) complain(port.appProtocol, qualifiedName(port.appProtocol), at.child('appProtocol'), errors);
  });
}

/** What identifies a port, in the shape that upstream prints: a Go struct without names for JSON. */
function portKey(fields: { readonly Protocol: string; readonly Port: number; readonly NodePort: number }): object {
  return { Name: '', Protocol: fields.Protocol, AppProtocol: null, Port: fields.Port, TargetPort: 0, NodePort: fields.NodePort };
}

function validatePortUse(own: ServiceSpec, errors: FieldError[]): void {
  const ports = new Set<string>();
  const nodePorts = new Set<string>();
  (own.ports ?? []).forEach(({ protocol = 'TCP', port, nodePort = 0 }, i) => {
    const at = spec.child('ports').index(i);
    const nodeKey = `${protocol}/${nodePort}`;
    if (nodePort !== 0 && own.type === 'ClusterIP')
      errors.push(forbidden(at.child('nodePort'), "may not be used when `type` is 'ClusterIP'"));
    else if (nodePort !== 0 && nodePorts.has(nodeKey))
      errors.push(duplicate(at, portKey({ Protocol: protocol, Port: 0, NodePort: nodePort })));
    nodePorts.add(nodeKey);
    const key = `${protocol}/${port}`;
    if (ports.has(key)) errors.push(duplicate(at, portKey({ Protocol: protocol, Port: port, NodePort: 0 })));
    ports.add(key);
  });
}

function validateAffinity(own: ServiceSpec, errors: FieldError[]): void {
  oneOf(own.sessionAffinity, ['ClientIP', 'None'], spec.child('sessionAffinity'), errors);
  const seconds = own.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (own.sessionAffinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > 86_400)) {
    errors.push(
      invalid(spec.child('sessionAffinityConfig', 'clientIP', 'timeoutSeconds'), seconds, 'must be greater than 0 and less than 86400'),
    );
  }
}

function validateTraffic(own: ServiceSpec, errors: FieldError[]): void {
  const policies = ['Cluster', 'Local'];
  const isExternal =
    own.type === 'NodePort' || own.type === 'LoadBalancer' || (own.type === 'ClusterIP' && (own.externalIPs?.length ?? 0) > 0);
  const external = own.externalTrafficPolicy;
  if (external && !isExternal)
    errors.push(invalid(spec.child('externalTrafficPolicy'), external, 'may only be set for externally-accessible services'));
  else if (external && !policies.includes(external)) errors.push(notSupported(spec.child('externalTrafficPolicy'), external, policies));
  else if (isExternal && !external) errors.push(required(spec.child('externalTrafficPolicy'), 'for externally-accessible services'));
  const internal = own.internalTrafficPolicy;
  if (internal !== undefined && !policies.includes(internal))
    errors.push(notSupported(spec.child('internalTrafficPolicy'), internal, policies));
}

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];

/** Fields for what comes from outside: only a load balancer has them. */
function validateBalancer(own: ServiceSpec, errors: FieldError[]): void {
  const isBalanced = own.type === 'LoadBalancer';
  const onlyBalanced = "may only be used when `type` is 'LoadBalancer'";
  const ranges = own.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0 && !isBalanced) errors.push(forbidden(spec.child('loadBalancerSourceRanges'), onlyBalanced));
  else
    ranges.forEach((range, i) => {
      validateCIDR(range, spec.child('loadBalancerSourceRanges').index(i), errors);
    });
  if (own.allocateLoadBalancerNodePorts !== undefined && !isBalanced)
    errors.push(forbidden(spec.child('allocateLoadBalancerNodePorts'), onlyBalanced));
  if (own.loadBalancerClass !== undefined) {
    const path = spec.child('loadBalancerClass');
    if (isBalanced) complain(own.loadBalancerClass, qualifiedName(own.loadBalancerClass), path, errors);
    else errors.push(forbidden(path, onlyBalanced));
  }
  const { healthCheckNodePort: port = 0, trafficDistribution } = own;
  const path = spec.child('healthCheckNodePort');
  if (!needsHealthCheck(own)) {
    if (port !== 0)
      errors.push(invalid(path, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (port === 0) errors.push(required(path));
  else complain(port, portNumber(port), path, errors);
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution))
    errors.push(notSupported(spec.child('trafficDistribution'), trafficDistribution, distributions));
}

function validateBalancerUpdate(next: ServiceSpec, previous: ServiceSpec, errors: FieldError[]): void {
  if (next.type === 'LoadBalancer' && previous.type === 'LoadBalancer' && next.loadBalancerClass !== previous.loadBalancerClass)
    errors.push(invalid(spec.child('loadBalancerClass'), next.loadBalancerClass ?? null, 'may not change once set'));
  if (needsHealthCheck(next) && needsHealthCheck(previous) && next.healthCheckNodePort !== previous.healthCheckNodePort)
    errors.push(forbidden(spec.child('healthCheckNodePort'), 'field is immutable'));
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec, errors: FieldError[]): void {
  const seen = new Set<string>();
  ipFamilies.forEach((family, i) => {
    const at = spec.child('ipFamilies').index(i);
    if (!families.includes(family)) errors.push(notSupported(at, family, families));
    if (seen.has(family)) errors.push(duplicate(at, family));
    seen.add(family);
  });
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy))
    errors.push(notSupported(spec.child('ipFamilyPolicy'), ipFamilyPolicy, familyPolicies));
}

function validateAddresses(own: ServiceSpec, errors: FieldError[]): void {
  const addresses = own.clusterIPs ?? (own.clusterIP ? [own.clusterIP] : []);
  if (own.clusterIPs && own.clusterIP && own.clusterIPs[0] !== own.clusterIP) {
    errors.push(invalid(spec.child('clusterIPs'), own.clusterIPs, 'first value must match `clusterIP`'));
  }
  if (own.type !== 'ExternalName') {
    addresses.forEach((address, i) => {
      if (address !== 'None') validateIP(address, spec.child('clusterIPs').index(i), errors);
    });
  }
  (own.externalIPs ?? []).forEach((address, i) => {
    validateIP(address, spec.child('externalIPs').index(i), errors);
  });
}

function validateSpec(own: ServiceSpec, errors: FieldError[]): void {
  validateType(own, errors);
  validatePorts(own.ports ?? [], errors);
  validateLabels(own.selector, spec.child('selector'), errors);
  validateAffinity(own, errors);
  validateAddresses(own, errors);
  oneOf(own.type, types, spec.child('type'), errors);
  validatePortUse(own, errors);
  validateTraffic(own, errors);
  validateBalancer(own, errors);
  validateFamilies(own, errors);
}

/** Errors of a new Service. */
export function validateService(service: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(service.metadata, { isNamespaced: true, nameRule: dns1035Label }, errors);
  validateSpec(service.spec, errors);
  return errors;
}

/** Errors of an update: the address stays while the Service has one. */
export function validateServiceUpdate(next: Service, previous: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  validateSpec(next.spec, errors);
  validateBalancerUpdate(next.spec, previous.spec, errors);
  if (
    next.spec.type !== 'ExternalName' &&
    previous.spec.type !== 'ExternalName' &&
    previous.spec.clusterIP &&
    next.spec.clusterIP !== previous.spec.clusterIP
  ) {
    const path = spec.child('clusterIPs').index(0);
    errors.push(
      invalid(path, next.spec.clusterIPs ?? null, next.spec.clusterIP ? 'may not change once set' : 'primary clusterIP can not be unset'),
    );
  }
  return errors;
}
