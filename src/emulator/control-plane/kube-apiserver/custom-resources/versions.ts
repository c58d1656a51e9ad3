/**
 * Objects in the version that was asked for. Custom resources are stored as they were last written, and with the strategy None
 * their versions differ in nothing but their name; built-in kinds are stored in their own version, and `view` converts.
 */
import type { WatchHandler } from '../../../client/client.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import type { Answer } from '../pipeline.ts';
import type { Resource } from '../registry.ts';
import type { Deletion } from '../verbs/delete.ts';

/** Watchers and readers of one version share what was made for it. */
const converted = new WeakMap<ApiObject, ApiObject>();

function convert({ apiVersion, kind, descriptor }: Resource, object: ApiObject): ApiObject {
  if (object.apiVersion === apiVersion || object.kind !== kind) return object;
  const known = converted.get(object);
  if (known?.apiVersion === apiVersion) return known;
  const made = descriptor.view ? descriptor.view.fromStored(object) : { ...object, apiVersion };
  converted.set(object, made);
  return made;
}

/** An answer in the version of the resource that the request named. */
export function inVersion(resource: Resource, answer: Answer): Answer {
  if ('items' in answer)
    return { ...(answer as List<ApiObject>), items: (answer as List<ApiObject>).items.map((item) => convert(resource, item)) };
  if ('isGone' in answer) return { ...(answer as Deletion), object: convert(resource, (answer as Deletion).object) };
  return convert(resource, answer as ApiObject);
}

/** A handler that is given objects in the version of the resource. */
export function watchInVersion(resource: Resource, handler: WatchHandler<ApiObject>): WatchHandler<ApiObject> {
  return {
    onEvent: (event) => handler.onEvent({ ...event, object: convert(resource, event.object) }),
    onEnd: (error) => handler.onEnd(error),
  };
}
