import { nodes } from '../api/core/node.ts';
import { defineFault } from './fault.ts';
import { machine } from './parameters.ts';
import { asAdministrator, merge } from './site.ts';

export const cordoned = defineFault({
  name: 'cordoned',
  cause: 'Somebody has cordoned the node and forgot it.',
  symptoms:
    '`kubectl get nodes` says `Ready,SchedulingDisabled`; the node bears the taint `node.kubernetes.io/unschedulable:NoSchedule`. Pods that have nowhere else to go are `Pending` with `FailedScheduling`: `1 node(s) were unschedulable`.',
  mend: '`kubectl uncordon NODE`. To delete the Pods or the taint alone changes nothing.',
  parameters: { node: machine('the machine', 'node-1') },
  showsAfterMs: 5000,
  inject: (cluster, { node }) =>
    asAdministrator(cluster, function* (client) {
      yield* merge(client, nodes, { name: node }, { spec: { unschedulable: true } });
    }),
});
