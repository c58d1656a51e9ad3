import { tolerates } from '../../../../api/core/toleration.ts';
import type { Node, Pod } from '../../../../api/generated/types.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const unschedulable = rejection('NodeUnschedulable', 'node(s) were unschedulable', { isUnresolvable: true });
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const isCordoned = (node: unknown): boolean => (node as Node).spec?.unschedulable ?? false;

const plugin: Plugin = {
  name: 'NodeUnschedulable',
  preFilter({ pod, cache }) {
    if (cache.cordoned === 0 || tolerates(pod.spec.tolerations, taint)) return undefined;
    return { isLocal: true, filter: (index) => (isCordoned(cache.nodes[index]!.node) ? unschedulable : undefined) };
  },
  wakes: {
    'Node/Add': (_, { after }) => !isCordoned(after),
    'Node/UpdateNodeTaint': (_, { before, after }) => isCordoned(before) && !isCordoned(after),
    'UnscheduledPod/UpdatePodToleration': (pod, { after }) =>
      (after as Pod).metadata.uid === pod.metadata.uid && tolerates((after as Pod).spec.tolerations, taint),
  },
};

/** Rejects cordoned nodes. */
export const nodeUnschedulable: PluginFactory = { name: 'NodeUnschedulable', points: ['filter'], make: () => plugin };
