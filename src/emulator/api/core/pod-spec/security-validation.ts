/** Validation of security contexts: validatePodSpecSecurityContext and ValidateSecurityContext of pkg/apis/core/validation/validation.go. */
import { duplicate, forbidden, invalid, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { userId } from '../../../machinery/names.ts';
import type { Container, PodSpec, SecurityContext, Sysctl } from '../../generated/types.ts';
import { complain } from '../../metadata/rules.ts';
import { goSecurityContext } from '../go-structs.ts';
import { validateProfiles } from './profile-validation.ts';

const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlMessage =
  'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';

function validateSysctls(sysctls: readonly Sysctl[], path: FieldPath, errors: FieldError[]): void {
  const names = new Set<string>();
  sysctls.forEach(({ name }, i) => {
    const at = path.index(i).child('name');
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !sysctlName.test(name)) errors.push(invalid(at, name, sysctlMessage));
    else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
  });
}

function validatePolicy(value: string | undefined, supported: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(path, value, supported));
}

/** The security context of a Pod. */
export function validatePodSecurityContext(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const context = spec.securityContext;
  if (!context) return;
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    const id = context[name];
    if (id !== undefined) complain(id, userId(id), path.child(name), errors);
  }
  (context.supplementalGroups ?? []).forEach((id, i) => {
    complain(id, userId(id), path.child('supplementalGroups').index(i), errors);
  });
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(invalid(path.child('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  validateSysctls(context.sysctls ?? [], path.child('sysctls'), errors);
  validatePolicy(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], path.child('fsGroupChangePolicy'), errors);
  validateProfiles(context, path, errors);
  validatePolicy(context.supplementalGroupsPolicy, ['Merge', 'Strict'], path.child('supplementalGroupsPolicy'), errors);
  // The other, MountOption, is behind the feature gate SELinuxMount, which is off in v1.34.
  validatePolicy(context.seLinuxChangePolicy, ['Recursive'], path.child('seLinuxChangePolicy'), errors);
}

/** The security context of a container; `hasOwnUsers` where the Pod does not share the users of its node. */
export function validateSecurityContext(
  { securityContext: context }: Container,
  hasOwnUsers: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!context) return;
  if (context.runAsUser !== undefined) complain(context.runAsUser, userId(context.runAsUser), path.child('runAsUser'), errors);
  if (context.runAsGroup !== undefined) complain(context.runAsGroup, userId(context.runAsGroup), path.child('runAsGroup'), errors);
  validatePolicy(context.procMount, ['Default', 'Unmasked'], path.child('procMount'), errors);
  if (context.procMount === 'Unmasked' && !hasOwnUsers)
    errors.push(invalid(path.child('procMount'), context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  validateProfiles(context, path, errors);
  validateEscalation(context, path, errors);
}

function validateEscalation(context: SecurityContext, path: FieldPath, errors: FieldError[]): void {
  if (context.allowPrivilegeEscalation !== false) return;
  const refuse = (detail: string): void => {
    errors.push(invalid(path, goSecurityContext(context), detail));
  };
  if (context.privileged) refuse('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
    refuse('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
}

/** A Pod with users of its own shares nothing else with its node: validateHostUsers. */
export function validateHostUsers(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (spec.hostUsers !== false) return;
  const detail = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.push(forbidden(path.child('hostNetwork'), detail));
  if (spec.hostPID) errors.push(forbidden(path.child('HostPID'), detail));
  if (spec.hostIPC) errors.push(forbidden(path.child('HostIPC'), detail));
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    (spec[list] ?? []).forEach(({ volumeDevices }, i) => {
      if (volumeDevices?.length) errors.push(forbidden(path.child(list).index(i).child('volumeDevices'), detail));
    });
}
