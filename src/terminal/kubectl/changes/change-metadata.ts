/** What `label` and `annotate` share: KEY=VALUE and KEY- on objects. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { AggregateFailure, CommandError } from '../errors.ts';
import {
  allFlag,
  allNamespacesFlag,
  dryRunFlag,
  fieldManagerFlag,
  fieldSelectorFlag,
  fileFlags,
  localFlag,
  printFlags,
  selectorFlag,
} from '../flag-groups.ts';
import type { Flag } from '../flag-set.ts';
import { flag } from '../flag-set.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { dryRunStrategy, reportPrinter } from '../printers/print-flags.ts';
import { builderFlags, hasFiles, select } from '../resources/builder.ts';
import type { Target } from '../resources/target.ts';
import { targetPath } from '../resources/target.ts';

type Pairs = Readonly<Record<string, string>>;

interface MetadataChange {
  readonly field: 'labels' | 'annotations';
  readonly word: string;
  /** `value` is undefined for a removal. */
  readonly parse: (spec: string) => { readonly key: string; readonly value: string | undefined };
  readonly noPairs: string;
  readonly overwriteError: (taken: readonly { readonly key: string; readonly value: string }[]) => readonly string[];
  /** The word of the report. */
  readonly done: (before: Pairs, after: Pairs, removed: number) => string;
}

export function metadataFlags(manager: string, what: string): readonly Flag[] {
  return [
    ...printFlags,
    ...fileFlags,
    allFlag('All objects of the types.'),
    allNamespacesFlag,
    dryRunFlag,
    fieldManagerFlag(manager),
    fieldSelectorFlag,
    flag('list', 'bool', false, `Show the ${what}.`),
    localFlag,
    flag('overwrite', 'bool', false, `Replace ${what} that have another value.`),
    flag('resource-version', 'string', '', 'Change the object only if it has this version.'),
    selectorFlag,
  ];
}

export function* changeMetadata(invocation: Invocation, change: MetadataChange): Call<number> {
  const { flags } = invocation;
  const { resources, specs } = splitArguments(invocation, change.word);
  const pairs = specs.map(change.parse);
  const isList = flags.bool('list');
  if (resources.length < 1 && !hasFiles(invocation)) {
    throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (pairs.length === 0 && !isList) throw new CommandError(change.noPairs);
  for (const { key, value } of pairs) {
    if (value === undefined && pairs.some((pair) => pair.key === key && pair.value !== undefined)) {
      throw new CommandError(
        change.word === 'label'
          ? 'can not both modify and remove a label in the same command'
          : `can not both modify and remove the following annotation(s) in the same command: ${key}`,
      );
    }
  }
  if (flags.bool('local') && dryRunStrategy(invocation) === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (flags.bool('local') && flags.list('filename').length === 0)
    throw new CommandError('can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set');
  const print = yield* reportPrinter(invocation);
  const selection = yield* select(invocation, {
    ...builderFlags(invocation),
    args: resources,
    latest: !flags.bool('local'),
    allowsTypeAlone: false,
  });
  const failures: unknown[] = [...selection.errors];
  if (selection.targets.length > 1 && flags.string('resource-version') !== '')
    throw new CommandError('--resource-version may only be used with a single resource');
  for (const target of selection.targets) {
    try {
      yield* changeOne(invocation, target, pairs, change, print, !selection.isSingle);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateFailure(failures);
  return 0;
}

function* changeOne(
  invocation: Invocation,
  target: Target,
  pairs: readonly { readonly key: string; readonly value: string | undefined }[],
  change: MetadataChange,
  print: (object: Json, operation: string) => string,
  showName: boolean,
): Call<void> {
  const { flags } = invocation;
  const before: Pairs = target.object.metadata?.[change.field] ?? {};
  const taken = pairs.flatMap(({ key, value }) =>
    value !== undefined && before[key] !== undefined && before[key] !== value ? [{ key, value: before[key] }] : [],
  );
  if (taken.length > 0 && !flags.bool('overwrite'))
    throw new AggregateFailure(change.overwriteError(taken).map((message) => new CommandError(message)));
  const after: Record<string, string> = { ...before };
  const patch: Record<string, string | null> = {};
  let removed = 0;
  for (const { key, value } of pairs) {
    if (value === undefined) {
      if (before[key] === undefined && change.word === 'label') yield* invocation.out(`label ${JSON.stringify(key)} not found.\n`);
      else if (before[key] !== undefined) {
        removed++;
        delete after[key];
        patch[key] = null;
      }
    } else if (before[key] !== value) {
      after[key] = value;
      patch[key] = value;
    }
  }
  const operation = change.done(before, after, removed);
  const version = flags.string('resource-version');
  const body = {
    ...((Object.keys(patch).length > 0 || version !== '') && {
      metadata: { ...(Object.keys(patch).length > 0 && { [change.field]: patch }), ...(version !== '' && { resourceVersion: version }) },
    }),
  };
  const dryRun = dryRunStrategy(invocation);
  const changed =
    flags.bool('local') || dryRun === 'client' || flags.bool('list')
      ? { ...target.object, metadata: withoutEmpty({ ...target.object.metadata, [change.field]: after }, change.field) }
      : yield* invocation.client.request({
          method: 'PATCH',
          path: targetPath(target),
          query: { dryRun: dryRun === 'server' ? 'All' : undefined, fieldManager: flags.string('field-manager') || undefined },
          contentType: 'application/merge-patch+json',
          body,
        });
  if (flags.bool('list')) {
    const indent = showName ? ' ' : '';
    if (showName) yield* invocation.out(`Listing ${change.field} for ${target.resource.kind}.${target.resource.group}/${target.name}:\n`);
    yield* invocation.out(
      Object.entries(after)
        .sort()
        .map(([key, value]) => `${indent}${key}=${value}\n`)
        .join(''),
    );
    return;
  }
  yield* invocation.out(print(changed, operation));
}

function withoutEmpty(metadata: Json, field: string): Json {
  if (Object.keys(metadata[field]).length > 0) return metadata;
  const { [field]: _, ...rest } = metadata;
  return rest;
}

/** Arguments before the first KEY=VALUE or KEY- are resources. */
function splitArguments(
  invocation: Invocation,
  word: string,
): { readonly resources: readonly string[]; readonly specs: readonly string[] } {
  const isPair = (arg: string): boolean => arg.indexOf('=') > 0 || (arg.endsWith('-') && arg.length > 1);
  const first = invocation.args.findIndex(isPair);
  if (first < 0) return { resources: invocation.args, specs: [] };
  const specs = invocation.args.slice(first);
  const stray = specs.find((arg) => !isPair(arg));
  if (stray !== undefined) throw new CommandError(`all resources must be specified before ${word} changes: ${stray}`);
  return { resources: invocation.args.slice(0, first), specs };
}
