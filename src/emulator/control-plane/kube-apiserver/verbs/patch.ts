/** PATCH: a change of the stored object. Upstream: apiserver/pkg/endpoints/handlers/patch.go. */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { applyJsonPatch, maxJsonPatchOperations } from '../../../machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../../machinery/patch/merge-patch.ts';
import { PatchError } from '../../../machinery/patch/patch-error.ts';
import { applyStrategicMergePatch } from '../../../machinery/patch/strategic-merge-patch.ts';
import { hasModel } from '../../../machinery/schema.ts';
import {
  badRequest,
  failure,
  notFound,
  requestEntityTooLarge,
  StatusError,
  unsupportedMediaType,
} from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { storedAs } from '../custom-resources/versions.ts';
import { apply } from './apply.ts';
import { decodeAs } from './decode.ts';
import { objectSubresource } from './object-subresource.ts';
import { replaceObject } from './update.ts';

/** Patches the object of the request. */
export function* patch(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { resource, namespace, name } = request;
  const sent = request.patch;
  if (!sent) throw unsupportedMediaType('the body of the request was in an unknown format');
  if (typeof sent.body === 'object' && sent.body !== null) request.audit?.sent(sent.body);
  const previous = yield* storedAs(server, resource, namespace, name);
  if (sent.type === 'application/apply-patch+yaml') return yield* apply(server, request, previous);
  if (!previous) throw notFound(resource, name);
  const sub = objectSubresource(request);
  const { view } = resource.descriptor;
  const base = sub?.as ? sub.as.get(previous) : (view?.fromStored(previous) ?? previous);
  const model = sub?.as?.kind ?? resource.descriptor.model;
  const decoded = decodeAs(request, patchedObject(base, request, model), model) as ApiObject;
  const patched = view?.toStored(decoded) ?? decoded;
  const stored = yield* replaceObject(server, request, sub?.as ? sub.as.set(previous, patched) : patched, previous);
  return sub?.as ? sub.as.get(stored) : stored;
}

/** What a custom resource can be patched with: nobody has told how its lists merge. */
const customTypes = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

/** What a patch makes of an object. Throws 400, 415 or 422 for one that cannot be applied. */
export function patchedObject(base: ApiObject, { patch: sent, resource }: ApiRequest, model: string): unknown {
  const { isCustom } = resource.descriptor;
  const { type, body } = sent!;
  if (body === undefined) throw badRequest('unexpected end of JSON input');
  try {
    switch (type) {
      case 'application/json-patch+json':
        if (Array.isArray(body) && body.length > maxJsonPatchOperations) {
          throw requestEntityTooLarge(`The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${body.length}`);
        }
        return applyJsonPatch(base, body);
      case 'application/merge-patch+json':
        return applyMergePatch(base, body);
      case 'application/strategic-merge-patch+json':
        if (isCustom || !hasModel(model))
          throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${customTypes}`);
        return applyStrategicMergePatch(base, body, model);
      default:
        throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${customTypes}`);
    }
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    // A JSON patch that does not apply is well formed but cannot be processed.
    if (type === 'application/json-patch+json')
      throw new StatusError(
        failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${error.message}`.replace(/: .*$/s, ''), {
          causes: [{ message: error.message }],
        }),
      );
    throw badRequest(error.message);
  }
}
