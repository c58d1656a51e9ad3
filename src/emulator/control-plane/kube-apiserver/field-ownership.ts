/** `metadata.managedFields`: who set which field. The algorithm is machinery's; here is who the manager of a request is. */
import type { Kernel } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import { applyConfiguration, trackUpdate, trackUpdateLater } from '../../machinery/managed-fields/index.ts';
import type { Write } from '../../machinery/managed-fields/index.ts';
import type { ApiObject, ManagedFieldsEntry } from '../../machinery/objects.ts';
import { hasModel } from '../../machinery/schema.ts';
import type { Resource } from './registry.ts';
import type { ApiRequest } from './request.ts';

/** Manager names are cut as upstream cuts them (handlers/create.go, managerOrUserAgent). */
const maxManagerLength = 128;

/** The field manager that a client named, or the first word of its user agent. */
export function managerOf(request: ApiRequest): string {
  return request.write?.fieldManager || request.agent.split('/')[0]!.slice(0, maxManagerLength) || 'unknown';
}

const ofStatus = [['spec']];
const ofMain = [['status']];
const none: readonly (readonly string[])[] = [];

/** Fields that a request may not set, so that it does not come to own them. */
function resetFields({ subresource, resource }: ApiRequest): readonly (readonly string[])[] {
  if (subresource === 'status') return ofStatus;
  return subresource === '' && 'status' in resource.descriptor.subresources ? ofMain : none;
}

/** Metadata that are still being made, by the one write that owns them. */
type Owned = { managedFields: readonly ManagedFieldsEntry[] | undefined };

/** Parts of an object that are looked at apart, and of metadata that nobody owns. */
const apart: ReadonlySet<string> = new Set(['metadata']);
const unowned: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
]);
const nothing: ReadonlySet<string> = new Set();

/** Whether who created both objects surely came to own the same fields of them. */
const areSiblings = (a: ApiObject, b: ApiObject): boolean => setSameFields(a, b, apart) && setSameFields(a.metadata, b.metadata, unowned);

/** Which value a field has does not matter, but for that it may count as none; of lists it does. */
function setSameFields(a: unknown, b: unknown, except = nothing): boolean {
  if (a === b) return true;
  if (typeof a !== typeof b || !a || !b) return false;
  if (typeof a !== 'object') return true;
  if (Array.isArray(a) || Array.isArray(b)) return equal(a, b);
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!except.has(key) && !setSameFields(left[key], right[key])) return false;
  for (const key in right) if (!except.has(key) && left[key] === undefined && right[key] !== undefined) return false;
  return true;
}

function withEntries(object: ApiObject, entries: readonly ManagedFieldsEntry[]): ApiObject {
  (object.metadata as Owned).managedFields = entries.length > 0 ? entries : undefined;
  return object;
}

export class FieldOwnership {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A controller makes many objects of one template in the same second, a component many Events: they share one list. */
  created(request: ApiRequest, object: ApiObject): ApiObject {
    const { spec } = object as ApiObject & { readonly spec?: object };
    const isOneOfMany = spec ? object.metadata.ownerReferences?.length === 1 : object.kind === 'Event';
    if (!isOneOfMany || request.managedFields) return this.#track(request, object, undefined);
    const write = this.#writeOf(request);
    const last = this.#siblings.get(spec ?? write);
    if (last?.write === write && areSiblings(last.object, object)) {
      (object.metadata as Owned).managedFields = last.object.metadata.managedFields;
      return object;
    }
    this.#siblings.set(spec ?? write, { object: this.#track(request, object, undefined), write });
    return object;
  }

  /** The last object that was made of a spec, or in a kind of write. */
  readonly #siblings = new WeakMap<object, { readonly object: ApiObject; readonly write: Write }>();

  updated(request: ApiRequest, object: ApiObject, previous: ApiObject): ApiObject {
    return this.#track(request, object, previous);
  }

  /** The object that applying leads to. Throws 409 with the conflicts unless they are forced. */
  apply(request: ApiRequest, applied: ApiObject, previous: ApiObject | undefined): ApiObject {
    const { resource, subresource } = request;
    const merged = applyConfiguration<ApiObject>({
      live: previous,
      config: applied,
      model: resource.descriptor.model,
      manager: { name: managerOf(request), apiVersion: resource.apiVersion, subresource: subresource || undefined },
      time: this.#kernel.clock.timestamp(),
      force: request.patch?.force ?? false,
      resetFields: resetFields(request),
    });
    request.managedFields = merged.metadata.managedFields;
    return merged;
  }

  /** The object was made for this write and nobody else has seen it, so its metadata is completed in place. */
  #track(request: ApiRequest, object: ApiObject, previous: ApiObject | undefined): ApiObject {
    const { descriptor } = request.resource;
    if (!hasModel(descriptor.model)) return object;
    if (request.managedFields) return withEntries(object, request.managedFields);
    const write = this.#writeOf(request);
    // The model of a custom resource may be forgotten by the time somebody looks.
    const later = descriptor.isCustom ? undefined : trackUpdateLater(previous, object, write);
    if (!later) return withEntries(object, trackUpdate({ previous, next: object, ...write }));
    (object.metadata as Owned).managedFields = later;
    return object;
  }

  /** One object for all writes of a manager to a resource in the same second: entries that are worked out later hold it. */
  #writeOf(request: ApiRequest): Write {
    const { resource } = request;
    const time = this.#kernel.clock.timestamp();
    const name = managerOf(request);
    const subresource = request.subresource || undefined;
    let writes = this.#writes.get(resource);
    if (writes?.[0]?.time !== time) this.#writes.set(resource, (writes = []));
    let write = writes.find(({ manager }) => manager.name === name && manager.subresource === subresource);
    if (!write) {
      const manager = { name, apiVersion: resource.apiVersion, subresource };
      writes.push((write = { model: resource.descriptor.model, manager, time, resetFields: resetFields(request) }));
    }
    return write;
  }

  /** Those of the last second in which a resource was written. */
  readonly #writes = new WeakMap<Resource, Write[]>();
}
