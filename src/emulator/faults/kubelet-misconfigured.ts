import { defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { editFile, machineOf, systemdOf, unitOf } from './site.ts';

const mistakes = ['yaml', 'server'] as const;

const configuration = '/var/lib/kubelet/config.yaml';
const kubeconfig = '/etc/kubernetes/kubelet.conf';

const edits: Readonly<Record<(typeof mistakes)[number], readonly [path: string, edit: (text: string) => string]>> = {
  yaml: [configuration, (text) => text.replace('\nclusterDomain:', '\n  clusterDomain:')],
  server: [kubeconfig, (text) => text.replace(/^( *server: https:\/\/[^:]+):6443$/m, '$1:6433')],
};

export const kubeletMisconfigured = defineFault({
  name: 'kubelet-misconfigured',
  cause:
    'A file that the kubelet reads when it starts is edited, and the kubelet started again: a wrong indentation in /var/lib/kubelet/config.yaml, or the wrong port of the API server in /etc/kubernetes/kubelet.conf.',
  symptoms:
    'After 50 s the node is `NotReady`, `Unknown`. `yaml`: `systemctl status kubelet` says `activating (auto-restart)`, and `journalctl -u kubelet` which file it could not load, and why. `server`: the unit is `active (running)`, and its journal repeats `Unable to register node with API server` with `connection refused`.',
  mend: 'Put the file right; for `server` then restart the kubelet, which read it when it started.',
  parameters: {
    node: machine('the machine', 'node-1'),
    mistake: choice('what is wrong', mistakes, 'yaml'),
  },
  showsAfterMs: 65_000,
  *inject(cluster, { node, mistake }) {
    const [path, edit] = edits[mistake];
    editFile(machineOf(cluster, node).fs, path, edit);
    systemdOf(cluster, node).restart(unitOf(cluster, node, 'kubelet.service'));
  },
});
