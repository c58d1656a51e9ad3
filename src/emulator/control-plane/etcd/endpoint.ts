/**
 * What an etcd member offers on its client port. Every write is proposed through `txn` and every read waits for
 * `linearizable` first, so that a raft group can stand between them and the data without a change of the callers.
 */
import type { Call } from '../../kernel/index.ts';
import type { Keyspace } from './keyspace.ts';
import type { Member } from './membership.ts';
import type { EtcdData, Transaction, TransactionResult } from './store.ts';

export interface EtcdStatus {
  readonly name: string;
  /** Identifiers of members and clusters are sixteen hexadecimal digits. */
  readonly id: string;
  readonly clusterId: string;
  readonly version: string;
  readonly dbSizeBytes: number;
  readonly dbInUseBytes: number;
  readonly quotaBytes: number;
  readonly isLeader: boolean;
  readonly isLearner: boolean;
  /** Empty while there is none. */
  readonly leader: string;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
  readonly clientURLs: readonly string[];
  readonly peerURLs: readonly string[];
  /** The group as this member knows it. */
  readonly members: readonly Member[];
  /** Who has raised NOSPACE. */
  readonly alarms: readonly string[];
}

/** Calls throw an EtcdError when the group cannot do what it was asked. */
export interface EtcdEndpoint {
  /** Applied state; read it after `linearizable`. Only an API server and etcdctl do. */
  readonly data: EtcdData;
  txn(transaction: Transaction): Call<TransactionResult>;
  /** Returns once all is applied that was committed anywhere when it was called. `of` is for the log, should it take long. */
  linearizable(of?: Keyspace, timeoutMs?: number): Call<void>;
  grant(ttlMs: number): Call<number>;
  revoke(lease: number): Call<void>;
  compact(revision: number): Call<void>;
  status(): EtcdStatus;
}

export const etcdVersion = '3.6.5';
