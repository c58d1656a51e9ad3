/** `kubeadm upgrade plan`: what is installed, and what could be (cmd/kubeadm/app/cmd/upgrade/plan.go). */
import { latestRelease, releaseParts } from '../../../../emulator/cluster/versions.ts';
import { releaseOf } from '../../../../emulator/control-plane/component-base/release.ts';
import type { Call } from '../../../../emulator/kernel/index.ts';
import { columns } from '../columns.ts';
import type { Command } from '../command.ts';
import { announceConfiguration, connect, Fatal, readConfiguration, value } from '../command.ts';
import { parseVersion } from './policy.ts';
import type { ClusterVersions } from './state.ts';
import { checkHealth, readVersions } from './state.ts';

const rule = `${'_'.repeat(69)}\n`;

function componentRows({ static: found, kubeProxy, coredns }: ClusterVersions, target: string): string[][] {
  const parts = releaseParts(target)!;
  const rows = (component: string, to: string): string[][] =>
    (found.get(component) ?? []).map(({ node, version }) => [component, node, version, to]);
  return [
    ['COMPONENT', 'NODE', 'CURRENT', 'TARGET'],
    ...rows('kube-apiserver', target),
    ...rows('kube-controller-manager', target),
    ...rows('kube-scheduler', target),
    ['kube-proxy', '', kubeProxy.replace(/^v/, ''), target],
    ['CoreDNS', '', coredns, parts.coredns],
    ...rows('etcd', parts.etcd),
  ];
}

const configTable = (): string =>
  `
The table below shows the current state of component configs as understood by this version of kubeadm.
Configs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or
resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually
upgrade to is denoted in the "PREFERRED VERSION" column.

${columns([
  ['API GROUP', 'CURRENT VERSION', 'PREFERRED VERSION', 'MANUAL UPGRADE REQUIRED'],
  ['kubeproxy.config.k8s.io', 'v1alpha1', 'v1alpha1', 'no'],
  ['kubelet.config.k8s.io', 'v1beta1', 'v1beta1', 'no'],
])}${rule}
`;

function upgradeText(
  versions: ClusterVersions,
  { from, target, kubeadm }: { readonly from: string; readonly target: string; readonly kubeadm: string },
): string {
  const kubelets = versions.nodes.map(({ metadata, status }) => ['kubelet', metadata.name, status?.nodeInfo?.kubeletVersion ?? '', target]);
  const series = `v1.${parseVersion(from)!.minor}`;
  const note = kubeadm === target ? '' : `Note: Before you can perform this upgrade, you have to update kubeadm to ${target}.\n\n`;
  const manual = kubelets.some(([, , version]) => version !== target)
    ? `Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':\n${columns([['COMPONENT', 'NODE', 'CURRENT', 'TARGET'], ...kubelets])}\n`
    : '';
  return `${manual}Upgrade to the latest version in the ${series} series:\n\n${columns(componentRows(versions, target))}\nYou can now apply the upgrade by executing the following command:\n\n\tkubeadm upgrade apply ${target}\n\n${note}${rule}\n`;
}

export const planUpgrade: Command = {
  flags: { '--kubeconfig': value('kubeconfig'), '--config': value('config'), '-o': value('output'), '--output': value('output') },
  maxWords: 1,
  *run(context): Call<number> {
    const { sys, words } = context;
    const kubeadm = releaseOf(sys);
    yield* sys.print(1, '[preflight] Running pre-flight checks.\n');
    const client = connect(context);
    yield* announceConfiguration(sys, 'upgrade/config');
    const { configuration } = yield* readConfiguration(client);
    const versions = yield* readVersions(client);
    yield* checkHealth(sys, versions.nodes);
    const from = configuration.kubernetesVersion;
    const asked = words[0];
    const target = asked === undefined ? latestRelease : asked.startsWith('v') ? asked : `v${asked}`;
    if (!releaseParts(target)) throw new Fatal(`couldn't parse version ${target}: no such release`);
    yield* sys.print(
      1,
      `[upgrade] Fetching available versions to upgrade to\n[upgrade/versions] Cluster version: ${from.slice(1)}\n[upgrade/versions] kubeadm version: ${kubeadm}\n[upgrade/versions] Target version: ${target}\n[upgrade/versions] Latest version in the v1.${parseVersion(from)!.minor} series: ${target}\n\n`,
    );
    yield* sys.print(
      1,
      from === target ? "Awesome, you're up-to-date! Enjoy!\n" : `${upgradeText(versions, { from, target, kubeadm })}${configTable()}`,
    );
    return 0;
  },
};
