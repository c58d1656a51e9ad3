/** Who owns what: owner references with `controller: true`, and the claiming of orphans (pkg/controller/controller_ref_manager.go). */
import type { Kind } from '../../api/kind.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { Client } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import type { ApiObject, Labels, OwnerReference } from '../../machinery/objects.ts';
import { isInvalid, isNotFound } from '../../machinery/status-error.ts';

/** The reference to the object's controller, if it has one. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  const references = object.metadata.ownerReferences;
  if (references) for (const reference of references) if (reference.controller) return reference;
  return undefined;
}

/** Index function: objects by the UID of their controller. */
export function byController(object: ApiObject): string | undefined {
  return controllerOf(object)?.uid;
}

/** Index function: objects without a controller, by namespace. */
export function orphansByNamespace(object: ApiObject): string | undefined {
  return controllerOf(object) ? undefined : object.metadata.namespace;
}

/** The reference that a controller puts into what it creates. */
export function newControllerRef(owner: ApiObject, kind: Kind<never> | Pick<Kind, 'group' | 'version' | 'kind'>): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export interface Claim<O extends ApiObject, T extends ApiObject> {
  readonly client: Client;
  readonly owner: O;
  readonly ownerKind: Kind<O>;
  readonly kind: Kind<T>;
  readonly matches: (labels: Labels | undefined) => boolean;
  /** What the owner has, and the orphans of its namespace. */
  readonly owned: Iterable<T>;
  readonly orphans: Iterable<T>;
  /** Finalizers that what is adopted gets. */
  readonly finalizers?: readonly string[];
}

/** What belongs to the owner: it releases what its selector no longer matches, and adopts orphans that it does match. */
export function* claim<O extends ApiObject, T extends ApiObject>(options: Claim<O, T>): Call<T[]> {
  const { owner, matches } = options;
  const claimed: T[] = [];
  for (const object of options.owned) {
    if (matches(object.metadata.labels)) claimed.push(object);
    else if (!owner.metadata.deletionTimestamp) yield* release(options, object);
  }
  for (const object of [...options.orphans]) {
    if (owner.metadata.deletionTimestamp || object.metadata.deletionTimestamp || !matches(object.metadata.labels)) continue;
    if (!(yield* mayAdopt(options))) break;
    if (yield* adopt(options, object)) claimed.push(object);
  }
  return claimed;
}

/** Looks at the stored owner once more: a cache may not know yet that it is being deleted or was replaced. */
function* mayAdopt<O extends ApiObject, T extends ApiObject>({ client, ownerKind, owner }: Claim<O, T>): Call<boolean> {
  const { uid } = owner.metadata;
  try {
    const fresh = yield* client.get(ownerKind, owner.metadata);
    return fresh.metadata.uid === uid && !fresh.metadata.deletionTimestamp;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function* adopt<O extends ApiObject, T extends ApiObject>(options: Claim<O, T>, object: T): Call<boolean> {
  const { client, kind, owner, ownerKind, finalizers } = options;
  const metadata = { ownerReferences: [newControllerRef(owner, ownerKind)], uid: object.metadata.uid };
  const body = { metadata: finalizers ? { ...metadata, finalizers } : metadata };
  try {
    yield* client.patch(kind, object.metadata, { type: 'application/strategic-merge-patch+json', body });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function* release<O extends ApiObject, T extends ApiObject>({ client, kind, owner }: Claim<O, T>, object: T): Call<void> {
  const body = { metadata: { ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }], uid: object.metadata.uid } };
  try {
    yield* client.patch(kind, object.metadata, { type: 'application/strategic-merge-patch+json', body });
  } catch (error) {
    // Gone, or released and recreated meanwhile: either way it is not the owner's any more.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
