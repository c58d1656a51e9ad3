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

/** What a Pod may set of the kernel without the node's consent (pkg/kubelet/sysctl/safe_sysctls.go). */
const safeSysctls: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

/** Pkg/kubelet/sysctl/allowlist.go. */
function refuseSysctl({ spec }: Pod): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const words =
      spec.hostNetwork && name.startsWith('net.')
        ? 'not allowed with host net enabled'
        : spec.hostIPC && name.startsWith('kernel.')
          ? 'not allowed with host ipc enabled'
          : safeSysctls.includes(name.replaceAll('/', '.'))
            ? undefined
            : 'not allowlisted';
    if (words) return { reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: ${JSON.stringify(name)} ${words}` };
  }
  return undefined;
}

/** Undefined when the Pod fits. `node` is the kubelet's own, once it is known. */
export function admit(pod: Pod, admitted: AdmittedPods, capacity: Capacity, node: Node | undefined): Refusal | undefined {
  if ((pod.spec.os?.name ?? 'linux') !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS" };
  const forbidden = refuseSysctl(pod);
  if (forbidden) return forbidden;
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
