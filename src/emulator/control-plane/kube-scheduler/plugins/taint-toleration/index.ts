import { tolerates } from '../../../../api/core/toleration.ts';
import type { Taint } from '../../../../api/generated/types.ts';
import type { Plugin, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const verdicts = new Map<string, Rejection>();

function verdict({ key, value }: Taint): Rejection {
  const message = `node(s) had untolerated taint {${key}: ${value ?? ''}}`;
  let known = verdicts.get(message);
  if (!known) verdicts.set(message, (known = rejection('TaintToleration', message, { isUnresolvable: true })));
  return known;
}

/** Rejects nodes with a NoSchedule or NoExecute taint that the Pod does not tolerate; prefers those with fewer PreferNoSchedule ones. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  preFilter({ pod: { spec }, cache }) {
    if (cache.tainted === 0) return undefined;
    const { taints: counts } = cache;
    return {
      filter(index) {
        if (counts[index] === 0) return undefined;
        const taints = cache.nodes[index]!.node.spec?.taints;
        if (!taints) return undefined;
        for (const taint of taints) if (taint.effect !== 'PreferNoSchedule' && !tolerates(spec.tolerations, taint)) return verdict(taint);
        return undefined;
      },
    };
  },
  preScore({ pod: { spec }, cache }) {
    // A score that is the same for all nodes decides nothing.
    if (cache.tainted === 0) return undefined;
    const tolerations = spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    const { taints: counts } = cache;
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        let untolerated = 0;
        if (counts[indices[n]!] === 0) {
          out[n] = 0;
          continue;
        }
        for (const taint of cache.nodes[indices[n]!]!.node.spec?.taints ?? []) {
          if (taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)) untolerated++;
        }
        out[n] = untolerated;
      }
    };
  },
  normalize: 'reverse',
  requeueOn: ['NodeAdded', 'NodeTaintsChanged'],
};
