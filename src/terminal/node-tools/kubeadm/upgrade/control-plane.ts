/** The static Pods, one after the other: certificates, manifest, and the wait until the kubelet has the new Pod running (phases/upgrade/staticpods.go). */
import { pods } from '../../../../emulator/api/core/pod.ts';
import type { SessionClient } from '../../../../emulator/client/index.ts';
import { controlPlaneManifests } from '../../../../emulator/cluster/manifests.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { civilTime, isErrno, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import { certificateOf, managed, renewInPlace, validFor } from '../../../../emulator/cluster/managed-certificates.ts';
import { Fatal, manifests } from '../command.ts';
import { components } from './state.ts';

const timeoutMs = 300_000;
const pollMs = 500;
const yearMs = 365 * 86_400_000;

export interface ControlPlaneUpgrade {
  readonly sys: Sys;
  readonly client: SessionClient;
  readonly target: string;
  /** ClusterConfiguration. */
  readonly text: string;
  /** Whether certificates are renewed by the way. */
  readonly renews: boolean;
}

/** In the order in which kubeadm renews them before it moves a component's manifest. */
const certificatesFor: Readonly<Record<string, readonly string[]>> = {
  etcd: ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'],
  'kube-apiserver': ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'apiserver-etcd-client'],
  'kube-controller-manager': ['controller-manager.conf'],
  'kube-scheduler': ['scheduler.conf'],
};

/** `2025-11-03-09-00-00`. */
function stamp(sys: Sys): string {
  const { year, month, day, hour, minute, second } = civilTime(sys.kernel.clock.unixMs);
  return [year, month, day, hour, minute, second].map((part) => String(part).padStart(2, '0')).join('-');
}

/** The Pod's hash, which changes with its manifest; undefined while nobody answers or there is no Pod. */
function* hashOf(
  { sys, client }: ControlPlaneUpgrade,
  component: string,
): Call<{ readonly hash: string; readonly isRunning: boolean } | undefined> {
  try {
    const { metadata, status } = yield* client.get(pods, { namespace: 'kube-system', name: `${component}-${sys.hostname}` });
    const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
    return { hash: metadata.annotations?.['kubernetes.io/config.hash'] ?? '', isRunning: status?.phase === 'Running' && isReady };
  } catch (error) {
    if (error instanceof StatusError || isErrno(error)) return undefined;
    throw error;
  }
}

/** Manifests as this kubeadm makes them of the cluster's configuration: what somebody edited in the old ones is lost, as upstream loses it. */
function newManifests({ sys, target, text }: ControlPlaneUpgrade): ReadonlyMap<string, string> {
  const { networking } = parseYaml(text) as { readonly networking?: { readonly podSubnet?: string; readonly serviceSubnet?: string } };
  return controlPlaneManifests(
    {
      name: sys.hostname,
      ip: sys.net.addresses[0]!,
      podSubnet: networking?.podSubnet ?? '',
      serviceSubnet: networking?.serviceSubnet ?? '',
    },
    target,
  );
}

function* waitForNewPod(upgrade: ControlPlaneUpgrade, component: string, before: string | undefined): Call<void> {
  const { sys } = upgrade;
  const deadline = sys.nowMs + timeoutMs;
  for (;;) {
    const found = yield* hashOf(upgrade, component);
    if (found && found.hash !== before && found.isRunning) return;
    if (sys.nowMs >= deadline) throw new Fatal('timed out waiting for the condition');
    yield* sys.sleep(pollMs);
  }
}

function* upgradeComponent(
  upgrade: ControlPlaneUpgrade,
  component: string,
  folders: { readonly next: string; readonly backup: string },
): Call<void> {
  const { sys, renews } = upgrade;
  const { fs } = sys;
  const path = `${manifests}/${component}.yaml`;
  yield* sys.print(1, `[upgrade/staticpods] Preparing for "${component}" upgrade\n`);
  const text = newManifests(upgrade).get(`${component}.yaml`)!;
  fs.writeFile(`${folders.next}/${component}.yaml`, utf8(text), 0o600);
  if (fs.find(path) && textOf(fs.readFile(path)) === text) {
    yield* sys.print(1, `[upgrade/staticpods] Current and new manifests of ${component} are equal, skipping upgrade\n`);
    return;
  }
  for (const name of renews ? certificatesFor[component]! : []) {
    const which = managed.find((candidate) => candidate.name === name)!;
    const current = certificateOf(fs, which);
    yield* sys.print(1, `[upgrade/staticpods] Renewing ${name} certificate\n`);
    if (current) renewInPlace(sys, which, current, validFor(sys, which.authority, yearMs));
  }
  const before = yield* hashOf(upgrade, component);
  const backup = `${folders.backup}/${component}.yaml`;
  yield* sys.print(
    1,
    `[upgrade/staticpods] Moving new manifest to "${path}" and backing up old manifest to "${backup}"
[upgrade/staticpods] Waiting for the kubelet to restart the component
[upgrade/staticpods] This can take up to 5m0s
`,
  );
  if (fs.find(path)) fs.writeFile(backup, fs.readFile(path), 0o600);
  fs.writeFile(path, utf8(text), 0o600);
  try {
    yield* waitForNewPod(upgrade, component, before?.hash);
  } catch (error) {
    if (!(error instanceof Fatal)) throw error;
    if (fs.find(backup)) fs.writeFile(path, fs.readFile(backup), 0o600);
    throw new Fatal(
      `error execution phase control-plane: couldn't complete the static pod upgrade: couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state. Errors faced: ${error.message}`,
    );
  }
  yield* sys.print(
    1,
    `[apiclient] Found 1 Pods for label selector component=${component}\n[upgrade/staticpods] Component "${component}" upgraded successfully!\n${component === 'etcd' ? '[upgrade/etcd] Waiting for etcd to become available\n' : ''}`,
  );
}

export function* upgradeControlPlane(upgrade: ControlPlaneUpgrade): Call<void> {
  const { sys, target } = upgrade;
  const next = `/etc/kubernetes/tmp/kubeadm-upgraded-manifests${100_000_000 + sys.kernel.random.below(900_000_000)}`;
  const backup = `/etc/kubernetes/tmp/kubeadm-backup-manifests-${stamp(sys)}`;
  for (const folder of [next, backup]) sys.fs.mkdirs(folder);
  yield* sys.print(
    1,
    `[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version "${target}" (timeout: 5m0s)...\n[upgrade/staticpods] Writing new Static Pod manifests to "${next}"\n`,
  );
  for (const component of components) yield* upgradeComponent(upgrade, component, { next, backup });
  yield* sys.print(1, '[upgrade/control-plane] The control plane instance for this node was successfully upgraded!\n');
}
