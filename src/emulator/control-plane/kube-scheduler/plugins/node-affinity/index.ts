/** NodeAffinity: node selectors and node affinity, and the affinity that a profile adds to every Pod (pkg/scheduler/framework/plugins/nodeaffinity). */
import { matchesNode, matchesSelector, matchesTerm, namedNodes } from '../../../../api/core/node-selector.ts';
import type { Node, NodeAffinity, Pod } from '../../../../api/generated/types.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { NodeAffinityArgs } from '../../configuration/plugin-args.ts';
import type { FilterPlan, Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const name = 'NodeAffinity';
const unresolvable = { isUnresolvable: true };
const mismatch = rejection(name, "node(s) didn't match Pod's node affinity/selector", unresolvable);
const enforced = rejection(name, "node(s) didn't match scheduler-enforced node affinity", unresolvable);
const conflict = rejection(name, 'pod affinity terms conflict', unresolvable);

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Whether nodes match, by node index: 0 is not known yet, 1 matches, 2 does not. */
interface Marks {
  readonly epoch: number;
  readonly nodeSelector: unknown;
  readonly byNode: Uint8Array;
}

/** Pods of a template share their affinity, so that a node is looked at once for all of them. */
class Matches {
  readonly #known = new WeakMap<object, Marks>();

  of({ spec }: Pod, cache: NodeCache): Uint8Array {
    const key = spec.affinity?.nodeAffinity ?? spec.nodeSelector!;
    let marks = this.#known.get(key);
    if (marks?.epoch !== cache.labelEpoch || marks.nodeSelector !== spec.nodeSelector) {
      marks = { epoch: cache.labelEpoch, nodeSelector: spec.nodeSelector, byNode: new Uint8Array(cache.nodes.length) };
      this.#known.set(key, marks);
    }
    return marks.byNode;
  }
}

function planOf(pod: Pod, added: NodeAffinity | undefined, cache: NodeCache, matches: Matches): FilterPlan | undefined {
  const { spec } = pod;
  const enforcedSelector = added?.[required];
  const isBound = spec.nodeSelector !== undefined || spec.affinity?.nodeAffinity?.[required] !== undefined;
  if (!isBound && !enforcedSelector) return undefined;
  const nodes = namedNodes(pod);
  if (nodes?.size === 0) return { rejection: conflict };
  const verdictOf = (index: number): Rejection | undefined => {
    const { node } = cache.nodes[index]!;
    if (enforcedSelector && !matchesSelector(enforcedSelector, node)) return enforced;
    return matchesNode(pod, node) ? undefined : mismatch;
  };
  // For few nodes, or where there are two verdicts, it is not worth remembering.
  if (nodes || enforcedSelector) return { nodes, filter: verdictOf };
  const marks = matches.of(pod, cache);
  return {
    isLocal: true,
    filter(index) {
      if (marks[index] === 0) marks[index] = verdictOf(index) ? 2 : 1;
      return marks[index] === 1 ? undefined : mismatch;
    },
  };
}

function make({ addedAffinity: added }: NodeAffinityArgs): Plugin {
  const memory = new Matches();
  const addedPreferred = added?.[preferred] ?? [];
  const matches = (pod: Pod, node: Node): boolean =>
    (!added?.[required] || matchesSelector(added[required], node)) && matchesNode(pod, node);
  return {
    name,
    preFilter: ({ pod, cache }) => planOf(pod, added, cache, memory),
    preScore({ pod: { spec }, cache }) {
      const own = spec.affinity?.nodeAffinity?.[preferred] ?? [];
      const terms = addedPreferred.length === 0 ? own : [...addedPreferred, ...own];
      if (terms.length === 0) return undefined;
      return ({ indices, count }, out) => {
        for (let n = 0; n < count; n++) {
          let sum = 0;
          for (const { weight, preference } of terms) if (matchesTerm(preference, cache.nodes[indices[n]!]!.node)) sum += weight;
          out[n] = sum;
        }
      };
    },
    normalize: 'share',
    wakes: {
      'Node/Add': (pod, { after }) => matches(pod, after as Node),
      'Node/UpdateNodeLabel': (pod, { before, after }) => !matches(pod, before as Node) && matches(pod, after as Node),
    },
  };
}

/** Rejects nodes outside nodeSelector and required node affinity; adds up the weights of the preferred terms that a node meets. */
export const nodeAffinity: PluginFactory = {
  name,
  points: ['preFilter', 'filter', 'preScore', 'score'],
  make: (args) => make(args as NodeAffinityArgs),
};
