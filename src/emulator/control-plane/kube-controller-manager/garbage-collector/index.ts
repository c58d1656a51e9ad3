/**
 * Garbage collector: deletes objects whose owners are gone (pkg/controller/garbagecollector).
 *
 * - The graph of owners comes from informers of every kind that can be listed, watched and deleted.
 * - Background deletion: the owner goes, then what it owned. Foreground (finalizer foregroundDeletion): the dependents that
 *   block go first. Orphan (finalizer orphan): the dependents lose their reference and stay.
 * - Before it deletes, it asks the server itself whether the owners are really absent.
 *
 * Events are left out of the graph: they own nothing and nothing owns them.
 */
import { customResourceDefinitions, isEstablished } from '../../../api/apiextensions/custom-resource-definition.ts';
import { events } from '../../../api/core/event.ts';
import type { Kind } from '../../../api/kind.ts';
import { apiVersionOf } from '../../../api/kind.ts';
import { kinds } from '../../../api/kinds.ts';
import type { Client, DeleteOptions, Workqueue } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, OwnerReference } from '../../../machinery/objects.ts';
import { isConflict, isInvalid, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import type { GraphNode } from './graph.ts';
import { isOwner, OwnerGraph, orphansDependents, waitsForDependents } from './graph.ts';

export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  start: (context) => {
    new GarbageCollector(context);
  },
};

class GarbageCollector {
  readonly #client: Client;
  readonly #graph = new OwnerGraph();
  readonly #informers: ControllerContext['informers'];
  /** Kinds of CustomResourceDefinitions that are followed, by group and resource. */
  readonly #custom = new Map<string, Kind>();
  /** Objects that may have to go. */
  readonly #attempts: Workqueue<string>;
  /** Objects whose dependents are to stay. */
  readonly #orphans: Workqueue<string>;

