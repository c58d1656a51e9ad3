/** kubectl apply, client-side and server-side. Upstream: kubectl/pkg/cmd/apply/apply.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { isConflict, isNotFound } from '../../../../emulator/machinery/status-error.ts';
import { withoutResourceVersion } from '../../changes/create-target.ts';
import { deleteObject, propagationOf } from '../../changes/delete-object.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import { prunable, prunedKinds, pruneFlags } from '../../changes/pruning.ts';
import type { Command } from '../../command.ts';
import { AggregateFailure, CommandError, messageOf, withSource } from '../../errors.ts';
import {
  allFlag,
  deleteFlags,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  printFlags,
  selectorFlag,
  subresourceFlag,
  validateFlag,
} from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { lastAppliedAnnotation, withLastApplied } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath, getTarget, targetPath } from '../../resources/target.ts';
import { editLastApplied, setLastApplied, viewLastApplied } from './last-applied-commands.ts';
import { migrate } from './migration.ts';
import { patchUntilAccepted } from './patcher.ts';
import { infoText, writeQuery } from './request.ts';

export const apply: Command = {
  name: 'apply',
  short: 'Apply a configuration to a resource by file name or stdin',
  usage: 'apply (-f FILENAME | -k DIRECTORY)',
  examples: ['apply -f app.yaml', 'apply -f app.yaml --server-side', 'apply -f . --dry-run=server'],
  flags: [
    ...printFlags,
    ...fileFlags,
    ...deleteFlags,
    allFlag('Take all objects of the namespace into account when pruning.'),
    dryRunFlag,
    fieldManagerFlag('kubectl-client-side-apply'),
    flag('force-conflicts', 'bool', false, 'Take over fields that others manage (server-side).'),
    flag('openapi-patch', 'bool', true, 'Use merge keys of the schema.'),
    flag('overwrite', 'bool', true, 'Let the manifest win over changes made meanwhile.'),
    ...pruneFlags,
    selectorFlag,
    flag('server-side', 'bool', false, 'Let the server merge.'),
    subresourceFlag,
    validateFlag,
    flag('wait', 'bool', false, 'Wait for deleted objects to be gone.'),
  ],
  subcommands: [editLastApplied, setLastApplied, viewLastApplied],
  *run(invocation) {
    const { flags, args } = invocation;
    if (args.length > 0) throw invocation.usageError(`Unexpected args: [${args.join(' ')}]`);
    propagationOf(flags.string('cascade')); // Refuses a wrong --cascade before anything is sent.
    if (!hasFiles(invocation)) throw new CommandError('must specify one of -f and -k');
    fieldValidation(invocation); // Refuses a wrong --validate before anything is sent.
    const dryRun = dryRunStrategy(invocation);
    if (flags.bool('server-side') && dryRun === 'client') {
      throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    }
    if (flags.bool('force-conflicts') && !flags.bool('server-side'))
      throw new CommandError('--force-conflicts only works with --server-side');
    if (flags.bool('force') && flags.bool('server-side')) throw new CommandError('--force cannot be used with --server-side');
    if (flags.bool('force') && dryRun === 'server') throw new CommandError('--dry-run=server cannot be used with --force');
    if (flags.string('subresource') !== '' && !flags.bool('server-side'))
      throw new CommandError('--subresource can only be specified for --server-side');
    const kinds = checkPrune(invocation) ? yield* prunedKinds(invocation) : undefined;
    const { targets, errors } = yield* select(invocation, { ...builderFlags(invocation), all: false });
    const printer = yield* reportPrinter(invocation);
    const isListed = ['json', 'yaml'].includes(flags.string('output')) || flags.string('output').includes('=');
    const failures = [...errors];
    const applied: Json[] = [];
    const visited: Json[] = [];
    for (const target of targets) {
      try {
        const done = yield* applyTarget(invocation, target);
        visited.push(done.object);
        if (isListed) applied.push(done.object);
        else yield* invocation.out(printer(done.object, done.operation));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    if (applied.length === 1) yield* invocation.out(printer(applied[0], ''));
    else if (applied.length > 1) yield* invocation.out(printer({ apiVersion: 'v1', items: applied, kind: 'List', metadata: {} }, ''));
    if (kinds !== undefined) {
      for (const target of yield* prunable(invocation, kinds, visited)) yield* prune(invocation, target, printer);
    }
    return 0;
  },
};

/** Whether to prune; refuses what cannot stand beside it. */
function checkPrune({ flags }: Invocation): boolean {
  if (flags.bool('all') && flags.string('selector') !== '') throw new CommandError('cannot set --all and --selector at the same time');
  if (!flags.bool('prune')) return false;
  if (flags.bool('force')) throw new CommandError('--force cannot be used with --prune');
  if (!flags.bool('all') && flags.string('selector') === '') {
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  }
  if (flags.bool('server-side'))
    throw new CommandError("--prune is in alpha and doesn't currently work on objects created by server-side apply");
  return true;
}

