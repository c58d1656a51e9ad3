import type { ControllerRevision, DaemonSet, Pod } from '../../../api/generated/types.ts';
import { revisionLabel } from '../controller-history.ts';

/** Revisions beyond revisionHistoryLimit that no Pod uses, the oldest first (pkg/controller/daemon/update.go, cleanupHistory). */
export function surplusRevisions(
  ds: DaemonSet,
  known: readonly ControllerRevision[],
  current: ControllerRevision,
  pods: Iterable<Pod>,
): ControllerRevision[] {
  const live = new Set<string | undefined>();
  for (const { metadata } of pods) live.add(metadata.labels?.[revisionLabel]);
  const old = known.filter((revision) => revision.metadata.uid !== current.metadata.uid);
  const idle = old.filter(({ metadata }) => !live.has(metadata.labels?.[revisionLabel])).sort((a, b) => a.revision - b.revision);
  return idle.slice(0, Math.max(0, old.length - (ds.spec.revisionHistoryLimit ?? 10)));
}
