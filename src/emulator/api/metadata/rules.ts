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

export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

export function isIPv6(text: string): boolean {
  return parseIPv6(text) !== undefined;
}
