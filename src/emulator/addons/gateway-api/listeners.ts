/** Which listeners of a Gateway can be served, and what is wrong with the others. */
import { parseIPv4 } from '../../node/network/index.ts';
import type { ListenerProblem } from './conditions.ts';
import { group } from './kinds.ts';
import type { Gateway, Listener, ObjectRef, ReferenceGrant } from './kinds.ts';

/** What the cluster has, as far as Gateways and routes name it. */
export interface Surroundings {
  readonly grants: readonly ReferenceGrant[];
  /** The certificate of a Secret of type TLS; undefined when there is no such Secret, '' when it holds none. */
  certificate(namespace: string, name: string): string | undefined;
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
  /** Whether labels are selected by a selector. */
  selects(selector: object | undefined, labels: Readonly<Record<string, string>>): boolean;
  /** Ports of a Service; undefined when there is none. */
  servicePorts(namespace: string, name: string): readonly number[] | undefined;
}

export interface ServedListener {
  readonly gateway: Gateway;
  readonly listener: Listener;
  readonly problem: { readonly kind: ListenerProblem; readonly message: string } | undefined;
  /** `namespace/name` of the Secret of an HTTPS listener. */
  readonly secret: string | undefined;
}

const routeKinds = [
  { group, kind: 'HTTPRoute' },
  { group, kind: 'GRPCRoute' },
];

/** Kinds of routes that a listener takes, out of those that there are. */
export function supportedKinds({ allowedRoutes, protocol }: Listener): readonly (typeof routeKinds)[number][] {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') return [];
  const asked = allowedRoutes?.kinds;
  return asked ? routeKinds.filter(({ kind }) => asked.some((one) => (one.group ?? group) === group && one.kind === kind)) : routeKinds;
}

/** Whether a ReferenceGrant lets objects of one namespace name an object of another. */
export function isGranted(
  grants: readonly ReferenceGrant[],
  from: { readonly kind: string; readonly namespace: string },
  to: { readonly kind: string; readonly namespace: string; readonly name: string },
): boolean {
  if (from.namespace === to.namespace) return true;
  return grants.some(
    ({ metadata, spec }) =>
      metadata.namespace === to.namespace &&
      spec.from.some((one) => one.group === group && one.kind === from.kind && one.namespace === from.namespace) &&
      spec.to.some((one) => one.group === '' && one.kind === to.kind && (one.name === undefined || one.name === to.name)),
  );
}

/** Every listener with its verdict, in their order. */
export function serveListeners(gateway: Gateway, around: Surroundings): readonly ServedListener[] {
  const { listeners } = gateway.spec;
  return listeners.map((listener, i) => {
    const problem = ownProblem(gateway, listener, i, around) ?? conflictOf(listener, listeners);
    const secret = listener.protocol === 'HTTPS' ? secretOf(gateway, listener.tls?.certificateRefs?.[0]) : undefined;
    return { gateway, listener, problem, secret };
  });
}

function secretOf(gateway: Gateway, ref: ObjectRef | undefined): string | undefined {
  return ref && `${ref.namespace ?? gateway.metadata.namespace}/${ref.name}`;
}

function ownProblem(gateway: Gateway, listener: Listener, index: number, around: Surroundings): ServedListener['problem'] {
  const { protocol, hostname, tls } = listener;
  const path = `listeners[${index}]`;
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    return {
      kind: 'UnsupportedProtocol',
      message: `protocol: Unsupported value: "${protocol}": supported values: "HTTP", "HTTPS", "TLS"`,
    };
  if (hostname !== undefined && parseIPv4(hostname) !== undefined)
    return { kind: 'UnsupportedValue', message: `hostname: Invalid value: "${hostname}": cannot be an IP address` };
  if (supportedKinds(listener).length === 0) {
    const [first] = listener.allowedRoutes?.kinds ?? [];
    return { kind: 'InvalidRouteKinds', message: `Unsupported route kind "${first?.group ?? group}/${first?.kind}"` };
  }
  if (protocol === 'HTTP') return undefined;
  if (tls?.mode === 'Passthrough')
    return { kind: 'UnsupportedValue', message: `tls.mode: Unsupported value: "Passthrough": supported values: "Terminate"` };
  return certificateProblem(gateway, tls?.certificateRefs?.[0], `${path}.tls.certificateRefs[0]`, around);
}

function certificateProblem(gateway: Gateway, ref: ObjectRef | undefined, path: string, around: Surroundings): ServedListener['problem'] {
  const at = path.slice(path.indexOf('tls'));
  if (!ref)
    return {
      kind: 'InvalidCertificateRef',
      message: 'tls.certificateRefs: Required value: certificateRefs must be defined for TLS mode terminate',
    };
  if ((ref.kind ?? 'Secret') !== 'Secret')
    return { kind: 'InvalidCertificateRef', message: `${at}.kind: Unsupported value: "${ref.kind}": supported values: "Secret"` };
  const own = gateway.metadata.namespace!;
  const namespace = ref.namespace ?? own;
  if (!isGranted(around.grants, { kind: 'Gateway', namespace: own }, { kind: 'Secret', namespace, name: ref.name }))
    return { kind: 'RefNotPermitted', message: `Certificate ref to secret ${namespace}/${ref.name} not permitted by any ReferenceGrant` };
  const certificate = around.certificate(namespace, ref.name);
  if (certificate === undefined)
    return { kind: 'InvalidCertificateRef', message: `${at}: Invalid value: "${namespace}/${ref.name}": secret does not exist` };
  if (certificate === '')
    return { kind: 'InvalidCertificateRef', message: `${at}: Invalid value: "${namespace}/${ref.name}": TLS secret is invalid` };
  return undefined;
}

/** One port speaks one protocol, and a name of a host is on it once. */
function conflictOf(listener: Listener, all: readonly Listener[]): ServedListener['problem'] {
  const others = all.filter((other) => other !== listener && other.port === listener.port);
  if (others.some(({ protocol }) => protocol !== listener.protocol))
    return {
      kind: 'ProtocolConflict',
      message: `Multiple listeners for the same port ${listener.port} specify incompatible protocols; ensure only one protocol per port`,
    };
  if (others.some(({ hostname }) => hostname === listener.hostname))
    return { kind: 'HostnameConflict', message: `Multiple listeners for the same port ${listener.port} have the same hostname` };
  return undefined;
}
