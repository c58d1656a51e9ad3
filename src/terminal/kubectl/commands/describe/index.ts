/** kubectl describe. Upstream: kubectl/pkg/cmd/describe/describe.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { describeObject } from '../../describe/index.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { allNamespacesFlag, chunkSizeFlag, fileFlags, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import type { Selection } from '../../resources/builder.ts';
import { builderFlags, hasFiles, mapping, select } from '../../resources/builder.ts';
import { resourcePath } from '../../rest/mapper.ts';

export const describe: Command = {
  name: 'describe',
  short: 'Show details of a specific resource or group of resources',
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  examples: ['describe nodes node-1', 'describe pods', 'describe deployment/web', 'describe pods -l app=web'],
  flags: [...fileFlags, allNamespacesFlag, chunkSizeFlag, selectorFlag, flag('show-events', 'bool', true, 'Show events of the object.')],
  complete: completeObjects,
  *run(invocation) {
    const { flags, args } = invocation;
    if (args.length === 0 && !hasFiles(invocation)) {
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
    }
    const selection = yield* select(invocation, {
      ...builderFlags(invocation),
      allowsTypeAlone: true,
      latest: true,
      chunkSize: flags.int('chunk-size'),
    });
    if (selection.errors.length > 0 && selection.errors.every(isNotFound) && args.length === 2 && !args[0]!.includes('/')) {
      return yield* describeByPrefix(invocation, selection, args[0]!, args[1]!);
    }
    let isFirst = true;
    for (const target of selection.targets) {
      yield* invocation.out((isFirst ? '' : '\n\n') + (yield* describeObject(invocation, target.object, target.resource)));
      isFirst = false;
    }
    if (selection.errors.length > 0) throw new AggregateFailure(selection.errors);
    if (selection.targets.length === 0 && isFirst) {
      const isNamespaced = !flags.bool('all-namespaces') && (selection.resource?.isNamespaced ?? true);
      yield* invocation.err(isNamespaced ? `No resources found in ${invocation.namespace} namespace.\n` : 'No resources found\n');
    }
    return 0;
  },
};

/** A name that does not exist may be the beginning of names that do. */
function* describeByPrefix(invocation: Invocation, selection: Selection, type: string, prefix: string): Call<number> {
  const resource = yield* mapping(invocation, type);
  const list: Json = yield* invocation.client.request({
    method: 'GET',
    path: resourcePath(resource, { namespace: invocation.namespace }),
    query: { limit: String(invocation.flags.int('chunk-size')) },
  });
  const kind = { apiVersion: list.apiVersion, kind: resource.kind };
  const found = (list.items as readonly Json[]).filter((item) => item.metadata.name.startsWith(prefix));
  if (found.length === 0) throw new AggregateFailure(selection.errors);
  for (const item of found) yield* invocation.out(`${yield* describeObject(invocation, { ...kind, ...item }, resource)}\n`);
  return 0;
}
