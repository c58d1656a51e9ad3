/** Who the Pods of a StatefulSet are and what they keep (pkg/controller/statefulset/stateful_set_utils.go). */
import { statefulSets } from '../../../api/apps/stateful-set.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet, Volume } from '../../../api/generated/types.ts';
import type { Draft } from '../../../machinery/objects.ts';
import { revisionLabel, templateOf } from '../controller-history.ts';
import { newControllerRef } from '../controller-ref.ts';
import { podFromTemplate } from '../pod-control.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** The ordinal of a Pod by its name, undefined if it is none of the set's. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

export const startOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The name of the revision that a Pod is of. */
export function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[revisionLabel];
}

function identityLabels(set: StatefulSet, ordinal: number): Readonly<Record<string, string>> {
  return { [podNameLabel]: podName(set, ordinal), [podIndexLabel]: String(ordinal) };
}

/** The templates of the claims that each Pod has; often none. */
export function claimTemplates({ spec }: StatefulSet): readonly PersistentVolumeClaim[] {
  return spec.volumeClaimTemplates ?? [];
}

export function claimName(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${template.metadata.name}-${podName(set, ordinal)}`;
}

/** The volumes of a Pod, with one for each claim in place of one of the same name. */
function withClaims(set: StatefulSet, volumes: readonly Volume[] | undefined, ordinal: number): readonly Volume[] | undefined {
  const templates = claimTemplates(set);
  if (templates.length === 0) return volumes;
  const claimed = templates.map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  const kept = (volumes ?? []).filter(({ name }) => !claimed.some((volume) => volume.name === name));
  return [...claimed, ...kept];
}

/** A Pod of one revision: name, host name and labels say which it is. */
export function newPod(set: StatefulSet, revision: ControllerRevision, ordinal: number): Draft<Pod> {
  const draft = podFromTemplate(set, templateOf(revision), [newControllerRef(set, statefulSets)]);
  const name = podName(set, ordinal);
  const labels = { ...draft.metadata.labels, ...identityLabels(set, ordinal), [revisionLabel]: revision.metadata.name };
  return {
    ...draft,
    metadata: { ...draft.metadata, name, labels },
    spec: { ...draft.spec, hostname: name, subdomain: set.spec.serviceName, volumes: withClaims(set, draft.spec.volumes, ordinal) },
  };
}

/** Whether a Pod carries the labels of its identity. */
export function hasIdentity(set: StatefulSet, pod: Pod): boolean {
  return pod.metadata.labels?.[podNameLabel] === pod.metadata.name && ordinalOf(set, pod) !== undefined;
}

/** The Pod with the labels of its identity. */
export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const labels = { ...pod.metadata.labels, ...identityLabels(set, ordinalOf(set, pod)!) };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}
