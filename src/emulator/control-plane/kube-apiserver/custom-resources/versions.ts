/**
 * Objects in the version that was asked for. Without a webhook, custom resources are stored as they were last written, and their versions
 * differ in nothing but their name; with one they are stored in the storage version, and the webhook converts. Built-in kinds are
 * stored in their own version, and `view` converts.
 */
import type { Watch, WatchEvent, WatchHandler } from '../../../client/client.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import type { Answer } from '../pipeline.ts';
import type { Resource } from '../registry.ts';
import type { ApiServer } from '../server.ts';
import type { Deletion } from '../verbs/delete.ts';
import { callConverter } from './conversion.ts';

/** Watchers and readers of one version share what was made for it. */
const converted = new WeakMap<ApiObject, ApiObject>();

/** Whether somebody else has to be asked. */
function needsWebhook({ apiVersion, descriptor }: Resource, object: ApiObject): boolean {
  return descriptor.conversion !== undefined && object.apiVersion !== apiVersion;
}

function renamed({ apiVersion, kind, descriptor }: Resource, object: ApiObject): ApiObject {
  if (object.apiVersion === apiVersion || object.kind !== kind) return object;
  const known = converted.get(object);
  if (known?.apiVersion === apiVersion) return known;
  const made = descriptor.view ? descriptor.view.fromStored(object) : { ...object, apiVersion };
  converted.set(object, made);
  return made;
}

/** An object as it is stored, in the version of the resource. */
export function* fromStored(server: ApiServer, resource: Resource, object: ApiObject): Call<ApiObject> {
  if (!needsWebhook(resource, object)) return renamed(resource, object);
  const { descriptor, apiVersion } = resource;
  const answer = yield* callConverter(server, descriptor.conversion!, object, apiVersion);
  return descriptor.setDefaults(descriptor.decode!(answer).object as ApiObject);
}

/** As `fromStored`, for many readers at once: the watch cache of a version converts each state of an object once. */
function* fromCache(server: ApiServer, resource: Resource, object: ApiObject): Call<ApiObject> {
  const known = converted.get(object);
  if (known?.apiVersion === resource.apiVersion) return known;
  const made = yield* fromStored(server, resource, object);
  converted.set(object, made);
  return made;
}

/** What is stored under a name, as a write in the version of the resource sees it. */
export function* storedAs(server: ApiServer, resource: Resource, namespace: string, name: string): Call<ApiObject | undefined> {
  const object = server.storeOf(resource).get(namespace, name);
  return object && needsWebhook(resource, object) ? yield* fromStored(server, resource, object) : object;
}

/** An object as it is to be stored. */
export function* toStored(server: ApiServer, { descriptor: { conversion } }: Resource, object: ApiObject): Call<ApiObject> {
  if (!conversion || object.apiVersion === conversion.storageVersion) return object;
  return yield* callConverter(server, conversion, object, conversion.storageVersion);
}

/** An answer in the version of the resource that the request named. */
export function* inVersion(server: ApiServer, resource: Resource, answer: Answer): Call<Answer> {
  if ('items' in answer) {
    const items: ApiObject[] = [];
    for (const item of (answer as List<ApiObject>).items) items.push(yield* fromCache(server, resource, item));
    return { ...(answer as List<ApiObject>), items };
  }
  if (!('isGone' in answer)) return yield* fromStored(server, resource, answer as ApiObject);
  const deletion = answer as Deletion;
  return { ...deletion, object: yield* fromStored(server, resource, deletion.object) };
}

/** A handler that is given objects in the version of the resource. */
export function watchInVersion(server: ApiServer, resource: Resource, handler: WatchHandler<ApiObject>): WatchHandler<ApiObject> {
  if (resource.descriptor.conversion) return new ConvertingHandler(server, resource, handler);
  return {
    onEvent: (event) => handler.onEvent({ ...event, object: renamed(resource, event.object) }),
    onEnd: (error) => handler.onEnd(error),
  };
}

/**
 * Passes events on in their order, each once its object is converted.
 * Differs from Kubernetes: a webhook that fails ends the watch; upstream's watch cache begins anew until it does not.
 */
export class ConvertingHandler implements WatchHandler<ApiObject> {
  /** The watch that feeds it. */
  watch: Watch | undefined;
  readonly #server: ApiServer;
  readonly #resource: Resource;
  readonly #handler: WatchHandler<ApiObject>;
  readonly #waiting: (WatchEvent<ApiObject> | { readonly end: Error | undefined })[] = [];
  #isBusy = false;

  constructor(server: ApiServer, resource: Resource, handler: WatchHandler<ApiObject>) {
    this.#server = server;
    this.#resource = resource;
    this.#handler = handler;
  }

  onEvent(event: WatchEvent<ApiObject>): void {
    this.#waiting.push(event);
    this.#go();
  }

  onEnd(error: Error | undefined): void {
    this.#waiting.push({ end: error });
    this.#go();
  }

  #go(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#server.kernel.fiber(this.#drain());
  }

  *#drain(): Call<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if ('end' in next) {
        this.#handler.onEnd(next.end);
        continue;
      }
      try {
        const object = next.type === 'BOOKMARK' ? next.object : yield* fromCache(this.#server, this.#resource, next.object);
        this.#handler.onEvent({ ...next, object });
      } catch (error) {
        this.watch?.stop();
        this.#waiting.length = 0;
        this.#handler.onEnd(error as Error);
      }
    }
    this.#isBusy = false;
  }
}
