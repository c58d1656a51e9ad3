/** Validation of volumes: ValidateVolumes of pkg/apis/core/validation/validation.go. */
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/go-quote.ts';
import { parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import { complain } from '../../metadata/rules.ts';
import type {
  CSIVolumeSource,
  DownwardAPIVolumeFile,
  EphemeralVolumeSource,
  HostPathVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../generated/types.ts';
import { validateAnnotations, validateLabels } from '../../metadata/object-meta.ts';
import { validateClaimSpec } from '../persistent-volume-claim-validation.ts';
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from './env-validation.ts';

const modeMessage = 'must be a number between 0 and 0777 (octal), both inclusive';
const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

function validateMode(mode: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(path, mode, modeMessage));
}

/** A relative path that stays inside its volume. */
export function validateLocalDescendingPath(target: string, path: FieldPath, errors: FieldError[]): void {
  if (target.startsWith('/')) errors.push(invalid(path, target, 'must be a relative path'));
  validateNoBacksteps(target, path, errors);
}

/** A path without `..`. */
export function validateNoBacksteps(target: string, path: FieldPath, errors: FieldError[]): void {
  if (target.split('/').includes('..')) errors.push(invalid(path, target, "must not contain '..'"));
}

function validateLocalPath(target: string, path: FieldPath, errors: FieldError[]): void {
  validateLocalDescendingPath(target, path, errors);
  // The writer of such volumes keeps its own files under names that begin with two dots.
  if (target.startsWith('..') && !target.startsWith('../')) errors.push(invalid(path, target, "must not start with '..'"));
}

function validateItems(items: readonly KeyToPath[] | undefined, path: FieldPath, errors: FieldError[]): void {
  (items ?? []).forEach((item, i) => {
    const at = path.index(i);
    if (!item.key) errors.push(required(at.child('key')));
    if (!item.path) errors.push(required(at.child('path')));
    else validateLocalPath(item.path, at.child('path'), errors);
    validateMode(item.mode, at.child('mode'), errors);
  });
}

/** Errors of a file stand at its volume, without an index. */
function validateDownwardFile(file: DownwardAPIVolumeFile, path: FieldPath, errors: FieldError[]): void {
  if (!file.path) errors.push(required(path.child('path')));
  else validateLocalPath(file.path, path.child('path'), errors);
  if (file.fieldRef) {
    validateFieldRef(file.fieldRef, volumeFieldPaths, path.child('fieldRef'), errors);
    if (file.resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef) validateResourceFieldRef(file.resourceFieldRef, path.child('resourceFieldRef'), true, errors);
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  validateMode(file.mode, path.child('mode'), errors);
}

/** A source without a kind is none: so stands what was dropped because its feature is off. `all` is where the sources stand. */
function validateProjection(source: VolumeProjection, all: FieldPath, index: number, errors: FieldError[]): void {
  const path = all.child('sources').index(index);
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (secret) {
    if (!secret.name) errors.push(required(path.child('secret', 'name')));
    validateItems(secret.items, path.child('secret', 'items'), errors);
  }
  if (configMap) {
    if (!configMap.name) errors.push(required(path.child('configMap', 'name')));
    validateItems(configMap.items, path.child('configMap', 'items'), errors);
  }
  for (const file of downwardAPI?.items ?? []) validateDownwardFile(file, path.child('downwardAPI'), errors);
  if (serviceAccountToken) validateTokenProjection(serviceAccountToken, path.child('serviceAccountToken'), all, errors);
  if ([secret, configMap, downwardAPI, serviceAccountToken].filter(Boolean).length > 1)
    errors.push(forbidden(path, 'may not specify more than 1 volume type per source'));
}

function validateTokenProjection(token: ServiceAccountTokenProjection, at: FieldPath, all: FieldPath, errors: FieldError[]): void {
  const seconds = token.expirationSeconds ?? 3600;
  if (seconds < 600) errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!token.path) errors.push(required(all.child('path')));
  else validateLocalPath(token.path, all.child('path'), errors);
}

/** Two files of one name, in what the sources name themselves. */
function validatePaths(sources: readonly VolumeProjection[], path: FieldPath, errors: FieldError[]): void {
  const seen = new Set<string>();
  const add = (file: string | undefined, value: string): void => {
    if (!file) return;
    if (seen.has(file)) errors.push(invalid(path, value, 'conflicting duplicate paths'));
    seen.add(file);
  };
  for (const { secret, configMap, downwardAPI } of sources) {
    for (const source of [secret, configMap]) for (const item of source?.items ?? []) add(item.path, source?.name ?? '');
    for (const item of downwardAPI?.items ?? []) add(item.path, item.path);
  }
}

/** validateHostPathVolumeSource. */
export function validateHostPath(hostPath: HostPathVolumeSource, path: FieldPath, errors: FieldError[]): void {
  if (!hostPath.path) {
    errors.push(required(path.child('path')));
    return;
  }
  validateNoBacksteps(hostPath.path, path.child('path'), errors);
  if (!hostPathTypes.includes(hostPath.type ?? '')) errors.push(notSupported(path.child('type'), hostPath.type, hostPathTypes));
}

/** validateNFSVolumeSource. */
export function validateNFS(nfs: NFSVolumeSource, path: FieldPath, errors: FieldError[]): void {
  if (!nfs.server) errors.push(required(path.child('server')));
  if (!nfs.path) errors.push(required(path.child('path')));
  if (!nfs.path.startsWith('/')) errors.push(invalid(path.child('path'), nfs.path, 'must be an absolute path'));
}

/** ValidateCSIDriverName. */
function validateDriverName(driver: string, path: FieldPath, errors: FieldError[]): void {
  if (!driver) errors.push(required(path));
  if (driver.length > 63) errors.push(tooLong(path, 63));
  complain(driver, dns1123Subdomain(driver.toLowerCase()), path, errors);
}

/** validateCSIVolumeSource. */
function validateCSI({ driver, nodePublishSecretRef: secret }: CSIVolumeSource, path: FieldPath, errors: FieldError[]): void {
  validateDriverName(driver, path.child('driver'), errors);
  if (!secret) return;
  if (!secret.name) errors.push(required(path.child('nodePublishSecretRef', 'name')));
  else complain(secret.name, dns1123Subdomain(secret.name), path.child('name'), errors);
}

const claimMetadata: readonly string[] = ['annotations', 'labels'];

/** validateEphemeralVolumeSource. */
function validateEphemeral({ volumeClaimTemplate: template }: EphemeralVolumeSource, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('volumeClaimTemplate');
  if (!template) {
    errors.push(required(at));
    return;
  }
  validateAnnotations(template.metadata?.annotations, at.child('metadata', 'annotations'), errors);
  validateLabels(template.metadata?.labels, at.child('metadata', 'labels'), errors);
  for (const [field, value] of Object.entries(template.metadata ?? {}))
    if (value !== undefined && !claimMetadata.includes(field)) errors.push(forbidden(at.child('metadata', field), 'cannot be set'));
  validateClaimSpec(template.spec, at.child('spec'), errors);
}

/** `image` is behind the feature gate ImageVolume, which is off in v1.34: the field is dropped, and nothing is left. */
const noSources: readonly string[] = ['name', 'image'];

function validateSource(volume: Volume, path: FieldPath, errors: FieldError[]): void {
  const sources = Object.entries(volume).filter(([key, value]) => !noSources.includes(key) && value !== undefined && value !== null);
  sources.slice(1).forEach(([name]) => {
    errors.push(forbidden(path.child(name), 'may not specify more than 1 volume type'));
  });
  if (sources.length === 0) errors.push(required(path, 'must specify a volume type'));
  const { emptyDir, hostPath, secret, configMap, downwardAPI, projected, persistentVolumeClaim, nfs, csi, ephemeral } = volume;
  if (
    emptyDir?.sizeLimit !== undefined &&
    quantityComplaint(emptyDir.sizeLimit) === undefined &&
    parseQuantity(emptyDir.sizeLimit).nanos < 0n
  ) {
    errors.push(forbidden(path.child('emptyDir', 'sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
  }
  if (hostPath) validateHostPath(hostPath, path.child('hostPath'), errors);
  if (secret) {
    if (!secret.secretName) errors.push(required(path.child('secret', 'secretName')));
    validateMode(secret.defaultMode, path.child('secret', 'defaultMode'), errors);
    validateItems(secret.items, path.child('secret', 'items'), errors);
  }
  if (configMap) {
    if (!configMap.name) errors.push(required(path.child('configMap', 'name')));
    validateMode(configMap.defaultMode, path.child('configMap', 'defaultMode'), errors);
    validateItems(configMap.items, path.child('configMap', 'items'), errors);
  }
  if (downwardAPI) {
    validateMode(downwardAPI.defaultMode, path.child('downwardAPI', 'defaultMode'), errors);
    for (const file of downwardAPI.items ?? []) validateDownwardFile(file, path.child('downwardAPI'), errors);
  }
  if (projected) {
    validateMode(projected.defaultMode, path.child('projected', 'defaultMode'), errors);
    (projected.sources ?? []).forEach((source, i) => {
      validateProjection(source, path.child('projected'), i, errors);
    });
    validatePaths(projected.sources ?? [], path.child('projected'), errors);
  }
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) errors.push(required(path.child('persistentVolumeClaim', 'claimName')));
  if (ephemeral) validateEphemeral(ephemeral, path.child('ephemeral'), errors);
  if (nfs) validateNFS(nfs, path.child('nfs'), errors);
  if (csi) validateCSI(csi, path.child('csi'), errors);
}

/** The claim that is made for an ephemeral volume has a name of the Pod's and the volume's. */
function validateMadeClaim(volume: Volume, podName: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!volume.ephemeral || !podName || !volume.name) return;
  const claim = `${podName}-${volume.name}`;
  for (const complaint of dns1123Subdomain(claim))
    errors.push(invalid(path.child('name'), volume.name, `PVC name ${quote(claim)}: ${complaint}`));
}

/** Validates volumes; returns the good ones by name, which mounts may use. The name of a Pod that is known is that of a new Pod. */
export function validateVolumes(
  volumes: readonly Volume[],
  podName: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): ReadonlyMap<string, Volume> {
  const good = new Map<string, Volume>();
  const made = new Set<string>();
  if (podName !== undefined) for (const { name, ephemeral } of volumes) if (ephemeral) made.add(`${podName}-${name}`);
  volumes.forEach((volume, i) => {
    const at = path.index(i);
    const own: FieldError[] = [];
    validateSource(volume, at, own);
    validateMadeClaim(volume, podName, at, own);
    if (!volume.name) own.push(required(at.child('name')));
    else complain(volume.name, dns1123Label(volume.name), at.child('name'), own);
    if (good.has(volume.name)) own.push(duplicate(at.child('name'), volume.name));
    if (own.length === 0) good.set(volume.name, volume);
    else errors.push(...own);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && made.has(claim)) {
      const place = at.child('persistentVolumeClaim', 'claimName');
      errors.push(invalid(place, claim, 'must not reference a PVC that gets created for an ephemeral volume'));
    }
  });
  return good;
}
