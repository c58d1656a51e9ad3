/** ComponentStatus: asks the scheduler, the controller manager and etcd how they are. Upstream: pkg/registry/core/componentstatus/rest.go. */
import type { ComponentCondition, ComponentStatus } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import { isErrno, textOf } from '../../../kernel/index.ts';
import type { ApiObject, List, ObjectMeta } from '../../../machinery/objects.ts';
import { notFound } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

interface Component {
  readonly name: string;
  check(server: ApiServer): Call<ComponentCondition>;
}

const healthy = (message: string): ComponentCondition => ({ type: 'Healthy', status: 'True', message });
const unhealthy = (message: string): ComponentCondition => ({ type: 'Healthy', status: 'False', message });

/** A component that answers /healthz on a port of the API server's own node. */
function* askPort(server: ApiServer, port: number): Call<ComponentCondition> {
  const url = `https://127.0.0.1:${port}/healthz`;
  const { net } = server.options;
  if (!net) return unhealthy(`Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`);
  try {
    const { status, body } = yield* net.request(
      { ip: '127.0.0.1', port },
      { method: 'GET', target: '/healthz', headers: {} },
      { tls: true },
    );
    const text = typeof body === 'string' ? textOf(body as ByteString) : '';
    return status === 200 ? healthy(text) : unhealthy(text);
  } catch (error) {
    if (!isErrno(error)) throw error;
    return unhealthy(`Get "${url}": dial tcp 127.0.0.1:${port}: connect: ${error.message.toLowerCase()}`);
  }
}

const components: readonly Component[] = [
  { name: 'scheduler', check: (server) => askPort(server, 10_259) },
  { name: 'controller-manager', check: (server) => askPort(server, 10_257) },
  {
    name: 'etcd-0',
    *check(server) {
      yield* server.etcd.linearizable();
      return healthy('ok');
    },
  },
];

function* statusOf(server: ApiServer, component: Component): Call<ComponentStatus> {
  const metadata = { name: component.name, creationTimestamp: undefined } as unknown as ObjectMeta;
  return { apiVersion: 'v1', kind: 'ComponentStatus', metadata, conditions: [yield* component.check(server)] };
}

/** GET of one component, or of all. */
export function* componentStatus(server: ApiServer, request: ApiRequest): Call<ApiObject | List<ApiObject>> {
  if (request.verb === 'get') {
    const component = components.find(({ name }) => name === request.name);
    if (!component) throw notFound(request.resource, request.name);
    return yield* statusOf(server, component);
  }
  const items: ApiObject[] = [];
  for (const component of components) items.push(yield* statusOf(server, component));
  return { items, metadata: { resourceVersion: '' } };
}
