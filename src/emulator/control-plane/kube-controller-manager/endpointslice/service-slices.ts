import { services } from '../../../api/core/service.ts';
import { endpointSlices } from '../../../api/discovery/endpoint-slice.ts';
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice, Pod, Service } from '../../../api/generated/types.ts';
import type { Client } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { isAlreadyExists, isNotFound } from '../../../machinery/status-error.ts';
import { newControllerRef } from '../controller-ref.ts';
import type { IPFamily } from '../service-endpoint.ts';
import { portsOf } from '../service-endpoint.ts';

const maxEndpoints = 100;
export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Slice {
  /** What is stored; absent before it was created. */
  stored: EndpointSlice | undefined;
  ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** What the controller knows of one Service: its slices, and in which of them each Pod sits. */
export class ServiceSlices {
  service: Service;
  /** Of which its addresses are. */
  readonly family: IPFamily;
  /** The Service has no addresses of this family any more. */
  isLeaving = false;
  /** Pods whose endpoint may have changed. */
  readonly changed = new Set<string>();
  readonly #sliceOf = new Map<string, Slice>();
  readonly #slices: Slice[] = [];
  readonly #dirty = new Set<Slice>();
  #lastPorts:
    | (Pick<Pod['spec'], 'containers' | 'initContainers'> & {
        readonly service: Service['spec'];
        readonly ports: readonly DiscoveryV1EndpointPort[];
      })
    | undefined;

  constructor(service: Service, family: IPFamily) {
    this.service = service;
    this.family = family;
  }

  /** The Service's ports on a Pod: those of a template share their containers, and so their ports. */
  portsOf(pod: Pod): readonly DiscoveryV1EndpointPort[] {
    const { containers, initContainers } = pod.spec;
    const last = this.#lastPorts;
    if (last?.containers === containers && last.initContainers === initContainers && last.service === this.service.spec) return last.ports;
    const ports = portsOf(this.service, pod);
    this.#lastPorts = { containers, initContainers, service: this.service.spec, ports };
    return ports;
  }

  get members(): Iterable<string> {
    return this.#sliceOf.keys();
  }

  /** Takes over a slice that was there before this controller, or that somebody else changed. */
  adopt(stored: EndpointSlice): void {
    const known = this.#slices.find((slice) => slice.stored?.metadata.uid === stored.metadata.uid);
    if (known) {
      if (known.stored!.metadata.resourceVersion === stored.metadata.resourceVersion) return;
      const isOlder = Number(stored.metadata.resourceVersion) < Number(known.stored!.metadata.resourceVersion);
      if (isOlder) return;
      known.stored = stored;
      this.#dirty.add(known);
      return;
    }
    const slice: Slice = { stored, ports: stored.ports ?? [], endpoints: new Map() };
    this.#slices.push(slice);
    for (const endpoint of stored.endpoints ?? []) {
      const uid = endpoint.targetRef?.uid;
      if (uid === undefined || this.#sliceOf.has(uid)) continue;
      slice.endpoints.set(uid, endpoint);
      this.#sliceOf.set(uid, slice);
      this.changed.add(uid);
    }
    this.#dirty.add(slice);
  }

  /** A slice is gone; if it was not this controller that deleted it, its Pods need another. True if so. */
  lose(gone: EndpointSlice): boolean {
    const index = this.#slices.findIndex((slice) => slice.stored?.metadata.uid === gone.metadata.uid);
    if (index < 0) return false;
    const [slice] = this.#slices.splice(index, 1);
    this.#dirty.delete(slice!);
    for (const uid of slice!.endpoints.keys()) {
      this.#sliceOf.delete(uid);
      this.changed.add(uid);
    }
    return true;
  }

  /** Puts the endpoint of a Pod where it belongs, or takes it out. */
  set(uid: string, endpoint: Endpoint | undefined, ports: readonly DiscoveryV1EndpointPort[]): void {
    let slice = this.#sliceOf.get(uid);
    if (slice && (!endpoint || !equal(slice.ports, ports))) {
      slice.endpoints.delete(uid);
      this.#sliceOf.delete(uid);
      this.#dirty.add(slice);
      slice = undefined;
    }
    if (!endpoint) return;
    if (!slice) {
      slice = this.#roomFor(ports);
      this.#sliceOf.set(uid, slice);
    }
    if (equal(slice.endpoints.get(uid), endpoint)) return;
    slice.endpoints.set(uid, endpoint);
    this.#dirty.add(slice);
  }

  /** The Service's own labels or kind changed: all slices carry them. */
  refresh(): void {
    for (const slice of this.#slices) this.#dirty.add(slice);
  }

  /** Writes every slice that changed. */
  *write(client: Client, now: string): Call<void> {
    // A Service without any endpoint keeps one empty slice, which says that it was seen.
    if (this.#slices.length === 0) this.#roomFor([]);
    const full = this.#slices.filter(({ endpoints }) => endpoints.size > 0);
    for (const slice of [...this.#slices]) {
      if (slice.endpoints.size > 0) continue;
      if (full.length > 0 || this.#slices[0] !== slice) yield* this.#remove(client, slice);
      else if (slice.ports.length > 0) {
        // Differs from Kubernetes: the last slice is emptied, where upstream replaces it by another of a new name.
        slice.ports = [];
        this.#dirty.add(slice);
      }
    }
    for (const slice of [...this.#dirty]) {
      yield* this.#put(client, slice, now);
      this.#dirty.delete(slice);
    }
  }

  #roomFor(ports: readonly DiscoveryV1EndpointPort[]): Slice {
    for (const slice of this.#slices) {
      if (slice.endpoints.size === 0 && slice.ports.length === 0) slice.ports = ports;
      if (slice.endpoints.size < maxEndpoints && equal(slice.ports, ports)) return slice;
    }
    const slice: Slice = { stored: undefined, ports, endpoints: new Map() };
    this.#slices.push(slice);
    this.#dirty.add(slice);
    return slice;
  }

  *#remove(client: Client, slice: Slice): Call<void> {
    this.#slices.splice(this.#slices.indexOf(slice), 1);
    this.#dirty.delete(slice);
    if (!slice.stored) return;
    try {
      yield* client.delete(endpointSlices, slice.stored.metadata);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Takes all slices away. */
  *removeAll(client: Client): Call<void> {
    for (const slice of [...this.#slices]) yield* this.#remove(client, slice);
  }

  *#put(client: Client, slice: Slice, now: string): Call<void> {
    const { metadata } = this.service;
    const labels = this.#labels();
    const endpoints = [...slice.endpoints.values()];
    const { stored, ports } = slice;
    if (stored && equal(stored.endpoints ?? [], endpoints) && equal(stored.ports ?? [], ports) && equal(stored.metadata.labels, labels))
      return;
    const annotations = { ...stored?.metadata.annotations, [triggerTime]: now };
    if (stored) {
      slice.stored = yield* client.update(endpointSlices, {
        ...stored,
        metadata: { ...stored.metadata, labels, annotations },
        endpoints,
        ports,
      });
      return;
    }
    const ownerReferences = [newControllerRef(this.service, services)];
    const draft = { namespace: metadata.namespace, generateName: `${metadata.name}-`, labels, annotations, ownerReferences };
    try {
      slice.stored = yield* client.create(endpointSlices, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: draft,
        addressType: this.family,
        endpoints,
        ports,
      });
    } catch (error) {
      if (isAlreadyExists(error)) this.#dirty.add(slice);
      throw error;
    }
  }

  #labels(): Labels {
    const { metadata, spec } = this.service;
    const { [headlessLabel]: _, ...own } = metadata.labels ?? {};
    const headless: Labels = spec?.clusterIP === 'None' ? { [headlessLabel]: '' } : {};
    return { ...own, [managedByLabel]: managedBy, [serviceNameLabel]: metadata.name, ...headless };
  }
}
