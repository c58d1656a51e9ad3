/** The images of registry.k8s.io: what `registry.k8s.io/kube-scheduler` runs *is* the scheduler. */
import { coredns } from '../addons/coredns/index.ts';
import { gatewayController } from '../addons/gateway-api/index.ts';
import { ingressController } from '../addons/ingress-nginx/index.ts';
import { metricsAdapter } from '../addons/metrics-adapter/index.ts';
import { metricsServer, metricsServerVersion } from '../addons/metrics-server/index.ts';
import { nfsProvisioner } from '../addons/nfs-provisioner/index.ts';
import { calicoInstall, calicoNode, calicoVersion, flanneld, flannelPluginVersion, flannelVersion } from '../addons/pod-network/index.ts';
import { ofRelease } from '../control-plane/component-base/release.ts';
import { etcd } from '../control-plane/etcd/index.ts';
import { kubeApiserver } from '../control-plane/kube-apiserver/index.ts';
import { kubeControllerManager } from '../control-plane/kube-controller-manager/index.ts';
import { kubeScheduler } from '../control-plane/kube-scheduler/index.ts';
import { scriptScheduler } from '../control-plane/kube-scheduler/script/index.ts';
import type { ImageDefinition, ImageUsage } from '../images/index.ts';
import { programsIn } from '../images/index.ts';
import type { Program } from '../kernel/index.ts';
import { kubeProxy } from '../node/kube-proxy/index.ts';
import { olderReleases, releases, systemVersions } from './versions.ts';

const { kubernetes } = systemVersions;

/** At rest: thousandths of a CPU and mebibytes, as a small idle cluster has them; and CPU time a request. */
const usage = (idleCpuMilli: number, mebibytes: number, requestCpuMs = 0.5): ImageUsage => ({
  idleCpuMilli,
  memoryBytes: mebibytes * 1024 * 1024,
  requestCpuMs,
});

/** A component in each release that exists; the first is what a cluster begins with. */
function component(
  name: string,
  sizeBytes: number,
  program: Program,
  usage?: ImageUsage,
  older: readonly string[] = olderReleases,
): ImageDefinition {
  const path = `/usr/local/bin/${name}`;
  return {
    ...image(name, kubernetes, sizeBytes, path, program, usage),
    versions: [...releases.keys(), ...older].map((release) => ({ tags: [release], sizeBytes })),
    files: (release) => ({ [path]: ofRelease(release, program) }),
  };
}

function image(repository: string, tag: string, sizeBytes: number, path: string, program: Program, usage?: ImageUsage): ImageDefinition {
  return {
    repository: `registry.k8s.io/${repository}`,
    versions: [{ tags: [tag], sizeBytes }],
    config: { entrypoint: [path] },
    usage,
    files: () => ({ [path]: program }),
  };
}

/** On every node from the start, as in a node image that has them preloaded. */
export const nodeImages: readonly ImageDefinition[] = [
  image('coredns/coredns', systemVersions.coredns, 22_384_805, '/coredns', coredns, usage(2, 13, 0.1)),
  {
    ...component('kube-proxy', 25_963_718, kubeProxy, usage(1, 17)),
    files: (release, programs) => ({
      '/usr/local/bin/kube-proxy': ofRelease(release, kubeProxy),
      ...programsIn('/usr/sbin', ['conntrack', 'ipset', 'ip6tables', 'ip6tables-save', 'iptables', 'iptables-save', 'nft'], programs),
    }),
  },
  image(
    'sig-storage/nfs-subdir-external-provisioner',
    systemVersions.nfsProvisioner,
    17_930_192,
    '/nfs-subdir-external-provisioner',
    nfsProvisioner,
    usage(1, 14),
  ),
];

/** Runs the command that it is given. */
const dumbInit: Program = function* (sys) {
  const argv = sys.argv.slice(sys.argv[1] === '--' ? 2 : 1);
  const { program } = sys.load(argv[0]!, argv);
  return sys.exec(program, argv);
};

/** Lets load balancers notice before the controller ends. */
const waitShutdown: Program = function* (sys) {
  yield* sys.sleep(1000);
  return 0;
};

