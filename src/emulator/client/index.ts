/**
 * How every part of the cluster speaks to an API server.
 *
 * - `connectClient` gives a typed client with a credential; it finds its way over the network, and back after a break.
 * - An `Informer` keeps a watched cache with indexes; handlers only enqueue keys, a `Workqueue` reconciles them.
 * - `EventRecorder` and `EventSeriesRecorder` write Events as the two recorders of client-go do, correlated and beside the
 *   component's work. `LeaderElector` holds a Lease.
 * - Everything here belongs to one process: what has `stop` or `close` is handed over with `sys.own`.
 *
 * Invariants: objects from a cache are the server's own, shared and never changed; no reconcile runs before its caches have
 * synced; nothing here knows a controller.
 *
 * Deliberately absent: client-side rate limits (the API's priority and fairness has none here either), protobuf, resync.
 */
export type { Credential } from '../control-plane/kube-apiserver/endpoint.ts';
export type * from './client.ts';
export type { ClientOptions, SessionClient } from './connect-client.ts';
export { connectClient } from './connect-client.ts';
export type { EventSubject, EventType } from './event-recorder.ts';
export { EventRecorder } from './event-recorder.ts';
export { EventSeriesRecorder } from './event-series-recorder.ts';
export type { Change, ChangeHandler, IndexBy } from './informer.ts';
export { Index, Informer } from './informer.ts';
export { InformerFactory } from './informer-factory.ts';
export type { RestConfig } from './kubeconfig.ts';
export { inClusterConfig, KubeconfigError, loadKubeconfig, readToken, rememberTokenFile } from './kubeconfig.ts';
export type { LeaderElectionTimes } from './leader-election.ts';
export { defaultLeaderElectionTimes, LeaderElector } from './leader-election.ts';
export { retryOnConflict } from './retry-on-conflict.ts';
export { Workqueue } from './workqueue.ts';
