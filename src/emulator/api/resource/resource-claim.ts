/** ResourceClaim and ResourceClaimTemplate: pkg/registry/resource/{resourceclaim,resourceclaimtemplate}/strategy.go. */
import { fieldPath } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change } from '../fill.ts';
import type { ResourceClaim, ResourceClaimTemplate } from '../generated/types.ts';
import { metaErrors, metaUpdateErrors, validateImmutable } from '../metadata/object-meta.ts';
import { defaultClaimSpec, notAllocated, validateClaimSpec } from './requests.ts';

const group = 'resource.k8s.io';
const spec = fieldPath('spec');

/** `pending`, `allocated,reserved`, `deleted`: resourceClaimState of printers.go. */
function stateOf({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const allocated = status?.reservedFor?.length ? ['allocated', 'reserved'] : ['allocated'];
  const states = status?.allocation ? allocated : isDeleted ? [] : ['pending'];
  return [...(isDeleted ? ['deleted'] : []), ...states].join(',');
}

/** The descriptor of ResourceClaim. */
export const resourceClaims = defineKind<ResourceClaim>({
  group,
  kind: 'ResourceClaim',
  resource: 'resourceclaims',
  subresources: { status: statusSubresource() },
  setDefaults: (claim) => change(claim, 'spec', defaultClaimSpec),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate: (claim) => [...metaErrors(claim, { isNamespaced: true }), ...validateClaimSpec(claim.spec)],
  validateUpdate(next, previous) {
    const errors = [...metaUpdateErrors(next, previous)];
    validateImmutable(next.spec, previous.spec, spec, errors);
    return errors;
  },
  warnings: (_claim, previous) => (previous ? [] : [notAllocated(spec)]),
  columns: [name(), text('State', 'How far it has come.', stateOf), age()],
});

/** The descriptor of ResourceClaimTemplate. */
export const resourceClaimTemplates = defineKind<ResourceClaimTemplate>({
  group,
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
  setDefaults: (template) => change(template, 'spec', (own) => change(own, 'spec', defaultClaimSpec)),
  validate: (template) => [...metaErrors(template, { isNamespaced: true }), ...validateClaimSpec(template.spec?.spec, spec.child('spec'))],
  validateUpdate(next, previous) {
    const errors = [...metaUpdateErrors(next, previous)];
    validateImmutable(next.spec, previous.spec, spec, errors);
    return errors;
  },
  warnings: (_template, previous) => (previous ? [] : [notAllocated(spec)]),
  columns: [name(), age()],
});
