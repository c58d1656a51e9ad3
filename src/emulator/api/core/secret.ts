/** Secret: pkg/registry/core/secret/strategy.go. */
import { age, integer, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { Secret } from '../generated/types.ts';

/** The descriptor of Secret. */
export const secrets = defineKind<Secret>({
  kind: 'Secret',
  resource: 'secrets',
  setDefaults: (secret) => fill(secret, { type: 'Opaque' }),
  columns: [
    name(),
    text('Type', 'What kind of data it holds.', (secret) => secret.type ?? ''),
    integer('Data', 'Number of entries.', (secret) => Object.keys(secret.data ?? {}).length),
    age(),
  ],
  selectableFields: { type: (secret) => secret.type ?? '' },
});
