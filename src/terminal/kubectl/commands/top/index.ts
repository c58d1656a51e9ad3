/** kubectl top: needs the metrics API, which nobody serves here. Upstream: kubectl/pkg/cmd/top. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { allNamespacesFlag, fieldSelectorFlag, noHeadersFlag, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';

export const top: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  usage: 'top [flags]',
  subcommands: [
    {
      name: 'node',
      aliases: ['nodes', 'no'],
      short: 'Display resource (CPU/memory) usage of nodes',
      usage: 'top node [NAME | -l label]',
      flags: [
        noHeadersFlag,
        selectorFlag,
        flag('show-capacity', 'bool', false, 'Show capacity instead of allocatable.'),
        flag('sort-by', 'string', '', 'cpu or memory.'),
      ],
      complete: completeNamesOf('nodes'),
      run: requireMetrics,
    },
    {
      name: 'pod',
      aliases: ['pods', 'po'],
      short: 'Display resource (CPU/memory) usage of pods',
      usage: 'top pod [NAME | -l label]',
      flags: [
        allNamespacesFlag,
        flag('containers', 'bool', false, 'A line a container.'),
        fieldSelectorFlag,
        noHeadersFlag,
        selectorFlag,
        flag('sort-by', 'string', '', 'cpu or memory.'),
        flag('sum', 'bool', false, 'Add a line with the sum.'),
      ],
      complete: completeNamesOf('pods'),
      run: requireMetrics,
    },
  ],
};

function* requireMetrics(invocation: Invocation): Call<number> {
  const mapper = yield* invocation.mapper();
  if (!mapper.discovery.groups.some((group) => group.name === 'metrics.k8s.io')) throw new CommandError('Metrics API not available');
  // Differs from Kubernetes: usage is not shown even where an add-on serves the metrics API.
  throw new CommandError('top is not supported by this kubectl');
}
