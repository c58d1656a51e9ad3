/**
 * Structures as upstream's messages print them: validation sees the internal types, which have Go's names for their fields and
 * write out those that are not set.
 */
import type {
  AppArmorProfile,
  Capabilities,
  SeccompProfile,
  SecurityContext,
  SELinuxOptions,
  Taint,
  WindowsSecurityContextOptions,
} from '../generated/types.ts';

type Fields = Readonly<Record<string, unknown>>;

const orNull = <T>(value: T | undefined, by: (value: T) => Fields): Fields | null => (value === undefined ? null : by(value));

/** A profile for seccomp or AppArmor. */
export const goProfile = ({ type, localhostProfile }: SeccompProfile | AppArmorProfile): Fields => ({
  Type: type,
  LocalhostProfile: localhostProfile ?? null,
});

const goCapabilities = ({ add, drop }: Capabilities): Fields => ({ Add: add ?? null, Drop: drop ?? null });

const goSELinux = ({ user = '', role = '', type = '', level = '' }: SELinuxOptions): Fields => ({
  User: user,
  Role: role,
  Type: type,
  Level: level,
});

const goWindows = (options: WindowsSecurityContextOptions): Fields => ({
  GMSACredentialSpecName: options.gmsaCredentialSpecName ?? null,
  GMSACredentialSpec: options.gmsaCredentialSpec ?? null,
  RunAsUserName: options.runAsUserName ?? null,
  HostProcess: options.hostProcess ?? null,
});

/** The security context of a container. */
export const goSecurityContext = (context: SecurityContext): unknown => ({
  Capabilities: orNull(context.capabilities, goCapabilities),
  Privileged: context.privileged ?? null,
  SELinuxOptions: orNull(context.seLinuxOptions, goSELinux),
  WindowsOptions: orNull(context.windowsOptions, goWindows),
  RunAsUser: context.runAsUser ?? null,
  RunAsGroup: context.runAsGroup ?? null,
  RunAsNonRoot: context.runAsNonRoot ?? null,
  ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
  AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
  ProcMount: context.procMount ?? null,
  SeccompProfile: orNull(context.seccompProfile, goProfile),
  AppArmorProfile: orNull(context.appArmorProfile, goProfile),
});

/** A taint of a node. */
export const goTaint = ({ key, value = '', effect, timeAdded }: Taint): unknown => ({
  Key: key,
  Value: value,
  Effect: effect,
  TimeAdded: timeAdded ?? null,
});
