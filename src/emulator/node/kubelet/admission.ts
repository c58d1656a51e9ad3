/** Whether a Pod that was bound here can run here (upstream pkg/kubelet/lifecycle/predicate.go). */
import { matchesNode } from '../../api/core/node-selector.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import { requestsOf } from './resources.ts';

export interface Capacity {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  readonly pods: number;
}

/** Sums of what the node's Pods ask for, kept by difference. */
export class AdmittedPods {
  cpuMilli = 0;
  memoryBytes = 0;
  ephemeralBytes = 0;
  count = 0;

  add(pod: Pod, sign: 1 | -1): void {
    const requests = requestsOf(pod);
    this.cpuMilli += sign * requests.cpuMilli;
    this.memoryBytes += sign * requests.memoryBytes;
    this.ephemeralBytes += sign * requests.ephemeralBytes;
    this.count += sign;
  }
}

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Undefined when the Pod fits. `node` is the kubelet's own, once it is known. */
export function admit(pod: Pod, admitted: AdmittedPods, capacity: Capacity, node: Node | undefined): Refusal | undefined {
  if (node && !matchesNode(pod, node))
    return {
      reason: 'NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  const requests = requestsOf(pod);
  const checks = [
    ['pods', 1, admitted.count, capacity.pods],
    ['cpu', requests.cpuMilli, admitted.cpuMilli, capacity.cpuMilli],
    ['memory', requests.memoryBytes, admitted.memoryBytes, capacity.memoryBytes],
    ['ephemeral-storage', requests.ephemeralBytes, admitted.ephemeralBytes, capacity.ephemeralBytes],
  ] as const;
  for (const [resource, requested, used, total] of checks) {
    if (requested === 0 || requested <= total - used) continue;
    return {
      reason: `OutOf${resource}`,
      message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${total}`,
    };
  }
  return undefined;
}
