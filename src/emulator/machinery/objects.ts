/**
 * What every API object has in common. Stored objects are shared by all readers and read-only: a writer makes a new
 * object along the path that changes (`{ ...pod, status: { ...pod.status, phase } }`) and never touches the old one.
 */
export type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: 'Update' | 'Apply' | undefined;
  readonly apiVersion?: string | undefined;
  /** RFC 3339, seconds. */
  readonly time?: string | undefined;
  readonly fieldsType?: 'FieldsV1' | undefined;
  readonly fieldsV1?: object | undefined;
  readonly subresource?: string | undefined;
}

/**
 * Metadata as the API server returns it. Times are RFC 3339 strings in UTC, as they stand in JSON.
 * Everywhere in the emulator a field that is `undefined` counts as absent.
 */
export interface ObjectMeta {
  readonly name: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly generateName?: string | undefined;
  readonly generation?: number | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
  readonly selfLink?: string | undefined;
}

/** An object that came from the API server. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Metadata that a client sends, and that of a Pod template: all is optional. */
export type DraftMeta = Partial<ObjectMeta>;

/** What a client sends to create or apply: the server fills in the rest. */
export type Draft<T extends ApiObject> = Omit<T, 'metadata' | 'status'> & { readonly metadata: DraftMeta; readonly status?: unknown };

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

export interface List<T> {
  readonly items: readonly T[];
  readonly metadata: ListMeta;
}

/** Names one object of a kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}
