/** Disruption: how many Pods of a PodDisruptionBudget may be evicted now (pkg/controller/disruption). */
import { daemonSets } from '../../../api/apps/daemon-set.ts';
import { deployments } from '../../../api/apps/deployment.ts';
import { replicaSets } from '../../../api/apps/replica-set.ts';
import { statefulSets } from '../../../api/apps/stateful-set.ts';
import { pods } from '../../../api/core/pod.ts';
import { replicationControllers } from '../../../api/core/replication-controller.ts';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/generated/types.ts';
import { podDisruptionBudgets } from '../../../api/policy/pod-disruption-budget.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { goSelectorText, selectorFromObject } from '../../../machinery/labels.ts';
import type { Controller } from '../controller.ts';
import { controllerOf } from '../controller-ref.ts';
import { byNamespace } from '../indexes.ts';
import { isPodActive, isPodReady } from '../pod-state.ts';

/** An eviction that was allowed and whose Pod still lives after this long did not happen (DeletionTimeout). */
const evictionMs = 120_000;

interface Expected {
  readonly expected: number;
  readonly desired: number;
}

export const disruptionController: Controller = {
  name: 'disruption-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('disruption-controller');
    const recorder = context.recorder(client, 'controllermanager');
    const budgets = context.informers.for(podDisruptionBudgets);
    const podsIn = context.informers.for(pods).index(byNamespace);
    const sets = context.informers.for(replicaSets);
    const owners = context.informers.for(deployments);
    const statefuls = context.informers.for(statefulSets);
    const controllers = context.informers.for(replicationControllers);
    const daemons = context.informers.for(daemonSets);
    const queue = context.queue({ name: 'disruption', reconcile });
    budgets.onChange(({ type, object }) => type !== 'DELETED' && queue.add(object.metadata.uid));
    context.informers.for(pods).onChange(({ type, object, previous }) => {
      if (budgets.size === 0) return;
      if (
        type === 'MODIFIED' &&
        isPodReady(object) === isPodReady(previous!) &&
        isPodActive(object) === isPodActive(previous!) &&
        object.metadata.labels === previous!.metadata.labels
      )
        return;
      for (const budget of budgets.values())
        if (covers(budget, object) || (previous && covers(budget, previous))) queue.add(budget.metadata.uid);
    });
    for (const informer of [sets, owners, statefuls, controllers]) {
      informer.onChange(({ object, previous }) => {
        if (object.spec.replicas === previous?.spec.replicas) return;
        for (const budget of budgets.values()) if (budget.metadata.namespace === object.metadata.namespace) queue.add(budget.metadata.uid);
      });
    }

    function* reconcile(uid: string): Call<void> {
      const budget = budgets.byUID(uid);
      if (!budget || budget.metadata.deletionTimestamp) return;
      const covered = [...podsIn.get(budget.metadata.namespace!).values()].filter((pod) => covers(budget, pod));
      if (covered.length === 0) recorder.normal(budget, 'NoPods', 'No matching pods found');
      const disrupted = disruptedPods(budget, covered);
      const outcome = expectedCount(budget, covered);
      const status = 'problem' in outcome ? failed(budget, outcome.problem) : next(budget, covered, outcome, disrupted.pods);
      if (disrupted.againMs !== undefined) queue.addAfter(uid, disrupted.againMs, true);
      if (!semanticEqual(budget.status, status)) yield* client.updateStatus(podDisruptionBudgets, { ...budget, status });
    }

    /** Evictions under way: those whose Pod is there and not yet being deleted, for two minutes. */
    function disruptedPods(
      budget: PodDisruptionBudget,
      covered: readonly Pod[],
    ): { readonly pods: Record<string, string>; readonly againMs: number | undefined } {
      const under: Record<string, string> = {};
      let againMs: number | undefined;
      for (const [name, time] of Object.entries(budget.status?.disruptedPods ?? {})) {
        const pod = covered.find(({ metadata }) => metadata.name === name);
        const left = kernel.clock.virtualMs(time) + evictionMs - kernel.loop.now;
        if (!pod || pod.metadata.deletionTimestamp) continue;
        if (left < 0) {
          recorder.warning(
            pod,
            'NotDeleted',
            `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.name} to be deleted but it wasn't`,
          );
          continue;
        }
        under[name] = time;
        againMs = Math.min(againMs ?? Number.POSITIVE_INFINITY, left + 1);
      }
      return { pods: under, againMs };
    }

    /** How many Pods there should be, and how many of them must stay healthy. */
    function expectedCount(budget: PodDisruptionBudget, covered: readonly Pod[]): Expected | { readonly problem: string } {
      const { minAvailable, maxUnavailable } = budget.spec ?? {};
      if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expected: covered.length, desired: minAvailable };
      const expected = scaleOf(covered);
      if (typeof expected !== 'number') return expected;
      if (covered.some((pod) => !controllerOf(pod)))
        recorder.warning(
          budget,
          'UnmanagedPods',
          `Pods selected by this PodDisruptionBudget (selector: ${goSelectorText(budget.spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
        );
      if (maxUnavailable !== undefined) return { expected, desired: Math.max(0, expected - share(maxUnavailable, expected)) };
      return { expected, desired: share(minAvailable ?? 0, expected) };
    }

    /** The replicas that the controllers of the Pods ask for, each controller once. */
    function scaleOf(covered: readonly Pod[]): number | { readonly problem: string } {
      const scales = new Map<string, number>();
      for (const pod of covered) {
        const owner = controllerOf(pod);
        const set = owner?.kind === 'ReplicaSet' ? sets.byUID(owner.uid) : undefined;
        const deployment = set && owners.byUID(controllerOf(set)?.uid ?? '');
        const other = owner && (statefuls.byUID(owner.uid) ?? controllers.byUID(owner.uid));
        const daemon = owner?.kind === 'DaemonSet' ? daemons.byUID(owner.uid) : undefined;
        if (!owner) continue; // A Pod of nobody counts for nothing.
        if (deployment) scales.set(deployment.metadata.uid, deployment.spec.replicas ?? 1);
        else if (set) scales.set(set.metadata.uid, set.spec.replicas ?? 1);
        else if (other) scales.set(other.metadata.uid, other.spec.replicas ?? 1);
        else if (daemon) return { problem: `daemonsets.apps does not implement the scale subresource` };
        else if (owner.kind === 'Job') return { problem: 'jobs.batch does not implement the scale subresource' };
        else return { problem: `found no controllers for pod "${pod.metadata.name}"` };
      }
      let sum = 0;
      for (const scale of scales.values()) sum += scale;
      return sum;
    }

    function next(
      budget: PodDisruptionBudget,
      covered: readonly Pod[],
      { expected, desired }: Expected,
      disrupted: Record<string, string>,
    ): PodDisruptionBudgetStatus {
      const currentHealthy = covered.filter(
        (pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined && disrupted[pod.metadata.name] === undefined,
      ).length;
      const disruptionsAllowed = expected <= 0 ? 0 : Math.max(0, currentHealthy - desired);
      const condition =
        disruptionsAllowed > 0
          ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' }
          : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' };
      return {
        conditions: withCondition(budget, condition),
        currentHealthy,
        desiredHealthy: desired,
        disruptedPods: Object.keys(disrupted).length > 0 ? disrupted : undefined,
        disruptionsAllowed,
        expectedPods: expected,
        observedGeneration: budget.metadata.generation,
      };
    }

    /** Nothing may be evicted while the numbers cannot be told. */
    function failed(budget: PodDisruptionBudget, problem: string): PodDisruptionBudgetStatus {
      recorder.warning(budget, 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${problem}`);
      const condition = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: problem };
      return {
        ...budget.status!,
        conditions: withCondition(budget, condition),
        disruptionsAllowed: 0,
        observedGeneration: budget.metadata.generation,
      };
    }

    function withCondition(
      budget: PodDisruptionBudget,
      wanted: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
    ) {
      const before = budget.status?.conditions?.find(({ type }) => type === wanted.type);
      const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : kernel.clock.timestamp();
      return [{ ...wanted, observedGeneration: budget.metadata.generation, lastTransitionTime }];
    }
  },
};

function covers({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  return metadata.namespace === pod.metadata.namespace && selectorFromObject(spec?.selector).matches(pod.metadata.labels);
}

/** Percentages are rounded up for both kinds of budget. */
function share(value: number | string, total: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100);
}
