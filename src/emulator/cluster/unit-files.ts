/** The unit files of a machine's services, as their packages bring them. */

import type { DirectoryInode, FileSystem } from '../kernel/index.ts';
import { directoryInode, fileInode, utf8 } from '../kernel/index.ts';
import { timeSyncUnit } from '../node/systemd/index.ts';

/** Where the network policy agent of a node finds its credential. */
export const networkPolicyKubeconfig = '/etc/kubernetes/network-policies.conf';

export const cloudKubeconfig = '/etc/kubernetes/cloud-controller-manager.conf';

const folder = '/usr/lib/systemd/system';

/** As the kubelet's package has it, and the drop-in that comes with kubeadm's. */
const kubelet = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

const kubeletDropIn = `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# Written by "kubeadm init" and "kubeadm join": KUBELET_KUBEADM_ARGS.
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# For whoever looks after the machine, as a last resort: KUBELET_EXTRA_ARGS.
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

const containerd = `[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
ExecStart=/usr/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
`;

/** As Debian's package systemd-timesyncd has it. */
const timesyncd = `[Unit]
Description=Network Time Synchronization
Documentation=man:systemd-timesyncd.service(8)
ConditionCapability=CAP_SYS_TIME
DefaultDependencies=no
Conflicts=shutdown.target
Before=time-set.target sysinit.target shutdown.target
Wants=time-set.target

[Service]
ExecStart=!!/usr/lib/systemd/systemd-timesyncd
Restart=always
RestartSec=0
Type=notify
User=systemd-timesync

[Install]
WantedBy=sysinit.target
Alias=dbus-org.freedesktop.timesync1.service
`;

const networkPolicies = `[Unit]
Description=kube-network-policies: enforces NetworkPolicies on this node

[Service]
ExecStart=/usr/bin/kube-network-policies --kubeconfig=${networkPolicyKubeconfig}
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

/** Several of them elect one that acts. */
const cloudController = (elects: boolean): string => `[Unit]
Description=cloud-controller-manager: load balancers for Services

[Service]
ExecStart=/usr/bin/cloud-controller-manager --cloud-provider=emulated --kubeconfig=${cloudKubeconfig} --leader-elect=${elects}
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

/** Files that every machine has alike, by path. */
export const unitFiles: Readonly<Record<string, string>> = {
  [`${folder}/kubelet.service`]: kubelet,
  [`${folder}/kubelet.service.d/10-kubeadm.conf`]: kubeletDropIn,
  [`${folder}/containerd.service`]: containerd,
  [`${folder}/${timeSyncUnit}`]: timesyncd,
};

/** /etc/systemd, with the links that start services with every machine. */
export function enabledUnits(): DirectoryInode {
  const [systemd, system] = [directoryInode(), directoryInode()];
  const wanted = { 'multi-user.target': ['containerd.service', 'kubelet.service'], 'sysinit.target': [timeSyncUnit] };
  for (const [target, names] of Object.entries(wanted)) {
    const wants = directoryInode();
    for (const name of names) wants.entries.set(name, { kind: 'symlink', mode: 0o777, mtimeMs: 0, target: `${folder}/${name}` });
    system.entries.set(`${target}.wants`, wants);
  }
  systemd.entries.set('system', system);
  return systemd;
}

/** Nodes share the file. */
const policiesInode = fileInode(utf8(networkPolicies));

export function installPolicies(fs: FileSystem): void {
  fs.link(`${folder}/kube-network-policies.service`, policiesInode);
}

export function installCloudController(fs: FileSystem, { elects }: { readonly elects: boolean }): void {
  fs.link(`${folder}/cloud-controller-manager.service`, fileInode(utf8(cloudController(elects))));
}
