/** What may make a Pod fit that PodTopologySpread rejected (podtopologyspread/plugin.go, isSchedulableAfter…). */
import type { Node, Pod } from '../../../../api/generated/types.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import type { ClusterEvent } from '../../events.ts';
import type { Plugin } from '../../framework.ts';

const hardOf = ({ spec }: Pod) =>
  (spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');

/** Whether a Pod is counted by some constraint of the one that waits. */
function isCounted(pod: Pod, other: Pod): boolean {
  if (other.metadata.namespace !== pod.metadata.namespace) return false;
  const hard = hardOf(pod);
  // Default constraints have a selector that is not at hand here.
  return hard.length === 0 || hard.some(({ labelSelector }) => selectorFromObject(labelSelector).matches(other.metadata.labels));
}

const hasAllKeys = (pod: Pod, node: Node): boolean =>
  hardOf(pod).every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);

function relabelled(pod: Pod, { before, after }: ClusterEvent): boolean {
  const [was, is] = [before as Node, after as Node];
  if (hasAllKeys(pod, was) !== hasAllKeys(pod, is)) return true;
  return hasAllKeys(pod, is) && hardOf(pod).some(({ topologyKey: key }) => was.metadata.labels?.[key] !== is.metadata.labels?.[key]);
}

export const wakesFor: NonNullable<Plugin['wakes']> = {
  'AssignedPod/Add': (pod, { after }) => isCounted(pod, after as Pod),
  'AssignedPod/Delete': (pod, { before }) => isCounted(pod, before as Pod),
  'AssignedPod/UpdatePodLabel': (pod, { before, after }) => isCounted(pod, before as Pod) !== isCounted(pod, after as Pod),
  'UnscheduledPod/UpdatePodLabel': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid,
  'Node/Add': (pod, { after }) => hasAllKeys(pod, after as Node),
  'Node/Delete': (pod, { before }) => hasAllKeys(pod, before as Node),
  'Node/UpdateNodeLabel': relabelled,
  'Node/UpdateNodeTaint': (pod, { after }) => hasAllKeys(pod, after as Node),
};
