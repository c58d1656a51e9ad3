/** PersistentVolume: pkg/registry/core/persistentvolume/strategy.go. */
import { fieldPath } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../generated/types.ts';
import { metaUpdateErrors } from '../metadata/object-meta.ts';
import { accessModesText } from '../storage/access-modes.ts';
import { deprecatedVolumes, warnNodeTerm } from './pod-spec/warnings.ts';
import { validateVolume, validateVolumeUpdate, volumeSourceOf } from './persistent-volume-validation.ts';
import type { VolumeSourceName } from './persistent-volume-validation.ts';
import { betaClassAnnotation } from './persistent-volume-claim-validation.ts';

/** The class that a volume belongs to: GetPersistentVolumeClass. */
export const volumeClass = ({ metadata, spec }: PersistentVolume): string =>
  metadata.annotations?.[betaClassAnnotation] ?? spec.storageClassName ?? '';

/** SetDefaults_PersistentVolume of pkg/apis/core/v1/defaults.go. */
function defaultSpec(spec: PersistentVolumeSpec): PersistentVolumeSpec {
  const filled = fillNil(fill(spec, { persistentVolumeReclaimPolicy: 'Retain' }), { volumeMode: 'Filesystem' });
  const withPath = change(filled, 'hostPath', (source) => fill(source, { type: '' }));
  return change(withPath, 'iscsi', (source) => fill(source, { iscsiInterface: 'default' }));
}

/** Storage that this cluster's nodes can mount. */
const simulatedSources: readonly VolumeSourceName[] = ['hostPath', 'local', 'nfs'];

/**
 * GetWarningsForPersistentVolume of pkg/api/persistentvolume/util.go.
 *
 * Differs from Kubernetes: a volume on storage that the emulated nodes cannot reach earns a warning.
 */
function warnings({ metadata, spec }: PersistentVolume, previous: PersistentVolume | undefined): readonly string[] {
  if (spec === previous?.spec) return [];
  const own: string[] = [];
  const path = fieldPath('spec');
  const source = volumeSourceOf(spec);
  if (metadata.annotations?.[betaClassAnnotation] !== undefined) {
    const at = fieldPath('metadata', 'annotations').key(betaClassAnnotation);
    own.push(`${at}: deprecated since v1.8; use "storageClassName" attribute instead`);
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const advice = 'Instead, the recommended approach is to use dynamic provisioning.';
    own.push(`${path.child('persistentVolumeReclaimPolicy')}: The Recycle reclaim policy is deprecated. ${advice}`);
  }
  const terms = path.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).forEach((term, i) => {
    warnNodeTerm(term, terms.index(i), (at, words) => own.push(`${at}: ${words}`));
  });
  if (source === undefined) return own;
  if (deprecatedVolumes[source]) own.push(`${path.child(source)}: ${deprecatedVolumes[source]}`);
  else if (!simulatedSources.includes(source))
    own.push(`${path.child(source)}: accepted, but no node of this emulator can mount such a volume`);
  return own;
}

const ofStatus = statusSubresource<PersistentVolume>({ validateUpdate: metaUpdateErrors });

/** A new phase is stamped with its time: persistentvolumeStatusStrategy. */
function stampPhase(volume: PersistentVolume, { status: before }: PersistentVolume, now: string): PersistentVolume {
  const { status } = volume;
  const isStamped = status?.lastPhaseTransitionTime !== undefined && status.lastPhaseTransitionTime !== before?.lastPhaseTransitionTime;
  if (status?.phase === before?.phase || isStamped) return volume;
  return { ...volume, status: { ...status, lastPhaseTransitionTime: now } };
}

/** The descriptor of PersistentVolume. */
export const persistentVolumes = defineKind<PersistentVolume>({
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  shortNames: ['pv'],
  isNamespaced: false,
  subresources: {
    status: {
      ...ofStatus,
      prepareForUpdate: (next, previous, context) => stampPhase(ofStatus.prepareForUpdate(next, previous, context), previous, context.now),
    },
  },
  setDefaults: (volume) => fill(change(fill(volume, { spec: {} }), 'spec', defaultSpec), { status: { phase: 'Pending' } }),
  prepareForCreate: (volume, { now }) => ({ ...volume, status: { phase: 'Pending', lastPhaseTransitionTime: now } }),
  prepareForUpdate: keepStatus,
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings,
  columns: [
    name(),
    text('Capacity', 'How large the volume is.', ({ spec }) => spec.capacity?.storage ?? '0'),
    text('Access Modes', 'How it may be mounted.', ({ spec }) => accessModesText(spec.accessModes)),
    text('Reclaim Policy', 'What becomes of it when its claim goes.', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
    text('Status', 'Pending, Available, Bound, Released, Failed or Terminating.', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    text('Claim', 'The claim that it is bound to.', ({ spec: { claimRef } }) =>
      claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '',
    ),
    text('StorageClass', 'The class that it belongs to.', volumeClass),
    text('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    text('Reason', 'Why it failed.', ({ status }) => status?.reason ?? ''),
    age(),
    text('VolumeMode', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
  selectableFields: { name: ({ metadata }) => metadata.name },
});
