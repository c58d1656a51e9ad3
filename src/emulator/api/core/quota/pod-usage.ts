/** What a Pod costs of a quota: pkg/quota/v1/evaluator/core/pods.go. */
import { parseTime } from '../../../kernel/time.ts';
import type { Container, Pod, ScopedResourceSelectorRequirement } from '../../generated/types.ts';
import { qosClass } from '../pod-spec/qos.ts';
import { hasPodResources, podResources } from '../pod-spec/pod-resources.ts';
import { isExtendedResource } from '../pod-spec/resource-validation.ts';
import type { ResourceList } from './resource-list.ts';

/** Of these, a quota that counts them demands an amount of every container. */
const demanded = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];
const computing = ['cpu', 'memory', 'ephemeral-storage'];

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: '1' };
  for (const name of computing) {
    const [request, limit] = [requests[name], limits[name]];
    if (request !== undefined) usage[name] = usage[`requests.${name}`] = request;
    if (limit !== undefined) usage[`limits.${name}`] = limit;
  }
  for (const name in requests) {
    if (name.startsWith('hugepages-')) usage[name] = usage[`requests.${name}`] = requests[name]!;
    else if (isExtendedResource(name)) usage[`requests.${name}`] = requests[name]!;
  }
  return usage;
}

/** Whether a Pod has come to its end, or should have: its kubelet may never say so. */
function isOver({ metadata, status }: Pod, unixMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return unixMs > (parseTime(deletionTimestamp) ?? 0) + deletionGracePeriodSeconds * 1000;
}

/** `count/pods` for as long as the Pod is stored, all else until it has ended. */
export function podUsage(pod: Pod, unixMs: number): ResourceList {
  if (isOver(pod, unixMs)) return { 'count/pods': '1' };
  return { 'count/pods': '1', ...computeUsage(podResources(pod, 'requests'), podResources(pod, 'limits')) };
}

/** Whether a quota's resource is one that Pods use. */
export function isPodResource(name: string): boolean {
  if (name === 'pods' || name === 'count/pods' || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return true;
  if (computing.includes(name.replace(/^(requests|limits)\./, ''))) return true;
  return name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/');
}

/** What a Pod must say of itself under a quota of these names: `must specify limits.cpu for: web`, undefined if nothing is missing. */
export function missingAmounts({ spec }: Pod, names: readonly string[]): string | undefined {
  // A Pod that says anything of itself need not say it of its containers.
  if (hasPodResources(spec)) return undefined;
  const wanted = demanded.filter((name) => names.includes(name));
  const missing = wanted.flatMap((name) => {
    const lacking = [...spec.containers, ...(spec.initContainers ?? [])].filter((container) => !has(container, name));
    return lacking.length === 0 ? [] : [`${name} for: ${[...new Set(lacking.map((container) => container.name))].sort().join(',')}`];
  });
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`;
}

function has({ resources }: Container, name: string): boolean {
  return computeUsage(resources?.requests ?? {}, resources?.limits ?? {})[name] !== undefined;
}

function crossesNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].some(({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined),
  );
}

/** Whether a Pod is in a scope of a quota: podMatchesScopeFunc. */
export function podMatchesScope(pod: Pod, { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): boolean {
  switch (scopeName) {
    case 'Terminating':
      return pod.spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return pod.spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return qosClass(pod.spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(pod.spec) !== 'BestEffort';
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    case 'PriorityClass': {
      const name = pod.spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return operator === 'In' ? name !== '' && values.includes(name) : name === '' || !values.includes(name);
    }
    default:
      return false;
  }
}
