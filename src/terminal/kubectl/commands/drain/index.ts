/** kubectl drain. Upstream: kubectl/pkg/cmd/drain/drain.go, kubectl/pkg/drain. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { formatDuration } from '../../../../emulator/machinery/duration.ts';
import { isNotFound, StatusError } from '../../../../emulator/machinery/status-error.ts';
import { cordonTargets, selectNodes } from '../../changes/cordon-nodes.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { chunkSizeFlag, dryRunFlag, selectorFlag, timeoutFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { dryRunStrategy } from '../../printers/print-flags.ts';
import type { Target } from '../../resources/target.ts';

export const drain: Command = {
  name: 'drain',
  short: 'Drain node in preparation for maintenance',
  usage: 'drain NODE',
  examples: ['drain node-1 --ignore-daemonsets', 'drain node-1 --ignore-daemonsets --delete-emptydir-data --force'],
  flags: [
    chunkSizeFlag,
    flag('delete-emptydir-data', 'bool', false, 'Also Pods whose emptyDir data will be lost.'),
    flag('disable-eviction', 'bool', false, 'Delete instead of evicting; budgets are not asked.'),
    dryRunFlag,
    flag('force', 'bool', false, 'Also Pods that no controller will make again.'),
    flag('grace-period', 'int', -1, 'Seconds for each Pod to end; -1 leaves it to the Pod.'),
    flag('ignore-daemonsets', 'bool', false, 'Leave Pods of DaemonSets alone.'),
    flag('pod-selector', 'string', '', 'Only Pods with these labels.'),
    selectorFlag,
    flag('skip-wait-for-delete-timeout', 'int', 0, 'Do not wait for Pods that have been ending for this many seconds.'),
    timeoutFlag('How long to try; 0 means as long as it takes.'),
  ],
  complete: completeNamesOf('nodes'),
  *run(invocation) {
    const nodes = yield* selectNodes(invocation);
    yield* cordonTargets(invocation, nodes, true);
    const failures: unknown[] = [];
    const remaining: string[] = [];
    const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRunStrategy(invocation)];
    for (const node of nodes) {
      try {
        yield* drainNode(invocation, node);
        yield* invocation.out(`node/${node.name} drained${suffix}\n`);
      } catch (error) {
        yield* invocation.err(
          `error: unable to drain node ${JSON.stringify(node.name)} due to error: ${aggregateText(error)}, continuing command...\n`,
        );
        failures.push(error);
        remaining.push(node.name);
      }
    }
    if (remaining.length > 0)
      yield* invocation.err(`There are pending nodes to be drained:\n${remaining.map((name) => ` ${name}\n`).join('')}`);
    if (failures.length > 0)
      throw new AggregateFailure(failures.flatMap((error) => (error instanceof AggregateFailure ? error.errors : [error])));
    return 0;
  },
};

/** What stands in the way of a node is always told in a list, whose lines stand as they are. */
const drainError = (message: string): CommandError => new CommandError(message, { bare: true });

function aggregateText(error: unknown): string {
  if (error instanceof AggregateFailure)
    return error.errors.length === 1 ? messageOf(error.errors[0]) : `[${error.errors.map(messageOf).join(', ')}]`;
  return messageOf(error);
}

function* drainNode(invocation: Invocation, node: Target): Call<void> {
  const { pods, warning } = yield* podsToDelete(invocation, node.name);
  if (warning !== '') yield* invocation.warn(warning);
  if (dryRunStrategy(invocation) === 'client') {
    for (const pod of pods) yield* invocation.out(`evicting pod ${pod.metadata.namespace}/${pod.metadata.name} (dry run)\n`);
    return;
  }
  try {
    yield* evictAll(invocation, pods);
  } catch (error) {
    const { pods: pending } = yield* podsToDelete(invocation, node.name);
    if (pending.length > 0) {
      yield* invocation.err(
        `There are pending pods in node ${JSON.stringify(node.name)} when an error occurred: ${aggregateText(error)}\n${pending.map((pod) => `pod/${pod.metadata.name}\n`).join('')}`,
      );
    }
    throw error;
  }
}

