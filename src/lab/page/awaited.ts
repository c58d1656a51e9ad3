/** What a learner may be waiting for: the next work that is due, or the eviction of Pods from a node that is lost. */
import type { Pod, Taint } from '../../emulator/api/generated/types.ts';
import type { LabCluster } from '../cluster.ts';

/** A wait of this much virtual time can be skipped by one press. */
const longWaitMs = 10_000;

/** How long nothing but heartbeats will happen, in virtual milliseconds; undefined when that is short, or nothing is to come. */
export function longWait(cluster: LabCluster): number | undefined {
  const { loop } = cluster.kernel;
  const atMs = Math.min(loop.nextForegroundMs ?? Number.POSITIVE_INFINITY, nextEvictionMs(cluster));
  const wait = atMs - loop.now;
  return wait >= longWaitMs && Number.isFinite(wait) ? wait : undefined;
}

/** When the first Pod will be evicted that tolerates the loss of its node for a time. */
function nextEvictionMs(cluster: LabCluster): number {
  const tainted = new Map<string, readonly Taint[]>();
  for (const { metadata, spec } of cluster.list('nodes')) {
    const taints = spec?.taints?.filter(({ effect, timeAdded }) => effect === 'NoExecute' && timeAdded !== undefined) ?? [];
    if (taints.length > 0) tainted.set(metadata.name, taints);
  }
  if (tainted.size === 0) return Number.POSITIVE_INFINITY;
  const { clock } = cluster.kernel;
  return Math.min(
    ...cluster
      .list('pods')
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .flatMap((pod) =>
        (tainted.get(pod.spec?.nodeName ?? '') ?? []).map((taint) => clock.virtualMs(taint.timeAdded!) + toleratedMs(pod, taint)),
      ),
  );
}

function toleratedMs({ spec }: Pod, { key }: Taint): number {
  const seconds = spec?.tolerations?.find((toleration) => toleration.key === key)?.tolerationSeconds;
  return seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
}
