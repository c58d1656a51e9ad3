/** kubectl delete. Upstream: kubectl/pkg/cmd/delete/delete.go. */

import type { Call } from '../../../../emulator/kernel/index.ts';
import { createLineReader } from '../../../../emulator/kernel/index.ts';
import { isForbidden, isNotFound, StatusError } from '../../../../emulator/machinery/status-error.ts';
import type { DeleteHow } from '../../changes/delete-object.ts';
import { deleteObject, propagationOf } from '../../changes/delete-object.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { allFlag, allNamespacesFlag, deleteFlags, dryRunFlag, fieldSelectorFlag, fileFlags, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import { dryRunStrategy } from '../../printers/print-flags.ts';
import { checkRaw, rawFlag, sendRaw } from '../../raw.ts';
import { builderFlags, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { waitDeleted } from '../../resources/wait-deleted.ts';
import { groupKind } from '../../rest/mapper.ts';

const weekMs = 7 * 24 * 3_600_000;

export const deleteCommand: Command = {
  name: 'delete',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  examples: ['delete pod web-1', 'delete -f app.yaml', 'delete pods,services -l app=web', 'delete pod web-1 --grace-period=0 --force'],
  flags: [
    ...fileFlags,
    ...deleteFlags,
    allFlag('Everything of the types in the namespace.'),
    allNamespacesFlag,
    dryRunFlag,
    fieldSelectorFlag,
    flag('ignore-not-found', 'bool', false, 'Treat what does not exist as deleted.'),
    flag('interactive', 'bool', false, 'Ask before deleting.', { short: 'i' }),
    flag('now', 'bool', false, 'The same as --grace-period=1.'),
    flag('output', 'string', '', 'Only name.', { short: 'o' }),
    rawFlag('delete'),
    selectorFlag,
    flag('wait', 'bool', true, 'Wait until the objects are gone.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    checkRaw(invocation, { needsFile: false });
    if (flags.string('raw') !== '') return yield* sendRaw(invocation, 'DELETE', flags.list('filename')[0]);
    const gracePeriod = gracePeriodOf(invocation);
    const propagationPolicy = propagationOf(flags.string('cascade'));
    const selection = yield* select(invocation, { ...builderFlags(invocation), namesOnly: true });
    if (!['', 'name'].includes(flags.string('output')))
      throw new CommandError(`unexpected -o output mode: ${flags.string('output')}. We only support '-o name'`);
    if (flags.bool('all') && flags.string('selector') !== '') throw new CommandError('cannot set --all and --selector at the same time');
    if (flags.bool('all') && flags.string('field-selector') !== '')
      throw new CommandError('cannot set --all and --field-selector at the same time');
    if (gracePeriod === 0 && flags.bool('force')) {
      yield* invocation.warn(
        'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
      );
    }
    if (gracePeriod > 0 && flags.bool('force'))
      throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
    if (flags.bool('interactive') && !(yield* confirm(invocation, selection.targets))) return 0;
    return yield* deleteTargets(invocation, selection.targets, selection.errors, { gracePeriod, propagationPolicy });
  },
};

function* deleteTargets(invocation: Invocation, targets: readonly Target[], errors: readonly unknown[], how: DeleteHow): Call<number> {
  const { flags, config } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const bySelector = flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== '';
  const ignoresNotFound = flags.changed('ignore-not-found') ? flags.bool('ignore-not-found') : bySelector;
  const failures = [...errors];
  const waiting: { readonly target: Target; readonly uid: string | undefined }[] = [];
  let hasWarned = !config.isNamespaceExplicit || flags.bool('all-namespaces');
  let found = 0;
  for (const target of targets) {
    if (!hasWarned && !target.resource.isNamespaced) {
      hasWarned = true;
      yield* invocation.warn('deleting cluster-scoped resources, not scoped to the provided namespace');
    }
    try {
      found++;
      if (dryRun !== 'client') {
        const answer = yield* deleteObject(invocation, target, { ...how, isDryRun: dryRun === 'server' });
        waiting.push({ target, uid: answer?.kind === 'Status' ? answer.details?.uid : answer?.metadata?.uid });
      }
      yield* invocation.out(report(invocation, target, how.gracePeriod));
    } catch (error) {
      if (ignoresNotFound && isNotFound(error)) continue;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateFailure(failures);
  if (found === 0) yield* invocation.out('No resources found\n');
  if (!flags.bool('wait') || dryRun !== 'none') return 0;
  for (const { target, uid } of waiting) {
    try {
      yield* waitDeleted(invocation, target, { timeoutMs: flags.duration('timeout') || weekMs, uid });
    } catch (error) {
      if (isForbidden(error) || (error instanceof StatusError && error.status.reason === 'MethodNotAllowed')) return 0;
      throw error;
    }
  }
  return 0;
}

function gracePeriodOf(invocation: Invocation): number {
  const { flags } = invocation;
  const given = flags.int('grace-period');
  if (flags.bool('now')) {
    if (given !== -1) throw new CommandError('--now and --grace-period cannot be specified together');
    return 1;
  }
  // Without --force, 0 becomes 1: an object is not removed by accident before its node has let go of it.
  if (given === 0 && !flags.bool('force')) return 1;
  return given < 0 && flags.bool('force') ? 0 : given;
}

function report(invocation: Invocation, target: Target, gracePeriod: number): string {
  const { flags } = invocation;
  const kind = groupKind(target.resource);
  if (flags.string('output') === 'name') return `${kind}/${target.name}\n`;
  const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRunStrategy(invocation)];
  const where = target.resource.isNamespaced ? ` from ${target.namespace} namespace` : '';
  return `${kind} "${target.name}" ${gracePeriod === 0 ? 'force deleted' : 'deleted'}${where}${suffix}\n`;
}

function* confirm(invocation: Invocation, targets: readonly Target[]): Call<boolean> {
  if (targets.length === 0) {
    yield* invocation.out('No resources found\n');
    return false;
  }
  const list = targets.map((target) => `${groupKind(target.resource)}/${target.name}\n`).join('');
  yield* invocation.out(`You are about to delete the following ${targets.length} resource(s):\n${list}Do you want to continue? (y/N): `);
  const answer = (yield* createLineReader(invocation.sys, 0).next()) ?? '';
  if (answer.trim().toLowerCase() === 'y') return true;
  yield* invocation.out('deletion is cancelled\n');
  return false;
}
