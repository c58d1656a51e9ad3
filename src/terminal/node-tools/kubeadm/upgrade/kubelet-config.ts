/** The part of an upgrade that every node has: the kubelet's files are written anew (phases/upgrade/postupgrade.go). */
import { configMaps } from '../../../../emulator/api/core/config-map.ts';
import type { SessionClient } from '../../../../emulator/client/index.ts';
import { klogHeader } from '../../../kubectl/rest/klog.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';

const configPath = '/var/lib/kubelet/config.yaml';
const environmentPath = '/var/lib/kubelet/kubeadm-flags.env';

/** What the cluster says a kubelet's configuration is; the machine's own where it says nothing. */
function* clusterKubeletConfig(sys: Sys, client: SessionClient): Call<string> {
  try {
    const { data } = yield* client.get(configMaps, { namespace: 'kube-system', name: 'kubelet-config' });
    return data?.kubelet ?? '';
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return textOf(sys.fs.readFile(configPath));
  }
}

/** Hands this machine's configuration to all kubelets of the cluster, by the ConfigMap kubelet-config (phases/kubelet/config.go). */
export function* storeKubeletConfig(sys: Sys, client: SessionClient): Call<void> {
  const metadata = { name: 'kubelet-config', namespace: 'kube-system' };
  const own = textOf(sys.fs.readFile(configPath));
  const data = { kubelet: own.replace(/^containerRuntimeEndpoint: .*$/m, 'containerRuntimeEndpoint: ""') };
  try {
    const kept = yield* client.get(configMaps, metadata);
    yield* client.update(configMaps, { ...kept, data });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    yield* client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
}

export function* upgradeKubeletConfig(sys: Sys, client: SessionClient): Call<void> {
  const { fs } = sys;
  const folder = `/etc/kubernetes/tmp/kubeadm-kubelet-config${100_000_000 + sys.kernel.random.below(900_000_000)}`;
  yield* sys.print(
    2,
    `${klogHeader(sys, 'W', 'postupgrade.go:116]')} Using temporary directory ${folder} for kubelet config. To override it set the environment variable KUBEADM_UPGRADE_DRYRUN_DIR\n`,
  );
  const text = yield* clusterKubeletConfig(sys, client);
  fs.mkdirs(folder);
  fs.writeFile(`${folder}/config.yaml`, fs.readFile(configPath));
  try {
    fs.writeFile(environmentPath, fs.readFile(environmentPath));
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
  const socket = 'unix:///run/containerd/containerd.sock';
  fs.writeFile(
    '/var/lib/kubelet/instance-config.yaml',
    utf8(`apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: ${socket}\nkind: KubeletConfiguration\n`),
  );
  // The endpoint is the node's own, and is laid over what the cluster says.
  fs.writeFile(configPath, utf8(text.replace(/^containerRuntimeEndpoint: .*$/m, `containerRuntimeEndpoint: ${socket}`)));
  yield* sys.print(
    1,
    `[upgrade] Backing up kubelet config file to ${folder}/config.yaml
[kubelet-start] Writing kubelet environment file with flags to file "${environmentPath}"
[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"
[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"
[kubelet-start] Writing kubelet configuration to file "${configPath}"
[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!
`,
  );
}
