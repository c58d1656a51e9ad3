/** PUT, and the second half of PATCH: the next state of an object. Upstream: registry/rest/update.go, registry/generic/registry/store.go. */
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { conflict, invalid, notFound, optimisticLockMessage } from '../../../machinery/status-error.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { fromStored, storedAs, toStored } from '../custom-resources/versions.ts';
import { createObject } from './create.ts';
import { decodeBody } from './decode.ts';
import { objectSubresource } from './object-subresource.ts';
import type { Subresource } from './object-subresource.ts';
import { checkNames, isReadyToGo, metadataForUpdate } from './metadata.ts';

/** Kinds whose update creates an object that is not there. */
const allowCreateOnUpdate = new Set([
  'leases',
  'endpoints',
  'events',
  'services',
  'roles',
  'clusterroles',
  'rolebindings',
  'clusterrolebindings',
]);

/** Kinds whose update must say which state it replaces. */
const requiresResourceVersion = new Set(['leases', 'poddisruptionbudgets']);

/** Replaces the object of the request. */
export function* update(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { resource, name } = request;
  const sent = decodeBody(server, request) as ApiObject;
  request.audit?.sent(sent);
  checkNames(request, sent.metadata as DraftMeta);
  const { isCustom } = resource.descriptor;
  const previous = yield* storedAs(server, resource, request.namespace, name);
  if (!previous) {
    if (request.subresource === '' && !isCustom && allowCreateOnUpdate.has(resource.resource) && !sent.metadata.uid)
      return yield* createObject(server, request, sent);
    throw notFound(resource, name);
  }
  const sub = objectSubresource(request);
  const next = sub?.as ? sub.as.set(previous, sent) : sent;
  if (!next.metadata.resourceVersion && (isCustom || requiresResourceVersion.has(resource.resource))) {
    throw invalid(resource, name, [
      { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', badValue: 0, detail: 'must be specified for an update' },
    ]);
  }
  const stored = yield* replaceObject(server, request, next, previous);
  return sub?.as ? sub.as.get(stored) : stored;
}

/** The stages of an update after decoding: from the state that a client wants to the one that is stored. */
export function* replaceObject(server: ApiServer, request: ApiRequest, sent: ApiObject, previous: ApiObject): Call<ApiObject> {
  const { resource } = request;
  const { descriptor } = resource;
  const sub = objectSubresource(request);
  checkPreconditions(request, sent.metadata as DraftMeta, previous);
  let object = descriptor.withMetadata(sent, metadataForUpdate(sent.metadata, previous.metadata, previous.metadata.generation));
  // A status is written with the spec as it was read, which has its defaults.
  const hasStoredSpec = request.subresource === 'status' && specOf(object) !== undefined && specOf(object) === specOf(previous);
  if (!hasStoredSpec || descriptor.defaultsStatus) object = descriptor.setDefaults(object);
  object = yield* server.admission.admit(server, { operation: 'UPDATE', request, object, previous });
  object = (sub ?? descriptor).prepareForUpdate(object, previous, server.strategyContext(request));
  object = withOwnMetadata(request, object, previous);
  const hook = descriptor.isCustom ? undefined : server.hooks.get(resource.resource);
  if (hook?.beforeUpdate) object = hook.beforeUpdate(server, request, object, previous);
  const errors = updateErrors(request, sub, object, previous);
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
  if (descriptor.warnings && request.subresource !== 'status') request.warnings.push(...descriptor.warnings(object, previous));
  yield* server.admission.validate(server, { operation: 'UPDATE', request, object, previous });
  object = server.ownership.updated(request, object, previous);
  return yield* storeUpdate(server, request, object, previous);
}

function updateErrors(request: ApiRequest, sub: Subresource, object: ApiObject, previous: ApiObject): readonly FieldError[] {
  const { descriptor } = request.resource;
  if (sub) return sub.validateUpdate?.(object, previous) ?? [];
  return descriptor.validateUpdate(object, previous);
}

/** Writes the finished object; removes it when it was only held by what this update takes away. */
export function* storeUpdate(server: ApiServer, request: ApiRequest, object: ApiObject, previous: ApiObject): Call<ApiObject> {
  const { resource } = request;
  const store = server.storeOf(resource);
  if (isUnchanged(object, previous) && !store.isStale(previous)) return previous;
  if (request.isDryRun) return { ...object, metadata: { ...object.metadata, resourceVersion: previous.metadata.resourceVersion } };
  if (isReadyToGo(object)) {
    const revision = yield* store.remove(previous);
    if (revision === undefined) throw conflict(resource, object.metadata.name, optimisticLockMessage);
    server.written('delete', request, object, previous);
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  }
  const { conversion } = resource.descriptor;
  const kept = conversion ? yield* toStored(server, resource, object) : object;
  if (!(yield* store.put(kept, previous))) throw conflict(resource, object.metadata.name, optimisticLockMessage);
  server.written('update', request, kept, previous);
  return conversion ? yield* fromStored(server, resource, kept) : kept;
}

/** An update that changes nothing writes nothing (etcd3/store.go, GuaranteedUpdate). */
function isUnchanged(object: ApiObject, previous: ApiObject): boolean {
  return sameFields(object, previous, 'metadata') && sameFields(object.metadata, previous.metadata, 'resourceVersion');
}

/** Semantic equality of all fields but one. */
function sameFields(a: object, b: object, except: string): boolean {
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const key in left) if (key !== except && !semanticEqual(left[key], right[key])) return false;
  for (const key in right) if (key !== except && left[key] === undefined && !semanticEqual(undefined, right[key])) return false;
  return true;
}

function checkPreconditions({ resource, name }: ApiRequest, { uid, resourceVersion }: DraftMeta, { metadata }: ApiObject): void {
  if (uid && uid !== metadata.uid) {
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: , ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) throw conflict(resource, name, optimisticLockMessage);
}

/** Strategies may have put `previous.metadata` back; the object gets metadata of its own, which the store completes. */
function withOwnMetadata({ resource: { descriptor }, subresource }: ApiRequest, object: ApiObject, previous: ApiObject): ApiObject {
  const { generation } = previous.metadata;
  const desired = descriptor.desiredState ?? specOf;
  const isChanged = descriptor.hasGeneration && subresource !== 'status' && !semanticEqual(desired(object), desired(previous));
  if (!isChanged && object.metadata !== previous.metadata) return object;
  return descriptor.withMetadata(
    object,
    metadataForUpdate(object.metadata, previous.metadata, isChanged ? (generation ?? 0) + 1 : generation),
  );
}

const specOf = (object: ApiObject): unknown => (object as ApiObject & { spec?: unknown }).spec;
