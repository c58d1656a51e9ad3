/** kubectl set resources. Upstream: kubectl/pkg/cmd/set/set_resources.go. */
import { parseQuantity } from '../../../../emulator/machinery/quantity.ts';
import { changeObjects, setFlags } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import { withContainers } from '../../pod-template.ts';
import { containersOf, matcher, requirePodSpec } from './pod-spec.ts';

const containersFlag = flag('containers', 'string', '*', 'Names of the containers to change; * matches any text.', { short: 'c' });

export const setResources: Command = {
  name: 'resources',
  short: 'Update resource requests/limits on objects with pod templates',
  usage: 'set resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  examples: ['set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi'],
  flags: [
    ...setFlags,
    containersFlag,
    flag('limits', 'string', '', 'Limits, e.g. cpu=200m,memory=512Mi.'),
    flag('requests', 'string', '', 'Requests, e.g. cpu=100m.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    let [limits, requests]: readonly (Amounts | undefined)[] = [];
    const wanted = matcher(invocation.flags.string('containers'));
    return yield* changeObjects(invocation, {
      args: invocation.args,
      operation: 'resource requirements updated',
      failure: 'failed to patch resources update to pod template',
      validate: () => {
        [limits, requests] = [parseAmounts(invocation.flags.string('limits')), parseAmounts(invocation.flags.string('requests'))];
        if (limits || requests) return;
        throw new CommandError('you must specify an update to requests or limits (in the form of --requests/--limits)');
      },
      change: (object, target) => {
        requirePodSpec(object, target);
        if (!containersOf(object).some((container) => wanted(container.name)))
          throw new CommandError(`error: unable to find container named ${invocation.flags.string('containers')}`);
        return withContainers(object, (container) => {
          if (!wanted(container.name)) return container;
          const resources = container.resources ?? {};
          return {
            ...container,
            resources: {
              ...resources,
              ...(limits && { limits: { ...resources.limits, ...limits } }),
              ...(requests && { requests: { ...resources.requests, ...requests } }),
            },
          };
        });
      },
    });
  },
};

type Amounts = Readonly<Record<string, string>>;

function parseAmounts(text: string): Amounts | undefined {
  if (text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=');
      if (parts.length !== 2) throw new CommandError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
      return [parts[0]!, parseQuantity(parts[1]!).text];
    }),
  );
}
