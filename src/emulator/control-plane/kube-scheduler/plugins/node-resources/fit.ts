import type { Plugin, Rejection } from '../../framework.ts';

const verdicts = new Map<string, Rejection>();

function verdict(reasons: readonly string[], isUnresolvable: boolean): Rejection {
  const key = `${isUnresolvable}${reasons.join()}`;
  let known = verdicts.get(key);
  if (!known) verdicts.set(key, (known = Object.freeze({ plugin: 'NodeResourcesFit', reasons, isUnresolvable })));
  return known;
}

/** Rejects nodes without room for the Pod's requests; scores by what is left (strategy LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  preFilter({ podClass: { requests }, cache }) {
    const { podsUsed, podsAllocatable } = cache;
    const columns = requests.map(({ name }) => cache.column(name));
    const amounts = requests.map(({ amount }) => amount);
    const count = columns.length;
    /** Runs only for a node that does not fit, to say all the reasons. */
    const explain = (index: number): Rejection => {
      const reasons: string[] = [];
      let isUnresolvable = false;
      if (podsUsed[index]! + 1 > podsAllocatable[index]!) reasons.push('Too many pods');
      columns.forEach(({ name, allocatable, requested }, i) => {
        if (amounts[i]! <= allocatable[index]! - requested[index]!) return;
        reasons.push(`Insufficient ${name}`);
        if (amounts[i]! > allocatable[index]!) isUnresolvable = true;
      });
      return verdict(reasons, isUnresolvable);
    };
    return {
      filter(index) {
        if (podsUsed[index]! + 1 > podsAllocatable[index]!) return explain(index);
        for (let i = 0; i < count; i++) {
          const column = columns[i]!;
          if (amounts[i]! > column.allocatable[index]! - column.requested[index]!) return explain(index);
        }
        return undefined;
      },
    };
  },
  preScore({ podClass: { scoredCpuMilli, scoredMemoryBytes }, cache: { cpu, memory, scoredCpu, scoredMemory } }) {
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        const i = indices[n]!;
        out[n] = leastAllocated(
          cpu.allocatable[i]!,
          scoredCpu[i]! + scoredCpuMilli,
          memory.allocatable[i]!,
          scoredMemory[i]! + scoredMemoryBytes,
        );
      }
    };
  },
  requeueOn: ['NodeAdded', 'NodeAllocatableChanged', 'PodDeleted'],
};

/** The mean of the free shares of CPU and memory, each in whole percent (noderesources/least_allocated.go). */
function leastAllocated(cpu: number, cpuUsed: number, memory: number, memoryUsed: number): number {
  let sum = 0;
  let weights = 0;
  if (cpu > 0) {
    weights++;
    if (cpuUsed <= cpu) sum += Math.floor(((cpu - cpuUsed) * 100) / cpu);
  }
  if (memory > 0) {
    weights++;
    if (memoryUsed <= memory) sum += Math.floor(((memory - memoryUsed) * 100) / memory);
  }
  return weights === 0 ? 0 : Math.floor(sum / weights);
}
