/**
 * The composition root: the one place that names concrete parts and puts a cluster together.
 *
 * - A cluster is machines on a wire, with the files that `kubeadm init` and `kubeadm join` leave on them. Nothing but a
 *   machine's services is started from here: the kubelet starts the control plane from its manifests.
 * - `createCluster` comes back when all nodes and system Pods are Ready. Time then stands still until somebody advances it.
 * - Programs of machines and images (`ls`, `kubectl`) are handed in: the emulator does not know the terminal.
 *
 * Deliberately absent: bootstrap tokens and the TLS bootstrap of `kubeadm join`, snapshots.
 */
export * from './cluster.ts';
export * from './spec.ts';
