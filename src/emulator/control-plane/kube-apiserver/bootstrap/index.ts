/** What an API server puts in place when it starts: system namespaces, bootstrap RBAC, system priority classes (pkg/controlplane, PostStartHooks). */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { isAlreadyExists } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import { openSessionAs } from '../session.ts';

/** The server's own client (`--loopback`), which may do everything. */
export const loopbackUser = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

/** Creates what is missing and leaves what is there. */
export function* bootstrap(server: ApiServer): Call<void> {
  const session = openSessionAs(server, loopbackUser, 'kube-apiserver');
  const ensure = function* (apiVersion: string, resource: string, object: unknown): Call<void> {
    const { descriptor } = server.registry.find(apiVersion, resource)!;
    try {
      yield* session.call<ApiObject>({ verb: 'create', kind: descriptor, object });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  for (const name of systemNamespaces) yield* ensure('v1', 'namespaces', { metadata: { name } });
}
