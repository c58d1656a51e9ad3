/** kubectl rollout. Upstream: kubectl/pkg/cmd/rollout and kubectl/pkg/polymorphichelpers. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { formatTime } from '../../../../emulator/kernel/index.ts';
import { patchTo } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, fileFlags, printFlags, selectorFlag, timeoutFlag } from '../../flag-groups.ts';
import type { Flag } from '../../flag-set.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withField } from '../../json.ts';
import { outputPrinter, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath } from '../../resources/target.ts';
import { watchLines } from '../../rest/watch.ts';
import { historyText, revisionObject } from './history.ts';
import { rollBack } from './rollback.ts';
import { rolloutStatus } from './status.ts';

const common: readonly Flag[] = [...printFlags, ...fileFlags, selectorFlag];

function* selectRollouts(invocation: Invocation, { isQuiet = false } = {}): Call<readonly Target[]> {
  if (invocation.args.length === 0 && !hasFiles(invocation)) throw new CommandError('required resource not specified');
  const selection = yield* select(invocation, { ...builderFlags(invocation), latest: true, allowsTypeAlone: true });
  if (selection.errors.length > 0) throw new AggregateFailure(selection.errors);
  if (selection.targets.length === 0 && !isQuiet) yield* invocation.err(`No resources found in ${invocation.namespace} namespace.\n`);
  return selection.targets;
}

const status: Command = {
  name: 'status',
  short: 'Show the status of the rollout',
  usage: 'rollout status (TYPE NAME | TYPE/NAME) [flags]',
  flags: [
    ...fileFlags,
    flag('revision', 'int', 0, 'Follow this revision only.'),
    selectorFlag,
    timeoutFlag('How long to wait; 0 means as long as it takes.'),
    flag('watch', 'bool', true, 'Wait until it is done.', { short: 'w' }),
  ],
  complete: completeObjects,
  *run(invocation) {
    if (invocation.flags.int('revision') < 0)
      throw new CommandError(`revision must be a positive integer: ${invocation.flags.int('revision')}`);
    for (const target of yield* selectRollouts(invocation)) yield* followRollout(invocation, target);
    return 0;
  },
};

function* followRollout(invocation: Invocation, target: Target): Call<void> {
  const { flags, sys, client } = invocation;
  const untilMs = flags.duration('timeout') > 0 ? sys.nowMs + flags.duration('timeout') : Number.POSITIVE_INFINITY;
  const query = { fieldSelector: `metadata.name=${target.name}` };
  const show = function* (object: Json): Call<boolean> {
    const { text, isDone } = rolloutStatus(object, target.resource, flags.int('revision'));
    yield* invocation.out(text);
    return isDone || !flags.bool('watch');
  };
  const list: Json = yield* client.request({ method: 'GET', path: collectionPath(target), query });
  if (list.items.length === 0) throw new CommandError('object has been deleted');
  if (yield* show(list.items[0])) return;
  const watch = yield* watchLines(sys, client, {
    path: collectionPath(target),
    query: { ...query, resourceVersion: list.metadata.resourceVersion, watch: 'true' },
  });
  for (let event: Json; (event = yield* watch.next(untilMs)) !== undefined; ) {
    if (event.type === 'DELETED') throw new CommandError('object has been deleted');
    if (event.type === 'ERROR') throw new CommandError(`internal error: unexpected event ${JSON.stringify(event)}`);
    if (event.type !== 'BOOKMARK' && (yield* show(event.object))) {
      watch.close();
      return;
    }
  }
  throw new CommandError(watch.isTimedOut ? 'timed out waiting for the condition' : 'watch closed before UntilWithoutRetry timeout');
}

const history: Command = {
  name: 'history',
  short: 'View rollout history',
  usage: 'rollout history (TYPE NAME | TYPE/NAME) [flags]',
  flags: [...common, flag('revision', 'int', 0, 'Show this revision in full.')],
  complete: completeObjects,
  *run(invocation) {
    const revision = invocation.flags.int('revision');
    if (revision < 0) throw new CommandError(`revision must be a positive integer: ${revision}`);
    const printer = yield* outputPrinter(invocation);
    const failures: unknown[] = [];
    for (const target of yield* selectRollouts(invocation)) {
      try {
        yield* showHistory(invocation, target, revision, printer);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function* showHistory(
  invocation: Invocation,
  target: Target,
  revision: number,
  printer: ((object: Json) => string) | undefined,
): Call<void> {
  if (printer && revision > 0) {
    yield* invocation.out(printer(yield* revisionObject(invocation, target, revision)));
    return;
  }
  const withRevision = revision > 0 ? ` with revision #${revision}` : '';
  const name = `${target.resource.kind.toLowerCase()}.${target.resource.group}/${target.name}`;
  yield* invocation.out(
    `${`${name} ${withRevision.trim()}`.trimEnd()}${revision > 0 ? '' : ' '}\n${yield* historyText(invocation, target, revision)}\n`,
  );
}

const undo: Command = {
  name: 'undo',
  short: 'Undo a previous rollout',
  usage: 'rollout undo (TYPE NAME | TYPE/NAME) [flags]',
  flags: [...common, dryRunFlag, flag('to-revision', 'int', 0, 'The revision to go back to; 0 is the one before.')],
  complete: completeObjects,
  *run(invocation) {
    const print = yield* reportPrinter(invocation);
    for (const target of yield* selectRollouts(invocation, { isQuiet: true }))
      yield* invocation.out(print(target.object, yield* rollBack(invocation, target, invocation.flags.int('to-revision'))));
    return 0;
  },
};

/** pause, resume and restart: a change of the object that is sent as a patch. */
function patching(name: string, short: string, operation: string, change: (object: Json, invocation: Invocation) => Json): Command {
  return {
    name,
    short,
    usage: `rollout ${name} RESOURCE`,
    flags: [...common, fieldManagerFlag('kubectl-rollout')],
    complete: completeObjects,
    *run(invocation) {
      const print = yield* reportPrinter(invocation);
      const failures: unknown[] = [];
      for (const target of yield* selectRollouts(invocation)) {
        try {
          const changed = change(target.object, invocation);
          yield* invocation.out(print(yield* patchTo(invocation, target, changed), operation));
        } catch (error) {
          const { resource } = target;
          const type = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
          failures.push(
            error instanceof CommandError
              ? new CommandError(`error: ${type} ${JSON.stringify(target.name)} ${error.message}`)
              : new CommandError(`failed to patch: ${messageOf(error)}`),
          );
        }
      }
      if (failures.length > 0) throw new AggregateFailure(failures);
      return 0;
    },
  };
}

