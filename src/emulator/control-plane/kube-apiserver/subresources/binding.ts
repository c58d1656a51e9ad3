/** pods/binding: a scheduler gives a Pod its node, once. Upstream: pkg/registry/core/pod/storage/storage.go, BindingREST. */
import type { Binding, Pod, PodCondition, PodStatus } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Status } from '../../../machinery/status-error.ts';
import { badRequest, conflict, forbidden, invalid, notFound, optimisticLockMessage } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

/** What a successful action without an object of its own answers. */
export const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

const podResource = { group: '', resource: 'pods' };

/** Sets spec.nodeName and the condition PodScheduled. */
export function* bind(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const binding = request.body as Binding;
  const name = request.name || binding.metadata?.name || '';
  if (binding.metadata?.name && request.name && binding.metadata.name !== request.name)
    throw badRequest('name in URL does not match name in Binding object');
  checkTarget(name, binding);
  const store = server.store('pods');
  const pod = store.get(request.namespace, name) as Pod | undefined;
  if (!pod) throw notFound(podResource, name);
  checkPod(pod, binding);
  if (request.isDryRun) return success as unknown as ApiObject;
  const { metadata, spec, status } = pod;
  const generation = metadata.generation === undefined ? undefined : metadata.generation + 1;
  const next: Pod = {
    ...pod,
    metadata: {
      ...metadata,
      generation,
      resourceVersion: '',
      annotations: binding.metadata.annotations ? { ...metadata.annotations, ...binding.metadata.annotations } : metadata.annotations,
    },
    spec: { ...spec!, nodeName: binding.target.name },
    status: scheduledStatus(status, server.kernel.clock.timestamp()),
  };
  const object = server.ownership.updated(request, next, pod);
  if (!(yield* store.put(object, pod))) throw conflict(podResource, name, optimisticLockMessage);
  server.written('update', request, object, pod);
  return success as unknown as ApiObject;
}

function checkTarget(name: string, { target }: Binding): void {
  const kind = { group: '', kind: 'Binding' };
  if (target?.kind && target.kind !== 'Node') {
    throw invalid(kind, name, [
      { type: 'FieldValueNotSupported', field: 'target.kind', badValue: target.kind, detail: 'supported values: "Node", "<empty>"' },
    ]);
  }
  if (!target?.name) throw invalid(kind, name, [{ type: 'FieldValueRequired', field: 'target.name', badValue: undefined, detail: '' }]);
}

function checkPod({ metadata, spec }: Pod, binding: Binding): void {
  const refuse = (message: string): Error => conflict({ group: '', resource: 'pods/binding' }, metadata.name, message);
  const { uid, resourceVersion } = binding.metadata;
  if (uid && uid !== metadata.uid) throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) throw refuse(optimisticLockMessage);
  if (metadata.deletionTimestamp !== undefined) throw refuse(`pod ${metadata.name} is being deleted, cannot be assigned to a host`);
  if (spec?.nodeName) throw refuse(`pod ${metadata.name} is already assigned to node "${spec.nodeName}"`);
  if ((spec?.schedulingGates?.length ?? 0) > 0)
    throw forbidden(podResource, metadata.name, `pod ${metadata.name} has non-empty .spec.schedulingGates`);
}

/** The condition that all Pods bound in one second share, and the list when there was no other condition. */
const shared: { time: string; list: readonly PodCondition[] } = { time: '', list: [] };

/** Begins with the list when it is new: objects that are spread and then grow do not share a hidden class. */
function scheduledStatus(status: PodStatus | undefined, time: string): PodStatus {
  const conditions = withScheduled(status?.conditions, time);
  return status?.conditions ? { ...status, conditions } : { conditions, ...status };
}

function withScheduled(conditions: readonly PodCondition[] | undefined, time: string): readonly PodCondition[] {
  if (shared.time !== time) {
    shared.time = time;
    shared.list = [{ type: 'PodScheduled', status: 'True', lastProbeTime: null as unknown as undefined, lastTransitionTime: time }];
  }
  const rest = conditions?.filter(({ type }) => type !== 'PodScheduled') ?? [];
  return rest.length === 0 ? shared.list : [...rest, ...shared.list];
}
