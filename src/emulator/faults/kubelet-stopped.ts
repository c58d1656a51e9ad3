import { unitStopped } from './unit-stopped.ts';

export const kubeletStopped = unitStopped('kubelet-stopped', 'kubelet', {
  symptoms:
    'After 50 s the node is `NotReady`: `kubectl describe node` says `Unknown`, `NodeStatusUnknown`, `Kubelet stopped posting node status.`, and taints it `node.kubernetes.io/unreachable`. `systemctl status kubelet` says `inactive (dead)`. Containers run on (`crictl ps`); after five minutes their Pods are `Terminating` and stay so.',
  mend: '`systemctl enable --now kubelet` on the node. Started and not enabled, it is gone again after a reboot.',
});
