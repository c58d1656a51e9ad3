/**
 * The endpoints of the Service `kubernetes`: the addresses of all API servers that run (pkg/controlplane/reconcilers/lease.go).
 *
 * - Each API server renews a key of its own under /registry/masterleases, which goes with its lease.
 * - Each writes down whoever holds such a key. One that ends takes its own away.
 *
 * Differs from Kubernetes: as long as etcd has one member, an API server takes itself to be the only one and holds no lease.
 */
import type { Endpoints, EndpointSlice } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import { isIPv6Text } from '../../../machinery/ipv6.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { ApiSession } from '../endpoint.ts';
import type { ApiServer } from '../server.ts';
import { ensure } from './ensure.ts';

const ttlMs = 15_000;
const periodMs = 10_000;
const prefix = '/registry/masterleases/';

export class OwnEndpoints {
  readonly #server: ApiServer;
  readonly #session: ApiSession;
  readonly #ip: string;

  constructor(server: ApiServer, session: ApiSession, ip: string) {
    this.#server = server;
    this.#session = session;
    this.#ip = ip;
  }

  *start(): Call<void> {
    yield* this.#reconcile();
    this.#server.kernel.loop.after(periodMs, this.#again, undefined, true);
  }

  readonly #again = (): void => {
    if (this.#server.isStopped) return;
    if (this.#hasCompany) this.#server.kernel.fiber(this.#reconcile(), { background: true });
    this.#server.kernel.loop.after(periodMs, this.#again, undefined, true);
  };

  get #hasCompany(): boolean {
    return this.#server.etcd.status().members.length > 1;
  }

  *#reconcile(): Call<void> {
    try {
      const ips = this.#hasCompany ? yield* this.#register() : [this.#ip];
      yield* this.#publish(ips);
    } catch (error) {
      // etcd has no leader, or another API server was quicker: there is another time.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Renews the own key and returns whoever has one. */
  *#register(): Call<readonly string[]> {
    const { etcd } = this.#server;
    const keyspace = etcd.data.keyspace(prefix, { isQuiet: true, retain: 16 });
    const lease = yield* etcd.grant(ttlMs);
    const value = { kind: 'Endpoints', apiVersion: 'v1', metadata: {}, subsets: [{ addresses: [{ ip: this.#ip }] }] };
    yield* etcd.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name: this.#ip, value, lease }] });
    yield* etcd.linearizable(keyspace);
    return keyspace.list().map(({ name }) => name);
  }

  *#publish(ips: readonly string[]): Call<void> {
    const [server, session] = [this.#server, this.#session];
    const port = server.options.securePort ?? 6443;
    const ports = [{ name: 'https', port, protocol: 'TCP' }];
    const metadata = { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } };
    const subsets = [{ addresses: ips.map((ip) => ({ ip })), ports }];
    yield* ensure(server, session, 'v1', 'endpoints', { metadata, subsets }, (stored) =>
      equal((stored as Endpoints).subsets, subsets) ? undefined : ({ ...stored, subsets } as Endpoints),
    );
    const endpoints = ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } }));
    const slice = {
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: isIPv6Text(this.#ip) ? 'IPv6' : 'IPv4',
      endpoints,
      ports,
    };
    yield* ensure(server, session, 'discovery.k8s.io/v1', 'endpointslices', slice, (stored) => {
      const found = stored as EndpointSlice;
      const addresses = (found.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
      return equal(addresses, ips) ? undefined : { ...found, endpoints };
    });
  }
}
