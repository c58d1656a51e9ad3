/**
 * An IPAddress for each address of a Service, named by it (pkg/registry/core/service/ipallocator and its repair loop,
 * pkg/registry/core/service/ipallocator/controller/repairip.go).
 *
 * Differs from Kubernetes: the Service is written first and its IPAddress follows in the same instant, where upstream takes the
 * address before it writes the Service.
 */
import type { IPAddress, Service } from '../../../api/generated/types.ts';
import { ipAddresses } from '../../../api/networking/ip-address.ts';
import { Workqueue } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { isAlreadyExists, isNotFound } from '../../../machinery/status-error.ts';
import type { ApiSession } from '../endpoint.ts';
import type { ApiServer } from '../server.ts';
import { familyOf } from './addresses.ts';

const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const managedBy = 'ipallocator.k8s.io';

const addressesOf = (service: Service | undefined): readonly string[] =>
  (service?.spec?.clusterIPs ?? []).filter((ip) => ip !== '' && ip !== 'None');

interface Changed {
  readonly current?: { readonly value: object } | undefined;
  readonly previous?: { readonly value: object } | undefined;
}

/** Keeps IPAddresses as the stored Services want them. */
export class IPAddresses {
  readonly #server: ApiServer;
  readonly #session: ApiSession;
  readonly #queue: Workqueue<string>;
  /** Services by address. */
  readonly #owners = new Map<string, Service>();

  constructor(server: ApiServer, session: ApiSession) {
    this.#server = server;
    this.#session = session;
    this.#queue = new Workqueue(server.kernel, { name: 'ipaddress', restMs: 0, reconcile: (ip: string) => this.#reconcile(ip) });
  }

  start(): void {
    const services = this.#server.store('services');
    for (const { value } of services.list('')) this.#serviceChanged(undefined, value as Service);
    services.keyspace.watch(
      { onChange: ({ current, previous }: Changed) => this.#serviceChanged(previous?.value as Service, current?.value as Service) },
      services.revision,
    );
    const addresses = this.#store;
    const onChange = ({ current, previous }: Changed): void => {
      if (!current) this.#queue.add((previous!.value as IPAddress).metadata.name);
    };
    addresses.keyspace.watch({ onChange }, addresses.revision);
    this.#queue.start();
  }

  stop(): void {
    this.#queue.stop();
  }

  get #store() {
    return this.#server.store('ipaddresses', 'networking.k8s.io/v1');
  }

  #serviceChanged(previous: Service | undefined, current: Service | undefined): void {
    const [before, after] = [addressesOf(previous), addressesOf(current)];
    for (const ip of before) {
      if (after.includes(ip) || this.#owners.get(ip)?.metadata.uid !== previous!.metadata.uid) continue;
      this.#owners.delete(ip);
      this.#queue.add(ip);
    }
    for (const ip of after) {
      this.#owners.set(ip, current!);
      if (!before.includes(ip)) this.#queue.add(ip);
    }
  }

  *#reconcile(ip: string): Call<void> {
    const stored = this.#store.get('', ip) as IPAddress | undefined;
    const owner = this.#owners.get(ip);
    try {
      if (owner && !stored) yield* this.#session.call({ verb: 'create', kind: ipAddresses, object: addressFor(ip, owner) });
      else if (!owner && stored?.metadata.labels?.[managedByLabel] === managedBy)
        yield* this.#session.call({ verb: 'delete', kind: ipAddresses, name: ip });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
  }
}

function addressFor(ip: string, { metadata }: Service): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: ip, labels: { 'ipaddress.kubernetes.io/ip-family': familyOf(ip), [managedByLabel]: managedBy } },
    spec: { parentRef: { group: '', resource: 'services', namespace: metadata.namespace, name: metadata.name } },
  };
}
