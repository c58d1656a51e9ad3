/** PersistentVolumeClaim: pkg/registry/core/persistentvolumeclaim/strategy.go. */
import { fieldPath } from '../../machinery/field-error.ts';
import type { FieldPath } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import { parseQuantity } from '../../machinery/quantity.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../generated/types.ts';
import { withoutDriver } from '../storage/rules.ts';
import { accessModesText } from '../storage/access-modes.ts';
import {
  betaClassAnnotation,
  validateClaim,
  validateClaimStatusUpdate,
  validateClaimUpdate,
} from './persistent-volume-claim-validation.ts';
import { withoutEffect } from '../without-effect.ts';

/** The class that a claim names; '' when it wants none or says nothing: GetPersistentVolumeClaimClass. */
export function claimClass({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[betaClassAnnotation] ?? spec.storageClassName ?? '';
}

/** SetDefaults_PersistentVolumeClaimSpec of pkg/apis/core/v1/defaults.go. */
export const defaultClaimSpec = (spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec => fillNil(spec, { volumeMode: 'Filesystem' });

/**
 * The two fields for a source say the same, and `dataSource` may only name a claim or a snapshot; anything else there is
 * dropped without a word, as upstream does for clients of old: pkg/api/persistentvolumeclaim/util.go.
 */
function normalizeSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const ref = spec.dataSourceRef?.namespace ? undefined : spec.dataSourceRef;
  const own = spec.dataSource;
  const isKept =
    ref !== undefined ||
    (own?.kind === 'PersistentVolumeClaim' && !own.apiGroup) ||
    (own?.kind === 'VolumeSnapshot' && own.apiGroup === 'snapshot.storage.k8s.io');
  const source = own && isKept ? own : undefined;
  if (source === own && ref === spec.dataSourceRef && (source === undefined) === (ref === undefined)) return spec;
  return { ...spec, dataSource: source ?? ref, dataSourceRef: ref ?? source };
}

/**
 * GetWarningsForPersistentVolumeClaimSpec.
 *
 * Differs from Kubernetes: a class of attributes and a source earn warnings too, since no driver here knows attributes, snapshots or clones.
 */
export function claimSpecWarnings(spec: PersistentVolumeClaimSpec, path: FieldPath): readonly string[] {
  const { resources, volumeAttributesClassName } = spec;
  const own = (['requests', 'limits'] as const).flatMap((list) => {
    const amount = resources?.[list]?.storage;
    if (amount === undefined || parseQuantity(amount).nanos % 1_000_000_000n === 0n) return [];
    const at = path.child('resources', list).key('storage');
    return [`${at}: fractional byte value ${quote(amount)} is invalid, must be an integer`];
  });
  for (const source of ['dataSource', 'dataSourceRef'] as const) if (spec[source]) own.push(withoutEffect(path.child(source)));
  if (volumeAttributesClassName) own.push(`${path.child('volumeAttributesClassName')}: accepted, but ${withoutDriver}`);
  return own;
}

function warnings({ metadata, spec }: PersistentVolumeClaim): readonly string[] {
  const own = claimSpecWarnings(spec, fieldPath('spec'));
  if (metadata.annotations?.[betaClassAnnotation] === undefined) return own;
  const at = fieldPath('metadata', 'annotations').key(betaClassAnnotation);
  return [`${at}: deprecated since v1.8; use "storageClassName" attribute instead`, ...own];
}

const ifBound = (claim: PersistentVolumeClaim, value: string): string => (claim.spec.volumeName ? value : '');

/** The descriptor of PersistentVolumeClaim. */
export const persistentVolumeClaims = defineKind<PersistentVolumeClaim>({
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  subresources: { status: statusSubresource({ validateUpdate: validateClaimStatusUpdate }) },
  setDefaults: (claim) => fill(change(fill(claim, { spec: {} }), 'spec', defaultClaimSpec), { status: { phase: 'Pending' } }),
  prepareForCreate: (claim) => change({ ...claim, status: { phase: 'Pending' } }, 'spec', normalizeSources),
  prepareForUpdate: keepStatus,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  warnings,
  columns: [
    name(),
    text('Status', 'Pending, Bound, Lost or Terminating.', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    text('Volume', 'The volume that is bound.', ({ spec }) => spec.volumeName ?? ''),
    text('Capacity', 'How large the volume is.', (claim) => ifBound(claim, claim.status?.capacity?.storage ?? '0')),
    text('Access Modes', 'How the volume may be mounted.', (claim) => ifBound(claim, accessModesText(claim.status?.accessModes))),
    text('StorageClass', 'The class that the claim names.', claimClass),
    text('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    age(),
    text('VolumeMode', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
});
