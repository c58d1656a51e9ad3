/** Completes a descriptor: what most kinds have in common need not be repeated in each file. */
import { emptyOf } from '../machinery/decode/walk.ts';
import type { ApiObject, ObjectMeta } from '../machinery/objects.ts';
import { hasModel, modelSchema } from '../machinery/schema.ts';
import { name, createdAt } from './columns.ts';
import type { Kind, ObjectSubresource, Verb } from './kind.ts';
import { apiVersionOf } from './kind.ts';

/** The verbs of an ordinary resource, in the order of discovery. */
export const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const subresourceVerbs: readonly Verb[] = ['get', 'patch', 'update'];

type Optional =
  | 'group'
  | 'version'
  | 'singular'
  | 'shortNames'
  | 'categories'
  | 'isNamespaced'
  | 'verbs'
  | 'model'
  | 'subresources'
  | 'withMetadata'
  | 'hasGeneration'
  | 'setDefaults'
  | 'prepareForCreate'
  | 'prepareForUpdate'
  | 'validate'
  | 'validateUpdate'
  | 'columns'
  | 'selectableFields'
  | 'storagePrefix';

/** A descriptor as its file writes it. */
export type KindDraft<T extends ApiObject> = Omit<Kind<T>, Optional> & Partial<Pick<Kind<T>, Optional>>;

/** Fills in: core/v1, namespaced, all verbs, no subresources, nothing to default or to validate, columns name and creation time. */
export function defineKind<T extends ApiObject>(draft: KindDraft<T>): Kind<T> {
  const { group = '', version = 'v1', kind, model = kind, subresources = {} } = draft;
  const apiVersion = apiVersionOf({ group, version });
  // A built-in kind with a status has a spec beside it and nothing else.
  const hasHalves = 'status' in subresources && hasModel(model);
  return {
    group,
    version,
    withMetadata: hasHalves
      ? (object, metadata) => halvesWith(object, apiVersion, kind, metadata)
      : (object, metadata) => ({ ...object, apiVersion, kind, metadata }),
    singular: draft.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    isNamespaced: true,
    verbs: allVerbs,
    model: draft.kind,
    subresources: {},
    hasGeneration: false,
    setDefaults: (object) => object,
    prepareForCreate: (object) => object,
    prepareForUpdate: (next) => next,
    validate: () => [],
    validateUpdate: () => [],
    columns: [name(), createdAt()],
    selectableFields: {},
    storagePrefix: draft.resource,
    ...draft,
  };
}

/** An object with a desired and an observed half. */
type Halves = ApiObject & { readonly spec?: unknown; readonly status?: unknown };

/** An object that has only these fields, with other metadata. */
function halvesWith<T extends Halves>(object: T, apiVersion: string, kind: string, metadata: ObjectMeta): T {
  return { apiVersion, kind, metadata, spec: object.spec, status: object.status } as T;
}

/** A new object begins with an empty status: the strategies of most kinds clear it. */
export function withoutStatus<T extends Halves>(object: T): T {
  const { type } = modelSchema(object.kind).fields.get('status')!;
  return { ...object, status: type.kind === 'object' ? emptyOf(type.model) : undefined };
}

/** An update of the main resource keeps the stored status. */
export function keepStatus<T extends Halves>(next: T, previous: T): T {
  return next.status === previous.status ? next : { ...next, status: previous.status };
}

/** The subresource `status` of a kind: takes the status and keeps the spec. */
export function statusSubresource<T extends Halves>(options?: {
  readonly validateUpdate?: ObjectSubresource<T>['validateUpdate'];
  readonly keepsLabels?: boolean;
}): ObjectSubresource<T> {
  const keepsLabels = options?.keepsLabels ?? false;
  return {
    verbs: subresourceVerbs,
    prepareForUpdate(next, previous) {
      let result = next.spec === previous.spec ? next : { ...next, spec: previous.spec };
      if (keepsLabels && result.metadata.labels !== previous.metadata.labels)
        result = { ...result, metadata: { ...result.metadata, labels: previous.metadata.labels } };
      return result;
    },
    ...(options?.validateUpdate ? { validateUpdate: options.validateUpdate } : {}),
  };
}
