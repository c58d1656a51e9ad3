/**
 * InterPodAffinity: near to some Pods, away from others (pkg/scheduler/framework/plugins/interpodaffinity).
 *
 * Every term is one counter by its topology key. Terms that placed Pods carry are registered when such a Pod is first seen,
 * since they also speak about Pods that carry none.
 */
import type { Pod } from '../../../../api/generated/types.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { TopologyCounter } from '../../cache/topology-counter.ts';
import type { Cycle, NodeScorer, Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { Sort, Term } from './terms.ts';
import { carrierCounter, matchedCounter, termOf, termsOf } from './terms.ts';

const name = 'InterPodAffinity';
const notNear = rejection(name, "node(s) didn't match pod affinity rules", { isUnresolvable: true });
const tooNear = rejection(name, "node(s) didn't match pod anti-affinity rules");
const unwanted = rejection(name, "node(s) didn't satisfy existing pods anti-affinity rules");
/** hardPodAffinityWeight: how much a required affinity of a placed Pod draws others. */
const hardWeight = 1;

interface Carried {
  readonly term: Term;
  readonly sort: Sort;
  readonly weight: number;
  readonly counter: TopologyCounter;
}

const sorts: readonly Sort[] = ['requiredAffinity', 'requiredAntiAffinity', 'preferredAffinity', 'preferredAntiAffinity'];
const registries = new WeakMap<NodeCache, { readonly carried: Map<string, Carried>; readonly seen: WeakMap<object, WeakSet<object>> }>();

/** The terms that Pods of the cache carry. */
function registryOf(cache: NodeCache): { readonly carried: Map<string, Carried>; readonly seen: WeakMap<object, WeakSet<object>> } {
  let registry = registries.get(cache);
  if (!registry) registries.set(cache, (registry = { carried: new Map(), seen: new WeakMap() }));
  return registry;
}

/** Registers the terms of a Pod that is about to be counted in the cache. */
function registerTerms(pod: Pod, cache: NodeCache): void {
  const { affinity } = pod.spec;
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return;
  const { carried, seen } = registryOf(cache);
  // Pods of one template share the affinity; in another namespace the same terms mean other Pods.
  let labels = seen.get(affinity);
  if (!labels) seen.set(affinity, (labels = new WeakSet()));
  if (pod.metadata.labels) {
    if (labels.has(pod.metadata.labels)) return;
    labels.add(pod.metadata.labels);
  }
  for (const sort of sorts) {
    for (const { weight, term } of termsOf(pod, sort)) {
      const made = termOf(term, pod, cache);
      const spec = carrierCounter(sort, made, weight, cache);
      if (!carried.has(spec.key)) carried.set(spec.key, { term: made, sort, weight, counter: cache.counter(spec) });
    }
  }
}

export const interPodAffinity: Plugin = {
  name,
  weight: 2,
  podSeen: registerTerms,
  preFilter(cycle) {
    const { pod, cache } = cycle;
    registerTerms(pod, cache);
    const affinity = requiredAffinity(cycle);
    const anti = termsOf(pod, 'requiredAntiAffinity').map(({ term }) => {
      const made = termOf(term, pod, cache);
      return cache.counter(matchedCounter([made], made.topologyKey));
    });
    const existing: TopologyCounter[] = [];
    for (const { sort, term, counter } of registryOf(cache).carried.values()) {
      if (sort === 'requiredAntiAffinity' && counter.total > 0 && term.matches(pod)) existing.push(counter);
    }
    if (affinity.counters.length + anti.length + existing.length === 0) return undefined;
    return {
      filter(index) {
        for (const counter of affinity.counters) {
          if (counter.domainOf[index]! < 0 || (!affinity.isFirst && counter.near(index) === 0)) return notNear;
        }
        for (const counter of anti) if (counter.near(index) > 0) return tooNear;
        for (const counter of existing) if (counter.near(index) > 0) return unwanted;
        return undefined;
      },
    };
  },
  preScore: (cycle) => scorer(cycle),
  normalize: (scores, count) => spreadOut(scores, count),
  requeueOn: ['NodeAdded', 'NodeLabelsChanged', 'PodAssigned', 'PodDeleted', 'PodLabelsChanged'],
};

/** A Pod that all terms speak of may be the first of its kind: then any node with the keys will do. */
function requiredAffinity({ pod, cache }: Cycle): { readonly counters: readonly TopologyCounter[]; readonly isFirst: boolean } {
  const terms = termsOf(pod, 'requiredAffinity').map(({ term }) => termOf(term, pod, cache));
  const counters = terms.map(({ topologyKey }) => cache.counter(matchedCounter(terms, topologyKey)));
  const isFirst = counters.every((counter) => counter.total === 0) && terms.every((term) => term.matches(pod));
  return { counters, isFirst };
}

function scorer({ pod, cache }: Cycle): NodeScorer | undefined {
  const parts: { readonly counter: TopologyCounter; readonly weight: number }[] = [];
  for (const [sort, sign] of [
    ['preferredAffinity', 1],
    ['preferredAntiAffinity', -1],
  ] as const) {
    for (const { weight, term } of termsOf(pod, sort)) {
      const made = termOf(term, pod, cache);
      parts.push({ counter: cache.counter(matchedCounter([made], made.topologyKey)), weight: sign * weight });
    }
  }
  for (const { sort, term, weight, counter } of registryOf(cache).carried.values()) {
    if (sort === 'requiredAntiAffinity' || counter.total === 0 || !term.matches(pod)) continue;
    parts.push({ counter, weight: sort === 'requiredAffinity' ? hardWeight : sort === 'preferredAffinity' ? weight : -weight });
  }
  if (parts.length === 0) return undefined;
  return ({ indices, count }, out) => {
    for (let n = 0; n < count; n++) {
      let sum = 0;
      for (const { counter, weight } of parts) sum += weight * counter.near(indices[n]!);
      out[n] = sum;
    }
  };
}

/** The least becomes 0 and the most 100. */
function spreadOut(scores: Float64Array, count: number): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < count; n++) {
    least = Math.min(least, scores[n]!);
    most = Math.max(most, scores[n]!);
  }
  const range = most - least;
  for (let n = 0; n < count; n++) scores[n] = range > 0 ? Math.floor((100 * (scores[n]! - least)) / range) : 0;
}
