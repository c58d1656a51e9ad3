import type { Pod, PodAffinityTerm } from '../../../../api/generated/types.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { CounterSpec } from '../../cache/topology-counter.ts';

/** A term made ready: which Pods it speaks of. */
export interface Term {
  readonly key: string;
  readonly topologyKey: string;
  readonly matches: (pod: Pod) => boolean;
  /** Counts the Pods that this term speaks of. */
  readonly counter: CounterSpec;
}

const known = new WeakMap<PodAffinityTerm, Map<string, Term>>();

/** The term of a Pod in its namespace. The API server has written the values of matchLabelKeys into its selector. */
export function termOf(term: PodAffinityTerm, pod: Pod, cache: NodeCache): Term {
  const namespace = pod.metadata.namespace!;
  let bySlot = known.get(term);
  if (!bySlot) known.set(term, (bySlot = new Map()));
  let made = bySlot.get(namespace);
  if (!made) bySlot.set(namespace, (made = makeTerm(term, namespace, cache)));
  return made;
}

function makeTerm(term: PodAffinityTerm, own: string, cache: NodeCache): Term {
  const { labelSelector: selector, namespaceSelector, topologyKey } = term;
  const { matches } = selectorFromObject(selector);
  const listed = term.namespaces ?? [];
  const names = new Set(listed.length === 0 && !namespaceSelector ? [own] : listed);
  const byLabels = namespaceSelector && selectorFromObject(namespaceSelector);
  if (byLabels && !byLabels.isEverything) cache.usesNamespaceLabels = true;
  const inNamespace = (name: string): boolean =>
    names.has(name) || (byLabels !== undefined && (byLabels.isEverything || byLabels.matches(cache.namespaceLabels(name))));
  const part = {
    key: `${topologyKey}/${[...names].sort().join()}/${JSON.stringify([namespaceSelector, selector])}`,
    matches: (pod: Pod) => inNamespace(pod.metadata.namespace!) && matches(pod.metadata.labels),
  };
  return { ...part, topologyKey, counter: matchedCounter([part], topologyKey) };
}

/** Counts the Pods that all the terms speak of. */
export function matchedCounter(terms: readonly Pick<Term, 'key' | 'matches'>[], topologyKey: string): CounterSpec {
  return {
    key: `matched/${topologyKey}/${terms.map(({ key }) => key).join('&')}`,
    topologyKey,
    skipsTerminating: false,
    counts: (pod) => terms.every((term) => term.matches(pod)),
  };
}

/** Terms that a Pod carries, by which of its lists they stand in. */
export type Sort = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';

export const sorts: readonly Sort[] = ['requiredAffinity', 'requiredAntiAffinity', 'preferredAffinity', 'preferredAntiAffinity'];

const noTerms: readonly never[] = [];

interface Weighted {
  readonly weight: number;
  readonly term: PodAffinityTerm;
}

/** By the affinity that Pods of a template share. */
const listed = new WeakMap<object, Map<Sort, readonly Weighted[]>>();

export function termsOf({ spec }: Pod, sort: Sort): readonly Weighted[] {
  const { affinity } = spec;
  if (!affinity || (affinity.podAffinity === undefined && affinity.podAntiAffinity === undefined)) return noTerms;
  let bySort = listed.get(affinity);
  if (!bySort) listed.set(affinity, (bySort = new Map()));
  let terms = bySort.get(sort);
  if (!terms) bySort.set(sort, (terms = listTerms(spec, sort)));
  return terms;
}

function listTerms(spec: Pod['spec'], sort: Sort): readonly Weighted[] {
  const affinity = sort.endsWith('AntiAffinity') ? spec.affinity?.podAntiAffinity : spec.affinity?.podAffinity;
  if (!affinity) return noTerms;
  if (sort.startsWith('required'))
    return (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({ weight: 1, term }));
  return (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
    weight,
    term: podAffinityTerm,
  }));
}

/** Counts the Pods that carry a term. */
export function carrierCounter(sort: Sort, term: Term, weight: number, cache: NodeCache): CounterSpec {
  return {
    key: `carrier/${sort}/${weight}/${term.key}`,
    topologyKey: term.topologyKey,
    skipsTerminating: false,
    counts: (pod) => termsOf(pod, sort).some((own) => own.weight === weight && termOf(own.term, pod, cache).key === term.key),
  };
}
