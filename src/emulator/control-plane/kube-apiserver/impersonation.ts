/** Impersonation: `kubectl --as`. Each name that is taken on must be allowed by the verb `impersonate`. Upstream: endpoints/filters/impersonation. */
import type { Headers } from '../../kernel/index.ts';
import { badRequest } from '../../machinery/status-error.ts';
import { refusal } from './authorization/index.ts';
import type { UserInfo } from './request.ts';
import type { ApiServer } from './server.ts';

/** The user that the request speaks for: the client itself without the headers. Throws 403 when it may not. */
export function impersonated(server: ApiServer, user: UserInfo, headers: Headers): UserInfo {
  const name = headers['impersonate-user'];
  const groups = headers['impersonate-group']?.split(/, ?/).filter((group) => group !== '') ?? [];
  const uid = headers['impersonate-uid'];
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined) throw badRequest(`requested ${JSON.stringify(groups)} without impersonating a user`);
    return user;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) allow(server, user, { resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! });
  else allow(server, user, { resource: 'users', name });
  for (const group of groups) allow(server, user, { resource: 'groups', name: group });
  if (uid !== undefined) allow(server, user, { resource: 'uids', name: uid, group: 'authentication.k8s.io' });
  const own = account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : groups;
  const everyone = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return { name, uid, groups: own.includes(everyone) ? own : [...own, everyone] };
}

function allow(
  server: ApiServer,
  user: UserInfo,
  what: { readonly resource: string; readonly namespace?: string; readonly name: string; readonly group?: string },
): void {
  const attributes = {
    user,
    verb: 'impersonate',
    group: what.group ?? '',
    version: 'v1',
    resource: what.resource,
    subresource: '',
    namespace: what.namespace ?? '',
    name: what.name,
    path: '',
  };
  const { verdict, reason } = server.authorizer.authorize(attributes);
  if (verdict !== 'allow') throw refusal(attributes, reason);
}
