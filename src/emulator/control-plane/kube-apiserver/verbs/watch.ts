/** WATCH: changes from a revision on, as the client's selectors see them. Upstream: storage/cacher. */
import type { Watch, WatchEvent, WatchHandler, WatchOptions } from '../../../client/client.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { expired, invalid } from '../../../machinery/status-error.ts';
import type { Change, Watcher } from '../../etcd/index.ts';
import type { Resource } from '../registry.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { tombstoneOf, withRevision } from '../storage/resource-store.ts';
import { compileSelection } from '../storage/selection.ts';
import type { Selection } from '../storage/selection.ts';
import { candidates, selectFrom } from './read.ts';

/** A watch that the server feeds until either end stops it. */
export interface ServedWatch extends Watch {
  readonly request: ApiRequest;
  readonly resource: Resource;
  readonly wantsBookmarks: boolean;
  bookmark(revision: number): void;
  end(error: Error | undefined): void;
}

/** Starts a watch. A revision that is compacted ends it with 410 at once, through `onEnd`. */
export function* watch(
  server: ApiServer,
  request: ApiRequest,
  options: WatchOptions & { readonly sendInitialEvents?: boolean | undefined },
  handler: WatchHandler<ApiObject>,
): Call<Watch> {
  const { resource } = request;
  const selection = compileSelection(resource, request.namespace, options);
  const store = server.storeOf(resource);
  yield* server.etcd.linearizable(store.keyspace);
  const asked = options.resourceVersion ?? '';
  if (!/^\d*$/.test(asked)) {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      {
        type: 'FieldValueInvalid',
        field: 'resourceVersion',
        badValue: asked,
        detail: `strconv.ParseUint: parsing "${asked}": invalid syntax`,
      },
    ]);
  }
  const beginsWithState = asked === '' || asked === '0' || options.sendInitialEvents === true;
  const from = beginsWithState ? store.revision : Number(asked);
  const served = new ActiveWatch(server, request, selection, options.allowWatchBookmarks === true, handler);
  if (beginsWithState) {
    const initial = selectFrom(candidates(store, selection), selection);
    server.kernel.loop.after(0, begin, { served, initial, endMark: options.sendInitialEvents && served.wantsBookmarks ? from : undefined });
  }
  const cursor = store.keyspace.watch(served, from, selection.route);
  if (cursor) {
    served.cursor = cursor;
    server.watches.add(served);
  } else {
    server.kernel.loop.after(
      0,
      (ended) => ended.end(expired(`too old resource version: ${from} (${store.keyspace.compactRevision})`)),
      served,
    );
  }
  return served;
}

function begin({ served, initial, endMark }: { served: ActiveWatch; initial: readonly ApiObject[]; endMark: number | undefined }): void {
  for (const object of initial) served.give({ type: 'ADDED', object });
  if (endMark !== undefined) served.bookmark(endMark, { 'k8s.io/initial-events-end': 'true' });
}

/** Turns a change into what watchers of a selection see: an object that enters or leaves it is added or deleted. */
function seenBy({ matches, namespace }: Selection, change: Change): WatchEvent<ApiObject> | undefined {
  const current = change.current?.value as ApiObject | undefined;
  const previous = change.previous?.value as ApiObject | undefined;
  if (namespace !== '' && (current ?? previous!).metadata.namespace !== namespace) return undefined;
  const isIn = current !== undefined && (!matches || matches(current));
  const wasIn = previous !== undefined && (!matches || matches(previous));
  if (isIn) return wasIn ? { type: 'MODIFIED', object: current, previous } : { type: 'ADDED', object: current };
  return wasIn ? { type: 'DELETED', object: current ? withRevision(previous, change.revision) : tombstoneOf(change), previous } : undefined;
}

/** As `seenBy`, worked out once for all who watch with this selection: a thousand nodes watch the Services. */
function sharedEvent(selection: Selection, change: Change): WatchEvent<ApiObject> | undefined {
  if (change.view?.by !== selection) change.view = { by: selection, of: seenBy(selection, change) };
  return change.view.of as WatchEvent<ApiObject> | undefined;
}

class ActiveWatch implements ServedWatch, Watcher {
  readonly wantsBookmarks: boolean;
  cursor: { stop(): void } | undefined;
  readonly #server: ApiServer;
  readonly request: ApiRequest;
  readonly #selection: Selection;
  readonly #handler: WatchHandler<ApiObject>;
  #isOver = false;

  constructor(server: ApiServer, request: ApiRequest, selection: Selection, wantsBookmarks: boolean, handler: WatchHandler<ApiObject>) {
    this.#server = server;
    this.request = request;
    this.#selection = selection;
    this.wantsBookmarks = wantsBookmarks;
    this.#handler = handler;
  }

  onCompacted(revision: number): void {
    this.end(expired(`too old resource version: ${revision}`));
  }

  onChange(change: Change): void {
    const selection = this.#selection;
    const event = selection.isShared ? sharedEvent(selection, change) : seenBy(selection, change);
    if (event) this.give(event);
  }

  give(event: WatchEvent<ApiObject>): void {
    if (this.#isOver) return;
    const { trace } = this.#server.kernel;
    if (trace.isOn) {
      const { namespace, name, resourceVersion } = event.object.metadata;
      const cause = trace.emit(
        'kube-apiserver',
        { resource: this.request.resource.resource, namespace, name },
        { type: 'watch', event: event.type, revision: resourceVersion, to: this.request.agent },
      );
      this.#server.kernel.loop.cause = cause;
    }
    this.#handler.onEvent(event);
  }

  get resource(): Resource {
    return this.request.resource;
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): void {
    const { apiVersion, kind } = this.request.resource;
    const object = {
      apiVersion,
      kind,
      metadata: { resourceVersion: String(revision), creationTimestamp: null, annotations },
    } as unknown as ApiObject;
    if (!this.#isOver) this.#handler.onEvent({ type: 'BOOKMARK', object });
  }

  stop(): void {
    this.#isOver = true;
    this.cursor?.stop();
    this.#server.watches.delete(this);
  }

  end(error: Error | undefined): void {
    if (this.#isOver) return;
    this.stop();
    this.#handler.onEnd(error);
  }
}
