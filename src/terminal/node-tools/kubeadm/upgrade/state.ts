/** What `kubeadm upgrade` looks at before it does anything: the cluster's versions and its health. */
import { daemonSets } from '../../../../emulator/api/apps/daemon-set.ts';
import { deployments } from '../../../../emulator/api/apps/deployment.ts';
import { nodes } from '../../../../emulator/api/core/node.ts';
import { pods } from '../../../../emulator/api/core/pod.ts';
import type { Node, Pod } from '../../../../emulator/api/generated/types.ts';
import type { SessionClient } from '../../../../emulator/client/index.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { Fatal, manifests } from '../command.ts';

export const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';
export const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

export const tagOf = (image: string | undefined): string => image?.slice(image.lastIndexOf(':') + 1) ?? '';

export interface ClusterVersions {
  readonly nodes: readonly Node[];
  /** Versions of the static Pods by component, each with its node. */
  readonly static: ReadonlyMap<string, readonly { readonly node: string; readonly version: string }[]>;
  readonly kubeProxy: string;
  readonly coredns: string;
}

export function* readVersions(client: SessionClient): Call<ClusterVersions> {
  const { items: list } = yield* client.list(nodes);
  const { items } = yield* client.list(pods, { namespace: 'kube-system', labelSelector: 'tier=control-plane' });
  const found = new Map<string, { readonly node: string; readonly version: string }[]>();
  for (const { metadata, spec } of items as readonly Pod[]) {
    const component = metadata.labels?.component ?? '';
    found.set(component, [...(found.get(component) ?? []), { node: spec.nodeName ?? '', version: tagOf(spec.containers[0]?.image) }]);
  }
  const proxy = yield* client.get(daemonSets, { namespace: 'kube-system', name: 'kube-proxy' });
  const dns = yield* client.get(deployments, { namespace: 'kube-system', name: 'coredns' });
  return {
    nodes: list,
    static: found,
    kubeProxy: tagOf(proxy.spec?.template.spec?.containers[0]?.image),
    coredns: tagOf(dns.spec?.template.spec?.containers[0]?.image),
  };
}

/** Checks that failed, as kubeadm lists them. Exit code 2. */
export function* failChecks(sys: Sys, errors: readonly string[]): Call<never> {
  yield* sys.print(
    2,
    `[preflight] Some fatal errors occurred:\n${errors.map((error) => `\t[ERROR ${error}\n`).join('')}[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`\n`,
  );
  throw new Fatal('error execution phase preflight: preflight checks failed', 2);
}

/**
 * The control plane's nodes must be Ready and its manifests in their places (phases/upgrade/health.go).
 *
 * Differs from Kubernetes: no Job is made to see whether the cluster still starts Pods.
 */
export function* checkHealth(sys: Sys, list: readonly Node[]): Call<void> {
  yield* sys.print(1, '[upgrade] Running cluster health checks\n');
  const errors: string[] = [];
  const isReady = ({ status }: Node): boolean =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  const unready = list.filter((node) => node.metadata.labels?.[controlPlaneLabel] !== undefined && !isReady(node));
  if (unready.length > 0)
    errors.push(
      `ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [${unready.map(({ metadata }) => metadata.name).join(' ')}]`,
    );
  const missing = components.filter((name) => name !== 'etcd' && !sys.fs.find(`${manifests}/${name}.yaml`));
  if (missing.length > 0)
    errors.push(`StaticPodManifest]: manifest files not found: [${missing.map((name) => `${manifests}/${name}.yaml`).join(' ')}]`);
  if (errors.length > 0) yield* failChecks(sys, errors);
}
