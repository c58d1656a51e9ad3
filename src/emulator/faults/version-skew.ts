import { daemonSets } from '../api/apps/daemon-set.ts';
import type { Cluster } from '../cluster/index.ts';
import { olderReleases } from '../cluster/versions.ts';
import { ofRelease } from '../control-plane/component-base/release.ts';
import { programInode } from '../kernel/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { asAdministrator, editFile, machineOf, merge, systemdOf, unitOf } from './site.ts';

function installKubelet(cluster: Cluster, node: string, version: string): void {
  const { fs } = machineOf(cluster, node);
  const path = '/usr/bin/kubelet';
  const inode = fs.find(path);
  if (inode?.kind !== 'file' || !inode.program) throw new FaultError(`${node} has no kubelet`);
  fs.link(path, programInode(ofRelease(version, inode.program)));
  systemdOf(cluster, node).restart(unitOf(cluster, node, 'kubelet.service'));
}

export const versionSkew = defineFault({
  name: 'version-skew',
  cause:
    'An upgrade was never finished: the kubelet of a machine is still that of an older minor version; or the image of kube-proxy (DaemonSet), of the scheduler or of the controller manager (static Pod) is.',
  symptoms:
    "Nothing fails, and nothing warns: the API server asks nobody for a version. `kubectl get nodes` shows the kubelet's under `VERSION`; the image (`kubectl -n kube-system get pods -o wide`, `describe`) and the first lines of its log show that of the others. `kubeadm upgrade plan` lists all of them beside what they should be. A kubelet may be three minor versions older than the API server, kube-proxy too, scheduler and controller manager one: with a kubelet that is older still, `kubeadm upgrade apply` stops with `There are kubelets in this cluster that are too old that have these versions […]`.",
  mend: '`apt-get install -y kubelet=1.34.1-1.1` and `systemctl restart kubelet` on the machine; or the image put right in the DaemonSet or in /etc/kubernetes/manifests. A restart alone changes nothing.',
  parameters: {
    component: choice('what is older', ['kubelet', 'kube-proxy', 'kube-scheduler', 'kube-controller-manager'], 'kubelet'),
    version: choice('its version', olderReleases, 'v1.30.14'),
    node: machine('the machine, for the kubelet', 'node-1'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { component, version, node }) {
    if (component === 'kubelet') return installKubelet(cluster, node, version);
    const image = `registry.k8s.io/${component}:${version}`;
    if (component !== 'kube-proxy') {
      const { fs } = machineOf(cluster, cluster.nodeNames[0]!);
      editFile(fs, `/etc/kubernetes/manifests/${component}.yaml`, (text) => text.replace(/image: \S+/, `image: ${image}`));
      return;
    }
    yield* asAdministrator(cluster, function* (client) {
      const ref = { namespace: 'kube-system', name: component };
      const { containers = [] } = (yield* client.get(daemonSets, ref)).spec?.template.spec ?? {};
      yield* merge(client, daemonSets, ref, { spec: { template: { spec: { containers: containers.map((one) => ({ ...one, image })) } } } });
    });
  },
});
