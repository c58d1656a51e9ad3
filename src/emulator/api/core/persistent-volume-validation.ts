/** Validation of volumes of the cluster: ValidatePersistentVolume and …Update of pkg/apis/core/validation/validation.go. */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../machinery/names.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import { goJson } from '../../machinery/json.ts';
import { parseQuantity, quantityValue } from '../../machinery/quantity.ts';
import type {
  CSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  VolumeNodeAffinity,
} from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { validateAccessModes, validateClassName, validateDriverName, validatePositive, validateVolumeMode } from '../storage/rules.ts';
import { validateNodeTerm } from './pod-spec/scheduling-validation.ts';
import { validateHostPath, validateNFS, validateNoBacksteps } from './pod-spec/volume-validation.ts';

const reclaimPolicies: readonly string[] = ['Delete', 'Recycle', 'Retain'];

/**
 * The sources of a volume in the order in which upstream looks at them, with the fields that each must have.
 * Differs from Kubernetes: of sources that name another vendor's storage, only the presence of these fields is checked.
 */
const sources = {
  hostPath: [],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  glusterfs: ['endpoints', 'path'],
  flocker: [],
  nfs: [],
  rbd: ['monitors', 'image'],
  quobyte: ['registry', 'volume'],
  cephfs: ['monitors'],
  iscsi: ['targetPortal', 'iqn'],
  cinder: ['volumeID'],
  fc: [],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  local: [],
  storageos: [],
  csi: [],
} as const satisfies Partial<Record<keyof PersistentVolumeSpec, readonly string[]>>;

export type VolumeSourceName = keyof typeof sources;

const sourceNames = Object.keys(sources) as VolumeSourceName[];

/** The kind of storage behind a volume. */
export const volumeSourceOf = (spec: PersistentVolumeSpec): VolumeSourceName | undefined =>
  sourceNames.find((name) => spec[name] !== undefined && spec[name] !== null);

function validateCSI(csi: CSIPersistentVolumeSource, path: FieldPath, errors: FieldError[]): void {
  validateDriverName(csi.driver, path.child('driver'), errors);
  if (!csi.volumeHandle) errors.push(required(path.child('volumeHandle')));
  for (const field of [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
    'nodeStageSecretRef',
  ] as const) {
    const secret = csi[field];
    if (!secret) continue;
    if (!secret.name) errors.push(required(path.child(field, 'name')));
    else complain(secret.name, dns1123Subdomain(secret.name), path.child('name'), errors);
    if (!secret.namespace) errors.push(required(path.child(field, 'namespace')));
    else complain(secret.namespace, dns1123Label(secret.namespace), path.child('namespace'), errors);
  }
}

function validateLocal(local: LocalVolumeSource, path: FieldPath, hasAffinity: boolean, errors: FieldError[]): void {
  if (!local.path) errors.push(required(path.child('local', 'path')));
  else validateNoBacksteps(local.path, path.child('local', 'path'), errors);
  if (!hasAffinity) errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
}

function validateSources(spec: PersistentVolumeSpec, hasAffinity: boolean, path: FieldPath, errors: FieldError[]): void {
  const given = sourceNames.filter((name) => spec[name] !== undefined && spec[name] !== null);
  given.slice(1).forEach((name) => {
    errors.push(forbidden(path.child(name), 'may not specify more than 1 volume type'));
  });
  const [first] = given;
  if (first === undefined) {
    errors.push(required(path, 'must specify a volume type'));
    return;
  }
  const at = path.child(first);
  const fields = spec[first] as unknown as Readonly<Record<string, unknown>>;
  for (const field of sources[first]) {
    const value = fields[field];
    if (!value || (Array.isArray(value) && value.length === 0)) errors.push(required(at.child(field)));
  }
  if (first === 'hostPath') validateHostPath(spec.hostPath!, at, errors);
  else if (first === 'nfs') validateNFS(spec.nfs!, at, errors);
  else if (first === 'csi') validateCSI(spec.csi!, at, errors);
  else if (first === 'local') validateLocal(spec.local!, path, hasAffinity, errors);
}

/** validateVolumeNodeAffinity; returns whether nodes are named. */
function validateNodeAffinity(affinity: VolumeNodeAffinity | undefined, path: FieldPath, errors: FieldError[]): boolean {
  if (!affinity) return false;
  if (!affinity.required) {
    errors.push(required(path.child('required'), 'must specify required node constraints'));
    return true;
  }
  const terms = affinity.required.nodeSelectorTerms;
  const at = path.child('required', 'nodeSelectorTerms');
  if (terms.length === 0) errors.push(required(at, 'must have at least one node selector term'));
  terms.forEach((term, i) => {
    validateNodeTerm(term, at.index(i), errors);
  });
  return true;
}

