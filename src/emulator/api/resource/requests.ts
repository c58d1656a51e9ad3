/** Requests for devices, as claims and templates have them: pkg/apis/resource/v1/defaults.go, pkg/apis/resource/validation/validation.go. */
import { fieldPath, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../machinery/names.ts';
import { change, fill, mapSame } from '../fill.ts';
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaimSpec } from '../generated/types.ts';
import { validateUnique } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { validateSelectors } from './selectors.ts';

const modes = ['All', 'ExactCount'];
/** The most that a list of requests, selectors or constraints may hold. */
const maxItems = 32;

/** Differs from Kubernetes: no driver ever publishes a device, and no claim is allocated; whoever writes one is told so. */
export const notAllocated = (path: FieldPath): string => `${path}: accepted, but this emulator does not allocate devices`;

function defaultRequest<T extends ExactDeviceRequest | DeviceSubRequest>(request: T): T {
  const filled = fill(request, { allocationMode: 'ExactCount' } as Partial<T>);
  return filled.allocationMode === 'ExactCount' && !filled.count ? { ...filled, count: 1 } : filled;
}

/** One device is asked for unless the request says how many. */
export function defaultClaimSpec(spec: ResourceClaimSpec): ResourceClaimSpec {
  return change(spec, 'devices', (devices) =>
    change(devices, 'requests', (requests) =>
      mapSame(requests, (request) =>
        change(change(request, 'exactly', defaultRequest), 'firstAvailable', (all) => mapSame(all, defaultRequest)),
      ),
    ),
  );
}

function validateRequest(request: ExactDeviceRequest | DeviceSubRequest, path: FieldPath, errors: FieldError[]): void {
  const { deviceClassName, allocationMode, count = 0, selectors = [] } = request;
  if (!deviceClassName) errors.push(required(path.child('deviceClassName')));
  else complain(deviceClassName, dns1123Subdomain(deviceClassName), path.child('deviceClassName'), errors);
  validateSelectors(selectors, path.child('selectors'), errors);
  if (!modes.includes(allocationMode ?? '')) errors.push(notSupported(path.child('allocationMode'), allocationMode, modes));
  else if (allocationMode === 'All' && count !== 0)
    errors.push(invalid(path.child('count'), count, "must not be specified when allocationMode is 'All'"));
  else if (allocationMode === 'ExactCount' && count <= 0) errors.push(invalid(path.child('count'), count, 'must be greater than zero'));
}

/**
 * Errors of the devices of a claim.
 * Unverified: the words about counts and about alternatives are from memory of upstream's.
 */
export function validateClaimSpec(
  spec: ResourceClaimSpec | undefined,
  at = fieldPath('spec'),
  errors: FieldError[] = [],
): readonly FieldError[] {
  const requests = spec?.devices?.requests ?? [];
  const path = at.child('devices', 'requests');
  if (requests.length > maxItems) errors.push(tooMany(path, requests.length, maxItems));
  requests.forEach(({ name, exactly, firstAvailable }, i) => {
    const own = path.index(i);
    complain(name ?? '', dns1123Label(name ?? ''), own.child('name'), errors);
    const hasList = (firstAvailable?.length ?? 0) > 0;
    if (exactly && hasList)
      errors.push(invalid(own, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'));
    else if (exactly) validateRequest(exactly, own.child('exactly'), errors);
    else if (!hasList) errors.push(required(own, 'exactly one of `exactly` or `firstAvailable` is required'));
    (firstAvailable ?? []).forEach((request, j) => {
      validateRequest(request, own.child('firstAvailable').index(j), errors);
    });
  });
  validateUnique(
    requests.map(({ name }) => name),
    (i) => path.index(i).child('name'),
    errors,
  );
  return errors;
}
