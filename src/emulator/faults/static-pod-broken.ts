import type { FileSystem } from '../kernel/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice, machine, text } from './parameters.ts';
import { editFile, machineOf } from './site.ts';

const folder = '/etc/kubernetes/manifests';

const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const mistakes = ['flag', 'image', 'yaml', 'away'] as const;

const edits: Readonly<Record<(typeof mistakes)[number], (fs: FileSystem, path: string, component: string, flag: string) => void>> = {
  flag: (fs, path, component, flag) =>
    editFile(fs, path, (manifest) => {
      const name = flag.split('=')[0]!;
      const line = new RegExp(`^    - ${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(=.*)?$`, 'm');
      return line.test(manifest)
        ? manifest.replace(line, () => `    - ${flag}`)
        : manifest.replace(`    - ${component}\n`, (first) => `${first}    - ${flag}\n`);
    }),
  image: (fs, path) =>
    editFile(fs, path, (manifest) =>
      manifest.replace(/^( +image: .*:v?)([\d.]+)/m, (_, head: string, version: string) => `${head}${version}1`),
    ),
  yaml: (fs, path) => editFile(fs, path, (manifest) => manifest.replace(/^ {2}containers:$/m, ' containers:')),
  away: (fs, path, component) => fs.rename(path, `/etc/kubernetes/${component}.yaml`),
};

export const staticPodBroken = defineFault({
  name: 'static-pod-broken',
  cause:
    'The manifest of a control plane component in /etc/kubernetes/manifests is edited: a wrong flag (`flag=` says which), an image that does not exist, an indentation that is no YAML, or it lies one folder higher.',
  symptoms:
    '`flag`: the container ends at once (`crictl ps -a`, `crictl logs`: `unknown flag`) and its Pod is in `CrashLoopBackOff`. `image`: `ErrImagePull` and `ImagePullBackOff`. `yaml` and `away`: the Pod is gone, and for `yaml` `journalctl -u kubelet` says `Could not process manifest file`. Then what the component does: kube-apiserver or etcd, and kubectl is refused; kube-scheduler, and new Pods stay `Pending` without an event; kube-controller-manager, and nothing is made or mended.',
  mend: 'Put the manifest right on the control plane node. To delete the mirror Pod or restart the kubelet changes nothing.',
  parameters: {
    node: machine('a control plane machine', 'control-plane'),
    component: choice('whose manifest', components, 'kube-scheduler'),
    mistake: choice('what is wrong with it', mistakes, 'flag'),
    flag: text('the wrong flag, for mistake=flag; it takes the place of the right one', '--leader-elect-timeout=15s'),
  },
  showsAfterMs: 45_000,
  *inject(cluster, { node, component, mistake, flag }) {
    const { fs } = machineOf(cluster, node);
    const path = `${folder}/${component}.yaml`;
    if (!fs.find(path)) throw new FaultError(`there is no file ${path} on ${node}`);
    edits[mistake](fs, path, component, flag);
  },
});
