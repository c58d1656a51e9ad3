/**
 * etcdctl: get, put, del, watch, endpoint status|health, member list, snapshot save|status, compaction, version.
 *
 * Differs from Kubernetes: values are shown as JSON, and encrypted ones are encrypted JSON. A real etcd holds the API's objects as protobuf, which a terminal cannot show.
 * Differs from Kubernetes: without flags or environment the certificates of /etc/kubernetes/pki/etcd are used, if they are there.
 */
import type { EtcdData, EtcdEndpoint, Keyspace, KeyValue } from '../../emulator/control-plane/etcd/index.ts';
import type { ByteString, Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { isErrno, noBytes, utf8, WaitQueue } from '../../emulator/kernel/index.ts';
import { goJson } from '../../emulator/machinery/json.ts';
import type { Arguments, FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { getPrinters } from './etcdctl-get.ts';

interface Context extends Arguments {
  readonly sys: Sys;
  readonly etcd: EtcdEndpoint;
  readonly endpoint: string;
}

const value = (name: string) => ({ name, takesValue: true });
const flags: FlagSpec = {
  '--endpoints': value('endpoints'),
  '--cacert': value('cacert'),
  '--cert': value('cert'),
  '--key': value('key'),
  '--prefix': { name: 'prefix' },
  '--keys-only': { name: 'keys-only' },
  '--limit': value('limit'),
  '--count-only': { name: 'count-only' },
  '--from-key': { name: 'from-key' },
  '--rev': value('rev'),
  '-w': value('write-out'),
  '--write-out': value('write-out'),
  '--print-value-only': { name: 'print-value-only' },
  '--prev-kv': { name: 'prev-kv' },
  '--command-timeout': value('command-timeout'),
  '--dial-timeout': value('dial-timeout'),
  '--cluster': { name: 'cluster' },
  '--order': value('order'),
  '--sort-by': value('sort-by'),
  '--debug': { name: 'debug' },
};

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

function* get(context: Context): Call<number> {
  const { sys, etcd, flags: given, words } = context;
  if (words.length === 0) return yield* usage(sys, 'get command needs one argument as key and an optional argument as range_end');
  yield* etcd.linearizable();
  const { from, to } = rangeOf(context);
  const rev = given.has('rev') ? Number(given.get('rev')) : undefined;
  const rows = range(etcd.data, from, to, rev);
  if (!rows) return yield* usage(sys, 'etcdserver: mvcc: required revision has been compacted');
  const isCounted = given.has('count-only');
  const sorted = sortRows(etcd.data, rows, given.get('sort-by'), given.get('order'));
  const shown = isCounted ? [] : given.has('limit') ? sorted.slice(0, Number(given.get('limit'))) : sorted;
  const format = given.get('write-out') ?? 'simple';
  if (isCounted && format !== 'fields') return yield* usage(sys, '--count-only is only for `--write-out=fields`', badArguments);
  if (given.has('print-value-only') && format !== 'simple')
    return yield* usage(sys, 'print-value-only is only for `--write-out=simple`', badArguments);
  const kvs = shown.map(({ key, entry }) => ({ key, entry, value: given.has('keys-only') ? noBytes : bytesOf(etcd.data, entry.value) }));
  const printer = getPrinters[format];
  if (!printer) return yield* usage(sys, unprintable(format), badFeature);
  yield* sys.write(
    1,
    printer({
      revision: etcd.data.revision,
      kvs,
      count: rows.length,
      isWhole: shown.length === rows.length || isCounted,
      isValueOnly: given.has('print-value-only'),
    }),
  );
  return 0;
}

function* put({ sys, etcd, words }: Context): Call<number> {
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
  yield* etcd.txn({ compare: [], success: [{ type: 'put', ...place, value: object }] });
  yield* sys.print(1, 'OK\n');
  return 0;
}

function* del(context: Context): Call<number> {
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

function* watch(context: Context): Call<number> {
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

/** Borders and columns as tablewriter draws them. */
function bordered(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (row: readonly string[], isHeader: boolean): string =>
    `|${row
      .map((cell, i) => {
        const left = isHeader ? Math.floor((widths[i]! - cell.length) / 2) : /^\d+$/.test(cell) ? widths[i]! - cell.length : 0;
        return ` ${' '.repeat(left)}${cell}${' '.repeat(widths[i]! - cell.length - left)} `;
      })
      .join('|')}|\n`;
  return (
    rule +
    line(rows[0]!, true) +
    rule +
    rows
      .slice(1)
      .map((row) => line(row, false))
      .join('') +
    rule
  );
}

function* endpointCommand({ sys, etcd, endpoint, words, flags: given }: Context): Call<number> {
  const { name: _name, id, version, dbSizeBytes, isLeader, raftTerm, raftIndex } = etcd.status();
  if (words[0] === 'health') {
    yield* sys.print(
      1,
      given.get('write-out') === 'json'
        ? `${JSON.stringify([{ endpoint, health: true, took: '9.5ms' }])}\n`
        : `${endpoint} is healthy: successfully committed proposal: took = 9.5ms\n`,
    );
    return 0;
  }
  if (words[0] !== 'status') return yield* usage(sys, `unknown command ${JSON.stringify(words[0] ?? '')} for "etcdctl endpoint"`);
  const size = `${(dbSizeBytes / 1_000_000).toPrecision(2)} MB`;
  if (given.get('write-out') === 'table') {
    yield* sys.print(
      1,
      bordered([
        [
          'ENDPOINT',
          'ID',
          'VERSION',
          'STORAGE VERSION',
          'DB SIZE',
          'IN USE',
          'PERCENTAGE NOT IN USE',
          'QUOTA',
          'IS LEADER',
          'IS LEARNER',
          'RAFT TERM',
          'RAFT INDEX',
          'RAFT APPLIED INDEX',
          'ERRORS',
          'DOWNGRADE TARGET VERSION',
          'DOWNGRADE ENABLED',
        ],
        [
          endpoint,
          id,
          version,
          '3.6.0',
          size,
          size,
          '0%',
          '2.1 GB',
          String(isLeader),
          'false',
          String(raftTerm),
          String(raftIndex),
          String(raftIndex),
          '',
          '',
          'false',
        ],
      ]),
    );
  } else
    yield* sys.print(
      1,
      `${[endpoint, id, version, '3.6.0', size, size, '0%', '2.1 GB', isLeader, false, raftTerm, raftIndex, raftIndex, '', '', false].join(', ')}\n`,
    );
  return 0;
}

function* member({ sys, etcd, words, flags: given }: Context): Call<number> {
  if (words[0] !== 'list') return yield* usage(sys, `unknown command ${JSON.stringify(words[0] ?? '')} for "etcdctl member"`);
  const { id, name, peerURLs, clientURLs } = etcd.status();
  if (given.get('write-out') === 'table')
    yield* sys.print(
      1,
      bordered([
        ['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'],
        [id, 'started', name, peerURLs.join(','), clientURLs.join(','), 'false'],
      ]),
    );
  else yield* sys.print(1, `${id}, started, ${name}, ${peerURLs.join(',')}, ${clientURLs.join(',')}, false\n`);
  return 0;
}

function* snapshot({ sys, etcd, words }: Context): Call<number> {
  const [command, path] = words;
  if (command !== 'save' || path === undefined)
    return yield* usage(
      sys,
      command === 'save' ? 'snapshot save expects one argument' : `unknown command ${JSON.stringify(command ?? '')} for "etcdctl snapshot"`,
    );
  const saved = etcd.data.image();
  const lines = saved.keyspaces.flatMap(({ prefix, values }) =>
    values.map(({ directory, name, modRevision, value }) => JSON.stringify({ key: `${prefix}${directory}${name}`, modRevision, value })),
  );
  // Differs from Kubernetes: a snapshot is one JSON value a line, not a bbolt file.
  const head = JSON.stringify({ type: 'etcd snapshot', revision: saved.revision, keys: lines.length });
  sys.fs.writeFile(sys.path(path), utf8(`${head}\n${lines.join('\n')}\n`), 0o600);
  yield* sys.print(
    2,
    `{"level":"info","ts":"${sys.kernel.clock.microTime()}","caller":"snapshot/v3_snapshot.go:65","msg":"created temporary db file","path":"${path}.part"}\n`,
  );
  yield* sys.print(1, `Snapshot saved at ${path}\nServer version ${etcd.status().version}\n`);
  return 0;
}

function* compaction({ sys, etcd, words }: Context): Call<number> {
  const revision = Number(words[0]);
  yield* etcd.compact(revision);
  yield* sys.print(1, `compacted revision ${revision}\n`);
  return 0;
}

const commands: Readonly<Record<string, (context: Context) => Call<number>>> = {
  get,
  put,
  del,
  watch,
  endpoint: endpointCommand,
  member,
  snapshot,
  compaction,
};

/** In which forms a command prints. Differs from Kubernetes: not every command prints in every form of the real etcdctl. */
const formatsOf: Readonly<Record<string, readonly string[]>> = {
  get: Object.keys(getPrinters),
  put: ['simple'],
  del: ['simple'],
  watch: ['simple'],
  endpoint: ['simple', 'table', 'json'],
  member: ['simple', 'table'],
  snapshot: ['simple'],
  compaction: ['simple'],
};

/** Exit codes of etcd's pkg/cobrautl. */
const badFeature = 4;
const badArguments = 128;

const unprintable = (format: string): string =>
  ['fields', 'json', 'protobuf', 'simple', 'table'].includes(format)
    ? `${format} is not supported as output format here`
    : 'unsupported output format';

function* usage(sys: Sys, message: string, status = 1): Call<number> {
  yield* sys.print(2, `Error: ${message}\n`);
  return status;
}

export const etcdctl: Program = function* (sys): Call<number> {
  const parsed = parseArguments(sys.argv.slice(1), flags);
  const [name, ...words] = parsed.words;
  if (parsed.unknown !== undefined) return yield* usage(sys, `unknown flag: ${parsed.unknown}`);
  if (name === 'version') {
    yield* sys.print(1, 'etcdctl version: 3.6.4\nAPI version: 3.6\n');
    return 0;
  }
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    if (name !== undefined) return yield* usage(sys, `unknown command ${JSON.stringify(name)} for "etcdctl"`);
    yield* sys.print(
      1,
      `NAME:\n\tetcdctl - A simple command line client for etcd3.\n\nUSAGE:\n\tetcdctl [flags]\n\nCOMMANDS:\n${Object.keys(commands)
        .sort()
        .map((verb) => `\t${verb}\n`)
        .join('')}`,
    );
    return 0;
  }
  const endpoint = (parsed.flags.get('endpoints') ?? sys.env.get('ETCDCTL_ENDPOINTS') ?? '127.0.0.1:2379').split(',')[0]!;
  const [, ip = '', port = ''] = /^(?:https?:\/\/)?(.+):(\d+)$/.exec(endpoint) ?? [];
  const files = [
    parsed.flags.get('cacert') ?? sys.env.get('ETCDCTL_CACERT') ?? '/etc/kubernetes/pki/etcd/ca.crt',
    parsed.flags.get('cert') ?? sys.env.get('ETCDCTL_CERT') ?? '/etc/kubernetes/pki/etcd/server.crt',
    parsed.flags.get('key') ?? sys.env.get('ETCDCTL_KEY') ?? '/etc/kubernetes/pki/etcd/server.key',
  ];
  const missing = files.find((file) => !sys.fs.find(sys.path(file)));
  if (missing !== undefined) return yield* usage(sys, `open ${missing}: no such file or directory`);
  try {
    const connection = yield* sys.net.connect({ ip: ip === 'localhost' ? '127.0.0.1' : ip, port: Number(port) }, { timeoutMs: 5000 });
    sys.own(() => connection.close());
    const etcd = connection.service.endpoint as EtcdEndpoint | undefined;
    if (!etcd?.data) return yield* unreachable(sys, endpoint, 'connection error: desc = "transport: authentication handshake failed: EOF"');
    const format = parsed.flags.get('write-out') ?? 'simple';
    if (!formatsOf[name!]!.includes(format)) return yield* usage(sys, unprintable(format), badFeature);
    return yield* command({ sys, etcd, endpoint, flags: parsed.flags, words });
  } catch (error) {
    if (!isErrno(error)) throw error;
    return yield* unreachable(
      sys,
      endpoint,
      `connection error: desc = "transport: Error while dialing: dial tcp ${ip}:${port}: connect: ${error.message.toLowerCase()}"`,
    );
  }
};

function* unreachable(sys: Sys, endpoint: string, why: string): Call<number> {
  yield* sys.sleep(5000);
  const warning = {
    level: 'warn',
    ts: sys.kernel.clock.microTime(),
    logger: 'etcd-client',
    caller: 'v3@v3.6.4/retry_interceptor.go:65',
    msg: 'retrying of unary invoker failed',
    target: `etcd-endpoints://0x1/${endpoint}`,
    attempt: 0,
    error: `rpc error: code = DeadlineExceeded desc = latest balancer error: last ${why}`,
  };
  yield* sys.print(2, `${JSON.stringify(warning)}\nError: context deadline exceeded\n`);
  return 1;
}
