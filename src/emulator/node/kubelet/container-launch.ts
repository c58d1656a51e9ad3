/** Starts one container: image, configuration, creation, start, postStart hook (upstream kuberuntime_container.go, startContainer). */
import type { Container as ContainerSpec, EphemeralContainer, LifecycleHandler } from '../../api/generated/types.ts';
import type { Call, MachinePrivileges } from '../../kernel/index.ts';
import { capabilityNames } from '../../kernel/index.ts';
import type { Container, ContainerConfig } from '../container-runtime/index.ts';
import { RuntimeError } from '../container-runtime/index.ts';
import { fieldPathOf } from './container-path.ts';
import { expandVariables, makeEnvironment } from './environment.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ProbeResult } from './probe-target.ts';
import { get, runCommand } from './probe-target.ts';
import { pullLogins } from './pull-secrets.ts';
import { limitsOf } from './resources.ts';
import { verifyProfiles } from './security-profiles.ts';
import { ContainerStartError } from './start-error.ts';
import { subPathsOf } from './volumes/sub-path.ts';

/** Throws a `ContainerStartError` whose reason the Pod's status shows. */
export function* launch(worker: PodWorker, spec: ContainerSpec, attempt: number): Call<void> {
  const { host, pod } = worker;
  const { kernel, recorder, runtime } = host;
  const path = fieldPathOf(pod, spec);
  const image = yield* host.puller.ensure(pod, spec, yield* pullLogins(worker, spec.image ?? ''));
  const sandbox = worker.sandbox!;
  if (spec.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot) verifyNonRoot(pod, spec, image);
  const environment = yield* makeEnvironment(host.environmentSources(pod.metadata.uid), pod, spec, {
    podIPs: sandbox.ips,
    hostIPs: host.hostIP6 === undefined ? [host.hostIP] : [host.hostIP, host.hostIP6],
  });
  yield* kernel.sleep(30 + kernel.random.below(60));
  verifyProfiles(pod, spec, runtime.machine.fs);
  const container = runtime.createContainer(sandbox, makeConfig(worker, spec, { attempt, image, environment }));
  prune(worker, spec, attempt);
  recorder.normal(pod, 'Created', `Created container: ${spec.name}`, path);
  yield* kernel.sleep(30 + kernel.random.below(60));
  try {
    runtime.startContainer(container);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new ContainerStartError('RunContainerError', error.message);
  }
  recorder.normal(pod, 'Started', `Started container ${spec.name}`, path);
  const { postStart } = spec.lifecycle ?? {};
  if (postStart) yield* runPostStart(worker, spec, container, postStart);
}

/** Upstream pkg/kubelet/kuberuntime/security_context.go, verifyRunAsNonRoot. */
function verifyNonRoot(pod: PodWorker['pod'], spec: ContainerSpec, image: ContainerConfig['image']): void {
  const uid = spec.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const ofImage = image.config.user ?? '';
  const problem =
    uid !== undefined
      ? uid === 0 && "container's runAsUser breaks non-root policy"
      : ofImage === '' || /^0+(:|$)/.test(ofImage)
        ? 'container has runAsNonRoot and image will run as root'
        : !/^\d+/.test(ofImage) && `container has runAsNonRoot and image has non-numeric user (${ofImage}), cannot verify user is non-root`;
  if (!problem) return;
  throw new ContainerStartError(
    'CreateContainerConfigError',
    `${problem} (pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${spec.name})`,
  );
}

/**
 * Whose processes the container sees beside its own (upstream pkg/kubelet/util/util.go, NamespacesForPod).
 * Differs from Kubernetes: with `hostPID` it sees the node's own processes, not those of other containers.
 */
function processesOf(worker: PodWorker, spec: ContainerSpec): ContainerConfig['processes'] {
  const { host, pod, sandbox } = worker;
  const target = (spec as EphemeralContainer).targetContainerName;
  if (pod.spec.hostPID) return () => host.runtime.machine;
  if (pod.spec.shareProcessNamespace) return () => host.runtime.sharedProcesses(sandbox!);
  return target ? () => worker.newest(target)?.machine : undefined;
}

