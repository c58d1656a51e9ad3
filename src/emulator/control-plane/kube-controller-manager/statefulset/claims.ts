/** The claims that the Pods of a StatefulSet keep (pkg/controller/statefulset/{stateful_pod_control,stateful_set_utils}.go). */
import { pods } from '../../../api/core/pod.ts';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../../api/generated/types.ts';
import { statefulSets } from '../../../api/apps/stateful-set.ts';
import type { Client, EventRecorder, Informer } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, Draft, OwnerReference } from '../../../machinery/objects.ts';
import { badRequest, StatusError } from '../../../machinery/status-error.ts';
import { controllerOf, newControllerRef } from '../controller-ref.ts';
import { claimName, claimTemplates, podName, startOrdinal } from './identity.ts';

function draftClaim(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): Draft<PersistentVolumeClaim> {
  const { labels, annotations } = template.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...labels, ...set.spec.selector.matchLabels },
      annotations,
    },
    spec: template.spec,
  };
}

export class Claims {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #claims: Informer<PersistentVolumeClaim>;

  constructor(client: Client, recorder: EventRecorder, claims: Informer<PersistentVolumeClaim>) {
    this.#client = client;
    this.#recorder = recorder;
    this.#claims = claims;
  }

  *#existing(set: StatefulSet, ordinal: number): Iterable<PersistentVolumeClaim> {
    for (const template of claimTemplates(set)) {
      const claim = this.#claims.get(claimName(set, template, ordinal), set.metadata.namespace);
      if (claim) yield claim;
    }
  }

  /** Whether a claim still belongs to a Pod that is gone, and will go itself: no new Pod may have it. */
  isStale(set: StatefulSet, ordinal: number): boolean {
    const name = podName(set, ordinal);
    for (const { metadata } of this.#existing(set, ordinal))
      if (metadata.ownerReferences?.some((owner) => owner.kind === 'Pod' && owner.name === name)) return true;
    return false;
  }

  /** Makes the claims of a Pod that are missing. */
  *createMissing(set: StatefulSet, ordinal: number): Call<void> {
    for (const template of claimTemplates(set)) {
      const name = claimName(set, template, ordinal);
      const known = this.#claims.get(name, set.metadata.namespace);
      if (known?.metadata.deletionTimestamp) throw badRequest(`pvc ${name} is being deleted`);
      if (!known) yield* this.#create(set, template, ordinal);
    }
  }

  *#create(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): Call<void> {
    const draft = draftClaim(set, template, ordinal);
    const pod = podName(set, ordinal);
    const { name } = set.metadata;
    try {
      yield* this.#client.create(persistentVolumeClaims, draft);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const message = `create Claim ${draft.metadata.name} for Pod ${pod} in StatefulSet ${name} failed error: ${error.message}`;
      this.#recorder.warning(set, 'FailedCreate', message);
      throw error;
    }
    this.#recorder.normal(set, 'SuccessfulCreate', `create Claim ${draft.metadata.name} Pod ${pod} in StatefulSet ${name} success`);
  }

  /**
   * Makes the claims of a Pod owned as persistentVolumeClaimRetentionPolicy says: by the set if they go with it, by the Pod if
   * it is being scaled away and they go with that, else by nobody.
   */
  *own(set: StatefulSet, pod: Pod, ordinal: number): Call<void> {
    if (claimTemplates(set).length === 0) return;
    const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
    const place = ordinal - startOrdinal(set);
    const isCondemned = place < 0 || place >= (set.spec.replicas ?? 1);
    const wanted =
      whenScaled === 'Delete' && isCondemned
        ? newControllerRef(pod, pods)
        : whenDeleted === 'Delete'
          ? newControllerRef(set, statefulSets)
          : undefined;
    for (const claim of this.#existing(set, ordinal)) yield* this.#setOwner(claim, [set, pod], wanted);
  }

  *#setOwner(claim: PersistentVolumeClaim, possible: readonly ApiObject[], wanted: OwnerReference | undefined): Call<void> {
    const before = claim.metadata.ownerReferences ?? [];
    const isOurs = ({ uid }: OwnerReference): boolean => possible.some((owner) => owner.metadata.uid === uid);
    const present = before.filter(isOurs);
    if (present.length === (wanted ? 1 : 0) && present[0]?.uid === wanted?.uid) return;
    const controller = controllerOf(claim);
    // Somebody else looks after this claim.
    if (controller && !isOurs(controller)) return;
    const ownerReferences = [...before.filter((reference) => !isOurs(reference)), ...(wanted ? [wanted] : [])];
    yield* this.#client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
  }
}
