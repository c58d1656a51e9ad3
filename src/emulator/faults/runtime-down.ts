import { unitStopped } from './unit-stopped.ts';

export const runtimeDown = unitStopped('runtime-down', 'containerd', {
  symptoms:
    'The node is `NotReady` with reason `KubeletNotReady` and `container runtime is down` in its condition. `systemctl status containerd` says `inactive (dead)`, `crictl ps` cannot connect to `/run/containerd/containerd.sock`, `journalctl -u kubelet` complains. Containers run on, new ones do not start.',
  mend: '`systemctl enable --now containerd` on the node. A restart of the kubelet changes nothing.',
});
