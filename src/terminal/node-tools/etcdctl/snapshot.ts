/** etcdctl snapshot save, and etcdutl snapshot status|restore. Upstream: etcdctl/ctlv3/command/snapshot_command.go, etcdutl/etcdutl/snapshot_command.go. */
import {
  clusterIdOf,
  createDirectory,
  etcdVersion,
  foundingMembers,
  readSnapshot,
  writeDirectory,
  writeSnapshot,
} from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { FlagSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import type { Context } from './context.ts';
import { exitCodes, usage } from './context.ts';
import { bordered, humanBytes } from './table.ts';

function log(sys: Sys, caller: string, msg: string, more: object): Call<void> {
  return sys.print(2, `${JSON.stringify({ level: 'info', ts: sys.kernel.clock.microTime(), caller, msg, ...more })}\n`);
}

export function* snapshot({ sys, etcd, words, endpoints }: Context): Call<number> {
  const [verb = '', path, extra] = words;
  if (verb !== 'save') return yield* usage(sys, `unknown command ${JSON.stringify(verb)} for "etcdctl snapshot"`);
  if (path === undefined || extra !== undefined) return yield* usage(sys, 'snapshot save expects one argument', exitCodes.badArguments);
  if (endpoints.length > 1)
    return yield* usage(
      sys,
      `snapshot must be requested to one selected node, not multiple [${endpoints.join(' ')}]`,
      exitCodes.badArguments,
    );
  const { version } = etcd.status();
  yield* log(sys, 'snapshot/v3_snapshot.go:83', 'created temporary db file', { path: `${path}.part` });
  yield* log(sys, 'snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint: endpoints[0] });
  const text = writeSnapshot(etcd.data);
  sys.fs.writeFile(sys.path(path), utf8(text), 0o600);
  const size = humanBytes(text.length);
  yield* log(sys, 'snapshot/v3_snapshot.go:111', 'fetched snapshot', {
    endpoint: endpoints[0],
    size,
    took: 'now',
    'etcd-version': version,
  });
  yield* log(sys, 'snapshot/v3_snapshot.go:121', 'saved', { path });
  yield* sys.print(1, `Snapshot saved at ${path}\nServer version ${version}\n`);
  return 0;
}

const value = (name: string) => ({ name, takesValue: true });
const utilityFlags: FlagSpec = {
  '-w': value('write-out'),
  '--write-out': value('write-out'),
  '--data-dir': value('data-dir'),
  '--name': value('name'),
  '--initial-cluster': value('initial-cluster'),
  '--initial-cluster-token': value('initial-cluster-token'),
  '--initial-advertise-peer-urls': value('initial-advertise-peer-urls'),
  '--skip-hash-check': { name: 'skip-hash-check' },
  '--bump-revision': value('bump-revision'),
  '--mark-compacted': { name: 'mark-compacted' },
};

type Flags = ReadonlyMap<string, string>;

function* status(sys: Sys, path: string, flags: Flags): Call<number> {
  if (!sys.fs.find(sys.path(path))) return yield* usage(sys, `stat ${path}: no such file or directory`);
  const found = readSnapshot(textOf(sys.fs.readFile(sys.path(path))));
  if (!found) return yield* usage(sys, 'invalid database');
  if (!found.isWhole) return yield* usage(sys, 'snapshot file integrity check failed. 1 errors found.\nthe hash does not match');
  const { hash, revision, keys, bytes } = found;
  const format = flags.get('write-out') ?? 'simple';
  const row = [hash, String(revision), String(keys), humanBytes(bytes), '3.6.0'];
  if (format === 'table') yield* sys.print(1, bordered([['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE', 'STORAGE VERSION'], row]));
  else if (format === 'json')
    yield* sys.print(
      1,
      `${JSON.stringify({ hash: Number.parseInt(hash, 16), revision, totalKey: keys, totalSize: bytes, version: '3.6.0' })}\n`,
    );
  else yield* sys.print(1, `${row.join(', ')}\n`);
  return 0;
}

function* restore(sys: Sys, path: string, flags: Flags): Call<number> {
  if (!sys.fs.find(sys.path(path))) return yield* usage(sys, `open ${path}: no such file or directory`);
  const name = flags.get('name') ?? 'default';
  const dataDir = flags.get('data-dir') || `${name}.etcd`;
  const peerURLs = (flags.get('initial-advertise-peer-urls') ?? 'http://localhost:2380').split(',');
  const initial = (flags.get('initial-cluster') ?? peerURLs.map((url) => `${name}=${url}`).join()).split(',');
  const members = foundingMembers(initial, flags.get('initial-cluster-token'));
  const self = members.find((member) => member.name === name);
  if (!self) return yield* usage(sys, `couldn't find local name "${name}" in the initial cluster configuration`);
  if (self.peerURLs.join() !== peerURLs.join())
    return yield* usage(sys, `--initial-cluster has ${initial.join()} but missing from --initial-advertise-peer-urls=${peerURLs.join()}`);
  const found = readSnapshot(textOf(sys.fs.readFile(sys.path(path))));
  if (!found) return yield* usage(sys, 'snapshot missing hash but --skip-hash-check=false');
  if (!found.isWhole && !flags.has('skip-hash-check'))
    return yield* usage(sys, 'expected sha256 of the snapshot does not match what it holds');
  const folder = sys.path(dataDir);
  const present = sys.fs.find(folder);
  if (present && (present.kind !== 'directory' || present.entries.size > 0))
    return yield* usage(sys, `data-dir "${dataDir}" not empty or could not be read`);
  const about = { path, 'wal-dir': `${dataDir}/member/wal`, 'data-dir': dataDir, 'snap-dir': `${dataDir}/member/snap` };
  yield* log(sys, 'snapshot/v3_snapshot.go:305', 'restoring snapshot', about);
  const bump = Number(flags.get('bump-revision') ?? 0);
  const clusterId = clusterIdOf(members.map(({ id }) => id));
  sys.fs.mkdirs(folder);
  writeDirectory(sys.fs, folder, { ...createDirectory(sys.kernel, members, self.id), data: found.restore(sys.kernel, bump) });
  for (const { id, peerURLs: urls } of members)
    yield* log(sys, 'membership/cluster.go:424', 'added member', {
      'cluster-id': clusterId,
      'local-member-id': '0',
      'added-peer-id': id,
      'added-peer-peer-urls': urls,
    });
  yield* log(sys, 'snapshot/v3_snapshot.go:333', 'restored snapshot', about);
  return 0;
}

/** `etcdutl snapshot status|restore` and `etcdutl version`. */
export const etcdutl: Program = function* (sys): Call<number> {
  const { words, flags, unknown } = parseArguments(sys.argv.slice(1), utilityFlags);
  const [command = '', verb = '', path] = words;
  if (unknown !== undefined) return yield* usage(sys, `unknown flag: ${unknown}`);
  if (command === 'version') {
    yield* sys.print(1, `etcdutl version: ${etcdVersion}\nAPI version: 3.6\n`);
    return 0;
  }
  if (command !== 'snapshot') return yield* usage(sys, `unknown command ${JSON.stringify(command)} for "etcdutl"`);
  if (verb !== 'status' && verb !== 'restore') return yield* usage(sys, `unknown command ${JSON.stringify(verb)} for "etcdutl snapshot"`);
  if (path === undefined) return yield* usage(sys, `snapshot ${verb} requires exactly one argument`, exitCodes.badArguments);
  return yield* verb === 'status' ? status(sys, path, flags) : restore(sys, path, flags);
};