/** Of network plugins. */
const podNetworkImages: readonly ImageDefinition[] = [
  {
    repository: 'ghcr.io/flannel-io/flannel',
    versions: [{ tags: [flannelVersion], sizeBytes: 32_786_021 }],
    config: { entrypoint: ['/opt/bin/flanneld'] },
    usage: usage(4, 24),
    files: (_, programs) => ({ ...programsIn('/bin', ['cp'], programs), '/opt/bin/flanneld': flanneld }),
  },
  {
    repository: 'ghcr.io/flannel-io/flannel-cni-plugin',
    versions: [{ tags: [flannelPluginVersion], sizeBytes: 4_916_313 }],
    config: { entrypoint: [] },
    files: (_, programs) => ({ ...programsIn('/bin', ['cp'], programs), '/flannel': '\x7fELF' }),
  },
  {
    repository: 'docker.io/calico/cni',
    versions: [{ tags: [calicoVersion], sizeBytes: 70_436_846 }],
    config: { entrypoint: ['/opt/cni/bin/install'] },
    files: () => ({ '/opt/cni/bin/install': calicoInstall }),
  },
  {
    repository: 'docker.io/calico/node',
    versions: [{ tags: [calicoVersion], sizeBytes: 156_838_521 }],
    config: { entrypoint: ['/bin/calico-node'] },
    usage: usage(25, 130),
    files: () => ({ '/bin/calico-node': calicoNode }),
  },
];

/** Of add-ons: pulled when they are installed. */
export const addonImages: readonly ImageDefinition[] = [
  {
    ...image('metrics-adapter', '1.0', 9_100_000, '/metrics-adapter', metricsAdapter),
    repository: 'ghcr.io/inside-kubernetes/metrics-adapter',
  },
  {
    ...image('kube-scheduler', kubernetes, 18_210_304, '/usr/local/bin/kube-scheduler', scriptScheduler, usage(7, 23)),
    repository: 'ghcr.io/inside-kubernetes/script-scheduler',
  },
  {
    repository: 'ghcr.io/nginx/nginx-gateway-fabric',
    versions: [{ tags: ['1.6.2', '1.6.1', '1.6.0'], sizeBytes: 64_300_000 }],
    config: { entrypoint: ['/usr/bin/gateway'] },
    usage: usage(2, 60, 0.2),
    files: () => ({ '/usr/bin/gateway': gatewayController }),
  },
  ...podNetworkImages,
  image('metrics-server/metrics-server', metricsServerVersion, 22_541_737, '/metrics-server', metricsServer, usage(3, 19)),
  {
    repository: 'registry.k8s.io/ingress-nginx/controller',
    versions: [{ tags: ['v1.13.3', 'v1.13.2', 'v1.13.1', 'v1.13.0', 'v1.12.6', 'v1.12.1', 'v1.11.5'], sizeBytes: 113_500_000 }],
    config: { entrypoint: ['/usr/bin/dumb-init', '--'], cmd: ['/nginx-ingress-controller'], user: 'www-data' },
    usage: usage(2, 90, 0.2),
    files: () => ({ '/nginx-ingress-controller': ingressController, '/usr/bin/dumb-init': dumbInit, '/wait-shutdown': waitShutdown }),
  },
];

export const controlPlaneImages: readonly ImageDefinition[] = [
  {
    ...image('etcd', systemVersions.etcd, 74_311_308, '/usr/local/bin/etcd', etcd, usage(18, 42, 0.1)),
    versions: [...new Set([...releases.values()].map((parts) => parts.etcd))].map((tag) => ({ tags: [tag], sizeBytes: 74_311_308 })),
  },
  // Of kubernetes.io's example of a gRPC probe. Differs from Kubernetes: it says that it is the newer version.
  image('etcd', '3.5.1-0', 98_888_614, '/usr/local/bin/etcd', etcd, usage(18, 42, 0.1)),
  component('kube-apiserver', 27_061_991, kubeApiserver, usage(36, 212, 0.5), []),
  component('kube-controller-manager', 22_820_214, kubeControllerManager, usage(13, 46)),
  component('kube-scheduler', 17_385_568, kubeScheduler, usage(7, 21)),
];
