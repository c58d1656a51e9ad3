/**
 * kube-apiserver: the only way to the cluster's state. `pipeline.ts` reads as its table of contents.
 *
 * - One pipeline for everybody; HTTP and in-process clients differ only in how a request arrives and an answer leaves.
 * - Stored objects are shared and read-only: what a client gets is what etcd holds.
 * - It keeps no state of its own. Several servers may stand before one etcd.
 *
 * Deliberately absent: seats and queues of priority and fairness, KMS plugins.
 */
export type { ApiEndpoint, ApiSession, Credential, ObjectRequest } from './endpoint.ts';
export type { UserInfo } from './request.ts';
export { isComponent } from './authentication/identity.ts';
export { kubeApiserver } from './program.ts';
export type { ApiServerOptions } from './server.ts';
