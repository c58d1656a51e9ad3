/** kubectl diff: what apply would change, as `diff -u -N` shows it. Upstream: kubectl/pkg/cmd/diff/diff.go. */

import type { Call } from '../../../../emulator/kernel/index.ts';
import { utf8 } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import { prunable, prunedKinds, pruneFlags } from '../../changes/pruning.ts';
import { fieldManagerOf, threeWayPatch } from '../../changes/three-way-patch.ts';
import type { Command } from '../../command.ts';
import { CommandError, describeError, Quit } from '../../errors.ts';
import { fieldManagerFlag, fileFlags, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withoutManagedFields } from '../../printers/print-flags.ts';
import { formatYaml } from '../../printers/serialized.ts';
import { builderFlags, hasFiles, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath, getTarget, targetPath } from '../../resources/target.ts';

export const diff: Command = {
  name: 'diff',
  short: 'Diff the live version against a would-be applied version',
  usage: 'diff -f FILENAME',
  examples: ['diff -f app.yaml'],
  flags: [
    ...fileFlags,
    flag('concurrency', 'int', 1, 'How many objects at a time.'),
    fieldManagerFlag('kubectl-client-side-apply'),
    flag('force-conflicts', 'bool', false, 'Take over fields that others manage.'),
    ...pruneFlags,
    selectorFlag,
    flag('server-side', 'bool', false, 'Let the server merge.'),
    flag('show-managed-fields', 'bool', false, 'Keep managedFields.'),
  ],
  *run(invocation) {
    try {
      return yield* showDifference(invocation);
    } catch (error) {
      // One means that there is a difference, so that an error is more.
      const described = error instanceof Quit ? undefined : describeError(error);
      if (!described) throw error;
      yield* invocation.err(described.text);
      throw new Quit(Math.max(2, described.code));
    }
  },
};

function* showDifference(invocation: Invocation): Call<number> {
  const { sys, flags } = invocation;
  if (!hasFiles(invocation)) throw new CommandError('must specify one of -f and -k');
  if (flags.bool('force-conflicts') && !flags.bool('server-side'))
    throw new CommandError('--force-conflicts only works with --server-side');
  const kinds = flags.bool('prune') ? yield* prunedKinds(invocation) : undefined;
  const targets = yield* selectAll(invocation, builderFlags(invocation));
  const id = sys.kernel.random.below(4_294_967_295);
  const [live, merged] = [`/tmp/LIVE-${id}`, `/tmp/MERGED-${id}`];
  sys.fs.mkdirs(live);
  sys.fs.mkdirs(merged);
  const seen: Json[] = [];
  for (const target of targets) {
    const { before, after } = yield* versions(invocation, target);
    seen.push(before ?? after);
    const name = fileName(target);
    if (before !== undefined) sys.fs.writeFile(`${live}/${name}`, utf8(formatYaml(before)));
    sys.fs.writeFile(`${merged}/${name}`, utf8(formatYaml(after)));
  }
  for (const target of kinds === undefined ? [] : yield* prunable(invocation, kinds, seen))
    sys.fs.writeFile(`${live}/${fileName(target)}`, utf8(formatYaml(masked(target.object))));
  const code = yield* runDiff(invocation, live, merged);
  sys.fs.remove(live, { recursive: true });
  sys.fs.remove(merged, { recursive: true });
  if (code !== 0) throw new Quit(code);
  return 0;
}

function fileName({ resource: { group, version, kind }, namespace, name }: Target): string {
  return `${[group, version, kind].filter((part) => part !== '').join('.')}.${namespace}.${name}`;
}

function* versions(invocation: Invocation, target: Target): Call<{ readonly before: Json; readonly after: Json }> {
  const clean = (object: Json): Json => masked(invocation.flags.bool('show-managed-fields') ? object : withoutManagedFields(object));
  let before: Json;
  try {
    before = yield* getTarget(invocation, target);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const after = yield* dryRun(invocation, target, before);
  return { before: before && clean(before), after: clean(after) };
}

function* dryRun(invocation: Invocation, target: Target, live: Json): Call<Json> {
  const { client, flags } = invocation;
  const query = { dryRun: 'All', fieldManager: fieldManagerOf(invocation) };
  if (flags.bool('server-side')) {
    const force = String(flags.bool('force-conflicts'));
    return yield* client.request({
      method: 'PATCH',
      path: targetPath(target),
      query: { ...query, force },
      contentType: 'application/apply-patch+yaml',
      body: target.object,
    });
  }
  if (live === undefined) return yield* client.request({ method: 'POST', path: collectionPath(target), query, body: target.object });
  const patch = threeWayPatch(target, live, withAnnotations(target.object), true);
  if (Object.keys(patch.body).length === 0) return live;
  return yield* client.request({ method: 'PATCH', path: targetPath(target), query, contentType: patch.type, body: patch.body });
}

/** What was applied last always has annotations, so that a manifest without them would remove all. */
const withAnnotations = (object: Json): Json => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations } },
});

/** Values of Secrets are never shown. */
function masked(object: Json): Json {
  if (object?.kind !== 'Secret' || object.apiVersion !== 'v1' || !object.data) return object;
  return { ...object, data: Object.fromEntries(Object.keys(object.data).map((key) => [key, '***'])) };
}

function* runDiff(invocation: Invocation, live: string, merged: string): Call<number> {
  const { sys } = invocation;
  const [name, ...options] = (sys.env.get('KUBECTL_EXTERNAL_DIFF') || 'diff -u -N').split(/\s+/) as [string, ...string[]];
  const found = sys.which(name);
  const inode = found === undefined ? undefined : sys.fs.find(found);
  if (inode?.kind !== 'file' || !inode.program)
    throw new CommandError(`failed to run ${JSON.stringify(name)}: exec: ${JSON.stringify(name)}: executable file not found in $PATH`, {
      exitCode: 2,
    });
  const pid = sys.spawn({ program: inode.program, argv: [name, ...options, live, merged] });
  return (yield* sys.wait(pid)).code;
}
