import { resourceQuotas } from '../api/core/resource-quota.ts';
import { defineFault } from './fault.ts';
import { integer, name } from './parameters.ts';
import { asAdministrator, put } from './site.ts';

export const quotaExhausted = defineFault({
  name: 'quota-exhausted',
  cause: 'The namespace has a ResourceQuota that leaves no room for another Pod.',
  symptoms:
    'A workload that is scaled up or rolled out stays short of Pods. Its ReplicaSet has the event `FailedCreate` (`exceeded quota: …, requested: pods=1, used: pods=…, limited: pods=…`) and the condition `ReplicaFailure`; `kubectl describe quota` shows used and hard.',
  mend: 'Raise the quota or delete it, or make room by deleting what is not needed. To restart the rollout changes nothing.',
  parameters: {
    namespace: name('the namespace'),
    quota: name('what the ResourceQuota is called', 'team-limits'),
    pods: integer('how many Pods there may be', { least: 0, most: 10_000 }, 0),
  },
  showsAfterMs: 5000,
  inject: (cluster, { namespace, quota, pods }) =>
    asAdministrator(cluster, function* (client) {
      yield* put(client, resourceQuotas, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { namespace, name: quota },
        spec: { hard: { pods: String(pods) } },
      });
    }),
});
