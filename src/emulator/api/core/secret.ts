/** Secret: pkg/registry/core/secret/strategy.go. */
import { base64, fromBase64, noBytes, textOf, utf8 } from '../../kernel/bytes.ts';
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { Secret } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { parsePem } from '../../machinery/x509/pem.ts';
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

const plainText = (value: string | undefined): string => textOf(fromBase64(value ?? '') ?? noBytes);

/**
 * What Go's decoder says of text that is no JSON object.
 * Differs from Kubernetes: of JSON that is broken further in, the message does not name the character.
 */
function jsonComplaint(text: string): string | undefined {
  const start = text.trimStart();
  if (start === '') return 'unexpected end of JSON input';
  if (!/^[[{"\-0-9tfn]/.test(start)) return `invalid character '${start[0]!}' looking for beginning of value`;
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
  } catch {
    return 'unexpected end of JSON input';
  }
}

/**
 * warningsForSecret: what is wrong with a certificate and its key.
 * Differs from Kubernetes: whether a key belongs to its certificate is not looked at.
 */
function tlsWarnings({ type, data }: Secret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const certificates = blocksOf(plainText(data?.['tls.crt']));
  const keys = blocksOf(plainText(data?.['tls.key']));
  if (!certificates.includes('CERTIFICATE')) return [`tls: ${missingCertificate(certificates)}`];
  return keys.some(isKey) ? [] : [`tls: ${missingKey(keys)}`];
}

const blocksOf = (text: string): readonly string[] => parsePem(text).map((block) => block.type);
const isKey = (type: string): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY');

function missingCertificate(found: readonly string[]): string {
  if (found.length === 0) return 'failed to find any PEM data in certificate input';
  if (found.length === 1 && isKey(found[0]!))
    return 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${found.join(' ')}]`;
}

function missingKey(found: readonly string[]): string {
  if (found.length === 0) return 'failed to find any PEM data in key input';
  if (found.length === 1 && found[0] === 'CERTIFICATE') return 'found a certificate rather than a key in the PEM for the private key';
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${found.join(' ')}]`;
}

const accountToken = 'kubernetes.io/service-account-token';

/** ValidateSecret of pkg/apis/core/validation/validation.go. */
function validateContent({ type = '', data = {}, metadata }: Secret, errors: FieldError[]): void {
  validateKeys(data, 'data', errors);
  validateSize(dataBytes(data, true), 'data', errors);
  if (type === accountToken && !metadata.annotations?.[accountAnnotation]) {
    errors.push(required(fieldPath('metadata', 'annotations').key(accountAnnotation)));
  }
  for (const key of requiredKeys[type] ?? []) {
    const at = fieldPath('data').key(key);
    if (data[key] === undefined) errors.push(required(at));
    else if (key.startsWith('.docker')) {
      const complaint = jsonComplaint(plainText(data[key]));
      if (complaint !== undefined) errors.push(invalid(at, '<secret contents redacted>', complaint));
    }
  }
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
  warnings: tlsWarnings,
  columns: [
    name(),
    text('Type', 'What kind of data it holds.', (secret) => secret.type ?? ''),
    text('Data', 'Number of entries.', (secret) => Object.keys(secret.data ?? {}).length),
    age(),
  ],
  selectableFields: { type: (secret) => secret.type ?? '' },
});
