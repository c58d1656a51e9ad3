/** ConfigMap: pkg/registry/core/configmap/strategy.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ConfigMap } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { dataBytes, validateImmutableData, validateKeys, validateSize } from './data-validation.ts';

/** ValidateConfigMap of pkg/apis/core/validation/validation.go, which reports the size at a path of one empty name: `[]`. */
function validateContent({ data, binaryData }: ConfigMap, errors: FieldError[]): void {
  validateKeys(data, 'data', errors, binaryData);
  validateKeys(binaryData, 'binaryData', errors);
  validateSize(dataBytes(data, false) + dataBytes(binaryData, true), '[]', errors);
}

/** The descriptor of ConfigMap. */
export const configMaps = defineKind<ConfigMap>({
  kind: 'ConfigMap',
  resource: 'configmaps',
  shortNames: ['cm'],
  validate(configMap) {
    const errors: FieldError[] = [];
    validateObjectMeta(configMap.metadata, { isNamespaced: true }, errors);
    validateContent(configMap, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutableData(next, previous, errors);
    validateContent(next, errors);
    return errors;
  },
  columns: [
    name(),
    text('Data', 'Number of entries.', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    age(),
  ],
});
