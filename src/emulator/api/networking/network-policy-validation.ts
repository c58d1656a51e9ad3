/** Validation of NetworkPolicies: pkg/apis/networking/validation/validation.go. */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { portName, portNumber } from '../../machinery/names.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';
import { isStrictSubset, validateCIDR } from './cidr.ts';

const spec = fieldPath('spec');
const protocols = ['TCP', 'UDP', 'SCTP'];
const types = ['Ingress', 'Egress'];

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath, errors: FieldError[]): void {
  if (protocol !== undefined && !protocols.includes(protocol)) errors.push(notSupported(path.child('protocol'), protocol, protocols));
  const end = path.child('endPort');
  if (port === undefined) {
    if (endPort !== undefined) errors.push(invalid(end, endPort, 'may not be specified when `port` is not specified'));
  } else if (typeof port === 'number') {
    complain(port, portNumber(port), path.child('port'), errors);
    if (endPort === undefined) return;
    if (endPort < port) errors.push(invalid(end, port, 'must be greater than or equal to `port`'));
    complain(endPort, portNumber(endPort), end, errors);
  } else {
    if (endPort !== undefined) errors.push(invalid(end, endPort, 'may not be specified when `port` is non-numeric'));
    complain(port, portName(port), path.child('port'), errors);
  }
}

function validateBlock({ cidr, except = [] }: IPBlock, path: FieldPath, errors: FieldError[]): void {
  if (!cidr) {
    errors.push(required(path.child('cidr')));
    return;
  }
  validateCIDR(cidr, path.child('cidr'), errors);
  except.forEach((block, i) => {
    const at = path.child('except').index(i);
    validateCIDR(block, at, errors);
    if (isStrictSubset(block, cidr) === false) errors.push(invalid(at, block, 'must be a strict subset of `cidr`'));
  });
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: FieldPath, errors: FieldError[]): void {
  validateLabelSelector(podSelector, path.child('podSelector'), errors);
  validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), errors);
  if (ipBlock) validateBlock(ipBlock, path.child('ipBlock'), errors);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
}

function validateRule(
  ports: readonly NetworkPolicyPort[] | undefined,
  peers: readonly NetworkPolicyPeer[] | undefined,
  path: FieldPath,
  direction: 'from' | 'to',
  errors: FieldError[],
): void {
  (ports ?? []).forEach((port, i) => {
    validatePort(port, path.child('ports').index(i), errors);
  });
  (peers ?? []).forEach((peer, i) => {
    validatePeer(peer, path.child(direction).index(i), errors);
  });
}

function validateSpec(own: NetworkPolicySpec, errors: FieldError[]): void {
  validateLabelSelector(own.podSelector, spec.child('podSelector'), errors);
  (own.ingress ?? []).forEach(({ ports, from }, i) => {
    validateRule(ports, from, spec.child('ingress').index(i), 'from', errors);
  });
  (own.egress ?? []).forEach(({ ports, to }, i) => {
    validateRule(ports, to, spec.child('egress').index(i), 'to', errors);
  });
  const policyTypes = own.policyTypes ?? [];
  const at = spec.child('policyTypes');
  if (policyTypes.length > types.length) {
    errors.push(invalid(at, policyTypes, 'may not specify more than two policyTypes'));
    return;
  }
  policyTypes.forEach((type, i) => {
    if (!types.includes(type)) errors.push(notSupported(at.index(i), type, types));
  });
}

/** Errors of a new policy. */
export function validateNetworkPolicy(policy: NetworkPolicy): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(policy.metadata, { isNamespaced: true }, errors);
  validateSpec(policy.spec ?? {}, errors);
  return errors;
}

/** Errors of an update. */
export function validateNetworkPolicyUpdate(next: NetworkPolicy, previous: NetworkPolicy): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec !== previous.spec) validateSpec(next.spec ?? {}, errors);
  return errors;
}
