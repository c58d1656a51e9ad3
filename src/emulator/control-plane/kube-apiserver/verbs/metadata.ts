/** What the server itself keeps in `metadata`: registry/rest/{create,update,meta}.go. */
import type { ApiObject, DraftMeta, ObjectMeta } from '../../../machinery/objects.ts';
import { badRequest, StatusError, failure } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import type { ApiRequest } from '../request.ts';

/** A name that is generated is cut so that its five random characters fit (names/generate.go). */
const maxGeneratedBase = 58;

/** Metadata of a new object. Every field is named, so that all objects have one shape. */
export function metadataForCreate(server: ApiServer, request: ApiRequest, draft: DraftMeta): ObjectMeta {
  const { resource } = request;
  const { hasGeneration } = resource.descriptor;
  if (draft.resourceVersion) throw new StatusError(failure(500, '', 'resourceVersion should not be set on objects to be created'));
  return {
    name: draft.name || (draft.generateName ? generateName(server, draft.generateName) : ''),
    generateName: draft.generateName,
    namespace: namespaceForCreate(request, draft),
    uid: server.kernel.random.uuid(),
    resourceVersion: '',
    generation: hasGeneration ? 1 : undefined,
    creationTimestamp: server.kernel.clock.timestamp(),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    labels: draft.labels,
    annotations: draft.annotations,
    ownerReferences: draft.ownerReferences,
    finalizers: draft.finalizers,
    managedFields: undefined,
  };
}

/** A name made from a base and random characters. */
export function generateName(server: ApiServer, base: string): string {
  return base.slice(0, maxGeneratedBase) + server.kernel.random.suffix();
}

/** The namespace of what is created, which must not be another than the request's. */
export const namespaceForCreate = (request: ApiRequest, draft: DraftMeta): string | undefined =>
  request.resource.descriptor.isNamespaced ? namespaceOf(request, draft) : requireNoNamespace(draft);

function requireNoNamespace(draft: DraftMeta): undefined {
  if (draft.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return undefined;
}

function namespaceOf({ namespace }: ApiRequest, draft: DraftMeta): string {
  if (namespace === '') throw badRequest('an empty namespace may not be set during creation');
  if (draft.namespace && draft.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return namespace;
}

/** Metadata of the next state of an object: what a client may change from `next`, the rest from `previous`. */
export function metadataForUpdate(next: DraftMeta, previous: ObjectMeta, generation: number | undefined): ObjectMeta {
  return {
    name: previous.name,
    generateName: previous.generateName,
    namespace: previous.namespace,
    uid: previous.uid,
    resourceVersion: '',
    generation,
    creationTimestamp: previous.creationTimestamp,
    deletionTimestamp: previous.deletionTimestamp,
    deletionGracePeriodSeconds: previous.deletionGracePeriodSeconds,
    labels: next.labels,
    annotations: next.annotations,
    ownerReferences: next.ownerReferences,
    finalizers: next.finalizers,
    managedFields: managedFieldsOf(next, previous),
  };
}

/** A client that sends none does not know them. What it sends back as it read it is not looked at. */
function managedFieldsOf({ managedFields: sent }: DraftMeta, { managedFields: live }: ObjectMeta): ObjectMeta['managedFields'] {
  return sent !== live && sent && sent.length > 0 ? sent : live;
}

/** The object in the body must be the one in the URL. */
export function checkNames(request: ApiRequest, metadata: DraftMeta): void {
  const { name, namespace } = request;
  if (!metadata.name && !metadata.generateName) throw badRequest('name must be provided');
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (namespace !== '' && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`);
  }
}

/** Whether an object that is being deleted has nothing left that holds it. */
export function isReadyToGo(object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0) return false;
  if (object.kind === 'Namespace') {
    const { spec } = object as ApiObject & { spec?: { finalizers?: readonly string[] } };
    return (spec?.finalizers?.length ?? 0) === 0;
  }
  return (deletionGracePeriodSeconds ?? 0) === 0;
}
