/** The kinds as a client sees them: apis/v1 and apis/v1beta1 of the Gateway API. Defaults are the CustomResourceDefinitions' business. */
import { defineKind, statusSubresource } from '../../api/define-kind.ts';
import type { Kind } from '../../api/kind.ts';
import type { ApiObject } from '../../machinery/objects.ts';

export const group = 'gateway.networking.k8s.io';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
}

export interface GatewayClass extends ApiObject {
  readonly spec: { readonly controllerName: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface ObjectRef {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Listener {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: { readonly mode?: string; readonly certificateRefs?: readonly ObjectRef[] };
  readonly allowedRoutes?: {
    readonly namespaces?: { readonly from?: string; readonly selector?: object };
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

export interface Gateway extends ApiObject {
  readonly spec: { readonly gatewayClassName: string; readonly listeners: readonly Listener[] };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly value: string }[];
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly ListenerStatus[];
  };
}

export interface ParentRef extends ObjectRef {
  readonly sectionName?: string;
  readonly port?: number;
}

export interface HeaderMatch {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

export interface RouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly HeaderMatch[];
  readonly queryParams?: readonly HeaderMatch[];
  readonly method?: string;
}

export interface PathModifier {
  readonly type: string;
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

export interface HeaderModifier {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

export interface Redirect {
  readonly scheme?: string;
  readonly hostname?: string;
  readonly path?: PathModifier;
  readonly port?: number;
  readonly statusCode?: number;
}

export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderModifier;
  readonly responseHeaderModifier?: HeaderModifier;
  readonly requestRedirect?: Redirect;
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
  readonly requestMirror?: { readonly backendRef: BackendRef };
}

export interface BackendRef extends ObjectRef {
  readonly port?: number;
  readonly weight?: number;
  readonly filters?: readonly RouteFilter[];
}

export interface RouteRule {
  readonly matches?: readonly RouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendRef[];
  /** Go durations; `0s` is no limit. */
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
}

export interface ParentStatus {
  readonly parentRef: ParentRef;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

export interface HTTPRoute extends ApiObject {
  readonly spec: {
    readonly parentRefs?: readonly ParentRef[];
    readonly hostnames?: readonly string[];
    readonly rules?: readonly RouteRule[];
  };
  readonly status?: { readonly parents: readonly ParentStatus[] };
}

export interface GRPCMethodMatch {
  readonly type?: string;
  readonly service?: string;
  readonly method?: string;
}

export interface GRPCRoute extends ApiObject {
  readonly spec: {
    readonly parentRefs?: readonly ParentRef[];
    readonly hostnames?: readonly string[];
    readonly rules?: readonly {
      readonly matches?: readonly { readonly method?: GRPCMethodMatch; readonly headers?: readonly HeaderMatch[] }[];
      readonly filters?: readonly RouteFilter[];
      readonly backendRefs?: readonly BackendRef[];
    }[];
  };
  readonly status?: { readonly parents: readonly ParentStatus[] };
}

export type AnyRoute = HTTPRoute | GRPCRoute;

export interface ReferenceGrant extends ApiObject {
  readonly spec: {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
    readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
  };
}

const parts = { group, subresources: { status: statusSubresource<never>() } };

export const gatewayClasses = defineKind<GatewayClass>({ ...parts, kind: 'GatewayClass', resource: 'gatewayclasses', isNamespaced: false });
export const gateways = defineKind<Gateway>({ ...parts, kind: 'Gateway', resource: 'gateways' });
export const httpRoutes = defineKind<HTTPRoute>({ ...parts, kind: 'HTTPRoute', resource: 'httproutes' });
export const grpcRoutes = defineKind<GRPCRoute>({ ...parts, kind: 'GRPCRoute', resource: 'grpcroutes' });
export const referenceGrants = defineKind<ReferenceGrant>({
  group,
  version: 'v1beta1',
  kind: 'ReferenceGrant',
  resource: 'referencegrants',
});

export const gatewayKinds = [gatewayClasses, gateways, httpRoutes, grpcRoutes, referenceGrants] as unknown as readonly Kind[];
