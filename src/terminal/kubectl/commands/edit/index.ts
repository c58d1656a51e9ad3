/** kubectl edit. Upstream: kubectl/pkg/cmd/util/editor/editoptions.go. */

import type { Call } from '../../../../emulator/kernel/index.ts';
import { equal } from '../../../../emulator/machinery/equality.ts';
import { marshalCompact } from '../../../../emulator/machinery/json.ts';
import { createMergePatch } from '../../../../emulator/machinery/patch/merge-patch.ts';
import { createTwoWayStrategicMergePatch } from '../../../../emulator/machinery/patch/strategic-merge-diff.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import type { EditFailure } from '../../changes/editor.ts';
import { editComment, editText } from '../../changes/editor.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError, messageOf } from '../../errors.ts';
import { fieldManagerFlag, fileFlags, printFlags, saveConfigFlag, subresourceFlag, validateFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { lastAppliedAnnotation, withLastApplied } from '../../last-applied.ts';
import { modelOf } from '../../models.ts';
import { reportPrinter, withoutManagedFields } from '../../printers/print-flags.ts';
import { formatJson, formatYaml } from '../../printers/serialized.ts';
import { builderFlags, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { targetPath } from '../../resources/target.ts';
import { groupResource } from '../../rest/mapper.ts';

export const edit: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  usage: 'edit (RESOURCE/NAME | -f FILENAME)',
  examples: ['edit deployment/web', 'KUBE_EDITOR=nano kubectl edit svc/web'],
  flags: [
    ...printFlags,
    ...fileFlags,
    fieldManagerFlag('kubectl-edit'),
    flag('output-patch', 'bool', false, 'Show the patch.'),
    saveConfigFlag,
    subresourceFlag,
    validateFlag,
    flag('windows-line-endings', 'bool', false, 'Line endings of the file.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const targets = yield* selectAll(invocation, { ...builderFlags(invocation), latest: true, allowsTypeAlone: true });
    if (targets.length === 0) {
      yield* invocation.err('edit cancelled, no objects found\n');
      return 0;
    }
    for (const target of targets) yield* editOne(invocation, target);
    return 0;
  },
};

function* editOne(invocation: Invocation, target: Target): Call<void> {
  const isJson = invocation.flags.string('output') === 'json';
  const print = yield* reportPrinter(invocation);
  const original = invocation.flags.bool('show-managed-fields') ? target.object : withoutManagedFields(target.object);
  const initial = isJson ? formatJson(original) : formatYaml(original);
  yield* editText(invocation, initial, isJson ? 'json' : 'yaml', (text) => trySave(invocation, target, original, text, print));
}

function* trySave(
  invocation: Invocation,
  target: Target,
  original: Json,
  text: string,
  print: (object: Json, operation: string) => string,
): Call<EditFailure | undefined> {
  let edited: Json;
  try {
    edited = parseYaml(text);
  } catch (error) {
    return { comment: editComment(`The edited file had a syntax error: ${messageOf(error)}`), text: '' };
  }
  if (edited?.metadata?.name !== original.metadata.name || edited?.kind !== original.kind || edited?.apiVersion !== original.apiVersion) {
    throw new CommandError('At least one of apiVersion, kind and name was changed');
  }
  const hadAnnotation = original.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
  const next =
    invocation.flags.bool('save-config') || (hadAnnotation && invocation.flags.changed('save-config')) ? withLastApplied(edited) : edited;
  if (equal(next, original)) {
    yield* invocation.out(print(original, 'skipped'));
    return undefined;
  }
  const model = modelOf(target.resource);
  const body = model ? createTwoWayStrategicMergePatch(original, next, model) : createMergePatch(original, next);
  if (invocation.flags.bool('output-patch')) yield* invocation.out(`Patch: ${marshalCompact(body)}\n`);
  try {
    const saved = yield* invocation.client.request({
      method: 'PATCH',
      path: targetPath(target, invocation.flags.string('subresource')),
      query: { fieldManager: invocation.flags.string('field-manager') || undefined, fieldValidation: fieldValidation(invocation) },
      contentType: model ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
      body,
    });
    yield* invocation.out(print(saved, 'edited'));
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return refusal(error, target);
  }
}

/** What the server said, as comments for the next round and as the message on stderr. */
function refusal(error: StatusError, target: Target): EditFailure {
  const { details } = error.status;
  const name = `${groupResource(target.resource)} ${JSON.stringify(target.name)}`;
  if (error.status.reason === 'Invalid' && details) {
    const causes = (details.causes ?? []).map((cause) => `* ${cause.field}: ${cause.message}`);
    return {
      comment: `# ${name} was not valid:\n${causes.map((cause) => `# ${cause}\n`).join('')}#\n`,
      text: `error: ${name} is invalid\n`,
    };
  }
  if (error.status.reason === 'NotFound') throw error;
  return {
    comment: editComment(`${name} could not be patched: ${error.message}`),
    text: `error: ${name} could not be patched: ${error.message}\n`,
  };
}
