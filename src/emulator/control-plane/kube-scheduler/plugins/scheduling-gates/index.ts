import type { Pod } from '../../../../api/generated/types.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const plugin: Plugin = {
  name: 'SchedulingGates',
  preEnqueue({ spec }) {
    const gates = spec.schedulingGates;
    if (!gates || gates.length === 0) return undefined;
    return rejection('SchedulingGates', `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`, {
      isUnresolvable: true,
    });
  },
  wakes: { 'UnscheduledPod/UpdatePodSchedulingGatesEliminated': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid },
};

/** Keeps a Pod out of the queue while it has scheduling gates. */
export const schedulingGates: PluginFactory = { name: 'SchedulingGates', points: ['preEnqueue'], make: () => plugin };