const pause = patching('pause', 'Mark the provided resource as paused', 'paused', (object) => {
  if (object.kind !== 'Deployment') throw new CommandError('pausing is not supported');
  if (object.spec.paused) throw new CommandError('is already paused');
  return withField(object, ['spec', 'paused'], true);
});

const resume = patching('resume', 'Resume a paused resource', 'resumed', (object) => {
  if (object.kind !== 'Deployment') throw new CommandError('resuming is not supported');
  if (!object.spec.paused) throw new CommandError('is not paused');
  return withField(object, ['spec', 'paused'], undefined);
});

const restart = patching('restart', 'Restart a resource', 'restarted', (object, invocation) => {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind)) throw new CommandError('restarting is not supported');
  if (object.spec.paused) throw new CommandError("can't restart paused deployment (run rollout resume first)");
  const stamp = formatTime(invocation.sys.kernel.clock.unixMs);
  if (object.spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'] === stamp) {
    throw new CommandError(
      'if restart has already been triggered within the past second, please wait before attempting to trigger another',
    );
  }
  return withField(object, ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'], stamp);
});

export const rollout: Command = {
  name: 'rollout',
  printsHelp: true,
  short: 'Manage the rollout of a resource',
  usage: 'rollout SUBCOMMAND',
  examples: ['rollout status deployment/web', 'rollout undo deployment/web', 'rollout restart deployment/web'],
  subcommands: [history, pause, restart, resume, status, undo],
};
