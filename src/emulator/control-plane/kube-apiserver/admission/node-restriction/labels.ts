/** Which labels of its own Node a kubelet may set (plugin/pkg/admission/noderestriction and component-helpers' node labels). */
import type { Labels } from '../../../../machinery/objects.ts';

const kubeletLabels = new Set([
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'node.kubernetes.io/windows-build',
]);
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const isBelow = (namespace: string, domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);

/** Those of the keys that belong to Kubernetes and not to kubelets, sorted. */
export function forbiddenLabels(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !isAllowed(key)).sort();
}

function isAllowed(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return true;
  const namespace = key.slice(0, slash);
  if (isBelow(namespace, 'node-restriction.kubernetes.io')) return false;
  if (!isBelow(namespace, 'kubernetes.io') && !isBelow(namespace, 'k8s.io')) return true;
  return kubeletLabels.has(key) || kubeletNamespaces.some((own) => isBelow(namespace, own));
}

/** Keys that were added, removed or changed. */
export function changedLabels(before: Labels = {}, after: Labels = {}): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
}
