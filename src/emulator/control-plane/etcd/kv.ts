/**
 * Requests over keys, as clients other than the API server make them: ranges, puts, deletions, and transactions that compare first.
 * Upstream: server/etcdserver/txn, server/etcdserver/api/v3rpc/key.go.
 *
 * The API server knows its key spaces and needs less: it has `EtcdData.txn`.
 */
import type { ByteString } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { goJson } from '../../machinery/json.ts';
import { EtcdError, etcdError } from './errors.ts';
import type { Keyspace, KeyValue } from './keyspace.ts';
import type { EtcdData } from './store.ts';

/** Keys from `key` up to `end` and without it; `\0` as the end is that of all keys. Without an end the one key. */
export interface KeyInterval {
  readonly key: string;
  readonly end?: string | undefined;
}

export type SortTarget = 'KEY' | 'VERSION' | 'CREATE' | 'MODIFY' | 'VALUE';

export interface RangeRequest extends KeyInterval {
  readonly type: 'range';
  /** 0 is now. */
  readonly revision: number;
  /** 0 is all. */
  readonly limit: number;
  readonly sortBy: SortTarget;
  readonly order: 'NONE' | 'ASCEND' | 'DESCEND';
  readonly isKeysOnly: boolean;
  readonly isCountOnly: boolean;
  /** 0 is no bound. */
  readonly bounds: { readonly minCreate: number; readonly maxCreate: number; readonly minMod: number; readonly maxMod: number };
}

export interface PutRequest {
  readonly type: 'put';
  readonly key: string;
  /** Undefined leaves the value that is there. */
  readonly value: object | undefined;
  readonly bytes: number;
  /** 0 is none; undefined leaves the one that is there. */
  readonly lease: number | undefined;
  readonly isPreviousWanted: boolean;
}

export interface DeleteRequest extends KeyInterval {
  readonly type: 'delete';
  readonly isPreviousWanted: boolean;
}

export type KvRequest = RangeRequest | PutRequest | DeleteRequest;

export type KvCompare = { readonly key: string; readonly result: '=' | '!=' | '>' | '<' } & (
  | { readonly target: 'version' | 'create' | 'mod'; readonly value: number }
  | { readonly target: 'value'; readonly value: ByteString }
);

export interface KvTransaction {
  readonly compare: readonly KvCompare[];
  readonly success: readonly KvRequest[];
  readonly failure: readonly KvRequest[];
}

/** A key with what is stored under it. */
export interface Entry {
  readonly key: string;
  readonly kv: KeyValue;
}

export type KvResult =
  | {
      readonly type: 'range';
      readonly revision: number;
      readonly entries: readonly Entry[];
      readonly count: number;
      readonly isMore: boolean;
    }
  | { readonly type: 'put'; readonly revision: number; readonly previous: Entry | undefined }
  | { readonly type: 'delete'; readonly revision: number; readonly deleted: number; readonly previous: readonly Entry[] };

export interface KvTransactionResult {
  readonly succeeded: boolean;
  readonly revision: number;
  readonly results: readonly KvResult[];
}

/** --max-txn-ops. */
const maxOperations = 128;
/** What a put costs beside key and value (server/storage/quota.go). */
const putOverheadBytes = 256;

/** A value as bytes: of an API object its JSON, or what it was encrypted as; of what a client wrote that. */
export const valueBytes = ({ sealed }: EtcdData, value: object): ByteString =>
  sealed?.get(value)?.bytes ?? utf8('raw' in value && typeof value.raw === 'string' ? value.raw : goJson(value));

export const contains = ({ key, end }: KeyInterval, other: string): boolean =>
  end === undefined ? other === key : other >= key && (end === '\0' || other < end);

export const keyOf = (keyspace: Keyspace, { directory, name }: { readonly directory: string; readonly name: string }): string =>
  keyspace.prefix + directory + name;

/** The end of all keys with a prefix: its last character raised by one. */
export const prefixEnd = (prefix: string): string =>
  prefix === '' ? '\0' : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** Whether a key space can hold keys of the interval. */
function overlaps({ key, end }: KeyInterval, prefix: string): boolean {
  if (end === undefined) return key.startsWith(prefix);
  return prefixEnd(prefix) > key && (end === '\0' || prefix < end);
}

