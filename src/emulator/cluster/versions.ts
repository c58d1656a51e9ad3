/** Versions of the system images, as kubeadm v1.34 names them (cmd/kubeadm/app/constants), and of the add-ons. */
export const systemVersions = {
  kubernetes: 'v1.34.1',
  etcd: '3.6.4-0',
  coredns: 'v1.12.1',
  pause: '3.10.1',
  nfsProvisioner: 'v4.0.2',
} as const;
