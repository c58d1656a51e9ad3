/** Validation of requests and limits: ValidateContainerResourceRequirements of pkg/apis/core/validation/validation.go. */
import { invalid, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { qualifiedName } from '../../../machinery/names.ts';
import { compareQuantities, parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import { complain } from '../../metadata/rules.ts';
import type { ResourceRequirements } from '../../generated/types.ts';

const ofContainers = ['cpu', 'memory', 'ephemeral-storage'];
const standard = [
  ...ofContainers,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
];
const billion = 1_000_000_000n;

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
/** A resource that Kubernetes itself knows (IsNativeResource of pkg/apis/core/v1/helper). */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Whether limits of a resource may be above requests. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

/** A resource of a device or of an operator: `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

/** A name of any resource; whether it was well formed (validateResourceName). */
export function validateResourceName(name: string, path: FieldPath, errors: FieldError[]): boolean {
  const complaints = qualifiedName(name);
  complain(name, complaints, path, errors);
  if (complaints.length > 0) return false;
  if (!name.includes('/') && !standard.includes(name) && !isHugePages(name))
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
  return true;
}

/** A name of a resource that containers have (validateContainerResourceName). */
export function validateContainerResourceName(name: string, path: FieldPath, errors: FieldError[]): void {
  validateResourceName(name, path, errors);
  if (!name.includes('/')) {
    if (!ofContainers.includes(name) && !isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name))
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
}

/** An amount of a resource: readable and not negative; whole for extended resources (ValidateResourceQuantityValue). */
export function validateResourceAmount(name: string, text: string, path: FieldPath, errors: FieldError[]): void {
  const complaint = quantityComplaint(text);
  if (complaint !== undefined) {
    errors.push(invalid(path, text, complaint));
    return;
  }
  const quantity = parseQuantity(text);
  if (quantity.nanos < 0n) errors.push(invalid(path, quantity.text, 'must be greater than or equal to 0'));
  if (isExtendedResource(name) && quantity.nanos % billion !== 0n) errors.push(invalid(path, quantity.text, 'must be an integer'));
}

/** Resources of a container. */
export function validateResources(resources: ResourceRequirements | undefined, path: FieldPath, errors: FieldError[]): void {
  validateRequirements(resources, path, errors, (name, at) => validateContainerResourceName(name, at, errors));
}

/** Names, amounts, and that no request is above its limit. */
export function validateRequirements(
  resources: ResourceRequirements | undefined,
  path: FieldPath,
  errors: FieldError[],
  validateName: (name: string, path: FieldPath) => void,
): void {
  const { limits = {}, requests = {} } = resources ?? {};
  for (const name in limits) {
    const at = path.child('limits').key(name);
    validateName(name, at);
    validateResourceAmount(name, limits[name]!, at, errors);
  }
  for (const name in requests) {
    const at = path.child('requests').key(name);
    validateName(name, at);
    validateResourceAmount(name, requests[name]!, at, errors);
    const limit = limits[name];
    if (limit === undefined) {
      if (!isOvercommitAllowed(name)) errors.push(required(path.child('limits'), 'Limit must be set for non overcommitable resources'));
      continue;
    }
    if (quantityComplaint(limit) !== undefined || quantityComplaint(requests[name]!) !== undefined) continue;
    const request = parseQuantity(requests[name]!);
    const order = compareQuantities(request, parseQuantity(limit));
    const limitText = parseQuantity(limit).text;
    if (order !== 0 && !isOvercommitAllowed(name))
      errors.push(invalid(path.child('requests'), request.text, `must be equal to ${name} limit of ${limitText}`));
    else if (order > 0)
      errors.push(invalid(path.child('requests'), request.text, `must be less than or equal to ${name} limit of ${limitText}`));
  }
}
