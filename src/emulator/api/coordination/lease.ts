/** Lease: pkg/registry/coordination/lease/strategy.go. */
import { fieldPath, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, without } from '../fill.ts';
import type { Lease, LeaseSpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';

const spec = fieldPath('spec');

/** ValidateLeaseSpec of pkg/apis/coordination/validation/validation.go. A Lease is the most written object of an idle cluster. */
function validateSpec(own: LeaseSpec | undefined, errors: FieldError[]): void {
  if (!own) return;
  const { leaseDurationSeconds, leaseTransitions } = own;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0)
    errors.push(invalid(spec.child('leaseDurationSeconds'), leaseDurationSeconds, 'must be greater than 0'));
  if (leaseTransitions !== undefined && leaseTransitions < 0)
    errors.push(invalid(spec.child('leaseTransitions'), leaseTransitions, 'must be greater than or equal to 0'));
}

/** The descriptor of Lease. */
export const leases = defineKind<Lease>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  resource: 'leases',
  withMetadata: ({ spec: own }, metadata) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: own }),
  // The gate CoordinatedLeaderElection is off in v1.34.
  setDefaults: (lease) => change(lease, 'spec', (own) => without(without(own, 'strategy'), 'preferredHolder')),
  validate(lease) {
    const errors: FieldError[] = [];
    validateObjectMeta(lease.metadata, { isNamespaced: true }, errors);
    validateSpec(lease.spec, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSpec(next.spec, errors);
    return errors;
  },
  columns: [name(), text('Holder', 'Who holds the lease.', (lease) => lease.spec?.holderIdentity ?? ''), age()],
});
