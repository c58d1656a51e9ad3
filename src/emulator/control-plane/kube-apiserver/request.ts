/** What the pipeline's stages hand on: one request, whoever sent it and however it came. */
import type { ListOptions, Patch, WriteOptions } from '../../client/client.ts';
import type { Verb } from '../../api/kind.ts';
import type { ManagedFieldsEntry } from '../../machinery/objects.ts';
import type { AuditEntry } from './audit/index.ts';
import type { Resource } from './registry.ts';

/** An authenticated user. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  /** Such as `authentication.kubernetes.io/pod-name` of a bound token. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined } | undefined;
}

/** A request for a resource, after its address was understood. Stages fill in what they find out. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly resource: Resource;
  /** '' for the resource itself. */
  readonly subresource: string;
  /** '' for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** '' when the request names no object. */
  readonly name: string;
  /** Set by authentication, replaced by impersonation. */
  user: UserInfo;
  /** The first word of the client's user agent. */
  readonly agent: string;
  /** The object or the action's body. */
  body?: unknown;
  /** What reading the body's text found: keys that stand twice. */
  readonly bodyErrors?: readonly string[] | undefined;
  /** The body was made by this program from typed values: decoding would find nothing. */
  readonly isTyped: boolean;
  readonly patch?: Patch | undefined;
  readonly list?: ListOptions | undefined;
  readonly write?: WriteOptions | undefined;
  readonly delete?: DeleteRequest | undefined;
  readonly isDryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Query parameters of subresources that connect (log, exec, proxy). */
  readonly query?: ReadonlyMap<string, readonly string[]> | undefined;
  /** What the client gets as `Warning:` headers. */
  readonly warnings: string[];
  /** Its entry in the audit log; absent when the policy keeps nothing of it. */
  audit?: AuditEntry | undefined;
  /** What admission has to say to whoever reads the audit log. */
  auditAnnotations?: Record<string, string> | undefined;
  /** Why authorization allowed it, kept for the trace and the audit. */
  authorizationReason: string;
  /** What server-side apply found out about ownership. */
  managedFields?: readonly ManagedFieldsEntry[] | undefined;
  /** An apply or update made the object: the answer is 201. */
  isCreated?: boolean | undefined;
}

/** The code of an answer that is no failure. */
export const successCode = ({ verb, isCreated }: Pick<ApiRequest, 'verb' | 'isCreated'>): 200 | 201 =>
  verb === 'create' || isCreated === true ? 201 : 200;

/** The address of an object, of one of its subresources or, without a name, of a collection. */
export function pathOf({
  resource,
  namespace,
  name,
  subresource,
}: Pick<ApiRequest, 'resource' | 'namespace' | 'name' | 'subresource'>): string {
  const { group, version, resource: plural, descriptor } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === '' || !descriptor.isNamespaced ? '' : `/namespaces/${namespace}`;
  return [`${root}${scope}/${plural}`, name, subresource].filter((part) => part !== '').join('/');
}
