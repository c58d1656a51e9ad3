/**
 * Authorization: Node, then RBAC, as kubeadm configures (`--authorization-mode=Node,RBAC`); before them the group
 * system:masters, which may do everything. The first authorizer that allows ends the question.
 */
import type { StatusError } from '../../../machinery/status-error.ts';
import { forbidden } from '../../../machinery/status-error.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';

export type { Attributes, Authorizer, Decision } from './attributes.ts';
export { NodeAuthorizer } from './node.ts';
export { RbacAuthorizer } from './rbac.ts';

const superuser: Authorizer = {
  authorize: ({ user }) => (user.groups.includes('system:masters') ? { verdict: 'allow', reason: '' } : { verdict: 'none', reason: '' }),
};

/** Asks each authorizer in turn; the reasons of those that had no opinion are joined. */
export function unionOf(authorizers: readonly Authorizer[]): Authorizer {
  const all = [superuser, ...authorizers];
  return {
    authorize(attributes): Decision {
      let reasons = '';
      for (const authorizer of all) {
        const decision = authorizer.authorize(attributes);
        if (decision.verdict === 'allow') return decision;
        if (decision.reason !== '') reasons = reasons === '' ? decision.reason : `${reasons}\n${decision.reason}`;
      }
      return { verdict: 'none', reason: reasons };
    },
  };
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
