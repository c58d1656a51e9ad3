import { controllerRevisions } from '../../../api/apps/controller-revision.ts';
import { daemonSets } from '../../../api/apps/daemon-set.ts';
import type { ControllerRevision, DaemonSet, Pod } from '../../../api/generated/types.ts';
import type { Client } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { isAlreadyExists } from '../../../machinery/status-error.ts';
import { newControllerRef } from '../controller-ref.ts';
import { computeHash } from '../template-hash.ts';

export const revisionLabel = 'controller-revision-hash';

/** What a ControllerRevision keeps: a patch that puts the template back. */
const dataOf = (ds: DaemonSet): object => ({ spec: { template: { ...ds.spec.template, $patch: 'replace' } } });

/**
 * The revision of the DaemonSet's template, made if there is none yet, and the number of the newest raised to it when the
 * template is an old one again (pkg/controller/daemon/update.go, constructHistory).
 */
export function* currentRevision(client: Client, ds: DaemonSet, known: readonly ControllerRevision[]): Call<ControllerRevision> {
  const data = dataOf(ds);
  const newest = known.reduce((most, { revision }) => Math.max(most, revision), 0);
  const same = known.find((revision) => semanticEqual((revision as { readonly data?: unknown }).data, data));
  if (same) return same.revision === newest ? same : yield* client.update(controllerRevisions, { ...same, revision: newest + 1 });
  const hash = computeHash(ds.spec.template, ds.status?.collisionCount);
  const { namespace, name } = ds.metadata;
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      namespace,
      name: `${name}-${hash}`,
      labels: { ...ds.spec.template.metadata?.labels, [revisionLabel]: hash },
      annotations: ds.metadata.annotations,
      ownerReferences: [newControllerRef(ds, daemonSets)],
    },
    data,
    revision: newest + 1,
  };
  try {
    return yield* client.create(controllerRevisions, draft as never);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const found = yield* client.get(controllerRevisions, { namespace, name: draft.metadata.name });
    if (semanticEqual((found as { readonly data?: unknown }).data, data)) return found;
    // Another template has this hash: the count makes it another one at the next try.
    yield* client.updateStatus(daemonSets, { ...ds, status: { ...ds.status!, collisionCount: (ds.status?.collisionCount ?? 0) + 1 } });
    throw error;
  }
}

/** Revisions beyond revisionHistoryLimit that no Pod uses, the oldest first. */
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
