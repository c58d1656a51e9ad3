/** Small rules that the validation of several kinds shares. */
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { parseIPv6 } from '../../machinery/ipv6.ts';
import type { Complaints } from '../../machinery/names.ts';
import { percent, portName, portNumber, qualifiedName, labelValue } from '../../machinery/names.ts';
import type { LabelSelector } from '../generated/types.ts';
import { validateLabels } from './object-meta.ts';

/** One error for each complaint about a value. */
export function complain(value: unknown, complaints: Complaints, path: FieldPath, errors: FieldError[]): void {
  for (const complaint of complaints) errors.push(invalid(path, value, complaint));
}

/** A value of a list, which may not be empty; `supported` in the order of upstream's message. */
export function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (!value) errors.push(required(path));
  else if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
}

export function nonNegative(value: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (value !== undefined && value < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'));
}

/** A port by number or name. */
export function validatePort(port: number | string, path: FieldPath, errors: FieldError[]): void {
  complain(port, typeof port === 'number' ? portNumber(port) : portName(port), path, errors);
}

/** A count or a percentage, as of maxUnavailable (ValidatePositiveIntOrPercent of pkg/apis/apps/validation/validation.go). */
export function validateCountOrPercent(value: number | string, path: FieldPath, errors: FieldError[]): void {
  if (typeof value === 'number') nonNegative(value, path, errors);
  else complain(value, percent(value), path, errors);
}

/** ValidateLabelSelector of apimachinery/pkg/apis/meta/v1/validation/validation.go. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!selector) return;
  validateLabels(selector.matchLabels, path.child('matchLabels'), errors);
  (selector.matchExpressions ?? []).forEach(({ key, operator, values }, i) => {
    const at = path.child('matchExpressions').index(i);
    const hasValues = (values?.length ?? 0) > 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (!hasValues) errors.push(required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (hasValues) errors.push(forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else errors.push(invalid(at.child('operator'), operator, 'not a valid selector operator'));
    complain(key, qualifiedName(key), at.child('key'), errors);
    (values ?? []).forEach((value, j) => {
      complain(value, labelValue(value), at.child('values').index(j), errors);
    });
  });
}

/** IsValidIP of apimachinery/pkg/util/validation/ip.go: an address of either family, in canonical decimal for IPv4. */
export function validateIP(text: string, path: FieldPath, errors: FieldError[]): void {
  if (!isIPv4(text) && !isIPv6(text)) errors.push(invalid(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
}

const linkLocal = 0xfe80n << 112n;
const linkLocalMulticast = 0xff02n << 112n;
const inBlock = (value: bigint, block: bigint, bits: number): boolean => value >> BigInt(128 - bits) === block >> BigInt(128 - bits);

/** ValidateEndpointIP of pkg/apis/core/validation/validation.go: traffic is sent there, so that it may be no address with a meaning of its own. */
export function validateEndpointIP(text: string, path: FieldPath, errors: FieldError[]): void {
  const value = isIPv4(text) ? undefined : parseIPv6(text);
  if (!isIPv4(text) && value === undefined) {
    errors.push(invalid(path, text, 'must be a valid IP address'));
    return;
  }
  const is = (v4: RegExp, v6: (address: bigint) => boolean): boolean => (value === undefined ? v4.test(text) : v6(value));
  if (is(/^0\.0\.0\.0$/, (address) => address === 0n)) errors.push(invalid(path, text, `may not be unspecified (${text})`));
  if (is(/^127\./, (address) => address === 1n))
    errors.push(invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (is(/^169\.254\./, (address) => inBlock(address, linkLocal, 10)))
    errors.push(invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (is(/^224\.0\.0\./, (address) => inBlock(address, linkLocalMulticast, 16)))
    errors.push(invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
}

export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

export function isIPv6(text: string): boolean {
  return parseIPv6(text) !== undefined;
}
