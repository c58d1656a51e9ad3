/**
 * Horizontal Pod autoscaling: sets the replicas of a workload by what its Pods use (pkg/controller/podautoscaler).
 *
 * - Each autoscaler is looked at every 15 s; nothing else makes it act, and without one nothing runs.
 * - It reads and writes the subresource `scale` of its target, never the target itself, and asks metrics.k8s.io for usage.
 * - It remembers its recent proposals, so that a short lull does not take away what is soon needed again.
 */
import { horizontalPodAutoscalers } from '../../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { pods } from '../../../api/core/pod.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
  Pod,
  Scale,
} from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import type { Call } from '../../../kernel/index.ts';
import { isErrno } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { parseSelector } from '../../../machinery/labels.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byNamespace } from '../indexes.ts';
import type { History } from './limits.ts';
import { bound, remember } from './limits.ts';
import { outcomeOf } from './metric-proposals.ts';
import { groupOf, scalableKind } from './scale-target.ts';

/** --horizontal-pod-autoscaler-sync-period */
const syncPeriodMs = 15_000;

export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler-controller',
  start(context) {
    const autoscalers = context.informers.for(horizontalPodAutoscalers);
    const queue = context.queue({ name: 'horizontalpodautoscaler', reconcile });
    const histories = new Map<string, History>();
    autoscalers.onChange(({ type, object }) => {
      const { uid } = object.metadata;
      if (type === 'DELETED') histories.delete(uid);
      else queue.addAfter(uid, syncPeriodMs, type !== 'ADDED');
    });
    const autoscaling = new Autoscaling(context, histories);

    function* reconcile(uid: string): Call<void> {
      const autoscaler = autoscalers.byUID(uid);
      if (!autoscaler) return;
      queue.addAfter(uid, syncPeriodMs, true);
      yield* autoscaling.look(autoscaler);
    }
  },
};

/** The status under way, and what it was. */
interface Round {
  readonly autoscaler: HorizontalPodAutoscaler;
  conditions: readonly HorizontalPodAutoscalerCondition[];
}

/** What the metrics together propose; undefined when they do not allow a proposal. */
interface Proposal {
  readonly replicas: number;
  readonly metric: string;
}

class Autoscaling {
  readonly #context: ControllerContext;
  readonly #histories: Map<string, History>;
  readonly #client;
  readonly #recorder;
  readonly #pods;
  readonly #autoscalers;

  constructor(context: ControllerContext, histories: Map<string, History>) {
    this.#context = context;
    this.#histories = histories;
    this.#client = context.client('horizontal-pod-autoscaler');
    this.#recorder = context.recorder(this.#client, 'horizontal-pod-autoscaler');
    this.#pods = context.informers.for(pods).index(byNamespace);
    this.#autoscalers = context.informers.for(horizontalPodAutoscalers);
  }

