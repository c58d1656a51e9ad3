/** Every fault, in the order of the table of faults. To add one: a file, and a line here. */
import { addressesExhausted } from './addresses-exhausted.ts';
import { apiStarved } from './api-starved.ts';
import { balancerFailing } from './balancer-failing.ts';
import { certificateExpired } from './certificate-expired.ts';
import { clockSkew } from './clock-skew.ts';
import { cniMissing } from './cni-missing.ts';
import { cordoned } from './cordoned.ts';
import { corednsBroken } from './coredns-broken.ts';
import { diskFull } from './disk-full.ts';
import { edited } from './edited.ts';
import { etcdMemberLost } from './etcd-member-lost.ts';
import { etcdOutOfSpace } from './etcd-out-of-space.ts';
import type { Fault } from './fault.ts';
import { finalizerStuck } from './finalizer-stuck.ts';
import { kubeProxyBroken } from './kube-proxy-broken.ts';
import { kubeconfigWrong } from './kubeconfig-wrong.ts';
import { kubeletMisconfigured } from './kubelet-misconfigured.ts';
import { kubeletStopped } from './kubelet-stopped.ts';
import { labelDrift } from './label-drift.ts';
import { leaderLost } from './leader-lost.ts';
import { machineRebooted } from './machine-rebooted.ts';
import { memoryFull } from './memory-full.ts';
import { networkDegraded } from './network-degraded.ts';
import { networkPartition } from './network-partition.ts';
import { podsDeleted } from './pods-deleted.ts';
import { processKilled } from './process-killed.ts';
import { quotaExhausted } from './quota-exhausted.ts';
import { registryFailing } from './registry-failing.ts';
import { runtimeDown } from './runtime-down.ts';
import { snapshotSaved } from './snapshot-saved.ts';
import { staticPodBroken } from './static-pod-broken.ts';
import { versionSkew } from './version-skew.ts';
import { webhookBlocks } from './webhook-blocks.ts';

export const faults: readonly Fault[] = [
  // Of a machine.
  kubeletStopped,
  kubeletMisconfigured,
  runtimeDown,
  processKilled,
  diskFull,
  memoryFull,
  clockSkew,
  kubeconfigWrong,
  machineRebooted,
  // Of the control plane.
  staticPodBroken,
  certificateExpired,
  leaderLost,
  versionSkew,
  apiStarved,
  webhookBlocks,
  etcdMemberLost,
  etcdOutOfSpace,
  snapshotSaved,
  // Of the network.
  networkDegraded,
  networkPartition,
  balancerFailing,
  cniMissing,
  addressesExhausted,
  registryFailing,
  kubeProxyBroken,
  corednsBroken,
  // Of objects.
  cordoned,
  edited,
  labelDrift,
  quotaExhausted,
  finalizerStuck,
  podsDeleted,
];
