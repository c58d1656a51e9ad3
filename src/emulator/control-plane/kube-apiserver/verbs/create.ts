/** POST: a new object. Upstream: apiserver/pkg/endpoints/handlers/create.go and registry/generic/registry/store.go. */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { alreadyExists, generateNameConflict, invalid } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { fromStored, toStored } from '../custom-resources/versions.ts';
import { decodeBody } from './decode.ts';
import { generateName, metadataForCreate } from './metadata.ts';

/** How often a generated name that is taken is made anew. */
const maxNameAttempts = 8;

/** Decodes and creates the object of the request. */
export function* create(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  return yield* createObject(server, request, decodeBody(server, request) as ApiObject);
}

/** The stages of a creation after decoding. Also what an update does that may create. */
export function* createObject(server: ApiServer, request: ApiRequest, draft: ApiObject): Call<ApiObject> {
  const { resource } = request;
  const { descriptor } = resource;
  const store = server.storeOf(resource);
  let object = descriptor.withMetadata(draft, metadataForCreate(server, request, draft.metadata as DraftMeta));
  object = descriptor.setDefaults(object);
  if (request.verb === 'create') request.audit?.sent({ ...object, metadata: draft.metadata });
  object = yield* server.admission.admit(server, { operation: 'CREATE', request, object, previous: undefined });
  object = descriptor.prepareForCreate(object, server.strategyContext(request));
  const hook = descriptor.isCustom ? undefined : server.hooks.get(resource.resource);
  if (hook?.beforeCreate) object = hook.beforeCreate(server, request, object);
  const errors = descriptor.validate(object);
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
  if (descriptor.warnings) request.warnings.push(...descriptor.warnings(object, undefined));
  yield* server.admission.validate(server, { operation: 'CREATE', request, object, previous: undefined });
  object = server.ownership.created(request, object);
  const isGenerated = !draft.metadata.name;
  for (let attempt = 1; ; attempt++) {
    const { name, namespace = '' } = object.metadata;
    const isTaken = store.get(namespace, name) !== undefined;
    if (!isTaken && request.isDryRun)
      return { ...object, metadata: { ...object.metadata, resourceVersion: undefined as unknown as string } };
    if (!isTaken) {
      const kept = descriptor.conversion ? yield* toStored(server, resource, object) : object;
      if (yield* store.put(kept, undefined)) {
        server.written('create', request, kept, undefined);
        return descriptor.conversion ? yield* fromStored(server, resource, kept) : kept;
      }
    }
    if (!isGenerated) throw alreadyExists(resource, name);
    if (attempt === maxNameAttempts) throw generateNameConflict(resource, name, 1);
    object = { ...object, metadata: { ...object.metadata, name: generateName(server, object.metadata.generateName!) } };
  }
}
