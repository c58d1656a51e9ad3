import type { Call } from '../../../emulator/kernel/index.ts';
import { AggregateFailure, CommandError, messageOf } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { dryRunStrategy } from '../printers/print-flags.ts';
import { select } from '../resources/builder.ts';
import type { Target } from '../resources/target.ts';
import { targetPath } from '../resources/target.ts';

/** The nodes that names or the selector mean. */
export function* selectNodes(invocation: Invocation): Call<readonly Target[]> {
  const { flags, args } = invocation;
  const selector = flags.string('selector');
  if (args.length === 0 && !flags.changed('selector')) throw invocation.usageError(`USAGE: ${invocation.command.usage} [flags]`);
  if (args.length > 0 && selector !== '') throw invocation.usageError('error: cannot specify both a node name and a --selector option');
  const selection = yield* select(
    invocation,
    args.length > 0 ? { args, latest: true, defaultType: 'nodes' } : { args: ['nodes'], selector },
  );
  if (selection.errors.length > 0) throw new AggregateFailure(selection.errors);
  return selection.targets;
}

export function* cordonTargets(invocation: Invocation, targets: readonly Target[], desired: boolean): Call<void> {
  const dryRun = dryRunStrategy(invocation);
  const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRun];
  const word = desired ? 'cordon' : 'uncordon';
  for (const target of targets) {
    if ((target.object.spec.unschedulable ?? false) === desired) {
      yield* invocation.out(`node/${target.name} already ${word}ed${suffix}\n`);
      continue;
    }
    if (dryRun !== 'client') {
      try {
        yield* invocation.client.request({
          method: 'PATCH',
          path: targetPath(target),
          query: { dryRun: dryRun === 'server' ? 'All' : undefined },
          contentType: 'application/strategic-merge-patch+json',
          body: { spec: { unschedulable: desired ? true : null } },
        });
      } catch (error) {
        throw new CommandError(`unable to ${word} node ${JSON.stringify(target.name)}: ${messageOf(error)}`);
      }
    }
    yield* invocation.out(`node/${target.name} ${word}ed${suffix}\n`);
  }
}
