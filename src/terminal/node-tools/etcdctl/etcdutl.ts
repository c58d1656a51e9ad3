/** etcdutl snapshot status|restore. Upstream: etcdutl/etcdutl/snapshot_command.go, etcdutl/snapshot/v3_snapshot.go. */
import type { Member } from '../../../emulator/control-plane/etcd/index.ts';
import {
  clusterIdOf,
  createDirectory,
  etcdVersion,
  foundingMembers,
  readSnapshot,
  writeDirectory,
} from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { formatTime, textOf } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { FlagSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { exitCodes, UsageError } from './context.ts';
import { bordered, humanBytes } from './table.ts';

const value = (name: string) => ({ name, takesValue: true });
const utilityFlags: FlagSpec = {
  '-w': value('write-out'),
  '--write-out': value('write-out'),
  '--data-dir': value('data-dir'),
  '--wal-dir': value('wal-dir'),
  '--name': value('name'),
  '--initial-cluster': value('initial-cluster'),
  '--initial-cluster-token': value('initial-cluster-token'),
  '--initial-advertise-peer-urls': value('initial-advertise-peer-urls'),
  '--initial-memory-map-size': value('initial-memory-map-size'),
  '--skip-hash-check': { name: 'skip-hash-check' },
  '--bump-revision': value('bump-revision'),
  '--mark-compacted': { name: 'mark-compacted' },
};

type Flags = ReadonlyMap<string, string>;

const failed = (message: string): UsageError => new UsageError(message, exitCodes.error);

/** A line as zap writes it for people. */
function log(sys: Sys, caller: string, msg: string, more: Readonly<Record<string, unknown>>): Call<void> {
  const fields = Object.entries(more).map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)}`);
  const time = formatTime(Math.floor(sys.kernel.clock.unixMs / 1000) * 1000);
  return sys.print(2, `${time}\tinfo\t${caller}\t${msg}\t{${fields.join(', ')}}\n`);
}

function* status(sys: Sys, path: string, flags: Flags): Call<number> {
  const format = flags.get('write-out') ?? 'simple';
  if (!['simple', 'table', 'json', 'fields', 'protobuf'].includes(format))
    throw new UsageError('unsupported output format', exitCodes.badFeature);
  if (!sys.fs.find(sys.path(path))) throw failed(`stat ${path}: no such file or directory`);
  const found = readSnapshot(textOf(sys.fs.readFile(sys.path(path))));
  if (!found) throw failed('invalid database');
  if (!found.isWhole) throw failed('snapshot file integrity check failed. 1 errors found.\nthe hash does not match');
  const { hash, revision, keys, bytes } = found;
  const number = Number.parseInt(hash, 16);
  const row = [hash, String(revision), String(keys), humanBytes(bytes), '3.6.0'];
  if (format === 'protobuf') throw new UsageError('protobuf not supported as output format', exitCodes.badFeature);
  if (format === 'table') yield* sys.print(1, bordered([['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE', 'VERSION'], row]));
  else if (format === 'fields')
    yield* sys.print(1, `"Hash" : ${number}\n"Revision" : ${revision}\n"Keys" : ${keys}\n"Size" : ${bytes}\n"Version" : 3.6.0\n`);
  else if (format === 'json')
    yield* sys.print(1, `${JSON.stringify({ hash: number, revision, totalKey: keys, totalSize: bytes, version: '3.6.0' })}\n`);
  else yield* sys.print(1, `${row.join(', ')}\n`);
  return 0;
}

/** The members of the cluster that is to be, and which of them this one is. */
function bootstrap(flags: Flags): { readonly members: readonly Member[]; readonly self: Member } {
  const name = flags.get('name') ?? 'default';
  const peerURLs = (flags.get('initial-advertise-peer-urls') ?? 'http://localhost:2380').split(',').sort();
  const initial = (flags.get('initial-cluster') ?? 'default=http://localhost:2380').split(',');
  const members = foundingMembers(initial, flags.get('initial-cluster-token'));
  const self = members.find((member) => member.name === name);
  if (!self) throw failed(`couldn't find local name ${quote(name)} in the initial cluster configuration`);
  const own = [...self.peerURLs].sort();
  const unlike = own.findIndex((url, i) => url !== peerURLs[i]);
  if (unlike < 0 && own.length === peerURLs.length) return { members, self };
  const lists = [peerURLs, own].map((urls) => `[${urls.map(quote).join(' ')}]`);
  const why =
    own.length === peerURLs.length
      ? `resolved urls: ${quote(peerURLs[unlike]!)} != ${quote(own[unlike]!)}`
      : `len(${lists[0]}) != len(${lists[1]})`;
  const missing = own.filter((url) => !peerURLs.includes(url)).map((url) => `${name}=${url}`);
  if (missing.length > 0)
    throw failed(
      `--initial-cluster has ${missing.join(',')} but missing from --initial-advertise-peer-urls=${peerURLs.join(',')} (${why})`,
    );
  const extra = peerURLs.filter((url) => !own.includes(url));
  throw failed(
    `--initial-advertise-peer-urls has ${extra.join(',')} but missing from --initial-cluster=${peerURLs.map((url) => `${name}=${url}`).join(',')}`,
  );
}

