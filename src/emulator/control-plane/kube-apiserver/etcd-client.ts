/** The API server's way to etcd: one connection, made again when it broke. Without etcd every request fails, as upstream's do. */
import type { Address, Call, Connection, Errno, NetNamespace } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { failure, StatusError } from '../../machinery/status-error.ts';
import type { Handshake } from '../../machinery/x509/index.ts';
import { shakeHands, TlsError } from '../../machinery/x509/index.ts';
import type { EtcdEndpoint } from '../etcd/index.ts';
import { EtcdError, etcdErrors } from '../etcd/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';

interface Dialed {
  readonly connection: Connection;
  readonly endpoint: EtcdEndpoint;
}

/** --request-timeout: as long a read is tried again (clientv3, retry_interceptor.go); a write is not. */
const requestTimeoutMs = 60_000;
const retryMs = 25;
/** What goes away by itself when a leader is there again. */
const transient: ReadonlySet<string> = new Set([
  etcdErrors.timeout,
  etcdErrors.timeoutLeaderFailed,
  etcdErrors.timeoutConnectionLost,
  etcdErrors.leaderChanged,
]);

/** Whom the API server believes, and what it shows; undefined where it looks at nothing. Made for each connection. */
export type EtcdTls = ((host: string) => Handshake | undefined) | undefined;

/** Throws a TlsError. */
function greet(connection: Connection, tls: EtcdTls, host: string): void {
  const handshake = tls?.(host);
  if (!handshake || !connection.service.isTls) return;
  try {
    shakeHands(connection.service, { ...handshake, from: connection.local });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Why a member cannot be reached, as gRPC words it. */
export function dialProblem(error: Errno, { ip, port }: Address): string {
  // With TLS 1.3 the server looks at its client once that has said its part.
  if (error instanceof TlsError && !error.message.startsWith('tls: ')) return `error reading server preface: ${error.message}`;
  if (error instanceof TlsError) return `transport: authentication handshake failed: ${error.message}`;
  return `transport: Error while dialing: dial tcp ${hostPort(ip, port)}: connect: ${error.message.toLowerCase()}`;
}

/** Throws the Errno of the last server when none can be reached. */
function* dialEtcd(net: NetNamespace, servers: readonly Address[], tls: EtcdTls): Call<Dialed> {
  for (const [i, server] of servers.entries()) {
    try {
      const connection = yield* net.connect(server, { timeoutMs: 5000 });
      greet(connection, tls, server.ip);
      const endpoint = connection.service.endpoint as EtcdEndpoint | undefined;
      if (endpoint) return { connection, endpoint };
      connection.close();
    } catch (error) {
      if (!isErrno(error) || i === servers.length - 1) throw error;
    }
  }
  throw new Error('no etcd server');
}

const unavailable = (why: string): StatusError =>
  new StatusError(failure(500, '', `rpc error: code = Unavailable desc = connection error: desc = "${why}"`));

export interface EtcdConnection extends EtcdEndpoint {
  close(): void;
}

/**
 * An endpoint that follows the connection. Its data are those of the first connection; `onOtherStore` is called when another store
 * answers after a while, as after a restore.
 */
export function* connectEtcd(net: NetNamespace, servers: readonly Address[], tls: EtcdTls, onOtherStore: () => void): Call<EtcdConnection> {
  let current = yield* dialEtcd(net, servers, tls);
  const { data } = current.endpoint;
  function* ready(): Call<EtcdEndpoint> {
    if (current.connection.isOpen) return current.endpoint;
    try {
      current = yield* dialEtcd(net, servers, tls);
    } catch (error) {
      if (!isErrno(error)) throw error;
      throw unavailable(dialProblem(error, servers[0]!));
    }
    if (current.endpoint.data !== data) {
      onOtherStore();
      throw unavailable('transport: Error while dialing: another store');
    }
    return current.endpoint;
  }
  function* ask<T>(call: (endpoint: EtcdEndpoint) => Call<T>): Call<T> {
    const endpoint = yield* ready();
    try {
      return yield* call(endpoint);
    } catch (error) {
      throw error instanceof EtcdError ? new StatusError(failure(500, '', error.message)) : error;
    }
  }
  return {
    data,
    txn: (transaction) => ask((endpoint) => endpoint.txn(transaction)),
    *linearizable(of, timeoutMs = requestTimeoutMs) {
      const { loop } = data.kernel;
      const until = loop.now + timeoutMs;
      for (;;) {
        const endpoint = yield* ready();
        try {
          return yield* endpoint.linearizable(of, Math.min(timeoutMs, until - loop.now));
        } catch (error) {
          if (!(error instanceof EtcdError)) throw error;
          if (!transient.has(error.message)) throw new StatusError(failure(500, '', error.message));
        }
        if (loop.now + retryMs >= until) throw new StatusError(failure(504, 'Timeout', timedOut));
        yield* data.kernel.sleep(retryMs, data.kernel.isInBackground);
      }
    },
    grant: (ttlMs) => ask((endpoint) => endpoint.grant(ttlMs)),
    revoke: (lease) => ask((endpoint) => endpoint.revoke(lease)),
    compact: (revision) => ask((endpoint) => endpoint.compact(revision)),
    status: () => current.endpoint.status(),
    close: () => current.connection.close(),
  };
}

const timedOut = 'Timeout: request did not complete within the allotted timeout';
