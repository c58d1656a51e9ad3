/**
 * `kubeadm reset` of a worker: the machine forgets its cluster, which does not forget it (cmd/kubeadm/app/cmd/phases/reset/cleanupnode.go).
 *
 * Differs from Kubernetes: a control plane is not taken down.
 */
import type { Call } from '../../../emulator/kernel/index.ts';
import { isErrno, readAll, textOf } from '../../../emulator/kernel/index.ts';
import type { ContainerRuntime } from '../../../emulator/node/container-runtime/index.ts';
import { runtimeService } from '../../../emulator/node/container-runtime/index.ts';
import type { Systemd } from '../../../emulator/node/systemd/index.ts';
import { systemdService } from '../../../emulator/node/systemd/index.ts';
import { klogHeader } from '../../kubectl/rest/klog.ts';
import type { Command, Context } from './command.ts';
import { Fatal, manifests } from './command.ts';

const folders = [manifests, '/var/lib/kubelet', '/etc/kubernetes/pki'];
const files = ['admin', 'super-admin', 'kubelet', 'bootstrap-kubelet', 'controller-manager', 'scheduler'].map(
  (name) => `/etc/kubernetes/${name}.conf`,
);

function* confirm({ sys, flags }: Context): Call<void> {
  if (flags.has('force')) return;
  yield* sys.print(
    2,
    `${klogHeader(sys, 'W', 'reset.go:123]')} [reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.\n`,
  );
  yield* sys.print(1, '[reset] Are you sure you want to proceed? [y/N]: ');
  const answer = sys.tty ? yield* sys.read(0) : yield* readAll(sys, 0);
  if (!/^y(es)?$/i.test(textOf(answer).trim().split('\n')[0] ?? '')) throw new Fatal('aborted reset operation');
}

export const reset: Command = {
  flags: { '-f': { name: 'force' }, '--force': { name: 'force' } },
  *run(context): Call<number> {
    const { sys } = context;
    const { fs } = sys;
    if (fs.find(`${manifests}/kube-apiserver.yaml`)) throw new Fatal('a control plane cannot be reset here; only a worker can');
    yield* confirm(context);
    yield* sys.print(1, '[preflight] Running pre-flight checks\n');
    yield* sys.print(
      2,
      `${klogHeader(sys, 'W', 'removeetcdmember.go:106]')} [reset] No kubeadm config, using etcd pod spec to get data directory\n`,
    );
    const systemd = sys.machine.services.get(systemdService) as Systemd;
    const runtime = sys.machine.services.get(runtimeService) as ContainerRuntime;
    yield* sys.print(1, '[reset] Stopping the kubelet service\n[reset] Unmounting mounted directories in "/var/lib/kubelet"\n');
    systemd.stop(systemd.find('kubelet')!);
    for (const sandbox of [...runtime.sandboxes.values()]) runtime.removeSandbox(sandbox);
    yield* sys.print(1, `[reset] Deleting contents of directories: [${folders.join(' ')}]\n`);
    for (const folder of folders)
      for (const name of fs.find(folder) ? fs.list(folder) : []) fs.remove(`${folder}/${name}`, { recursive: true });
    yield* sys.print(1, `[reset] Deleting files: [${files.join(' ')}]\n`);
    for (const file of files)
      try {
        fs.remove(file);
      } catch (error) {
        if (!isErrno(error, 'ENOENT')) throw error;
      }
    yield* sys.print(
      1,
      '\nWhat stays: the configuration of the CNI plugin, the rules of iptables and nftables, and kubeconfigs of users.\nSee https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/ for how to remove them.\n\n',
    );
    return 0;
  },
};
