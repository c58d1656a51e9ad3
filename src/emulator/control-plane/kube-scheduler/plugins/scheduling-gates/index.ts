import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';

/** Keeps a Pod out of the queue while it has scheduling gates. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue({ spec }) {
    const gates = spec.schedulingGates;
    if (!gates || gates.length === 0) return undefined;
    return rejection('SchedulingGates', `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`, {
      isUnresolvable: true,
    });
  },
};
