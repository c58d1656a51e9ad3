import { defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { systemdOf, unitOf } from './site.ts';

export const kubeletStopped = defineFault({
  name: 'kubelet-stopped',
  cause: 'The unit kubelet.service is stopped; with `enabled=no` it does not come back with the machine either.',
  symptoms:
    'After 50 s the node is `NotReady`: `kubectl describe node` says `Unknown`, `NodeStatusUnknown`, `Kubelet stopped posting node status.`, and taints it `node.kubernetes.io/unreachable`. `systemctl status kubelet` says `inactive (dead)`. Containers run on (`crictl ps`); after five minutes their Pods are `Terminating` and stay so.',
  mend: '`systemctl enable --now kubelet` on the node. Started and not enabled, it is gone again after a reboot.',
  parameters: {
    node: machine('the machine', 'node-1'),
    enabled: choice('whether it starts with the machine', ['yes', 'no'], 'no'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { node, enabled }) {
    const unit = unitOf(cluster, node, 'kubelet.service');
    systemdOf(cluster, node).stop(unit);
    if (enabled === 'no') unit.isEnabled = false;
  },
});
