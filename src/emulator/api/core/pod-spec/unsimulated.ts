/**
 * Fields of a Pod's spec that are accepted, stored and shown, and that nothing in this emulator acts on. Each earns the
 * client a warning, since silence would teach something false. Whoever simulates one removes its line here.
 *
 * Differs from Kubernetes: the fields listed here are accepted without effect, with a warning that says so.
 */
import type { FieldPath } from '../../../machinery/field-error.ts';
import type { Container, PodSpec, SecurityContext, Volume } from '../../generated/types.ts';
import { withoutEffect } from '../../without-effect.ts';

const ofPod: readonly (keyof PodSpec)[] = ['hostIPC', 'resourceClaims'];

const ofPodSecurity = ['seLinuxChangePolicy', 'seLinuxOptions', 'supplementalGroupsPolicy', 'windowsOptions'] as const;
const ofContainer = ['volumeDevices'] as const;
const ofContainerSecurity = ['procMount', 'seLinuxOptions', 'windowsOptions'] as const;
const ofMount = ['mountPropagation', 'recursiveReadOnly'] as const;
const simulatedVolumes: readonly string[] = [
  'name',
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'hostPath',
  'nfs',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

type Report = (path: FieldPath) => void;

function reportSet<T extends object>(object: T | undefined, names: readonly (keyof T & string)[], path: FieldPath, report: Report): void {
  if (!object) return;
  for (const name of names) if (isSet(object[name])) report(path.child(name));
}

/** A profile of the node's own is looked for, and what stands in it is enforced on nobody. */
function reportProfile(security: Pick<SecurityContext, 'seccompProfile'> | undefined, path: FieldPath, report: Report): void {
  if (security?.seccompProfile?.localhostProfile) report(path.child('seccompProfile', 'localhostProfile'));
}

function reportContainer(container: Container, path: FieldPath, report: Report): void {
  reportSet(container, ofContainer, path, report);
  reportSet(container.resources, ['claims'], path.child('resources'), report);
  reportSet(container.securityContext, ofContainerSecurity, path.child('securityContext'), report);
  reportProfile(container.securityContext, path.child('securityContext'), report);
  (container.volumeMounts ?? []).forEach((mount, i) => {
    reportSet(mount, ofMount, path.child('volumeMounts').index(i), report);
  });
}

function reportVolume(volume: Volume, path: FieldPath, report: Report): void {
  for (const [name, value] of Object.entries(volume)) if (value !== undefined && !simulatedVolumes.includes(name)) report(path.child(name));
}

/** Warnings for the fields of a spec that have no effect here, in the order of the spec. */
export function unsimulatedFields(spec: PodSpec, path: FieldPath): readonly string[] {
  const warnings: string[] = [];
  const report: Report = (at) => warnings.push(withoutEffect(at));
  reportSet(spec, ofPod, path, report);
  // True is what every Pod has; false asks for users of its own.
  if (spec.hostUsers === false) report(path.child('hostUsers'));
  reportSet(spec.securityContext, ofPodSecurity, path.child('securityContext'), report);
  reportProfile(spec.securityContext, path.child('securityContext'), report);
  (spec.volumes ?? []).forEach((volume, i) => {
    reportVolume(volume, path.child('volumes').index(i), report);
  });
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      reportContainer(container, path.child(list).index(i), report);
    });
  }
  return warnings;
}