function* restore(sys: Sys, path: string, flags: Flags): Call<number> {
  const bump = Number(flags.get('bump-revision') ?? 0);
  if (bump > 0 !== flags.has('mark-compacted')) throw new UsageError('--mark-compacted required if --revision-bump > 0');
  const { members, self } = bootstrap(flags);
  const dataDir = flags.get('data-dir') || `${self.name}.etcd`;
  const folder = sys.path(dataDir);
  const present = sys.fs.find(folder);
  if (present && (present.kind !== 'directory' || present.entries.size > 0))
    throw failed(`data-dir ${quote(dataDir)} not empty or could not be read`);
  const wal = flags.get('wal-dir');
  if (wal && sys.fs.find(sys.path(wal))) throw failed(`wal-dir ${quote(wal)} exists`);
  const about = {
    path,
    'wal-dir': wal || `${dataDir}/member/wal`,
    'data-dir': dataDir,
    'snap-dir': `${dataDir}/member/snap`,
    'initial-memory-map-size': Number(flags.get('initial-memory-map-size') ?? 10_737_418_240),
  };
  yield* log(sys, 'snapshot/v3_snapshot.go:305', 'restoring snapshot', about);
  if (!sys.fs.find(sys.path(path))) throw failed(`open ${path}: no such file or directory`);
  const found = readSnapshot(textOf(sys.fs.readFile(sys.path(path))));
  if (!found) throw failed('snapshot missing hash but --skip-hash-check=false');
  if (!found.isWhole && !flags.has('skip-hash-check')) throw failed('expected sha256 of the snapshot does not match what it holds');
  if (bump > 0) {
    const { revision } = found;
    const more = { 'latest-revision': revision, 'bump-amount': bump, 'new-latest-revision': revision + bump };
    yield* log(sys, 'snapshot/v3_snapshot.go:396', 'bumping latest revision', more);
    yield* log(sys, 'snapshot/v3_snapshot.go:413', 'marking revision compacted', { revision: revision + bump });
  }
  const clusterId = clusterIdOf(members.map(({ id }) => id));
  sys.fs.mkdirs(folder);
  if (wal) sys.fs.mkdirs(sys.path(wal));
  writeDirectory(sys.fs, folder, { ...createDirectory(sys.kernel, members, self.id), data: found.restore(sys.kernel, bump) });
  for (const { id, peerURLs } of members)
    yield* log(sys, 'membership/cluster.go:424', 'added member', {
      'cluster-id': clusterId,
      'local-member-id': '0',
      'added-peer-id': id,
      'added-peer-peer-urls': peerURLs,
      'added-peer-is-learner': false,
    });
  yield* log(sys, 'snapshot/v3_snapshot.go:333', 'restored snapshot', about);
  return 0;
}

const usage =
  'Usage:\n  etcdutl [command]\n\nAvailable Commands:\n  snapshot    restore, status: what lies in a snapshot\n  version     which etcdutl this is\n\nFlags:\n  -h, --help               help for etcdutl\n  -w, --write-out string   fields, json, protobuf, simple or table (default "simple")\n';

const absent = ['completion', 'defrag', 'hashkv', 'migrate'];

function* run(sys: Sys): Call<number> {
  const { words, flags, unknown } = parseArguments(sys.argv.slice(1), utilityFlags);
  const [command = '', verb = '', path, ...more] = words;
  if (unknown !== undefined && unknown !== '-h' && unknown !== '--help') throw failed(`unknown flag: ${unknown}`);
  if (command === 'version') {
    yield* sys.print(1, `etcdutl version: ${etcdVersion}\nAPI version: 3.6\n`);
    return 0;
  }
  if (absent.includes(command)) throw failed(`etcdutl ${command} is not simulated here`);
  if (command !== '' && command !== 'snapshot')
    throw failed(`unknown command ${quote(command)} for "etcdutl"\nRun 'etcdutl --help' for usage.`);
  if (unknown !== undefined || (verb !== 'status' && verb !== 'restore')) {
    yield* sys.print(1, usage);
    return 0;
  }
  if (path === undefined || more.length > 0) throw new UsageError(`snapshot ${verb} requires exactly one argument`);
  return yield* verb === 'status' ? status(sys, path, flags) : restore(sys, path, flags);
}

export const etcdutl: Program = function* (sys): Call<number> {
  try {
    return yield* run(sys);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    yield* sys.print(2, `Error: ${error.message}\n`);
    return error.code;
  }
};
