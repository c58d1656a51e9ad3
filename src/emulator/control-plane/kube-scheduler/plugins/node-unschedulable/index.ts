import { tolerates } from '../../../../api/core/toleration.ts';
import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const unschedulable = rejection('NodeUnschedulable', 'node(s) were unschedulable', { isUnresolvable: true });
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Rejects cordoned nodes. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  preFilter({ pod, cache }) {
    if (cache.cordoned === 0 || tolerates(pod.spec.tolerations, taint)) return undefined;
    return { filter: (index) => (cache.nodes[index]!.node.spec?.unschedulable ? unschedulable : undefined) };
  },
  requeueOn: ['NodeAdded', 'NodeTaintsChanged'],
};
