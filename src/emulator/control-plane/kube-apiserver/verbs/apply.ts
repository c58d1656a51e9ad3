/** Server-side apply: the fields that one manager wants, merged with those of the others. Upstream: handlers/patch.go, applyPatcher. */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { badRequest, invalid } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { createObject } from './create.ts';
import { decodeAs } from './decode.ts';
import { replaceObject } from './update.ts';

/** Creates the object when it is not there. */
export function* apply(server: ApiServer, request: ApiRequest, previous: ApiObject | undefined): Call<ApiObject> {
  const { resource, name } = request;
  if (!request.write?.fieldManager) {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      { type: 'FieldValueRequired', field: 'fieldManager', badValue: undefined, detail: 'is required for apply patch' },
    ]);
  }
  const body = request.patch!.body as ApiObject;
  if (typeof body !== 'object' || body === null) throw badRequest('error decoding YAML: expected an object');
  if (!body.apiVersion || !body.kind) throw badRequest("error decoding patch: Object 'Kind' is missing");
  const metadata = (body.metadata ?? {}) as DraftMeta;
  if (metadata.managedFields && metadata.managedFields.length > 0) throw badRequest('metadata.managedFields must be nil');
  if (typeof metadata.name === 'string' && metadata.name !== '' && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  const decoded = decodeAs(
    request,
    {
      ...body,
      metadata: { ...metadata, name: metadata.name || name, namespace: request.namespace === '' ? undefined : request.namespace },
    },
    resource.descriptor.model,
  ) as ApiObject;
  const applied = resource.descriptor.view?.toStored(decoded) ?? decoded;
  const merged = server.ownership.apply(request, applied, previous);
  if (previous) return yield* replaceObject(server, request, merged, previous);
  request.isCreated = true;
  return yield* createObject(server, request, merged);
}
