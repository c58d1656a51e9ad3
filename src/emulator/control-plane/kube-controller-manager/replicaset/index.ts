/** ReplicaSet: as many Pods as asked (pkg/controller/replicaset). */
import { replicaSets } from '../../../api/apps/replica-set.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { Controller } from '../controller.ts';
import { ReplicaController } from '../replica-controller.ts';

export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  start: (context) => {
    new ReplicaController(context, {
      kind: replicaSets,
      account: 'replicaset-controller',
      selects: (owner, labels) => selectorFromObject(owner.spec.selector).matches(labels),
    });
  },
};
