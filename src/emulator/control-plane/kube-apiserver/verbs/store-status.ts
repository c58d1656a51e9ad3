import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Resource } from '../registry.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

/** Stores the status of another object that a request changes by the way; false when somebody else was quicker. */
export function* storeStatus(
  server: ApiServer,
  request: ApiRequest,
  resource: Resource,
  next: ApiObject,
  previous: ApiObject,
): Call<boolean> {
  const write: ApiRequest = { ...request, resource, subresource: 'status', managedFields: undefined };
  const object = server.ownership.updated(write, { ...next, metadata: { ...next.metadata, resourceVersion: '' } }, previous);
  if (!(yield* server.storeOf(resource).put(object, previous))) return false;
  server.written('update', write, object, previous);
  return true;
}
