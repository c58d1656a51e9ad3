/** A client for tests: over a session that is already open, without a network between. */
import type { Kind } from '../api/kind.ts';
import { clusterRoles, roles } from '../api/rbac/role.ts';
import { clusterRoleBindings, roleBindings } from '../api/rbac/role-binding.ts';
import { bootstrapPolicy } from '../control-plane/kube-apiserver/authorization/bootstrap-policy/index.ts';
import type { ApiSession } from '../control-plane/kube-apiserver/endpoint.ts';
import type { Call, Connection, Kernel, NetNamespace } from '../kernel/index.ts';
import type { ApiObject, Draft } from '../machinery/objects.ts';
import { isAlreadyExists } from '../machinery/status-error.ts';
import type { Client } from './client.ts';
import type { SessionClient } from './connect-client.ts';
import { connectClient } from './connect-client.ts';

/** A client that makes its calls in the given session. */
export function clientOver(kernel: Kernel, session: ApiSession, agent = 'test'): SessionClient {
  const server = { ip: '172.18.0.2', port: 6443 };
  const endpoint = { open: () => session };
  const connection: Connection = { local: server, remote: server, service: { endpoint }, isOpen: true, onClose: () => {}, close: () => {} };
  const net = {
    addresses: [server.ip],
    *connect() {
      return connection;
    },
  } as unknown as NetNamespace;
  return connectClient({ kernel, net, server, credential: { type: 'anonymous' }, agent });
}

/** Puts the bootstrap RBAC policy in place where the API server has not done so itself. */
export function* ensurePolicy(client: Client): Call<void> {
  const { clusterRoles: all, clusterRoleBindings: allBindings, roles: namespaced, roleBindings: namespacedBindings } = bootstrapPolicy();
  const ensure = function* <T extends ApiObject>(kind: Kind<T>, drafts: readonly Draft<T>[]): Call<void> {
    for (const draft of drafts) {
      try {
        yield* client.create(kind, draft);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  };
  yield* ensure(clusterRoles, all);
  yield* ensure(clusterRoleBindings, allBindings);
  yield* ensure(roles, namespaced);
  yield* ensure(roleBindings, namespacedBindings);
}
