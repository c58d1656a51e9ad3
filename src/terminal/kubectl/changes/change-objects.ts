/** What the subcommands of `set` share: select objects, change each, send the difference as a strategic merge patch. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { equal } from '../../../emulator/machinery/equality.ts';
import { createTwoWayStrategicMergePatch } from '../../../emulator/machinery/patch/strategic-merge-diff.ts';
import { AggregateFailure, CommandError, messageOf } from '../errors.ts';
import { allFlag, dryRunFlag, fieldManagerFlag, fileFlags, localFlag, printFlags, selectorFlag } from '../flag-groups.ts';
import type { Flag } from '../flag-set.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { modelOf } from '../models.ts';
import { dryRunStrategy, reportPrinter } from '../printers/print-flags.ts';
import { builderFlags, selectAll } from '../resources/builder.ts';
import type { Target } from '../resources/target.ts';
import { targetPath } from '../resources/target.ts';
import { withTypedFields } from './typed-fields.ts';

export const setFlags: readonly Flag[] = [
  ...printFlags,
  ...fileFlags,
  allFlag('All objects of the types.'),
  dryRunFlag,
  fieldManagerFlag('kubectl-set'),
  localFlag,
  selectorFlag,
];

export interface Change {
  readonly args: readonly string[];
  /** What is wrong with the command line; looked at once the objects are known. */
  readonly validate?: () => void;
  /** Also objects that are as they should be are sent and reported. */
  readonly sendsAlways?: boolean;
  /** The changed object; throws a CommandError when it cannot be changed. */
  readonly change: (object: Json, target: Target) => Json;
  readonly operation: string;
  /** Begins the message when the server refuses the patch. */
  readonly failure: string;
}

export function* changeObjects(invocation: Invocation, how: Change): Call<number> {
  const { flags } = invocation;
  const print = yield* reportPrinter(invocation);
  const dryRun = dryRunStrategy(invocation);
  const isLocal = flags.bool('local');
  const targets = yield* selectAll(invocation, { ...builderFlags(invocation), args: how.args, latest: !isLocal });
  how.validate?.();
  if (isLocal && dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  const failures: unknown[] = [];
  for (const target of targets) {
    try {
      const changed = how.change(target.object, target);
      // An object that is as it should be is neither sent nor reported.
      if (equal(changed, target.object) && !how.sendsAlways) continue;
      const isPrintedOnly = isLocal || dryRun === 'client';
      yield* invocation.out(print(isPrintedOnly ? withTypedFields(changed) : yield* patchTo(invocation, target, changed), how.operation));
    } catch (error) {
      if (error instanceof AggregateFailure) failures.push(...error.errors);
      else failures.push(error instanceof CommandError ? error : new CommandError(`${how.failure} ${messageOf(error)}`));
    }
  }
  if (failures.length > 0) throw new AggregateFailure(failures);
  return 0;
}

/** Sends what makes the live object into the changed one. */
export function* patchTo(invocation: Invocation, target: Target, changed: Json): Call<Json> {
  return yield* invocation.client.request({
    method: 'PATCH',
    path: targetPath(target),
    query: {
      dryRun: dryRunStrategy(invocation) === 'server' ? 'All' : undefined,
      fieldManager: invocation.flags.string('field-manager') || undefined,
    },
    contentType: 'application/strategic-merge-patch+json',
    body: createTwoWayStrategicMergePatch(target.object, changed, modelOf(target.resource)!),
  });
}

/** Arguments before the first KEY=VALUE or KEY-, and those from there on. */
export function splitPairs(
  args: readonly string[],
  isPair: (arg: string) => boolean,
): { readonly resources: readonly string[]; readonly pairs: readonly string[] } {
  const first = args.findIndex(isPair);
  return first < 0 ? { resources: args, pairs: [] } : { resources: args.slice(0, first), pairs: args.slice(first) };
}
