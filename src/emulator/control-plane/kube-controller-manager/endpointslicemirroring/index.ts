/**
 * EndpointSlice mirroring: slices for Endpoints that somebody keeps by hand, behind a Service without a selector
 * (pkg/controller/endpointslicemirroring). kube-proxy and CoreDNS look at slices only.
 */
import { endpoints } from '../../../api/core/endpoints.ts';
import { services } from '../../../api/core/service.ts';
import { endpointSlices } from '../../../api/discovery/endpoint-slice.ts';
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  Endpoints,
  EndpointSlice,
  Service,
} from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import { isIPv6Text } from '../../../machinery/ipv6.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import type { IPFamily } from '../service-endpoint.ts';
import { newControllerRef } from '../controller-ref.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const managedBy = 'endpointslicemirroring-controller.k8s.io';
const serviceNameLabel = 'kubernetes.io/service-name';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const endpointsManagedByLabel = 'endpoints.kubernetes.io/managed-by';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
/** Annotations that are about the Endpoints alone. */
const ownAnnotations = ['endpoints.kubernetes.io/last-change-trigger-time', 'kubectl.kubernetes.io/last-applied-configuration'];
const maxAddresses = 1000;

const keyOf = ({ metadata }: Endpoints | Service): string => `${metadata.namespace}/${metadata.name}`;

/** Index function: the slices of this controller by the Endpoints that they mirror. */
function mirrorOf({ metadata }: EndpointSlice): string | undefined {
  const { labels } = metadata;
  return labels?.[managedByLabel] === managedBy ? `${metadata.namespace}/${labels[serviceNameLabel]}` : undefined;
}

/** Whether Endpoints may want a mirror: not those of the endpoints controller, of an election, or marked to be left alone. */
function isByHand({ metadata }: Endpoints): boolean {
  const { labels, annotations } = metadata;
  return labels?.[endpointsManagedByLabel] === undefined && labels?.[skipLabel] !== 'true' && annotations?.[leaderAnnotation] === undefined;
}

const wantsMirror = (service: Service | undefined): boolean =>
  service !== undefined && !Object.keys(service.spec?.selector ?? {}).length && service.spec?.type !== 'ExternalName';

interface Mirror {
  readonly addressType: IPFamily;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Endpoint[];
}

export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  start(context) {
    const client = context.client('endpointslicemirroring-controller');
    const serviceInformer = context.informers.for(services);
    const stored = context.informers.for(endpoints);
    const sliceInformer = context.informers.for(endpointSlices);
    const mirrors = sliceInformer.index(mirrorOf);
    const queue = context.queue({ name: 'endpointslicemirroring', reconcile });
    stored.onChange(({ object, previous }) => {
      if (isByHand(object) || (previous && isByHand(previous))) queue.add(keyOf(object));
    });
    serviceInformer.onChange(({ type, object, previous }) => {
      const isOther = type !== 'MODIFIED' || wantsMirror(previous) !== wantsMirror(object);
      if (isOther && (wantsMirror(object) || wantsMirror(previous))) queue.add(keyOf(object));
    });
    sliceInformer.onChange(({ object }) => {
      const key = mirrorOf(object);
      if (key !== undefined) queue.add(key);
    });

    function* reconcile(key: string): Call<void> {
      const [namespace, name] = key.split('/') as [string, string];
      const source = stored.get(name, namespace);
      const isMirrored = source !== undefined && isByHand(source) && wantsMirror(serviceInformer.get(name, namespace));
      const left = [...mirrors.get(key).values()];
      for (const mirror of isMirrored ? mirrorsOf(source) : []) {
        // An address type cannot be changed, so a slice of the other family is of no use.
        const usable = left.filter((slice) => slice.addressType === mirror.addressType);
        const slice = usable.find((candidate) => equal(candidate.ports ?? [], mirror.ports)) ?? usable[0];
        if (slice) left.splice(left.indexOf(slice), 1);
        yield* put(source!, mirror, slice);
      }
      for (const slice of left) yield* remove(slice);
    }

    function* put(source: Endpoints, { addressType, ports, endpoints: list }: Mirror, slice: EndpointSlice | undefined): Call<void> {
      const { namespace, name } = source.metadata;
      const labels: Labels = { ...source.metadata.labels, [serviceNameLabel]: name, [managedByLabel]: managedBy };
      const kept = Object.entries(source.metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.includes(key));
      const annotations: Labels = Object.fromEntries(kept);
      if (slice) {
        const { metadata } = slice;
        const isSame =
          equal(slice.endpoints ?? [], list) &&
          equal(slice.ports ?? [], ports) &&
          equal(metadata.labels, labels) &&
          equal(metadata.annotations ?? {}, annotations);
        if (!isSame)
          yield* client.update(endpointSlices, { ...slice, metadata: { ...metadata, labels, annotations }, endpoints: list, ports });
        return;
      }
      const ownerReferences = [newControllerRef(source, endpoints)];
      try {
        yield* client.create(endpointSlices, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { namespace, generateName: `${name}-`, labels, annotations, ownerReferences },
          addressType,
          endpoints: list,
          ports,
        });
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
    }

    function* remove({ metadata }: EndpointSlice): Call<void> {
      try {
        yield* client.delete(endpointSlices, metadata);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};

/** One slice for all addresses of a family that have the same ports. */
function mirrorsOf({ subsets = [] }: Endpoints): readonly Mirror[] {
  const found = new Map<string, Mirror>();
  for (const { ports: own = [], addresses = [], notReadyAddresses = [] } of subsets) {
    const ports = own.map(
      ({ name, port, protocol, appProtocol }): DiscoveryV1EndpointPort => ({ name: name ?? '', port, protocol, appProtocol }),
    );
    const mirrorFor = ({ ip }: EndpointAddress): Mirror => {
      const addressType = isIPv6Text(ip) ? 'IPv6' : 'IPv4';
      const key = addressType + JSON.stringify(ports);
      const mirror = found.get(key) ?? { addressType, ports, endpoints: [] };
      found.set(key, mirror);
      return mirror;
    };
    for (const address of addresses) add(mirrorFor(address), address, true);
    for (const address of notReadyAddresses) add(mirrorFor(address), address, false);
  }
  return [...found.values()];
}

function add({ endpoints: list }: Mirror, { ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): void {
  if (list.length < maxAddresses) list.push({ addresses: [ip], conditions: { ready }, hostname, nodeName, targetRef });
}
