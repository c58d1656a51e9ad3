import type { ByteString, FileSystem } from '../kernel/index.ts';
import { cniConfigDirectory, cniTemplatePath } from '../node/cni/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { machineOf } from './site.ts';

const attic = '/root/cni-old';

/** The file that the runtime takes: the first by its name. */
function configIn(fs: FileSystem): string {
  const name = fs.find(cniConfigDirectory) && fs.list(cniConfigDirectory).find((entry) => /\.(conflist|conf|json)$/.test(entry));
  if (!name) throw new FaultError(`there is no network configuration in ${cniConfigDirectory}`);
  return name;
}

export const cniMissing = defineFault({
  name: 'cni-missing',
  cause:
    'The configuration of the network plugin is gone from /etc/cni/net.d, with the template of containerd that would write it anew: somebody has put both into /root/cni-old. With `mistake=broken` the configuration is there, and no JSON.',
  symptoms:
    'The node is `NotReady`: `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized`, in its condition and every five seconds in `journalctl -u kubelet`. Running Pods go on. New ones have the event `NetworkNotReady`; Pods that are deleted stay `Terminating` with `FailedKillPod`.',
  mend: 'Put the configuration back (`mv /root/cni-old/*.conflist /etc/cni/net.d/`); of a plugin that comes as a DaemonSet, have its Pod on that node made again. Restarts of the kubelet and of containerd change nothing.',
  parameters: {
    node: machine('the machine', 'node-1'),
    mistake: choice('what is wrong', ['gone', 'broken'], 'gone'),
  },
  showsAfterMs: 20_000,
  *inject(cluster, { node, mistake }) {
    const { fs } = machineOf(cluster, node);
    const name = configIn(fs);
    const path = `${cniConfigDirectory}/${name}`;
    fs.mkdirs(attic);
    if (fs.find(cniTemplatePath)) fs.rename(cniTemplatePath, `${attic}/cni.conflist.template`);
    if (mistake === 'gone') fs.rename(path, `${attic}/${name}`);
    else fs.writeFile(path, fs.readFile(path).replace('{', '') as ByteString);
  },
});