type Verdict = { readonly take: boolean; readonly warning?: string; readonly error?: string };

/** The Pods that have to go, and a warning of what is lost or left. Throws when something stands in the way. */
function* podsToDelete(invocation: Invocation, node: string): Call<{ readonly pods: readonly Json[]; readonly warning: string }> {
  const list: Json = yield* invocation.client.request({
    method: 'GET',
    path: '/api/v1/pods',
    query: {
      fieldSelector: `spec.nodeName=${node}`,
      labelSelector: invocation.flags.string('pod-selector') || undefined,
      limit: String(invocation.flags.int('chunk-size')),
    },
  });
  const warnings = new Map<string, string[]>();
  const errors = new Map<string, string[]>();
  const taken: Json[] = [];
  for (const pod of list.items as readonly Json[]) {
    const verdict = yield* judge(invocation, pod);
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (verdict.error) errors.set(verdict.error, [...(errors.get(verdict.error) ?? []), name]);
    else if (verdict.warning) warnings.set(verdict.warning, [...(warnings.get(verdict.warning) ?? []), name]);
    if (verdict.take) taken.push(pod);
  }
  if (errors.size > 0)
    throw new AggregateFailure([...errors].map(([message, names]) => drainError(`cannot delete ${message}: ${names.join(', ')}`)));
  return { pods: taken, warning: [...warnings].map(([message, names]) => `${message}: ${names.join(', ')}`).join('; ') };
}

/** The filters in their order: the first that refuses a Pod decides, a later warning replaces an earlier one. */
function* judge(invocation: Invocation, pod: Json): Call<Verdict> {
  const { flags, sys } = invocation;
  const skipAfter = flags.int('skip-wait-for-delete-timeout');
  const deletedAt: string | undefined = pod.metadata.deletionTimestamp;
  if (skipAfter > 0 && deletedAt !== undefined && sys.nowMs - sys.kernel.clock.virtualMs(deletedAt) > skipAfter * 1000)
    return { take: false };
  const isFinished = ['Succeeded', 'Failed'].includes(pod.status?.phase);
  const controller = pod.metadata.ownerReferences?.find((owner: Json) => owner.controller);
  if (controller?.kind === 'DaemonSet' && !isFinished) {
    const verdict = yield* judgeDaemonPod(invocation, pod, controller.name);
    if (verdict) return verdict;
  }
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return { take: false };
  let warning: string | undefined;
  const hasLocalData = pod.spec.volumes?.some((volume: Json) => volume.emptyDir !== undefined) ?? false;
  if (hasLocalData && !isFinished) {
    if (!flags.bool('delete-emptydir-data'))
      return { take: false, error: 'Pods with local storage (use --delete-emptydir-data to override)' };
    warning = 'deleting Pods with local storage';
  }
  if (!isFinished && !controller) {
    if (!flags.bool('force')) return { take: false, error: 'cannot delete Pods that declare no controller (use --force to override)' };
    warning = 'deleting Pods that declare no controller';
  }
  return warning === undefined ? { take: true } : { take: true, warning };
}

