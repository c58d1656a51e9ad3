/**
 * EndpointSlice: the addresses behind each Service with a selector, at most 100 in a slice (pkg/controller/endpointslice).
 *
 * - A change of a Pod touches its own endpoint and rewrites the one slice that holds it; nothing is counted anew.
 * - Pods that are being deleted stay, marked as terminating.
 *
 * - Endpoints carry hints where spec.trafficDistribution asks for them.
 *
 * - A Service of two families has slices of each; the queue's key is the Service's UID, with the family behind it for IPv6.
 *
 * Deliberately absent: the annotation service.kubernetes.io/topology-mode.
 */
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import { services } from '../../../api/core/service.ts';
import { endpointSlices } from '../../../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../../api/generated/types.ts';
import type { Change, Client, EventRecorder, Index, Informer, Workqueue } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byNamespace } from '../indexes.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { SelectingServices } from '../selecting-services.ts';
import type { IPFamily } from '../service-endpoint.ts';
import { endpointOf, endsAlike, familiesOf, hasEndpoint, selects } from '../service-endpoint.ts';
import { managedBy, managedByLabel, ServiceSlices, serviceNameLabel } from './service-slices.ts';

export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  start: (context) => {
    new EndpointSliceController(context);
  },
};

const keyOf = (uid: string, family: IPFamily): string => (family === 'IPv4' ? uid : `${uid}/IPv6`);

class EndpointSliceController {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #podsIn: Index<Pod>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #nodes: Informer<Node>;
  readonly #queue: Workqueue<string>;
  readonly #states = new Map<string, ServiceSlices>();
  readonly #selecting: SelectingServices;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#client = context.client('endpointslice-controller');
    this.#recorder = context.recorder(this.#client, 'endpoint-slice-controller');
    this.#pods = context.informers.for(pods);
    this.#podsIn = this.#pods.index(byNamespace);
    const serviceInformer = context.informers.for(services);
    this.#selecting = new SelectingServices(serviceInformer.index(byNamespace));
    this.#slices = context.informers.for(endpointSlices);
    this.#nodes = context.informers.for(nodes);
    this.#queue = context.queue({ name: 'endpointslice', restMs: 50, reconcile: (uid: string) => this.#reconcile(uid) });
    serviceInformer.onChange((change) => this.#serviceChanged(change));
    this.#pods.onChange((change) => this.#podChanged(change));
    this.#slices.onChange((change) => this.#sliceChanged(change));
  }

  #serviceChanged({ type, object, previous }: Change<Service>): void {
    const { uid } = object.metadata;
    if (previous?.spec !== object.spec || type === 'DELETED') this.#selecting.forget();
    const isOurs = type !== 'DELETED' && object.spec?.selector !== undefined && object.spec.type !== 'ExternalName';
    const families = isOurs ? familiesOf(object) : [];
    for (const family of ['IPv4', 'IPv6'] as const) {
      if (families.includes(family)) this.#follow(object, family);
      else if (families.length > 0) this.#leave(object, family);
      else this.#states.delete(keyOf(uid, family));
    }
  }

  /** A Service that had two families has but one now: the slices of the other go. */
  #leave(service: Service, family: IPFamily): void {
    const key = keyOf(service.metadata.uid, family);
    const state = this.#states.get(key);
    if (!state) return;
    state.isLeaving = true;
    this.#queue.add(key);
  }

  #follow(object: Service, family: IPFamily): void {
    const uid = keyOf(object.metadata.uid, family);
    let state = this.#states.get(uid);
    if (state?.isLeaving) state = undefined;
    const isNew = state === undefined;
    if (!state) this.#states.set(uid, (state = new ServiceSlices(object, family)));
    const before = state.service;
    state.service = object;
    if (isNew || before.spec !== object.spec) {
      for (const member of state.members) state.changed.add(member);
      for (const pod of this.#podsIn.get(object.metadata.namespace!).values())
        if (selects(object, pod)) state.changed.add(pod.metadata.uid);
    }
    if (isNew)
      for (const slice of this.#slices.values()) if (slice.addressType === family && this.#isOurs(slice, object)) state.adopt(slice);
    state.refresh();
    this.#queue.add(uid);
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    if (type === 'MODIFIED' && endsAlike(object, previous!)) return;
    this.#enqueue(object);
    if (previous && previous.metadata.labels !== object.metadata.labels) this.#enqueue(previous);
  }

  #enqueue(pod: Pod): void {
    for (const service of this.#selecting.of(pod)) {
      for (const family of familiesOf(service)) {
        const key = keyOf(service.metadata.uid, family);
        const state = this.#states.get(key);
        if (!state) continue;
        state.changed.add(pod.metadata.uid);
        this.#queue.add(key);
      }
    }
  }

  #sliceChanged({ type, object }: Change<EndpointSlice>): void {
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    const uid = owner && keyOf(owner, object.addressType as IPFamily);
    const state = uid === undefined ? undefined : this.#states.get(uid);
    if (!state || object.metadata.labels?.[managedByLabel] !== managedBy) return;
    if (type === 'DELETED') {
      if (!state.lose(object)) return;
    } else state.adopt(object);
    this.#queue.add(uid!);
  }

  #isOurs({ metadata }: EndpointSlice, service: Service): boolean {
    const labels = metadata.labels ?? {};
    return (
      metadata.namespace === service.metadata.namespace &&
      labels[serviceNameLabel] === service.metadata.name &&
      labels[managedByLabel] === managedBy
    );
  }

  *#reconcile(uid: string): Call<void> {
    const state = this.#states.get(uid);
    if (!state || state.service.metadata.deletionTimestamp) return;
    const { service, family } = state;
    if (state.isLeaving) {
      yield* state.removeAll(this.#client);
      if (this.#states.get(uid) === state) this.#states.delete(uid);
      return;
    }
    for (const podUID of state.changed) {
      const pod = this.#pods.byUID(podUID);
      if (pod && hasEndpoint(pod, family) && selects(service, pod))
        state.set(podUID, endpointOf(pod, service, this.#nodes.get(pod.spec.nodeName ?? ''), family), state.portsOf(pod));
      else state.set(podUID, undefined, []);
    }
    state.changed.clear();
    try {
      yield* state.write(this.#client, this.#kernel.clock.timestamp());
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (error instanceof StatusError) {
        const { namespace, name } = service.metadata;
        this.#recorder.warning(
          service,
          'FailedToUpdateEndpointSlices',
          `Error updating Endpoint Slices for Service ${namespace}/${name}: ${error.message}`,
        );
      }
      throw error;
    }
  }
}
