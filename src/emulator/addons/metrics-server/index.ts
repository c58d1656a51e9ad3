/**
 * metrics-server: serves metrics.k8s.io/v1beta1 behind an APIService, from what the kubelets say of their Pods.
 *
 * - Every 15 s it asks each node's kubelet for `/metrics/resource`, and keeps the last two answers: a rate needs two.
 * - It is ready once it has something to tell. What it does not know it leaves out, and clients say `<unknown>`.
 * - kubeadm's kubelets show certificates that nobody signed, so that it needs `--kubelet-insecure-tls`, as in life.
 *
 * Deliberately absent: it asks nobody who its clients are, since only the API server finds its way here.
 */
export { metricsServerManifest } from './manifest.ts';
export { metricsServer, metricsServerVersion } from './program.ts';
