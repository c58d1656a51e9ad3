/** GET of one object and of a collection. Upstream: apiserver/pkg/endpoints/handlers/get.go, storage/etcd3/store.go. */
import type { ListOptions } from '../../../client/client.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import { badRequest, expired, failure, invalid, notFound, StatusError } from '../../../machinery/status-error.ts';
import type { KeyValue } from '../../etcd/index.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { decodeContinue, encodeContinue } from '../storage/continue-token.ts';
import { compileSelection } from '../storage/selection.ts';
import type { Selection } from '../storage/selection.ts';
import { storedAs } from '../custom-resources/versions.ts';
import { objectSubresource } from './object-subresource.ts';

export function* get(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { resource, namespace, name } = request;
  yield* server.etcd.linearizable(resource.store?.keyspace);
  const object = yield* storedAs(server, resource, namespace, name);
  if (!object) throw notFound(resource, name);
  return objectSubresource(request)?.as?.get(object) ?? object;
}

/** The chosen objects in key order, with the revision at which they were read. */
export function* list(server: ApiServer, request: ApiRequest): Call<List<ApiObject>> {
  const { resource, list: options } = request;
  const store = server.storeOf(resource);
  const selection = compileSelection(resource, request.namespace, options);
  yield* server.etcd.linearizable(store.keyspace);
  const limit = Math.max(0, options?.limit ?? 0);
  if (options?.continue) return next(store, selection, options, limit);
  const asked = revisionOf(options?.resourceVersion);
  if (asked > store.revision) yield* reach(server, store, asked);
  // A limit with a revision means that very revision, unless the client says otherwise.
  const isExact = options?.resourceVersionMatch === 'Exact' || (asked > 0 && limit > 0 && options?.resourceVersionMatch === undefined);
  if (isExact && asked !== store.revision) {
    const found = store.listAt(asked, selection.namespace);
    if (!found) throw expired('The resourceVersion for the provided list is too old.');
    return page(found, selection, asked, undefined, limit);
  }
  const found = candidates(store, selection);
  if (limit > 0) return page(found, selection, store.revision, undefined, limit);
  return { items: selectFrom(found, selection), metadata: { resourceVersion: String(store.revision) } };
}

/** What follows a list that was cut. */
function next(store: Store, selection: Selection, options: ListOptions, limit: number): List<ApiObject> {
  if (options.resourceVersion && options.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue');
  const { revision, after } = decodeContinue(options.continue!);
  const found = revision === store.revision ? candidates(store, selection) : store.listAt(revision, selection.namespace);
  if (!found) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    );
  }
  return page(found, selection, revision, after, limit);
}

function page(
  found: readonly KeyValue[],
  selection: Selection,
  revision: number,
  after: string | undefined,
  limit: number,
): List<ApiObject> {
  const start = after === undefined ? 0 : firstBehind(found, after);
  const items: ApiObject[] = [];
  let i = start;
  for (; i < found.length && (limit === 0 || items.length < limit); i++) {
    const object = found[i]!.value as ApiObject;
    if (!selection.matches || selection.matches(object)) items.push(object);
  }
  if (i >= found.length) return { items, metadata: { resourceVersion: String(revision) } };
  const last = found[i - 1]!;
  const more = encodeContinue({ revision, after: last.directory + last.name });
  // With a selector nobody knows how many of the rest match.
  const remainingItemCount = selection.matches ? undefined : found.length - i;
  return { items, metadata: { resourceVersion: String(revision), continue: more, remainingItemCount } };
}

function firstBehind(found: readonly KeyValue[], after: string): number {
  const i = found.findIndex((kv) => kv.directory + kv.name > after);
  return i < 0 ? found.length : i;
}

type Store = ReturnType<ApiServer['storeOf']>;

/** The smallest set that the indexes give. */
export function candidates(store: Store, { namespace, name, route }: Selection): readonly KeyValue[] {
  if (route) {
    const found = store.readable(store.keyspace.indexed(route));
    return namespace === '' ? found : found.filter((kv) => kv.directory === `${namespace}/`);
  }
  if (name !== undefined && (namespace !== '' || !store.kind.isNamespaced)) {
    const kv = store.keyspace.get(namespace === '' ? '' : `${namespace}/`, name);
    return store.readable(kv ? [kv] : []);
  }
  return store.list(namespace);
}

export function selectFrom(found: readonly KeyValue[], { matches }: Selection): readonly ApiObject[] {
  const items: ApiObject[] = [];
  for (const kv of found) if (!matches || matches(kv.value as ApiObject)) items.push(kv.value as ApiObject);
  return items;
}

/** The revision that a client names; 0 is any. */
function revisionOf(asked: string | undefined): number {
  if (asked === undefined || asked === '' || asked === '0') return 0;
  if (/^\d+$/.test(asked)) return Number(asked);
  throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
    {
      type: 'FieldValueInvalid',
      field: 'resourceVersion',
      badValue: asked,
      detail: `strconv.ParseUint: parsing "${asked}": invalid syntax`,
    },
  ]);
}

/** How long a list waits for a revision that is not there yet (cacher, blockTimeout). */
const patienceMs = 3000;

/** Waits for a revision. Throws 504 when it does not come. */
function* reach(server: ApiServer, store: Store, asked: number): Call<void> {
  yield* server.kernel.sleep(patienceMs);
  if (asked <= store.revision) return;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${store.revision}`;
  throw new StatusError(failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }));
}
