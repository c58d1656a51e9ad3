/**
 * Ends Pods when the node runs short, or when they take more disk than they may (upstream pkg/kubelet/eviction).
 *
 * - Upstream looks every ten seconds. Here nothing is looked at until a container takes memory, a Pod has a limit on its
 *   disk, or the configuration names thresholds; then every ten seconds for as long as there is something to see.
 * - One Pod a round is ended: first those that use more than they asked for, then the less important, then the greedier.
 * - A condition of the node stays for the transition period (five minutes) after it was last seen.
 *
 * Differs from Kubernetes: there is one disk for images and for what Pods write, so that signals of both measure the same.
 */
import type { Pod } from '../../api/generated/types.ts';
import type { EventRecorder, EventSubject } from '../../client/index.ts';
import type { Inode, Kernel } from '../../kernel/index.ts';
import { quantityValue } from '../../machinery/quantity.ts';
import type { Container } from '../container-runtime/index.ts';
import { usageOf } from '../container-runtime/index.ts';
import type { EvictionSettings, Signal, Threshold } from './eviction-thresholds.ts';
import { binaryText, bytesOf } from './eviction-thresholds.ts';
import type { PodWorker } from './pod-worker.ts';
import { requestsOf } from './resources.ts';
import type { StatsHost } from './stats.ts';
import { diskUsage, filesOf, inodeUsage, pidUsage, writtenBy } from './disk-usage.ts';
import { nodeUsage, podStats } from './stats.ts';

const periodMs = 10_000;
/** A hard threshold leaves a Pod this long. */
const immediateMs = 1000;
const systemCritical = 2_000_000_000;

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

const conditionOf: Readonly<Record<Signal, PressureCondition>> = {
  'memory.available': 'MemoryPressure',
  'nodefs.available': 'DiskPressure',
  'nodefs.inodesFree': 'DiskPressure',
  'imagefs.available': 'DiskPressure',
  'imagefs.inodesFree': 'DiskPressure',
  'pid.available': 'PIDPressure',
};

type Resource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

const resourceOf: Readonly<Record<Signal, Resource>> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes',
  'imagefs.available': 'ephemeral-storage',
  'imagefs.inodesFree': 'inodes',
  'pid.available': 'pids',
};
const limited = new WeakMap<object, boolean>();

/** What an eviction says of itself. */
export interface Evicted {
  readonly reason: 'Evicted';
  readonly message: string;
}

export interface EvictionHost {
  readonly kernel: Kernel;
  readonly recorder: EventRecorder;
  readonly stats: StatsHost;
  readonly nodeRef: EventSubject;
  readonly settings: EvictionSettings;
  /** Removes containers that have ended and images that nobody uses. */
  reclaimDisk(): void;
  /** Conditions of the node turned. */
  onConditions(): void;
}

interface Observation {
  readonly capacity: number;
  readonly available: number;
}

export class Eviction {
  readonly #host: EvictionHost;
  /** When each condition was last seen. */
  readonly #seenMs = new Map<PressureCondition, number>();
  /** Since when each threshold is met. */
  readonly #metMs = new Map<Threshold, number>();
  #conditions: ReadonlySet<PressureCondition> = new Set();
  #isDue = false;
  #isStopped = false;

  constructor(host: EvictionHost) {
    this.#host = host;
  }

  /** What the node suffers from now. */
  get conditions(): ReadonlySet<PressureCondition> {
    return this.#conditions;
  }

  /** Has the node looked at within ten seconds. */
  soon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    const { loop } = this.#host.kernel;
    loop.after(periodMs - (loop.now % periodMs), this.#look, undefined, true);
  }

