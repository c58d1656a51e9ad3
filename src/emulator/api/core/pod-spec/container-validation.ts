/** Validation of containers: validateContainers and its kin of pkg/apis/core/validation/validation.go. */
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, portName, portNumber } from '../../../machinery/names.ts';
import { complain, oneOf } from '../../metadata/rules.ts';
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume, VolumeMount } from '../../generated/types.ts';
import { validateClaims } from './claim-validation.ts';
import { validateEnv, validateEnvFrom } from './env-validation.ts';
import { validateLifecycle, validateProbe } from './probe-validation.ts';
import { validateResources } from './resource-validation.ts';
import { validateSecurityContext } from './security-validation.ts';
import { validateLocalDescendingPath } from './volume-validation.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const propagations: readonly string[] = ['Bidirectional', 'HostToContainer', 'None'];
const recursions: readonly string[] = ['Disabled', 'Enabled', 'IfPossible'];
const onlySidecars = 'may not be set for init containers without restartPolicy=Always';
const notEphemeral = 'cannot be set for an Ephemeral Container';

/** The good volumes of a Pod by name. */
type Volumes = ReadonlyMap<string, Volume>;

function validatePorts(ports: readonly ContainerPort[], path: FieldPath, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = path.index(i);
    if (port.name) {
      const complaints = portName(port.name);
      complain(port.name, complaints, at.child('name'), errors);
      if (complaints.length === 0 && names.has(port.name)) errors.push(duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort')));
    else complain(port.containerPort, portNumber(port.containerPort), at.child('containerPort'), errors);
    if (port.hostPort) complain(port.hostPort, portNumber(port.hostPort), at.child('hostPort'), errors);
    oneOf(port.protocol, protocols, at.child('protocol'), errors);
  });
}

/** validateMountPropagation and validateMountRecursiveReadOnly. */
function validateMountModes(mount: VolumeMount, isPrivileged: boolean, path: FieldPath, errors: FieldError[]): void {
  const { mountPropagation: propagation, recursiveReadOnly: mode } = mount;
  const at = path.child('mountPropagation');
  if (propagation !== undefined && !propagations.includes(propagation)) errors.push(notSupported(at, propagation, propagations));
  if (propagation === 'Bidirectional' && !isPrivileged)
    errors.push(forbidden(at, 'Bidirectional mount propagation is available only to privileged containers'));
  if (mode === undefined || mode === 'Disabled') return;
  const own = path.child('recursiveReadOnly');
  if (!recursions.includes(mode)) errors.push(notSupported(own, mode, recursions));
  else {
    if (!mount.readOnly) errors.push(forbidden(own, 'may only be specified when readOnly is true'));
    if (propagation !== undefined && propagation !== 'None')
      errors.push(forbidden(own, 'may only be specified when mountPropagation is None or not specified'));
  }
}

function validateMounts(container: Container, volumes: Volumes, path: FieldPath, errors: FieldError[]): void {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  const points = new Set<string>();
  mounts.forEach((mount, i) => {
    const at = path.index(i);
    if (!mount.name) errors.push(required(at.child('name')));
    if (!volumes.has(mount.name)) errors.push(notFound(at.child('name'), mount.name));
    if (!mount.mountPath) errors.push(required(at.child('mountPath')));
    if (points.has(mount.mountPath)) errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    points.add(mount.mountPath);
    if (devices.some(({ name }) => name === mount.name))
      errors.push(invalid(at.child('name'), mount.name, 'must not already exist in volumeDevices'));
    if (devices.some(({ devicePath }) => devicePath === mount.mountPath))
      errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) validateLocalDescendingPath(mount.subPath, path.child('subPath'), errors);
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(at.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      validateLocalDescendingPath(mount.subPathExpr, path.child('subPathExpr'), errors);
    }
    validateMountModes(mount, container.securityContext?.privileged === true, path, errors);
  });
}

