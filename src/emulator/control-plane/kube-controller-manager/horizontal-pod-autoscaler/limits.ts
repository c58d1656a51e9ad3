/**
 * What becomes of a proposal: it waits for older ones, and it is bounded by the range and by how fast replicas may change
 * (pkg/controller/podautoscaler/horizontal.go, normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors).
 */
import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../../api/generated/types.ts';

/** --horizontal-pod-autoscaler-downscale-stabilization */
const downscaleWindowSeconds = 300;

interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

interface ScaleEvent {
  /** By how many replicas, positive in either direction. */
  readonly change: number;
  readonly atMs: number;
}

/** What the controller remembers of one autoscaler; it begins anew when the controller does. */
export interface History {
  recommendations: readonly Recommendation[];
  ups: readonly ScaleEvent[];
  downs: readonly ScaleEvent[];
}

export interface Word {
  readonly reason: string;
  readonly message: string;
}

export interface Verdict {
  readonly replicas: number;
  /** For the condition AbleToScale. */
  readonly able: Word;
  /** For the condition ScalingLimited. */
  readonly limited: Word & { readonly status: 'True' | 'False' };
}

interface Range {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
}

const ready: Word = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const downStabilized: Word = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const upStabilized: Word = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const tooMany: Word = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' };
const tooFew: Word = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' };
const upLimit: Word = { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' };
const downLimit: Word = { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' };
const inRange: Word = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };

/** The replicas that it comes to, and what the conditions say of it. Remembers the proposal. */
export function bound(spec: HorizontalPodAutoscalerSpec, range: Range, history: History, nowMs: number): Verdict {
  const { behavior } = spec;
  const up = behavior?.scaleUp?.stabilizationWindowSeconds ?? 0;
  const down = behavior?.scaleDown?.stabilizationWindowSeconds ?? downscaleWindowSeconds;
  let [lowest, highest] = [range.desired, range.desired];
  for (const { replicas, atMs } of history.recommendations) {
    if (atMs > nowMs - up * 1000) lowest = Math.min(lowest, replicas);
    if (atMs > nowMs - down * 1000) highest = Math.max(highest, replicas);
  }
  const stable = behavior ? Math.min(Math.max(range.current, lowest), highest) : highest;
  const keepMs = Math.max(up, down) * 1000;
  history.recommendations = [
    ...history.recommendations.filter(({ atMs }) => atMs >= nowMs - keepMs),
    { replicas: range.desired, atMs: nowMs },
  ];
  const isUp = behavior !== undefined && range.desired >= range.current;
  const able = stable === range.desired ? ready : isUp ? upStabilized : downStabilized;
  const [replicas, word] = behavior
    ? byRules({ ...range, desired: stable }, behavior.scaleUp ?? {}, behavior.scaleDown ?? {}, history, nowMs)
    : byDefault({ ...range, desired: stable });
  return { replicas, able, limited: { ...word, status: replicas === stable ? 'False' : 'True' } };
}

/** Without a behavior it may at most double, or grow to four. */
function byDefault({ current, desired, min, max }: Range): [number, Word] {
  const limit = Math.max(2 * current, 4);
  if (desired < min) return [min, tooFew];
  if (desired > Math.min(max, limit)) return max > limit ? [limit, upLimit] : [max, tooMany];
  return [desired, inRange];
}

function byRules(
  { current, desired, min, max }: Range,
  up: HPAScalingRules,
  down: HPAScalingRules,
  { ups, downs }: History,
  nowMs: number,
): [number, Word] {
  if (desired > current) {
    const limit = Math.max(current, growthLimit(current, up, ups, downs, nowMs));
    if (desired > Math.min(max, limit)) return max > limit ? [limit, upLimit] : [max, tooMany];
  } else if (desired < current) {
    const limit = Math.min(current, shrinkLimit(current, down, ups, downs, nowMs));
    if (desired < Math.max(min, limit)) return min < limit ? [limit, downLimit] : [min, tooFew];
  }
  return [desired, inRange];
}

function changedSince(events: readonly ScaleEvent[], seconds: number, nowMs: number): number {
  return events.reduce((sum, { change, atMs }) => (atMs > nowMs - seconds * 1000 ? sum + change : sum), 0);
}

function growthLimit(
  current: number,
  { selectPolicy, policies = [] }: HPAScalingRules,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  nowMs: number,
): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = current - changedSince(ups, periodSeconds, nowMs) + changedSince(downs, periodSeconds, nowMs);
    return type === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function shrinkLimit(
  current: number,
  { selectPolicy, policies = [] }: HPAScalingRules,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  nowMs: number,
): number {
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = current - changedSince(ups, periodSeconds, nowMs) + changedSince(downs, periodSeconds, nowMs);
    return type === 'Pods' ? before - value : Math.trunc(before * (1 - value / 100));
  });
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

/** Remembers a change of scale, for as long as a policy may look back. */
export function remember({ behavior }: HorizontalPodAutoscalerSpec, history: History, from: number, to: number, nowMs: number): void {
  if (!behavior) return;
  const longest = (rules: HPAScalingRules | undefined): number =>
    Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds));
  const keepMs = Math.max(longest(behavior.scaleUp), longest(behavior.scaleDown)) * 1000;
  const kept = (events: readonly ScaleEvent[]): readonly ScaleEvent[] => events.filter(({ atMs }) => atMs >= nowMs - keepMs);
  history.ups = kept(history.ups);
  history.downs = kept(history.downs);
  if (to > from) history.ups = [...history.ups, { change: to - from, atMs: nowMs }];
  else history.downs = [...history.downs, { change: from - to, atMs: nowMs }];
}
