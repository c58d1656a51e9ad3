/** Endpoints: the older list of a Service's addresses, in one object and at most 1000 (pkg/controller/endpoint). */
import { endpoints } from '../../../api/core/endpoints.ts';
import { pods } from '../../../api/core/pod.ts';
import { services } from '../../../api/core/service.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { isAlreadyExists, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { byNamespace } from '../indexes.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { isPodReady } from '../pod-state.ts';
import { bySharedLabels, SelectingServices } from '../selecting-services.ts';
import type { IPFamily } from '../service-endpoint.ts';
import { endsAlike, familiesOf, hasEndpoint, podIPOf, portsOf, selects } from '../service-endpoint.ts';

const maxAddresses = 1000;
const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const managedBy = 'endpoint-controller';
const headlessLabel = 'service.kubernetes.io/headless';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';
const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time';

export const endpointsController: Controller = {
  name: 'endpoints-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('endpoint-controller');
    const serviceInformer = context.informers.for(services);
    const servicesIn = serviceInformer.index(byNamespace);
    const podInformer = context.informers.for(pods);
    const podsByLabels = podInformer.index(bySharedLabels);
    const selecting = new SelectingServices(servicesIn);
    const stored = context.informers.for(endpoints);
    const queue = context.queue({ name: 'endpoints', restMs: 500, reconcile });
    const keyOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;
    serviceInformer.onChange(({ type, object, previous }) => {
      if (previous?.spec !== object.spec || type === 'DELETED') selecting.forget();
      queue.add(keyOf(object));
    });
    podInformer.onChange(({ type, object, previous }) => {
      if (type === 'MODIFIED' && endsAlike(object, previous!)) return;
      for (const service of selecting.of(object)) queue.add(keyOf(service));
      if (previous && previous.metadata.labels !== object.metadata.labels)
        for (const service of selecting.of(previous)) queue.add(keyOf(service));
    });
    stored.onChange(({ type, object }) => type === 'DELETED' && queue.add(`${object.metadata.namespace}/${object.metadata.name}`));

    function* reconcile(key: string): Call<void> {
      const [namespace, name] = key.split('/') as [string, string];
      const service = serviceInformer.get(name, namespace);
      const current = stored.get(name, namespace);
      if (!service) {
        if (current?.metadata.labels?.[managedByLabel] === managedBy) yield* remove(namespace, name);
        return;
      }
      if (!service.spec?.selector || service.spec.type === 'ExternalName') return;
      const { subsets, isTruncated } = subsetsOf(service, podsByLabels.groups);
      const headless: Labels = service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {};
      const labels: Labels = { ...service.metadata.labels, [managedByLabel]: managedBy, ...headless };
      if (current && equal(current.subsets ?? [], subsets) && equal(current.metadata.labels, labels)) return;
      const { [overCapacity]: _, ...kept } = current?.metadata.annotations ?? {};
      const annotations = { ...kept, [triggerTime]: kernel.clock.timestamp(), ...(isTruncated ? { [overCapacity]: 'truncated' } : {}) };
      if (current) {
        yield* client.update(endpoints, { ...current, metadata: { ...current.metadata, labels, annotations }, subsets });
        return;
      }
      try {
        yield* client.create(endpoints, {
          apiVersion: 'v1',
          kind: 'Endpoints',
          metadata: { namespace, name, labels, annotations },
          subsets,
        });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
      }
    }

    function* remove(namespace: string, name: string): Call<void> {
      try {
        yield* client.delete(endpoints, { namespace, name });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};

interface Group {
  readonly ports: EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

/** The Pods that a Service selects, from groups that share their labels. */
function* selectedFrom(groups: Iterable<ReadonlyMap<string, Pod>>, service: Service): Iterable<Pod> {
  for (const group of groups) {
    let isSelected: boolean | undefined;
    for (const pod of group.values()) {
      if (pod.metadata.namespace !== service.metadata.namespace) continue;
      isSelected ??= selects(service, pod);
      if (!isSelected) break;
      yield pod;
    }
  }
}

/** Addresses by their ports, ready and not; Pods that are being deleted count only where not-ready ones are published. */
function subsetsOf(
  service: Service,
  candidates: Iterable<ReadonlyMap<string, Pod>>,
): { readonly subsets: readonly EndpointSubset[]; readonly isTruncated: boolean } {
  const groups = new Map<string, Group>();
  // Pods of one template share their containers, and so their ports.
  let last: Pod['spec'] | undefined;
  let group: Group | undefined;
  const publishes = service.spec?.publishNotReadyAddresses ?? false;
  const family = familiesOf(service)[0]!;
  let total = 0;
  for (const pod of selectedFrom(candidates, service)) {
    if (!hasEndpoint(pod, family) || (pod.metadata.deletionTimestamp && !publishes)) continue;
    total++;
    if (total > maxAddresses) break;
    const { containers, initContainers } = pod.spec;
    if (!group || containers !== last?.containers || initContainers !== last.initContainers) {
      last = pod.spec;
      const ports = portsOf(service, pod).map(
        ({ name, port, protocol, appProtocol }): EndpointPort => ({ name: name || undefined, port: port!, protocol, appProtocol }),
      );
      const key = JSON.stringify(ports);
      group = groups.get(key);
      if (!group) groups.set(key, (group = { ports, ready: [], notReady: [] }));
    }
    (publishes || isPodReady(pod) ? group.ready : group.notReady).push(addressOf(pod, service, family));
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  const subsets = sorted.map(
    ({ ports, ready, notReady }): EndpointSubset => ({
      addresses: ready.length > 0 ? ready.sort(byIP) : undefined,
      notReadyAddresses: notReady.length > 0 ? notReady.sort(byIP) : undefined,
      ports: ports.length > 0 ? ports : undefined,
    }),
  );
  return { subsets, isTruncated: total > maxAddresses };
}

const byIP = (a: EndpointAddress, b: EndpointAddress): number =>
  a.ip === b.ip ? (a.targetRef!.uid! < b.targetRef!.uid! ? -1 : 1) : a.ip < b.ip ? -1 : 1;

function addressOf(pod: Pod, service: Service, family: IPFamily): EndpointAddress {
  const { spec } = pod;
  const { namespace, name, uid } = pod.metadata;
  const hasName = spec.hostname && spec.subdomain === service.metadata.name;
  return {
    ip: podIPOf(pod, family)!,
    nodeName: spec.nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
    hostname: hasName ? spec.hostname : undefined,
  };
}