function* judgeDaemonPod(invocation: Invocation, pod: Json, name: string): Call<Verdict | undefined> {
  try {
    yield* invocation.client.request({ method: 'GET', path: `/apis/apps/v1/namespaces/${pod.metadata.namespace}/daemonsets/${name}` });
  } catch (error) {
    if (!isNotFound(error)) return { take: false, error: messageOf(error) };
    return invocation.flags.bool('force') ? { take: true, warning: messageOf(error) } : { take: false, error: messageOf(error) };
  }
  if (!invocation.flags.bool('ignore-daemonsets'))
    return { take: false, error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
  return { take: false, warning: 'ignoring DaemonSet-managed Pods' };
}

/** Evicts each Pod, again every five seconds while a budget forbids it, and waits until all are gone. */
function* evictAll(invocation: Invocation, pods: readonly Json[]): Call<void> {
  const { flags, sys } = invocation;
  const isEviction = !flags.bool('disable-eviction');
  const timeoutMs = flags.duration('timeout') || Number.POSITIVE_INFINITY;
  const untilMs = sys.nowMs + timeoutMs;
  const isDryRun = dryRunStrategy(invocation) === 'server';
  const failures: unknown[] = [];
  const waiting: Json[] = [];
  let todo = pods.map((pod) => ({ pod, atMs: sys.nowMs }));
  while (todo.length > 0 || waiting.length > 0) {
    for (const item of todo.filter(({ atMs }) => atMs <= sys.nowMs)) {
      const { name, namespace } = item.pod.metadata;
      if (isEviction) yield* invocation.out(`evicting pod ${namespace}/${name}${isDryRun ? ' (server dry run)' : ''}\n`);
      if (sys.nowMs >= untilMs) {
        failures.push(
          drainError(
            `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}: global timeout reached: ${formatDuration(timeoutMs)}`,
          ),
        );
        todo = todo.filter((other) => other !== item);
        continue;
      }
      const outcome = yield* evictOne(invocation, item.pod, isEviction, isDryRun);
      todo = todo.filter((other) => other !== item);
      if (outcome === 'retry') todo.push({ pod: item.pod, atMs: sys.nowMs + 5000 });
      else if (outcome === 'evicted' && !isDryRun) waiting.push(item.pod);
      else if (outcome instanceof Error) failures.push(outcome);
    }
    yield* reapGone(invocation, waiting, isEviction);
    if (waiting.length > 0 && sys.nowMs >= untilMs) {
      failures.push(
        ...waiting
          .splice(0)
          .map((pod) =>
            drainError(
              `error when waiting for pod ${JSON.stringify(pod.metadata.name)} in namespace ${JSON.stringify(pod.metadata.namespace)} to terminate: global timeout reached: ${formatDuration(timeoutMs)}`,
            ),
          ),
      );
    }
    if (todo.length > 0 || waiting.length > 0) yield* sys.sleep(1000);
  }
  if (failures.length > 0) throw new AggregateFailure(failures);
}

function* evictOne(invocation: Invocation, pod: Json, isEviction: boolean, isDryRun: boolean): Call<'evicted' | 'gone' | 'retry' | Error> {
  const { name, namespace } = pod.metadata;
  const gracePeriod = invocation.flags.int('grace-period');
  const deleteOptions = { ...(gracePeriod >= 0 && { gracePeriodSeconds: gracePeriod }), ...(isDryRun && { dryRun: ['All'] }) };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  try {
    if (isEviction)
      yield* invocation.client.request({
        method: 'POST',
        path: `${path}/eviction`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions },
      });
    else yield* invocation.client.request({ method: 'DELETE', path, body: { apiVersion: 'v1', kind: 'DeleteOptions', ...deleteOptions } });
    return 'evicted';
  } catch (error) {
    if (isNotFound(error)) return 'gone';
    if (!(error instanceof StatusError) || error.status.code !== 429)
      return drainError(`error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}: ${messageOf(error)}`);
    yield* invocation.err(
      `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)} (will retry after 5s): ${error.message}\n`,
    );
    return 'retry';
  }
}

/** Reports the Pods that are gone (or were replaced under the same name) and forgets them. */
function* reapGone(invocation: Invocation, waiting: Json[], isEviction: boolean): Call<void> {
  for (const pod of [...waiting]) {
    try {
      const now: Json = yield* invocation.client.request({
        method: 'GET',
        path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`,
      });
      if (now.metadata.uid === pod.metadata.uid) continue;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    waiting.splice(waiting.indexOf(pod), 1);
    yield* invocation.out(`pod/${pod.metadata.name} ${isEviction ? 'evicted' : 'deleted'}\n`);
  }
}
