/**
 * InterPodAffinity: near to some Pods, away from others (pkg/scheduler/framework/plugins/interpodaffinity).
 *
 * Every term is one counter by its topology key. Terms that placed Pods carry are registered when such a Pod is first seen,
 * since they also speak about Pods that carry none.
 */
import type { NodeCache } from '../../cache/node-cache.ts';
import type { TopologyCounter } from '../../cache/topology-counter.ts';
import type { InterPodAffinityArgs } from '../../configuration/plugin-args.ts';
import type { Cycle, FilterPlan, NodeFilter, NodeScorer, Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { wakesWith } from './hints.ts';
import { registryOf } from './registry.ts';
import { matchedCounter, termOf, termsOf } from './terms.ts';

const name = 'InterPodAffinity';
const notNear = rejection(name, "node(s) didn't match pod affinity rules", { isUnresolvable: true });
const tooNear = rejection(name, "node(s) didn't match pod anti-affinity rules");
const unwanted = rejection(name, "node(s) didn't satisfy existing pods anti-affinity rules");

function planOf(cycle: Cycle): FilterPlan | undefined {
  const { pod, podClass, cache } = cycle;
  const affinity = requiredAffinity(cycle);
  const anti = termsOf(pod, 'requiredAntiAffinity').map(({ term }) => cache.counter(termOf(term, pod, cache).counter));
  const existing: TopologyCounter[] = [];
  for (const { sort, counter } of registryOf(cache).about(pod, podClass))
    if (sort === 'requiredAntiAffinity' && counter.total > 0) existing.push(counter);
  if (affinity.counters.length + anti.length + existing.length === 0) return undefined;
  const apart = [...anti.map((counter) => awayFrom(counter, tooNear)), ...existing.map((counter) => awayFrom(counter, unwanted))];
  const keepsApart = filterOf(apart);
  if (affinity.counters.length === 0) return { isSnapshot: true, filter: keepsApart };
  return {
    isSnapshot: true,
    filter(index) {
      for (const counter of affinity.counters) {
        if (counter.domainOf[index]! < 0 || (!affinity.isFirst && counter.near(index) === 0)) return notNear;
      }
      return keepsApart(index);
    },
  };
}

/** Runs on every node: the usual case, Pods that all keep apart from each other, is written out. */
function filterOf(apart: readonly Away[]): NodeFilter {
  const [first, second] = apart;
  if (first && second && apart.length === 2) {
    const { domainOf: domainA, inDomain: inA, why: whyA } = first;
    const { domainOf: domainB, inDomain: inB, why: whyB } = second;
    return (index) => {
      const a = domainA[index]!;
      if (a >= 0 && inA[a]! > 0) return whyA;
      const b = domainB[index]!;
      return b >= 0 && inB[b]! > 0 ? whyB : undefined;
    };
  }
  return (index) => {
    for (let i = 0; i < apart.length; i++) {
      const { domainOf, inDomain, why } = apart[i]!;
      const domain = domainOf[index]!;
      if (domain >= 0 && inDomain[domain]! > 0) return why;
    }
    return undefined;
  };
}

interface Away {
  readonly domainOf: Int32Array;
  readonly inDomain: Int32Array;
  readonly why: Rejection;
}

/** The columns of a counter that must be 0 where the Pod goes. A plan is a snapshot, so that they may be held. */
const awayFrom = ({ domainOf, inDomain }: TopologyCounter, why: Rejection): Away => ({ domainOf, inDomain, why });

/** A Pod that all terms speak of may be the first of its kind: then any node with the keys will do. */
function requiredAffinity({ pod, cache }: Cycle): { readonly counters: readonly TopologyCounter[]; readonly isFirst: boolean } {
  const terms = termsOf(pod, 'requiredAffinity').map(({ term }) => termOf(term, pod, cache));
  const counters = terms.map(({ topologyKey, counter }) =>
    cache.counter(terms.length === 1 ? counter : matchedCounter(terms, topologyKey)),
  );
  const isFirst = counters.every((counter) => counter.inDomains === 0) && terms.every((term) => term.matches(pod));
  return { counters, isFirst };
}

function scorerOf({ pod, podClass, cache }: Cycle, args: InterPodAffinityArgs): NodeScorer | undefined {
  const parts: { readonly counter: TopologyCounter; readonly weight: number }[] = [];
  for (const [sort, sign] of [
    ['preferredAffinity', 1],
    ['preferredAntiAffinity', -1],
  ] as const) {
    for (const { weight, term } of termsOf(pod, sort)) {
      parts.push({ counter: cache.counter(termOf(term, pod, cache).counter), weight: sign * weight });
    }
  }
  if (args.ignorePreferredTermsOfExistingPods && parts.length === 0) return undefined;
  for (const { sort, weight, counter } of registryOf(cache).about(pod, podClass)) {
    if (sort === 'requiredAntiAffinity' || counter.total === 0) continue;
    const drawn = sort === 'requiredAffinity' ? args.hardPodAffinityWeight : sort === 'preferredAffinity' ? weight : -weight;
    if (drawn !== 0) parts.push({ counter, weight: drawn });
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
  // In this order of operations upstream rounds down, too.
  for (let n = 0; n < count; n++) scores[n] = range > 0 ? Math.floor(100 * ((scores[n]! - least) / range)) : 0;
}

function make(args: InterPodAffinityArgs): Plugin {
  let known: NodeCache | undefined;
  return {
    name,
    podSeen: (pod, cache) => registryOf(cache).add(pod),
    preFilter(cycle) {
      known = cycle.cache;
      registryOf(cycle.cache).add(cycle.pod);
      return planOf(cycle);
    },
    preScore: (cycle) => scorerOf(cycle, args),
    normalize: spreadOut,
    // A Pod that waits has been looked at before, so that the cache is known.
    wakes: wakesWith(() => known!),
  };
}

/** Rejects nodes that required terms, of the Pod or of others about it, speak against; prefers by the weights of preferred ones. */
export const interPodAffinity: PluginFactory = {
  name,
  points: ['preFilter', 'filter', 'preScore', 'score'],
  make: (args) => make(args as InterPodAffinityArgs),
};
