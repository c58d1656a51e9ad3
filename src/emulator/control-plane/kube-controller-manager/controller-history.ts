/** ControllerRevisions: the templates that a DaemonSet or StatefulSet has had (pkg/controller/history). */
import { controllerRevisions } from '../../api/apps/controller-revision.ts';
import type { ControllerRevision, PodTemplateSpec } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { Client } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { isAlreadyExists, isNotFound } from '../../machinery/status-error.ts';
import { newControllerRef } from './controller-ref.ts';
import { computeHash } from './template-hash.ts';

/** The label of a Pod that says of which revision it is. */
export const revisionLabel = 'controller-revision-hash';

interface Revised extends ApiObject {
  readonly spec: { readonly template: PodTemplateSpec };
  readonly status?: { readonly collisionCount?: number | undefined } | undefined;
}

/** Whose history it is. */
export interface History<T extends Revised> {
  readonly client: Client;
  readonly kind: Kind<T>;
  /** The label of a revision that holds its hash; the two kinds differ in it. */
  readonly hashLabel: string;
}

/** What a ControllerRevision keeps: a patch that puts the template back. */
interface RevisionData {
  readonly spec: { readonly template: PodTemplateSpec & { readonly $patch?: string } };
}

const dataOf = (revision: ControllerRevision): RevisionData => (revision as { readonly data?: unknown }).data as RevisionData;
const templates = new WeakMap<ControllerRevision, PodTemplateSpec>();

/** The template that a revision keeps; one object a revision. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  let template = templates.get(revision);
  if (!template) {
    const { $patch: _, ...kept } = dataOf(revision).spec.template;
    templates.set(revision, (template = kept));
  }
  return template;
}

/**
 * The revision of the owner's present template, made if there is none yet, and the number of the newest raised to it when the
 * template is an old one again (pkg/controller/daemon/update.go, constructHistory; getStatefulSetRevisions).
 */
export function* currentRevision<T extends Revised>(
  history: History<T>,
  owner: T,
  known: readonly ControllerRevision[],
): Call<ControllerRevision> {
  const { client, kind } = history;
  const data: RevisionData = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
  const newest = known.reduce((most, { revision }) => Math.max(most, revision), 0);
  const same = known.find((revision) => semanticEqual(dataOf(revision), data));
  if (same) return same.revision === newest ? same : yield* client.update(controllerRevisions, { ...same, revision: newest + 1 });
  const draft = draftRevision(history, owner, data, newest + 1);
  try {
    return yield* client.create(controllerRevisions, draft as never);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const found = yield* client.get(controllerRevisions, draft.metadata);
    if (semanticEqual(dataOf(found), data)) return found;
    // Another template has this hash: the count makes it another one at the next try.
    const collisionCount = (owner.status?.collisionCount ?? 0) + 1;
    yield* client.updateStatus(kind, { ...owner, status: { ...owner.status, collisionCount } });
    throw error;
  }
}

function draftRevision<T extends Revised>({ kind, hashLabel }: History<T>, owner: T, data: RevisionData, revision: number) {
  const { namespace, name, annotations } = owner.metadata;
  const { template } = owner.spec;
  // A count of none and no count are one: the first hash never changes.
  const hash = computeHash(template, owner.status?.collisionCount || undefined);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      namespace,
      name: `${name}-${hash}`,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      annotations,
      ownerReferences: [newControllerRef(owner, kind)],
    },
    data,
    revision,
  };
}

/** Deletes revisions that are no longer needed; one that is gone already is as it should be. */
export function* deleteRevisions(client: Client, revisions: readonly ControllerRevision[]): Call<void> {
  for (const { metadata } of revisions) {
    try {
      yield* client.delete(controllerRevisions, metadata);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