/** What lies in an interval, in the order of keys. Throws an EtcdError for a revision that is not there. */
function entriesOf(data: EtcdData, interval: KeyInterval, revision: number): Entry[] {
  if (revision > data.revision) throw etcdError('futureRevision');
  if (revision > 0 && revision < data.compactRevision) throw etcdError('compacted');
  const found: Entry[] = [];
  for (const keyspace of data.keyspaces) {
    if (!overlaps(interval, keyspace.prefix)) continue;
    const values = revision === 0 ? keyspace.list() : keyspace.listAt(revision);
    if (!values) throw etcdError('compacted');
    for (const kv of values) {
      const key = keyOf(keyspace, kv);
      if (contains(interval, key)) found.push({ key, kv });
    }
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function sortEntries(data: EtcdData, entries: Entry[], { sortBy, order }: RangeRequest): void {
  const rank: Readonly<Record<SortTarget, (entry: Entry) => number | string>> = {
    KEY: ({ key }) => key,
    VERSION: ({ kv }) => kv.version,
    CREATE: ({ kv }) => kv.createRevision,
    MODIFY: ({ kv }) => kv.modRevision,
    VALUE: ({ kv }) => valueBytes(data, kv.value),
  };
  if (sortBy === 'KEY' && order !== 'DESCEND') return;
  const of = rank[sortBy];
  const sign = order === 'DESCEND' ? -1 : 1;
  entries.sort((a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0));
}

/** executeRange. `count` is of the whole interval, whatever bounds and limit leave of it. */
export function range(data: EtcdData, request: RangeRequest): KvResult & { readonly type: 'range' } {
  const all = entriesOf(data, request, request.revision);
  const { minCreate, maxCreate, minMod, maxMod } = request.bounds;
  const isWithin = (revision: number, min: number, max: number): boolean => revision >= min && (max === 0 || revision <= max);
  const kept = all.filter(({ kv }) => isWithin(kv.createRevision, minCreate, maxCreate) && isWithin(kv.modRevision, minMod, maxMod));
  sortEntries(data, kept, request);
  const isMore = !request.isCountOnly && request.limit > 0 && kept.length > request.limit;
  const entries = request.isCountOnly ? [] : isMore ? kept.slice(0, request.limit) : kept;
  return { type: 'range', revision: data.revision, entries, count: all.length, isMore };
}

/** Whether all comparisons hold. A key that is not there has zeros, and no value to compare. */
function holds(data: EtcdData, comparisons: readonly KvCompare[]): boolean {
  return comparisons.every((comparison) => {
    const { keyspace, directory, name } = data.locate(comparison.key);
    const kv = keyspace.get(directory, name);
    if (comparison.target === 'value') return kv !== undefined && isSo(valueBytes(data, kv.value), comparison.result, comparison.value);
    const { version = 0, createRevision = 0, modRevision = 0 } = kv ?? {};
    return isSo({ version, create: createRevision, mod: modRevision }[comparison.target], comparison.result, comparison.value);
  });
}

function isSo<T extends number | string>(a: T, result: KvCompare['result'], b: T): boolean {
  switch (result) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '<':
      return a < b;
  }
}

/** What is refused before anything is proposed (checkTxnRequest, checkIntervals). */
export function checkTransaction({ compare, success, failure }: KvTransaction): void {
  if ([compare, success, failure].some((list) => list.length > maxOperations))
    throw new EtcdError('etcdserver: too many operations in txn request');
  if ([...compare, ...success, ...failure].some(({ key }) => key === '')) throw new EtcdError('etcdserver: key is not provided');
  for (const requests of [success, failure]) {
    const puts = new Set<string>();
    for (const request of requests) {
      if (request.type !== 'put') continue;
      const isDeleted = requests.some((other) => other.type === 'delete' && contains(other, request.key));
      if (puts.has(request.key) || isDeleted) throw new EtcdError('etcdserver: duplicate key given in txn request');
      puts.add(request.key);
    }
  }
}

const writes = (requests: readonly KvRequest[]): boolean => requests.some(({ type }) => type !== 'range');

export const isReadOnly = ({ success, failure }: KvTransaction): boolean => !writes(success) && !writes(failure);

/** What the larger branch would add to the database; 0 for one that puts nothing (costTxn). */
export function costOf({ success, failure }: KvTransaction): number {
  const cost = (requests: readonly KvRequest[]): number =>
    requests.reduce((sum, request) => sum + (request.type === 'put' ? putOverheadBytes + request.key.length + request.bytes : 0), 0);
  return Math.max(cost(success), cost(failure));
}

/** Carries a transaction out, all of it at one revision. Throws an EtcdError and has changed nothing when a request cannot be. */
export function transact(data: EtcdData, { compare, success, failure }: KvTransaction): KvTransactionResult {
  const succeeded = holds(data, compare);
  const requests = succeeded ? success : failure;
  for (const request of requests) {
    if (request.type === 'range') range(data, request);
    if (request.type !== 'put') continue;
    const { keyspace, directory, name } = data.locate(request.key);
    const isMissing = keyspace.get(directory, name) === undefined;
    if (isMissing && (request.value === undefined || request.lease === undefined)) throw new EtcdError('etcdserver: key not found');
    if (request.lease && !data.leases.has(request.lease)) throw etcdError('leaseNotFound');
  }
  const results = data.transact((write, revision) =>
    requests.map((request): KvResult => {
      if (request.type === 'range') return range(data, request);
      if (request.type === 'put') {
        const place = data.locate(request.key);
        const before = place.keyspace.get(place.directory, place.name);
        const { value = before!.value, lease = before!.lease, bytes } = request;
        write({ type: 'put', ...place, value, lease, bytes });
        return {
          type: 'put',
          revision: revision(),
          previous: request.isPreviousWanted && before ? { key: request.key, kv: before } : undefined,
        };
      }
      const gone = entriesOf(data, request, 0);
      for (const { key } of gone) write({ type: 'delete', ...data.locate(key) });
      return { type: 'delete', revision: revision(), deleted: gone.length, previous: request.isPreviousWanted ? gone : [] };
    }),
  );
  return { succeeded, revision: data.revision, results };
}