function makeConfig(
  worker: PodWorker,
  spec: ContainerSpec,
  {
    attempt,
    image,
    environment,
  }: { readonly attempt: number; readonly image: ContainerConfig['image']; readonly environment: ReadonlyMap<string, string> },
): ContainerConfig {
  const expand = (text: string): string => expandVariables(text, (name) => environment.get(name));
  const subPaths = configured(() => subPathsOf(spec, environment));
  return {
    name: spec.name,
    attempt,
    imageName: spec.image ?? '',
    image,
    command: spec.command?.map(expand),
    args: spec.args?.map(expand),
    env: () => environment,
    workingDir: spec.workingDir,
    mounts: () => worker.volumes.mounts(spec, subPaths),
    mountPaths: spec.volumeMounts?.map(({ mountPath }) => mountPath) ?? [],
    user: userOf(worker.pod, spec, image),
    privileges: privilegesOf(worker.pod, spec),
    isReadOnlyRoot: spec.securityContext?.readOnlyRootFilesystem ?? false,
    processes: processesOf(worker, spec),
    limits: limitsOf(worker.resize?.inForce(spec) ?? spec, worker.pod.spec.resources),
    hasStdin: spec.stdin ?? false,
    isStdinOnce: spec.stdinOnce ?? false,
    hasTty: spec.tty ?? false,
    terminationMessagePath: spec.terminationMessagePath ?? '/dev/termination-log',
    fallsBackToLogs: spec.terminationMessagePolicy === 'FallbackToLogsOnError',
  };
}

/** What cannot be configured is told as the container's reason to wait. */
function configured<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new ContainerStartError('CreateContainerConfigError', (error as Error).message);
  }
}

/** One dead container a name is kept, for `logs --previous` and lastState (maxPerPodContainerCount 1). */
function prune(worker: PodWorker, spec: ContainerSpec, attempt: number): void {
  if (attempt < 2) return;
  for (const sandbox of worker.sandboxes) {
    for (const container of [...sandbox.containers]) {
      if (container.config.name === spec.name && container.config.attempt < attempt - 1) worker.host.runtime.removeContainer(container);
    }
  }
}

/** Runs a hook to its end. */
export function* runHook(
  worker: PodWorker,
  spec: ContainerSpec,
  container: Container,
  hook: LifecycleHandler,
  timeoutMs: number,
): Call<ProbeResult> {
  const context = worker.host.proberHost(worker);
  if (hook.exec) return yield* runCommand(context, container, hook.exec.command ?? [], timeoutMs);
  if (hook.httpGet) return yield* get(context, spec, container, hook.httpGet, timeoutMs);
  // Allowed by validation, and by nothing that runs it (pkg/kubelet/lifecycle/handlers.go).
  if (!hook.sleep) return { isSuccess: false, message: `Cannot run handler: invalid handler: ${goHandler(hook)}` };
  yield* context.kernel.sleep(Math.min(hook.sleep.seconds * 1000, timeoutMs));
  return { isSuccess: true };
}

/** A handler without a way to run it, as Go prints the structure. */
function goHandler({ tcpSocket }: LifecycleHandler): string {
  const port = typeof tcpSocket?.port === 'number' ? `{0 ${tcpSocket.port} }` : `{1 0 ${tcpSocket?.port}}`;
  const socket = tcpSocket ? `&TCPSocketAction{Port:${port},Host:${tcpSocket.host ?? ''},}` : 'nil';
  return `&LifecycleHandler{Exec:nil,HTTPGet:nil,TCPSocket:${socket},Sleep:nil,}`;
}

