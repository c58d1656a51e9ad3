import { defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { systemdOf, unitOf } from './site.ts';

export const runtimeDown = defineFault({
  name: 'runtime-down',
  cause: 'The unit containerd.service is stopped; with `enabled=no` it does not come back with the machine either.',
  symptoms:
    'The node is `NotReady` with reason `KubeletNotReady` and `container runtime is down` in its condition. `systemctl status containerd` says `inactive (dead)`, `crictl ps` cannot connect to `/run/containerd/containerd.sock`, `journalctl -u kubelet` complains. Containers run on, new ones do not start.',
  mend: '`systemctl enable --now containerd` on the node. A restart of the kubelet changes nothing.',
  parameters: {
    node: machine('the machine', 'node-1'),
    enabled: choice('whether it starts with the machine', ['yes', 'no'], 'no'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { node, enabled }) {
    const unit = unitOf(cluster, node, 'containerd.service');
    systemdOf(cluster, node).stop(unit);
    if (enabled === 'no') unit.isEnabled = false;
  },
});
