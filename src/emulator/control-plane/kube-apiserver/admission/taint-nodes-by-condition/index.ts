/**
 * TaintNodesByCondition: a new node takes no Pods until it has been seen to be ready.
 * Upstream: plugin/pkg/admission/nodetaint/admission.go.
 */
import type { Node } from '../../../../api/generated/types.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  operations: ['CREATE'],
  admit: (_server, { object }) => {
    const node = object as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return object;
    const tainted: Node = { ...node, spec: { ...node.spec, taints: [...taints, notReady] } };
    return tainted;
  },
};
