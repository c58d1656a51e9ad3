/** PATCH: a change of the stored object. Upstream: apiserver/pkg/endpoints/handlers/patch.go. */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { badRequest, notFound, unsupportedMediaType } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { objectSubresource, replaceObject } from './update.ts';

/** Patches the object of the request. */
export function* patch(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { resource, namespace, name } = request;
  const sent = request.patch;
  if (!sent) throw unsupportedMediaType('the body of the request was in an unknown format');
  const previous = server.storeOf(resource).get(namespace, name);
  if (!previous) throw notFound(resource, name);
  const sub = objectSubresource(request);
  const base = sub?.as ? sub.as.get(previous) : previous;
  const patched = mergePatch(base, sent.body) as ApiObject;
  if (typeof patched !== 'object' || patched === null) throw badRequest('the patch leaves no object');
  const stored = yield* replaceObject(server, request, sub?.as ? sub.as.set(previous, patched) : patched, previous);
  return sub?.as ? sub.as.get(stored) : stored;
}

function mergePatch(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const out: Record<string, unknown> = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}
