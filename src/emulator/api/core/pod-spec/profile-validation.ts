/** Validation of profiles for seccomp and AppArmor: validateSeccompProfileField and ValidateAppArmorProfileField of pkg/apis/core/validation/validation.go. */
import { invalid, notSupported, required, tooLong } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import type { AppArmorProfile, SeccompProfile } from '../../generated/types.ts';
import { goProfile } from '../go-structs.ts';
import { validateLocalDescendingPath } from './volume-validation.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const maxProfileLength = 4095;

function validateType(type: string | undefined, field: string, path: FieldPath, errors: FieldError[]): void {
  if (!type) errors.push(required(path.child('type'), `type is required when ${field} is set`));
  else if (!profileTypes.includes(type)) errors.push(notSupported(path.child('type'), type, profileTypes));
}

function validateSeccomp(profile: SeccompProfile, path: FieldPath, errors: FieldError[]): void {
  validateType(profile.type, 'seccompProfile', path, errors);
  const at = path.child('localhostProfile');
  const { localhostProfile: file } = profile;
  if (profile.type !== 'Localhost') {
    if (file !== undefined) errors.push(invalid(at, goProfile(profile), 'can only be set when seccomp type is Localhost'));
  } else if (file === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'));
  else validateLocalDescendingPath(file, at, errors);
}

/** ValidateAppArmorProfileField. */
export function validateAppArmor(profile: AppArmorProfile, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('localhostProfile');
  const { type, localhostProfile: name } = profile;
  if (type !== 'Localhost') {
    validateType(type, 'appArmorProfile', path, errors);
    if (profileTypes.includes(type) && name !== undefined)
      errors.push(invalid(at, name, 'can only be set when AppArmor type is Localhost'));
    return;
  }
  if (name === undefined || name === '') errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  else if (name.trim() !== name) errors.push(invalid(at, name, 'must not be padded with whitespace'));
  if ((name?.length ?? 0) > maxProfileLength) errors.push(tooLong(at, maxProfileLength));
}

interface Profiles {
  readonly seccompProfile?: SeccompProfile | undefined;
  readonly appArmorProfile?: AppArmorProfile | undefined;
}

/** The profiles of a security context, a Pod's or a container's. */
export function validateProfiles(context: Profiles, path: FieldPath, errors: FieldError[]): void {
  if (context.seccompProfile) validateSeccomp(context.seccompProfile, path.child('seccompProfile'), errors);
  if (context.appArmorProfile) validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors);
}
