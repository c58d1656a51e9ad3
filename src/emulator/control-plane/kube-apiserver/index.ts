/**
 * kube-apiserver: the only way to the cluster's state. `pipeline.ts` reads as its table of contents.
 *
 * - One pipeline for everybody; HTTP and in-process clients differ only in how a request arrives and an answer leaves.
 * - Stored objects are shared and read-only: what a client gets is what etcd holds.
 * - It keeps no state of its own. Several servers may stand before one etcd.
 *
 * Deliberately absent for now: webhooks, aggregation, CustomResourceDefinitions, priority and fairness, encryption at rest.
 */
import type { Kernel } from '../../kernel/index.ts';
import { admissionPlugins } from './admission/index.ts';
import { nodeRules } from './authorization/bootstrap-policy/index.ts';
import type { ApiEndpoint } from './endpoint.ts';
import { bootstrap } from './bootstrap/index.ts';
import { ApiServer } from './server.ts';
import type { ApiServerOptions } from './server.ts';
import { createHttpHandler } from './rest/http.ts';
import { openSession } from './session.ts';

export type { ApiEndpoint, ApiSession, Credential, ObjectRequest } from './endpoint.ts';
export type { UserInfo } from './request.ts';
export { rememberCertificate } from './authentication/known-files.ts';
export { kubeApiserver } from './program.ts';
export { ApiServer } from './server.ts';
export type { ApiServerOptions } from './server.ts';
;

type Optional = 'authentication' | 'admission' | 'nodeRules';

/** Makes a server on an etcd, with the default plugins, and lets it put in place what every cluster has. */
export function createApiServer(options: Omit<ApiServerOptions, Optional> & Partial<Pick<ApiServerOptions, Optional>> & { readonly isBare?: boolean | undefined }): { readonly server: ApiServer; readonly endpoint: ApiEndpoint } {
  const server = new ApiServer({ authentication: {}, admission: admissionPlugins, nodeRules: nodeRules(), ...options });
  const endpoint: ApiEndpoint = {
    http: createHttpHandler(server),
    open: (credential, agent) => openSession(server, credential, agent),
  };
  if (!options.isBare) (options.kernel as Kernel).fiber(bootstrap(server));
  return { server, endpoint };
}