function validateCapacity(capacity: Readonly<Record<string, string>> | undefined, path: FieldPath, errors: FieldError[]): void {
  const names = Object.keys(capacity ?? {}).sort();
  const sorted = (amounts: typeof capacity) => amounts && Object.fromEntries(names.map((name) => [name, amounts[name]]));
  if (names.length === 0) errors.push(required(path));
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(path, sorted(capacity), ['storage']));
  for (const name of names) {
    const text = capacity![name]!;
    if (parseQuantity(text).nanos < 0n) errors.push(invalid(path.key(name), quantityValue(text), 'must be a valid resource quantity'));
    validatePositive(text, path.key(name), errors);
  }
}

const isRoot = (path: string): boolean => /^\/+(\.\/*)*$/.test(path);

/** ValidatePersistentVolumeSpec. */
function validateSpec(spec: PersistentVolumeSpec, errors: FieldError[]): void {
  const path = fieldPath('spec');
  const { persistentVolumeReclaimPolicy: policy = '' } = spec;
  if (!spec.accessModes?.length) errors.push(required(path.child('accessModes')));
  validateAccessModes(spec.accessModes ?? [], path.child('accessModes'), errors);
  validateCapacity(spec.capacity, path.child('capacity'), errors);
  const policyPath = path.child('persistentVolumeReclaimPolicy');
  if (policy && !reclaimPolicies.includes(policy)) errors.push(notSupported(policyPath, policy, reclaimPolicies));
  const hasAffinity = validateNodeAffinity(spec.nodeAffinity, path.child('nodeAffinity'), errors);
  validateSources(spec, hasAffinity, path, errors);
  if (spec.hostPath && isRoot(spec.hostPath.path) && policy === 'Recycle')
    errors.push(forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'"));
  validateClassName(spec.storageClassName, path.child('storageClassName'), errors);
  validateVolumeMode(spec.volumeMode, path.child('volumeMode'), errors);
  const attributes = spec.volumeAttributesClassName;
  if (attributes === undefined) return;
  if (attributes === '') errors.push(required(path.child('volumeAttributesClassName'), 'an empty string is disallowed'));
  validateClassName(attributes, path.child('volumeAttributesClassName'), errors);
  if (!spec.csi) errors.push(required(path.child('csi'), 'has to be specified when using volumeAttributesClassName'));
}

/** ValidatePersistentVolume. */
export function validateVolume({ metadata, spec }: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(metadata, { isNamespaced: false }, errors);
  validateSpec(spec, errors);
  return errors;
}

/** The source alone; a CSI volume may be given the secret of its expansion later. */
function sourceOf(spec: PersistentVolumeSpec, previous: PersistentVolumeSpec): Readonly<Record<string, unknown>> {
  const own = Object.fromEntries(sourceNames.flatMap((name) => (spec[name] ? [[name, spec[name]]] : [])));
  if (!spec.csi || previous.csi?.controllerExpandSecretRef) return own;
  return { ...own, csi: { ...spec.csi, controllerExpandSecretRef: undefined } };
}

/**
 * ValidatePersistentVolumeUpdate.
 *
 * Differs from Kubernetes: after `spec.persistentvolumesource is immutable after creation` stand both sources as JSON,
 * not the difference as Go prints it.
 */
export function validateVolumeUpdate(next: PersistentVolume, previous: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  validateObjectMeta(next.metadata, { isNamespaced: false }, errors);
  if (next.spec === previous.spec) return errors;
  validateSpec(next.spec, errors);
  const [before, after] = [sourceOf(previous.spec, previous.spec), sourceOf(next.spec, previous.spec)];
  if (!semanticEqual(before, after)) {
    const difference = `- \t${goJson(before)}\n+ \t${goJson(after)}\n`;
    const words = 'spec.persistentvolumesource is immutable after creation';
    errors.push(forbidden(fieldPath('spec', 'persistentvolumesource'), `${words}\n${difference}`));
  }
  validateImmutable(next.spec.volumeMode, previous.spec.volumeMode, fieldPath('volumeMode'), errors);
  if (previous.spec.nodeAffinity) validateImmutable(next.spec.nodeAffinity, previous.spec.nodeAffinity, fieldPath('nodeAffinity'), errors);
  if (previous.spec.volumeAttributesClassName !== undefined && next.spec.volumeAttributesClassName === undefined)
    errors.push(forbidden(fieldPath('spec', 'volumeAttributesClassName'), 'update from non-nil value to nil is forbidden'));
  return errors;
}