function* prune(invocation: Invocation, target: Target, printer: (object: Json, operation: string) => string): Call<void> {
  const { flags } = invocation;
  const dryRun = dryRunStrategy(invocation);
  if (dryRun !== 'client') {
    const propagationPolicy = propagationOf(flags.string('cascade'));
    yield* deleteObject(invocation, target, { gracePeriod: flags.int('grace-period'), propagationPolicy, isDryRun: dryRun === 'server' });
  }
  yield* invocation.out(printer(target.object, 'pruned'));
}

interface Applied {
  readonly object: Json;
  readonly operation: 'created' | 'configured' | 'unchanged' | 'serverside-applied';
}

function* applyTarget(invocation: Invocation, target: Target): Call<Applied> {
  if (target.name === '' && target.object.metadata?.generateName) {
    throw new CommandError(`from ${target.object.metadata.generateName}: cannot use generate name with apply`);
  }
  if (invocation.flags.bool('server-side')) return yield* applyServerSide(invocation, target);
  const modified = withLastApplied(target.object);
  let current: Json;
  try {
    // As client-go does before it sends anything: without a name the path would be that of the list.
    if (target.name === '') throw new CommandError('resource name may not be empty');
    current = yield* getTarget(invocation, target);
  } catch (error) {
    if (isNotFound(error)) return { object: yield* createNew(invocation, target, modified), operation: 'created' };
    throw withSource(`retrieving current configuration of:\n${infoText(target)}\nfrom server for:`, target.source, error);
  }
  if (dryRunStrategy(invocation) === 'client') return { object: current, operation: 'configured' };
  if (current.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
    yield* invocation.warn(
      `resource ${target.resource.resource}/${target.name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    );
  }
  const { object, isChanged } = yield* patchUntilAccepted(invocation, target, current, modified);
  yield* warnIfDeleting(invocation, object);
  return { object, operation: isChanged ? 'configured' : 'unchanged' };
}

function* createNew(invocation: Invocation, target: Target, modified: Json): Call<Json> {
  const object = withoutNulls(modified);
  if (dryRunStrategy(invocation) === 'client') return object;
  try {
    return yield* invocation.client.request({
      method: 'POST',
      path: collectionPath(target),
      query: writeQuery(invocation),
      body: withoutResourceVersion(object),
    });
  } catch (error) {
    throw withSource('creating', target.source, error);
  }
}

function* applyServerSide(invocation: Invocation, target: Target): Call<Applied> {
  const send = (): Call<Json> =>
    invocation.client.request({
      method: 'PATCH',
      path: targetPath(target, invocation.flags.string('subresource')),
      query: { ...writeQuery(invocation), force: String(invocation.flags.bool('force-conflicts')) },
      contentType: 'application/apply-patch+yaml',
      body: target.object,
    });
  try {
    const object = yield* migrate(invocation, target, yield* send(), send);
    yield* warnIfDeleting(invocation, object);
    return { object, operation: 'serverside-applied' };
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new CommandError(`${messageOf(error)}\n${conflictAdvice}`);
  }
}

const conflictAdvice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

function* warnIfDeleting(invocation: Invocation, object: Json): Call<void> {
  if (object.metadata?.deletionTimestamp === undefined) return;
  yield* invocation.err(`Warning: Detected changes to resource ${object.metadata.name} which is currently being deleted.\n`);
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, child]) => (child === null ? [] : [[key, withoutNulls(child)]])));
}
