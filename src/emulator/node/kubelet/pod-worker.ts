/**
 * One Pod on this node. A sync compares the specification with what the runtime has and does the next steps; while one is
 * under way another request makes it run once more afterwards (upstream pkg/kubelet/pod_workers.go and
 * pkg/kubelet/kuberuntime/kuberuntime_manager.go, SyncPod and computePodActions).
 */
import type { Container as ContainerSpec, ContainerStatus, Pod, PodStatus, Probe } from '../../api/generated/types.ts';
import type { Call, Fiber, Timer } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';
import type { Container, Sandbox } from '../container-runtime/index.ts';
import { RuntimeError } from '../container-runtime/index.ts';
import { launch } from './container-launch.ts';
import { containerOf, fieldPathOf } from './container-path.ts';
import type { PodFailure } from './pod-status.ts';
import { stopContainers } from './pod-termination.ts';
import { SandboxConfigError } from './sandbox-config.ts';
import type { ProbeType } from './prober.ts';
import { Prober } from './prober.ts';
import { isResized, PodResize } from './resize.ts';
import { ContainerStartError } from './start-error.ts';
import type { StatusTarget } from './status-writer.ts';
import { PodVolumes, VolumeError } from './volumes/index.ts';
import type { WorkerHost } from './worker-host.ts';

/** How long a failed sync rests: 10 s and up to half as much again (pod_workers.go, backOffPeriod). */
const backOffPeriodMs = 10_000;
/** A deadline further off does not keep the cluster from being settled. */
const patientMs = 60_000;
const pastDeadline = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
const volumeRetry = { firstMs: 500, mostMs: 122_000 };

/** Of a Pod without probes. */
const none = new Map<string, Prober[]>();

export type Waiting = { readonly reason: string; readonly message?: string | undefined };

/** How often the kubelet compares what it knows of its Pods with what the API has (status_manager.go, syncPeriod). */
const reconcileMs = 10_000;

