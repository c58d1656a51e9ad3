/** Rules that the kinds of storage share: pkg/apis/storage/validation and pkg/apis/core/validation. */
import { forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Subdomain, qualifiedName } from '../../machinery/names.ts';
import { compareQuantities, parseQuantity, quantityComplaint } from '../../machinery/quantity.ts';
import { complain } from '../metadata/rules.ts';

/** What is said of kinds and fields that only drivers of CSI act on. */
export const withoutDriver = 'no driver of CSI runs in this emulator';

/** Differs from Kubernetes: objects that only drivers of CSI act on earn a warning when they are made. */
export const warnWithoutDriver =
  (kind: string) =>
  (_: unknown, previous: unknown): readonly string[] =>
    previous ? [] : [`${kind}: stored, but ${withoutDriver}`];

const accessModes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes: readonly string[] = ['Block', 'Filesystem'];
const zero = parseQuantity('0');
const maxParameters = 512;
const maxParametersSize = 256 * 1024;

/** Known modes, and ReadWriteOncePod alone. */
export function validateAccessModes(modes: readonly string[], path: FieldPath, errors: FieldError[]): void {
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported(path, mode, accessModes));
  const hasOther = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode));
  if (hasOther && modes.includes('ReadWriteOncePod')) errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
}

export function validateVolumeMode(mode: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (mode !== undefined && !volumeModes.includes(mode)) errors.push(notSupported(path, mode, volumeModes));
}

/** ValidateClassName. */
export function validateClassName(name: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (name) complain(name, dns1123Subdomain(name), path, errors);
}

/** ValidatePositiveQuantityValue. */
export function validatePositive(text: string, path: FieldPath, errors: FieldError[]): void {
  if (quantityComplaint(text) !== undefined) return;
  if (compareQuantities(parseQuantity(text), zero) <= 0) errors.push(invalid(path, text, 'must be greater than zero'));
}

/** ValidateCSIDriverName of pkg/apis/core/validation/validation.go. */
export function validateDriverName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path));
  else if (name.length > 63) errors.push(tooLong(path, 63));
  complain(name, dns1123Subdomain(name.toLowerCase()), path, errors);
}

/** validateProvisioner. */
export function validateProvisioner(provisioner: string, path: FieldPath, errors: FieldError[]): void {
  if (!provisioner) errors.push(required(path));
  else complain(provisioner.toLowerCase(), qualifiedName(provisioner.toLowerCase()), path, errors);
}

/** validateParameters. */
export function validateParameters(parameters: Readonly<Record<string, string>> | undefined, path: FieldPath, errors: FieldError[]): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maxParameters) {
    errors.push(tooLong(path, maxParameters));
    return;
  }
  if (entries.some(([key]) => key === '')) errors.push(invalid(path, '', 'field can not be empty.'));
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > maxParametersSize) errors.push(tooLong(path, maxParametersSize));
}
