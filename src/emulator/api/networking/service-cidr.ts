/** ServiceCIDR: pkg/registry/networking/servicecidr/strategy.go. */
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { ServiceCIDR } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { familyOf, validateNetwork } from './cidr.ts';

const path = fieldPath('spec', 'cidrs');
const immutable = 'field is immutable';

function validateBlocks(blocks: readonly string[], errors: FieldError[]): void {
  if (blocks.length === 0) {
    errors.push(required(path, 'at least one CIDR required'));
    return;
  }
  if (blocks.length > 2) {
    errors.push(invalid(path, { cidrs: blocks }, 'may only hold up to 2 values'));
    return;
  }
  blocks.forEach((block, i) => {
    validateNetwork(block, path.index(i), errors);
  });
  const [first, second] = blocks.map(familyOf);
  if (blocks.length === 2 && first === second && first !== undefined)
    errors.push(invalid(path, blocks, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'));
}

function validateBlocksUpdate(next: readonly string[], previous: readonly string[], errors: FieldError[]): void {
  const isExtended = previous.length === 1 && next.length === 2;
  if (next.length !== previous.length && !isExtended) {
    errors.push(invalid(path, next, immutable));
    return;
  }
  previous.forEach((block, i) => {
    if (block !== next[i]) errors.push(invalid(path.index(i), next[i], immutable));
  });
  if (isExtended) validateBlocks(next, errors);
}

/** The descriptor of ServiceCIDR. */
export const serviceCIDRs = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  isNamespaced: false,
  subresources: { status: statusSubresource() },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { isNamespaced: false }, errors);
    validateBlocks(spec?.cidrs ?? [], errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateBlocksUpdate(next.spec?.cidrs ?? [], previous.spec?.cidrs ?? [], errors);
    return errors;
  },
  columns: [name(), text('CIDRs', 'Blocks from which Services get their addresses.', ({ spec }) => (spec?.cidrs ?? []).join(',')), age()],
});
