/** Validation of containers: validateContainers and its kin of pkg/apis/core/validation/validation.go. */
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, portName, portNumber, userId } from '../../../machinery/names.ts';
import { complain, oneOf } from '../../metadata/rules.ts';
import type { Container, ContainerPort, EphemeralContainer, PodSpec, SecurityContext, VolumeMount } from '../../generated/types.ts';
import { validateEnv, validateEnvFrom } from './env-validation.ts';
import { validateLifecycle, validateProbe } from './probe-validation.ts';
import { validateProfiles } from './profile-validation.ts';
import { validateResources } from './resource-validation.ts';
import { validateLocalDescendingPath } from './volume-validation.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const onlySidecars = 'may not be set for init containers without restartPolicy=Always';
const notEphemeral = 'cannot be set for an Ephemeral Container';

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

function validateMounts(mounts: readonly VolumeMount[], volumes: ReadonlySet<string>, path: FieldPath, errors: FieldError[]): void {
  const points = new Set<string>();
  mounts.forEach((mount, i) => {
    const at = path.index(i);
    if (!mount.name) errors.push(required(at.child('name')));
    if (!volumes.has(mount.name)) errors.push(notFound(at.child('name'), mount.name));
    if (!mount.mountPath) errors.push(required(at.child('mountPath')));
    if (points.has(mount.mountPath)) errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    points.add(mount.mountPath);
    if (mount.subPath) validateLocalDescendingPath(mount.subPath, path.child('subPath'), errors);
    if (!mount.subPathExpr) return;
    if (mount.subPath) errors.push(invalid(at.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    validateLocalDescendingPath(mount.subPathExpr, path.child('subPathExpr'), errors);
  });
}

function validateSecurityContext(context: SecurityContext | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!context) return;
  if (context.runAsUser !== undefined) complain(context.runAsUser, userId(context.runAsUser), path.child('runAsUser'), errors);
  if (context.runAsGroup !== undefined) complain(context.runAsGroup, userId(context.runAsGroup), path.child('runAsGroup'), errors);
  validateProfiles(context, path, errors);
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged) errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
}

function validateCommon(container: Container, volumes: ReadonlySet<string>, path: FieldPath, errors: FieldError[]): void {
  if (!container.name) errors.push(required(path.child('name')));
  else complain(container.name, dns1123Label(container.name), path.child('name'), errors);
  if (!container.image) errors.push(required(path.child('image')));
  oneOf(container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], path.child('terminationMessagePolicy'), errors);
  validatePorts(container.ports ?? [], path.child('ports'), errors);
  validateEnv(container.env ?? [], path.child('env'), errors);
  validateEnvFrom(container.envFrom ?? [], path.child('envFrom'), errors);
  validateMounts(container.volumeMounts ?? [], volumes, path.child('volumeMounts'), errors);
  oneOf(container.imagePullPolicy, pullPolicies, path.child('imagePullPolicy'), errors);
  validateResources(container.resources, path.child('resources'), errors);
  validateSecurityContext(container.securityContext, path.child('securityContext'), errors);
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
export function validateContainers(spec: PodSpec, volumes: ReadonlySet<string>, path: FieldPath, errors: FieldError[]): void {
  const graceSeconds = spec.terminationGracePeriodSeconds ?? 0;
  const names = new Set<string>();
  const takeName = (name: string, at: FieldPath): void => {
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    else if (name) names.add(name);
  };
  if (!spec.containers?.length) errors.push(required(path.child('containers')));
  (spec.containers ?? []).forEach((container, i) => {
    const at = path.child('containers').index(i);
    validateCommon(container, volumes, at, errors);
    takeName(container.name, at);
    validateProbes(container, graceSeconds, at, errors);
    if (container.restartPolicy !== undefined) errors.push(forbidden(at.child('restartPolicy'), 'may not be set for non-init containers'));
  });
  validateHostPorts(spec.containers ?? [], path.child('containers'), errors);
  (spec.initContainers ?? []).forEach((container, i) => {
    const at = path.child('initContainers').index(i);
    validateCommon(container, volumes, at, errors);
    takeName(container.name, at);
    validateHostPorts([container], path.child('initContainers'), errors);
    validateInitContainer(container, graceSeconds, at, errors);
  });
  const others = new Set(names);
  (spec.ephemeralContainers ?? []).forEach((container, i) => {
    const at = path.child('ephemeralContainers').index(i);
    validateCommon(container, volumes, at, errors);
    takeName(container.name, at);
    if (container.targetContainerName && !others.has(container.targetContainerName))
      errors.push(notFound(at.child('targetContainerName'), container.targetContainerName));
    validateEphemeralContainer(container, at, errors);
  });
}
