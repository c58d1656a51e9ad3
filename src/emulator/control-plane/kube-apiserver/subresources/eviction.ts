/** pods/eviction: a deletion that disruption budgets may refuse. Upstream: pkg/registry/core/pod/storage/eviction.go. */
import type { Pod, PodDisruptionBudget } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import {
  badRequest,
  conflict,
  forbidden,
  notFound,
  optimisticLockMessage,
  StatusError,
  tooManyRequests,
} from '../../../machinery/status-error.ts';
import type { ApiRequest, DeleteRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { deleteObject } from '../verbs/delete.ts';
import { storeStatus } from '../verbs/store-status.ts';
import { success } from './binding.ts';

interface Eviction {
  readonly metadata?: { readonly name?: string };
  readonly deleteOptions?: DeleteRequest & { readonly dryRun?: readonly string[] };
}

const policyVersion = 'policy/v1';
/** More evictions than these may not be under way at once (MaxDisruptedPodSize). */
const maxDisruptedPods = 2000;

export function* evict(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const eviction = (request.body ?? {}) as Eviction;
  const { name, namespace } = request;
  if (eviction.metadata?.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  const pod = server.store('pods').get(namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  const isDryRun = request.isDryRun || (eviction.deleteOptions?.dryRun?.includes('All') ?? false);
  const budget = needsBudget(pod) ? budgetOf(server, pod) : undefined;
  if (budget && !isExempt(pod, budget)) yield* decrement(server, request, budget, pod, isDryRun);
  const current = isDryRun ? pod : yield* markAsDisrupted(server, request, pod);
  const preconditions = { uid: pod.metadata.uid, ...eviction.deleteOptions?.preconditions };
  const resource = server.registry.find('v1', 'pods')!;
  yield* deleteObject(server, {
    ...request,
    resource,
    verb: 'delete',
    subresource: '',
    name: current.metadata.name,
    delete: { ...eviction.deleteOptions, preconditions },
    isDryRun,
  });
  return success as unknown as ApiObject;
}

/** A Pod that does not run, or is going already, disrupts nothing. */
function needsBudget({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && status?.phase !== 'Pending'
  );
}

function budgetOf(server: ApiServer, pod: Pod): PodDisruptionBudget | undefined {
  const all = server
    .store('poddisruptionbudgets', policyVersion)
    .list(pod.metadata.namespace!)
    .map(({ value }) => value as PodDisruptionBudget);
  const found = all.filter(({ spec }) => selectorFromObject(spec?.selector).matches(pod.metadata.labels));
  if (found.length > 1)
    throw new StatusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      code: 500,
    });
  return found[0];
}

/** Pods that are not ready may go when the budget says so, or when it is kept without them. */
function isExempt({ status }: Pod, { spec, status: budget }: PodDisruptionBudget): boolean {
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
  if (isReady) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return budget !== undefined && budget.currentHealthy >= budget.desiredHealthy && budget.desiredHealthy > 0;
}

function* decrement(server: ApiServer, request: ApiRequest, budget: PodDisruptionBudget, pod: Pod, isDryRun: boolean): Call<void> {
  const { metadata, status } = budget;
  const { name } = metadata;
  const refuse = (message: string, cause: string, retryAfterSeconds: number): StatusError => {
    const { status: refused } = tooManyRequests(message, retryAfterSeconds);
    return new StatusError({ ...refused, details: { ...refused.details, causes: [{ reason: 'DisruptionBudget', message: cause }] } });
  };
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw refuse(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      `The disruption budget ${name} is still being processed by the server.`,
      10,
    );
  }
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden({ group: 'policy', resource: 'poddisruptionbudget' }, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > maxDisruptedPods)
    throw forbidden(
      { group: 'policy', resource: 'poddisruptionbudget' },
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  const unsure = status?.conditions?.find(
    ({ type, status: value, reason }) => type === 'DisruptionAllowed' && value === 'False' && reason === 'SyncFailed',
  );
  if (allowed === 0 && unsure) {
    throw refuse(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${unsure.message}`,
      0,
    );
  }
  if (allowed === 0) {
    throw refuse(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
      0,
    );
  }
  if (isDryRun) return;
  const disruptedPods = { ...status!.disruptedPods, [pod.metadata.name]: server.kernel.clock.timestamp() };
  const next = {
    ...budget,
    metadata: { ...metadata, resourceVersion: '' },
    status: { ...status!, disruptionsAllowed: allowed - 1, disruptedPods },
  };
  yield* put(server, request, 'poddisruptionbudgets', policyVersion, next, budget);
}

/** Says in the Pod's status why it goes. */
function* markAsDisrupted(server: ApiServer, request: ApiRequest, pod: Pod): Call<Pod> {
  const time = server.kernel.clock.timestamp();
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: time,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type), condition];
  const next: Pod = { ...pod, metadata: { ...pod.metadata, resourceVersion: '' }, status: { ...pod.status, conditions } };
  yield* put(server, request, 'pods', 'v1', next, pod);
  return next;
}

function* put(
  server: ApiServer,
  request: ApiRequest,
  resource: string,
  apiVersion: string,
  next: ApiObject,
  previous: ApiObject,
): Call<void> {
  const found = server.registry.find(apiVersion, resource)!;
  if (!(yield* storeStatus(server, request, found, next, previous))) throw conflict(found, next.metadata.name, optimisticLockMessage);
}
