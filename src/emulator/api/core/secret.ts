/** Secret: pkg/registry/core/secret/strategy.go. */
import { base64, utf8 } from '../../kernel/bytes.ts';
import { fieldPath, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { Secret } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { dataBytes, validateImmutableData, validateKeys, validateSize } from './data-validation.ts';

const accountAnnotation = 'kubernetes.io/service-account.name';

/** Plain text that a client sends for its convenience: kept as data, and never shown as text again. */
function takeStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (!stringData) return secret;
  const data: Record<string, string> = { ...secret.data };
  for (const key in stringData) data[key] = base64(utf8(stringData[key]!));
  return { ...rest, data };
}

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

const accountToken = 'kubernetes.io/service-account-token';

/** ValidateSecret of pkg/apis/core/validation/validation.go. */
function validateContent({ type = '', data = {}, metadata }: Secret, errors: FieldError[]): void {
  validateKeys(data, 'data', errors);
  validateSize(dataBytes(data, true), 'data', errors);
  if (type === accountToken && !metadata.annotations?.[accountAnnotation]) {
    errors.push(required(fieldPath('metadata', 'annotations').key(accountAnnotation)));
  }
  for (const key of requiredKeys[type] ?? []) if (data[key] === undefined) errors.push(required(fieldPath('data').key(key)));
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    errors.push(required(fieldPath('data').key('username')), required(fieldPath('data').key('password')));
  }
}

/** The descriptor of Secret. */
export const secrets = defineKind<Secret>({
  kind: 'Secret',
  resource: 'secrets',
  setDefaults: (secret) => fill(takeStringData(secret), { type: 'Opaque' }),
  prepareForUpdate: (next, previous) => (next.type ? next : { ...next, type: previous.type }),
  validate(secret) {
    const errors: FieldError[] = [];
    validateObjectMeta(secret.metadata, { isNamespaced: true }, errors);
    validateContent(secret, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutable(next.type, previous.type, fieldPath('type'), errors);
    validateImmutableData(next, previous, errors);
    validateContent(next, errors);
    return errors;
  },
  columns: [
    name(),
    text('Type', 'What kind of data it holds.', (secret) => secret.type ?? ''),
    text('Data', 'Number of entries.', (secret) => Object.keys(secret.data ?? {}).length),
    age(),
  ],
  selectableFields: { type: (secret) => secret.type ?? '' },
});
