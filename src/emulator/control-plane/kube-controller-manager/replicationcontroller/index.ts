/** ReplicationController: what ReplicaSet does, for the older kind (pkg/controller/replication). */
import { replicationControllers } from '../../../api/core/replication-controller.ts';
import { selectorFromSet } from '../../../machinery/labels.ts';
import type { Controller } from '../controller.ts';
import { ReplicaController } from '../replica-controller.ts';

export const replicationController: Controller = {
  name: 'replicationcontroller-controller',
  start: (context) => {
    new ReplicaController(context, {
      kind: replicationControllers,
      account: 'replication-controller',
      selects: (owner, labels) => selectorFromSet(owner.spec.selector).matches(labels),
    });
  },
};
