/** What claims for storage and for devices cost of a quota: pkg/quota/v1/evaluator/core/{persistent_volume_claims,resource_claims}.go. */
import { compareQuantities, parseQuantity, quantityOf } from '../../../machinery/quantity.ts';
import type { PersistentVolumeClaim, ResourceClaim, ScopedResourceSelectorRequirement } from '../../generated/types.ts';
import type { ResourceList } from './resource-list.ts';

const billion = 1_000_000_000n;
const classSuffix = '.storageclass.storage.k8s.io/';
const deviceSuffix = '.deviceclass.resource.k8s.io/devices';
/** The most devices that one claim can get (AllocationResultsMaxSize of resource/v1). */
const mostDevices = 32;

function wholeBytes(text: string): string {
  const quantity = parseQuantity(text);
  return quantity.nanos % billion === 0n ? quantity.text : quantityOf((quantity.nanos / billion + 1n) * billion, quantity.format).text;
}

/** What the claim asks for, or what it was given while it grows. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec?.resources?.requests?.storage;
  if (asked === undefined) return undefined;
  const allocated = status?.allocatedResources?.storage;
  const isMore = allocated !== undefined && compareQuantities(parseQuantity(allocated), parseQuantity(asked)) > 0;
  return wholeBytes(isMore ? allocated : asked);
}

/** One claim and its bytes, both also under the name of its StorageClass. */
export function volumeClaimUsage(claim: PersistentVolumeClaim): ResourceList {
  const usage: Record<string, string> = { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1' };
  const storage = storageOf(claim);
  if (storage !== undefined) usage['requests.storage'] = storage;
  const className = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
  if (className === '') return usage;
  usage[`${className}${classSuffix}persistentvolumeclaims`] = '1';
  if (storage !== undefined) usage[`${className}${classSuffix}requests.storage`] = storage;
  return usage;
}

/** Whether a quota's resource is one that PersistentVolumeClaims use. */
export function isVolumeClaimResource(name: string): boolean {
  const own = name.includes(classSuffix) ? name.slice(name.indexOf(classSuffix) + classSuffix.length) : name;
  return own === 'persistentvolumeclaims' || own === 'requests.storage' || name === 'count/persistentvolumeclaims';
}

/** The scope VolumeAttributesClass: by the classes that a claim has, wants or is changing to. */
export function volumeClaimMatchesScope(
  { spec, status }: PersistentVolumeClaim,
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
): boolean {
  if (scopeName !== 'VolumeAttributesClass') return false;
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter(Boolean);
  if (operator === 'Exists') return names.length > 0;
  if (operator === 'DoesNotExist') return names.length === 0;
  if (operator === 'In') return names.some((name) => values.includes(name!));
  return names.length === 0 || names.some((name) => !values.includes(name!));
}

/** Devices by their class; of alternatives, the one that needs most. */
export function resourceClaimUsage({ spec }: ResourceClaim): ResourceList {
  const devices = new Map<string, number>();
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    const most = new Map<string, number>();
    for (const { deviceClassName, allocationMode, count } of exactly ? [exactly] : (firstAvailable ?? [])) {
      const wanted = allocationMode === 'All' ? mostDevices : (count ?? 1);
      most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, wanted));
    }
    for (const [name, count] of most) devices.set(name, (devices.get(name) ?? 0) + count);
  }
  const usage: Record<string, string> = { 'count/resourceclaims.resource.k8s.io': '1' };
  for (const [name, count] of devices) usage[`${name}${deviceSuffix}`] = String(count);
  return usage;
}

/** Whether a quota's resource is one that ResourceClaims use. */
export const isResourceClaimResource = (name: string): boolean =>
  name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(deviceSuffix);
