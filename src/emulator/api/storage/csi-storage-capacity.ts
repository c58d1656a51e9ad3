/** CSIStorageCapacity: pkg/registry/storage/csistoragecapacity/strategy.go. */
import { fieldPath, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import { parseQuantity } from '../../machinery/quantity.ts';
import { defineKind } from '../define-kind.ts';
import type { CSIStorageCapacity } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';
import { warnWithoutDriver } from './rules.ts';

/** The descriptor of CSIStorageCapacity. */
export const csiStorageCapacities = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  validate({ metadata, nodeTopology, storageClassName = '', capacity }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { isNamespaced: true }, errors);
    validateLabelSelector(nodeTopology, fieldPath('nodeTopology'), errors);
    complain(storageClassName, dns1123Subdomain(storageClassName), fieldPath('storageClassName'), errors);
    if (capacity !== undefined && parseQuantity(capacity).nanos < 0n)
      errors.push(invalid(fieldPath('capacity'), capacity, 'must be greater than or equal to 0'));
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutable(next.nodeTopology, previous.nodeTopology, fieldPath('nodeTopology'), errors);
    validateImmutable(next.storageClassName, previous.storageClassName, fieldPath('storageClassName'), errors);
    return errors;
  },
  warnings: warnWithoutDriver('CSIStorageCapacity'),
});
