/** Validation of claims: ValidatePersistentVolumeClaim and …Update of pkg/apis/core/validation/validation.go. */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../../machinery/names.ts';
import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';
import { validateAccessModes, validateClassName, validatePositive, validateVolumeMode } from '../storage/rules.ts';
import { claimSpecDiff } from './persistent-volume-claim-diff.ts';

/** How claims named their class before `spec.storageClassName`. */
export const betaClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

function validateSource(source: TypedLocalObjectReference | TypedObjectReference, path: FieldPath, errors: FieldError[]): void {
  const { apiGroup = '', kind, name } = source;
  if (!name) errors.push(required(path.child('name')));
  if (!kind) errors.push(required(path.child('kind')));
  if (!apiGroup && kind !== 'PersistentVolumeClaim')
    errors.push(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (apiGroup) complain(apiGroup, dns1123Subdomain(apiGroup), path.child('apiGroup'), errors);
  if ('namespace' in source && source.namespace)
    complain(source.namespace, dns1123Label(source.namespace), path.child('namespace'), errors);
}

function validateSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: FieldPath, errors: FieldError[]): void {
  if (dataSource) validateSource(dataSource, path.child('dataSource'), errors);
  if (!dataSourceRef) return;
  validateSource(dataSourceRef, path.child('dataSourceRef'), errors);
  if (!dataSource) return;
  const field = String(path.child('dataSource'));
  if (dataSourceRef.namespace) errors.push(invalid(path, field, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (
    (dataSource.apiGroup ?? '') !== (dataSourceRef.apiGroup ?? '') ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  )
    errors.push(invalid(path, field, 'must match dataSourceRef'));
}

/** ValidatePersistentVolumeClaimSpec: of a claim, of a template of claims and of a generic ephemeral volume. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath, errors: FieldError[]): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(path.child('accessModes'), 'at least 1 access mode is required'));
  validateLabelSelector(spec.selector, path.child('selector'), errors);
  validateAccessModes(modes, path.child('accessModes'), errors);
  const storage = path.child('resources').key('storage');
  const request = spec.resources?.requests?.storage;
  if (request === undefined) errors.push(required(storage));
  else validatePositive(request, storage, errors);
  validateClassName(spec.storageClassName, path.child('storageClassName'), errors);
  validateVolumeMode(spec.volumeMode, path.child('volumeMode'), errors);
  validateSources(spec, path, errors);
  validateClassName(spec.volumeAttributesClassName, path.child('volumeAttributesClassName'), errors);
}

/** ValidatePersistentVolumeClaim. */
export function validateClaim({ metadata, spec }: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(metadata, { isNamespaced: true }, errors);
  validateClaimSpec(spec, fieldPath('spec'), errors);
  return errors;
}

/** The previous spec as far as an update may differ from it: what may change is taken from the next one. */
function withAllowedChanges(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const before = previous.spec;
  const annotation = previous.metadata.annotations?.[betaClassAnnotation];
  const mayTakeClass =
    before.storageClassName === undefined &&
    next.spec.storageClassName !== undefined &&
    (annotation === undefined || annotation === next.spec.storageClassName);
  const isBound = next.status?.phase === 'Bound';
  return {
    ...before,
    ...(before.volumeName ? {} : { volumeName: next.spec.volumeName }),
    ...(mayTakeClass ? { storageClassName: next.spec.storageClassName } : {}),
    ...(isBound && next.spec.resources?.requests
      ? {
          resources: {
            ...before.resources,
            requests: { ...before.resources?.requests, storage: next.spec.resources.requests.storage ?? '' },
          },
        }
      : {}),
    volumeAttributesClassName: next.spec.volumeAttributesClassName,
  };
}

function validateSize(next: PersistentVolumeClaim, previous: PersistentVolumeClaim, errors: FieldError[]): void {
  const size = parseQuantity(next.spec.resources?.requests?.storage ?? '0');
  if (compareQuantities(size, parseQuantity(previous.spec.resources?.requests?.storage ?? '0')) >= 0) return;
  if (compareQuantities(size, parseQuantity(previous.status?.capacity?.storage ?? '0')) <= 0)
    errors.push(forbidden(fieldPath('spec', 'resources', 'requests', 'storage'), 'field can not be less than status.capacity'));
}

function validateAttributesClass(next: string | undefined, previous: string | undefined, errors: FieldError[]): void {
  if (next === previous || previous === undefined) return;
  const path = fieldPath('spec', 'volumeAttributesClassName');
  if (next === undefined) errors.push(forbidden(path, 'update from non-nil value to nil is forbidden'));
  else if (next === '') errors.push(forbidden(path, 'update from non-nil value to an empty string is forbidden'));
}

/** ValidatePersistentVolumeClaimUpdate. */
export function validateClaimUpdate(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  validateObjectMeta(next.metadata, { isNamespaced: true }, errors);
  if (next.spec === previous.spec) return errors;
  validateClaimSpec(next.spec, fieldPath('spec'), errors);
  const allowed = withAllowedChanges(next, previous);
  if (!semanticEqual(next.spec, allowed)) {
    const words = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden(fieldPath('spec'), `${words}\n${claimSpecDiff(allowed, next.spec)}`));
  }
  validateSize(next, previous, errors);
  validateImmutable(next.spec.volumeMode, previous.spec.volumeMode, fieldPath('volumeMode'), errors);
  validateAttributesClass(next.spec.volumeAttributesClassName, previous.spec.volumeAttributesClassName, errors);
  return errors;
}

const resizeStatuses: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** ValidatePersistentVolumeClaimStatusUpdate. */
export function validateClaimStatusUpdate(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = next.status ?? {};
  const amounts = { capacity, allocatedResources };
  for (const [field, list] of Object.entries(amounts))
    for (const [name, amount] of Object.entries(list))
      if (parseQuantity(amount).nanos < 0n)
        errors.push(invalid(fieldPath('status', field).key(name), amount, 'must be a valid resource quantity'));
  const path = fieldPath('status', 'allocatedResourceStatus');
  for (const [name, status] of Object.entries(allocatedResourceStatuses)) {
    complain(name, qualifiedName(name), path, errors);
    if (!resizeStatuses.includes(status)) errors.push(notSupported(path, name, [...resizeStatuses].sort()));
  }
  return errors;
}
