import { matchesNode, matchesTerm, namedNodes } from '../../../../api/core/node-selector.ts';
import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const mismatch = rejection('NodeAffinity', "node(s) didn't match Pod's node affinity/selector", { isUnresolvable: true });

/** Rejects nodes outside nodeSelector and required node affinity; adds up the weights of the preferred terms that a node meets. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  preFilter({ pod, cache }) {
    const { spec } = pod;
    if (!spec.nodeSelector && !spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return undefined;
    return { filter: (index) => (matchesNode(pod, cache.nodes[index]!.node) ? undefined : mismatch), nodes: namedNodes(pod) };
  },
  preScore({ pod: { spec }, cache }) {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred || preferred.length === 0) return undefined;
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (const { weight, preference } of preferred) if (matchesTerm(preference, cache.nodes[indices[n]!]!.node)) sum += weight;
        out[n] = sum;
      }
    };
  },
  normalize: 'share',
  requeueOn: ['NodeAdded', 'NodeLabelsChanged'],
};
