/**
 * `kubeadm join` of a worker by a bootstrap token: it learns whom to trust, leaves the kubelet a kubeconfig with the token, and waits until
 * that has a certificate of its own (cmd/kubeadm/app/cmd/join.go, phases/join).
 *
 * Differs from Kubernetes: of the checks beforehand there are those of files and of the kubelet's port, and no control plane joins.
 */
import { configMaps } from '../../../../emulator/api/core/config-map.ts';
import { nodes } from '../../../../emulator/api/core/node.ts';
import { connectClient, loadKubeconfig } from '../../../../emulator/client/index.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { base64, isErrno, utf8 } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import type { Systemd } from '../../../../emulator/node/systemd/index.ts';
import { systemdService } from '../../../../emulator/node/systemd/index.ts';
import type { Command } from '../command.ts';
import { announceConfiguration, Fatal, value } from '../command.ts';
import { failChecks } from '../upgrade/state.ts';
import type { Discovered } from './discovery.ts';
import { discover } from './discovery.ts';

const bootstrapPath = '/etc/kubernetes/bootstrap-kubelet.conf';
const kubeletPath = '/etc/kubernetes/kubelet.conf';
const authorityPath = '/etc/kubernetes/pki/ca.crt';
const configPath = '/var/lib/kubelet/config.yaml';
const socket = 'unix:///run/containerd/containerd.sock';
const lookMs = 500;
const bootstrapTimeoutMs = 300_000;

const bootstrapKubeconfig = ({ server, authority }: Discovered, token: string): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(utf8(authority))}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: tls-bootstrap-token-user
  name: tls-bootstrap-token-user@kubernetes
current-context: tls-bootstrap-token-user@kubernetes
kind: Config
preferences: {}
users:
- name: tls-bootstrap-token-user
  user:
    token: ${token}
`;

function* checkMachine(sys: Sys): Call<void> {
  yield* sys.print(1, '[preflight] Running pre-flight checks\n');
  const errors = [kubeletPath, bootstrapPath, authorityPath]
    .filter((path) => sys.fs.find(path) !== undefined)
    .map((path) => `FileAvailable-${path.replaceAll('/', '-')}]: ${path} already exists`);
  const kubelet = (sys.machine.services.get(systemdService) as Systemd | undefined)?.find('kubelet');
  if (!kubelet) throw new Fatal('this machine has no kubelet');
  if (kubelet.active === 'active') errors.push('Port-10250]: Port 10250 is in use');
  if (errors.length > 0) yield* failChecks(sys, errors);
}

/** Writes what the kubelet starts with, read from the cluster by the token. */
function* configureKubelet(sys: Sys, discovered: Discovered, token: string): Call<void> {
  const { fs } = sys;
  fs.mkdirs('/etc/kubernetes/pki');
  fs.writeFile(bootstrapPath, utf8(bootstrapKubeconfig(discovered, token)), 0o600);
  fs.writeFile(authorityPath, utf8(discovered.authority));
  const client = connectClient({ kernel: sys.kernel, net: sys.net, ...loadKubeconfig(fs, bootstrapPath), agent: 'kubeadm' });
  sys.own(() => client.close());
  yield* announceConfiguration(sys, 'preflight');
  yield* client.get(configMaps, { namespace: 'kube-system', name: 'kubeadm-config' });
  yield* refuseReady(sys, () => client.get(nodes, { name: sys.hostname }));
  const { data } = yield* client.get(configMaps, { namespace: 'kube-system', name: 'kubelet-config' });
  const own = `apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: ${socket}\nkind: KubeletConfiguration\n`;
  fs.mkdirs('/var/lib/kubelet');
  fs.writeFile('/var/lib/kubelet/instance-config.yaml', utf8(own));
  fs.writeFile(configPath, utf8((data?.kubelet ?? '').replace(/^containerRuntimeEndpoint: .*$/m, `containerRuntimeEndpoint: ${socket}`)));
  fs.writeFile(
    '/var/lib/kubelet/kubeadm-flags.env',
    utf8('KUBELET_KUBEADM_ARGS="--pod-infra-container-image=registry.k8s.io/pause:3.10.1"\n'),
  );
  yield* sys.print(
    1,
    `[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"
[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"
[kubelet-start] Writing kubelet configuration to file "${configPath}"
[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"
`,
  );
}

/** A second machine of a name that is in use would take the first one's place. */
function* refuseReady(
  sys: Sys,
  read: () => Call<{
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null } | null;
  }>,
): Call<void> {
  try {
    const { status } = yield* read();
    if (status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'))
      throw new Fatal(
        `error execution phase kubelet-start: a Node with name "${sys.hostname}" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node`,
      );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The kubelet asks for its certificate by the token, which is then taken off the disk. */
function* startKubelet(sys: Sys): Call<void> {
  const systemd = sys.machine.services.get(systemdService) as Systemd;
  const kubelet = systemd.find('kubelet')!;
  const startedMs = sys.nowMs;
  yield* sys.print(1, '[kubelet-start] Starting the kubelet\n');
  systemd.start(kubelet);
  yield* sys.print(1, '[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s\n');
  yield* sys.sleep(lookMs);
  yield* sys.print(
    1,
    `[kubelet-check] The kubelet is healthy after ${sys.nowMs - startedMs}ms\n[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap\n`,
  );
  while (!sys.fs.find(kubeletPath)) {
    if (sys.nowMs - startedMs > bootstrapTimeoutMs) {
      sys.fs.remove(bootstrapPath);
      throw new Fatal('error execution phase kubelet-start: timed out waiting for the condition');
    }
    yield* sys.sleep(lookMs);
  }
  sys.fs.remove(bootstrapPath);
}

export const join: Command = {
  flags: {
    '--token': value('token'),
    '--discovery-token': value('token'),
    '--discovery-token-ca-cert-hash': value('hash'),
    '--discovery-token-unsafe-skip-ca-verification': { name: 'skip' },
  },
  maxWords: 1,
  *run({ sys, flags, words }): Call<number> {
    const token = flags.get('token') ?? '';
    const [, ip, port] = /^\[?([\d.]+|[0-9a-f:]+)\]?:(\d+)$/.exec(words[0] ?? '') ?? [];
    if (ip === undefined || !/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token))
      throw new Fatal('discovery: Invalid value: "": bootstrapToken or file must be set');
    const hash = flags.get('hash');
    if (hash === undefined && !flags.has('skip'))
      throw new Fatal(
        'discovery.bootstrapToken: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
      );
    yield* checkMachine(sys);
    const discovered = yield* discover(sys, { server: { ip, port: Number(port) }, token, hashes: hash === undefined ? [] : [hash] });
    try {
      yield* configureKubelet(sys, discovered, token);
    } catch (error) {
      if (isErrno(error)) throw new Fatal(`error execution phase kubelet-start: ${error.message}`);
      throw error;
    }
    yield* startKubelet(sys);
    yield* sys.print(
      1,
      `
This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.
* The Kubelet was informed of the new secure connection details.

Run 'kubectl get nodes' on the control-plane to see this node join the cluster.

`,
    );
    return 0;
  },
};
