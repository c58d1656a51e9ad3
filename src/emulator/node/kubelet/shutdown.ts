/** Graceful node shutdown: Pods end before the machine does, the important ones last (pkg/kubelet/nodeshutdown). */
import type { EventRecorder, EventSubject } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import type { PodWorker } from './pod-worker.ts';

const systemCritical = 2_000_000_000;
/** How often it is looked whether all have ended. */
const lookMs = 200;
/** For the last status to reach the API server. */
const afterwardsMs = 500;

export const shutdownMessage = 'Pod was terminated in response to imminent node shutdown.';
/** Why a Pod does not start on a node that is about to end. */
export const shutdownRefusal = {
  reason: 'NodeShutdown',
  message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
} as const;

/** Pods of at least this priority, and below that of the next group. */
export interface ShutdownGroup {
  readonly priority: number;
  readonly graceMs: number;
}

export interface ShutdownFields {
  readonly shutdownGracePeriod?: string;
  readonly shutdownGracePeriodCriticalPods?: string;
  readonly shutdownGracePeriodByPodPriority?: readonly { readonly priority?: number; readonly shutdownGracePeriodSeconds?: number }[];
}

/** The groups in the order in which they end; none where the kubelet lets the machine go at once. Throws an Error for times that cannot be. */
export function shutdownGroups(fields: ShutdownFields): readonly ShutdownGroup[] {
  const { shutdownGracePeriodByPodPriority: byPriority = [] } = fields;
  const wholeMs = parseDuration(fields.shutdownGracePeriod ?? '') ?? 0;
  const criticalMs = parseDuration(fields.shutdownGracePeriodCriticalPods ?? '') ?? 0;
  if (byPriority.length > 0 && (wholeMs > 0 || criticalMs > 0))
    throw new Error('invalid configuration: Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time');
  if (byPriority.length > 0)
    return byPriority
      .map(({ priority = 0, shutdownGracePeriodSeconds = 0 }) => ({ priority, graceMs: shutdownGracePeriodSeconds * 1000 }))
      .sort((a, b) => a.priority - b.priority);
  if (criticalMs > wholeMs)
    throw new Error(
      `invalid configuration: shutdownGracePeriodCriticalPods {${criticalMs / 1000}s} must be <= shutdownGracePeriod {${wholeMs / 1000}s}`,
    );
  if (wholeMs === 0) return [];
  return [
    { priority: 0, graceMs: wholeMs - criticalMs },
    { priority: systemCritical, graceMs: criticalMs },
  ];
}

export interface ShutdownHost {
  readonly kernel: Kernel;
  readonly recorder: EventRecorder;
  readonly nodeRef: EventSubject;
  readonly groups: readonly ShutdownGroup[];
  workers(): Iterable<PodWorker>;
  readonly log: (text: string) => void;
}

/** Ends the Pods group by group, and comes back when the machine may go. */
export function* endPods({ kernel, recorder, nodeRef, groups, workers, log }: ShutdownHost): Call<void> {
  log('"Shutdown manager detected new shutdown event, isNodeShuttingDownNow" event="shutdown"');
  recorder.normal(nodeRef, 'Shutdown', 'Shutdown manager detected shutdown event');
  for (const [i, { priority, graceMs }] of groups.entries()) {
    const below = groups[i + 1]?.priority ?? Number.POSITIVE_INFINITY;
    const group = [...workers()].filter(({ pod, isAnyRunning, failure }) => {
      const own = pod.spec.priority ?? 0;
      return isAnyRunning && !failure && own < below && (own >= priority || i === 0);
    });
    const deadline = kernel.loop.now + graceMs;
    for (const worker of group) {
      const asked = (worker.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
      worker.fail('Terminated', shutdownMessage, Math.min(asked, graceMs), true);
    }
    while (kernel.loop.now < deadline && group.some(({ isAnyRunning }) => isAnyRunning)) yield* kernel.sleep(lookMs);
  }
  yield* kernel.sleep(afterwardsMs);
}
