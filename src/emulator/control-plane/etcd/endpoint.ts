/**
 * What an etcd member offers on its client port. Every write is proposed through `txn` and every read waits for
 * `linearizable` first, so that a raft group can stand between them and the data without a change of the callers.
 */
import type { Call, HttpHandler } from '../../kernel/index.ts';
import type { EtcdData, Transaction, TransactionResult } from './store.ts';

export interface EtcdStatus {
  readonly name: string;
  /** Member id in hexadecimal. */
  readonly id: string;
  readonly version: string;
  readonly dbSizeBytes: number;
  readonly isLeader: boolean;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly clientURLs: readonly string[];
  readonly peerURLs: readonly string[];
}

export interface EtcdEndpoint {
  /** Applied state; read it after `linearizable`. Only an API server and etcdctl do. */
  readonly data: EtcdData;
  txn(transaction: Transaction): Call<TransactionResult>;
  linearizable(): Call<void>;
  status(): EtcdStatus;
}

export const etcdVersion = '3.6.5';

/** A member that is its own majority. */
export function createSingleMember(
  data: EtcdData,
  options: { readonly name: string; readonly clientURLs?: readonly string[]; readonly peerURLs?: readonly string[] },
): EtcdEndpoint {
  const { name, clientURLs = [], peerURLs = [] } = options;
  return {
    data,
    *txn(transaction) {
      return data.txn(transaction);
    },
    *linearizable() {},
    status: () => ({
      name,
      id: '8e9e05c52164694d',
      version: etcdVersion,
      // Differs from Kubernetes: a guess from the number of keys; nothing is encoded.
      dbSizeBytes: 20_480 + data.keyspaces.reduce((sum, keyspace) => sum + keyspace.size * 2048, 0),
      isLeader: true,
      raftTerm: 2,
      raftIndex: data.revision + 7,
      clientURLs,
      peerURLs,
    }),
  };
}

/** The plain HTTP side: health and version, as kubeadm's probes ask for them. */
export function etcdHttp(): HttpHandler {
  const headers = { 'content-type': 'application/json' };
  return function* (request): Call<{ status: number; headers: Record<string, string>; body: string & object }> {
    const path = request.target.split('?')[0];
    if (path === '/grpc.health.v1.Health/Check')
      return { status: 200, headers: { 'grpc-status': '0' }, body: { status: 'SERVING' } as unknown as string & object };
    const [status, body] =
      path === '/health'
        ? [200, '{"health":"true","reason":""}']
        : path === '/livez' || path === '/readyz'
          ? [200, 'ok\n']
          : path === '/version'
            ? [200, `{"etcdserver":"${etcdVersion}","etcdcluster":"3.6.0"}`]
            : [404, '404 page not found\n'];
    return { status: status as number, headers, body: body as unknown as string & object };
  };
}
