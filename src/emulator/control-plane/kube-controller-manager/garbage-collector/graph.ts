import type { Kind } from '../../../api/kind.ts';
import type { ApiObject, OwnerReference } from '../../../machinery/objects.ts';

/** An object of the cluster, with those that name it as their owner. */
export interface GraphNode {
  readonly uid: string;
  kind: Kind;
  object: ApiObject;
  /** UIDs of objects whose ownerReferences name this one. */
  dependents: Set<string> | undefined;
}

/** Who owns what, by UID, kept up to date by difference. */
export class OwnerGraph {
  readonly nodes = new Map<string, GraphNode>();
  /** Dependents of owners that were never seen, or are gone. */
  readonly #absent = new Map<string, Set<string>>();

  put(kind: Kind, object: ApiObject, previous: ApiObject | undefined): void {
    const { uid } = object.metadata;
    const known = this.nodes.get(uid);
    if (known) known.object = object;
    else {
      this.nodes.set(uid, { uid, kind, object, dependents: this.#absent.get(uid) });
      this.#absent.delete(uid);
    }
    const before = previous?.metadata.ownerReferences;
    const after = object.metadata.ownerReferences;
    if (before === after) return;
    for (const { uid: owner } of before ?? [])
      if (!after?.some((reference) => reference.uid === owner)) this.#dependentsOf(owner)?.delete(uid);
    for (const { uid: owner } of after ?? []) this.#link(owner, uid);
  }

  /** Removes an object; returns its dependents. */
  remove(object: ApiObject): Iterable<string> {
    const { uid, ownerReferences } = object.metadata;
    for (const { uid: owner } of ownerReferences ?? []) {
      const dependents = this.#dependentsOf(owner);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#absent.delete(owner);
    }
    const dependents = this.nodes.get(uid)?.dependents;
    this.nodes.delete(uid);
    if (!dependents || dependents.size === 0) return [];
    this.#absent.set(uid, dependents);
    return dependents;
  }

  /** Objects whose owner, which is not there, has this UID. */
  *waitingFor(uid: string): Iterable<string> {
    yield* this.#absent.get(uid) ?? [];
  }

  #dependentsOf(owner: string): Set<string> | undefined {
    return this.nodes.get(owner)?.dependents ?? this.#absent.get(owner);
  }

  #link(owner: string, dependent: string): void {
    const node = this.nodes.get(owner);
    if (node) {
      node.dependents ??= new Set();
      node.dependents.add(dependent);
      return;
    }
    const waiting = this.#absent.get(owner);
    if (waiting) waiting.add(dependent);
    else this.#absent.set(owner, new Set([dependent]));
  }
}

/** Whether the deletion of an object waits for its dependents. */
export function waitsForDependents({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes('foregroundDeletion') ?? false);
}

/** Whether an object is being deleted and its dependents are to stay. */
export function orphansDependents({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes('orphan') ?? false);
}

/** Whether a node really is the object that the reference means. */
export function isOwner({ object, kind }: GraphNode, reference: OwnerReference, namespace: string | undefined): boolean {
  return (
    kind.kind === reference.kind &&
    object.metadata.name === reference.name &&
    (!kind.isNamespaced || object.metadata.namespace === namespace)
  );
}