/** Whether somebody else has called the Pod unready, without a reason: the node controller, while the node was not Ready. */
function isDisputed({ status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && !ready.reason;
}

export class PodWorker implements StatusTarget {
  readonly host: WorkerHost;
  /** From a file; its mirror in the API has another UID. */
  readonly isStatic: boolean;
  pod: Pod;
  apiPod: Pod | undefined;
  status: PodStatus | undefined;
  state: 'running' | 'terminating' | 'terminated' = 'running';
  /** Newest last. */
  sandboxes: readonly Sandbox[];
  readonly volumes: PodVolumes;
  /** Why a container does not run, by its name. */
  waiting: Map<string, Waiting> | undefined;
  /** Woken when a container of it changed. */
  readonly changed = new WaitQueue();
  failure: PodFailure | undefined;
  startTime: string | undefined;
  graceMs = 0;
  /** Its requests are counted on the node. */
  isAdmitted = false;
  /** The version that was acted on: `pod` may be newer, since writing the status returns it. */
  #seen: Pod;
  #probers: Map<string, Prober[]> | undefined;
  #hasVolumes = false;
  #volumeDelayMs = volumeRetry.firstMs;
  #fiber: Fiber | undefined;
  #isSyncing = false;
  #again = false;
  #isSandboxNew = false;
  #retry: Timer | undefined;
  /** Once the Pod asked for other resources than it began with. */
  resize: PodResize | undefined;
  /** Of a Pod with `activeDeadlineSeconds`. */
  #deadline: Timer | undefined;

  constructor(host: WorkerHost, pod: Pod, sandboxes: readonly Sandbox[], isStatic: boolean) {
    this.host = host;
    this.pod = pod;
    this.#seen = pod;
    this.isStatic = isStatic;
    this.apiPod = isStatic ? undefined : pod;
    this.sandboxes = [...sandboxes];
    this.startTime = pod.status?.startTime;
    this.volumes = new PodVolumes(host.volumeParts, pod);
  }

  get sandbox(): Sandbox | undefined {
    return this.sandboxes.at(-1);
  }

  /** The newest container of a name, in whichever sandbox it ran. */
  newest(name: string): Container | undefined {
    for (let i = this.sandboxes.length - 1; i >= 0; i--) {
      const container = this.sandboxes[i]!.newest(name);
      if (container) return container;
    }
    return undefined;
  }

  get isAnyRunning(): boolean {
    return this.sandboxes.some(({ containers }) => containers.some(({ state }) => state === 'running'));
  }

  /** Brings the Pod closer to its specification, now or when the sync under way is through. */
  requestSync(): void {
    if (this.state !== 'running' || this.failure) return;
    this.#again = true;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const fiber = this.host.kernel.fiber(this.#syncAll());
    this.#fiber = fiber.isDone ? undefined : fiber;
  }

  /** Looks at the runtime: status and probes follow what is there; a sync follows if something should run that does not. */
  relist(): void {
    this.changed.wake();
    this.updateStatus();
    if (this.state === 'running' && !this.failure && this.#needsWork()) this.requestSync();
  }

  /** The object in the API changed. */
  update(pod: Pod): void {
    const before = this.#seen;
    this.#seen = pod;
    this.pod = pod;
    this.apiPod = pod;
    this.volumes.pod = pod;
    if (before.metadata.labels !== pod.metadata.labels || before.metadata.annotations !== pod.metadata.annotations)
      this.volumes.refresh(pod);
    if (before.spec !== pod.spec) {
      if (this.isAdmitted && (this.resize || isResized(pod, before)))
        (this.resize ??= new PodResize(this.host.kernel, this, before, () => this.host.allocation)).review();
      this.requestSync();
    }
    if (before.spec === pod.spec && pod.spec.readinessGates?.length) this.updateStatus();
    if (isDisputed(pod))
      this.host.kernel.loop.after(reconcileMs, (worker) => worker.state === 'running' && worker.updateStatus(), this, true);
  }

  stored(pod: Pod): void {
    this.apiPod = pod;
    if (!this.isStatic && pod.metadata.resourceVersion !== this.pod.metadata.resourceVersion) this.pod = this.volumes.pod = pod;
  }

  settled(): void {
    if (this.state === 'terminated') this.host.onTerminated(this);
  }

  /** Ends the Pod: containers are asked, then killed when the grace period is over. Asking again can only shorten it. */
  terminate(graceMs: number): void {
    if (this.state === 'terminated') {
      this.host.writer.request(this);
      return;
    }
    if (this.state === 'terminating' && graceMs >= this.graceMs) return;
    this.state = 'terminating';
    this.graceMs = graceMs;
    this.#stopWork();
    this.#fiber = this.host.kernel.fiber(this.#terminate(graceMs));
  }

  /** The kubelet does not admit the Pod. */
  reject(reason: string, message: string): void {
    this.failure = { reason, message, isDisruption: false, isRejection: true };
    this.#stopWork();
    this.updateStatus();
  }

  /** The kubelet itself gives the Pod up: the node needs its room, or its time is over. */
  fail(reason: string, message: string, graceMs = (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000, isDisruption = false): void {
    if (this.failure || this.state !== 'running') return;
    this.failure = { reason, message, isDisruption, isRejection: false };
    this.startTime ??= this.host.kernel.clock.timestamp();
    if (this.isAnyRunning) this.terminate(graceMs);
    else {
      this.#stopWork();
      this.updateStatus();
    }
  }

  /** The kubelet ends; containers go on. */
  abandon(): void {
    this.#stopWork();
    this.#fiber?.cancel();
  }

  updateStatus(): void {
    const { host, pod } = this;
    this.startTime ??= host.kernel.clock.timestamp();
    const initStatuses = (pod.spec.initContainers ?? []).map((spec) => this.#containerStatus(spec, true));
    const statuses = pod.spec.containers.map((spec) => this.#containerStatus(spec, false));
    if (statuses.length > 1) statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
    const ephemeralStatuses = pod.spec.ephemeralContainers?.map((spec) => this.#containerStatus(spec as ContainerSpec, false));
    const { sandbox } = this;
    this.status = host.podStatuses.make({
      pod,
      previous: this.apiPod?.status,
      initStatuses,
      statuses,
      ephemeralStatuses,
      hasSandbox: sandbox?.state === 'ready',
      podIPs: sandbox?.ips ?? this.apiPod?.status?.podIPs?.map(({ ip }) => ip!) ?? [],
      hostIP: host.hostIP,
      hostIP6: host.hostIP6,
      startTime: this.startTime,
      isTerminated: this.state === 'terminated',
      // A phase that is final is told once nothing runs any more (status_manager.go, mergePodStatus).
      failure: this.state === 'terminating' ? undefined : this.failure,
      resize: this.resize,
      now: host.kernel.clock.timestamp(),
    });
    host.writer.request(this);
  }

  /** Whether a container counts as started: it runs, and its startup probe has succeeded. */
  isStarted(name: string, container: Container | undefined): boolean {
    if (container?.state !== 'running') return false;
    const startup = this.#probers?.get(name)?.find(({ type }) => type === 'startup');
    return !startup || startup.verdict === 'success';
  }

  #containerStatus(spec: ContainerSpec, isInit: boolean): ContainerStatus {
    const newest = this.newest(spec.name);
    const isRunning = newest?.state === 'running';
    const probers = this.#probers?.get(spec.name);
    if (probers) for (const prober of probers) if (prober.type === 'startup') prober.observe(isRunning ? newest : undefined, true);
    const isStarted = this.isStarted(spec.name, newest);
    let isReady = isRunning && isStarted;
    for (const prober of probers ?? []) {
      if (prober.type === 'startup') continue;
      prober.observe(isRunning && this.state === 'running' ? newest : undefined, isStarted);
      if (prober.type === 'readiness' && prober.verdict !== 'success') isReady = false;
    }
    if (isInit && spec.restartPolicy !== 'Always') isReady = newest?.state === 'exited' && newest.exitCode === 0;
    const previous = newest && newest.config.attempt > 0 ? this.#find(spec.name, newest.config.attempt - 1) : undefined;
    return this.host.containerStatuses.make(
      this.resize?.inForce(spec) ?? spec,
      { newest, previous, waiting: isRunning ? undefined : this.waiting?.get(spec.name), isReady, isStarted },
      (this.pod.spec.initContainers?.length ?? 0) > 0 && !(isInit && spec === this.pod.spec.initContainers![0]),
    );
  }

  #find(name: string, attempt: number): Container | undefined {
    for (const { containers } of this.sandboxes)
      for (const container of containers) if (container.config.name === name && container.config.attempt === attempt) return container;
    return undefined;
  }

  #needsWork(): boolean {
    if (this.sandbox?.state !== 'ready') return true;
    const isDown = (spec: ContainerSpec): boolean => this.newest(spec.name)?.state !== 'running';
    return (
      this.pod.spec.containers.some(isDown) ||
      (this.pod.spec.initContainers ?? []).some((spec) => spec.restartPolicy === 'Always' && isDown(spec)) ||
      this.#hasFailedProbe()
    );
  }

  #hasFailedProbe(): boolean {
    for (const probers of this.#probers?.values() ?? [])
      if (probers.some(({ type, verdict }) => type !== 'readiness' && verdict === 'failure')) return true;
    return false;
  }

  *#syncAll(): Call<void> {
    while (this.#again && this.state === 'running') {
      this.#again = false;
      yield* this.#sync();
    }
    this.#isSyncing = false;
    this.#fiber = undefined;
  }

  *#sync(): Call<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.updateStatus();
    // Upstream's sync loop stands still while the runtime is down.
    if (!this.host.runtime.isServing) yield* this.host.runtime.untilServing();
    if (this.#isOver()) return this.#finish();
    if (this.pod.spec.activeDeadlineSeconds !== undefined && this.#isPastDeadline(this.pod.spec.activeDeadlineSeconds)) return;
    if (!(yield* this.#setUpVolumes())) return;
    this.#startProbers();
    if (!(yield* this.#ensureSandbox())) return;
    for (const spec of this.pod.spec.ephemeralContainers ?? [])
      if (!this.newest(spec.name) && !(yield* this.#start(spec as ContainerSpec))) this.#retryLater();
    if (!(yield* this.#syncInitContainers())) return;
    let isFailed = false;
    for (const spec of this.pod.spec.containers) if (!(yield* this.#ensureRunning(spec))) isFailed = true;
    // The new sandbox is an event too, which brings one more sync at once: it shows why the first one failed.
    if (isFailed && this.#isSandboxNew) this.#again = true;
    else if (isFailed) this.#retryLater();
    this.#isSandboxNew = false;
  }

  /** Nothing will run any more: the restart policy says so. */
  #isOver(): boolean {
    const phase = this.status?.phase;
    return phase === 'Succeeded' || phase === 'Failed';
  }

  /** Ends a Pod that has been active for too long, or sees to it that this is looked at again in time. */
  #isPastDeadline(seconds: number): boolean {
    const { kernel, recorder } = this.host;
    this.#deadline?.cancel();
    const left = kernel.clock.virtualMs(this.startTime!) + seconds * 1000 - kernel.loop.now;
    if (left > 0) {
      this.#deadline = kernel.loop.timer(left, () => this.requestSync(), left > patientMs);
      return false;
    }
    recorder.normal(this.pod, pastDeadline.reason, pastDeadline.message);
    this.fail(pastDeadline.reason, pastDeadline.message);
    return true;
  }

  /** A Pod that has run to its end keeps its object and gives back its network. */
  #finish(): void {
    this.#stopProbers();
    this.#deadline?.cancel();
    if (!this.#stopSandboxes()) return this.#retryLater();
    this.host.release(this);
    this.updateStatus();
  }

  *#setUpVolumes(): Call<boolean> {
    if (this.#hasVolumes) return true;
    const { kernel, recorder } = this.host;
    try {
      yield* this.volumes.setUp(this.pod);
      // The volume manager looks every 100 ms, and the worker waits for it in steps of 300 ms.
      if (this.pod.spec.volumes?.length && this.sandboxes.length === 0) yield* kernel.sleep(100 + kernel.random.below(200));
      this.#hasVolumes = true;
      return true;
    } catch (error) {
      if (!this.host.isTransient(error) && !(error instanceof VolumeError)) throw error;
      const event =
        error instanceof VolumeError
          ? error.event
          : new VolumeError(this.pod.spec.volumes?.[0]?.name ?? '', (error as Error).message).event;
      recorder.warning(this.pod, 'FailedMount', event);
      this.#retryIn(this.#volumeDelayMs);
      this.#volumeDelayMs = Math.min(this.#volumeDelayMs * 2, volumeRetry.mostMs);
      return false;
    }
  }

  *#ensureSandbox(): Call<boolean> {
    const { host, pod } = this;
    if (this.sandbox?.state === 'ready') return true;
    if (!pod.spec.hostNetwork && host.networkProblem !== undefined) {
      host.recorder.warning(pod, 'NetworkNotReady', `network is not ready: ${host.networkProblem}`);
      this.#retryIn(1000 + host.kernel.random.below(500));
      return false;
    }
    if (this.sandbox) host.recorder.normal(pod, 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    yield* host.kernel.sleep(pod.spec.hostNetwork ? 80 + host.kernel.random.below(80) : 200 + host.kernel.random.below(200));
    try {
      const runtimeHandler = pod.spec.runtimeClassName ? yield* host.runtimeHandler(pod.spec.runtimeClassName) : undefined;
      const config = host.sandboxConfig(this);
      const sandbox = yield* host.runtime.runSandbox(runtimeHandler === undefined ? config : { ...config, runtimeHandler });
      this.sandboxes = this.sandboxes.concat(sandbox);
      this.#isSandboxNew = true;
      return true;
    } catch (error) {
      if (!(error instanceof RuntimeError) && !host.isTransient(error)) throw error;
      const isAnswer = error instanceof RuntimeError && !(error instanceof SandboxConfigError);
      const why = isAnswer ? `rpc error: code = Unknown desc = ${error.message}` : (error as Error).message;
      host.recorder.warning(pod, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${why}`);
      this.#retryLater();
      return false;
    }
  }

  /** Runs init containers in their order; true when all have done what the others wait for. */
  *#syncInitContainers(): Call<boolean> {
    const { initContainers = [], containers } = this.pod.spec;
    const hasStarted = containers.some(({ name }) => this.sandbox!.newest(name));
    for (const spec of initContainers) {
      if (spec.restartPolicy === 'Always') {
        if (!(yield* this.#ensureRunning(spec))) this.#retryLater();
        if (!hasStarted && !this.isStarted(spec.name, this.newest(spec.name))) return false;
        continue;
      }
      if (hasStarted) continue;
      const newest = this.sandbox!.newest(spec.name);
      if (newest?.state === 'running') return false;
      if (newest?.state === 'exited' && newest.exitCode === 0) continue;
      if (newest?.state === 'exited' && this.pod.spec.restartPolicy === 'Never') return false;
      if (!(yield* this.#start(spec))) this.#retryLater();
      return false;
    }
    return true;
  }

  /** Sees to it that a container runs that should. False when it could not be started, and a later sync must try again. */
  *#ensureRunning(spec: ContainerSpec): Call<boolean> {
    const newest = this.newest(spec.name);
    if (newest?.state === 'running') {
      const why = this.#reasonToKill(spec, newest);
      if (why === undefined) return true;
      this.host.recorder.normal(this.pod, 'Killing', why.message, fieldPathOf(this.pod, spec));
      yield* stopContainers(this, [newest], (why.graceSeconds ?? this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    } else if (newest && !this.#shouldRestart(spec, newest)) return true;
    return yield* this.#start(spec);
  }

  #reasonToKill(
    spec: ContainerSpec,
    container: Container,
  ): { readonly message: string; readonly graceSeconds?: number | undefined } | undefined {
    if (container.config.imageName !== spec.image) return { message: `Container ${spec.name} definition changed, will be restarted` };
    if (this.resize?.takesRestart(spec.name)) return { message: `Container ${spec.name} resize requires restart` };
    for (const { type, verdict, probe } of this.#probers?.get(spec.name) ?? []) {
      if (type !== 'readiness' && verdict === 'failure')
        return {
          message: `Container ${spec.name} failed ${type} probe, will be restarted`,
          graceSeconds: probe.terminationGracePeriodSeconds,
        };
    }
    return undefined;
  }

  #shouldRestart(spec: ContainerSpec, container: Container): boolean {
    if (container.state !== 'exited') return container.sandbox.state !== 'ready';
    const policy = spec.restartPolicy === 'Always' ? 'Always' : (this.pod.spec.restartPolicy ?? 'Always');
    return policy === 'Always' || (policy === 'OnFailure' && container.exitCode !== 0);
  }

  *#start(spec: ContainerSpec): Call<boolean> {
    const { host, pod } = this;
    const { crashBackoff, recorder, kernel } = host;
    const last = this.newest(spec.name);
    const key = `${pod.metadata.uid}_${spec.name}`;
    const path = fieldPathOf(pod, spec);
    if (last?.state === 'exited') {
      if (crashBackoff.leftSinceEvent(key, last.finishedMs, kernel.loop.now) > 0) {
        const about = `restarting failed container=${spec.name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
        recorder.warning(
          pod,
          'BackOff',
          `Back-off restarting failed container ${spec.name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
          path,
        );
        return this.#notStarted(spec, {
          reason: 'CrashLoopBackOff',
          message: `back-off ${host.formatDelay(crashBackoff.delayMs(key))} ${about}`,
        });
      }
      crashBackoff.next(key, last.finishedMs, kernel.loop.now);
    }
    try {
      yield* launch(this, spec, last ? last.config.attempt + 1 : 0);
      this.waiting?.delete(spec.name);
      return true;
    } catch (error) {
      if (host.isTransient(error))
        return this.#notStarted(spec, { reason: 'CreateContainerConfigError', message: (error as Error).message });
      if (!(error instanceof ContainerStartError)) throw error;
      // A hook that failed has an Event of its own.
      if (error.reason !== 'PostStartHookError' && (error.reason !== 'ErrImageNeverPull' || !this.waiting?.has(spec.name)))
        recorder.warning(
          pod,
          'Failed',
          `Error: ${error.reason.startsWith('ErrImage') || error.reason === 'ImagePullBackOff' || error.reason === 'InvalidImageName' ? error.reason : error.message}`,
          path,
        );
      return this.#notStarted(spec, { reason: error.reason, message: error.message });
    }
  }

  #notStarted(spec: ContainerSpec, waiting: Waiting): false {
    // The status is made when a sync begins, so it shows this one later: Error first, CrashLoopBackOff 10 to 15 s after it.
    (this.waiting ??= new Map()).set(spec.name, waiting);
    return false;
  }

  #startProbers(): void {
    if (this.#probers) return;
    this.#probers = none;
    for (const spec of [
      ...(this.pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
      ...this.pod.spec.containers,
    ]) {
      const probes: readonly (readonly [ProbeType, Probe | undefined])[] = [
        ['startup', spec.startupProbe],
        ['liveness', spec.livenessProbe],
        ['readiness', spec.readinessProbe],
      ];
      const probers = probes.flatMap(([type, probe]) =>
        probe ? [new Prober(this.host.proberHost(this), () => this.pod, spec, type, probe)] : [],
      );
      if (probers.length === 0) continue;
      if (this.#probers === none) this.#probers = new Map();
      this.#probers.set(spec.name, probers);
    }
  }

  #stopProbers(): void {
    for (const probers of this.#probers?.values() ?? []) for (const prober of probers) prober.stop();
    this.#probers = undefined;
  }

  #retryLater(): void {
    this.#retryIn(backOffPeriodMs + this.host.kernel.random.below(backOffPeriodMs / 2));
  }

  /** Repeated failures are background work: the cluster counts as settled while a Pod crashes again and again. */
  #retryIn(ms: number): void {
    this.#retry?.cancel();
    this.#retry = this.host.kernel.loop.timer(ms, () => this.requestSync(), ms >= backOffPeriodMs);
  }

  #stopWork(): void {
    this.#deadline?.cancel();
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#stopProbers();
    this.#fiber?.cancel();
    this.#fiber = undefined;
    this.#isSyncing = false;
  }

  /** False when a network plugin did not take a sandbox down: then it is tried again. */
  #stopSandboxes(): boolean {
    const { runtime, recorder } = this.host;
    try {
      for (const sandbox of this.sandboxes) runtime.stopSandbox(sandbox);
      return true;
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      const why = JSON.stringify(`rpc error: code = Unknown desc = ${error.message}`);
      recorder.warning(
        this.pod,
        'FailedKillPod',
        `error killing pod: failed to "KillPodSandbox" for "${this.pod.metadata.uid}" with KillPodSandboxError: ${why}`,
      );
      return false;
    }
  }

  *#terminate(graceMs: number): Call<void> {
    this.updateStatus();
    if (!this.host.runtime.isServing) yield* this.host.runtime.untilServing();
    const running = this.sandboxes.flatMap(({ containers }) => containers.filter(({ state }) => state === 'running'));
    for (const container of running) {
      const spec = containerOf(this.pod, container.config.name);
      if (spec && !container.isStopping)
        this.host.recorder.normal(this.pod, 'Killing', `Stopping container ${spec.name}`, fieldPathOf(this.pod, spec));
    }
    yield* stopContainers(this, running, graceMs);
    while (!this.#stopSandboxes())
      yield* this.host.kernel.sleep(backOffPeriodMs + this.host.kernel.random.below(backOffPeriodMs / 2), true);
    if (this.failure) {
      this.state = 'running';
      this.updateStatus();
      return;
    }
    this.state = 'terminated';
    // A static Pod's successor does not wait for the API: the Pod that ended may be the API server.
    if (this.isStatic) return this.host.onTerminated(this);
    this.updateStatus();
  }
}
