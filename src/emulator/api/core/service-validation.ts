/** Validation of Services: ValidateService of pkg/apis/core/validation/validation.go. Addresses and node ports out of range are refused by the allocators. */
import { duplicate, fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { isIPv6Text } from '../../machinery/ipv6.ts';
import { dns1035Label, dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../../machinery/names.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, isIPv4, isIPv6, oneOf, validateEndpointIP, validateIP, validatePort } from '../metadata/rules.ts';
import { validateCIDR } from '../networking/cidr.ts';
import { needsHealthCheck } from './service-update.ts';

const spec = fieldPath('spec');
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
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
    if (port.appProtocol !== undefined) complain(port.appProtocol, qualifiedName(port.appProtocol), at.child('appProtocol'), errors);
  });
}

/** What identifies a port, in the shape that upstream prints: a Go struct without names for JSON. */
function portKey(protocol: string, port: number): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function validatePortUse(own: ServiceSpec, errors: FieldError[]): void {
  const ports = own.ports ?? [];
  const at = (i: number): FieldPath => spec.child('ports').index(i);
  if (own.type === 'ClusterIP')
    ports.forEach(({ nodePort = 0 }, i) => {
      if (nodePort !== 0) errors.push(forbidden(at(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'"));
    });
  const seen = new Set<string>();
  ports.forEach(({ protocol = 'TCP', nodePort = 0 }, i) => {
    const key = `${protocol}/node/${nodePort}`;
    if (nodePort !== 0 && seen.has(key)) errors.push(duplicate(at(i).child('nodePort'), nodePort));
    seen.add(key);
  });
  ports.forEach(({ protocol = 'TCP', port }, i) => {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) errors.push(duplicate(at(i), portKey(protocol, port)));
    seen.add(key);
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
  const { healthCheckNodePort: port = 0 } = own;
  const path = spec.child('healthCheckNodePort');
  if (!needsHealthCheck(own)) {
    if (port !== 0)
      errors.push(invalid(path, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (port === 0) errors.push(required(path));
  else complain(port, portNumber(port), path, errors);
  const internal = own.internalTrafficPolicy;
  if (internal !== undefined && !policies.includes(internal))
    errors.push(notSupported(spec.child('internalTrafficPolicy'), internal, policies));
  const distribution = own.trafficDistribution;
  if (distribution !== undefined && !distributions.includes(distribution))
    errors.push(notSupported(spec.child('trafficDistribution'), distribution, distributions));
}

const knownFamilies = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** Fields for what comes from outside: only a load balancer has them. */
function validateBalancer(own: ServiceSpec, errors: FieldError[]): void {
  const isBalanced = own.type === 'LoadBalancer';
  const onlyBalanced = "may only be used when `type` is 'LoadBalancer'";
  const ranges = own.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0 && !isBalanced) errors.push(forbidden(spec.child('LoadBalancerSourceRanges'), onlyBalanced));
  ranges.forEach((range, i) => {
    validateCIDR(range.trim(), spec.child('LoadBalancerSourceRanges').index(i), errors);
  });
  if (own.allocateLoadBalancerNodePorts !== undefined && !isBalanced)
    errors.push(forbidden(spec.child('allocateLoadBalancerNodePorts'), onlyBalanced));
  if (own.loadBalancerClass !== undefined) {
    const path = spec.child('loadBalancerClass');
    if (isBalanced) complain(own.loadBalancerClass, qualifiedName(own.loadBalancerClass), path, errors);
    else errors.push(forbidden(path, onlyBalanced));
  }
}

function validateBalancerUpdate(next: ServiceSpec, previous: ServiceSpec, errors: FieldError[]): void {
  if (next.type === 'LoadBalancer' && previous.type === 'LoadBalancer' && next.loadBalancerClass !== previous.loadBalancerClass)
    errors.push(invalid(spec.child('loadBalancerClass'), next.loadBalancerClass ?? null, 'may not change once set'));
  if (needsHealthCheck(next) && needsHealthCheck(previous) && next.healthCheckNodePort !== previous.healthCheckNodePort)
    errors.push(forbidden(spec.child('healthCheckNodePort'), 'field is immutable'));
}

/** Families and their policy, each alone. */
export function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec, errors: FieldError[]): void {
  const seen = new Set<string>();
  ipFamilies.forEach((family, i) => {
    const at = spec.child('ipFamilies').index(i);
    if (!knownFamilies.includes(family)) errors.push(notSupported(at, family, knownFamilies));
    if (seen.has(family)) errors.push(duplicate(at, family));
    seen.add(family);
  });
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy))
    errors.push(notSupported(spec.child('ipFamilyPolicy'), ipFamilyPolicy, familyPolicies));
}

/** The part of ValidateServiceClusterIPsRelatedFields that is about addresses. */
export function validateClusterIPs(own: ServiceSpec, errors: FieldError[]): void {
  const at = spec.child('clusterIPs');
  const { clusterIP, clusterIPs = [], ipFamilies: wanted = [] } = own;
  if (own.type === 'ExternalName') return;
  if (clusterIP && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP)
    errors.push(invalid(at, clusterIPs, 'first value must match `clusterIP`'));
  else if (!clusterIP && clusterIPs.length > 0) errors.push(invalid(at, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  const before = errors.length;
  clusterIPs.forEach((address, i) => {
    if (i > 0 || address !== 'None') validateIP(address, at.index(i), errors);
    else if (clusterIPs.length > 1) errors.push(invalid(at, clusterIPs, "'None' must be the first and only value"));
  });
  const isBroken = errors.length > before;
  if (clusterIPs.length > 2) errors.push(invalid(at, clusterIPs, 'may only hold up to 2 values'));
  if (isBroken || clusterIPs[0] === 'None') return;
  const families = clusterIPs.map((address) => (isIPv6Text(address) ? 'IPv6' : 'IPv4'));
  if (clusterIPs.length > 1 && new Set(families).size === 1)
    errors.push(invalid(at, clusterIPs, 'may specify no more than one IP for each IP family'));
  clusterIPs.forEach((address, i) => {
    if (wanted[i] !== families[i] && knownFamilies.includes(wanted[i] ?? ''))
      errors.push(invalid(at.index(i), address, `expected an ${wanted[i]} value as indicated by \`ipFamilies[${i}]\``));
  });
}

function validateExternalIPs({ externalIPs = [] }: ServiceSpec, errors: FieldError[]): void {
  externalIPs.forEach((address, i) => {
    const at = spec.child('externalIPs').index(i);
    if (isIPv4(address) || isIPv6(address)) validateEndpointIP(address, at, errors);
    else validateIP(address, at, errors);
  });
}

function validateSpec(own: ServiceSpec, errors: FieldError[]): void {
  validateType(own, errors);
  validatePorts(own.ports ?? [], errors);
  validateLabels(own.selector, spec.child('selector'), errors);
  validateAffinity(own, errors);
  validateFamilies(own, errors);
  validateClusterIPs(own, errors);
  validateExternalIPs(own, errors);
  oneOf(own.type, types, spec.child('type'), errors);
  validatePortUse(own, errors);
  validateBalancer(own, errors);
  validateTraffic(own, errors);
}

/** Errors of a new Service. */
export function validateService(service: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(service.metadata, { isNamespaced: true, nameRule: dns1035Label }, errors);
  validateSpec(service.spec, errors);
  return errors;
}

/** What may not change while a Service has addresses (validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies). */
function validateAddressesUpdate(next: ServiceSpec, previous: ServiceSpec, errors: FieldError[]): void {
  if (next.type === 'ExternalName' || previous.type === 'ExternalName') return;
  const at = spec.child('clusterIPs');
  const [ips = [], before = []] = [next.clusterIPs, previous.clusterIPs];
  if (before.length > 0 && ips.length === 0)
    errors.push(invalid(at.index(0), next.clusterIPs ?? null, 'primary clusterIP can not be unset'));
  else if (before.length > 0 && ips[0] !== before[0]) errors.push(invalid(at.index(0), ips, 'may not change once set'));
  if (ips.length === 2 && before.length === 2 && ips[1] !== before[1]) errors.push(invalid(at.index(1), ips, 'may not change once set'));
  if (ips.length === 1 && before.length === 2 && next.ipFamilyPolicy !== 'SingleStack')
    errors.push(invalid(at.index(1), ips, "`ipFamilyPolicy` must be set to 'SingleStack' when releasing the secondary clusterIP"));
  const familyPath = spec.child('ipFamilies');
  const [now = [], then = []] = [next.ipFamilies, previous.ipFamilies];
  const isFree = previous.clusterIP === 'None' && !Object.keys(previous.selector ?? {}).length;
  if (isFree || then.length === 0) return;
  if (now.length === 0) errors.push(invalid(familyPath.index(0), next.ipFamilies ?? null, 'primary ipFamily can not be unset'));
  else if (now[0] !== then[0]) errors.push(invalid(familyPath.index(0), now, 'may not change once set'));
  if (now.length === 2 && then.length === 2 && now[1] !== then[1])
    errors.push(invalid(familyPath.index(1), now, 'may not change once set'));
}

/** Errors of an update: the addresses stay while the Service has them. */
export function validateServiceUpdate(next: Service, previous: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  validateSpec(next.spec, errors);
  validateBalancerUpdate(next.spec, previous.spec, errors);
  validateAddressesUpdate(next.spec, previous.spec, errors);
  return errors;
}
