/** endpoint status|health|hashkv and defrag, which ask each member for itself. Upstream: etcdctl/ctlv3/command/ep_command.go, defrag_command.go. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { EtcdMember, EtcdStatus } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { toUint8Array, utf8 } from '../../../emulator/kernel/index.ts';
import type { Context, Reached } from './context.ts';
import { decimal, exitCodes, usage } from './context.ts';
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

function statusRow(endpoint: string, status: EtcdStatus): string[] {
  const { id, version, dbSizeBytes, dbInUseBytes, quotaBytes, isLeader, isLearner, raftTerm, raftIndex, raftAppliedIndex, errors } = status;
  return [
    endpoint,
    id,
    version,
    '3.6.0',
    humanBytes(dbSizeBytes),
    humanBytes(dbInUseBytes),
    `${Math.floor(((dbSizeBytes - dbInUseBytes) / dbSizeBytes) * 100)}%`,
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

function statusJson(endpoint: string, { data }: EtcdMember, status: EtcdStatus): string {
  const { id, clusterId, version, dbSizeBytes, dbInUseBytes, quotaBytes, leader, raftTerm, raftIndex, raftAppliedIndex, errors } = status;
  const header = `{"cluster_id":${decimal(clusterId)},"member_id":${decimal(id)},"revision":${data.revision},"raft_term":${raftTerm}}`;
  const rest = {
    raftIndex,
    raftTerm,
    raftAppliedIndex,
    ...(errors.length > 0 && { errors }),
    dbSizeInUse: dbInUseBytes,
    storageVersion: '3.6.0',
    dbSizeQuota: quotaBytes,
    downgradeInfo: {},
  };
  const lead = leader === '' ? '' : `"leader":${decimal(leader)},`;
  const body = `{"header":${header},"version":"${version}","dbSize":${dbSizeBytes},${lead}${JSON.stringify(rest).slice(1)}`;
  return `{"Endpoint":${JSON.stringify(endpoint)},"Status":${body}}`;
}

function* status(context: Context): Call<number> {
  const { sys, endpoints, reach, format } = context;
  const found: Reached[] = [];
  for (const endpoint of endpoints) {
    const reached = yield* reach(endpoint);
    if ('error' in reached) yield* sys.print(2, `Failed to get the status of endpoint ${endpoint} (${reached.error})\n`);
    else found.push(reached);
  }
  const rows = found.map(({ endpoint, etcd }) => statusRow(endpoint, etcd.status()));
  if (format === 'table') yield* sys.print(1, bordered([statusHead, ...rows]));
  else if (format === 'json')
    yield* sys.print(1, `[${found.map(({ endpoint, etcd }) => statusJson(endpoint, etcd, etcd.status())).join(',')}]\n`);
  else yield* sys.print(1, rows.map((row) => `${row.join(', ')}\n`).join(''));
  return found.length === endpoints.length ? 0 : exitCodes.error;
}

interface Health {
  readonly endpoint: string;
  readonly took: string;
  readonly error: string;
}

/** Whether the member can have the group agree on something: it reads a key that need not be there. */
function* healthOf({ sys, reach }: Context, endpoint: string): Call<Health> {
  const since = sys.nowMs;
  const reached = yield* reach(endpoint);
  let error = 'error' in reached ? reached.error : '';
  if ('etcd' in reached) {
    try {
      yield* reached.etcd.linearizable(undefined, 5000);
      if (reached.etcd.status().alarms.length > 0) error = 'Active Alarm(s): NOSPACE ';
    } catch (reason) {
      if (!(reason instanceof EtcdError)) throw reason;
      // The command's own patience of five seconds ends before the server's.
      error = reason.message === 'etcdserver: request timed out' ? 'context deadline exceeded' : reason.message;
    }
  }
  return { endpoint, took: goMs(sys.nowMs - since), error };
}

function* health(context: Context): Call<number> {
  const { sys, endpoints, format } = context;
  const all: Health[] = [];
  for (const endpoint of endpoints) all.push(yield* healthOf(context, endpoint));
  if (format === 'table')
    yield* sys.print(
      1,
      bordered([
        ['ENDPOINT', 'HEALTH', 'TOOK', 'ERROR'],
        ...all.map(({ endpoint, took, error }) => [endpoint, String(error === ''), took, error]),
      ]),
    );
  else if (format === 'json') {
    const rows = all.map(({ endpoint, took, error }) => ({ endpoint, health: error === '', took, ...(error !== '' && { error }) }));
    yield* sys.print(1, `${JSON.stringify(rows)}\n`);
  } else {
    for (const { endpoint, took, error } of all)
      if (error === '') yield* sys.print(1, `${endpoint} is healthy: successfully committed proposal: took = ${took}\n`);
      else yield* sys.print(2, `${endpoint} is unhealthy: failed to commit proposal: ${error}\n`);
  }
  return all.every(({ error }) => error === '') ? 0 : yield* usage(sys, 'unhealthy cluster');
}

/** Differs from Kubernetes: the hash is another one than a real member's; equal stores have equal ones, as there. */
function* hashKV({ sys, endpoints, reach, format, flags }: Context): Call<number> {
  const rows: string[][] = [];
  let isWhole = true;
  for (const endpoint of endpoints) {
    const reached = yield* reach(endpoint);
    if ('error' in reached) {
      yield* sys.print(2, `Failed to get the hash of endpoint ${endpoint} (${reached.error})\n`);
      isWhole = false;
      continue;
    }
    const { data } = reached.etcd;
    const revision = Number(flags.get('rev') ?? 0) || data.revision;
    let text = '';
    for (const keyspace of data.keyspaces)
      for (const { directory, name, modRevision, version } of keyspace.listAt(revision) ?? [])
        text += `${keyspace.prefix}${directory}${name}\0${modRevision}\0${version}\n`;
    const hash = Number.parseInt(bytesToHex(sha256(toUint8Array(utf8(text)))).slice(0, 8), 16);
    rows.push([endpoint, String(hash), String(revision)]);
  }
  if (format === 'table') yield* sys.print(1, bordered([['ENDPOINT', 'HASH', 'HASH REVISION'], ...rows]));
  else if (format === 'json')
    yield* sys.print(
      1,
      `${JSON.stringify(rows.map(([Endpoint, hash, revision]) => ({ Endpoint, HashKV: { hash: Number(hash), hash_revision: Number(revision) } })))}\n`,
    );
  else yield* sys.print(1, rows.map(([endpoint, hash]) => `${endpoint}, ${hash}\n`).join(''));
  return isWhole ? 0 : exitCodes.error;
}

export function* endpoint(context: Context): Call<number> {
  const verbs: Readonly<Record<string, (context: Context) => Call<number>>> = { status, health, hashkv: hashKV };
  const [verb = ''] = context.words;
  const run = verbs[verb];
  if (!run) return yield* usage(context.sys, `unknown command ${JSON.stringify(verb)} for "etcdctl endpoint"`);
  return yield* run(context);
}

export function* defrag({ sys, endpoints, reach }: Context): Call<number> {
  let isWhole = true;
  for (const address of endpoints) {
    const since = sys.nowMs;
    const reached = yield* reach(address);
    const took = (): string => goMs(sys.nowMs - since);
    if ('error' in reached) {
      yield* sys.print(2, `Failed to defragment etcd member[${address}]. took ${took()}. (${reached.error})\n`);
      isWhole = false;
      continue;
    }
    reached.etcd.defragment();
    yield* sys.print(1, `Finished defragmenting etcd member[${address}]. took ${took()}\n`);
  }
  return isWhole ? 0 : exitCodes.error;
}