  /** One round of one autoscaler. */
  *look(autoscaler: HorizontalPodAutoscaler): Call<void> {
    const round: Round = { autoscaler, conditions: autoscaler.status?.conditions ?? [] };
    const found = yield* this.#scaleOf(round);
    if (!found) return yield* this.#write(round, autoscaler.status ?? { desiredReplicas: 0 });
    const { kind, scale } = found;
    const { spec, metadata } = autoscaler;
    const current = scale.spec?.replicas ?? 0;
    const min = spec.minReplicas ?? 1;
    const history = this.#historyOf(metadata.uid, current);
    let desired = current;
    let why = '';
    let metrics: readonly MetricStatus[] | undefined;
    if (current === 0 && min !== 0)
      this.#set(round, 'ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
    else if (current > spec.maxReplicas) [desired, why] = [spec.maxReplicas, 'Current number of replicas above Spec.MaxReplicas'];
    else if (current < min) [desired, why] = [min, 'Current number of replicas below Spec.MinReplicas'];
    else {
      const statuses: MetricStatus[] = [];
      const proposal = yield* this.#propose(round, scale, statuses);
      metrics = statuses.length > 0 ? statuses : undefined;
      if (!proposal) {
        const status = { ...autoscaler.status, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 };
        return yield* this.#write(round, { ...status, currentReplicas: current, currentMetrics: metrics });
      }
      if (proposal.replicas > current) why = `${proposal.metric} above target`;
      if (proposal.replicas < current) why = 'All metrics below target';
      const range = { current, desired: proposal.replicas, min, max: spec.maxReplicas };
      const { replicas, able, limited } = bound(spec, range, history, this.#context.kernel.loop.now);
      this.#set(round, 'AbleToScale', 'True', able.reason, able.message);
      this.#set(round, 'ScalingLimited', limited.status, limited.reason, limited.message);
      desired = replicas;
    }
    const status: HorizontalPodAutoscalerStatus = {
      currentMetrics: metrics,
      currentReplicas: current,
      desiredReplicas: desired,
      lastScaleTime: autoscaler.status?.lastScaleTime,
    };
    if (desired === current) return yield* this.#write(round, status);
    if (!(yield* this.#rescale(round, kind, scale, desired, why)))
      return yield* this.#write(round, { ...status, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 });
    remember(spec, history, current, desired, this.#context.kernel.loop.now);
    yield* this.#write(round, { ...status, lastScaleTime: this.#context.kernel.clock.timestamp() });
  }

  #historyOf(uid: string, current: number): History {
    let history = this.#histories.get(uid);
    if (!history) {
      history = { recommendations: [{ replicas: current, atMs: this.#context.kernel.loop.now }], ups: [], downs: [] };
      this.#histories.set(uid, history);
    }
    return history;
  }

  *#scaleOf(round: Round): Call<{ readonly kind: Kind<Scale>; readonly scale: Scale } | undefined> {
    const { metadata, spec } = round.autoscaler;
    const { scaleTargetRef: reference } = spec;
    const kind = yield* scalableKind(this.#client, reference);
    let problem: string;
    if (!kind)
      problem = `no matches for kind ${JSON.stringify(reference.kind)} in group ${JSON.stringify(groupOf(reference.apiVersion ?? ''))}`;
    else if (!kind.subresources.scale) problem = 'the server could not find the requested resource';
    else {
      try {
        const scale = yield* this.#client.get(kind, { namespace: metadata.namespace, name: reference.name }, 'scale');
        this.#set(round, 'AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
        return { kind, scale };
      } catch (error) {
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        problem = error.message;
      }
    }
    this.#recorder.warning(round.autoscaler, 'FailedGetScale', problem);
    this.#set(
      round,
      'AbleToScale',
      'False',
      'FailedGetScale',
      `the HPA controller was unable to get the target's current scale: ${problem}`,
    );
    return undefined;
  }

  /** The largest of what the metrics propose. One that fails stops it from shrinking, not from growing. */
  *#propose(round: Round, scale: Scale, statuses: MetricStatus[]): Call<Proposal | undefined> {
    const { autoscaler } = round;
    const { kernel } = this.#context;
    const selected = this.#select(round, scale.status?.selector ?? '');
    if (!selected) return undefined;
    const current = scale.spec?.replicas ?? 0;
    const observed = scale.status?.replicas ?? 0;
    const metrics = autoscaler.spec.metrics ?? [];
    let best: Proposal | undefined;
    let failed: { readonly reason: string; readonly message: string; readonly summary: string } | undefined;
    let failures = 0;
    for (const metric of metrics) {
      const outcome = yield* outcomeOf({ kernel, client: this.#client, autoscaler, ...selected, current, observed }, metric);
      if ('replicas' in outcome) {
        statuses.push(outcome.status);
        if (!best || outcome.replicas > best.replicas) best = { replicas: outcome.replicas, metric: outcome.name };
        continue;
      }
      // A place without a source keeps the others where they belong.
      statuses.push({ type: '' });
      this.#recorder.warning(autoscaler, outcome.reason, outcome.message);
      failed ??= outcome;
      failures++;
    }
    if (failed && (!best || best.replicas < current)) {
      this.#set(round, 'ScalingActive', 'False', failed.reason, `the HPA was unable to compute the replica count: ${failed.message}`);
      const message = `invalid metrics (${failures} invalid out of ${metrics.length}), first error is: ${failed.summary}`;
      this.#recorder.warning(autoscaler, 'FailedComputeMetricsReplicas', message);
      return undefined;
    }
    this.#set(
      round,
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${best!.metric}`,
    );
    return best;
  }

  /** The Pods of the target's selector, unless that cannot be used (validateAndParseSelector). */
  #select(round: Round, selector: string): { readonly selector: string; readonly pods: readonly Pod[] } | undefined {
    const { autoscaler } = round;
    const refuse = (reason: string, message: string, event = message): undefined => {
      this.#recorder.warning(autoscaler, reason === 'InvalidSelector' ? 'SelectorRequired' : reason, event);
      this.#recorder.warning(autoscaler, 'FailedComputeMetricsReplicas', event);
      this.#set(round, 'ScalingActive', 'False', reason, message);
      return undefined;
    };
    if (selector === '') return refuse('InvalidSelector', "the HPA target's scale is missing a selector", 'selector is required');
    const parsed = parseSelector(selector);
    const { namespace } = autoscaler.metadata;
    const chosen = [...this.#pods.get(namespace!).values()].filter(({ metadata }) => parsed.matches(metadata.labels));
    const rivals = this.#rivalsOf(autoscaler);
    if (rivals.length > 1 && chosen.length > 0) {
      const names = rivals.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
      return refuse('AmbiguousSelector', `pods by selector ${selector} are controlled by multiple HPAs: [${names.join(' ')}]`);
    }
    return { selector, pods: chosen };
  }

  /** Autoscalers of one target, this one among them. */
  #rivalsOf({ metadata, spec }: HorizontalPodAutoscaler): readonly HorizontalPodAutoscaler[] {
    const { kind, name } = spec.scaleTargetRef;
    return [...this.#autoscalers.values()].filter(
      (other) =>
        other.metadata.namespace === metadata.namespace &&
        other.spec.scaleTargetRef.kind === kind &&
        other.spec.scaleTargetRef.name === name,
    );
  }

  *#rescale(round: Round, kind: Kind<Scale>, scale: Scale, desired: number, why: string): Call<boolean> {
    const { autoscaler } = round;
    try {
      yield* this.#client.update(kind, { ...scale, spec: { ...scale.spec, replicas: desired } }, { subresource: 'scale' });
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      this.#recorder.warning(autoscaler, 'FailedRescale', `New size: ${desired}; reason: ${why}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      this.#set(round, 'AbleToScale', 'False', 'FailedUpdateScale', message);
      return false;
    }
    this.#set(round, 'AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${desired}`);
    this.#recorder.normal(autoscaler, 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
    return true;
  }

  /** Replaces a condition where it stands, or adds it; its time moves only when it turns. */
  #set(round: Round, type: string, status: string, reason: string, message: string): void {
    const old = round.conditions.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : this.#context.kernel.clock.timestamp();
    const next = { type, status, lastTransitionTime, reason, message };
    round.conditions = old ? round.conditions.map((one) => (one === old ? next : one)) : [...round.conditions, next];
  }

  *#write({ autoscaler, conditions }: Round, rest: HorizontalPodAutoscalerStatus): Call<void> {
    const status = { ...rest, conditions };
    if (!semanticEqual(autoscaler.status, status)) yield* this.#client.updateStatus(horizontalPodAutoscalers, { ...autoscaler, status });
  }
}
