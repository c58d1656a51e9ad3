/** The API server's way to etcd: one connection, made again when it broke. Without etcd every request fails, as upstream's do. */
import type { Address, Call, Connection, NetNamespace } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { failure, StatusError } from '../../machinery/status-error.ts';
import type { EtcdEndpoint } from '../etcd/index.ts';

/** Throws the Errno of the last server when none can be reached. */
export function* dialEtcd(
  net: NetNamespace,
  servers: readonly Address[],
): Call<{ readonly connection: Connection; readonly endpoint: EtcdEndpoint }> {
  for (const [i, server] of servers.entries()) {
    try {
      const connection = yield* net.connect(server, { timeoutMs: 5000 });
      const endpoint = connection.service.endpoint as EtcdEndpoint | undefined;
      if (endpoint) return { connection, endpoint };
      connection.close();
    } catch (error) {
      if (!isErrno(error) || i === servers.length - 1) throw error;
    }
  }
  throw new Error('no etcd server');
}

/** An endpoint that follows the connection. Its data are those of the first connection: a member keeps its directory. */
export function* connectEtcd(net: NetNamespace, servers: readonly Address[]): Call<EtcdEndpoint & { close(): void }> {
  let current = yield* dialEtcd(net, servers);
  const { data } = current.endpoint;
  function* ready(): Call<EtcdEndpoint> {
    if (!current.connection.isOpen) {
      try {
        current = yield* dialEtcd(net, servers);
      } catch (error) {
        if (!isErrno(error)) throw error;
        const { ip, port } = servers[0]!;
        const why = `dial tcp ${ip}:${port}: connect: ${error.message.toLowerCase()}`;
        throw new StatusError(
          failure(500, '', `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${why}"`),
        );
      }
    }
    return current.endpoint;
  }
  return {
    data,
    *txn(transaction) {
      const endpoint = yield* ready();
      return yield* endpoint.txn(transaction);
    },
    *linearizable() {
      const endpoint = yield* ready();
      yield* endpoint.linearizable();
    },
    status: () => current.endpoint.status(),
    close: () => current.connection.close(),
  };
}
