/** A running kubelet: its Pods, its relist, and what it offers to the machine's own tools. */
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import { services } from '../../api/core/service.ts';
import { runtimeClasses } from '../../api/node/runtime-class.ts';
import type { Node, Pod, Service } from '../../api/generated/types.ts';
import type { Change, EventSubject, SessionClient } from '../../client/index.ts';
import { EventRecorder, Informer } from '../../client/index.ts';
import type { Call, Kernel, Machine } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import { isConflict, isNotFound, notFound, StatusError } from '../../machinery/status-error.ts';
import type { ContainerRuntime, Sandbox, SandboxConfig, Usage } from '../container-runtime/index.ts';
import { runtimeService } from '../container-runtime/index.ts';
import { AdmittedPods, admit } from './admission.ts';
import { Backoff } from './backoff.ts';
import type { KubeletConfiguration } from './configuration.ts';
import { ContainerStatuses } from './container-status.ts';
import type { EnvironmentSources } from './environment.ts';
import { diskUsage } from './disk-usage.ts';
import { Eviction } from './eviction.ts';
import { Heartbeat } from './heartbeat.ts';
import { ImageGC } from './image-gc.ts';
import { ImagePuller } from './image-puller.ts';
import { MirrorPods, mirrorAnnotation } from './mirror-pods.ts';
import type { Hardware, NodeFacts } from './node-status.ts';
import { allocatableOf, hardwareService, newNode, nodeStatus, nodeSubject } from './node-status.ts';
import { ObjectCache } from './object-cache.ts';
import { PodStatuses } from './pod-status.ts';
import { PodWorker } from './pod-worker.ts';
import type { ProberHost } from './prober.ts';
import type { Allocation } from './resize.ts';
import { RuntimeWatch } from './runtime-watch.ts';
import { placementOf } from './qos.ts';
import { sandboxConfigOf } from './sandbox-config.ts';
import { openServer } from './open-server.ts';
import { ServiceVariables } from './service-variables.ts';
import type { StatsHost } from './stats.ts';
import { nodeUsage } from './stats.ts';
import { endPods, shutdownRefusal } from './shutdown.ts';
import { StaticPods } from './static-pods.ts';
import { StatusWriter } from './status-writer.ts';
import { TokenSource } from './token-source.ts';
import type { VolumeParts } from './volumes/index.ts';
import type { WorkerHost } from './worker-host.ts';

/** The name under which a machine offers its running `Kubelet`. */
export const kubeletService = 'kubelet';

/** The generic PLEG looks at the runtime once a second. */
const relistMs = 1000;

export interface KubeletOptions {
  readonly kernel: Kernel;
  readonly machine: Machine;
  /** Absent: the kubelet runs alone, with static Pods only. */
  readonly client: SessionClient;
  readonly nodeName: string;
  readonly nodeIP: string;
  /** The node's address of IPv6, of a dual-stack cluster. */
  readonly nodeIP6?: string | undefined;
  readonly configuration: KubeletConfiguration;
  /** Of Kubernetes. */
  readonly release: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[];
  /** A line of the journal, in klog's form. */
  readonly log: (text: string) => void;
}

export class Kubelet implements WorkerHost {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly writer: StatusWriter;
  readonly puller: ImagePuller;
  readonly crashBackoff = new Backoff(10_000, 300_000);
  readonly containerStatuses: ContainerStatuses;
  readonly podStatuses = new PodStatuses();
  readonly volumeParts: VolumeParts;
  readonly hostIP: string;
  readonly hostIP6: string | undefined;
  /** By the UID of the Pod; a static Pod's own, not its mirror's. */
  readonly workers = new Map<string, PodWorker>();
  readonly #options: KubeletOptions;
  readonly #hardware: Hardware;
  readonly #objects: ObjectCache;
  readonly #tokens: TokenSource;
  readonly #variables: ServiceVariables;
  readonly #admitted = new AdmittedPods();
  readonly #heartbeat: Heartbeat;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #services: Informer<Service>;
  readonly #static: StaticPods | undefined;
  readonly #dirty = new Set<PodWorker>();
  readonly #relistPhase: number;
  readonly #found = new Map<string, Sandbox[]>();
  readonly #stats: StatsHost;
  readonly #eviction: Eviction;
  readonly #imageGC: ImageGC;
  readonly #nodeRef: EventSubject;
  #isRelistDue = false;
  #isStopped = false;
  #isShuttingDown = false;
  readonly #runtimeWatch: RuntimeWatch;
  readonly #mirrors: MirrorPods;

