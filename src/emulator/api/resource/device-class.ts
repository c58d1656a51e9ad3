/** DeviceClass and ResourceSlice: pkg/registry/resource/{deviceclass,resourceslice}/strategy.go. */
import { fieldPath, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { DeviceClass, ResourceSlice } from '../generated/types.ts';
import { metaErrors, metaUpdateErrors, validateImmutable, validateUnique } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { notAllocated } from './requests.ts';
import { validateSelectors } from './selectors.ts';

const group = 'resource.k8s.io';
const spec = fieldPath('spec');
const maxDevices = 128;

function classErrors({ spec: own }: DeviceClass): FieldError[] {
  const errors: FieldError[] = [];
  validateSelectors(own?.selectors ?? [], spec.child('selectors'), errors);
  return errors;
}

/** The descriptor of DeviceClass. */
export const deviceClasses = defineKind<DeviceClass>({
  group,
  kind: 'DeviceClass',
  resource: 'deviceclasses',
  isNamespaced: false,
  hasGeneration: true,
  validate: (deviceClass) => [...metaErrors(deviceClass, { isNamespaced: false }), ...classErrors(deviceClass)],
  validateUpdate: (next, previous) => [...metaUpdateErrors(next, previous), ...classErrors(next)],
  warnings: (_class, previous) => (previous ? [] : [notAllocated(spec)]),
  columns: [name(), age()],
});

function sliceErrors({ spec: own }: ResourceSlice): FieldError[] {
  const errors: FieldError[] = [];
  if (!own?.driver) errors.push(required(spec.child('driver')));
  else complain(own.driver, dns1123Subdomain(own.driver), spec.child('driver'), errors);
  if (!own?.pool?.name) errors.push(required(spec.child('pool', 'name')));
  const devices = own?.devices ?? [];
  if (devices.length > maxDevices) errors.push(tooMany(spec.child('devices'), devices.length, maxDevices));
  validateUnique(
    devices.map((device) => device.name),
    (i) => spec.child('devices').index(i),
    errors,
  );
  const places = [own?.nodeName, own?.nodeSelector, own?.allNodes, own?.perDeviceNodeSelection].filter(Boolean);
  if (places.length !== 1)
    errors.push(required(spec, 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'));
  return errors;
}

/** The descriptor of ResourceSlice. */
export const resourceSlices = defineKind<ResourceSlice>({
  group,
  kind: 'ResourceSlice',
  resource: 'resourceslices',
  isNamespaced: false,
  hasGeneration: true,
  validate: (slice) => [...metaErrors(slice, { isNamespaced: false }), ...sliceErrors(slice)],
  validateUpdate(next, previous) {
    const errors = [...metaUpdateErrors(next, previous), ...sliceErrors(next)];
    validateImmutable(next.spec?.driver, previous.spec?.driver, spec.child('driver'), errors);
    validateImmutable(next.spec?.nodeName, previous.spec?.nodeName, spec.child('nodeName'), errors);
    return errors;
  },
  warnings: (_slice, previous) => (previous ? [] : [notAllocated(spec)]),
  columns: [
    name(),
    text('Node', 'The node whose devices these are.', ({ spec: own }) => own?.nodeName ?? ''),
    text('Driver', 'Who publishes them.', ({ spec: own }) => own?.driver ?? ''),
    text('Pool', 'The pool that they belong to.', ({ spec: own }) => own?.pool?.name ?? ''),
    age(),
  ],
  selectableFields: { 'spec.nodeName': ({ spec: own }) => own?.nodeName ?? '', 'spec.driver': ({ spec: own }) => own?.driver ?? '' },
});
