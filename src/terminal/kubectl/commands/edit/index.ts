/** kubectl edit. Upstream: kubectl/pkg/cmd/util/editor/editoptions.go. */

import type { Call } from '../../../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import { equal } from '../../../../emulator/machinery/equality.ts';
import { createMergePatch } from '../../../../emulator/machinery/patch/merge-patch.ts';
import { createTwoWayStrategicMergePatch } from '../../../../emulator/machinery/patch/strategic-merge-diff.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError, messageOf, Quit } from '../../errors.ts';
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

const banner = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

export const edit: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  usage: 'edit (RESOURCE/NAME | -f FILENAME)',
  examples: ['edit deployment/web', 'KUBE_EDITOR=nano kubectl edit svc/web'],
  flags: [
    ...printFlags,
    ...fileFlags,
    fieldManagerFlag('kubectl-edit'),
    flag('output-patch', 'bool', false, 'Show the patch.', { isUnsupported: true }),
    saveConfigFlag,
    subresourceFlag,
    validateFlag,
    flag('windows-line-endings', 'bool', false, 'Line endings of the file.', { isUnsupported: true }),
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
  const path = `/tmp/kubectl-edit-${invocation.sys.kernel.random.below(4_294_967_295)}.${isJson ? 'json' : 'yaml'}`;
  let body = initial;
  let reasons = '';
  let last: string | undefined;
  for (;;) {
    const edited = yield* openEditor(invocation, path, `${banner}${reasons}${body}`);
    const stripped = edited
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n');
    if (last !== undefined && stripped === last) {
      yield* invocation.err('error: Edit cancelled, no valid changes were saved.\n');
      yield* keepCopy(invocation, path);
      throw new Quit(1);
    }
    if (stripped.trim() === '') return yield* cancel(invocation, path, 'Edit cancelled, saved file was empty.');
    if (last === undefined && stripped.trimEnd() === initial.trimEnd())
      return yield* cancel(invocation, path, 'Edit cancelled, no changes made.');
    last = stripped;
    body = stripped;
    const failure = yield* trySave(invocation, target, original, stripped, print);
    if (failure === undefined) {
      invocation.sys.fs.remove(path);
      return;
    }
    reasons = failure.comment;
    if (failure.text !== '') yield* invocation.err(failure.text);
  }
}

function* cancel(invocation: Invocation, path: string, message: string): Call<void> {
  invocation.sys.fs.remove(path);
  yield* invocation.err(`${message}\n`);
}

function* keepCopy(invocation: Invocation, path: string): Call<void> {
  yield* invocation.err(`A copy of your changes has been stored to ${JSON.stringify(path)}\n`);
}

interface Failure {
  /** Lines of comment for the top of the file. */
  readonly comment: string;
  readonly text: string;
}

function* trySave(
  invocation: Invocation,
  target: Target,
  original: Json,
  text: string,
  print: (object: Json, operation: string) => string,
): Call<Failure | undefined> {
  let edited: Json;
  try {
    edited = parseYaml(text);
  } catch (error) {
    return { comment: comment(`The edited file had a syntax error: ${messageOf(error)}`), text: '' };
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
function refusal(error: StatusError, target: Target): Failure {
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
    comment: comment(`${name} could not be patched: ${error.message}`),
    text: `error: ${name} could not be patched: ${error.message}\n`,
  };
}

function comment(text: string): string {
  return `${text
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('')}#\n`;
}

/** Writes the file, runs the editor on it in this terminal, and reads it back. */
function* openEditor(invocation: Invocation, path: string, text: string): Call<string> {
  const { sys } = invocation;
  const [name, ...options] = (sys.env.get('KUBE_EDITOR') || sys.env.get('EDITOR') || 'vi').trim().split(/\s+/) as [string, ...string[]];
  sys.fs.writeFile(path, utf8(text), 0o600);
  const found = sys.which(name);
  const inode = found === undefined ? undefined : sys.fs.find(found);
  const program = inode?.kind === 'file' ? inode.program : undefined;
  if (!program)
    throw new CommandError(
      `unable to launch the editor ${JSON.stringify(name)}: exec: ${JSON.stringify(name)}: executable file not found in $PATH`,
    );
  const pid = sys.spawn({ program, argv: [name, ...options, path] });
  const status = yield* sys.wait(pid);
  if (status.code !== 0) throw new CommandError(`there was a problem with the editor ${JSON.stringify(name)}`);
  return textOf(sys.fs.readFile(path));
}
