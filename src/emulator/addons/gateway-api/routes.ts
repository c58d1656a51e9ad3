/** On which listeners a route hangs, for which hosts, and what it leads to. */
import type { Finding } from './conditions.ts';
import { routeAccepted, routeRefusals, routeResolved, unresolved, unsupportedValue } from './conditions.ts';
import { group } from './kinds.ts';
import { invalidMethod, isGrpcRoute, rulesOf } from './grpc-routes.ts';
import type { AnyRoute, BackendRef, Gateway, Listener, ParentRef } from './kinds.ts';
import type { ServedListener, Surroundings } from './listeners.ts';
import { isGranted, supportedKinds } from './listeners.ts';

/** A route on a listener, with those of its hosts that the listener is for too; `''` is any. */
export interface Attachment {
  readonly served: ServedListener;
  readonly route: AnyRoute;
  readonly hostnames: readonly string[];
}

export interface RouteVerdict {
  readonly route: AnyRoute;
  readonly parents: readonly { readonly ref: ParentRef; readonly findings: readonly Finding[] }[];
  readonly attachments: readonly Attachment[];
}

/** Whether there is a host that two names are both for. */
function meet(a: string, b: string): boolean {
  if (a === b || a === '' || b === '') return true;
  const [wild, other] = a.startsWith('*.') ? [a, b] : [b, a];
  return wild.startsWith('*.') && other.endsWith(wild.slice(1));
}

function isFromAllowed({ allowedRoutes }: Listener, gateway: Gateway, namespace: string, around: Surroundings): boolean {
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return namespace === gateway.metadata.namespace;
  const labels = around.namespaceLabels(namespace);
  return labels !== undefined && around.selects(selector, labels);
}

const isAt = (ref: ParentRef, route: AnyRoute, { metadata }: Gateway): boolean =>
  (ref.group ?? group) === group &&
  (ref.kind ?? 'Gateway') === 'Gateway' &&
  ref.name === metadata.name &&
  (ref.namespace ?? route.metadata.namespace) === metadata.namespace;

/** What the controller thinks of a route: nothing of parents that are not its own. */
export function judgeRoute(
  route: AnyRoute,
  gateways: { readonly served: readonly ServedListener[]; readonly ignored: readonly Gateway[]; readonly winner: Gateway | undefined },
  around: Surroundings,
): RouteVerdict {
  const parents: { ref: ParentRef; findings: readonly Finding[] }[] = [];
  const attachments: Attachment[] = [];
  const resolved = backendFinding(route, around) ?? routeResolved;
  const invalid = invalidPart(route);
  for (const ref of route.spec.parentRefs ?? []) {
    if (gateways.ignored.some((gateway) => isAt(ref, route, gateway)))
      parents.push({ ref, findings: [routeRefusals.invalidGateway, resolved] });
    if (!gateways.winner || !isAt(ref, route, gateways.winner)) continue;
    const found = invalid ?? attach(ref, route, gateways.served, around);
    if (Array.isArray(found)) attachments.push(...(found as Attachment[]));
    parents.push({ ref, findings: [Array.isArray(found) ? routeAccepted : (found as Finding), resolved] });
  }
  return { route, parents, attachments };
}

/** The listeners that take the route through this reference, or why none does. */
function attach(ref: ParentRef, route: AnyRoute, all: readonly ServedListener[], around: Surroundings): Attachment[] | Finding {
  const named = all.filter(
    ({ listener }) =>
      (ref.sectionName === undefined || ref.sectionName === listener.name) && (ref.port === undefined || ref.port === listener.port),
  );
  if (named.length === 0) return routeRefusals.noMatchingParent;
  const valid = named.filter(({ problem }) => !problem);
  if (valid.length === 0) return routeRefusals.invalidListener;
  const allowed = valid.filter(
    ({ listener, gateway }) =>
      supportedKinds(listener).some(({ kind }) => kind === route.kind) &&
      isFromAllowed(listener, gateway, route.metadata.namespace!, around),
  );
  if (allowed.length === 0) return routeRefusals.notAllowed;
  const attachments = allowed.flatMap((served): Attachment[] => {
    const own = served.listener.hostname ?? '';
    const asked = route.spec.hostnames?.length ? route.spec.hostnames : [''];
    const hostnames = asked.filter((host) => meet(host, own));
    return hostnames.length > 0 ? [{ served, route, hostnames }] : [];
  });
  return attachments.length > 0 ? attachments : routeRefusals.noHostname;
}

