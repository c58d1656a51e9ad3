/** kubectl apply view-last-applied, set-last-applied, edit-last-applied. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { marshalCompact, toJson } from '../../../../emulator/machinery/json.ts';
import { parseYaml, YamlError } from '../../../../emulator/machinery/yaml.ts';
import { editComment, editText } from '../../changes/editor.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { allFlag, dryRunFlag, fieldManagerFlag, fileFlags, printFlags, selectorFlag, validateFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { lastAppliedAnnotation, lastAppliedText } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { formatJson, formatYaml } from '../../printers/serialized.ts';
import { builderFlags, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { getTarget, targetPath } from '../../resources/target.ts';

export const viewLastApplied: Command = {
  name: 'view-last-applied',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  usage: 'apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  flags: [
    ...fileFlags,
    allFlag('All objects of the types.'),
    flag('output', 'string', 'yaml', 'json or yaml.', { short: 'o' }),
    selectorFlag,
  ],
  complete: completeObjects,
  *run(invocation) {
    const output = invocation.flags.string('output');
    if (output !== 'yaml' && output !== 'json')
      throw invocation.usageError(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`);
    for (const target of yield* selectAll(invocation, { ...builderFlags(invocation), latest: true })) {
      const text: string | undefined = target.object.metadata.annotations?.[lastAppliedAnnotation];
      if (text === undefined) {
        // Upstream adds the file to an error that is nil, so that nothing is said about an object that no file names.
        if (target.source === '') continue;
        const problem = `error when no last-applied-configuration annotation found on resource: ${target.name}`;
        throw new CommandError(`${problem}\n ${JSON.stringify(target.source)}: <nil>`);
      }
      yield* invocation.out(
        output === 'yaml' ? formatYaml(JSON.parse(text)) : `${toJson(JSON.parse(text), { indent: '  ', isSorted: true })}\n`,
      );
    }
    return 0;
  },
};

export const setLastApplied: Command = {
  name: 'set-last-applied',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  usage: 'apply set-last-applied -f FILENAME',
  flags: [
    ...printFlags,
    ...fileFlags.filter(({ name }) => name === 'filename'),
    dryRunFlag,
    flag('create-annotation', 'bool', false, 'Add the annotation if it is absent.'),
  ],
  *run(invocation) {
    const print = yield* reportPrinter(invocation);
    const changed: { readonly target: Target; readonly live: Json; readonly text: string }[] = [];
    for (const target of yield* selectAll(invocation, builderFlags(invocation))) {
      const live: Json = yield* getTarget(invocation, target);
      const before: string | undefined = live.metadata.annotations?.[lastAppliedAnnotation];
      if (before === undefined && !invocation.flags.bool('create-annotation')) {
        throw new CommandError(
          `no last-applied-configuration annotation found on resource: ${target.name}, to create the annotation, run the command with --create-annotation`,
        );
      }
      const text = `${marshalCompact(target.object)}\n`;
      if (text === before) yield* invocation.out(`set-last-applied ${target.name}: no changes required.\n`);
      else changed.push({ target, live, text });
    }
    const dryRun = dryRunStrategy(invocation);
    for (const { target, live, text } of changed) {
      const object =
        dryRun === 'client'
          ? live
          : yield* invocation.client.request({
              method: 'PATCH',
              path: targetPath(target),
              contentType: 'application/merge-patch+json',
              query: { dryRun: dryRun === 'server' ? 'All' : undefined },
              body: { metadata: { annotations: { [lastAppliedAnnotation]: text } } },
            });
      yield* invocation.out(print(object, 'configured'));
    }
    return 0;
  },
};

export const editLastApplied: Command = {
  name: 'edit-last-applied',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  usage: 'apply edit-last-applied (RESOURCE/NAME | -f FILENAME)',
  examples: ['apply edit-last-applied deployment/web'],
  flags: [
    ...printFlags,
    ...fileFlags,
    fieldManagerFlag('kubectl-client-side-apply'),
    validateFlag,
    flag('windows-line-endings', 'bool', false, 'Line endings of the file.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const print = yield* reportPrinter(invocation);
    const targets = yield* selectAll(invocation, { ...builderFlags(invocation), latest: true });
    const annotated = targets.filter(({ object }) => object.metadata.annotations?.[lastAppliedAnnotation] !== undefined);
    if (annotated.length === 0) {
      throw new CommandError(
        'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
      );
    }
    const isJson = invocation.flags.string('output') === 'json';
    for (const target of annotated) {
      const applied: Json = JSON.parse(target.object.metadata.annotations[lastAppliedAnnotation]);
      const initial = isJson ? formatJson(applied) : formatYaml(applied);
      yield* editText(invocation, initial, isJson ? 'json' : 'yaml', function* (text) {
        try {
          yield* invocation.out(print(yield* writeLastApplied(invocation, target, parseYaml(text)), 'edited'));
          return undefined;
        } catch (error) {
          if (!(error instanceof YamlError)) throw error;
          return { comment: editComment(`The edited file had a syntax error: ${error.message}`), text: '' };
        }
      });
    }
    return 0;
  },
};

function* writeLastApplied(invocation: Invocation, target: Target, edited: Json): Call<Json> {
  const { apiVersion, kind, metadata } = target.object;
  if (edited?.apiVersion !== apiVersion || edited?.kind !== kind || edited?.metadata?.name !== metadata.name)
    throw new CommandError('At least one of apiVersion, kind and name was changed');
  return yield* invocation.client.request({
    method: 'PATCH',
    path: targetPath(target),
    query: { fieldManager: invocation.flags.string('field-manager') || undefined },
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { [lastAppliedAnnotation]: lastAppliedText(edited) } } },
  });
}
