/** DELETE of one object and of a collection. Upstream: registry/rest/delete.go and registry/generic/registry/store.go. */
import type { Call } from '../../../kernel/index.ts';
import { formatTime, parseTime } from '../../../kernel/time.ts';
import type { ApiObject, List, ObjectMeta } from '../../../machinery/objects.ts';
import { badRequest, conflict, invalid, isNotFound, notFound, optimisticLockMessage } from '../../../machinery/status-error.ts';
import type { ApiRequest, DeleteRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { compileSelection } from '../storage/selection.ts';
import { storedAs, toStored } from '../custom-resources/versions.ts';
import { isReadyToGo } from './metadata.ts';
import { candidates, selectFrom } from './read.ts';

const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';

/** What a deletion leaves: the object as it was removed, or as it lives on for now. */
export interface Deletion {
  readonly object: ApiObject;
  readonly isGone: boolean;
}

/** Deletes, or begins to: grace period and finalizers let the object live on with a deletionTimestamp. */
export function* deleteObject(server: ApiServer, request: ApiRequest): Call<Deletion> {
  const { resource, namespace, name } = request;
  const store = server.storeOf(resource);
  const options = request.delete ?? {};
  checkOptions(options);
  const previous = yield* storedAs(server, resource, namespace, name);
  if (!previous) throw notFound(resource, name);
  checkPreconditions(request, options, previous);
  const { orphanWarning } = resource.descriptor;
  if (orphanWarning && options.propagationPolicy === undefined && options.orphanDependents === undefined)
    request.warnings.push(orphanWarning);
  const attributes = { operation: 'DELETE', request, object: previous, previous } as const;
  yield* server.admission.admit(server, attributes);
  yield* server.admission.validate(server, attributes);
  const marked = markForDeletion(server, request, previous, options);
  if (marked === 'pending') return { object: previous, isGone: false };
  if (request.isDryRun) return { object: marked, isGone: isReadyToGo(marked) };
  if (!isReadyToGo(marked)) {
    if (marked === previous) return { object: marked, isGone: false };
    const kept = yield* toStored(server, resource, marked);
    if (!(yield* store.put(kept, previous))) throw conflict(resource, name, optimisticLockMessage);
    server.written('update', request, kept, previous);
    return { object: kept, isGone: false };
  }
  const revision = yield* store.remove(previous);
  if (revision === undefined) throw conflict(resource, name, optimisticLockMessage);
  server.written('delete', request, marked, previous);
  return { object: previous, isGone: true };
}

/** Deletes all that the selectors choose. Answers with those that were found. */
export function* deleteCollection(server: ApiServer, request: ApiRequest): Call<List<ApiObject>> {
  const { resource } = request;
  const store = server.storeOf(resource);
  const selection = compileSelection(resource, request.namespace, request.list);
  const items = selectFrom(candidates(store, selection), selection);
  for (const { metadata } of items) {
    try {
      yield* deleteObject(server, { ...request, verb: 'delete', name: metadata.name, namespace: metadata.namespace ?? '' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return { items, metadata: { resourceVersion: String(store.revision) } };
}

function checkOptions({ propagationPolicy, orphanDependents, gracePeriodSeconds }: DeleteRequest): void {
  const kind = { group: '', kind: 'DeleteOptions' };
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    throw invalid(kind, '', [
      {
        type: 'FieldValueInvalid',
        field: 'propagationPolicy',
        badValue: propagationPolicy,
        detail: 'orphanDependents and deletionPropagation cannot be both set',
      },
    ]);
  }
  if (propagationPolicy !== undefined && !['Background', 'Foreground', 'Orphan'].includes(propagationPolicy)) {
    throw invalid(kind, '', [
      {
        type: 'FieldValueNotSupported',
        field: 'propagationPolicy',
        badValue: propagationPolicy,
        detail: 'supported values: "Foreground", "Background", "Orphan", "nil"',
      },
    ]);
  }
  if (gracePeriodSeconds !== undefined && !Number.isInteger(gracePeriodSeconds)) throw badRequest('gracePeriodSeconds must be an integer');
}

function checkPreconditions({ resource, name, namespace }: ApiRequest, { preconditions }: DeleteRequest, { metadata }: ApiObject): void {
  const key = `/registry/${resource.descriptor.storagePrefix}/${namespace === '' ? '' : `${namespace}/`}${name}`;
  const failed = (what: string, asked: string, found: string): Error =>
    conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${found}`,
    );
  if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid) throw failed('UID', preconditions.uid, metadata.uid);
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== metadata.resourceVersion) {
    throw failed('ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion);
  }
}

/** The object with deletionTimestamp, grace period and the finalizers of the propagation policy; 'pending' when there is nothing to add. */
function markForDeletion(server: ApiServer, request: ApiRequest, previous: ApiObject, options: DeleteRequest): ApiObject | 'pending' {
  const { metadata } = previous;
  const finalizers = finalizersFor(request, metadata, options);
  const unchangedFinalizers = finalizers === metadata.finalizers;
  if (request.resource.resource === 'namespaces' && request.resource.group === '') return markNamespace(server, previous, finalizers);
  if (metadata.deletionTimestamp !== undefined) {
    const period = metadata.deletionGracePeriodSeconds;
    const asked = options.gracePeriodSeconds;
    if (period !== undefined && asked !== undefined && clampGrace(asked) < period) {
      const began = parseTime(metadata.deletionTimestamp)! - period * 1000;
      const deletionTimestamp = formatTime(began + clampGrace(asked) * 1000);
      return withMetadata(previous, { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: clampGrace(asked), finalizers });
    }
    if (unchangedFinalizers) return isReadyToGo(previous) ? previous : 'pending';
    return withMetadata(previous, { ...metadata, finalizers });
  }
  const grace = graceOf(request, previous, options);
  const { deletionFinalizer } = request.resource.descriptor;
  const isAdded = deletionFinalizer !== undefined && !finalizers?.includes(deletionFinalizer);
  const held = isAdded ? [...(finalizers ?? []), deletionFinalizer] : finalizers;
  const generation = metadata.generation === undefined ? undefined : metadata.generation + 1;
  const deletionTimestamp = formatTime(server.kernel.clock.unixMs + grace * 1000);
  return withMetadata(previous, { ...metadata, generation, deletionTimestamp, deletionGracePeriodSeconds: grace, finalizers: held });
}

const clampGrace = (seconds: number): number => (seconds < 0 ? 1 : seconds);

/** Only Pods have a grace period, and only those that a kubelet may be running (pkg/registry/core/pod/strategy.go, CheckGracefulDelete). */
function graceOf({ resource }: ApiRequest, object: ApiObject, { gracePeriodSeconds }: DeleteRequest): number {
  const graceFor = resource.descriptor.gracePeriodSeconds;
  if (!graceFor) return 0;
  const { spec, status } = object as ApiObject & { spec?: { nodeName?: string }; status?: { phase?: string } };
  if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
  return clampGrace(gracePeriodSeconds ?? graceFor(object));
}

function finalizersFor({ resource }: ApiRequest, metadata: ObjectMeta, options: DeleteRequest): ObjectMeta['finalizers'] {
  const had = metadata.finalizers ?? [];
  const policy =
    options.propagationPolicy ?? (options.orphanDependents === undefined ? undefined : options.orphanDependents ? 'Orphan' : 'Background');
  const isGiven = policy !== undefined;
  const orphans = isGiven
    ? policy === 'Orphan'
    : had.includes(orphanFinalizer) || (!had.includes(foregroundFinalizer) && resource.descriptor.defaultPropagation === 'Orphan');
  const foreground = isGiven
    ? policy === 'Foreground'
    : had.includes(foregroundFinalizer) || (!had.includes(orphanFinalizer) && resource.descriptor.defaultPropagation === 'Foreground');
  if (had.includes(orphanFinalizer) === orphans && had.includes(foregroundFinalizer) === foreground) return metadata.finalizers;
  const rest = had.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  return [...rest, ...(orphans ? [orphanFinalizer] : []), ...(foreground ? [foregroundFinalizer] : [])];
}

/** A namespace goes when the namespace controller has emptied it (pkg/registry/core/namespace/storage/storage.go). */
function markNamespace(server: ApiServer, previous: ApiObject, finalizers: ObjectMeta['finalizers']): ApiObject | 'pending' {
  const { metadata } = previous;
  if (metadata.deletionTimestamp !== undefined) return isReadyToGo(previous) ? previous : 'pending';
  const { status } = previous as ApiObject & { status?: object };
  const marked = withMetadata(previous, { ...metadata, deletionTimestamp: server.kernel.clock.timestamp(), finalizers });
  return { ...marked, status: { ...status, phase: 'Terminating' } } as ApiObject;
}

function withMetadata(object: ApiObject, metadata: ObjectMeta): ApiObject {
  return { ...object, metadata: { ...metadata, resourceVersion: '' } };
}
