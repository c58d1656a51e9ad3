/** What the health of a Node follows from (pkg/controller/nodelifecycle/node_lifecycle_controller.go). */
import type { Node, NodeCondition, Taint } from '../../../api/generated/types.ts';
import { notReadyTaint, unreachableTaint } from '../taints.ts';

export function readyCondition(node: Node): NodeCondition | undefined {
  return node.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Conditions that become Unknown when the kubelet is no longer heard. */
const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a Node whose kubelet has not been heard for too long; undefined if they say so already. */
export function unknownConditions(node: Node, now: string): readonly NodeCondition[] | undefined {
  const conditions = [...(node.status?.conditions ?? [])];
  let isChanged = false;
  for (const type of watched) {
    const i = conditions.findIndex((condition) => condition.type === type);
    if (i < 0) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
      });
    } else if (conditions[i]!.status === 'Unknown') continue;
    else {
      conditions[i] = {
        ...conditions[i]!,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: now,
      };
    }
    isChanged = true;
  }
  return isChanged ? conditions : undefined;
}

const taintOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReadyTaint, Unknown: unreachableTaint },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const managed: ReadonlySet<string> = new Set([
  ...Object.values(taintOf).flatMap((byStatus) => Object.values(byStatus)),
  unschedulableTaint,
]);

/** The taints of a Node with the NoSchedule ones that its conditions ask for; its own list if nothing differs. */
export function withNoScheduleTaints(node: Node, now: string): readonly Taint[] {
  const wanted = new Set<string>();
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = taintOf[type]?.[status];
    if (key) wanted.add(key);
  }
  if (node.spec?.unschedulable) wanted.add(unschedulableTaint);
  const current = node.spec?.taints ?? [];
  const kept = current.filter(({ key, effect }) => effect !== 'NoSchedule' || !managed.has(key) || wanted.has(key));
  const missing = [...wanted].filter((key) => !kept.some((taint) => taint.key === key && taint.effect === 'NoSchedule'));
  if (kept.length === current.length && missing.length === 0) return current;
  return [...kept, ...missing.map((key) => ({ key, effect: 'NoSchedule', timeAdded: now }))];
}

/** The taints of a Node with the one NoExecute taint that its readiness asks for, or with none. */
export function withNoExecuteTaint(node: Node, key: string | undefined, now: string): readonly Taint[] {
  const current = node.spec?.taints ?? [];
  const isOurs = (taint: Taint): boolean => taint.effect === 'NoExecute' && (taint.key === notReadyTaint || taint.key === unreachableTaint);
  const kept = current.filter((taint) => !isOurs(taint) || taint.key === key);
  const isThere = key === undefined || kept.some((taint) => isOurs(taint));
  if (kept.length === current.length && isThere) return current;
  return isThere ? kept : [...kept, { key: key!, effect: 'NoExecute', timeAdded: now }];
}
