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
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

function validateName(name: string, path: FieldPath, errors: FieldError[]): void {
  const complaints = qualifiedName(name);
  complain(name, complaints, path, errors);
  if (complaints.length > 0) return;
  if (!name.includes('/')) {
    if (!standard.includes(name) && !isHugePages(name))
      errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
    if (!ofContainers.includes(name) && !isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
}

function validateAmount(name: string, text: string, path: FieldPath, errors: FieldError[]): void {
  const complaint = quantityComplaint(text);
  if (complaint !== undefined) {
    errors.push(invalid(path, text, complaint));
    return;
  }
  const quantity = parseQuantity(text);
  if (quantity.nanos < 0n) errors.push(invalid(path, quantity.text, 'must be greater than or equal to 0'));
  if (isExtended(name) && quantity.nanos % billion !== 0n) errors.push(invalid(path, quantity.text, 'must be an integer'));
}

/** Names, amounts, and that no request is above its limit. */
export function validateResources(resources: ResourceRequirements | undefined, path: FieldPath, errors: FieldError[]): void {
  const { limits = {}, requests = {} } = resources ?? {};
  for (const name in limits) {
    const at = path.child('limits').key(name);
    validateName(name, at, errors);
    validateAmount(name, limits[name]!, at, errors);
  }
  for (const name in requests) {
    const at = path.child('requests').key(name);
    validateName(name, at, errors);
    validateAmount(name, requests[name]!, at, errors);
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
