/** kubectl cordon and uncordon. Upstream: kubectl/pkg/cmd/drain/drain.go, kubectl/pkg/drain/cordon.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { cordonTargets, selectNodes } from '../../changes/cordon-nodes.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { dryRunFlag, selectorFlag } from '../../flag-groups.ts';
import type { Invocation } from '../../invocation.ts';

export const cordon: Command = {
  name: 'cordon',
  short: 'Mark node as unschedulable',
  usage: 'cordon NODE',
  flags: [dryRunFlag, selectorFlag],
  complete: completeNamesOf('nodes'),
  run: (invocation) => run(invocation, true),
};

export const uncordon: Command = {
  name: 'uncordon',
  short: 'Mark node as schedulable',
  usage: 'uncordon NODE',
  flags: [dryRunFlag, selectorFlag],
  complete: completeNamesOf('nodes'),
  run: (invocation) => run(invocation, false),
};

function* run(invocation: Invocation, desired: boolean): Call<number> {
  yield* cordonTargets(invocation, yield* selectNodes(invocation), desired);
  return 0;
}
