import type { Pod } from '../../../../api/generated/types.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { PodClass } from '../../cache/pod-class.ts';
import type { CounterSpec, TopologyCounter } from '../../cache/topology-counter.ts';
import type { Sort, Term } from './terms.ts';
import { carrierCounter, sorts, termOf, termsOf } from './terms.ts';

/** A term that Pods of the cache carry, and how many carry it where. */
export interface Carried {
  readonly term: Term;
  readonly sort: Sort;
  readonly weight: number;
  readonly spec: CounterSpec;
  counter: TopologyCounter;
}

interface Known {
  readonly version: number;
  readonly carried: readonly Carried[];
}

/** The terms that Pods carry also speak about Pods that carry none, so they are kept from the moment such a Pod is first seen. */
export class TermRegistry {
  readonly #cache: NodeCache;
  readonly #carried = new Map<string, Carried>();
  /** Pods of one template share the affinity; with other labels or in another namespace the same terms may mean other Pods. */
  readonly #seen = new WeakMap<object, WeakSet<object>>();
  /** Which terms speak of the Pods of a class. */
  readonly #about = new WeakMap<PodClass, Known>();
  #epoch: number;
  #version = 0;

  constructor(cache: NodeCache) {
    this.#cache = cache;
    this.#epoch = cache.counterEpoch;
  }

  /** Registers the terms of a Pod that is about to be counted in the cache. */
  add(pod: Pod): void {
    const { affinity } = pod.spec;
    if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return;
    let labels = this.#seen.get(affinity);
    if (!labels) this.#seen.set(affinity, (labels = new WeakSet()));
    if (pod.metadata.labels) {
      if (labels.has(pod.metadata.labels)) return;
      labels.add(pod.metadata.labels);
    }
    for (const sort of sorts) {
      for (const { weight, term } of termsOf(pod, sort)) {
        const made = termOf(term, pod, this.#cache);
        const spec = carrierCounter(sort, made, weight, this.#cache);
        if (this.#carried.has(spec.key)) continue;
        this.#carried.set(spec.key, { term: made, sort, weight, spec, counter: this.#cache.counter(spec) });
        this.#version++;
      }
    }
  }

  /** The terms of other Pods that speak of this one. */
  about(pod: Pod, podClass: PodClass): readonly Carried[] {
    this.#renew();
    if (this.#carried.size === 0) return [];
    let known = this.#about.get(podClass);
    if (known?.version !== this.#version) {
      known = { version: this.#version, carried: [...this.#carried.values()].filter(({ term }) => term.matches(pod)) };
      this.#about.set(podClass, known);
    }
    return known.carried;
  }

  #renew(): void {
    if (this.#epoch === this.#cache.counterEpoch) return;
    this.#epoch = this.#cache.counterEpoch;
    this.#version++;
    for (const carried of this.#carried.values()) carried.counter = this.#cache.counter(carried.spec);
  }
}

const registries = new WeakMap<NodeCache, TermRegistry>();

/** The registry of a cache, which all profiles share. */
export function registryOf(cache: NodeCache): TermRegistry {
  let registry = registries.get(cache);
  if (!registry) registries.set(cache, (registry = new TermRegistry(cache)));
  return registry;
}
