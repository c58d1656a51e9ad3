/** Versions of the system images, as kubeadm v1.34 names them (cmd/kubeadm/app/constants), and of the add-ons. */
export const systemVersions = {
  kubernetes: 'v1.34.1',
  etcd: '3.6.4-0',
  coredns: 'v1.12.1',
  pause: '3.10.1',
  nfsProvisioner: 'v4.0.2',
} as const;

/** What belongs to a release of Kubernetes, as its kubeadm names it. */
export interface ReleaseParts {
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
}

/** Releases that the emulated internet has, the oldest first. A cluster begins with the first. */
export const releases: ReadonlyMap<string, ReleaseParts> = new Map([
  ['v1.34.1', { etcd: '3.6.4-0', coredns: 'v1.12.1', pause: '3.10.1' }],
  ['v1.34.2', { etcd: '3.6.5-0', coredns: 'v1.12.1', pause: '3.10.1' }],
]);

/**
 * Releases of older minor versions whose programs may be left over in a cluster, the newest first. Packages of them stand in
 * repositories of their own, which these machines do not know.
 *
 * Differs from Kubernetes: an older kubelet, kube-proxy, scheduler or controller manager acts as v1.34's does and says its own version;
 * there is no older API server.
 */
export const olderReleases = ['v1.33.5', 'v1.32.9', 'v1.31.13', 'v1.30.14'] as const;

export const latestRelease = 'v1.34.2';

export const releaseParts = (release: string): ReleaseParts | undefined => releases.get(release);
