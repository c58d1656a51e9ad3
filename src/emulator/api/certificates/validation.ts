/** Validation of CertificateSigningRequests: pkg/apis/certificates/validation/validation.go. */
import { fromBase64 } from '../../kernel/bytes.ts';
import { equal } from '../../machinery/equality.ts';
import { duplicate, fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import { dns1123Label, dns1123Subdomain } from '../../machinery/names.ts';
import { parseCertificates, parseSigningRequest } from '../../machinery/x509/index.ts';
import type { CertificateSigningRequest, CertificateSigningRequestStatus } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';

const spec = fieldPath('spec');
const status = fieldPath('status');

/** All that a certificate may be used for, sorted. */
const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** What a CertificateSigningRequest carries, as text. */
export const decodePem = (bytes: string | undefined): string => fromBase64(bytes ?? '') ?? '';

/** ValidateSignerName of pkg/apis/core/validation/names.go: a domain, a slash and a path. */
function validateSignerName(signerName: string, path: FieldPath, errors: FieldError[]): void {
  if (signerName === '') {
    errors.push(required(path));
    return;
  }
  const [domain, own, ...more] = signerName.split('/') as [string, string | undefined, ...string[]];
  if (own === undefined || more.length > 0) {
    errors.push(invalid(path, signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  const labels = domain.split('.');
  for (const label of labels)
    for (const complaint of dns1123Label(label)) errors.push(invalid(path, domain, `validating label ${quote(label)}: ${complaint}`));
  if (labels.length < 2) errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  for (const label of own.split('.'))
    for (const complaint of dns1123Subdomain(label)) errors.push(invalid(path, own, `validating label ${quote(label)}: ${complaint}`));
}

function validateUsages(own: readonly string[], errors: FieldError[]): void {
  const path = spec.child('usages');
  if (own.length === 0) errors.push(required(path));
  own.forEach((usage, i) => {
    if (!usages.includes(usage)) errors.push(notSupported(path.index(i), usage, usages));
  });
  own.forEach((usage, i) => {
    if (own.indexOf(usage) < i) errors.push(duplicate(path.index(i), usage));
  });
}

function validateConditions({ conditions = [] }: CertificateSigningRequestStatus, errors: FieldError[]): void {
  const path = status.child('conditions');
  const seen = new Set<string>();
  conditions.forEach(({ type, status: value }, i) => {
    const at = path.index(i);
    const allowed = ['Approved', 'Denied', 'Failed'].includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (!type) errors.push(required(at.child('type')));
    if (!value) errors.push(required(at.child('status')));
    else if (!allowed.includes(value)) errors.push(notSupported(at.child('status'), value, allowed));
    if ((type === 'Approved' && seen.has('Denied')) || (type === 'Denied' && seen.has('Approved')))
      errors.push(invalid(at.child('type'), type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) errors.push(duplicate(at.child('type'), type));
    seen.add(type);
  });
}

function validateCertificate(certificate: string | undefined, errors: FieldError[]): void {
  if (!certificate) return;
  const pem = decodePem(certificate);
  const problem = !pem.includes('-----BEGIN ')
    ? 'must contain one or more PEM blocks'
    : parseCertificates(pem).length === 0
      ? 'block at index 0 must be a valid certificate'
      : undefined;
  if (problem) errors.push(invalid(status.child('certificate'), '<certificate data>', problem));
}

/** Errors of a request, new or changed. */
export function validateRequest(request: CertificateSigningRequest): readonly FieldError[] {
  const errors: FieldError[] = [];
  // Any name will do.
  validateObjectMeta(request.metadata, { isNamespaced: false, nameRule: () => [] }, errors);
  const { request: pem, usages: own = [], signerName, expirationSeconds } = request.spec;
  const read = parseSigningRequest(decodePem(pem));
  if ('problem' in read) errors.push(invalid(spec.child('request'), pem, read.problem));
  validateUsages(own, errors);
  if (signerName === 'kubernetes.io/legacy-unknown')
    errors.push(invalid(spec.child('signerName'), signerName, 'the legacy signerName is not allowed via this API version'));
  else validateSignerName(signerName, spec.child('signerName'), errors);
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    errors.push(
      invalid(spec.child('expirationSeconds'), expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
    );
  }
  validateConditions(request.status ?? {}, errors);
  validateCertificate(request.status?.certificate, errors);
  return errors;
}

/** Errors of an update; decisions change by the subresource `approval` only, and for good. */
export function validateRequestUpdate(
  next: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  maySetApproval: boolean,
): readonly FieldError[] {
  const errors: FieldError[] = [...validateRequest(next)];
  validateObjectMetaUpdate(next, previous, errors);
  for (const type of ['Approved', 'Denied', 'Failed']) {
    const of = ({ status: own }: CertificateSigningRequest) => (own?.conditions ?? []).filter((condition) => condition.type === type);
    const [now, before] = [of(next), of(previous)];
    const path = status.child('conditions');
    if (now.length < before.length) errors.push(forbidden(path, `updates may not remove a condition of type ${quote(type)}`));
    else if (now.length > before.length) {
      if (!maySetApproval && type !== 'Failed') errors.push(forbidden(path, `updates may not add a condition of type ${quote(type)}`));
    } else if (!equal(now, before)) errors.push(forbidden(path, `updates may not modify a condition of type ${quote(type)}`));
  }
  const [now, before] = [next.status?.certificate, previous.status?.certificate];
  if (before && now !== before) errors.push(forbidden(status.child('certificate'), 'updates may not modify existing certificate content'));
  return errors;
}
