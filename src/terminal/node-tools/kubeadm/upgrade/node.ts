/** `kubeadm upgrade node`: on a node that is not the first of the control plane (cmd/kubeadm/app/cmd/upgrade/node.go). */
import type { Command } from '../command.ts';
import { adminKubeconfig, announceConfiguration, connect, readConfiguration, value } from '../command.ts';
import { upgradeControlPlane } from './control-plane.ts';
import { upgradeKubeletConfig } from './kubelet-config.ts';

export const upgradeNode: Command = {
  flags: {
    '--kubeconfig': value('kubeconfig'),
    '--certificate-renewal': value('certificate-renewal'),
    '--ignore-preflight-errors': value('ignore'),
  },
  *run(context) {
    const { sys, flags } = context;
    const isControlPlane = sys.fs.find('/etc/kubernetes/manifests/kube-apiserver.yaml') !== undefined;
    const client = connect(context, isControlPlane ? adminKubeconfig : '/etc/kubernetes/kubelet.conf');
    yield* announceConfiguration(sys, 'upgrade');
    const { configuration, text } = yield* readConfiguration(client);
    yield* sys.print(1, '[upgrade/preflight] Running pre-flight checks\n');
    if (isControlPlane)
      yield* upgradeControlPlane({
        sys,
        client,
        target: configuration.kubernetesVersion,
        text,
        renews: flags.get('certificate-renewal') !== 'false',
      });
    else
      yield* sys.print(
        1,
        `[upgrade/preflight] Skipping prepull. Not a control plane node.
[upgrade/control-plane] Skipping phase. Not a control plane node.
[upgrade/kubeconfig] Skipping phase. Not a control plane node.
`,
      );
    yield* upgradeKubeletConfig(sys, client);
    if (!isControlPlane)
      yield* sys.print(
        1,
        `[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.
[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.
`,
      );
    return 0;
  },
};
