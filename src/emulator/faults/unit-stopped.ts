import type { Fault, FaultWords } from './fault.ts';
import { defineFault } from './fault.ts';
import { choice, machine } from './parameters.ts';
import { systemdOf, unitOf } from './site.ts';

/** A service of a machine that is stopped, and by default does not start with the machine either. */
export function unitStopped(name: string, service: string, words: Omit<FaultWords, 'cause'>): Fault {
  return defineFault({
    name,
    cause: `The unit ${service}.service is stopped; with \`enabled=no\` it does not come back with the machine either.`,
    ...words,
    parameters: {
      node: machine('the machine', 'node-1'),
      enabled: choice('whether it starts with the machine', ['yes', 'no'], 'no'),
    },
    showsAfterMs: 60_000,
    *inject(cluster, { node, enabled }) {
      const unit = unitOf(cluster, node, `${service}.service`);
      systemdOf(cluster, node).stop(unit);
      if (enabled === 'no') unit.isEnabled = false;
    },
  });
}
