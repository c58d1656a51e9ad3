/**
 * What happens in the cluster, as plugins are told of it (pkg/scheduler/framework/events.go): every change of a node or a Pod is
 * split into the properties that may matter to scheduling.
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import { equal } from '../../machinery/equality.ts';
import { podRequestsOf } from './cache/pod-class.ts';

type Resource<R extends string, A extends string> = `${R}/${A}`;

/** A resource and what was done to it. `AssignedPod` is a Pod on a node, `UnscheduledPod` one that waits. */
export type EventKind =
  | Resource<
      'Node',
      'Add' | 'Delete' | 'UpdateNodeAllocatable' | 'UpdateNodeLabel' | 'UpdateNodeTaint' | 'UpdateNodeCondition' | 'UpdateNodeAnnotation'
    >
  | Resource<'AssignedPod', 'Add' | 'Delete' | 'UpdatePodLabel' | 'UpdatePodScaleDown' | 'UpdatePodToleration'>
  | Resource<
      'UnscheduledPod',
      | 'UpdatePodLabel'
      | 'UpdatePodToleration'
      | 'UpdatePodScaleDown'
      | 'UpdatePodSchedulingGatesEliminated'
      | 'UpdatePodGeneratedResourceClaim'
    >
  | Resource<
      'PersistentVolumeClaim' | 'PersistentVolume' | 'StorageClass' | 'CSINode' | 'ResourceClaim' | 'DeviceClass',
      'Add' | 'Update' | 'Delete'
    >;

export interface ClusterEvent {
  readonly kind: EventKind;
  /** As it was; undefined for what is new. */
  readonly before: unknown;
  /** As it is; undefined for what is gone. */
  readonly after: unknown;
}

/** What changed of a node that plugins may wait for (NodeSchedulingPropertiesChange). */
export function nodeEvents(before: Node, after: Node): readonly ClusterEvent[] {
  const kinds: EventKind[] = [];
  if (before.spec !== after.spec) {
    const isSame =
      (before.spec?.unschedulable ?? false) === (after.spec?.unschedulable ?? false) && equal(before.spec?.taints, after.spec?.taints);
    if (!isSame) kinds.push('Node/UpdateNodeTaint');
  }
  if (differ(before.status?.allocatable, after.status?.allocatable)) kinds.push('Node/UpdateNodeAllocatable');
  if (differ(before.metadata.labels, after.metadata.labels)) kinds.push('Node/UpdateNodeLabel');
  if (differ(before.metadata.annotations, after.metadata.annotations)) kinds.push('Node/UpdateNodeAnnotation');
  return kinds.map((kind) => ({ kind, before, after }));
}

const differ = (a: unknown, b: unknown): boolean => a !== b && !equal(a, b);

/** What changed of a Pod (PodSchedulingPropertiesChange). */
export function podEvents(before: Pod, after: Pod): readonly ClusterEvent[] {
  const kinds: EventKind[] = [];
  const resource = after.spec.nodeName ? 'AssignedPod' : 'UnscheduledPod';
  if (differ(before.metadata.labels, after.metadata.labels)) kinds.push(`${resource}/UpdatePodLabel`);
  if (before.spec !== after.spec) {
    if (isScaledDown(before, after)) kinds.push(`${resource}/UpdatePodScaleDown`);
    if (before.spec.schedulingGates?.length && !after.spec.schedulingGates?.length && resource === 'UnscheduledPod')
      kinds.push('UnscheduledPod/UpdatePodSchedulingGatesEliminated');
    if (differ(before.spec.tolerations, after.spec.tolerations)) kinds.push(`${resource}/UpdatePodToleration`);
  }
  if (resource === 'UnscheduledPod' && differ(before.status?.resourceClaimStatuses, after.status?.resourceClaimStatuses))
    kinds.push('UnscheduledPod/UpdatePodGeneratedResourceClaim');
  return kinds.map((kind) => ({ kind, before, after }));
}

/** Whether some request has become smaller, which leaves room. */
function isScaledDown(before: Pod, after: Pod): boolean {
  if (before.spec.containers === after.spec.containers && before.spec.initContainers === after.spec.initContainers) return false;
  const next = podRequestsOf(after);
  for (const [name, amount] of podRequestsOf(before)) if ((next.get(name) ?? 0) < amount) return true;
  return false;
}
