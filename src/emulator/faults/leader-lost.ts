import { clusterRoles, roles } from '../api/rbac/role.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice } from './parameters.ts';
import { asAdministrator, killProcess, merge } from './site.ts';

const components = ['kube-scheduler', 'kube-controller-manager'] as const;

export const leaderLost = defineFault({
  name: 'leader-lost',
  cause:
    "Somebody has taken the rules about Leases out of the component's ClusterRole (`system:kube-scheduler`, `system:kube-controller-manager`) and out of its Role in kube-system (`system::leader-locking-…`), so that it can neither renew its Lease nor take it.",
  symptoms:
    'Its Pod is `Running` and does nothing: its log repeats `error retrieving resource lock …: leases.coordination.k8s.io "…" is forbidden`. In kube-system, the Lease of its name has a `renewTime` that stands still (`kubectl -n kube-system get lease -o yaml`). Without a scheduler Pods stay `Pending` without an event; without a controller manager nothing is made, and dead nodes stay Ready.',
  mend: 'Give the rules back (`kubectl edit clusterrole`, `kubectl -n kube-system edit role`); the API server puts its default roles right when it starts. To start the component again changes nothing.',
  parameters: { component: choice('who loses its Lease', components, 'kube-scheduler') },
  showsAfterMs: 60_000,
  inject: (cluster, { component }) =>
    asAdministrator(cluster, function* (client) {
      const ref = { name: `system:${component}` };
      const { rules = [] } = yield* client.get(clusterRoles, ref);
      const rest = (rules ?? []).filter(({ resources = [] }) => !resources?.includes('leases'));
      if (rest.length === (rules ?? []).length) throw new FaultError(`${ref.name} has no rules about Leases`);
      yield* merge(client, clusterRoles, ref, { rules: rest });
      const lock = { namespace: 'kube-system', name: `system::leader-locking-${component}` };
      const locking = (yield* client.get(roles, lock)).rules ?? [];
      yield* merge(client, roles, lock, { rules: locking.filter(({ resources }) => !resources?.includes('leases')) });
      killProcess(cluster, cluster.nodeNames[0]!, component);
    }),
});
