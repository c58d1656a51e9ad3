/**
 * ingress-nginx: the controller that makes Ingresses act, with the behaviour of `registry.k8s.io/ingress-nginx/controller` v1.13.
 *
 * - `ingressController` is the program of the image: it reads the API under its Pod's service account, listens on 80 and 443, and
 *   passes requests on to the endpoints of Services.
 * - `buildServers` turns Ingresses into servers and locations (pure); `Router` answers requests by them; `StatusWriter` tells
 *   Ingresses where they are reached.
 * - `manifest` installs it, in the shape of the project's own deploy manifest for clouds, without the admission webhook.
 *
 * Invariants: nothing is read from the API while a request is served; of two Ingresses that want the same path the older has it.
 *
 * Deliberately absent: the admission webhook, snippets, authentication, rate limits, cookies for affinity, TCP and UDP services,
 * Services of type ExternalName as backends.
 */
export { manifest } from './manifest.ts';
export { ingressController } from './program.ts';
