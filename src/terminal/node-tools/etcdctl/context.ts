/** What every command of etcdctl gets: its words and flags, the way to the members, and the form in which it prints. */
import type { Entry, EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import { valueBytes } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { utf8 } from '../../../emulator/kernel/index.ts';
import type { EtcdClient } from './client.ts';
import type { Message } from './messages.ts';

export type Format = 'simple' | 'fields' | 'json' | 'protobuf' | 'table';

/** What stood behind a command, its flags read and checked. */
export interface Given {
  readonly words: readonly string[];
  has(name: string): boolean;
  /** Empty where nothing was given and there is no default. */
  text(name: string): string;
  number(name: string): number;
}

export interface Context {
  readonly sys: Sys;
  readonly given: Given;
  readonly client: EtcdClient;
  readonly endpoints: readonly string[];
  readonly format: Format;
  readonly isHex: boolean;
  /** Whether only values are printed. */
  readonly isValueOnly: boolean;
  /** --command-timeout was given. */
  readonly isTimeoutGiven: boolean;
  /** Asks one of the endpoints. */
  readonly call: <T>(method: string, run: (etcd: EtcdMember) => Call<T>) => Call<T>;
}

/** Exit codes of etcd's pkg/cobrautl. */
export const exitCodes = { error: 1, badConnection: 2, invalidInput: 3, badFeature: 4, interrupted: 5, badArguments: 128 };

/** Ends a command. */
export class UsageError extends Error {
  readonly code: number;
  constructor(message: string, code: number = exitCodes.badArguments) {
    super(message);
    this.code = code;
  }
}

export const bigId = (id: string): bigint => BigInt(`0x${id === '' ? '0' : id}`);

/** With the revision, which answers about members do not have. */
export function headerOf(etcd: EtcdMember, hasRevision = true): Message {
  const { clusterId, id, raftTerm } = etcd.status();
  return {
    cluster_id: bigId(clusterId),
    member_id: bigId(id),
    ...(hasRevision && { revision: etcd.data.revision }),
    raft_term: raftTerm,
  };
}

export function kvMessage(etcd: EtcdMember, { key, kv }: Entry, isKeyOnly = false): Message {
  const { createRevision, modRevision, version, lease, value } = kv;
  return {
    key: utf8(key),
    create_revision: createRevision,
    mod_revision: modRevision,
    version,
    value: isKeyOnly ? '' : valueBytes(etcd.data, value),
    lease,
  };
}

/** Sixteen hexadecimal digits. */
export const hexId = (id: number | bigint): string => id.toString(16).padStart(16, '0');
