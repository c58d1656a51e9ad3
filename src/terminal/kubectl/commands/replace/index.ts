/** kubectl replace. Upstream: kubectl/pkg/cmd/replace/replace.go. */
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import { createTarget } from '../../changes/create-target.ts';
import { deleteObject, propagationOf } from '../../changes/delete-object.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import type { Command } from '../../command.ts';
import { AggregateFailure, CommandError, withSource } from '../../errors.ts';
import {
  deleteFlags,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  printFlags,
  saveConfigFlag,
  subresourceFlag,
  validateFlag,
} from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import { lastAppliedAnnotation, withLastApplied } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { checkRaw, rawFlag, sendRaw } from '../../raw.ts';
import { builderFlags, hasFiles, selectAll } from '../../resources/builder.ts';
import { getTarget, targetPath } from '../../resources/target.ts';
import { waitDeleted } from '../../resources/wait-deleted.ts';
import { groupKind } from '../../rest/mapper.ts';

export const replace: Command = {
  name: 'replace',
  short: 'Replace a resource by file name or stdin',
  usage: 'replace -f FILENAME',
  examples: ['replace -f pod.yaml', 'replace --force -f pod.yaml'],
  flags: [
    ...printFlags,
    ...fileFlags,
    ...deleteFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-replace'),
    rawFlag('put to'),
    saveConfigFlag,
    subresourceFlag,
    validateFlag,
    flag('wait', 'bool', false, 'Wait for deleted objects to be gone.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    if (flags.int('grace-period') >= 0 && !flags.bool('force')) throw new CommandError('--grace-period must have --force specified');
    if (flags.duration('timeout') !== 0 && !flags.bool('force')) throw new CommandError('--timeout must have --force specified');
    if (!hasFiles(invocation)) throw new CommandError('must specify one of -f and -k');
    checkRaw(invocation, { needsFile: true });
    if (flags.string('raw') !== '') return yield* sendRaw(invocation, 'PUT', flags.list('filename')[0]);
    if (flags.bool('force') && dryRunStrategy(invocation) !== 'none')
      throw new CommandError('--dry-run can not be used when --force is set');
    fieldValidation(invocation); // Refuses a wrong --validate before anything is sent.
    const print = yield* reportPrinter(invocation);
    const targets = yield* selectAll(invocation, builderFlags(invocation));
    const failures: unknown[] = [];
    for (const target of flags.bool('force') ? targets : []) {
      // To wait for the object to be gone, it gets a second to end.
      const gracePeriod = flags.int('grace-period') === 0 ? 1 : flags.int('grace-period');
      try {
        const before: Json = yield* getTarget(invocation, target);
        yield* deleteObject(invocation, target, { gracePeriod, propagationPolicy: propagationOf(flags.string('cascade')) });
        yield* invocation.out(
          `${groupKind(target.resource)} "${target.name}" deleted${target.namespace === '' ? '' : ` from ${target.namespace} namespace`}\n`,
        );
        yield* waitDeleted(invocation, target, { timeoutMs: flags.duration('timeout') || 300_000, uid: before.metadata.uid });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    for (const target of targets) {
      try {
        if (flags.bool('force')) {
          yield* invocation.out(print(yield* createTarget(invocation, target), 'replaced'));
          continue;
        }
        const hadAnnotation = target.object.metadata?.annotations?.[lastAppliedAnnotation] !== undefined;
        const object = flags.bool('save-config') || hadAnnotation ? withLastApplied(target.object) : target.object;
        const dryRun = dryRunStrategy(invocation);
        const replaced =
          dryRun === 'client'
            ? object
            : yield* invocation.client.request({
                method: 'PUT',
                path: targetPath(target, flags.string('subresource')),
                query: {
                  dryRun: dryRun === 'server' ? 'All' : undefined,
                  fieldManager: flags.string('field-manager') || undefined,
                  fieldValidation: fieldValidation(invocation),
                },
                body: yield* withVersion(object, () => getTarget(invocation, target)),
              });
        yield* invocation.out(print(replaced, 'replaced'));
      } catch (error) {
        failures.push(withSource('replacing', target.source, error));
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

/** A manifest without a version replaces whatever is there: it takes the version of the live object. */
function* withVersion(object: Json, live: () => ReturnType<typeof getTarget>): ReturnType<typeof getTarget> {
  if (object.metadata?.resourceVersion) return object;
  const current: Json = yield* live();
  return { ...object, metadata: { ...object.metadata, resourceVersion: current.metadata.resourceVersion } };
}