  /** A Pod came to the node. */
  added(pod: Pod): void {
    if (hasDiskLimit(pod)) this.soon();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Why a Pod may not start here now (Admit). */
  refusal(pod: Pod): Evicted | undefined {
    if (this.#conditions.size === 0 || isCritical(pod)) return undefined;
    const isMemoryOnly = this.#conditions.size === 1 && this.#conditions.has('MemoryPressure');
    const toleratesIt = pod.spec.tolerations?.some(
      ({ key, operator, effect }) =>
        (key === 'node.kubernetes.io/memory-pressure' || (!key && operator === 'Exists')) && (!effect || effect === 'NoSchedule'),
    );
    if (isMemoryOnly && (pod.status?.qosClass !== 'BestEffort' || toleratesIt)) return undefined;
    return { reason: 'Evicted', message: `Pod was rejected: The node had condition: [${[...this.#conditions].join(' ')}]. ` };
  }

  readonly #look = (): void => {
    this.#isDue = false;
    if (this.#isStopped) return;
    const { settings, stats } = this.#host;
    const { now } = this.#host.kernel.loop;
    const seen = this.#observe();
    const met = settings.thresholds.filter((threshold) => this.#isMet(threshold, seen));
    for (const threshold of settings.thresholds) {
      if (!met.includes(threshold)) this.#metMs.delete(threshold);
      else if (!this.#metMs.has(threshold)) this.#metMs.set(threshold, now);
    }
    this.#setConditions(met, now);
    const due = met.filter((threshold) => now - this.#metMs.get(threshold)! >= threshold.graceMs);
    const isLimitBroken = this.#enforceDiskLimits();
    if (!isLimitBroken && due.length > 0) this.#reclaim(due.find(({ graceMs }) => graceMs === 0) ?? due[0]!, seen);
    const isWatching = met.length > 0 || this.#conditions.size > 0;
    if (isWatching || settings.isCustom || [...stats.workers()].some(({ pod, state }) => state === 'running' && hasDiskLimit(pod)))
      this.soon();
  };

  #observe(): Readonly<Record<Signal, Observation>> {
    const { stats } = this.#host;
    const { memoryBytes } = stats.hardware;
    const left = ({ capacity, used }: { readonly capacity: number; readonly used: number }): Observation => ({
      capacity,
      available: Math.max(0, capacity - used),
    });
    const disk = left(diskUsage(stats));
    const inodes = left(inodeUsage(stats));
    return {
      'memory.available': left({ capacity: memoryBytes, used: nodeUsage(stats).memoryBytes }),
      'nodefs.available': disk,
      'imagefs.available': disk,
      'nodefs.inodesFree': inodes,
      'imagefs.inodesFree': inodes,
      'pid.available': left(pidUsage(stats)),
    };
  }

  /** One that was met stays so until as much more is free as `evictionMinimumReclaim` says. */
  #isMet(threshold: Threshold, seen: Readonly<Record<Signal, Observation>>): boolean {
    const { available, capacity } = seen[threshold.signal];
    const more = this.#metMs.has(threshold) ? bytesOf(threshold.reclaim, capacity) : 0;
    return available < bytesOf(threshold, capacity) + more;
  }

  #setConditions(met: readonly Threshold[], now: number): void {
    const { settings, recorder, nodeRef, onConditions } = this.#host;
    for (const { signal } of met) this.#seenMs.set(conditionOf[signal], now);
    const next = new Set([...this.#seenMs].filter(([, seenMs]) => now - seenMs < settings.transitionMs).map(([condition]) => condition));
    const turned = (['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).filter(
      (one) => next.has(one) !== this.#conditions.has(one),
    );
    this.#conditions = next;
    for (const condition of turned) {
      const status = eventNames[condition][next.has(condition) ? 0 : 1];
      recorder.normal(nodeRef, status, `Node ${nodeRef.metadata.name} status is now: ${status}`);
    }
    if (turned.length > 0) onConditions();
  }

  #reclaim(threshold: Threshold, seen: Readonly<Record<Signal, Observation>>): void {
    const { recorder, nodeRef, stats, settings, kernel, reclaimDisk } = this.#host;
    const resource = resourceOf[threshold.signal];
    recorder.warning(nodeRef, 'EvictionThresholdMet', `Attempting to reclaim ${resource}`);
    if (conditionOf[threshold.signal] === 'DiskPressure') {
      // What nobody uses goes before any Pod does.
      reclaimDisk();
      if (!this.#isMet(threshold, this.#observe())) return;
    }
    const usage = (worker: PodWorker): number => usageOfPod(worker, resource, kernel.loop.now);
    const request = ({ pod }: PodWorker): number =>
      resource === 'memory' ? requestsOf(pod).memoryBytes : resource === 'ephemeral-storage' ? requestsOf(pod).ephemeralBytes : 0;
    const excess = (worker: PodWorker): number => usage(worker) - request(worker);
    const [victim] = [...stats.workers()]
      .filter(
        (worker) => worker.state === 'running' && worker.isAnyRunning && !worker.failure && !worker.isStatic && !isCritical(worker.pod),
      )
      .sort(
        (a, b) =>
          Number(excess(b) > 0) - Number(excess(a) > 0) || (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) || excess(b) - excess(a),
      );
    if (!victim) return;
    const { available, capacity } = seen[threshold.signal];
    const hasRequests = resource === 'memory' || resource === 'ephemeral-storage';
    const greedy = (hasRequests ? this.#running(victim) : []).flatMap((container) => {
      const spec = victim.pod.spec.containers.find(({ name }) => name === container.config.name);
      const asked = spec?.resources?.requests?.[resource] ?? '0';
      const used = resource === 'memory' ? roundUp(usageOf(container, kernel.loop.now).memoryBytes) : writtenBy(container);
      if (!spec || used <= quantityValue(asked)) return [];
      return `Container ${spec.name} was using ${binaryText(used)}, request is ${asked}, has larger consumption of ${resource}. `;
    });
    const amount = hasRequests ? binaryText : String;
    const message = `The node was low on resource: ${resource}. Threshold quantity: ${amount(bytesOf(threshold, capacity))}, available: ${amount(hasRequests ? roundUp(available) : available)}. ${greedy.join('')}`;
    this.#evict(victim, message, threshold.graceMs === 0 ? immediateMs : settings.maxPodGraceSeconds * 1000, true);
  }

  /** Pods that have written more than they may. */
  #enforceDiskLimits(): boolean {
    let isBroken = false;
    for (const worker of this.#host.stats.workers()) {
      if (worker.state !== 'running' || worker.failure || !hasDiskLimit(worker.pod) || isCritical(worker.pod)) continue;
      const message = brokenLimit(worker, this.#running(worker));
      if (message === undefined) continue;
      this.#evict(worker, message, immediateMs, false);
      isBroken = true;
    }
    return isBroken;
  }

  #running({ sandbox }: PodWorker): readonly Container[] {
    return sandbox?.containers.filter(({ state }) => state === 'running') ?? [];
  }

  #evict(worker: PodWorker, message: string, graceMs: number, isDisruption: boolean): void {
    this.#host.recorder.warning(worker.pod, 'Evicted', message);
    worker.fail('Evicted', message, graceMs, isDisruption);
  }
}

const eventNames: Readonly<Record<PressureCondition, readonly [string, string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
};

/** Memory comes in pages. */
const roundUp = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

function isCritical({ spec, metadata }: Pod): boolean {
  return (spec.priority ?? 0) >= systemCritical || metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** Whether something bounds what the Pod may write. */
function hasDiskLimit({ spec }: Pod): boolean {
  let known = limited.get(spec.containers);
  if (known === undefined) {
    known =
      spec.containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined) ||
      (spec.volumes?.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ?? false);
    limited.set(spec.containers, known);
  }
  return known;
}

function usageOfPod(worker: PodWorker, resource: Resource, nowMs: number): number {
  const containers = worker.sandbox?.containers ?? [];
  switch (resource) {
    case 'memory':
      return podStats(worker, nowMs)?.memoryBytes ?? 0;
    case 'ephemeral-storage':
      return containers.reduce((sum, container) => sum + writtenBy(container), 0);
    case 'inodes':
      return containers.reduce((sum, container) => sum + filesOf(container), 0);
    case 'pids':
      return containers.reduce((sum, { machine }) => sum + (machine?.processes.size ?? 0), 0);
  }
}

function treeBytes(inode: Inode): number {
  if (inode.kind === 'file') return inode.data.length;
  if (inode.kind !== 'directory') return 0;
  let sum = 0;
  for (const child of inode.entries.values()) sum += treeBytes(child);
  return sum;
}

/** The sentence about the first limit that is broken. */
function brokenLimit({ pod, volumes }: PodWorker, running: readonly Container[]): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    const tree = limit === undefined ? undefined : volumes.treeOf(name);
    if (tree && quantityValue(limit!) > 0 && treeBytes(tree) > quantityValue(limit!))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  const limits = new Map(pod.spec.containers.map(({ name, resources }) => [name, resources?.limits?.['ephemeral-storage']]));
  const all = [...limits.values()];
  const total = running.reduce((sum, container) => sum + writtenBy(container), 0);
  const allowed = all.reduce((sum, limit) => sum + (limit === undefined ? 0 : quantityValue(limit)), 0);
  // Only where every container is bounded the Pod is.
  if (all.every((limit) => limit !== undefined) && total > allowed)
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${binaryOf(all as string[], allowed)}. `;
  for (const container of running) {
    const limit = limits.get(container.config.name);
    if (limit !== undefined && writtenBy(container) > quantityValue(limit))
      return `Container ${container.config.name} exceeded its local ephemeral storage limit ${JSON.stringify(limit)}. `;
  }
  return undefined;
}

function binaryOf(limits: readonly string[], sum: number): string {
  return limits.length === 1 ? limits[0]! : binaryText(sum);
}
