import type { Ingress, Service } from '../../api/generated/types.ts';
import { ingresses } from '../../api/networking/ingress.ts';
import type { Client } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import { isConflict, isNotFound } from '../../machinery/status-error.ts';

type Addresses = NonNullable<NonNullable<NonNullable<Ingress['status']>['loadBalancer']>['ingress']>;

/** Where a controller behind this Service is reached (internal/ingress/status, statusAddressFromService). */
export function addressesOf({ spec, status }: Service): Addresses {
  const external = (spec.externalIPs ?? []).map((ip) => ({ ip }));
  switch (spec.type) {
    case 'ExternalName':
      return [{ hostname: spec.externalName }];
    case 'LoadBalancer':
      return [...(status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => (ip ? { ip } : { hostname })), ...external];
    case 'NodePort':
      return external.length > 0 ? external : [{ ip: spec.clusterIP }];
    default:
      return [{ ip: spec.clusterIP }];
  }
}

/** Tells Ingresses their address; those that have it already are left alone. */
export function* writeStatus(client: Client, all: Iterable<Ingress>, addresses: Addresses): Call<void> {
  for (const ingress of all) {
    const current = ingress.status?.loadBalancer?.ingress ?? [];
    if (equal(current, addresses)) continue;
    const loadBalancer = addresses.length > 0 ? { ingress: addresses } : {};
    try {
      yield* client.updateStatus(ingresses, { ...ingress, status: { loadBalancer } });
    } catch (error) {
      // The next change brings another try.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
