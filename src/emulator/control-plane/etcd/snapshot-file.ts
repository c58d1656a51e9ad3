/**
 * A snapshot as `etcdctl snapshot save` writes it: a head, and one key a line.
 *
 * Differs from Kubernetes: it is JSON, where a real one is a copy of the bbolt file.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ByteString, Kernel } from '../../kernel/index.ts';
import { toUint8Array, utf8 } from '../../kernel/index.ts';
import type { KeyspaceSettings } from './keyspace.ts';
import { EtcdData } from './store.ts';
import type { EtcdImage } from './store.ts';

const magic = 'etcd snapshot';

interface Line {
  readonly keyspace: number;
  readonly directory: string;
  readonly name: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: object;
  /** As what the value lies on disk, if not as its own JSON. */
  readonly bytes?: ByteString | undefined;
}

interface Head {
  readonly type: typeof magic;
  readonly revision: number;
  readonly keys: number;
  readonly keyspaces: readonly { readonly prefix: string; readonly settings: KeyspaceSettings }[];
  readonly sha256: string;
}

export interface SnapshotFile {
  readonly revision: number;
  readonly keys: number;
  readonly bytes: number;
  /** Eight hexadecimal digits. */
  readonly hash: string;
  /** What it says of itself is so. */
  readonly isWhole: boolean;
  /** A store with what it holds, and without history. Leases are not kept, as their time is over. */
  restore(kernel: Kernel, bumpRevision?: number): EtcdData;
}

const hashOf = (text: string): string => bytesToHex(sha256(toUint8Array(utf8(text))));

export function writeSnapshot(data: EtcdData): string {
  const { revision, keyspaces, sealed } = data.image();
  const lines = keyspaces.flatMap(({ values }, keyspace) =>
    values.map(({ directory, name, createRevision, modRevision, version, value }) =>
      JSON.stringify({
        keyspace,
        directory,
        name,
        createRevision,
        modRevision,
        version,
        value,
        bytes: sealed?.get(value)?.bytes,
      } satisfies Line),
    ),
  );
  const body = lines.map((line) => `${line}\n`).join('');
  const places = keyspaces.map(({ prefix, settings }) => ({ prefix, settings }));
  const head: Head = { type: magic, revision, keys: lines.length, keyspaces: places, sha256: hashOf(body) };
  return `${JSON.stringify(head)}\n${body}`;
}

/** Undefined for what is no snapshot. */
export function readSnapshot(text: string): SnapshotFile | undefined {
  const end = text.indexOf('\n');
  let head: Head;
  try {
    head = JSON.parse(text.slice(0, Math.max(0, end))) as Head;
  } catch {
    return undefined;
  }
  if (head?.type !== magic) return undefined;
  const body = text.slice(end + 1);
  const hash = hashOf(body);
  return {
    revision: head.revision,
    keys: head.keys,
    bytes: text.length,
    hash: hash.slice(0, 8),
    isWhole: hash === head.sha256,
    restore: (kernel, bump = 0) => restored(kernel, head, body, bump),
  };
}

function restored(kernel: Kernel, { keyspaces, revision }: Head, body: string, bump: number): EtcdData {
  const lines = body.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
  const sealed = new WeakMap<object, { readonly bytes: ByteString }>();
  const values = lines.map(({ keyspace, bytes, ...kv }) => {
    if (bytes !== undefined) sealed.set(kv.value, { bytes });
    return { keyspace, kv: { ...kv, lease: 0 } };
  });
  const image: EtcdImage = {
    revision: revision + bump,
    compactRevision: revision + bump,
    leases: [],
    sealed,
    keyspaces: keyspaces.map(({ prefix, settings }, i) => ({
      prefix,
      settings,
      values: values.flatMap(({ keyspace, kv }) => (keyspace === i ? [kv] : [])),
      log: [],
      revision: revision + bump,
      compactRevision: revision + bump,
    })),
  };
  const data = new EtcdData(kernel);
  data.restore(image);
  return data;
}
