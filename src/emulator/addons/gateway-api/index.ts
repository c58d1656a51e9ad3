/**
 * Gateway API: its kinds (release v1.2.1, channel standard), and a controller for them after NGINX Gateway Fabric 1.6.
 *
 * - `manifest` installs the CustomResourceDefinitions, the controller behind a Service of type LoadBalancer, and the GatewayClass `nginx`.
 * - `gatewayController` is the program: it watches Gateways, HTTPRoutes, GRPCRoutes, ReferenceGrants and what they name, works out which route hangs on
 *   which listener (`listeners.ts`, `routes.ts`: pure), says so in their conditions, and answers requests itself (`data-plane.ts`).
 * - Requests find their rule by the specification's order: the most exact host, then the most exact path, method, headers, parameters.
 *
 * Differs from Kubernetes: the controller and nginx are one process of one container, without leader election. Of several Gateways of the
 * class the oldest is served, as in that release.
 *
 * Differs from Kubernetes: requests are mirrored and timeouts act as the specification says, which that release of the controller does not do.
 *
 * Absent: the experimental channel, policies, filters of a backend, regular expressions.
 */
export { gatewayKinds } from './kinds.ts';
export { manifest } from './manifest.ts';
export { gatewayController } from './program.ts';
