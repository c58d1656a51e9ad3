/** What the group agrees on, entry by entry, and how a member carries it out. Upstream: server/etcdserver/apply. */
import { EtcdError, etcdErrors } from './errors.ts';
import type { KvTransaction, KvTransactionResult } from './kv.ts';
import { costOf, transact } from './kv.ts';
import type { DataDirectory, Member } from './membership.ts';
import type { EtcdImage, Transaction, TransactionResult } from './store.ts';

export type Request =
  | { readonly type: 'txn'; readonly transaction: Transaction }
  | { readonly type: 'kv'; readonly transaction: KvTransaction }
  | { readonly type: 'grant'; readonly ttlMs: number }
  | { readonly type: 'revoke'; readonly lease: number }
  | { readonly type: 'renew'; readonly lease: number }
  | { readonly type: 'compact'; readonly revision: number }
  /** Raises or ends NOSPACE on behalf of a member. */
  | { readonly type: 'alarm'; readonly member: string; readonly isOn: boolean }
  /** What a member says of itself when it has started. */
  | { readonly type: 'publish'; readonly member: string; readonly name: string; readonly clientURLs: readonly string[] }
  /** Comes with a change of the group, or changes only addresses. */
  | { readonly type: 'member'; readonly member: Member }
  | { readonly type: 'remove-member'; readonly member: string };

/** An entry's data: the request, and how whoever made it knows it again. */
export interface Command {
  readonly id: string;
  readonly request: Request;
  /** Set by the first member that applies it: the values have their revisions then. */
  isSealed: boolean;
}

/** Of a grant the lease, of a revoke and a compaction nothing, of a transaction its own. */
export type Result = TransactionResult | KvTransactionResult | number | undefined;

/** All of a member's state beside the log, for one that lags behind. */
export interface MemberImage {
  readonly store: EtcdImage;
  readonly members: ReadonlyMap<string, Member>;
  readonly alarms: ReadonlySet<string>;
}

const isPut = ({ success }: Transaction): boolean => success.some(({ type }) => type === 'put');

/** Carries a request out. Throws an EtcdError, everywhere the same. */
export function carryOut(directory: DataDirectory, request: Request, isSealed: boolean): Result {
  const { data, alarms, members } = directory;
  switch (request.type) {
    case 'txn':
      if (alarms.size > 0 && isPut(request.transaction)) throw new EtcdError(etcdErrors.noSpace);
      return data.apply(request.transaction, isSealed);
    case 'kv':
      if (alarms.size > 0 && costOf(request.transaction) > 0) throw new EtcdError(etcdErrors.noSpace);
      return transact(data, request.transaction);
    case 'grant':
      if (alarms.size > 0) throw new EtcdError(etcdErrors.noSpace);
      return data.leases.grant(request.ttlMs);
    case 'revoke':
      if (!data.revoke(request.lease)) throw new EtcdError(etcdErrors.leaseNotFound);
      return undefined;
    case 'renew':
      if (!data.leases.keepAlive(request.lease)) throw new EtcdError(etcdErrors.leaseNotFound);
      return undefined;
    case 'compact':
      if (request.revision > data.revision) throw new EtcdError(etcdErrors.futureRevision);
      if (!data.compact(request.revision)) throw new EtcdError(etcdErrors.compacted);
      return undefined;
    case 'alarm': {
      const changed = new Set(alarms);
      if (request.isOn) changed.add(request.member);
      else changed.delete(request.member);
      directory.alarms = changed;
      return undefined;
    }
    case 'publish': {
      const known = members.get(request.member);
      if (known) directory.members = new Map(members).set(known.id, { ...known, name: request.name, clientURLs: request.clientURLs });
      return undefined;
    }
    case 'member':
      directory.members = new Map(members).set(request.member.id, request.member);
      return undefined;
    case 'remove-member': {
      const rest = new Map(members);
      rest.delete(request.member);
      directory.members = rest;
      return undefined;
    }
  }
}

export function imageOf({ data, members, alarms }: DataDirectory): MemberImage {
  return { store: data.image(), members, alarms };
}

export function restoreImage(directory: DataDirectory, { store, members, alarms }: MemberImage): void {
  directory.data.restore(store);
  directory.members = members;
  directory.alarms = alarms;
}
