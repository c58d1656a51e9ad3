/**
 * The descriptor of a kind: the one place that says what a kind is called, how it is defaulted, validated, printed and
 * stored. REST, discovery, OpenAPI, tables, kubectl and the typed client all read it. Adding a built-in kind is one file
 * under `api/<group>/` and one line in `kinds.ts`; a CustomResourceDefinition makes the same descriptor at run time.
 */
import type { JSONSchemaProps, WebhookConversion } from './generated/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import type { ApiObject, ObjectMeta } from '../machinery/objects.ts';

/** What the strategy of a kind may look at. */
export interface StrategyContext {
  /** RFC 3339 with seconds. */
  readonly now: string;
  /** The user who asks, for kinds that record it (CertificateSigningRequest). */
  readonly user: {
    readonly name: string;
    readonly uid?: string | undefined;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
  };
  /** A warning to the client that only the object as it was sent can earn. */
  readonly warn: (text: string) => void;
}

export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` for the name of the object; else as the definition of a custom resource has it. */
  readonly format?: string | undefined;
  readonly description: string;
  /** Above 0: shown with `-o wide` only. */
  readonly priority: number;
  /** A cell as the API server's printers make it; `nowMs` is Unix milliseconds, for ages. */
  cell(object: T, nowMs: number): string | number | boolean | null;
}

/** Reads a selectable field. The method form lets a list hold descriptors of different kinds. */
type FieldGetter<T> = { get(object: T): string }['get'];

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Another kind in whose shape an object can be read and written. */
interface ObjectView<T extends ApiObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  get(object: T): ApiObject;
  /** The object with what the body says, as the client sent it. */
  set(object: T, as: ApiObject): T;
}

/** A subresource that reads and writes the object itself, in part (status, scale, ephemeralcontainers, resize). */
export interface ObjectSubresource<T extends ApiObject> {
  readonly verbs: readonly Verb[];
  /** Takes from `next` what this subresource may change, and the rest from `previous`. */
  prepareForUpdate(next: T, previous: T, context: StrategyContext): T;
  validateUpdate?(next: T, previous: T): readonly FieldError[];
  /** Another kind that stands for the object here: autoscaling/v1 Scale. */
  readonly as?: ObjectView<T>;
}

/** A subresource that is an action with a body of its own kind (binding, eviction, token, log, exec); the API server's room has its code. */
export interface ActionSubresource {
  readonly verbs: readonly Verb[];
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
}

/** Another kind that is stored, of which a kind shows the same objects in other words. */
export interface KindView {
  readonly kind: Kind;
  /** The stored object in the words of the view. */
  get(stored: ApiObject): ApiObject;
  /** What a client sent in the words of the view, as it is stored. */
  set(sent: ApiObject): ApiObject;
  /** What is asked of a new object beyond the rules of what is stored. */
  validateNew(sent: ApiObject): readonly FieldError[];
  /** The stored kind's name of a selectable field. */
  fieldName(name: string): string;
}

/** How the versions of a custom resource come from one another, where they differ in more than their name. */
export interface KindConversion {
  /** `example.com/v1`: in which objects are stored. */
  readonly storageVersion: string;
  readonly webhook: WebhookConversion;
}

export interface Kind<T extends ApiObject = ApiObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, lower case: what stands in a URL. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  /** Verbs of the resource itself; kinds that are only asked (SubjectAccessReview) have just `create`. */
  readonly verbs: readonly Verb[];
  /** The model in the generated schema. */
  readonly model: string;
  readonly subresources: Readonly<Record<string, ObjectSubresource<T> | ActionSubresource>>;
  /**
   * The object with other metadata, under the kind's own name and version. Each write makes such copies, and an engine that copies
   * objects of many shapes in one place gives none of them a shape: so kinds that are written often name their fields.
   */
  withMetadata(object: T, metadata: ObjectMeta): T;
  /** Whether metadata.generation counts changes of the desired state. */
  readonly hasGeneration: boolean;
  /** Default values as upstream's SetDefaults_… and SetObjectDefaults_…. Returns its argument when there is nothing to add. */
  setDefaults(object: T): T;
  /** Whether `setDefaults` changes the status too. */
  readonly defaultsStatus?: boolean | undefined;
  /** Clears or fills what a client may not set when it creates (status, generation-like fields). */
  prepareForCreate(object: T, context: StrategyContext): T;
  /** Takes from `previous` what an update of the main resource may not change. */
  prepareForUpdate(next: T, previous: T, context: StrategyContext): T;
  validate(object: T): readonly FieldError[];
  validateUpdate(next: T, previous: T): readonly FieldError[];
  /** Warnings that a client gets (`Warning:` header) for what it sent: deprecated fields, fields that are not simulated. */
  warnings?(object: T, previous: T | undefined): readonly string[];
  /** Warning for every request for this resource, reads included: the version is deprecated. */
  readonly deprecation?: string;
  /** Columns of kubectl get, the name column included. */
  readonly columns: readonly Column<T>[];
  /** The order of a table's rows, where it is not that of the keys. */
  tableOrder?(a: T, b: T): number;
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, FieldGetter<T>>>;
  /** The kind whose objects these are; everything but the columns is then that kind's. */
  readonly viewOf?: KindView;
  /** Where etcd keeps it, e.g. `pods`, `services/specs`, `minions`, `deployments`: `/registry/<prefix>/<namespace>/<name>`. */
  readonly storagePrefix: string;
  /** Grace period of a delete when the client names none; only Pods have one. */
  gracePeriodSeconds?(object: T): number;
  /** Objects that expire by themselves after this much virtual time (Events: one hour). */
  readonly ttlMs?: number;
  /** Reads what a client sent in place of the model's decoding: the object without unknown fields, and an error for each of them. */
  decode?(value: object): { readonly object: object; readonly strictErrors: readonly string[] };
  /** What metadata.generation counts changes of; the spec by default. */
  desiredState?(object: T): unknown;
  /** The structural schema of a custom resource, for OpenAPI documents. */
  readonly openAPISchema?: JSONSchemaProps;
  /** A finalizer that a deletion adds: something must be done before the object may go. */
  readonly deletionFinalizer?: string;
  /** A webhook that makes one version of a custom resource from another; without it they differ in their name only. */
  readonly conversion?: KindConversion | undefined;
  /** Made at run time from a CustomResourceDefinition, or told by an aggregated API server: nothing that is special to a built-in resource applies. */
  readonly isCustom?: boolean;
  /** The kind of a list, where it is not the kind and `List`. */
  readonly listKind?: string | undefined;
  /** This is another version of a kind, whose objects are stored in the kind's own. */
  readonly view?: {
    fromStored(object: ApiObject): ApiObject;
    /** Of what a client sent, be it a part only. */
    toStored(object: ApiObject): ApiObject;
  };
  /** How deletion treats dependents when the client does not say. */
  readonly defaultPropagation?: 'Background' | 'Orphan' | 'Foreground';
  /** Warning for a deletion that does not say and so leaves the dependents. */
  readonly orphanWarning?: string;
}

export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}
