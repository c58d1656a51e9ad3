/**
 * The typed client: how every component of the cluster speaks to an API server.
 *
 * - Calls are generators; one that need not wait runs straight through. They return the stored object, shared and
 *   read-only, or throw a `StatusError`; when no API server answers they throw an `Errno` (ECONNREFUSED, ETIMEDOUT).
 * - A client has a credential, and goes through the same authentication, authorization and admission as a learner.
 * - Watches deliver in virtual time, in order, each change once; `onEnd` says why a watch ended, and the informer lists again.
 */
import type { Kind } from '../api/kind.ts';
import type { Call } from '../kernel/index.ts';
import type { ApiObject, Draft, List, ObjectRef } from '../machinery/objects.ts';
import type { StatusError } from '../machinery/status-error.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface WatchEvent<T> {
  readonly type: WatchEventType;
  readonly object: T;
  /** What the object was before, when the server still knows: saves every consumer its own copy. Not on the wire. */
  readonly previous?: T | undefined;
}

export interface WatchHandler<T> {
  onEvent(event: WatchEvent<T>): void;
  /** The watch is over: closed by the server (undefined), expired (410), or the connection broke. */
  onEnd(error: StatusError | Error | undefined): void;
}

export interface Watch {
  stop(): void;
}

export interface SelectorOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends SelectorOptions {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** `Exact` or `NotOlderThan`. */
  readonly resourceVersionMatch?: string | undefined;
}

export interface WatchOptions extends SelectorOptions {
  /** Changes after this one; '' or absent begins with synthetic ADDED events of what is there. */
  readonly resourceVersion?: string | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
}

export interface WriteOptions {
  readonly subresource?: string | undefined;
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

export interface Patch {
  readonly type: PatchType;
  /** A plain JSON value: the merge patch, the list of operations, or the applied configuration. */
  readonly body: unknown;
  readonly force?: boolean | undefined;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly dryRun?: boolean | undefined;
}

/** What a server serves. */
export interface Discovered {
  readonly kinds: readonly Kind[];
  /** Versions of groups (`metrics.k8s.io/v1beta1`) whose API server does not answer. */
  readonly stale: readonly string[];
}

export interface Client {
  /** The user agent's first word, which is also the default field manager: `kube-scheduler`, `kubelet`. */
  readonly agent: string;
  /** With a subresource: the object's other shape (`scale`). */
  get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, subresource?: string): Call<T>;
  list<T extends ApiObject>(kind: Kind<T>, options?: ListOptions): Call<List<T>>;
  create<T extends ApiObject>(kind: Kind<T>, object: Draft<T>, options?: WriteOptions): Call<T>;
  /** Replaces; `metadata.resourceVersion` other than the stored one is a conflict. */
  update<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions): Call<T>;
  /** As `update` of the subresource status. */
  updateStatus<T extends ApiObject>(kind: Kind<T>, object: T): Call<T>;
  patch<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options?: WriteOptions): Call<T>;
  /** Returns the object if it lives on (grace period, finalizers), else undefined. */
  delete<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, options?: DeleteOptions): Call<T | undefined>;
  deleteCollection<T extends ApiObject>(kind: Kind<T>, selector: SelectorOptions, options?: DeleteOptions): Call<void>;
  /** An action subresource: binding, eviction, token. Returns what the server answers. */
  act<R>(kind: Kind, ref: ObjectRef, subresource: string, body: unknown): Call<R>;
  /** GET of a path of an aggregated API, for what is no resource that discovery tells: `/apis/custom.metrics.k8s.io/…`. */
  read<R extends object>(target: string): Call<R>;
  /** Discovery: what is served now. */
  discover(): Call<Discovered>;
  watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, handler: WatchHandler<T>): Call<Watch>;
}
