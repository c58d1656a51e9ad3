/** get, put, del, watch and compaction. Upstream: etcdctl/ctlv3/command. */
import type { EtcdData, Keyspace, KeyValue } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError, etcdErrors } from '../../../emulator/control-plane/etcd/index.ts';
import type { ByteString, Call } from '../../../emulator/kernel/index.ts';
import { noBytes, utf8, WaitQueue } from '../../../emulator/kernel/index.ts';
import { goJson } from '../../../emulator/machinery/json.ts';
import type { Context } from './context.ts';
import { decimal, exitCodes, usage } from './context.ts';
import { getPrinters } from './get.ts';

interface Row {
  readonly key: string;
  readonly keyspace: Keyspace;
  readonly entry: KeyValue;
}

const keyOf = (keyspace: Keyspace, { directory, name }: { readonly directory: string; readonly name: string }): string =>
  keyspace.prefix + directory + name;

/** Keys from `from` up to `to`, in their order; with `rev` as they were then. */
function range(data: EtcdData, from: string, to: string | undefined, rev: number | undefined): Row[] | undefined {
  const rows: Row[] = [];
  for (const keyspace of data.keyspaces) {
    const entries = rev === undefined ? keyspace.list() : keyspace.listAt(rev);
    if (!entries) return undefined;
    for (const entry of entries) {
      const key = keyOf(keyspace, entry);
      if (to === undefined ? key === from : key >= from && (to === '\0' || key < to)) rows.push({ key, keyspace, entry });
    }
  }
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The end of a prefix: its last character raised by one. */
const prefixEnd = (prefix: string): string =>
  prefix === '' ? '\0' : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** Values are API objects, which may be encrypted, or what `put` wrote. */
const bytesOf = ({ sealed }: EtcdData, object: object): ByteString =>
  sealed?.get(object)?.bytes ?? utf8('raw' in object && typeof object.raw === 'string' ? object.raw : goJson(object));

/** `--sort-by` and `--order`; by key, ascending, unless said. */
function sortRows(data: EtcdData, rows: readonly Row[], by = 'KEY', order = 'ASCEND'): readonly Row[] {
  const rank: Readonly<Record<string, (row: Row) => number | string>> = {
    CREATE: ({ entry }) => entry.createRevision,
    MODIFY: ({ entry }) => entry.modRevision,
    VERSION: ({ entry }) => entry.version,
    VALUE: ({ entry }) => bytesOf(data, entry.value),
  };
  const of = rank[by.toUpperCase()] ?? (({ key }) => key);
  const sign = order.toUpperCase() === 'DESCEND' ? -1 : 1;
  return [...rows].sort((a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0));
}

function rangeOf({ words, flags: given }: Context): { readonly from: string; readonly to: string | undefined } {
  const [from = '', end] = words;
  return { from, to: end ?? (given.has('prefix') ? prefixEnd(from) : given.has('from-key') ? '\0' : undefined) };
}

export function* get(context: Context): Call<number> {
  const { sys, etcd, flags: given, words, format } = context;
  if (words.length === 0) return yield* usage(sys, 'get command needs one argument as key and an optional argument as range_end');
  yield* etcd.linearizable();
  const { from, to } = rangeOf(context);
  const rev = given.has('rev') ? Number(given.get('rev')) : undefined;
  const rows = range(etcd.data, from, to, rev);
  if (!rows) return yield* usage(sys, 'etcdserver: mvcc: required revision has been compacted');
  const isCounted = given.has('count-only');
  const sorted = sortRows(etcd.data, rows, given.get('sort-by'), given.get('order'));
  const shown = isCounted ? [] : given.has('limit') ? sorted.slice(0, Number(given.get('limit'))) : sorted;
  if (isCounted && format !== 'fields') return yield* usage(sys, '--count-only is only for `--write-out=fields`', exitCodes.badArguments);
  if (given.has('print-value-only') && format !== 'simple')
    return yield* usage(sys, 'print-value-only is only for `--write-out=simple`', exitCodes.badArguments);
  const kvs = shown.map(({ key, entry }) => ({ key, entry, value: given.has('keys-only') ? noBytes : bytesOf(etcd.data, entry.value) }));
  const { clusterId, id, raftTerm } = etcd.status();
  yield* sys.write(
    1,
    getPrinters[format]!({
      header: { clusterId: decimal(clusterId), memberId: decimal(id), raftTerm },
      revision: etcd.data.revision,
      kvs,
      count: rows.length,
      isWhole: shown.length === rows.length || isCounted,
      isValueOnly: given.has('print-value-only'),
    }),
  );
  return 0;
}

export function* put({ sys, etcd, words, flags }: Context): Call<number> {
  const [key, plain] = words;
  if (key === undefined || plain === undefined)
    return yield* usage(sys, 'put command needs 1 argument and input from stdin or 2 arguments');
  const place = etcd.data.locate(key);
  let object: object = { raw: plain };
  try {
    const parsed: unknown = JSON.parse(plain);
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed) object = parsed;
  } catch {
    // Not an object of the API: kept as the text that it is.
  }
  const lease = Number.parseInt(flags.get('lease') ?? '0', 16);
  if (lease !== 0 && !etcd.data.leases.has(lease)) throw new EtcdError(etcdErrors.leaseNotFound);
  const bytes = utf8(plain).length;
  yield* etcd.txn({ compare: [], success: [{ type: 'put', ...place, value: object, bytes, lease }] });
  yield* sys.print(1, 'OK\n');
  return 0;
}

export function* del(context: Context): Call<number> {
  const { sys, etcd, words } = context;
  if (words.length === 0) return yield* usage(sys, 'del command needs one argument as key and an optional argument as range_end');
  yield* etcd.linearizable();
  const { from, to } = rangeOf(context);
  const rows = range(etcd.data, from, to, undefined) ?? [];
  yield* etcd.txn({
    compare: [],
    success: rows.map(({ keyspace, entry }) => ({ type: 'delete', keyspace, directory: entry.directory, name: entry.name })),
  });
  yield* sys.print(1, `${rows.length}\n`);
  return 0;
}

export function* watch(context: Context): Call<number> {
  const { sys, etcd, flags: given } = context;
  const { from, to } = rangeOf(context);
  const changed = new WaitQueue();
  const lines: ByteString[] = [];
  const text = (object: object): ByteString => bytesOf(etcd.data, object);
  const stop = etcd.data.observe((keyspace, { current, previous }) => {
    const entry = (current ?? previous)!;
    const key = utf8(keyOf(keyspace, entry));
    if (to === undefined ? key !== from : key < from || (to !== '\0' && key >= to)) return;
    const before = given.has('prev-kv') && previous ? `${key}\n${text(previous.value)}\n` : '';
    lines.push((current ? `PUT\n${before}${key}\n${text(current.value)}\n` : `DELETE\n${before}${key}\n\n`) as ByteString);
    changed.wake();
  });
  sys.own(stop);
  for (;;) {
    for (const line of lines.splice(0)) yield* sys.write(1, line);
    yield* sys.block(changed, 'watch');
  }
}

export function* compaction({ sys, etcd, words }: Context): Call<number> {
  const revision = Number(words[0]);
  yield* etcd.compact(revision);
  yield* sys.print(1, `compacted revision ${revision}\n`);
  return 0;
}