/** ValidateVolumeDevices. */
function validateDevices(container: Container, volumes: Volumes, path: FieldPath, errors: FieldError[]): void {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach(({ name, devicePath }, i) => {
    const atName = path.index(i).child('name');
    const atPath = path.index(i).child('devicePath');
    const volume = volumes.get(name);
    if (!name) errors.push(required(atName));
    if (names.has(name)) errors.push(invalid(atName, name, 'must be unique'));
    if (!volume) errors.push(notFound(atName, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(invalid(atName, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!devicePath) errors.push(required(atPath));
    if (paths.has(devicePath)) errors.push(invalid(atPath, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..')) errors.push(invalid(atPath, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) errors.push(invalid(atName, name, 'must not already exist in volumeMounts'));
    if (mounts.some(({ mountPath }) => mountPath === devicePath))
      errors.push(invalid(atPath, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  });
}

/** validateResizePolicy. */
function validateResizePolicies(
  { resizePolicy: policies = [] }: Container,
  isNeverRestarted: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  policies.forEach(({ resourceName, restartPolicy }, i) => {
    if (seen.has(resourceName)) errors.push(duplicate(path.index(i), resourceName));
    seen.add(resourceName);
    oneOf(resourceName, ['cpu', 'memory'], path, errors);
    oneOf(restartPolicy, ['NotRequired', 'RestartContainer'], path, errors);
    if (isNeverRestarted && restartPolicy !== 'NotRequired')
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
  });
}

function validateCommon(container: Container, spec: PodSpec, volumes: Volumes, path: FieldPath, errors: FieldError[]): void {
  if (!container.name) errors.push(required(path.child('name')));
  else complain(container.name, dns1123Label(container.name), path.child('name'), errors);
  if (!container.image) errors.push(required(path.child('image')));
  oneOf(container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], path.child('terminationMessagePolicy'), errors);
  validatePorts(container.ports ?? [], path.child('ports'), errors);
  validateEnv(container.env ?? [], path.child('env'), errors);
  validateEnvFrom(container.envFrom ?? [], path.child('envFrom'), errors);
  validateMounts(container, volumes, path.child('volumeMounts'), errors);
  validateDevices(container, volumes, path.child('volumeDevices'), errors);
  oneOf(container.imagePullPolicy, pullPolicies, path.child('imagePullPolicy'), errors);
  validateResources(container.resources, path.child('resources'), errors);
  validateClaims(container.resources?.claims ?? [], spec, path.child('resources', 'claims'), errors);
  validateResizePolicies(container, spec.restartPolicy === 'Never', path.child('resizePolicy'), errors);
  validateSecurityContext(container, spec.hostUsers === false, path.child('securityContext'), errors);
}

function validateHostPorts(containers: readonly Container[], path: FieldPath, errors: FieldError[]): void {
  const used = new Set<string>();
  containers.forEach((container, i) => {
    (container.ports ?? []).forEach(({ protocol, hostIP, hostPort }, j) => {
      if (!hostPort) return;
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (used.has(key)) errors.push(duplicate(path.index(i).child('ports').index(j).child('hostPort'), key));
      used.add(key);
    });
  });
}

function validateProbes(container: Container, graceSeconds: number, path: FieldPath, errors: FieldError[]): void {
  validateLifecycle(container.lifecycle, graceSeconds, path.child('lifecycle'), errors);
  validateProbe('liveness', container.livenessProbe, graceSeconds, path.child('livenessProbe'), errors);
  validateProbe('readiness', container.readinessProbe, graceSeconds, path.child('readinessProbe'), errors);
  validateProbe('startup', container.startupProbe, graceSeconds, path.child('startupProbe'), errors);
}

function validateInitContainer(container: Container, graceSeconds: number, path: FieldPath, errors: FieldError[]): void {
  const policy = container.restartPolicy;
  if (policy !== undefined && policy !== 'Always') errors.push(notSupported(path.child('restartPolicy'), policy, ['Always']));
  if (policy === 'Always') validateProbes(container, graceSeconds, path, errors);
  else {
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[name]) errors.push(forbidden(path.child(name), onlySidecars));
    }
  }
}

function validateEphemeralContainer(container: EphemeralContainer, path: FieldPath, errors: FieldError[]): void {
  for (const name of ['ports', 'lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe', 'resizePolicy', 'restartPolicy'] as const) {
    if (container[name] !== undefined) errors.push(forbidden(path.child(name), notEphemeral));
  }
  if (Object.keys(container.resources ?? {}).length > 0) errors.push(forbidden(path.child('resources'), notEphemeral));
  (container.volumeMounts ?? []).forEach((mount, i) => {
    if (mount.subPath) errors.push(forbidden(path.child('volumeMounts').index(i).child('subPath'), notEphemeral));
    if (mount.subPathExpr) errors.push(forbidden(path.child('volumeMounts').index(i).child('subPathExpr'), notEphemeral));
  });
}

/** All containers of a spec; names are unique across the three lists. */
export function validateContainers(spec: PodSpec, volumes: Volumes, path: FieldPath, errors: FieldError[]): void {
  const graceSeconds = spec.terminationGracePeriodSeconds ?? 0;
  const names = new Set<string>();
  const takeName = (name: string, at: FieldPath): void => {
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    else if (name) names.add(name);
  };
  if (!spec.containers?.length) errors.push(required(path.child('containers')));
  (spec.containers ?? []).forEach((container, i) => {
    const at = path.child('containers').index(i);
    validateCommon(container, spec, volumes, at, errors);
    takeName(container.name, at);
    validateProbes(container, graceSeconds, at, errors);
    if (container.restartPolicy !== undefined) errors.push(forbidden(at.child('restartPolicy'), 'may not be set for non-init containers'));
  });
  validateHostPorts(spec.containers ?? [], path.child('containers'), errors);
  (spec.initContainers ?? []).forEach((container, i) => {
    const at = path.child('initContainers').index(i);
    validateCommon(container, spec, volumes, at, errors);
    takeName(container.name, at);
    validateHostPorts([container], path.child('initContainers'), errors);
    validateInitContainer(container, graceSeconds, at, errors);
  });
  const others = new Set(names);
  (spec.ephemeralContainers ?? []).forEach((container, i) => {
    const at = path.child('ephemeralContainers').index(i);
    validateCommon(container, spec, volumes, at, errors);
    takeName(container.name, at);
    if (container.targetContainerName && !others.has(container.targetContainerName))
      errors.push(notFound(at.child('targetContainerName'), container.targetContainerName));
    validateEphemeralContainer(container, at, errors);
  });
}