  constructor(context: ControllerContext) {
    this.#client = context.client('generic-garbage-collector');
    this.#attempts = context.queue({
      name: 'garbage-collector-attempt-to-delete',
      workers: 20,
      reconcile: (uid: string) => this.#attemptToDelete(uid),
    });
    this.#orphans = context.queue({
      name: 'garbage-collector-attempt-to-orphan',
      workers: 20,
      reconcile: (uid: string) => this.#orphanDependents(uid),
    });
    this.#informers = context.informers;
    for (const kind of kinds) this.#monitor(kind);
    const discovery = context.queue({ name: 'garbage-collector-discovery', reconcile: () => this.#discover() });
    context.informers.for(customResourceDefinitions).onChange(({ object, previous }) => {
      if (
        object.spec !== previous?.spec ||
        isEstablished(object) !== (previous !== undefined && isEstablished(previous)) ||
        object.metadata.deletionTimestamp
      )
        discovery.add('');
    });
  }

  /** Follows the objects of a kind. */
  #monitor(kind: Kind): void {
    if (kind === (events as unknown as Kind) || kind.viewOf || !kind.verbs.includes('watch') || !kind.verbs.includes('delete')) return;
    this.#informers.for(kind).onChange(({ type, object, previous }) => {
      if (type === 'DELETED') this.#removed(object);
      else this.#changed(kind, object, previous);
    });
  }

  /** Kinds of CustomResourceDefinitions come and go (garbagecollector.go, Sync). */
  *#discover(): Call<void> {
    const { kinds: served } = yield* this.#client.discover();
    const wanted = new Map<string, Kind>();
    for (const kind of served) {
      const key = `${kind.group}/${kind.resource}`;
      if (kind.isCustom && !wanted.has(key)) wanted.set(key, kind);
    }
    for (const [key, kind] of this.#custom) {
      if (wanted.get(key)?.version === kind.version) continue;
      this.#informers.forget(kind);
      this.#custom.delete(key);
    }
    for (const [key, kind] of wanted) {
      if (this.#custom.has(key)) continue;
      this.#custom.set(key, kind);
      this.#monitor(kind);
    }
  }

  *#kindOf(reference: OwnerReference): Call<Kind | undefined> {
    const isMeant = (one: Kind): boolean => one.kind === reference.kind && apiVersionOf(one) === reference.apiVersion;
    return kinds.find(isMeant) ?? (yield* this.#client.discover()).kinds.find(isMeant);
  }

  #changed(kind: Kind, object: ApiObject, previous: ApiObject | undefined): void {
    const { metadata } = object;
    // Most changes are of a status and no matter of ownership.
    if (
      previous &&
      previous.metadata.ownerReferences === metadata.ownerReferences &&
      previous.metadata.deletionTimestamp === metadata.deletionTimestamp &&
      previous.metadata.finalizers === metadata.finalizers
    ) {
      const node = this.#graph.nodes.get(metadata.uid);
      if (node) node.object = object;
      return;
    }
    this.#graph.put(kind, object, previous);
    if (orphansDependents(object)) this.#orphans.add(metadata.uid);
    if (waitsForDependents(object)) {
      for (const dependent of this.#graph.nodes.get(metadata.uid)?.dependents ?? []) this.#attempts.add(dependent);
      this.#attempts.add(metadata.uid);
    }
    if (metadata.ownerReferences?.some((reference) => this.#isDoubtful(reference, metadata.namespace))) this.#attempts.add(metadata.uid);
    for (const gone of previous?.metadata.ownerReferences ?? []) this.#ownerFreed(gone.uid);
  }

  /** An owner that is unknown, or not what the reference says, or that is being deleted in the foreground. */
  #isDoubtful(reference: OwnerReference, namespace: string | undefined): boolean {
    const node = this.#graph.nodes.get(reference.uid);
    return !node || !isOwner(node, reference, namespace) || waitsForDependents(node.object);
  }

  #removed(object: ApiObject): void {
    for (const dependent of this.#graph.remove(object)) this.#attempts.add(dependent);
    for (const { uid } of object.metadata.ownerReferences ?? []) this.#ownerFreed(uid);
  }

  /** One dependent fewer: an owner that waited for it may go now. */
  #ownerFreed(uid: string): void {
    const owner = this.#graph.nodes.get(uid);
    if (owner && waitsForDependents(owner.object)) this.#attempts.add(uid);
  }

  *#attemptToDelete(uid: string): Call<void> {
    const node = this.#graph.nodes.get(uid);
    if (!node) return;
    if (node.object.metadata.deletionTimestamp && !waitsForDependents(node.object)) return;
    if (waitsForDependents(node.object)) return yield* this.#finishForeground(node);
    const references = node.object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const { solid, dangling, waiting } = yield* this.#classify(node, references);
    if (solid.length > 0) {
      const gone = [...dangling, ...waiting];
      if (gone.length > 0) yield* this.#dropReferences(node, gone);
      return;
    }
    if (dangling.length === 0 && waiting.length === 0) return;
    const hasBlocking = waiting.length > 0 && (node.dependents?.size ?? 0) > 0;
    if (hasBlocking && this.#isInCircle(node)) yield* this.#unblock(node, references);
    yield* this.#delete(node, hasBlocking ? 'Foreground' : policyOf(node.object));
  }

  /** Owners that own one another would wait for ever: a dependent that waits itself may be what this one's owner waits for. */
  #isInCircle({ dependents }: GraphNode): boolean {
    for (const uid of dependents ?? []) {
      const dependent = this.#graph.nodes.get(uid);
      if (dependent && waitsForDependents(dependent.object)) return true;
    }
    return false;
  }

  *#unblock({ kind, object }: GraphNode, references: readonly OwnerReference[]): Call<void> {
    const ownerReferences = references.map(({ uid }) => ({ uid, blockOwnerDeletion: false }));
    yield* this.#patch(kind, object, {
      type: 'application/strategic-merge-patch+json',
      body: { metadata: { ownerReferences, uid: object.metadata.uid } },
    });
  }

  *#classify(
    { object }: GraphNode,
    references: readonly OwnerReference[],
  ): Call<Record<'solid' | 'dangling' | 'waiting', OwnerReference[]>> {
    const result: Record<'solid' | 'dangling' | 'waiting', OwnerReference[]> = { solid: [], dangling: [], waiting: [] };
    for (const reference of references) {
      const owner = yield* this.#findOwner(reference, object.metadata.namespace);
      if (owner === 'unknown kind') result.solid.push(reference);
      else if (!owner) result.dangling.push(reference);
      else if (waitsForDependents(owner)) result.waiting.push(reference);
      else result.solid.push(reference);
    }
    return result;
  }

  /** The owner as it is stored, if it is the one that the reference means. */
  *#findOwner(reference: OwnerReference, namespace: string | undefined): Call<ApiObject | 'unknown kind' | undefined> {
    const known = this.#graph.nodes.get(reference.uid);
    if (known && isOwner(known, reference, namespace)) return known.object;
    const kind = yield* this.#kindOf(reference);
    if (!kind) return 'unknown kind';
    try {
      const found = yield* this.#client.get(kind, { namespace: kind.isNamespaced ? namespace : undefined, name: reference.name });
      return found.metadata.uid === reference.uid ? found : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** An owner in foreground deletion goes once no dependent is left that blocks it. */
  *#finishForeground(node: GraphNode): Call<void> {
    for (const uid of node.dependents ?? []) {
      const dependent = this.#graph.nodes.get(uid);
      const reference = dependent?.object.metadata.ownerReferences?.find((one) => one.uid === node.uid);
      if (!dependent || !reference?.blockOwnerDeletion) continue;
      if (!dependent.object.metadata.deletionTimestamp) this.#attempts.add(uid);
      return;
    }
    yield* this.#removeFinalizer(node, 'foregroundDeletion');
  }

  *#orphanDependents(uid: string): Call<void> {
    const node = this.#graph.nodes.get(uid);
    if (!node || !orphansDependents(node.object)) return;
    for (const dependent of [...(node.dependents ?? [])]) {
      const other = this.#graph.nodes.get(dependent);
      const references = other?.object.metadata.ownerReferences?.filter((reference) => reference.uid === uid) ?? [];
      if (other && references.length > 0) yield* this.#dropReferences(other, references);
    }
    yield* this.#removeFinalizer(node, 'orphan');
  }

  *#dropReferences({ kind, object }: GraphNode, references: readonly OwnerReference[]): Call<void> {
    if (kind.isCustom) {
      // Nobody has told how the lists of a custom resource merge, so that the list is sent as it is to be.
      const gone = new Set(references.map(({ uid }) => uid));
      const kept = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !gone.has(uid));
      const body = { metadata: { resourceVersion: object.metadata.resourceVersion, ownerReferences: kept } };
      yield* this.#patch(kind, object, { type: 'application/merge-patch+json', body });
      return;
    }
    const ownerReferences = references.map(({ uid }) => ({ $patch: 'delete', uid }));
    yield* this.#patch(kind, object, {
      type: 'application/strategic-merge-patch+json',
      body: { metadata: { ownerReferences, uid: object.metadata.uid } },
    });
  }

  *#removeFinalizer({ kind, object }: GraphNode, name: string): Call<void> {
    const finalizers = object.metadata.finalizers?.filter((finalizer) => finalizer !== name) ?? [];
    const body = { metadata: { resourceVersion: object.metadata.resourceVersion, finalizers } };
    yield* this.#patch(kind, object, { type: 'application/merge-patch+json', body });
  }

  *#patch(kind: Kind, object: ApiObject, patch: Parameters<Client['patch']>[2]): Call<void> {
    try {
      yield* this.#client.patch(kind, object.metadata, patch);
    } catch (error) {
      if (!isNotFound(error) && !isInvalid(error)) throw error;
    }
  }

  *#delete({ kind, object, uid }: GraphNode, propagationPolicy: DeleteOptions['propagationPolicy']): Call<void> {
    try {
      yield* this.#client.delete(kind, object.metadata, { propagationPolicy, preconditions: { uid } });
    } catch (error) {
      // Gone, or another of the same name: both are as it should be.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

/** A dependent goes as it was asked to go: a finalizer that is already there says how. */
function policyOf({ metadata }: ApiObject): DeleteOptions['propagationPolicy'] {
  if (metadata.finalizers?.includes('orphan')) return 'Orphan';
  return metadata.finalizers?.includes('foregroundDeletion') ? 'Foreground' : 'Background';
}
