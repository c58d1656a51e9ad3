/** TaintToleration: keeps Pods off tainted nodes that they do not tolerate (pkg/scheduler/framework/plugins/tainttoleration). */
import { tolerates } from '../../../../api/core/toleration.ts';
import type { Node, Pod, Taint } from '../../../../api/generated/types.ts';
import type { Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const name = 'TaintToleration';
const verdicts = new Map<string, Rejection>();
const maxVerdicts = 1000;

function verdict({ key, value }: Taint): Rejection {
  const message = `node(s) had untolerated taint {${key}: ${value ?? ''}}`;
  let known = verdicts.get(message);
  if (known) return known;
  if (verdicts.size >= maxVerdicts) verdicts.clear();
  verdicts.set(message, (known = rejection(name, message, { isUnresolvable: true })));
  return known;
}

/** The first taint that keeps the Pod off the node. */
const untolerated = ({ spec }: Pod, node: Node): Taint | undefined =>
  node.spec?.taints?.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec.tolerations, taint));

const plugin: Plugin = {
  name,
  preFilter({ pod, cache }) {
    if (cache.tainted === 0) return undefined;
    const { taints: counts } = cache;
    return {
      isLocal: true,
      filter(index) {
        if (counts[index] === 0) return undefined;
        const taint = untolerated(pod, cache.nodes[index]!.node);
        return taint && verdict(taint);
      },
    };
  },
  silentScore: 100,
  preScore({ pod: { spec }, cache }) {
    // A score that is the same for all nodes decides nothing.
    if (cache.tainted === 0) return undefined;
    const tolerations = spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    const { taints: counts } = cache;
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        let intolerable = 0;
        if (counts[indices[n]!] === 0) {
          out[n] = 0;
          continue;
        }
        for (const taint of cache.nodes[indices[n]!]!.node.spec?.taints ?? []) {
          if (taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)) intolerable++;
        }
        out[n] = intolerable;
      }
    };
  },
  normalize: 'reverse',
  wakes: {
    'Node/Add': (pod, { after }) => !untolerated(pod, after as Node),
    'Node/UpdateNodeTaint': (pod, { before, after }) => untolerated(pod, before as Node) !== undefined && !untolerated(pod, after as Node),
    'UnscheduledPod/UpdatePodToleration': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid,
  },
};

/** Rejects nodes with a NoSchedule or NoExecute taint that the Pod does not tolerate; prefers those with fewer PreferNoSchedule ones. */
export const taintToleration: PluginFactory = { name, points: ['filter', 'preScore', 'score'], make: () => plugin };