  constructor(options: KubeletOptions) {
    const { kernel, machine, client, nodeName, configuration } = options;
    this.#options = options;
    this.kernel = kernel;
    this.hostIP = options.nodeIP;
    this.hostIP6 = options.nodeIP6;
    this.#nodeRef = nodeSubject(nodeName);
    this.runtime = machine.services.get(runtimeService) as ContainerRuntime;
    this.#hardware = machine.services.get(hardwareService) as Hardware;
    this.recorder = new EventRecorder(kernel, client, { component: 'kubelet', host: nodeName });
    this.writer = new StatusWriter(kernel, client);
    this.puller = new ImagePuller({ kernel, runtime: this.runtime, recorder: this.recorder, backoff: new Backoff(10_000, 300_000) });
    this.containerStatuses = new ContainerStatuses(kernel);
    this.#relistPhase = kernel.random.below(10) * 100;
    this.#objects = new ObjectCache(client, (users) => this.#objectsChanged(users));
    this.#tokens = new TokenSource(kernel, client);
    const { cpuMilli, memoryBytes } = allocatableOf(this.#hardware, configuration.reserved);
    this.volumeParts = {
      kernel,
      machine,
      client,
      nodeName,
      objects: this.#objects,
      token: (pod, projection) => this.#tokens.read(pod, projection),
      credential: (pod, projection) => this.#tokens.credential(pod, projection),
      node: { name: nodeName, cpuMilli, memoryBytes },
    };
    this.#pods = new Informer(kernel, client, pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    this.#nodes = new Informer(kernel, client, nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#services = new Informer(kernel, client, services);
    this.#mirrors = new MirrorPods({ kernel, client, nodeName, pods: this.#pods, log: options.log });
    this.#variables = new ServiceVariables(this.#services);
    this.#heartbeat = new Heartbeat({
      kernel,
      client,
      name: nodeName,
      newNode: () => newNode(this.#facts(), options.nodeLabels, options.taints),
      status: (previous) => {
        this.#noteReboot(previous?.nodeInfo?.bootID);
        return nodeStatus(this.#facts(), previous);
      },
      fingerprint: () =>
        `${this.#runtimeWatch.state}/${this.#isShuttingDown}/${this.runtime.images.revision}/${[...this.#eviction.conditions].join()}`,
      log: options.log,
      onRegistered: () => this.#registered(),
    });
    this.#stats = {
      kernel,
      runtime: this.runtime,
      machine,
      hardware: this.#hardware,
      nodeName,
      startedMs: kernel.loop.now,
      workers: () => this.workers.values(),
    };
    this.#eviction = new Eviction({
      kernel,
      recorder: this.recorder,
      stats: this.#stats,
      nodeRef: this.#nodeRef,
      settings: configuration.eviction,
      reclaimDisk: () => void this.#imageGC.removeUnused(),
      onConditions: () => this.#heartbeat.report(),
    });
    this.#imageGC = new ImageGC({
      kernel,
      runtime: this.runtime,
      recorder: this.recorder,
      nodeRef: this.#nodeRef,
      settings: configuration.imageGC,
      disk: () => diskUsage(this.#stats),
      log: options.log,
    });
    this.#runtimeWatch = new RuntimeWatch({
      kernel,
      machine,
      runtime: this.runtime,
      log: options.log,
      onTurn: () => this.#readyTurned(),
      onBack: () => {
        for (const worker of this.workers.values()) this.relistSoon(worker);
      },
    });
    const path = configuration.staticPodPath;
    this.#static = path
      ? new StaticPods({ kernel, fs: machine.fs, path, nodeName, log: options.log, onChange: (list) => this.#staticPodsChanged(list) })
      : undefined;
  }

  start(): void {
    const { machine, configuration, log } = this.#options;
    for (const sandbox of this.runtime.sandboxes.values()) {
      const known = this.#found.get(sandbox.config.uid);
      if (known) known.push(sandbox);
      else this.#found.set(sandbox.config.uid, [sandbox]);
    }
    this.#runtimeWatch.start();
    this.runtime.onChange = (sandbox) => this.#runtimeChanged(sandbox);
    this.runtime.onMemory = () => this.#eviction.soon();
    this.runtime.placementOf = ({ config, sandbox }) =>
      placementOf(this.workers.get(sandbox.config.uid)?.pod, config.name, this.volumeParts.node);
    this.runtime.onSystemOOM = (victim, pid) =>
      this.recorder.warning(this.#nodeRef, 'SystemOOM', `System OOM encountered, victim process: ${victim}, pid: ${pid}`);
    machine.fs.onAllocated = () => this.#eviction.soon();
    if (configuration.eviction.isCustom || machine.fs.allocatedBytes > 0) this.#eviction.soon();
    this.#imageGC.start();
    this.#static?.start();
    this.#closeServer = openServer({
      ...this.#options,
      runtime: this.runtime,
      worker: (namespace, name) => this.workerOf(namespace, name),
      pods: () => [...this.workers.values()].map(({ pod }) => pod),
      stats: this.#stats,
      ip: this.hostIP,
    });
    log('"Starting kubelet main sync loop"');
    this.#nodes.onChange(({ type, object }) => type !== 'DELETED' && this.#runtimeWatch.setBlocks(object.spec?.podCIDRs ?? []));
    this.#heartbeat.start();
    this.#services.start();
    // Environment variables of Services must be complete before the first Pod of the API starts.
    this.#services.onSync(() => {
      this.#pods.onChange(this.#podChanged);
      this.#pods.onSync(() => this.#removeOrphans());
      this.#pods.start();
    });
  }

  /** Lets go of everything at once, as the end of the process does. Containers go on. */
  stop(): void {
    this.#isStopped = true;
    this.#mirrors.stop();
    this.runtime.onChange = undefined;
    this.runtime.onMemory = undefined;
    this.runtime.onSystemOOM = undefined;
    this.#options.machine.fs.onAllocated = undefined;
    this.#eviction.stop();
    this.#imageGC.stop();
    this.writer.isStopped = true;
    this.#closeServer();
    this.#heartbeat.stop();
    this.#runtimeWatch.stop();
    this.#static?.stop();
    for (const informer of [this.#pods, this.#nodes, this.#services]) informer.stop();
    for (const worker of this.workers.values()) worker.abandon();
    this.#objects.stop();
    this.recorder.stop();
    this.#options.client.close();
  }

  /** The machine is about to be turned off: comes back when it may be. */
  *prepareForShutdown(): Call<void> {
    const { configuration, log } = this.#options;
    if (configuration.shutdown.length === 0) return;
    this.#isShuttingDown = true;
    this.#heartbeat.report();
    const { kernel, recorder } = this;
    yield* endPods({ kernel, recorder, nodeRef: this.#nodeRef, groups: configuration.shutdown, workers: () => this.workers.values(), log });
  }

  /** The worker of a Pod by its name in the API. */
  workerOf(namespace: string, name: string): PodWorker | undefined {
    for (const worker of this.workers.values())
      if (worker.pod.metadata.name === name && (worker.pod.metadata.namespace ?? '') === namespace) return worker;
    return undefined;
  }

  get allocation(): Allocation {
    const { configuration } = this.#options;
    const capacity = { ...allocatableOf(this.#hardware, configuration.reserved), pods: configuration.maxPods };
    return { capacity, admitted: this.#admitted };
  }

  /** What the whole node uses now. */
  get usage(): Usage {
    return nodeUsage(this.#stats);
  }

  get networkProblem(): string | undefined {
    return this.#runtimeWatch.networkProblem;
  }

  environmentSources(user: string): EnvironmentSources {
    return {
      configMap: (namespace, name) => this.#objects.configMap(user, namespace, name),
      secret: (namespace, name) => this.#objects.secret(user, namespace, name),
      serviceVariables: (namespace, links) => this.#variables.of(namespace, links),
      node: this.volumeParts.node,
    };
  }

  *runtimeHandler(name: string): Call<string> {
    try {
      return (yield* this.#options.client.get(runtimeClasses, { name })).handler;
    } catch (error) {
      // As the lister says it, in the singular.
      throw isNotFound(error) ? notFound({ group: 'node.k8s.io', resource: 'runtimeclass' }, name) : error;
    }
  }

  sandboxConfig(worker: PodWorker): SandboxConfig {
    return sandboxConfigOf(worker, this.#options);
  }

  proberHost(worker: PodWorker): ProberHost {
    return {
      kernel: this.kernel,
      net: this.#options.machine.net,
      runtime: this.runtime,
      recorder: this.recorder,
      onVerdict: () => this.kernel.loop.after(0, this.#relistOne, worker),
    };
  }

  isTransient(error: unknown): boolean {
    return error instanceof StatusError || isErrno(error);
  }

  formatDelay(ms: number): string {
    return formatDuration(ms);
  }

  onTerminated(worker: PodWorker): void {
    if (worker.isStatic) {
      this.#forget(worker);
      return;
    }
    if (!worker.apiPod?.metadata.deletionTimestamp) return;
    this.kernel.fiber(this.#deleteFromApi(worker));
  }

  #closeServer: () => void = () => {};

  #registered(): void {
    const { nodeName } = this.#options;
    this.recorder.normal(this.#nodeRef, 'Starting', 'Starting kubelet.');
    for (const status of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'])
      this.recorder.normal(this.#nodeRef, status, `Node ${nodeName} status is now: ${status}`);
    this.recorder.normal(this.#nodeRef, 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    this.#nodes.start();
  }

  #facts(): NodeFacts {
    const { nodeName, configuration } = this.#options;
    return {
      name: nodeName,
      ip: this.hostIP,
      ip6: this.hostIP6,
      release: this.#options.release,
      hardware: this.#hardware,
      maxPods: configuration.maxPods,
      reserved: configuration.reserved,
      pressure: this.#eviction.conditions,
      runtime: this.runtime,
      problem: this.#runtimeWatch.problem ?? (this.#isShuttingDown ? 'node is shutting down' : undefined),
      now: this.kernel.clock.timestamp(),
    };
  }

  /** pkg/kubelet/nodestatus/setters.go, MachineInfo. */
  #noteReboot(before: string | undefined): void {
    const { bootID } = this.#hardware;
    if (!before || before === bootID) return;
    this.recorder.warning(this.#nodeRef, 'Rebooted', `Node ${this.#options.nodeName} has been rebooted, boot id: ${bootID}`);
  }

  #readyTurned(): void {
    const { nodeName } = this.#options;
    const status = this.#runtimeWatch.problem === undefined ? 'NodeReady' : 'NodeNotReady';
    this.recorder.normal(this.#nodeRef, status, `Node ${nodeName} status is now: ${status}`);
    this.#heartbeat.report();
  }

  readonly #podChanged = ({ type, object: pod }: Change<Pod>): void => {
    if (this.#isStopped) return;
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      this.#mirrorChanged(type, pod);
      return;
    }
    const worker = this.workers.get(pod.metadata.uid);
    if (type === 'DELETED') {
      if (worker) this.#removed(worker);
      return;
    }
    if (!worker) {
      this.#add(pod);
      return;
    }
    worker.update(pod);
    const { deletionTimestamp, deletionGracePeriodSeconds = 30 } = pod.metadata;
    if (deletionTimestamp !== undefined) worker.terminate(deletionGracePeriodSeconds * 1000);
  };

  #add(pod: Pod): void {
    const sandboxes = this.#found.get(pod.metadata.uid) ?? [];
    this.#found.delete(pod.metadata.uid);
    const worker = new PodWorker(this, pod, sandboxes, false);
    this.workers.set(pod.metadata.uid, worker);
    const { deletionTimestamp, deletionGracePeriodSeconds = 30 } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      worker.terminate(deletionGracePeriodSeconds * 1000);
      return;
    }
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    if (sandboxes.length === 0) {
      const node = this.#nodes.get(this.#options.nodeName);
      const evicted = this.#eviction.refusal(pod);
      const refusal =
        (this.#isShuttingDown ? shutdownRefusal : undefined) ?? evicted ?? admit(pod, this.#admitted, this.allocation.capacity, node);
      if (refusal) {
        this.recorder.warning(pod, refusal.reason, refusal.message.replace(/^Pod was rejected: /, ''));
        worker.reject(refusal.reason, refusal.message);
        return;
      }
    }
    this.#admitted.add(pod, 1);
    worker.isAdmitted = true;
    this.#eviction.added(pod);
    worker.requestSync();
  }

  /** The object is gone from the API, with or without this kubelet's consent. */
  #removed(worker: PodWorker): void {
    if (worker.state === 'terminated' || !worker.isAnyRunning) {
      this.#forget(worker);
      return;
    }
    worker.apiPod = undefined;
    worker.terminate(worker.state === 'terminating' ? worker.graceMs : 1000);
    this.kernel.fiber(this.#forgetWhenOver(worker));
  }

  *#forgetWhenOver(worker: PodWorker): Call<void> {
    while (worker.isAnyRunning) yield* this.kernel.block(worker.changed, 'stop');
    this.#forget(worker);
  }

  /** What a Pod asked for is free once it has ended, though its object stays (pkg/kubelet/kubelet_pods.go, filterOutInactivePods). */
  release(worker: PodWorker): void {
    if (!worker.isAdmitted) return;
    worker.isAdmitted = false;
    this.#admitted.add(worker.resize?.allocated ?? worker.pod, -1);
    // What became free may be what another Pod waits for.
    for (const other of this.workers.values()) if (other.resize?.isDeferred) other.resize.review();
  }

  #forget(worker: PodWorker): void {
    const { uid } = worker.pod.metadata;
    if (this.workers.get(uid) !== worker) return;
    this.workers.delete(uid);
    this.#dirty.delete(worker);
    worker.abandon();
    this.release(worker);
    for (const sandbox of worker.sandboxes) this.runtime.removeSandbox(sandbox);
    if (!this.crashBackoff.isEmpty) this.crashBackoff.forget(uid);
    this.puller.forget(uid);
    this.#tokens.forget(uid);
    this.#objects.release(uid);
    if (worker.isStatic) this.#startStatic();
  }

  /** Sandboxes of Pods that were deleted while no kubelet ran. */
  #removeOrphans(): void {
    for (const sandboxes of this.#found.values()) for (const sandbox of sandboxes) this.runtime.removeSandbox(sandbox);
    this.#found.clear();
  }

  *#deleteFromApi(worker: PodWorker): Call<void> {
    const { name, namespace, uid } = worker.apiPod!.metadata;
    for (;;) {
      try {
        yield* this.#options.client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
        return;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        if (!this.isTransient(error)) throw error;
        yield* this.kernel.sleep(10_000, true);
        if (this.#isStopped) return;
      }
    }
  }

  #staticPodsChanged(list: readonly Pod[]): void {
    const wanted = new Map(list.map((pod) => [pod.metadata.uid, pod]));
    for (const worker of this.workers.values()) {
      if (!worker.isStatic || wanted.has(worker.pod.metadata.uid)) continue;
      worker.terminate((worker.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
      if (worker.apiPod) this.kernel.fiber(this.#mirrors.remove(worker.apiPod));
    }
    this.#waitingStatic = [...wanted.values()].filter(({ metadata }) => !this.workers.has(metadata.uid));
    this.#startStatic();
    if (!this.#isWaitingForMirrors) {
      this.#isWaitingForMirrors = true;
      this.#pods.onSync(() => {
        for (const worker of this.workers.values()) if (worker.isStatic && !worker.apiPod) this.kernel.fiber(this.#mirrors.create(worker));
      });
    }
  }

  #isWaitingForMirrors = false;
  #waitingStatic: Pod[] = [];

  /** Starts the static Pods that wait. One whose predecessor of the same name is still ending waits on (pod_workers.go, allowStaticPodStart). */
  #startStatic(): void {
    for (const pod of this.#waitingStatic.splice(0)) {
      const { uid, name, namespace } = pod.metadata;
      if (this.#staticWorkerOf(namespace, name)) {
        this.#waitingStatic.push(pod);
        continue;
      }
      const worker = new PodWorker(this, pod, this.#found.get(uid) ?? [], true);
      this.#found.delete(uid);
      this.workers.set(uid, worker);
      this.#admitted.add(pod, 1);
      worker.isAdmitted = true;
      worker.requestSync();
      const mirror = this.#pods.get(name, namespace);
      if (mirror) this.#mirrorChanged('MODIFIED', mirror);
      else if (this.#pods.hasSynced) this.kernel.fiber(this.#mirrors.create(worker));
    }
  }

  #staticWorkerOf(namespace: string | undefined, name: string): PodWorker | undefined {
    for (const worker of this.workers.values())
      if (worker.isStatic && worker.pod.metadata.name === name && worker.pod.metadata.namespace === namespace) return worker;
    return undefined;
  }

  #mirrorChanged(type: Change<Pod>['type'], mirror: Pod): void {
    const worker = this.#staticWorkerOf(mirror.metadata.namespace, mirror.metadata.name);
    const isRunning = worker?.state === 'running';
    if (type === 'DELETED') {
      if (worker?.apiPod?.metadata.uid === mirror.metadata.uid) worker.apiPod = undefined;
      if (isRunning && !worker.apiPod) this.kernel.fiber(this.#mirrors.create(worker));
      return;
    }
    if (!isRunning || mirror.metadata.annotations![mirrorAnnotation] !== worker.pod.metadata.uid) {
      this.kernel.fiber(this.#mirrors.remove(mirror));
    } else if (mirror.metadata.deletionTimestamp) this.kernel.fiber(this.#mirrors.remove(mirror));
    else {
      worker.apiPod = mirror;
      this.writer.request(worker);
    }
  }

  #objectsChanged(users: ReadonlySet<string>): void {
    // The next periodic sync of a Pod comes within 60 to 90 s (syncFrequency with its jitter); it writes the volumes again.
    for (const uid of users) {
      const worker = this.workers.get(uid);
      if (worker) this.kernel.loop.after(5000 + this.kernel.random.below(60_000), this.#refresh, worker, true);
    }
  }

  readonly #refresh = (worker: PodWorker): void => {
    if (!this.#isStopped && worker.state === 'running') worker.volumes.refresh(worker.pod);
  };

  #runtimeChanged(sandbox: Sandbox): void {
    const worker = this.workers.get(sandbox.config.uid);
    if (!worker || !this.runtime.isServing) return;
    worker.changed.wake();
    this.relistSoon(worker);
  }

  /** Has a worker looked at when the runtime is listed the next time. */
  relistSoon(worker: PodWorker): void {
    this.#dirty.add(worker);
    if (this.#isRelistDue) return;
    this.#isRelistDue = true;
    const { now } = this.kernel.loop;
    this.kernel.loop.after(relistMs - ((now + relistMs - this.#relistPhase) % relistMs), this.#relist, undefined);
  }

  readonly #relist = (): void => {
    this.#isRelistDue = false;
    if (this.#isStopped) return;
    const workers = [...this.#dirty];
    this.#dirty.clear();
    for (const worker of workers) worker.relist();
  };

  readonly #relistOne = (worker: PodWorker): void => {
    if (!this.#isStopped) worker.relist();
  };
}
