/** Fills ClusterRoles that gather others by label: admin, edit, view (pkg/controller/clusterroleaggregation). */

import type { ClusterRole } from '../../../api/generated/types.ts';
import { clusterRoles } from '../../../api/rbac/role.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { Controller } from '../controller.ts';

export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  start(context) {
    const client = context.client('clusterrole-aggregation-controller');
    const informer = context.informers.for(clusterRoles);
    const queue = context.queue({ name: 'clusterrole-aggregation', reconcile });
    informer.onChange(() => {
      for (const role of informer.values()) if (role.aggregationRule) queue.add(role.metadata.name);
    });

    function* reconcile(name: string): Call<void> {
      const role = informer.get(name);
      if (!role?.aggregationRule) return;
      const rules = gatheredRules(role, [...informer.values()]);
      if (semanticEqual(role.rules, rules)) return;
      yield* client.update(clusterRoles, { ...role, rules });
    }
  },
};

/** The rules of all roles that a selector matches, in the order of their names, each once. */
function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): NonNullable<ClusterRole['rules']> {
  const rules: NonNullable<ClusterRole['rules']>[number][] = [];
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const { matches } = selectorFromObject(selector);
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !matches(other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => semanticEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