function* runPostStart(worker: PodWorker, spec: ContainerSpec, container: Container, hook: LifecycleHandler): Call<void> {
  const result = yield* runHook(worker, spec, container, hook, 3_600_000);
  if (result.isSuccess || container.state !== 'running') return;
  const { recorder, runtime } = worker.host;
  recorder.warning(worker.pod, 'FailedPostStartHook', 'PostStartHook failed', fieldPathOf(worker.pod, spec));
  recorder.normal(worker.pod, 'Killing', 'FailedPostStartHook', fieldPathOf(worker.pod, spec));
  runtime.stopContainer(container, (worker.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
  throw new ContainerStartError('PostStartHookError', hookMessage(worker.pod, spec, hook, result.message));
}

/** Upstream pkg/kubelet/lifecycle/handlers.go. Unverified: what stands for the error of a command. */
function hookMessage({ metadata }: PodWorker['pod'], spec: ContainerSpec, hook: LifecycleHandler, message: string): string {
  if (hook.tcpSocket) return message;
  const pod = JSON.stringify(`${metadata.name}_${metadata.namespace}(${metadata.uid})`);
  const what = `lifecycle hook (${hook.exec ? `[${(hook.exec.command ?? []).join(' ')}]` : (hook.httpGet?.path ?? '/')}) for Container ${JSON.stringify(spec.name)} in Pod ${pod} failed`;
  if (!hook.exec) return `HTTP ${what} - error: ${message}`;
  return `Exec ${what} - error: command '${(hook.exec.command ?? []).join(' ')}' exited with an error: ${message}, message: ${JSON.stringify(message)}`;
}

/** What containerd leaves to a container that asks for nothing (pkg/oci, defaultUnixCaps). */
const defaultCapabilities: ReadonlySet<string> = new Set(
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(' '),
);
/** containerd's own profile for AppArmor, which confines what names no other one. */
const profile = 'cri-containerd.apparmor.d (enforce)';
const defaultPrivileges: MachinePrivileges = { capabilities: defaultCapabilities, noNewPrivileges: false, profile };

/**
 * Differs from Kubernetes: of the capabilities only CHOWN, DAC_OVERRIDE and FOWNER are asked for, by files and those who change them;
 * the others are shown in /proc/PID/status, as is that a container may gain none and that its system calls are filtered, and keep nobody
 * from anything. A privileged container has them all, and no more devices than others.
 */
function privilegesOf(pod: PodWorker['pod'], { securityContext }: ContainerSpec): MachinePrivileges {
  const { capabilities, allowPrivilegeEscalation, privileged } = securityContext ?? {};
  const noNewPrivileges = allowPrivilegeEscalation === false;
  if (privileged) return { capabilities: new Set(capabilityNames), noNewPrivileges };
  const ofPod = pod.spec.securityContext;
  const isFiltered = ((securityContext?.seccompProfile ?? ofPod?.seccompProfile)?.type ?? 'Unconfined') !== 'Unconfined';
  const isConfined = (securityContext?.appArmorProfile ?? ofPod?.appArmorProfile)?.type !== 'Unconfined';
  const rest = { noNewPrivileges, isFiltered, profile: isConfined ? profile : undefined };
  if (!capabilities) return noNewPrivileges || isFiltered || !isConfined ? { ...defaultPrivileges, ...rest } : defaultPrivileges;
  const named = (list: readonly string[] = []): readonly string[] => list.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const [add, drop] = [named(capabilities.add), named(capabilities.drop)];
  // ALL comes first either way, then what is added, then what is dropped (containerd, specCapabilitiesOpts).
  const left = new Set(drop.includes('ALL') ? [] : add.includes('ALL') ? capabilityNames : defaultCapabilities);
  for (const name of add) if (name !== 'ALL') left.add(name);
  for (const name of drop) left.delete(name);
  return { capabilities: left, ...rest };
}

/** Whom the container's processes run as; root where nothing says otherwise. */
function userOf(pod: PodWorker['pod'], spec: ContainerSpec, image: ContainerConfig['image']): ContainerConfig['user'] {
  const ofPod = pod.spec.securityContext;
  const uid = spec.securityContext?.runAsUser ?? ofPod?.runAsUser ?? (Number.parseInt(image.config.user ?? '', 10) || 0);
  const gid = spec.securityContext?.runAsGroup ?? ofPod?.runAsGroup ?? 0;
  const groups = [...(ofPod?.fsGroup === undefined ? [] : [ofPod.fsGroup]), ...(ofPod?.supplementalGroups ?? [])];
  return uid === 0 && gid === 0 && groups.length === 0 ? undefined : { uid, gid, groups };
}
