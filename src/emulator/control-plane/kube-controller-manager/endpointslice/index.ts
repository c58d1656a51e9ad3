/**
 * EndpointSlice: the addresses behind each Service with a selector, at most 100 in a slice (pkg/controller/endpointslice).
 *
 * - A change of a Pod touches its own endpoint and rewrites the one slice that holds it; nothing is counted anew.
 * - Pods that are being deleted stay, marked as terminating.
 *
 * - Endpoints carry hints where spec.trafficDistribution asks for them.
 *
 * Deliberately absent: the annotation service.kubernetes.io/topology-mode, IPv6.
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
import { endpointOf, endsAlike, hasEndpoint, selects } from '../service-endpoint.ts';
import { managedBy, managedByLabel, ServiceSlices, serviceNameLabel } from './service-slices.ts';

export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  start: (context) => {
    new EndpointSliceController(context);
  },
};

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
    if (type === 'DELETED' || !object.spec?.selector || object.spec.type === 'ExternalName') {
      this.#states.delete(uid);
      return;
    }
    let state = this.#states.get(uid);
    const isNew = state === undefined;
    if (!state) this.#states.set(uid, (state = new ServiceSlices(object)));
    const before = state.service;
    state.service = object;
    if (isNew || before.spec !== object.spec) {
      for (const member of state.members) state.changed.add(member);
      for (const pod of this.#podsIn.get(object.metadata.namespace!).values())
        if (selects(object, pod)) state.changed.add(pod.metadata.uid);
    }
    if (isNew) for (const slice of this.#slices.values()) if (this.#isOurs(slice, object)) state.adopt(slice);
    state.refresh();
    this.#queue.add(uid);
  }

  #podChanged({ type, object, previous }: Change<Pod>): void {
    if (type === 'MODIFIED' && endsAlike(object, previous!)) return;
    this.#enqueue(object);
    if (previous && previous.metadata.labels !== object.metadata.labels) this.#enqueue(previous);
  }

  #enqueue(pod: Pod): void {
    for (const { metadata } of this.#selecting.of(pod)) {
      const state = this.#states.get(metadata.uid);
      if (!state) continue;
      state.changed.add(pod.metadata.uid);
      this.#queue.add(metadata.uid);
    }
  }

  #sliceChanged({ type, object }: Change<EndpointSlice>): void {
    const uid = object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
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
    const { service } = state;
    for (const podUID of state.changed) {
      const pod = this.#pods.byUID(podUID);
      if (pod && hasEndpoint(pod) && selects(service, pod))
        state.set(podUID, endpointOf(pod, service, this.#nodes.get(pod.spec.nodeName ?? '')), state.portsOf(pod));
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
