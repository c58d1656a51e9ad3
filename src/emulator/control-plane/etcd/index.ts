/**
 * etcd: the multi-version key-value store behind the API server.
 *
 * - One revision for all keys; every key knows the revisions of its creation and of its last change.
 * - A transaction compares mod revisions and writes; a watch begins at any revision that is not compacted.
 * - `EtcdData` is the data directory and outlives the process; `EtcdEndpoint` is the client port.
 *
 * Values are shared objects, not bytes: nothing is encoded or copied. Only the API server and etcdctl come here.
 * Deliberately absent for now: raft between several members, authentication of clients by certificate, alarms and quotas.
 */
export { createSingleMember } from './endpoint.ts';
export type { EtcdEndpoint, EtcdStatus } from './endpoint.ts';
export { Keyspace } from './keyspace.ts';
export type { Change, IndexFunction, KeyValue, Watcher, WatchRoute } from './keyspace.ts';
export { etcd } from './program.ts';
export { EtcdData, takeSnapshot } from './store.ts';
export type { Compare, Operation, SealedForm, Snapshot, Transaction, TransactionResult } from './store.ts';
