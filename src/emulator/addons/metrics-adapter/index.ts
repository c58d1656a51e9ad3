/**
 * An adapter of metrics to learn with: it serves custom.metrics.k8s.io and external.metrics.k8s.io behind APIServices, with the
 * numbers that it was told. It does what the test adapter of kubernetes-sigs/custom-metrics-apiserver does.
 *
 * - `POST /write-metrics/namespaces/NS/RESOURCE/NAME/METRIC` on port 8080 sets the value of an object, `…/namespaces/NS/METRIC` that of
 *   an external metric; the body is a quantity (`"300m"`).
 * - Port 6443 answers the API server. For `pods/*` it asks the cluster which Pods a selector means, so that its account must be
 *   allowed to list them.
 *
 * Deliberately absent: selectors of metrics (each has one value), and it asks nobody who its clients are.
 */
export { metricsAdapterManifest } from './manifest.ts';
export { metricsAdapter } from './program.ts';
