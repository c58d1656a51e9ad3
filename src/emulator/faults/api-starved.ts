import { flowSchemas } from '../api/flowcontrol/flow-schema.ts';
import { priorityLevelConfigurations } from '../api/flowcontrol/priority-level-configuration.ts';
import { defineFault } from './fault.ts';
import { name, text } from './parameters.ts';
import { asAdministrator, put } from './site.ts';

export const apiStarved = defineFault({
  name: 'api-starved',
  cause:
    'Somebody has meant to slow a noisy client down: a FlowSchema puts the requests of a whole group into a PriorityLevelConfiguration that has no seats and refuses what it cannot serve.',
  symptoms:
    'The API server answers `429 Too Many Requests` with `Retry-After`; kubectl waits and asks again, and in the end says `the server has received too many requests and has asked us to try again later`. `kubectl get flowschemas` shows the schema and its low precedence number; `/debug/api_priority_and_fairness/dump_priority_levels` and the metric `apiserver_flowcontrol_rejected_requests_total` show where requests are refused. Components of the control plane work on.',
  mend: 'Delete the FlowSchema, or give its level seats, as somebody whose requests are exempt: `system:masters`, as in /etc/kubernetes/super-admin.conf. To start the API server again changes nothing.',
  parameters: {
    schema: name('what both objects are called', 'noisy-clients'),
    group: text('whose requests', 'system:authenticated'),
  },
  showsAfterMs: 2000,
  inject: (cluster, { schema, group }) =>
    asAdministrator(cluster, function* (client) {
      yield* put(client, priorityLevelConfigurations, {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'PriorityLevelConfiguration',
        metadata: { name: schema },
        spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
      });
      yield* put(client, flowSchemas, {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'FlowSchema',
        metadata: { name: schema },
        spec: {
          matchingPrecedence: 5,
          priorityLevelConfiguration: { name: schema },
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'Group', group: { name: group } }],
              resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
              nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
            },
          ],
        },
      });
    }),
});
