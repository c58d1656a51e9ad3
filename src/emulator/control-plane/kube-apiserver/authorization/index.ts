/**
 * Authorization: Node, then RBAC, as kubeadm configures (`--authorization-mode=Node,RBAC`); before them the group
 * system:masters, which may do everything. The first authorizer that allows or denies ends the question. A file
 * (`--authorization-config`) may put webhooks between them.
 */
import type { StatusError } from '../../../machinery/status-error.ts';
import { forbidden } from '../../../machinery/status-error.ts';
import { RequestFailure } from '../request-failure.ts';
import type { Attributes, Decision } from './attributes.ts';

export type { Attributes, Authorizer, Decision } from './attributes.ts';
export { Authorization } from './authorization.ts';
export type { AuthorizationOptions } from './authorization.ts';
export { RbacAuthorizer } from './rbac.ts';

/** What a client gets that was not allowed: 403, or 500 when nobody could be asked (endpoints/filters/authorization.go). */
export function refusalOf(attributes: Attributes, { reason, error }: Decision): StatusError {
  return error === undefined ? refusal(attributes, reason) : new RequestFailure(error);
}

/** The 403 that a refused client gets (apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
export function refusal({ user, verb, group, resource, subresource, namespace, name, path }: Attributes, reason: string): StatusError {
  const more = reason === '' ? '' : `: ${reason}`;
  if (resource === '')
    return forbidden(
      { group: '', resource: '' },
      '',
      `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}${more}`,
    );
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    { group, resource },
    name,
    `User ${JSON.stringify(user.name)} cannot ${verb} resource "${what}" in API group "${group}" ${where}${more}`,
  );
}
