/** How many replicas a metric asks for (pkg/controller/podautoscaler/replica_calculator.go). */
import { hasPodResources, podResources } from '../../../api/core/pod-spec/pod-resources.ts';
import type { Pod } from '../../../api/generated/types.ts';
import type { WallClock } from '../../../kernel/index.ts';
import { milliValue } from '../../../machinery/quantity.ts';
import { podCondition } from '../pod-state.ts';
import type { Samples } from './metrics-source.ts';
import { MetricError } from './metrics-source.ts';

/** --horizontal-pod-autoscaler-tolerance */
const tolerance = 0.1;
/** --horizontal-pod-autoscaler-cpu-initialization-period */
const cpuInitializationMs = 300_000;
/** --horizontal-pod-autoscaler-initial-readiness-delay */
const initialReadinessMs = 30_000;

export interface Proposal {
  readonly replicas: number;
  /** Percent of what was requested; undefined for a target in plain numbers. */
  readonly utilization?: number;
  /** The average of a Pod, in thousandths. */
  readonly averageMilli: number;
}

export interface Population {
  readonly pods: readonly Pod[];
  readonly samples: Samples;
  readonly resource: string;
  readonly container?: string | undefined;
  /** Of the scale's spec. */
  readonly current: number;
}

interface Groups {
  readonly readyCount: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/** Sorts Pods by what their numbers are worth (groupPods). */
function groupPods({ pods, samples, resource }: Population, clock: WallClock, nowMs: number): Groups {
  let readyCount = 0;
  const unready: string[] = [];
  const missing: string[] = [];
  const ignored: string[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const sample = samples.get(name);
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') ignored.push(name);
    else if (pod.status?.phase === 'Pending') unready.push(name);
    else if (!sample) missing.push(name);
    else if (resource === 'cpu' && isStillStarting(pod, sample, clock, nowMs)) unready.push(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

function isStillStarting(
  pod: Pod,
  { atMs, windowMs }: { readonly atMs: number; readonly windowMs: number },
  clock: WallClock,
  nowMs: number,
): boolean {
  const condition = podCondition(pod, 'Ready');
  const { startTime } = pod.status ?? {};
  if (!condition?.lastTransitionTime || startTime === undefined) return true;
  const startedMs = clock.virtualMs(startTime);
  const turnedMs = clock.virtualMs(condition.lastTransitionTime);
  if (startedMs + cpuInitializationMs > nowMs) return condition.status === 'False' || atMs < turnedMs + windowMs;
  return condition.status === 'False' && startedMs + initialReadinessMs > turnedMs;
}

/** What the Pods ask for, in thousandths by name. */
function requestsOf({ pods, resource, container }: Population): ReadonlyMap<string, number> {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    // A Pod that asks for itself is asked for nothing else (calculatePodLevelRequests).
    if (container === undefined && hasPodResources({ ...spec, resources: { requests: spec.resources?.requests } })) {
      const request = podResources({ spec }, 'requests')[resource];
      if (request === undefined) throw new MetricError(`missing pod-level request for ${resource} in Pod ${metadata.name}`);
      requests.set(metadata.name, milliValue(request));
      continue;
    }
    let sum = 0;
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    for (const { name, resources } of [...spec.containers, ...sidecars]) {
      if (container !== undefined && container !== name) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
      sum += milliValue(request);
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}

interface Ratio {
  readonly ratio: number;
  readonly utilization?: number;
  readonly averageMilli: number;
}

function usageRatio(milliByPod: ReadonlyMap<string, number>, targetMilli: number): Ratio {
  let sum = 0;
  for (const milli of milliByPod.values()) sum += milli;
  const averageMilli = Math.trunc(sum / milliByPod.size);
  return { ratio: averageMilli / targetMilli, averageMilli };
}

function utilizationRatio(milliByPod: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number>, target: number): Ratio {
  let [used, requested, count] = [0, 0, 0];
  for (const [name, milli] of milliByPod) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += milli;
    requested += request;
    count++;
  }
  if (requested === 0) throw new MetricError('no metrics returned matched known pods');
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target, utilization, averageMilli: Math.trunc(used / count) };
}

const isWithin = (ratio: number): boolean => Math.abs(1 - ratio) <= tolerance + 1e-9;

/** A target is a share of the request in percent, or an amount in thousandths a Pod. */
export type Target = { readonly percent: number } | { readonly milli: number };

/** Replicas for a metric of Pods. Throws a `MetricError` when they cannot be told. */
export function replicasFor(population: Population, target: Target, clock: WallClock, nowMs: number): Proposal {
  const { pods, samples, current } = population;
  if (pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count');
  const { readyCount, unready, missing, ignored } = groupPods(population, clock, nowMs);
  const known = new Map([...samples].map(([name, { milli }]) => [name, milli]));
  for (const name of [...ignored, ...unready]) known.delete(name);
  if (known.size === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  const requests = 'percent' in target ? requestsOf(population) : undefined;
  const measure = (): Ratio => ('percent' in target ? utilizationRatio(known, requests!, target.percent) : usageRatio(known, target.milli));
  const first = measure();
  const answer = (replicas: number): Proposal => ({ replicas, ...first });
  const growsPastUnready = unready.length > 0 && first.ratio > 1;
  if (!growsPastUnready && missing.length === 0) return answer(isWithin(first.ratio) ? current : Math.ceil(first.ratio * readyCount));
  // Those without numbers hold it back: they count as busy when it would shrink, as idle when it would grow.
  for (const name of missing) {
    const most = 'percent' in target ? ((requests!.get(name) ?? 0) * Math.max(100, target.percent)) / 100 : target.milli;
    if (first.ratio !== 1) known.set(name, first.ratio < 1 ? most : 0);
  }
  if (growsPastUnready) for (const name of unready) known.set(name, 0);
  const { ratio } = measure();
  if (isWithin(ratio) || first.ratio < 1 !== ratio < 1) return answer(current);
  const replicas = Math.ceil(ratio * known.size);
  return answer((ratio < 1 && replicas > current) || (ratio > 1 && replicas < current) ? current : replicas);
}

/** A number of all Pods together, in thousandths; `current` are the replicas that it is held against. */
export interface Total {
  readonly milli: number;
  readonly pods: readonly Pod[];
  readonly current: number;
}

/** Replicas for such a number: for a total as many more or fewer as it is off, for an amount each as many as it takes. */
export function replicasForTotal({ milli, pods, current }: Total, target: { readonly total: number } | { readonly each: number }): number {
  if ('each' in target) return isWithin(milli / (target.each * current)) ? current : Math.ceil(milli / target.each);
  const ratio = milli / target.total;
  if (current === 0) return Math.ceil(ratio);
  return isWithin(ratio) ? current : Math.ceil(ratio * pods.filter(isReady).length);
}

const isReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && podCondition(pod, 'Ready')?.status === 'True';
