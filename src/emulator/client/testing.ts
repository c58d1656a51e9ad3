/** A client for tests: over a session that is already open, without a network between. */
import type { ApiSession } from '../control-plane/kube-apiserver/endpoint.ts';
import type { Connection, Kernel, NetNamespace } from '../kernel/index.ts';
import { connectClient } from './connect-client.ts';
import type { SessionClient } from './connect-client.ts';

/** A client that makes its calls in the given session. */
export function clientOver(kernel: Kernel, session: ApiSession, agent = 'test'): SessionClient {
  const server = { ip: '172.18.0.2', port: 6443 };
  const endpoint = { open: () => session };
  const connection: Connection = { local: server, remote: server, service: { endpoint }, isOpen: true, onClose: () => {}, close: () => {} };
  const net = {
    // biome-ignore lint/correctness/useYield: connecting never waits here
    *connect() {
      return connection;
    },
  } as unknown as NetNamespace;
  return connectClient({ kernel, net, server, credential: { type: 'anonymous' }, agent });
}
