/** CSIDriver: pkg/registry/storage/csidriver/strategy.go. */
import { duplicate, fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type { CSIDriver, CSIDriverSpec } from '../generated/types.ts';
import type { Column } from '../kind.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { warnWithoutDriver } from './rules.ts';

const spec = fieldPath('spec');
const groupPolicies: readonly string[] = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes: readonly string[] = ['Persistent', 'Ephemeral'];

/** SetDefaults_CSIDriver of pkg/apis/storage/v1/defaults.go. */
const defaultSpec = (own: CSIDriverSpec): CSIDriverSpec =>
  fillNil(own, {
    attachRequired: true,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    podInfoOnMount: false,
    requiresRepublish: false,
    seLinuxMount: false,
    storageCapacity: false,
    volumeLifecycleModes: own.volumeLifecycleModes?.length ? own.volumeLifecycleModes : ['Persistent'],
  });

function validateTokens({ tokenRequests = [] }: CSIDriverSpec, errors: FieldError[]): void {
  const audiences = new Set<string>();
  tokenRequests.forEach(({ audience, expirationSeconds }, i) => {
    const at = spec.child('tokenRequests').index(i);
    if (audiences.has(audience)) {
      errors.push(duplicate(at.child('audience'), audience));
      return;
    }
    audiences.add(audience);
    if (expirationSeconds === undefined) return;
    const path = at.child('expirationSeconds');
    if (expirationSeconds < 600) errors.push(invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes'));
    if (expirationSeconds > 2 ** 32) errors.push(invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  });
}

/** validateCSIDriverSpec. */
function validateSpec(own: CSIDriverSpec, errors: FieldError[]): void {
  if (own.attachRequired === undefined) errors.push(required(spec.child('attachedRequired')));
  for (const field of ['podInfoOnMount', 'storageCapacity'] as const)
    if (own[field] === undefined) errors.push(required(spec.child(field)));
  if (own.fsGroupPolicy !== undefined && !groupPolicies.includes(own.fsGroupPolicy))
    errors.push(notSupported(spec.child('fsGroupPolicy'), own.fsGroupPolicy, groupPolicies));
  validateTokens(own, errors);
  for (const mode of own.volumeLifecycleModes ?? [])
    if (!lifecycleModes.includes(mode)) errors.push(notSupported(spec.child('volumeLifecycleModes'), mode, lifecycleModes));
  if (own.seLinuxMount === undefined) errors.push(required(spec.child('seLinuxMount')));
  const period = own.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < 10)
    errors.push(invalid(spec.child('nodeAllocatableUpdatePeriodSeconds'), period, 'must be greater than or equal to 10 seconds'));
}

function flag(
  name: string,
  field: 'attachRequired' | 'podInfoOnMount' | 'storageCapacity' | 'requiresRepublish',
  description: string,
): Column<CSIDriver> {
  const cell = (driver: CSIDriver): boolean => driver.spec[field] ?? field === 'attachRequired';
  return { name, type: 'boolean', description, priority: 0, cell };
}

/** The descriptor of CSIDriver. */
export const csiDrivers = defineKind<CSIDriver>({
  group: 'storage.k8s.io',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  isNamespaced: false,
  setDefaults: (driver) => change(fill(driver, { spec: {} }), 'spec', defaultSpec),
  validate(driver) {
    const errors: FieldError[] = [];
    validateObjectMeta(driver.metadata, { isNamespaced: false }, errors);
    validateSpec(driver.spec, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSpec(next.spec, errors);
    validateImmutable(next.spec.attachRequired, previous.spec.attachRequired, spec.child('attachedRequired'), errors);
    validateImmutable(next.spec.volumeLifecycleModes, previous.spec.volumeLifecycleModes, spec.child('volumeLifecycleModes'), errors);
    return errors;
  },
  warnings: warnWithoutDriver('CSIDriver'),
  columns: [
    name(),
    flag('AttachRequired', 'attachRequired', 'Whether volumes are attached to a node before they are mounted.'),
    flag('PodInfoOnMount', 'podInfoOnMount', 'Whether the driver is told which Pod mounts.'),
    flag('StorageCapacity', 'storageCapacity', 'Whether the scheduler looks at the capacity that the driver reports.'),
    text('TokenRequests', 'For whom the driver gets tokens of the Pod.', ({ spec: { tokenRequests } }) =>
      tokenRequests ? tokenRequests.map(({ audience }) => audience).join(',') : '<unset>',
    ),
    flag('RequiresRepublish', 'requiresRepublish', 'Whether volumes are published again and again.'),
    text(
      'Modes',
      'Which volumes the driver serves.',
      ({ spec: { volumeLifecycleModes = [] } }) => volumeLifecycleModes.join(',') || '<none>',
    ),
    age(),
  ],
});
