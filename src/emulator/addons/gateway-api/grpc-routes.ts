/** A GRPCRoute as the routes of HTTP that it amounts to: gRPC calls a method by `POST /SERVICE/METHOD`. */
import type { Finding } from './conditions.ts';
import { unsupportedValue } from './conditions.ts';
import type { AnyRoute, GRPCMethodMatch, GRPCRoute, RouteMatch, RouteRule } from './kinds.ts';

export const isGrpcRoute = (route: AnyRoute): route is GRPCRoute => route.kind === 'GRPCRoute';

const converted = new WeakMap<GRPCRoute, readonly RouteRule[]>();

/** The rules of a route of either kind, in terms of HTTP. */
export function rulesOf(route: AnyRoute): readonly RouteRule[] {
  if (!isGrpcRoute(route)) return route.spec.rules ?? [];
  let rules = converted.get(route);
  if (!rules) converted.set(route, (rules = convert(route)));
  return rules;
}

function convert({ spec }: GRPCRoute): readonly RouteRule[] {
  return (spec.rules ?? [{}]).map(({ matches, ...rest }) => ({
    ...rest,
    matches: matches?.length ? matches.map(({ method, headers }) => ({ path: pathOf(method), headers })) : [{ path: pathOf(undefined) }],
  }));
}

function pathOf(method: GRPCMethodMatch | undefined): RouteMatch['path'] {
  return method ? { type: 'Exact', value: `/${method.service}/${method.method}` } : { type: 'PathPrefix', value: '/' };
}

/** Differs from Kubernetes: as in that release of the controller, a method is served only by its whole name. */
export function invalidMethod({ spec }: GRPCRoute): Finding | undefined {
  const refused = (text: string): Finding => unsupportedValue(`All rules are invalid: ${text}`);
  for (const [i, rule] of (spec.rules ?? []).entries())
    for (const [j, { method }] of (rule.matches ?? []).entries()) {
      const at = `spec.rules[${i}].matches[${j}].method`;
      if (!method) continue;
      if (method.type === 'RegularExpression')
        return refused(`${at}.type: Unsupported value: "RegularExpression": supported values: "Exact"`);
      if (!method.service) return refused(`${at}.service: Required value: service is required`);
      if (!method.method) return refused(`${at}.method: Required value: method is required`);
    }
  return undefined;
}

/** What a client of gRPC is told in place of a page: a status, with which the call ends (ngx_http_grpc_module, error pages). */
export const grpcStatuses: Readonly<Record<number, { readonly code: number; readonly message: string }>> = {
  404: { code: 12, message: 'unimplemented' },
  500: { code: 13, message: 'internal error' },
  502: { code: 14, message: 'unavailable' },
  503: { code: 14, message: 'unavailable' },
  504: { code: 4, message: 'deadline exceeded' },
};
