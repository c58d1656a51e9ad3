/** VolumeAttributesClass: pkg/registry/storage/volumeattributesclass/strategy.go. */
import { fieldPath, forbidden, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { semanticEqual } from '../../machinery/equality.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { VolumeAttributesClass } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { validateParameters, validateProvisioner, warnWithoutDriver } from './rules.ts';

function validateContent({ driverName, parameters }: VolumeAttributesClass, errors: FieldError[]): void {
  validateProvisioner(driverName, fieldPath('driverName'), errors);
  validateParameters(parameters, fieldPath('parameters'), errors);
  if (Object.keys(parameters ?? {}).length === 0)
    errors.push(required(fieldPath('parameters'), 'must contain at least one key/value pair'));
}

/** The descriptor of VolumeAttributesClass. */
export const volumeAttributesClasses = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  shortNames: ['vac'],
  isNamespaced: false,
  validate(attributesClass) {
    const errors: FieldError[] = [];
    validateObjectMeta(attributesClass.metadata, { isNamespaced: false }, errors);
    validateContent(attributesClass, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    for (const field of ['driverName', 'parameters'] as const)
      if (!semanticEqual(next[field], previous[field])) errors.push(forbidden(fieldPath(field), `updates to ${field} are forbidden.`));
    validateContent(next, errors);
    return errors;
  },
  warnings: warnWithoutDriver('VolumeAttributesClass'),
  columns: [name(), text('DriverName', 'The driver that knows these parameters.', ({ driverName }) => driverName), age()],
});
