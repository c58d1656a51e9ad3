/** kubectl wait. Upstream: kubectl/pkg/cmd/wait. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { parseJsonPath } from '../../../../emulator/machinery/jsonpath.ts';
import { isNotFound, notFound } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import {
  allFlag,
  allNamespacesFlag,
  fieldSelectorFlag,
  fileFlags,
  localFlag,
  printFlags,
  selectorFlag,
  timeoutFlag,
} from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { namePrinter, outputPrinter } from '../../printers/print-flags.ts';
import { relaxedJsonPath } from '../../printers/relaxed-jsonpath.ts';
import type { Selection } from '../../resources/builder.ts';
import { builderFlags, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath } from '../../resources/target.ts';
import { waitDeleted } from '../../resources/wait-deleted.ts';
import { watchLines } from '../../rest/watch.ts';

/** Whether an object is as it is waited for; throws when it can never be. */
type Condition = (object: Json) => boolean;

const weekMs = 7 * 24 * 3_600_000;

export const wait: Command = {
  name: 'wait',
  short: 'Experimental: Wait for a specific condition on one or many resources',
  usage:
    "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  examples: [
    'wait --for=condition=Ready pod/web-1',
    "wait --for=jsonpath='{.status.phase}'=Running pod/web-1",
    'wait --for=delete pod/web-1 --timeout=60s',
  ],
  flags: [
    ...printFlags,
    ...fileFlags.filter(({ name }) => name === 'filename'),
    flag('recursive', 'bool', true, 'Descend into the directories of -f.', { short: 'R' }),
    allFlag('All objects of the types.'),
    allNamespacesFlag,
    fieldSelectorFlag,
    flag('for', 'string', '', 'create, delete, condition=NAME[=VALUE] or jsonpath={PATH}[=VALUE].'),
    localFlag,
    selectorFlag,
    timeoutFlag('How long to wait; 0 looks once, a negative time means a week.', 30_000),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags, sys } = invocation;
    const text = flags.string('for');
    const form = text.toLowerCase();
    const condition = form === 'delete' || form === 'create' ? undefined : parseCondition(text);
    const printer = (yield* outputPrinter(invocation)) ?? namePrinter('condition met');
    const timeoutMs = flags.duration('timeout') < 0 ? weekMs : flags.duration('timeout');
    const untilMs = sys.nowMs + timeoutMs;
    if (form === 'create') yield* waitForCreation(invocation, untilMs);
    const selection = yield* find(invocation);
    const errors = form === 'delete' ? selection.errors.filter((error) => !isNotFound(error)) : selection.errors;
    const failures: unknown[] = [...errors];
    for (const target of selection.targets) {
      try {
        if (form === 'create') yield* invocation.out(printer(target.object));
        else if (condition === undefined) {
          yield* waitDeleted(invocation, target, { timeoutMs: Math.max(0, untilMs - sys.nowMs), uid: target.object.metadata.uid });
          yield* invocation.out(printer(target.object));
        } else yield* invocation.out(printer(yield* waitFor(invocation, target, condition, untilMs, timeoutMs)));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    if (selection.targets.length === 0 && form !== 'delete') throw new CommandError('no matching resources found');
    return 0;
  },
};

function find(invocation: Invocation): Call<Selection> {
  return select(invocation, { ...builderFlags(invocation), latest: !invocation.flags.bool('local'), isRecursive: true });
}

/** Looks twice a second until everything that was named is there. */
function* waitForCreation(invocation: Invocation, untilMs: number): Call<void> {
  for (;;) {
    const { targets, errors } = yield* find(invocation);
    const other = errors.find((error) => !isNotFound(error));
    if (other) throw other;
    if (targets.length > 0 && errors.length === 0) return;
    if (invocation.sys.nowMs >= untilMs) throw new CommandError('timed out waiting for the condition');
    yield* invocation.sys.sleep(500);
  }
}

function* waitFor(invocation: Invocation, target: Target, condition: Condition, untilMs: number, timeoutMs: number): Call<Json> {
  const { sys, client } = invocation;
  const query = { fieldSelector: `metadata.name=${target.name}` };
  const label = `${target.resource.resource}/${target.name}`;
  for (;;) {
    const list: Json = yield* client.request({ method: 'GET', path: collectionPath(target), query });
    const found = list.items[0];
    if (found && condition(found)) return { ...found, apiVersion: target.object.apiVersion, kind: target.object.kind };
    if (timeoutMs === 0) throw new CommandError(`condition not met for ${label}`);
    const watch = yield* watchLines(sys, client, {
      path: collectionPath(target),
      query: { ...query, resourceVersion: list.metadata.resourceVersion, watch: 'true' },
    });
    for (let event: Json; (event = yield* watch.next(untilMs)) !== undefined; ) {
      if (event.type === 'ERROR') break;
      if (event.type === 'DELETED') throw notFound({ group: target.resource.group, resource: target.resource.resource }, target.name);
      if (!condition(event.object)) continue;
      watch.close();
      return event.object;
    }
    watch.close();
    if (sys.nowMs >= untilMs) throw new CommandError(`timed out waiting for the condition on ${label}`);
  }
}

function parseCondition(text: string): Condition {
  if (text.startsWith('condition=')) {
    const [name, value = 'true'] = text.slice('condition='.length).split('=') as [string, string | undefined];
    return (object) => hasCondition(object, name, value);
  }
  if (text.startsWith('jsonpath=')) return jsonPathCondition(text.slice('jsonpath='.length));
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

function hasCondition(object: Json, name: string, value: string): boolean {
  const found = object.status?.conditions?.find((condition: Json) => condition.type.toLowerCase() === name.toLowerCase());
  if (!found) return false;
  // A condition that tells of an older generation says nothing of the present one.
  if (found.observedGeneration !== undefined && found.observedGeneration < object.metadata.generation) return false;
  if (object.status.observedGeneration !== undefined && object.status.observedGeneration < (object.metadata.generation ?? 0)) return false;
  return String(found.status).toLowerCase() === value.toLowerCase();
}

function jsonPathCondition(text: string): Condition {
  if (text === '') throw new CommandError('jsonpath expression cannot be empty');
  const close = text.lastIndexOf('}');
  const path = text.slice(0, close + 1) || text.split('=')[0]!;
  const rest = text.slice(path.length);
  if (rest !== '' && !/^=+/.test(rest)) {
    throw new CommandError(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    );
  }
  const value = rest.replace(/^==?/, '').replace(/^["']|["']$/g, '');
  if (rest !== '' && value === '')
    throw new CommandError("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3");
  const parsed = parseJsonPath(relaxedJsonPath(path), { allowMissingKeys: true });
  return (object) => {
    const results = parsed.findResults(object);
    if (results.length > 1) throw new CommandError('given jsonpath expression matches more than one list');
    const [values = []] = results;
    if (values.length > 1) throw new CommandError('given jsonpath expression matches more than one value');
    if (values.length === 0) return false;
    if (rest === '') return true;
    if (typeof values[0] === 'object' && values[0] !== null)
      throw new CommandError('jsonpath leads to a nested object or list which is not supported');
    return String(values[0]).trim() === value.trim();
  };
}
