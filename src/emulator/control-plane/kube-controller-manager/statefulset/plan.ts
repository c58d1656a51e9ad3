/** What a StatefulSet has to do next, as a pure function of its Pods (pkg/controller/statefulset/stateful_set_control.go). */
import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../../../api/generated/types.ts';
import { isPodReady, isPodTerminal } from '../pod-state.ts';
import { hasIdentity, ordinalOf, revisionOf, startOrdinal } from './identity.ts';

/** MaxBatchSize: as many Pods as are made at once. */
const burstReplicas = 500;

export interface Observed {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Of the Pods that have not been updated yet, and of those to come; the same when nothing is being rolled out. */
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  /** Whether a ready Pod has been so for minReadySeconds. */
  readonly isAvailable: (pod: Pod) => boolean;
}

export interface StatefulPlan {
  /** Ordinals without a Pod, in order. */
  readonly create: readonly number[];
  readonly remove: readonly Pod[];
  /** Pods whose labels do not say who they are. */
  readonly repair: readonly Pod[];
  /** Pods that wait for something and may lack a claim. */
  readonly pending: readonly Pod[];
  /** Pods that are well, whose claims may have the wrong owner. */
  readonly settled: readonly Pod[];
  /** Whether the removal is a step of a rollout. */
  readonly isUpdate: boolean;
}

/** The Pods in their places, and those that are too many, the highest ordinal first. */
interface Places {
  /** How many there should be; those that are there, by place. */
  readonly count: number;
  readonly replicas: ReadonlyMap<number, Pod>;
  readonly condemned: readonly Pod[];
}

function isHealthy(pod: Pod | undefined, { isAvailable }: Observed): boolean {
  return pod !== undefined && isRunningAndReady(pod) && isAvailable(pod) && pod.metadata.deletionTimestamp === undefined;
}

function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}

function placesOf({ set, pods }: Observed): Places {
  const count = set.spec.replicas ?? 1;
  const replicas = new Map<number, Pod>();
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    const place = ordinal - startOrdinal(set);
    if (place >= 0 && place < count) replicas.set(place, pod);
    else condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  return { count, replicas, condemned };
}

/** One step if Pods are managed in order, all at once if they are managed in parallel. */
export function planStatefulSet(observed: Observed): StatefulPlan {
  const { set } = observed;
  const plan = {
    create: [] as number[],
    remove: [] as Pod[],
    repair: [] as Pod[],
    pending: [] as Pod[],
    settled: [] as Pod[],
    isUpdate: false,
  };
  if (set.metadata.deletionTimestamp) return plan;
  const places = placesOf(observed);
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
  for (let place = 0; place < places.count && plan.create.length < burstReplicas; place++)
    if (planReplica(observed, plan, places.replicas.get(place), place) && isOrdered) return plan;
  if (isOrdered) {
    const [next] = places.condemned;
    if (next) {
      const isFirstIll = next === firstUnhealthy(observed, places);
      const isWell = isRunningAndReady(next) && observed.isAvailable(next);
      if (next.metadata.deletionTimestamp === undefined && (isWell || isFirstIll)) plan.remove.push(next);
      return plan;
    }
  } else plan.remove.push(...places.condemned.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  const outdated = nextOutdated(observed, places);
  if (outdated) {
    plan.remove.push(outdated);
    plan.isUpdate = true;
  }
  return plan;
}

type Steps = { -readonly [K in keyof StatefulPlan]: StatefulPlan[K] extends readonly (infer E)[] ? E[] : StatefulPlan[K] };

/** Whether the others have to wait for this one. */
function planReplica(observed: Observed, plan: Steps, pod: Pod | undefined, place: number): boolean {
  const { set } = observed;
  if (!pod) {
    plan.create.push(startOrdinal(set) + place);
    return true;
  }
  const isGoing = pod.metadata.deletionTimestamp !== undefined;
  if (isPodTerminal(pod)) {
    if (!isGoing) plan.remove.push(pod);
    return true;
  }
  if (pod.status?.phase === 'Pending' && !isGoing) plan.pending.push(pod);
  if (isGoing || !isRunningAndReady(pod) || !observed.isAvailable(pod)) return true;
  if (!hasIdentity(set, pod)) plan.repair.push(pod);
  plan.settled.push(pod);
  return false;
}

/** The lowest Pod that is not well; only that one may be scaled away while it is ill. */
function firstUnhealthy(observed: Observed, { replicas, condemned }: Places): Pod | undefined {
  const isIll = (pod: Pod): boolean => !isHealthy(pod, observed);
  const places = [...replicas.keys()].sort((a, b) => a - b);
  const place = places.find((one) => isIll(replicas.get(one)!));
  return place === undefined ? condemned.findLast(isIll) : replicas.get(place);
}

/** The Pod with the highest ordinal that is not of the new revision, once all above it are well; none below the partition. */
function nextOutdated(observed: Observed, { count, replicas }: Places): Pod | undefined {
  const { set, update } = observed;
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return undefined;
  for (let place = count - 1; place >= (rollingUpdate?.partition ?? 0); place--) {
    const pod = replicas.get(place);
    if (pod && revisionOf(pod) !== update.metadata.name && pod.metadata.deletionTimestamp === undefined) return pod;
    if (!isHealthy(pod, observed)) return undefined;
  }
  return undefined;
}

/** The revision of a Pod that is yet to be made (newVersionedStatefulSetPod). */
export function revisionFor({ set, current, update }: Pick<Observed, 'set' | 'current' | 'update'>, ordinal: number): ControllerRevision {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const isOld = rollingUpdate
    ? ordinal < startOrdinal(set) + (rollingUpdate.partition ?? 0)
    : type === 'RollingUpdate' && ordinal < startOrdinal(set) + (set.status?.currentReplicas ?? 0);
  return isOld ? current : update;
}

/** The status that the Pods make, after `removed` of the current revision were told to go. */
export function statusOf(
  { set, pods, current, update, isAvailable }: Observed,
  collisionCount: number,
  removed: number,
): StatefulSetStatus {
  const counts = { replicas: 0, ready: 0, available: 0, current: 0, updated: 0 };
  for (const pod of pods) {
    if (ordinalOf(set, pod) === undefined) continue;
    counts.replicas++;
    if (isRunningAndReady(pod)) {
      counts.ready++;
      if (isAvailable(pod)) counts.available++;
    }
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const revision = revisionOf(pod);
    if (revision === current.metadata.name) counts.current++;
    if (revision === update.metadata.name) counts.updated++;
  }
  counts.current = Math.max(0, counts.current - removed);
  const wanted = set.spec.replicas ?? 1;
  const isComplete =
    set.spec.updateStrategy?.type === 'RollingUpdate' && counts.updated === wanted && counts.ready === wanted && counts.replicas === wanted;
  return {
    availableReplicas: counts.available,
    collisionCount,
    conditions: set.status?.conditions,
    currentReplicas: (isComplete ? counts.updated : counts.current) || undefined,
    currentRevision: isComplete ? update.metadata.name : current.metadata.name,
    observedGeneration: set.metadata.generation,
    readyReplicas: counts.ready || undefined,
    replicas: counts.replicas,
    updateRevision: update.metadata.name,
    updatedReplicas: counts.updated || undefined,
  };
}
