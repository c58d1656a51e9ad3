import type { Cycle, NodeScorer, NodeSet } from '../../framework.ts';
import type { Constraint, Defaults } from './constraints.ts';
import { constraintsOf } from './constraints.ts';
import type { Domains } from './domains.ts';
import { domainsOf } from './domains.ts';

const hostname = 'kubernetes.io/hostname';

/**
 * How crowded the domains of each node are: Pods in the domain, weighed by the logarithm of how many domains there are.
 * Keeps from `prepare` to `normalize` which nodes lack a key that the Pod's own constraints name: they score 0.
 */
export class SpreadScore {
  readonly #defaults: Defaults;
  #ignored = new Uint8Array(64);
  #seen = new Uint8Array(64);

  constructor(defaults: Defaults) {
    this.#defaults = defaults;
  }

  prepare(cycle: Cycle, nodes: NodeSet): NodeScorer | undefined {
    const constraints = constraintsOf(cycle.pod, cycle.cache, this.#defaults, 'ScheduleAnyway');
    if (constraints.length === 0) return undefined;
    // With the cluster's own constraints a node without a zone is still spread over by its name.
    const needsAllKeys = (cycle.pod.spec.topologySpreadConstraints?.length ?? 0) > 0 || !this.#defaults.isSystem;
    const domains = domainsOf(cycle, constraints, needsAllKeys);
    const ignoredCount = this.#markIgnored(nodes, needsAllKeys ? domains : []);
    const parts = domains.map((part, i) => this.#weigh(constraints[i]!, part, nodes, ignoredCount));
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        const index = indices[n]!;
        let score = 0;
        if (this.#ignored[n] === 0) {
          for (const { counter, near, isHostname, weight, base } of parts) {
            if (counter.domainOf[index]! < 0) continue;
            score += (isHostname ? counter.onNode[index]! : near(index)) * weight + base;
          }
        }
        out[n] = Math.round(score);
      }
    };
  }

  /** The least crowded gets the most: 100 × (most + least − score) ÷ most. */
  normalize(scores: Float64Array, count: number): void {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let n = 0; n < count; n++) {
      if (this.#ignored[n]) continue;
      least = Math.min(least, scores[n]!);
      most = Math.max(most, scores[n]!);
    }
    for (let n = 0; n < count; n++) {
      if (this.#ignored[n]) scores[n] = 0;
      else scores[n] = most === 0 ? 100 : Math.floor((100 * (most + least - scores[n]!)) / most);
    }
  }

  #weigh({ constraint }: Constraint, domains: Domains, nodes: NodeSet, ignoredCount: number) {
    const isHostname = constraint.topologyKey === hostname;
    const size = isHostname ? nodes.count - ignoredCount : this.#valuesAmong(nodes, domains);
    return { ...domains, isHostname, weight: Math.log(size + 2), base: constraint.maxSkew - 1 };
  }

  #markIgnored({ indices, count }: NodeSet, domains: readonly Domains[]): number {
    if (this.#ignored.length < count) this.#ignored = new Uint8Array(count * 2);
    else this.#ignored.fill(0, 0, count);
    let marked = 0;
    for (const { counter } of domains) {
      if (counter.unlabeled === 0) continue;
      for (let n = 0; n < count; n++) {
        if (counter.domainOf[indices[n]!]! >= 0 || this.#ignored[n]) continue;
        this.#ignored[n] = 1;
        marked++;
      }
    }
    return marked;
  }

  /** How many values of the key there are among the nodes, to be without it being one. */
  #valuesAmong({ indices, count }: NodeSet, { counter }: Domains): number {
    let number = 0;
    if (this.#seen.length <= counter.domainCount) this.#seen = new Uint8Array((counter.domainCount + 1) * 2);
    const seen = this.#seen.fill(0, 0, counter.domainCount + 1);
    for (let n = 0; n < count; n++) {
      if (this.#ignored[n]) continue;
      const slot = counter.domainOf[indices[n]!]! + 1;
      if (seen[slot]) continue;
      seen[slot] = 1;
      number++;
    }
    return number;
  }
}
