/** kubectl patch. Upstream: kubectl/pkg/cmd/patch/patch.go. */

import { utf8 } from '../../../../emulator/kernel/index.ts';
import { equal } from '../../../../emulator/machinery/equality.ts';
import { applyJsonPatch } from '../../../../emulator/machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../../../emulator/machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../../emulator/machinery/patch/strategic-merge-patch.ts';
import type { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { isUnsupportedMediaType } from '../../../../emulator/machinery/status-error.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, fileFlags, localFlag, printFlags, subresourceFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { modelOf } from '../../models.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { targetPath } from '../../resources/target.ts';

const types: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export const patch: Command = {
  name: 'patch',
  short: 'Update fields of a resource',
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  examples: [
    `patch node node-1 -p '{"spec":{"unschedulable":true}}'`,
    `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`,
  ],
  flags: [
    ...printFlags,
    ...fileFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-patch'),
    localFlag,
    flag('patch', 'string', '', 'The patch, JSON or YAML.', { short: 'p' }),
    flag('patch-file', 'string', '', 'A file with the patch.'),
    subresourceFlag,
    flag('type', 'string', 'strategic', 'json, merge or strategic.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    const type = flags.string('type').toLowerCase();
    if (flags.string('patch-file') === '' && flags.string('patch') === '') {
      throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
    }
    if (flags.string('patch-file') !== '' && flags.string('patch') !== '')
      throw new CommandError('cannot specify --patch and --patch-file together');
    if (!types[type]) throw new CommandError(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`);
    if (flags.bool('local') && invocation.args.length > 0) throw new CommandError('cannot specify --local and server resources');
    if (flags.bool('local') && dryRunStrategy(invocation) === 'server')
      throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
    const text = flags.string('patch-file') === '' ? flags.string('patch') : yield* readPatch(invocation);
    let body: Json;
    try {
      body = parseYaml(text);
    } catch (error) {
      throw new CommandError(`unable to parse ${JSON.stringify(text)}: ${messageOf(error)}`);
    }
    const print = yield* reportPrinter(invocation);
    const dryRun = dryRunStrategy(invocation);
    const isLocal = flags.bool('local') || dryRun === 'client';
    const targets = yield* selectAll(invocation, { ...builderFlags(invocation), latest: dryRun === 'client', namesOnly: !isLocal });
    const failures: unknown[] = [];
    for (const target of targets) {
      try {
        if (isLocal) {
          const patched = patchLocally(target, type, body);
          yield* invocation.out(print(patched, equal(patched, target.object) ? 'patched (no change)' : 'patched'));
          continue;
        }
        // The version before tells whether the patch changed anything.
        const before: Json =
          target.object ?? (yield* invocation.client.request({ method: 'GET', path: targetPath(target, flags.string('subresource')) }));
        const patched: Json = yield* invocation.client.request({
          method: 'PATCH',
          path: targetPath(target, flags.string('subresource')),
          query: { dryRun: dryRun === 'server' ? 'All' : undefined, fieldManager: flags.string('field-manager') || undefined },
          contentType: types[type]!,
          body: typeof body === 'object' && body !== null ? body : utf8(JSON.stringify(body)),
        });
        yield* invocation.out(print(patched, equal(before, patched) ? 'patched (no change)' : 'patched'));
      } catch (error) {
        failures.push(isUnsupportedMediaType(error) ? new CommandError(unsupportedText(types[type]!, target, error)) : error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

/** A kind of patch that the resource does not take (kubectl/pkg/cmd/patch/patch.go). */
function unsupportedText(type: string, { resource: { group, version, kind } }: Target, error: StatusError): string {
  return `${type} is not supported by ${group === '' ? version : `${group}/${version}`}, Kind=${kind}: ${error.message}`;
}

function patchLocally(target: Target, type: string, body: Json): Json {
  if (type === 'json') return applyJsonPatch(target.object, body);
  if (type === 'merge') return applyMergePatch(target.object, body);
  return applyStrategicMergePatch(target.object, body, modelOf(target.resource));
}

function* readPatch(invocation: Invocation): Call<string> {
  try {
    return yield* invocation.readFile(invocation.flags.string('patch-file'));
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(`unable to read patch file: ${error.message}`) : error;
  }
}
