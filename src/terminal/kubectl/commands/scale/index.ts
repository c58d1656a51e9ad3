/** kubectl scale. Upstream: kubectl/pkg/cmd/scale/scale.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { allFlag, dryRunFlag, fileFlags, printFlags, selectorFlag, timeoutFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { targetPath } from '../../resources/target.ts';

export const scale: Command = {
  name: 'scale',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  usage: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  examples: ['scale --replicas=3 deployment/web', 'scale --current-replicas=2 --replicas=3 deployment/web'],
  flags: [
    ...printFlags,
    ...fileFlags,
    allFlag('All objects of the types.'),
    flag('current-replicas', 'int', -1, 'Change it only if it has this size now.'),
    dryRunFlag,
    flag('replicas', 'int', 0, 'The new size.'),
    flag('resource-version', 'string', '', 'Change it only if it has this version.'),
    selectorFlag,
    timeoutFlag('How long to wait until it has the new size; 0 does not wait.'),
  ],
  required: ['replicas'],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    if (flags.int('replicas') < 0)
      throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    if (flags.int('current-replicas') < -1) throw new CommandError('The --current-replicas must specify an integer of -1 or greater');
    const print = yield* reportPrinter(invocation);
    const selection = yield* select(invocation, { ...builderFlags(invocation), latest: true });
    if (selection.targets.length > 1 && flags.string('resource-version') !== '')
      throw new CommandError('cannot use --resource-version with multiple resources');
    if (selection.targets.length === 0)
      throw new CommandError(`no objects passed to scale${selection.errors.map((error) => ` ${messageOf(error)}`).join('')}`);
    const failures: unknown[] = [...selection.errors];
    for (const target of selection.targets) {
      try {
        if (dryRunStrategy(invocation) !== 'client') yield* scaleOne(invocation, target);
        if (flags.duration('timeout') > 0 && dryRunStrategy(invocation) === 'none') yield* waitForSize(invocation, target);
        yield* invocation.out(print(target.object, 'scaled'));
      } catch (error) {
        failures.push(error);
        break;
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function* scaleOne(invocation: Invocation, target: Target): Call<void> {
  const { flags, client } = invocation;
  const path = targetPath(target, 'scale');
  const [current, version] = [flags.int('current-replicas'), flags.string('resource-version')];
  const query = { dryRun: dryRunStrategy(invocation) === 'server' ? 'All' : undefined };
  if (current === -1 && version === '') {
    yield* client.request({
      method: 'PATCH',
      path,
      query,
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: flags.int('replicas') } },
    });
    return;
  }
  const now: Json = yield* client.request({ method: 'GET', path });
  if (current !== -1 && current !== (now.spec.replicas ?? 0))
    throw new CommandError(`Expected replicas to be ${current}, was ${now.spec.replicas ?? 0}`);
  if (version !== '' && version !== now.metadata.resourceVersion)
    throw new CommandError(`Expected resource version to be ${version}, was ${now.metadata.resourceVersion}`);
  yield* client.request({ method: 'PUT', path, query, body: { ...now, spec: { ...now.spec, replicas: flags.int('replicas') } } });
}

function* waitForSize(invocation: Invocation, target: Target): Call<void> {
  const untilMs = invocation.sys.nowMs + invocation.flags.duration('timeout');
  for (;;) {
    const now: Json = yield* invocation.client.request({ method: 'GET', path: targetPath(target, 'scale') });
    if ((now.status.replicas ?? 0) === now.spec.replicas) return;
    if (invocation.sys.nowMs >= untilMs) throw new CommandError(`timed out waiting for ${JSON.stringify(target.name)} to be synced`);
    yield* invocation.sys.sleep(100);
  }
}
