/** `kubeadm config images list|pull` and `config print` (cmd/kubeadm/app/cmd/config.go). */
import { releaseParts } from '../../../emulator/cluster/versions.ts';
import { releaseOf } from '../../../emulator/control-plane/component-base/release.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import type { ContainerRuntime } from '../../../emulator/node/container-runtime/index.ts';
import { parseImageReference, pullError, pullMs, runtimeService } from '../../../emulator/node/container-runtime/index.ts';
import type { Command, Context } from './command.ts';
import { Fatal, value } from './command.ts';

const flags = {
  '--kubernetes-version': value('kubernetes-version'),
  '--image-repository': value('image-repository'),
  '--config': value('config'),
  '--cri-socket': value('cri-socket'),
};

/** Every image that a control plane of this release needs. Throws a Fatal for a release that nobody has made. */
export function imagesOf(release: string, repository = 'registry.k8s.io'): readonly string[] {
  const parts = releaseParts(release);
  if (!parts)
    throw new Fatal(
      `this version of kubeadm only supports deploying clusters with the control plane version >= 1.33.0. Current version: ${release}`,
    );
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `${repository}/${name}:${release}`),
    `${repository}/coredns/coredns:${parts.coredns}`,
    `${repository}/pause:${parts.pause}`,
    `${repository}/etcd:${parts.etcd}`,
  ];
}

const asked = ({ sys, flags: given }: Context): readonly string[] => {
  const release = given.get('kubernetes-version') ?? releaseOf(sys);
  return imagesOf(release.startsWith('v') ? release : `v${release}`, given.get('image-repository'));
};

/** Pulls an image that this machine does not have yet. Throws a Fatal when there is none. */
export function* pullImage(sys: Sys, name: string): Call<void> {
  const runtime = sys.machine.services.get(runtimeService) as ContainerRuntime | undefined;
  if (!runtime?.isServing)
    throw new Fatal(
      `failed to create new CRI image service: validate service connection: validate CRI v1 image API for endpoint "unix:///var/run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /var/run/containerd/containerd.sock: connect: connection refused"`,
    );
  const reference = parseImageReference(name);
  if (!reference) throw new Fatal(`failed to pull image "${name}": invalid reference format`);
  if (runtime.images.find(reference)) return;
  const image = runtime.registry.find(reference);
  if (!image) throw new Fatal(`failed to pull image "${name}": ${pullError(reference)}`);
  yield* sys.sleep(pullMs(image));
  runtime.images.add(reference, image);
}

export const listImages: Command = {
  flags: { ...flags, '-o': value('output'), '--output': value('output') },
  *run(context) {
    yield* context.sys.print(
      1,
      asked(context)
        .map((name) => `${name}\n`)
        .join(''),
    );
    return 0;
  },
};

export const pullImages: Command = {
  flags,
  *run(context) {
    for (const name of asked(context)) {
      yield* pullImage(context.sys, name);
      yield* context.sys.print(1, `[config/images] Pulled ${name}\n`);
    }
    return 0;
  },
};

/** What both documents say of the node and of patience. */
const nodeAndTimeouts = (name: string): string => `nodeRegistration:
  criSocket: unix:///var/run/containerd/containerd.sock
  imagePullPolicy: IfNotPresent
  imagePullSerial: true
  name: ${name}
  taints: null
timeouts:
  controlPlaneComponentHealthCheck: 4m0s
  discovery: 5m0s
  etcdAPICall: 2m0s
  kubeletHealthCheck: 4m0s
  kubernetesAPICall: 1m0s
  tlsBootstrap: 5m0s
  upgradeManifests: 5m0s
`;

const initDefaults = (name: string, release: string): string => `apiVersion: kubeadm.k8s.io/v1beta4
bootstrapTokens:
- groups:
  - system:bootstrappers:kubeadm:default-node-token
  token: abcdef.0123456789abcdef
  ttl: 24h0m0s
  usages:
  - signing
  - authentication
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 1.2.3.4
  bindPort: 6443
${nodeAndTimeouts(name)}---
apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controllerManager: {}
dns: {}
encryptionAlgorithm: RSA-2048
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: ${release}
networking:
  dnsDomain: cluster.local
  serviceSubnet: 10.96.0.0/12
proxy: {}
scheduler: {}
`;

const joinDefaults = (name: string): string => `apiVersion: kubeadm.k8s.io/v1beta4
caCertPath: /etc/kubernetes/pki/ca.crt
discovery:
  bootstrapToken:
    apiServerEndpoint: kube-apiserver:6443
    token: abcdef.0123456789abcdef
    unsafeSkipCAVerification: true
  tlsBootstrapToken: abcdef.0123456789abcdef
kind: JoinConfiguration
${nodeAndTimeouts(name)}`;

/** `config print init-defaults` prints a release without a patch, as upstream's placeholder is. */
export const printConfig = (what: 'init' | 'join'): Command => ({
  flags: { '--component-configs': value('component-configs') },
  *run({ sys, flags: given }) {
    if (given.has('component-configs')) throw new Fatal('--component-configs is not emulated');
    yield* sys.print(1, what === 'init' ? initDefaults('node', '1.34.0') : joinDefaults(sys.hostname));
    return 0;
  },
});
