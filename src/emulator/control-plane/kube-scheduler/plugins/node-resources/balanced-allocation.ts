import type { BalancedAllocationArgs } from '../../configuration/plugin-args.ts';
import type { Cycle, NodeScorer, Plugin, PluginFactory } from '../../framework.ts';
import type { Usage } from './allocation.ts';
import { usagesOf } from './allocation.ts';

const name = 'NodeResourcesBalancedAllocation';

/** The standard deviation of the shares that would be in use; with one resource alone there is nothing to balance. */
function deviation(usages: readonly Usage[], shares: Float64Array, node: number): number {
  let count = 0;
  let sum = 0;
  for (const { allocatable, requested, added } of usages) {
    const capacity = allocatable[node]!;
    if (capacity === 0) continue;
    sum += shares[count++] = Math.min(1, (requested[node]! + added) / capacity);
  }
  if (count < 2) return 0;
  if (count === 2) return Math.abs((shares[0]! - shares[1]!) / 2);
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (shares[i]! - mean) * (shares[i]! - mean);
  return Math.sqrt(squares / count);
}

/** The usual case, in a loop of its own. */
function twoScorer(a: Usage, b: Usage): NodeScorer {
  const { allocatable: totalA, requested: usedA, added: addedA } = a;
  const { allocatable: totalB, requested: usedB, added: addedB } = b;
  return ({ indices, count }, out) => {
    for (let n = 0; n < count; n++) {
      const i = indices[n]!;
      if (totalA[i] === 0 || totalB[i] === 0) {
        out[n] = 100;
        continue;
      }
      const shareA = Math.min(1, (usedA[i]! + addedA) / totalA[i]!);
      const shareB = Math.min(1, (usedB[i]! + addedB) / totalB[i]!);
      out[n] = Math.floor((1 - Math.abs((shareA - shareB) / 2)) * 100);
    }
  };
}

function scorerOf(cycle: Cycle, { resources }: BalancedAllocationArgs): NodeScorer | undefined {
  const usages = usagesOf(cycle, resources, false);
  // A Pod that requests none of them is no matter of balance.
  if (!usages.some(({ added }) => added > 0)) return undefined;
  const [first, second] = usages;
  if (usages.length === 2) return twoScorer(first!, second!);
  const shares = new Float64Array(usages.length);
  return ({ indices, count }, out) => {
    for (let n = 0; n < count; n++) out[n] = Math.floor((1 - deviation(usages, shares, indices[n]!)) * 100);
  };
}

const make = (args: BalancedAllocationArgs): Plugin => ({ name, isLocalScore: true, preScore: (cycle) => scorerOf(cycle, args) });

/** Prefers nodes whose resources, CPU and memory unless configured, would be used to the same extent. */
export const nodeResourcesBalancedAllocation: PluginFactory = {
  name,
  points: ['preScore', 'score'],
  make: (args) => make(args as BalancedAllocationArgs),
};