/** What this implementation does not serve, with its path. */
function invalidPart(route: AnyRoute): Finding | undefined {
  const method = isGrpcRoute(route) ? invalidMethod(route) : undefined;
  if (method) return method;
  const supported = 'supported values: ';
  for (const [i, rule] of rulesOf(route).entries()) {
    for (const [j, match] of (rule.matches ?? []).entries()) {
      const at = `spec.rules[${i}].matches[${j}]`;
      if (match.path?.type === 'RegularExpression')
        return unsupportedValue(
          `All rules are invalid: ${at}.path.type: Unsupported value: "RegularExpression": ${supported}"Exact", "PathPrefix"`,
        );
      if ([...(match.headers ?? []), ...(match.queryParams ?? [])].some(({ type }) => type === 'RegularExpression'))
        return unsupportedValue(`All rules are invalid: ${at}: Unsupported value: "RegularExpression": ${supported}"Exact"`);
    }
    for (const [j, { type }] of (rule.filters ?? []).entries())
      if (type === 'ExtensionRef')
        return unsupportedValue(
          `All rules are invalid: spec.rules[${i}].filters[${j}].type: Unsupported value: "${type}": ${supported}${filterTypes(route)}`,
        );
  }
  return undefined;
}

function filterTypes(route: AnyRoute): string {
  const ofHttp = isGrpcRoute(route) ? [] : ['RequestRedirect', 'URLRewrite'];
  return ['RequestHeaderModifier', 'RequestMirror', 'ResponseHeaderModifier', ...ofHttp]
    .sort()
    .map((type) => `"${type}"`)
    .join(', ');
}

/** Whether requests can be sent to this; if not, the condition that says why. */
export function backendProblem(ref: BackendRef, route: AnyRoute, path: string, around: Surroundings): Finding | undefined {
  const own = route.metadata.namespace!;
  const namespace = ref.namespace ?? own;
  if ((ref.group ?? '') !== '')
    return unresolved('InvalidKind', `${path}.group: Unsupported value: "${ref.group}": supported values: "core", ""`);
  if ((ref.kind ?? 'Service') !== 'Service')
    return unresolved('InvalidKind', `${path}.kind: Unsupported value: "${ref.kind}": supported values: "Service"`);
  if (!isGranted(around.grants, { kind: route.kind!, namespace: own }, { kind: 'Service', namespace, name: ref.name }))
    return unresolved('RefNotPermitted', `Backend ref to Service ${namespace}/${ref.name} not permitted by any ReferenceGrant`);
  const ports = around.servicePorts(namespace, ref.name);
  if (!ports) return unresolved('BackendNotFound', `${path}.name: Not found: "${ref.name}"`);
  if (ref.port !== undefined && !ports.includes(ref.port)) return unresolved('BackendNotFound', `${path}.port: Not found: ${ref.port}`);
  if (ref.filters?.length)
    return unresolved('UnsupportedValue', `${path}.filters: Too many: ${ref.filters.length}: must have at most 0 items`);
  return undefined;
}

function backendFinding(route: AnyRoute, around: Surroundings): Finding | undefined {
  for (const [i, { backendRefs = [], filters = [] }] of rulesOf(route).entries()) {
    const named = [
      ...backendRefs.map((ref, j) => ({ ref, path: `backendRefs[${j}]` })),
      ...filters.flatMap(({ requestMirror }, j) =>
        requestMirror ? [{ ref: requestMirror.backendRef, path: `filters[${j}].requestMirror.backendRef` }] : [],
      ),
    ];
    for (const { ref, path } of named) {
      const problem = backendProblem(ref, route, `spec.rules[${i}].${path}`, around);
      if (problem) return problem;
    }
  }
  return undefined;
}
