/**
 * `StatusError`: the one error of the API, carrying the `Status` that goes over the wire. Made by the constructors below with
 * upstream's words and told apart by the predicates, never by message text.
 * Upstream: `apimachinery/pkg/api/errors/errors.go`.
 */
import { Refusal } from '../kernel/errno.ts';
import { aggregateText, type FieldError, fieldErrorBody, fieldErrorText } from './field-error.ts';
import { quote } from './go-quote.ts';

export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
  readonly code?: number | undefined;
}

export class StatusError extends Refusal {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? '');
    this.name = 'StatusError';
    this.status = status;
  }

  get code(): number {
    return this.status.code ?? 0;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** A resource by group and plural name, or a kind by group and name; `{ group: '', resource: '' }` where there is none. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** `deployments.apps`, or `pods` in the core group. */
export const groupResourceText = ({ group, resource }: GroupResource): string => (group === '' ? resource : `${resource}.${group}`);
const groupKindText = ({ group, kind }: GroupKind): string => (group === '' ? kind : `${kind}.${group}`);

/** Leaves out what is empty, in the order of the wire. */
function detailsOf(details: StatusDetails): StatusDetails {
  const out: Record<string, unknown> = {};
  if (details.name) out.name = details.name;
  if (details.group) out.group = details.group;
  if (details.kind) out.kind = details.kind;
  if (details.uid) out.uid = details.uid;
  if (details.causes && details.causes.length > 0) out.causes = details.causes;
  if (details.retryAfterSeconds) out.retryAfterSeconds = details.retryAfterSeconds;
  return out;
}

/** A failure `Status` as it goes over the wire. */
export function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const;
  if (reason === '') return details ? { ...base, details: detailsOf(details), code } : { ...base, code };
  return details ? { ...base, reason, details: detailsOf(details), code } : { ...base, reason, code };
}

const make = (code: number, reason: string, message: string, details?: StatusDetails): StatusError =>
  new StatusError(failure(code, reason, message, details));

const detailsFor = ({ group, resource }: GroupResource, name: string): StatusDetails => ({ name, group, kind: resource });

export function badRequest(message: string): StatusError {
  return make(400, 'BadRequest', message);
}

export function unauthorized(message = ''): StatusError {
  return make(401, 'Unauthorized', message === '' ? 'not authorized' : message);
}

/** What an authorizer or an admission plugin refuses; the message names the resource, then gives `reason`. */
export function forbidden(resource: GroupResource, name: string, reason: string): StatusError {
  const what = groupResourceText(resource);
  const isEmpty = resource.group === '' && resource.resource === '';
  const message = isEmpty
    ? `forbidden: ${reason}`
    : name === ''
      ? `${what} is forbidden: ${reason}`
      : `${what} ${quote(name)} is forbidden: ${reason}`;
  return make(403, 'Forbidden', message, detailsFor(resource, name));
}

export function notFound(resource: GroupResource, name: string): StatusError {
  return make(404, 'NotFound', `${groupResourceText(resource)} ${quote(name)} not found`, detailsFor(resource, name));
}

/** What the server says of a path that none of its resources has. */
export const noSuchResource = (): StatusError => make(404, 'NotFound', 'the server could not find the requested resource', {});

export function methodNotSupported(resource: GroupResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${quote(groupResourceText(resource))}`;
  return make(405, 'MethodNotAllowed', message, detailsFor(resource, ''));
}

export function notAcceptable(message: string): StatusError {
  return make(406, 'NotAcceptable', message);
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return make(409, 'AlreadyExists', `${groupResourceText(resource)} ${quote(name)} already exists`, detailsFor(resource, name));
}

export function generateNameConflict(resource: GroupResource, name: string, retryAfterSeconds: number): StatusError {
  const message = `${groupResourceText(resource)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  return make(409, 'AlreadyExists', message, { ...detailsFor(resource, name), retryAfterSeconds });
}

export function conflict(resource: GroupResource, name: string, reason: string): StatusError {
  const message = `Operation cannot be fulfilled on ${groupResourceText(resource)} ${quote(name)}: ${reason}`;
  return make(409, 'Conflict', message, detailsFor(resource, name));
}

/** What a writer with an old resourceVersion is told. Upstream: `registry.OptimisticLockErrorMsg`. */
export const optimisticLockMessage = 'the object has been modified; please apply your changes to the latest version and try again';

/** Server-side apply met fields of other managers. */
export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return make(409, 'Conflict', message, { causes });
}

export function gone(message: string): StatusError {
  return make(410, 'Gone', message);
}

/** The resourceVersion asked for is compacted away. */
export function expired(message: string): StatusError {
  return make(410, 'Expired', message);
}

export function requestEntityTooLarge(message: string): StatusError {
  return make(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

export function unsupportedMediaType(message: string): StatusError {
  return make(415, 'UnsupportedMediaType', message);
}

export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((error): StatusCause => ({ reason: error.type, message: fieldErrorBody(error), field: error.field }));
  const subject = `${groupKindText(kind)} ${quote(name)} is invalid`;
  const message = errors.length === 0 ? subject : `${subject}: ${aggregateText(errors.map(fieldErrorText))}`;
  return make(422, 'Invalid', message, { name, group: kind.group, kind: kind.kind, causes });
}

export function tooManyRequests(message: string, retryAfterSeconds = 0): StatusError {
  return make(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function internalError(message: string): StatusError {
  return make(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function serverTimeout(resource: GroupResource, operation: string, retryAfterSeconds = 0): StatusError {
  const message = `The ${operation} operation against ${groupResourceText(resource)} could not be completed at this time, please try again.`;
  return make(500, 'ServerTimeout', message, { ...detailsFor(resource, operation), retryAfterSeconds });
}

export function serviceUnavailable(message: string): StatusError {
  return make(503, 'ServiceUnavailable', message);
}

export function timeout(message: string, retryAfterSeconds = 0): StatusError {
  return make(504, 'Timeout', `Timeout: ${message}`, { retryAfterSeconds });
}

/** Whether an error is a StatusError of this reason. Statuses without a known reason are told by their code, as upstream does. */
const hasReason =
  (reason: string, code?: number) =>
  (error: unknown): error is StatusError =>
    error instanceof StatusError && (error.reason === reason || (code !== undefined && error.reason === '' && error.code === code));

export const isNotFound = hasReason('NotFound', 404);
export const isAlreadyExists = hasReason('AlreadyExists');
export const isConflict = hasReason('Conflict', 409);
export const isInvalid = hasReason('Invalid', 422);
export const isGone = hasReason('Gone', 410);
export const isExpired = hasReason('Expired');
export const isForbidden = hasReason('Forbidden', 403);
export const isUnauthorized = hasReason('Unauthorized', 401);
export const isBadRequest = hasReason('BadRequest', 400);
export const isTimeout = hasReason('Timeout', 504);
export const isServerTimeout = hasReason('ServerTimeout');
export const isInternalError = hasReason('InternalError', 500);
export const isServiceUnavailable = hasReason('ServiceUnavailable', 503);
export const isTooManyRequests = hasReason('TooManyRequests', 429);
export const isMethodNotSupported = hasReason('MethodNotAllowed', 405);
export const isNotAcceptable = hasReason('NotAcceptable', 406);
export const isUnsupportedMediaType = hasReason('UnsupportedMediaType', 415);
export const isRequestEntityTooLarge = hasReason('RequestEntityTooLarge', 413);

/** Whether a namespace refuses new content because it is going away. Upstream: `HasStatusCause(err, NamespaceTerminatingCause)`. */
export function hasCause(error: unknown, reason: string): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === reason);
}
