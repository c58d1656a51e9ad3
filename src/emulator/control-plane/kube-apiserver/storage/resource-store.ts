/**
 * Where the objects of one kind live: a typed view of etcd's keys `/registry/<prefix>/<namespace>/<name>`.
 *
 * - A write is one transaction that compares the revision that was read.
 * - What is stored is shared with every reader; it was built for this write and is completed with its revision once.
 *
 * Differs from Kubernetes: there is no watch cache between the API server and etcd; reads and watches use etcd's own.
 */
import type { Kind } from '../../../api/kind.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, ObjectMeta } from '../../../machinery/objects.ts';
import { internalError } from '../../../machinery/status-error.ts';
import type { Encryption } from '../encryption/index.ts';
import type { Change, EtcdEndpoint, KeyValue, Keyspace } from '../../etcd/index.ts';
import { SharedLeases } from './shared-leases.ts';

/** An object that is still being made, by the one write that owns it. */
type Sealable = { metadata: { resourceVersion: string } };

const seal = (value: object, revision: number): void => {
  (value as Sealable).metadata.resourceVersion = String(revision);
};

const directoryOf = (namespace: string): string => directories.get(namespace) ?? rememberDirectory(namespace);
const directories = new Map<string, string>([['', '']]);
function rememberDirectory(namespace: string): string {
  if (directories.size > 10_000) directories.clear();
  const directory = namespace === '' ? '' : `${namespace}/`;
  directories.set(namespace, directory);
  return directory;
}

export class ResourceStore {
  readonly kind: Kind;
  readonly keyspace: Keyspace;
  readonly #etcd: EtcdEndpoint;
  readonly #leases: SharedLeases;
  readonly #encryption: Encryption | undefined;

  constructor(kind: Kind, etcd: EtcdEndpoint, encryption?: Encryption) {
    this.kind = kind;
    this.#etcd = etcd;
    this.#leases = new SharedLeases(etcd);
    this.#encryption = encryption;
    this.keyspace = etcd.data.keyspace(`/registry/${kind.storagePrefix}/`, {
      isQuiet: kind.resource === 'leases' || kind.ttlMs !== undefined,
      // Each Node renews its Lease every ten seconds, and nobody reads back.
      ...(kind.resource === 'leases' && { retain: 128 }),
    });
    for (const field of indexedFields[kind.resource] ?? []) {
      const of = kind.selectableFields[field];
      if (of) this.keyspace.addIndex(field, (value) => of(value as ApiObject) || undefined);
    }
    if (routedByName.has(kind.resource)) this.keyspace.addIndex('metadata.name', (value) => (value as ApiObject).metadata.name);
  }

  /** The store's revision, of all kinds. */
  get revision(): number {
    return this.#etcd.data.revision;
  }

  /** Throws 500 for what this server cannot decrypt, as the other reads do. */
  get(namespace: string, name: string): ApiObject | undefined {
    const found = this.keyspace.get(directoryOf(namespace), name);
    if (found && this.#encryption) this.#checkReadable([found]);
    return found?.value as ApiObject | undefined;
  }

  /** All objects of a namespace, or of all with '', in key order. */
  list(namespace: string): readonly KeyValue[] {
    return this.readable(this.keyspace.list(namespace === '' ? undefined : directoryOf(namespace)));
  }

  /** The same values, if all of them can be read. */
  readable(found: readonly KeyValue[]): readonly KeyValue[] {
    if (this.#encryption) this.#checkReadable(found, true);
    return found;
  }

  /** Whether writing the object again would store it in another form. */
  isStale(object: ApiObject): boolean {
    return this.#encryption?.isStale(this.#etcd.data.sealed?.get(object)) ?? false;
  }

  #checkReadable(found: readonly KeyValue[], isList = false): void {
    const { sealed } = this.#etcd.data;
    for (const { directory, name, value } of found) {
      const problem = this.#encryption!.problemWith(sealed?.get(value));
      if (problem === undefined) continue;
      throw internalError(
        isList ? `unable to transform key ${JSON.stringify(this.keyspace.prefix + directory + name)}: ${problem}` : problem,
      );
    }
  }

  /** As they were at a revision; undefined when it is compacted. */
  listAt(revision: number, namespace: string): readonly KeyValue[] | undefined {
    return this.keyspace.listAt(revision, namespace === '' ? undefined : directoryOf(namespace));
  }

  /** Stores an object over what was read before; false when someone else was quicker. */
  *put(object: ApiObject, previous: ApiObject | undefined): Call<boolean> {
    const { metadata } = object;
    const directory = directoryOf(metadata.namespace ?? '');
    const { keyspace } = this;
    const before = previous ? (keyspace.get(directory, metadata.name)?.modRevision ?? 0) : 0;
    if (previous && String(before) !== previous.metadata.resourceVersion) return false;
    const form = this.#encryption?.seal(object);
    const lease = this.kind.ttlMs === undefined ? 0 : yield* this.#leases.get(this.kind.ttlMs);
    const { succeeded } = yield* this.#etcd.txn({
      compare: [{ keyspace, directory, name: metadata.name, modRevision: before }],
      success: [{ type: 'put', keyspace, directory, name: metadata.name, value: object, seal, lease, form }],
    });
    return succeeded;
  }

  /** Removes what was read before; undefined when someone else was quicker, else the revision of the removal. */
  *remove(previous: ApiObject): Call<number | undefined> {
    const { namespace, name, resourceVersion } = previous.metadata;
    const { keyspace } = this;
    const directory = directoryOf(namespace ?? '');
    const { succeeded, revision } = yield* this.#etcd.txn({
      compare: [{ keyspace, directory, name, modRevision: Number(resourceVersion) }],
      success: [{ type: 'delete', keyspace, directory, name }],
    });
    return succeeded ? revision : undefined;
  }
}

/** Fields that are looked up so often that an index pays: a kubelet lists and watches the Pods of its node. */
const indexedFields: Readonly<Record<string, readonly string[]>> = { pods: ['spec.nodeName'] };

/** Kinds that clients watch one object of: kubelets their Node, and ConfigMaps and Secrets of their Pods. */
const routedByName = new Set(['nodes', 'configmaps', 'secrets', 'leases']);

const tombstones = new WeakMap<Change, ApiObject>();

/** An object as a deletion shows it: its last state with the revision of the deletion. Made once for all watchers. */
export function tombstoneOf(change: Change): ApiObject {
  let object = tombstones.get(change);
  if (!object) {
    object = withRevision(change.previous!.value as ApiObject, change.revision);
    tombstones.set(change, object);
  }
  return object;
}

/** The same object with another resourceVersion. */
export function withRevision(object: ApiObject, revision: number): ApiObject {
  const metadata: ObjectMeta = { ...object.metadata, resourceVersion: String(revision) };
  return { ...object, metadata };
}
