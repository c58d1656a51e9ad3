import type { Plugin } from '../../framework.ts';

/** Prefers nodes whose CPU and memory would be used to the same extent; Pods that request neither are no matter of balance. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  preScore({ podClass: { cpuMilli, memoryBytes }, cache: { cpu, memory } }) {
    if (cpuMilli === 0 && memoryBytes === 0) return undefined;
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        const i = indices[n]!;
        const cpuTotal = cpu.allocatable[i]!;
        const memoryTotal = memory.allocatable[i]!;
        // With one resource alone there is nothing to balance: the deviation is 0.
        const deviation =
          cpuTotal === 0 || memoryTotal === 0
            ? 0
            : Math.abs(
                Math.min(1, (cpu.requested[i]! + cpuMilli) / cpuTotal) - Math.min(1, (memory.requested[i]! + memoryBytes) / memoryTotal),
              ) / 2;
        out[n] = Math.floor((1 - deviation) * 100);
      }
    };
  },
};
