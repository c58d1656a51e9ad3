/** What follows from a Pod's quality of service on its node: its control group, and who dies first when memory runs out (pkg/kubelet/qos/policy.go, cm/helpers_linux.go). */
import type { Container, Pod } from '../../api/generated/types.ts';
import type { Placement } from '../container-runtime/index.ts';
import { containerOf } from './container-path.ts';
import { quantityValue } from '../../machinery/quantity.ts';

const guaranteed = -997;
const bestEffort = 1000;

function oomScoreAdj(pod: Pod, resources: Container['resources'], memoryCapacity: number): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return guaranteed;
  switch (pod.status?.qosClass) {
    case 'Guaranteed':
      return guaranteed;
    case 'Burstable': {
      const request = quantityValue(resources?.requests?.memory ?? '0');
      return Math.min(bestEffort - 1, Math.max(bestEffort + guaranteed, bestEffort - Math.trunc((1000 * request) / memoryCapacity)));
    }
    default:
      return bestEffort;
  }
}

/** `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice`, as the driver systemd names it. */
function cgroupParent({ metadata, status }: Pod): string {
  const uid = metadata.uid.replaceAll('-', '_');
  const qos = status?.qosClass?.toLowerCase();
  if (qos === 'burstable' || qos === 'besteffort') return `/kubepods.slice/kubepods-${qos}.slice/kubepods-${qos}-pod${uid}.slice`;
  return `/kubepods.slice/kubepods-pod${uid}.slice`;
}

/** Where the kernel finds a container of a Pod; undefined for a Pod that the kubelet does not know. */
export function placementOf(pod: Pod | undefined, name: string, { memoryBytes }: { readonly memoryBytes: number }): Placement | undefined {
  return pod && { cgroupParent: cgroupParent(pod), oomScoreAdj: oomScoreAdj(pod, containerOf(pod, name)?.resources, memoryBytes) };
}
