/** Amounts in whole units, for admission, status and cgroups. */
import type { Container, Pod } from '../../api/generated/types.ts';
import type { CgroupLimits } from '../container-runtime/index.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';

/** Thousandths of a quantity. */
export function milliOf(quantity: string): number {
  return milliValue(quantity);
}

/** Whole units of a quantity, rounded up. */
export function wholeOf(quantity: string): number {
  return quantityValue(quantity);
}

const noLimits: CgroupLimits = Object.freeze({ cpuMilli: 0, memoryBytes: 0 });

/**
 * A container's limits as its control group has them; 0 is none. A limit that the container lacks is that of its Pod, if that has one
 * (kuberuntime_container_linux.go, getCPULimit and getMemoryLimit).
 */
export function limitsOf({ resources }: Pick<Container, 'resources'>, ofPod?: Container['resources']): CgroupLimits {
  const { cpu, memory } = ofPod?.limits ? { ...ofPod.limits, ...resources?.limits } : (resources?.limits ?? {});
  if (cpu === undefined && memory === undefined) return noLimits;
  const limits = { cpuMilli: cpu === undefined ? 0 : milliOf(cpu), memoryBytes: memory === undefined ? 0 : wholeOf(memory) };
  return ofPod?.limits?.memory === undefined ? limits : { ...limits, podMemoryBytes: wholeOf(ofPod.limits.memory) };
}

export interface PodRequests {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
}

const known = new WeakMap<object, PodRequests>();

/** What a Pod asks for, itself or by its containers, with the overhead of its RuntimeClass (component-helpers/resource). */
export function requestsOf(pod: Pod): PodRequests {
  const { overhead, resources } = pod.spec;
  let own = requestsOfContainers(pod);
  if (resources?.requests) {
    const { cpu, memory } = resources.requests;
    own = { ...own, ...(cpu && { cpuMilli: milliOf(cpu) }), ...(memory && { memoryBytes: wholeOf(memory) }) };
  }
  if (!overhead) return own;
  return {
    cpuMilli: own.cpuMilli + milliOf(overhead.cpu ?? '0'),
    memoryBytes: own.memoryBytes + wholeOf(overhead.memory ?? '0'),
    ephemeralBytes: own.ephemeralBytes + wholeOf(overhead['ephemeral-storage'] ?? '0'),
  };
}

/** Its containers together, or an init container that asks for more. */
function requestsOfContainers(pod: Pod): PodRequests {
  const key = pod.spec.containers;
  const found = known.get(key);
  if (found) return found;
  const sum = { cpuMilli: 0, memoryBytes: 0, ephemeralBytes: 0 };
  const most = { cpuMilli: 0, memoryBytes: 0, ephemeralBytes: 0 };
  const of = (requests: Readonly<Record<string, string>> | undefined): PodRequests => ({
    cpuMilli: requests?.cpu ? milliOf(requests.cpu) : 0,
    memoryBytes: requests?.memory ? wholeOf(requests.memory) : 0,
    ephemeralBytes: requests?.['ephemeral-storage'] ? wholeOf(requests['ephemeral-storage']) : 0,
  });
  const fields = ['cpuMilli', 'memoryBytes', 'ephemeralBytes'] as const;
  for (const { resources } of pod.spec.containers) {
    const requests = of(resources?.requests);
    for (const field of fields) sum[field] += requests[field];
  }
  const sidecars = { cpuMilli: 0, memoryBytes: 0, ephemeralBytes: 0 };
  for (const { resources, restartPolicy } of pod.spec.initContainers ?? []) {
    const requests = of(resources?.requests);
    for (const field of fields) {
      if (restartPolicy === 'Always') sum[field] += requests[field];
      if (restartPolicy === 'Always') sidecars[field] += requests[field];
      else most[field] = Math.max(most[field], requests[field] + sidecars[field]);
    }
  }
  for (const field of fields) sum[field] = Math.max(sum[field], most[field]);
  known.set(key, sum);
  return sum;
}
