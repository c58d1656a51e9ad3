/** What the controller says of things: the types, reasons and messages of NGINX Gateway Fabric 1.6 (state/conditions/conditions.go). */
import type { Condition } from './kinds.ts';

/** A condition before it is written: its generation and time come with the object. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const yes = (type: string, reason: string, message: string): Finding => ({ type, status: 'True', reason, message });
const no = (type: string, reason: string, message: string): Finding => ({ type, status: 'False', reason, message });

export const classAccepted = [
  yes('Accepted', 'Accepted', 'GatewayClass is accepted'),
  yes('SupportedVersion', 'SupportedVersion', 'Gateway API CRD versions are supported'),
];

const gatewayAccepted = yes('Accepted', 'Accepted', 'Gateway is accepted');
const gatewayProgrammed = yes('Programmed', 'Programmed', 'Gateway is programmed');

/** Of a Gateway, by how many of its listeners are valid. */
export function gatewayFindings(valid: number, all: number): readonly Finding[] {
  if (valid === all) return [gatewayAccepted, gatewayProgrammed];
  if (valid > 0) return [yes('Accepted', 'ListenersNotValid', 'Gateway has at least one valid listener'), gatewayProgrammed];
  const message = 'Gateway has no valid listeners';
  return [no('Accepted', 'ListenersNotValid', message), no('Programmed', 'Invalid', message)];
}

const conflictMessage = 'The resource is ignored due to a conflicting Gateway resource';
export const gatewayConflict = [no('Accepted', 'GatewayConflict', conflictMessage), no('Programmed', 'GatewayConflict', conflictMessage)];

const listenerDefaults = [
  yes('Accepted', 'Accepted', 'Listener is accepted'),
  yes('Programmed', 'Programmed', 'Listener is programmed'),
  yes('ResolvedRefs', 'ResolvedRefs', 'All references are resolved'),
  no('Conflicted', 'NoConflicts', 'No conflicts'),
];

/** What is wrong with a listener, one or more conditions that replace the usual ones. */
export type ListenerProblem =
  | 'UnsupportedProtocol'
  | 'UnsupportedValue'
  | 'InvalidCertificateRef'
  | 'RefNotPermitted'
  | 'InvalidRouteKinds'
  | 'ProtocolConflict'
  | 'HostnameConflict';

export function listenerFindings(problem?: { readonly kind: ListenerProblem; readonly message: string }): readonly Finding[] {
  if (!problem) return listenerDefaults;
  const { kind, message } = problem;
  const findings = [no('Programmed', 'Invalid', message)];
  if (kind !== 'InvalidRouteKinds') findings.push(no('Accepted', kind, message));
  if (kind === 'InvalidCertificateRef' || kind === 'RefNotPermitted' || kind === 'InvalidRouteKinds')
    findings.push(no('ResolvedRefs', kind, message));
  if (kind === 'ProtocolConflict' || kind === 'HostnameConflict') findings.push(yes('Conflicted', kind, message));
  return listenerDefaults.map((usual) => findings.find(({ type }) => type === usual.type) ?? usual);
}

export const routeAccepted = yes('Accepted', 'Accepted', 'The route is accepted');
export const routeResolved = yes('ResolvedRefs', 'ResolvedRefs', 'All references are resolved');

/** Why a route does not hang on a parent. */
export const routeRefusals = {
  noMatchingParent: no('Accepted', 'NoMatchingParent', 'Listener is not found for this parent ref'),
  notAllowed: no('Accepted', 'NotAllowedByListeners', 'Route is not allowed by any listener'),
  noHostname: no('Accepted', 'NoMatchingListenerHostname', 'Listener hostname does not match the Route hostnames'),
  invalidListener: no('Accepted', 'InvalidListener', 'Listener is invalid for this parent ref'),
  invalidGateway: no('Accepted', 'InvalidGateway', 'Gateway is invalid'),
} as const;

export const unsupportedValue = (message: string): Finding => no('Accepted', 'UnsupportedValue', message);
export const unresolved = (reason: 'BackendNotFound' | 'InvalidKind' | 'RefNotPermitted' | 'UnsupportedValue', message: string): Finding =>
  no('ResolvedRefs', reason, message);

/** The conditions of an object: those that hold still keep their time. */
export function withTimes(
  findings: readonly Finding[],
  before: readonly Condition[] = [],
  generation: number,
  now: string,
): readonly Condition[] {
  return findings.map((finding) => {
    const old = before.find(({ type }) => type === finding.type);
    return {
      lastTransitionTime: old?.status === finding.status ? old.lastTransitionTime : now,
      message: finding.message,
      observedGeneration: generation,
      reason: finding.reason,
      status: finding.status,
      type: finding.type,
    };
  });
}
