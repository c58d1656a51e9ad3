/** Who belongs to the group, and the data directory in which a member keeps that. Upstream: server/etcdserver/api/membership. */
import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { DirectoryInode, FileSystem, Kernel } from '../../kernel/index.ts';
import { toUint8Array, utf8 } from '../../kernel/index.ts';
import type { Disk } from './raft/index.ts';
import { EtcdData } from './store.ts';

export interface Member {
  /** Sixteen hexadecimal digits. */
  readonly id: string;
  /** Empty until it has started for the first time. */
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

/** What outlives the etcd process. */
export interface DataDirectory {
  readonly data: EtcdData;
  readonly clusterId: string;
  readonly memberId: string;
  /** By id. */
  members: ReadonlyMap<string, Member>;
  /** Index of the last entry that `data` and `members` contain (etcd's consistent index). */
  applied: number;
  /** Of the last entry that a member alone has written. */
  term: number;
  /** The log. A member that was always alone has none: its every write is committed as it is made. */
  disk: Disk | undefined;
  /** Whether the group has raised NOSPACE, by the members that did. */
  alarms: ReadonlySet<string>;
}

const shortHash = (bytes: Uint8Array): string => bytesToHex(sha1(bytes)).slice(0, 16);

/** computeMemberID: the founding members of a cluster are named by their addresses, later ones by the time as well. */
export function memberIdOf(peerURLs: readonly string[], token: string, unixSeconds?: number): string {
  return shortHash(toUint8Array(utf8(`${[...peerURLs].sort().join('')}${token}${unixSeconds ?? ''}`)));
}

/** The identifier of a cluster with these founding members. */
export function clusterIdOf(memberIds: readonly string[]): string {
  return shortHash(hexToBytes([...memberIds].sort().join('')));
}

export const defaultToken = 'etcd-cluster';

/** The founding members that --initial-cluster names. */
export function foundingMembers(initial: readonly string[], token = defaultToken): readonly Member[] {
  const urls = new Map<string, string[]>();
  for (const entry of initial) {
    const [name = '', url = ''] = entry.split('=');
    urls.set(name, [...(urls.get(name) ?? []), url]);
  }
  return [...urls].map(([name, peerURLs]) => ({ id: memberIdOf(peerURLs, token), name, peerURLs, clientURLs: [], isLearner: false }));
}

/** By the folder itself: a container that mounts it finds what an earlier one left, and removing the folder loses the data. */
const directories = new WeakMap<DirectoryInode, DataDirectory>();

/** What lies under a path; undefined when no member has started there yet. */
export function findDirectory(fs: FileSystem, path: string): DataDirectory | undefined {
  const inode = fs.find(`${path}/member`);
  return inode?.kind === 'directory' ? directories.get(inode) : undefined;
}

/** Lays down a data directory with the files that one shows; their contents are kept beside them. */
export function writeDirectory(fs: FileSystem, path: string, directory: DataDirectory): void {
  for (const folder of ['member/snap', 'member/wal']) fs.mkdirs(`${path}/${folder}`);
  fs.writeFile(`${path}/member/snap/db`, utf8(''), 0o600);
  fs.writeFile(`${path}/member/wal/0000000000000000-0000000000000000.wal`, utf8(''), 0o600);
  directories.set(fs.inode(`${path}/member`) as DirectoryInode, directory);
}

/** The directory of a member of a new cluster, as if all founding members had been written into its log. */
export function createDirectory(
  kernel: Kernel,
  members: readonly Member[],
  memberId: string,
  clusterId = clusterIdOf(members.map(({ id }) => id)),
): DataDirectory {
  const isAlone = members.length === 1;
  const applied = members.length;
  const conf = { voters: members.map(({ id }) => id).sort(), learners: [] };
  return {
    data: new EtcdData(kernel),
    clusterId,
    memberId,
    members: new Map(members.map((member) => [member.id, member])),
    // The first election, the announcement of the version and of the member itself.
    applied: isAlone ? applied + 3 : applied,
    term: isAlone ? 2 : 1,
    disk: isAlone
      ? undefined
      : { hard: { term: 1, vote: '', commit: applied }, snapshot: { index: applied, term: 1, conf, data: undefined }, entries: [] },
    alarms: new Set(),
  };
}

/** The directory of one that is to join a running cluster, which will send it everything. */
export function createJoining(kernel: Kernel, members: readonly Member[], memberId: string, clusterId: string): DataDirectory {
  const nobody = { voters: [], learners: [] };
  return {
    data: new EtcdData(kernel),
    clusterId,
    memberId,
    members: new Map(members.map((member) => [member.id, member])),
    applied: 0,
    term: 0,
    disk: { hard: { term: 0, vote: '', commit: 0 }, snapshot: { index: 0, term: 0, conf: nobody, data: undefined }, entries: [] },
    alarms: new Set(),
  };
}
