/** `kubeadm upgrade apply`: the control plane and its add-ons to another version (cmd/kubeadm/app/cmd/upgrade/apply.go). */
import { daemonSets } from '../../../../emulator/api/apps/daemon-set.ts';
import { deployments } from '../../../../emulator/api/apps/deployment.ts';
import { configMaps } from '../../../../emulator/api/core/config-map.ts';
import type { Deployment, PodTemplateSpec } from '../../../../emulator/api/generated/types.ts';
import type { SessionClient } from '../../../../emulator/client/index.ts';
import { releaseParts } from '../../../../emulator/cluster/versions.ts';
import { releaseOf } from '../../../../emulator/control-plane/component-base/release.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { textOf } from '../../../../emulator/kernel/index.ts';
import { imagesOf, pullImage } from '../config.ts';
import type { Command, Context } from '../command.ts';
import { announceConfiguration, connect, Fatal, readConfiguration, value } from '../command.ts';
import { upgradeControlPlane } from './control-plane.ts';
import { storeKubeletConfig, upgradeKubeletConfig } from './kubelet-config.ts';
import { parseVersion, skewErrors } from './policy.ts';
import { checkHealth, readVersions } from './state.ts';

const listed = (errors: readonly string[]): string => errors.map((error) => `\t- ${error}\n`).join('');

/** Throws a Fatal for a version that may not follow. */
function* enforcePolicies({ sys, flags }: Context, versions: Parameters<typeof skewErrors>[0]): Call<void> {
  const { wanted, cluster, kubeadm } = versions;
  yield* sys.print(
    1,
    `[upgrade/preflight] You have chosen to upgrade the cluster version to "${wanted}"\n[upgrade/versions] Cluster version: ${cluster}\n[upgrade/versions] kubeadm version: ${kubeadm}\n`,
  );
  const { mandatory, skippable } = skewErrors(versions);
  const failed = (text: string): Fatal => new Fatal(`error execution phase preflight: ${text}`);
  if (mandatory.length > 0)
    throw failed(
      `the version argument is invalid due to these fatal errors:\n\n${listed(mandatory)}\nPlease fix the misalignments highlighted above and try upgrading again`,
    );
  if (skippable.length === 0) return;
  if (!flags.has('force'))
    throw failed(
      `the version argument is invalid due to these errors:\n\n${listed(skippable)}\nCan be bypassed if you pass the --force flag`,
    );
  yield* sys.print(
    1,
    `[upgrade/preflight] Found ${skippable.length} potential version compatibility errors but skipping since the --force flag is set: \n\n${listed(skippable)}`,
  );
}

function* confirm(sys: Sys): Call<void> {
  yield* sys.print(1, '[upgrade] Are you sure you want to proceed? [y/N]: ');
  const answer = textOf(yield* sys.read(0))
    .split('\n')[0]!
    .trim()
    .toLowerCase();
  if (answer !== 'y' && answer !== 'yes')
    throw new Fatal("error execution phase preflight: won't proceed; the user didn't answer (Y|y) in order to continue");
}

function* pullAll(sys: Sys, release: string): Call<void> {
  yield* sys.print(
    1,
    `[upgrade/preflight] Pulling images required for setting up a Kubernetes cluster
[upgrade/preflight] This might take a minute or two, depending on the speed of your internet connection
[upgrade/preflight] You can also perform this action beforehand using 'kubeadm config images pull'
`,
  );
  for (const name of imagesOf(release)) {
    try {
      yield* pullImage(sys, name);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      yield* sys.print(
        2,
        `[preflight] Some fatal errors occurred:\n\t[ERROR ImagePull]: ${error.message}\n[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`\n`,
      );
      throw new Fatal('error execution phase preflight: preflight checks failed', 2);
    }
  }
}

function withImage(template: PodTemplateSpec, image: string): PodTemplateSpec {
  const [first, ...rest] = template.spec!.containers;
  return { ...template, spec: { ...template.spec!, containers: [{ ...first!, image }, ...rest] } };
}

/** The configuration that the cluster keeps of itself, and its add-ons. */
function* finish(sys: Sys, client: SessionClient, release: string): Call<void> {
  const namespace = 'kube-system';
  const kept = yield* client.get(configMaps, { namespace, name: 'kubeadm-config' });
  const text = (kept.data?.ClusterConfiguration ?? '').replace(/^kubernetesVersion: .*$/m, `kubernetesVersion: ${release}`);
  yield* client.update(configMaps, { ...kept, data: { ...kept.data, ClusterConfiguration: text } });
  yield* storeKubeletConfig(sys, client);
  yield* sys.print(
    1,
    `[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace
[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster
[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!
`,
  );
  yield* upgradeKubeletConfig(sys, client);
  yield* sys.print(
    1,
    `[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules
[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes
[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials
[bootstrap-token] Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token
[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the cluster
`,
  );
  const dns: Deployment = yield* client.get(deployments, { namespace, name: 'coredns' });
  const dnsImage = `registry.k8s.io/coredns/coredns:${releaseParts(release)!.coredns}`;
  yield* client.update(deployments, { ...dns, spec: { ...dns.spec!, template: withImage(dns.spec!.template, dnsImage) } });
  yield* sys.print(1, '[addons] Applied essential addon: CoreDNS\n');
  const proxy = yield* client.get(daemonSets, { namespace, name: 'kube-proxy' });
  const proxyImage = `registry.k8s.io/kube-proxy:${release}`;
  yield* client.update(daemonSets, { ...proxy, spec: { ...proxy.spec!, template: withImage(proxy.spec!.template, proxyImage) } });
  yield* sys.print(1, '[addons] Applied essential addon: kube-proxy\n');
}

export const applyUpgrade: Command = {
  flags: {
    '--kubeconfig': value('kubeconfig'),
    '--force': { name: 'force' },
    '-f': { name: 'force' },
    '--yes': { name: 'yes' },
    '-y': { name: 'yes' },
    '--certificate-renewal': value('certificate-renewal'),
    '--etcd-upgrade': value('etcd-upgrade'),
    '--ignore-preflight-errors': value('ignore'),
  },
  maxWords: 1,
  *run(context) {
    const { sys, words, flags } = context;
    const [asked] = words;
    if (asked === undefined) throw new Fatal('missing one or more required arguments. Required arguments: [version]');
    const wanted = asked.startsWith('v') ? asked : `v${asked}`;
    if (!parseVersion(wanted))
      throw new Fatal(`version "${asked}" doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`);
    const client = connect(context);
    yield* announceConfiguration(sys, 'upgrade');
    const { configuration, text } = yield* readConfiguration(client);
    yield* sys.print(1, '[upgrade/preflight] Running preflight checks\n');
    const versions = yield* readVersions(client);
    yield* checkHealth(sys, versions.nodes);
    const kubelets = versions.nodes.map(({ status }) => status?.nodeInfo?.kubeletVersion ?? '');
    yield* enforcePolicies(context, { wanted, cluster: configuration.kubernetesVersion, kubeadm: releaseOf(sys), kubelets });
    if (!flags.has('yes') && !flags.has('force')) yield* confirm(sys);
    if (!releaseParts(wanted)) throw new Fatal(`error execution phase preflight: there is no release ${wanted}`);
    yield* pullAll(sys, wanted);
    yield* upgradeControlPlane({ sys, client, target: wanted, text, renews: flags.get('certificate-renewal') !== 'false' });
    yield* finish(sys, client, wanted);
    yield* sys.print(
      1,
      `\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "${wanted}".\n\n[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.\n`,
    );
    return 0;
  },
};
