import type { Pod, PodDisruptionBudget } from '../../api/generated/types.ts';
import { selectorFromObject } from '../../machinery/labels.ts';

/** For each Pod whether deleting it, after those before it, goes beyond what its disruption budgets allow (filterPodsWithPDBViolation). */
export function violations(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): boolean[] {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  return pods.map((pod) => {
    if (!pod.metadata.labels) return false;
    let isViolated = false;
    budgets.forEach((budget, i) => {
      if (budget.metadata.namespace !== pod.metadata.namespace) return;
      const selector = selectorFromObject(budget.spec?.selector);
      if (selector.isEverything || !selector.matches(pod.metadata.labels)) return;
      if (budget.status?.disruptedPods?.[pod.metadata.name] !== undefined) return;
      allowed[i]!--;
      if (allowed[i]! < 0) isViolated = true;
    });
    return isViolated;
  });
}
