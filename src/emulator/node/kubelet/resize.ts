/**
 * Resizes the containers of a running Pod in place (upstream pkg/kubelet/allocation and kuberuntime_manager.go,
 * computePodResizeAction).
 *
 * - What a Pod asks for now counts once the node has room for it. Until then what it was given before stays in force, and
 *   the condition PodResizePending says why: never (Infeasible), or not yet (Deferred).
 * - A container whose `resizePolicy` says so is started again, the others keep running under their new limits.
 * - A limit below what a container uses is not set; PodResizeInProgress tells of it until it can be.
 */
import type { Container as ContainerSpec, Pod, PodCondition, ResourceRequirements } from '../../api/generated/types.ts';
import type { Kernel } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import type { AdmittedPods, Capacity } from './admission.ts';
import { ContainerMachine } from '../container-runtime/container-machine.ts';
import type { Container } from '../container-runtime/index.ts';
import { usageOf } from '../container-runtime/index.ts';
import type { PodWorker } from './pod-worker.ts';
import { limitsOf, requestsOf } from './resources.ts';

/** The runtime is told within a second or two. */
const actuationMs = 1000;
const retryMs = 30_000;

type Pending = { readonly reason: 'Infeasible' | 'Deferred'; readonly message: string };

/** What the node has for its Pods, and what it has given away. */
export interface Allocation {
  readonly capacity: Capacity;
  readonly admitted: AdmittedPods;
}

function resizable({ spec }: Pod): readonly ContainerSpec[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

/** Whether two versions of a Pod differ in what their containers get. */
export function isResized(next: Pod, previous: Pod): boolean {
  if (next.spec.containers === previous.spec.containers && next.spec.initContainers === previous.spec.initContainers) return false;
  const before = resizable(previous);
  return resizable(next).some(({ resources }, i) => resources !== before[i]?.resources && !equal(resources, before[i]?.resources));
}

/** Why the node cannot give a Pod what it asks for now. */
function judge(pod: Pod, allocated: Pod, { capacity, admitted }: Allocation): Pending | undefined {
  const [wanted, held] = [requestsOf(pod), requestsOf(allocated)];
  for (const [resource, field] of [
    ['cpu', 'cpuMilli'],
    ['memory', 'memoryBytes'],
  ] as const) {
    if (wanted[field] > capacity[field])
      return {
        reason: 'Infeasible',
        message: `Node didn't have enough capacity: ${resource}, requested: ${wanted[field]}, capacity: ${capacity[field]}`,
      };
  }
  for (const [resource, field] of [
    ['cpu', 'cpuMilli'],
    ['memory', 'memoryBytes'],
  ] as const) {
    const used = admitted[field] - held[field];
    if (wanted[field] > held[field] && wanted[field] > capacity[field] - used)
      return {
        reason: 'Deferred',
        message: `Node didn't have enough resource: ${resource}, requested: ${wanted[field]}, used: ${used}, capacity: ${capacity[field]}`,
      };
  }
  return undefined;
}

/** The resizing of one Pod: made when the first is asked for. */
export class PodResize {
  readonly #kernel: Kernel;
  readonly #worker: PodWorker;
  readonly #allocation: () => Allocation;
  /** The Pod with the resources that the node gave it. */
  allocated: Pod;
  #pending: Pending | undefined;
  /** Given, and not in force yet; the text says what is in the way. */
  #inProgress: string | undefined;
  /** Containers that are to be started again. */
  readonly #restarts = new Set<string>();

  constructor(kernel: Kernel, worker: PodWorker, allocated: Pod, allocation: () => Allocation) {
    this.#kernel = kernel;
    this.#worker = worker;
    this.#allocation = allocation;
    this.allocated = allocated;
  }

  get isDeferred(): boolean {
    return this.#pending?.reason === 'Deferred';
  }

  /** Looks at what the Pod asks for now, and gives it if there is room. */
  review(): void {
    const { pod } = this.#worker;
    const allocation = this.#allocation();
    this.#pending = judge(pod, this.allocated, allocation);
    if (!this.#pending && isResized(pod, this.allocated)) {
      allocation.admitted.add(this.allocated, -1);
      allocation.admitted.add(pod, 1);
      this.#noteRestarts(pod, this.allocated);
      this.allocated = pod;
      this.#inProgress = '';
      this.#kernel.loop.after(actuationMs, this.#actuate, undefined);
    }
    this.#worker.updateStatus();
  }

  /** A container with the resources that it was given. */
  inForce(spec: ContainerSpec): ContainerSpec {
    const own = resizable(this.allocated).find(({ name }) => name === spec.name);
    return own && own.resources !== spec.resources ? { ...spec, resources: own.resources } : spec;
  }

  /** Whether a container must be started again; asked once. */
  takesRestart(name: string): boolean {
    return this.#restarts.delete(name);
  }

  /** Conditions of the Pod, which the kubelet alone writes. */
  conditions(previous: readonly PodCondition[], now: string): readonly PodCondition[] {
    const make = (type: string, reason: string | undefined, message: string): PodCondition => {
      const old = previous.find((condition) => condition.type === type);
      const lastTransitionTime = old?.lastTransitionTime ?? now;
      const observedGeneration = this.#worker.pod.metadata.generation;
      return {
        type,
        status: 'True',
        reason,
        message: message || undefined,
        lastProbeTime: null as never,
        lastTransitionTime,
        observedGeneration,
      };
    };
    const list: PodCondition[] = [];
    if (this.#pending) list.push(make('PodResizePending', this.#pending.reason, this.#pending.message));
    if (this.#inProgress !== undefined) list.push(make('PodResizeInProgress', this.#inProgress ? 'Error' : undefined, this.#inProgress));
    return list;
  }

  #noteRestarts(next: Pod, previous: Pod): void {
    const before = resizable(previous);
    for (const [i, { name, resources, resizePolicy = [] }] of resizable(next).entries()) {
      const changed = (resource: string): boolean => differs(resources, before[i]?.resources, resource);
      if (resizePolicy.some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed(resourceName)))
        this.#restarts.add(name);
    }
  }

  readonly #actuate = (): void => {
    const worker = this.#worker;
    if (worker.state !== 'running') return;
    let problem: string | undefined;
    for (const spec of resizable(this.allocated)) {
      const container = worker.newest(spec.name);
      if (container?.state === 'running' && !this.#restarts.has(spec.name)) problem ??= this.#setLimits(container, spec);
    }
    this.#inProgress = problem;
    if (problem !== undefined) this.#kernel.loop.after(retryMs, this.#actuate, undefined, true);
    worker.updateStatus();
    if (this.#restarts.size > 0) worker.requestSync();
  };

  /** What is in the way of the new limits. */
  #setLimits(container: Container, spec: ContainerSpec): string | undefined {
    const limits = limitsOf(spec);
    const used = usageOf(container, this.#kernel.loop.now).memoryBytes;
    const isLower = limits.memoryBytes > 0 && (limits.memoryBytes < container.limits.memoryBytes || container.limits.memoryBytes === 0);
    if (isLower && used > limits.memoryBytes)
      return `cannot decrease memory limits: [attempting to set container ${JSON.stringify(spec.name)} memory limit (${limits.memoryBytes}) below current usage (${used})]`;
    container.limits = limits;
    if (container.machine instanceof ContainerMachine) container.machine.knownCgroup?.check();
    return undefined;
  }
}

function differs(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined, resource: string): boolean {
  return a?.limits?.[resource] !== b?.limits?.[resource] || a?.requests?.[resource] !== b?.requests?.[resource];
}
