/** How full nodes would be, by resource: what all scores of resources look at (noderesources/resource_allocation.go). */
import type { ResourceSpec } from '../../configuration/plugin-args.ts';
import type { Cycle } from '../../framework.ts';

/** A resource by node index. */
export interface Usage {
  readonly weight: number;
  readonly allocatable: Float64Array;
  /** Requests of the Pods on the node. */
  readonly requested: Float64Array;
  /** What the Pod at hand would add. */
  readonly added: number;
}

/** Every Pod may count; others are scalar resources, which matter only to Pods that request them. */
const isBasic = (name: string): boolean => name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';

/** With `withDefaults` a container without a request for CPU or memory counts as if it had asked for 100m and 200 MiB. */
export function usagesOf({ podClass, cache }: Cycle, resources: readonly ResourceSpec[], withDefaults: boolean): Usage[] {
  const found: Usage[] = [];
  for (const { name, weight } of resources) {
    if (withDefaults && name === 'cpu') {
      found.push({ weight, allocatable: cache.cpu.allocatable, requested: cache.scoredCpu, added: podClass.scoredCpuMilli });
      continue;
    }
    if (withDefaults && name === 'memory') {
      found.push({ weight, allocatable: cache.memory.allocatable, requested: cache.scoredMemory, added: podClass.scoredMemoryBytes });
      continue;
    }
    const added = podClass.requests.find((request) => request.name === name)?.amount ?? 0;
    if (added === 0 && !isBasic(name)) continue;
    const { allocatable, requested } = cache.column(name);
    found.push({ weight, allocatable, requested, added });
  }
  return found;
}
