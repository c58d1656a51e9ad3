/** Fields of a Pod as text for its own containers (upstream pkg/fieldpath, pkg/api/v1/resource). */
import type { Container, Pod, ResourceFieldSelector } from '../../api/generated/types.ts';
import { milliOf, wholeOf } from './resources.ts';

export interface NodeResources {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** Undefined when the field has no value yet. */
export function fieldValue(
  pod: Pod,
  path: string,
  addresses: { readonly podIPs: readonly string[]; readonly hostIPs: readonly string[] },
): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.podIP':
      return addresses.podIPs[0];
    case 'status.podIPs':
      return addresses.podIPs.join(',');
    case 'status.hostIP':
      return addresses.hostIPs[0];
    case 'status.hostIPs':
      return addresses.hostIPs.join(',');
    default:
      return undefined;
  }
}

/** `key="value"` lines, sorted, with Go's quoting. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${JSON.stringify(map![key])}`)
    .join('\n');
}

export function resourceValue(
  pod: Pod,
  container: Container,
  { resource, divisor, containerName }: ResourceFieldSelector,
  node: NodeResources,
): string {
  const target = containerName ? (pod.spec.containers.find(({ name }) => name === containerName) ?? container) : container;
  const [list, name] = resource.split('.') as [string, string];
  const { limits = {}, requests = {} } = target.resources ?? {};
  const quantity = list === 'limits' ? limits[name] : requests[name];
  const isCpu = name === 'cpu';
  const allocatable = list === 'limits' ? (isCpu ? node.cpuMilli : name === 'memory' ? node.memoryBytes : 0) : 0;
  const amount = quantity === undefined ? allocatable : isCpu ? milliOf(quantity) : wholeOf(quantity);
  const unit = divisor === undefined || divisor === '0' ? (isCpu ? 1000 : 1) : isCpu ? milliOf(divisor) : wholeOf(divisor);
  return String(Math.ceil(amount / unit));
}
