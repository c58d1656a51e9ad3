/** ConfigMap: pkg/registry/core/configmap/strategy.go. */
import { age, integer, name } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ConfigMap } from '../generated/types.ts';

/** The descriptor of ConfigMap. */
export const configMaps = defineKind<ConfigMap>({
  kind: 'ConfigMap',
  resource: 'configmaps',
  shortNames: ['cm'],
  columns: [
    name(),
    integer('Data', 'Number of entries.', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    age(),
  ],
});
