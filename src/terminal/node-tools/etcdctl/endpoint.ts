/** endpoint status|health|hashkv and defrag, which ask each member for itself. Upstream: etcdctl/ctlv3/command/ep_command.go, defrag_command.go. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { EtcdMember, EtcdStatus } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError, etcdErrors } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { toUint8Array, utf8 } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import { jsonString } from '../../../emulator/machinery/json.ts';
import { CallError } from './client.ts';
import type { Context } from './context.ts';
import { bigId, exitCodes, headerOf, UsageError } from './context.ts';
import { headerFields } from './fields.ts';
import type { Message } from './messages.ts';
import { json, schemas } from './messages.ts';
import { unsupported } from './print.ts';
import { bordered, goMs, humanBytes } from './table.ts';

const statusHead = [
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
];

/** Those that are named, or with --cluster those that all members have. */
function* endpointsOf({ given, endpoints, call }: Context): Call<readonly string[]> {
  if (!given.has('cluster')) return endpoints;
  try {
    return yield* call('Cluster/MemberList', function* (etcd) {
      yield* etcd.linearizable();
      return etcd.status().members.flatMap(({ clientURLs }) => clientURLs);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new UsageError(`failed to fetch endpoints from etcd cluster member list: ${error.message}`, exitCodes.error);
  }
}

interface Answer<T> {
  readonly endpoint: string;
  readonly of: T;
}

/** Asks each of them; who does not answer is told of on standard error. */
function* askEach<T>(
  context: Context,
  method: string,
  what: string,
  ask: (etcd: EtcdMember) => Call<T>,
): Call<{ readonly answers: Answer<T>[]; readonly error: string | undefined }> {
  const answers: Answer<T>[] = [];
  let last: string | undefined;
  for (const endpoint of yield* endpointsOf(context)) {
    try {
      answers.push({ endpoint, of: yield* context.client.call([endpoint], method, ask) });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      last = error.message;
      yield* context.sys.print(2, `Failed to get the ${what} of endpoint ${endpoint} (${error.message})\n`);
    }
  }
  return { answers, error: last };
}

interface Status {
  readonly status: EtcdStatus;
  readonly header: Message;
}

function statusRow({ endpoint, of: { status } }: Answer<Status>): string[] {
  const { id, version, dbSizeBytes, dbInUseBytes, quotaBytes, isLeader, isLearner, raftTerm, raftIndex, raftAppliedIndex, errors } = status;
  return [
    endpoint,
    id.replace(/^0+(?=.)/, ''),
    version,
    '3.6.0',
    humanBytes(dbSizeBytes),
    humanBytes(dbInUseBytes),
    `${100 - Math.floor((dbInUseBytes * 100) / dbSizeBytes)}%`,
    humanBytes(quotaBytes),
    String(isLeader),
    String(isLearner),
    String(raftTerm),
    String(raftIndex),
    String(raftAppliedIndex),
    errors.join(', '),
    '',
    'false',
  ];
}

const statusMessage = ({ header, status }: Status): Message => ({
  header,
  version: status.version,
  dbSize: status.dbSizeBytes,
  leader: bigId(status.leader),
  raftIndex: status.raftIndex,
  raftTerm: status.raftTerm,
  raftAppliedIndex: status.raftAppliedIndex,
  errors: status.errors,
  dbSizeInUse: status.dbInUseBytes,
  isLearner: status.isLearner,
  storageVersion: '3.6.0',
  dbSizeQuota: status.quotaBytes,
  downgradeInfo: {},
});

function statusFields({ endpoint, of: { header, status } }: Answer<Status>, isHex: boolean): string {
  const rows: readonly (readonly [string, unknown])[] = [
    ['Version', quote(status.version)],
    ['StorageVersion', '"3.6.0"'],
    ['DBSize', status.dbSizeBytes],
    ['DBSizeInUse', status.dbInUseBytes],
    ['Leader', bigId(status.leader)],
    ['IsLearner', status.isLearner],
    ['RaftIndex', status.raftIndex],
    ['RaftTerm', status.raftTerm],
    ['RaftAppliedIndex', status.raftAppliedIndex],
    ['Errors', `[${status.errors.join(' ')}]`],
    ['Endpoint', quote(endpoint)],
    ['DowngradeTargetVersion', '""'],
    ['DowngradeEnabled', false],
  ];
  return `${headerFields(header, isHex)}${rows.map(([name, value]) => `"${name}" : ${value}\n`).join('')}\n`;
}

/** Prints a list in one of four forms. */
function* show<T>(
  { sys, format }: Context,
  all: readonly T[],
  forms: {
    readonly head: readonly string[];
    readonly row: (one: T) => readonly string[];
    readonly json: (one: T) => string;
    readonly fields: (one: T) => string;
    readonly simple?: (row: readonly string[]) => string;
  },
): Call<void> {
  if (format === 'protobuf') throw unsupported('protobuf');
  if (format === 'table') return yield* sys.print(1, bordered([forms.head, ...all.map(forms.row)]));
  if (format === 'json') return yield* sys.print(1, all.length === 0 ? 'null\n' : `[${all.map(forms.json).join(',')}]\n`);
  if (format === 'fields') return yield* sys.print(1, all.map(forms.fields).join(''));
  yield* sys.print(1, all.map((one) => `${forms.row(one).join(', ')}\n`).join(''));
}

export function* endpointStatus(context: Context): Call<number> {
  const { answers, error } = yield* askEach(context, 'Maintenance/Status', 'status', function* (etcd): Call<Status> {
    return { status: etcd.status(), header: headerOf(etcd) };
  });
  yield* show(context, answers, {
    head: statusHead,
    row: statusRow,
    json: (one) => `{"Endpoint":${jsonString(one.endpoint)},"Status":${json(schemas.status, statusMessage(one.of))}}`,
    fields: (one) => statusFields(one, context.isHex),
  });
  return error === undefined ? 0 : exitCodes.error;
}

interface Health {
  readonly endpoint: string;
  readonly took: string;
  readonly error: string;
}

/** Whether the member can have the group agree on something: it reads a key that need not be there. */
function* healthOf({ sys, client }: Context, endpoint: string): Call<Health> {
  const since = sys.nowMs;
  try {
    const alarms = yield* client.call([endpoint], 'KV/Range', function* (etcd) {
      yield* etcd.linearizable();
      return etcd.status().alarms;
    });
    return {
      endpoint,
      took: goMs(sys.nowMs - since),
      error: alarms.length === 0 ? '' : `Active Alarm(s): ${alarms.map(() => 'NOSPACE ').join('')}`,
    };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { endpoint, took: goMs(sys.nowMs - since), error: error.message };
  }
}

export function* endpointHealth(context: Context): Call<number> {
  const { sys, format } = context;
  const all: Health[] = [];
  for (const endpoint of yield* endpointsOf(context)) all.push(yield* healthOf(context, endpoint));
  if (format === 'simple')
    for (const { endpoint, took, error } of all)
      if (error === '') yield* sys.print(1, `${endpoint} is healthy: successfully committed proposal: took = ${took}\n`);
      else yield* sys.print(2, `${endpoint} is unhealthy: failed to commit proposal: ${error}\n`);
  else
    yield* show(context, all, {
      head: ['ENDPOINT', 'HEALTH', 'TOOK', 'ERROR'],
      row: ({ endpoint, took, error }) => [endpoint, String(error === ''), took, error],
      json: ({ endpoint, took, error }) => JSON.stringify({ endpoint, health: error === '', took, ...(error !== '' && { error }) }),
      fields: ({ endpoint, took, error }) =>
        `"Endpoint" : ${quote(endpoint)}\n"Health" : ${error === ''}\n"Took" : ${took}\n"Error" : ${error}\n\n`,
    });
  if (all.some(({ error }) => error !== '')) throw new UsageError('unhealthy cluster', exitCodes.error);
  return 0;
}

interface Hash {
  readonly header: Message;
  readonly hash: number;
  readonly revision: number;
  readonly compacted: number;
}

/** Differs from Kubernetes: the hash is another one than a real member's; equal stores have equal ones, as there. */
function hashOf(etcd: EtcdMember, upTo: number): Hash {
  const { data } = etcd;
  const revision = upTo || data.revision;
  if (revision > data.revision) throw new EtcdError(etcdErrors.futureRevision);
  if (revision < data.compactRevision) throw new EtcdError(etcdErrors.compacted);
  let text = '';
  for (const keyspace of data.keyspaces)
    for (const { directory, name, modRevision, version } of keyspace.listAt(revision) ?? [])
      text += `${keyspace.prefix}${directory}${name}\0${modRevision}\0${version}\n`;
  const hash = Number.parseInt(bytesToHex(sha256(toUint8Array(utf8(text)))).slice(0, 8), 16);
  return { header: headerOf(etcd), hash, revision, compacted: data.compactRevision || -1 };
}

export function* endpointHashKV(context: Context): Call<number> {
  const upTo = context.given.number('rev');
  const { answers, error } = yield* askEach(context, 'Maintenance/HashKV', 'hash', function* (etcd) {
    return hashOf(etcd, upTo);
  });
  yield* show(context, answers, {
    head: ['ENDPOINT', 'HASH', 'HASH REVISION'],
    row: ({ endpoint, of: { hash, revision } }) => [endpoint, String(hash), String(revision)],
    json: ({ endpoint, of: { header, hash, revision, compacted } }) => {
      const body = json(schemas.hashKV, { header, hash, compact_revision: compacted, hash_revision: revision });
      return `{"Endpoint":${jsonString(endpoint)},"HashKV":${body}}`;
    },
    fields: ({ endpoint, of: { header, hash, revision } }) =>
      `${headerFields(header, context.isHex)}"Endpoint" : ${quote(endpoint)}\n"Hash" : ${hash}\n"HashRevision" : ${revision}\n\n`,
  });
  if (error !== undefined) throw new UsageError(error, exitCodes.error);
  return 0;
}

export function* defrag(context: Context): Call<number> {
  const { sys, client } = context;
  let isWhole = true;
  for (const endpoint of yield* endpointsOf(context)) {
    const since = sys.nowMs;
    try {
      yield* client.call([endpoint], 'Maintenance/Defragment', function* (etcd) {
        etcd.defragment();
      });
      yield* sys.print(1, `Finished defragmenting etcd member[${endpoint}]. took ${goMs(sys.nowMs - since)}\n`);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      isWhole = false;
      yield* sys.print(2, `Failed to defragment etcd member[${endpoint}]. took ${goMs(sys.nowMs - since)}. (${error.message})\n`);
    }
  }
  return isWhole ? 0 : exitCodes.error;
}
