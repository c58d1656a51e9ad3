/**
 * etcd: the multi-version key-value store behind the API server.
 *
 * - One revision for all keys; every key knows the revisions of its creation and of its last change.
 * - A transaction compares mod revisions and writes; a watch begins at any revision that is not compacted.
 * - `EtcdMember` is the process: it puts writes before the raft group (`raft/`) and applies what was agreed on to its `EtcdData`.
 *   A member that is alone needs no log. `DataDirectory` is what outlives the process; `EtcdEndpoint` is the client port.
 *
 * Values are shared objects, not bytes: nothing is encoded or copied, not even from member to member. Only the API server and
 * etcdctl come here. Deliberately absent: users with passwords.
 */
export { etcdVersion } from './endpoint.ts';
export type { EtcdEndpoint, EtcdStatus } from './endpoint.ts';
export { EtcdError, etcdErrors } from './errors.ts';
export { Keyspace } from './keyspace.ts';
export type { Change, IndexFunction, KeyValue, Watcher, WatchRoute } from './keyspace.ts';
export { contains, isReadOnly, keyOf, prefixEnd, range, valueBytes } from './kv.ts';
export type {
  DeleteRequest,
  Entry,
  KvCompare,
  KvRequest,
  KvResult,
  KvTransaction,
  KvTransactionResult,
  PutRequest,
  RangeRequest,
  SortTarget,
} from './kv.ts';
export type { EtcdMember } from './member.ts';
export { clusterIdOf, createDirectory, foundingMembers, writeDirectory } from './membership.ts';
export type { Member } from './membership.ts';
export { etcd } from './program.ts';
export { createSingleMember } from './single-member.ts';
export { readSnapshot, writeSnapshot } from './snapshot-file.ts';
export { EtcdData } from './store.ts';
export type { Compare, EtcdImage, Operation, SealedForm, Transaction, TransactionResult } from './store.ts';
