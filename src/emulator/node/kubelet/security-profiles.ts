/**
 * Profiles that lie on the node: a container whose profile is not there is not made (containerd's
 * contrib/seccomp and internal/cri/server/container_create_linux.go).
 *
 * Differs from Kubernetes: a profile that is there is not enforced. For AppArmor none ever is, since nothing here loads one.
 * Unverified: the words of both messages.
 */
import type { Container, Pod } from '../../api/generated/types.ts';
import type { FileSystem } from '../../kernel/index.ts';
import { ContainerStartError } from './start-error.ts';

const seccompRoot = '/var/lib/kubelet/seccomp';

/** Throws a `ContainerStartError` when the node lacks a profile that a container names. */
export function verifyProfiles(pod: Pod, { securityContext: own }: Container, files: FileSystem): void {
  const ofPod = pod.spec.securityContext;
  const seccomp = own?.seccompProfile ?? ofPod?.seccompProfile;
  if (seccomp?.type === 'Localhost' && !own?.privileged) {
    const path = `${seccompRoot}/${seccomp.localhostProfile ?? ''}`;
    if (files.find(path)?.kind !== 'file')
      throw notMade(
        `failed to create containerd container: cannot load seccomp profile "${path}": open ${path}: no such file or directory`,
      );
  }
  const appArmor = own?.appArmorProfile ?? ofPod?.appArmorProfile;
  if (appArmor?.type === 'Localhost')
    throw notMade(
      `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${appArmor.localhostProfile ?? ''}`,
    );
}

const notMade = (message: string): ContainerStartError => new ContainerStartError('CreateContainerError', message);
