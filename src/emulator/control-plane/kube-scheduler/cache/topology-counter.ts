import type { Pod } from '../../../api/generated/types.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { grown } from './columns.ts';

/** Which Pods a counter counts. */
export interface CounterSpec {
  /** Says all of the rest; counters of one key are one. */
  readonly key: string;
  readonly topologyKey: string;
  /** Whether Pods that are being deleted are left out. */
  readonly skipsTerminating: boolean;
  readonly counts: (pod: Pod) => boolean;
}

/** How many Pods of a certain sort are on each node, and in each domain of a topology key, kept by difference. */
export class TopologyCounter {
  readonly spec: CounterSpec;
  /** Domain by node index, -1 for a node without the label. */
  domainOf = new Int32Array(64).fill(-1);
  /** Pods by node index. */
  onNode = new Int32Array(64);
  /** Pods by domain. */
  inDomain = new Int32Array(16);
  /** Nodes by domain: one without nodes does not exist. */
  nodesIn = new Int32Array(16);
  /** Domains with a node. */
  domains = 0;
  /** Nodes without the label. */
  unlabeled = 0;
  total = 0;
  /** Pods on nodes with the label. */
  inDomains = 0;
  readonly #ids = new Map<string, number>();
  /** histogram[n]: how many domains hold n Pods; the least is found without walking five thousand hostnames. */
  readonly #histogram: number[] = [0];

  constructor(spec: CounterSpec) {
    this.spec = spec;
  }

  /** How many domains this counter has ever seen: the size of an array by domain. */
  get domainCount(): number {
    return this.#ids.size;
  }

  setNode(index: number, labels: Labels | undefined, isNew: boolean): void {
    const domain = this.#domain(labels?.[this.spec.topologyKey]);
    this.domainOf = grown(this.domainOf, index + 1, -1);
    this.onNode = grown(this.onNode, index + 1);
    if (isNew) this.domainOf[index] = -2;
    const before = this.domainOf[index]!;
    if (before === domain) return;
    const pods = this.onNode[index]!;
    if (before >= 0) this.#leave(before, pods);
    else if (before === -1) this.unlabeled--;
    this.domainOf[index] = domain;
    if (domain >= 0) this.#join(domain, pods);
    else this.unlabeled++;
  }

  /** Forgets the node at `index` and puts the one at `last` in its place. */
  removeNode(index: number, last: number): void {
    const domain = this.domainOf[index]!;
    if (domain >= 0) this.#leave(domain, this.onNode[index]!);
    else this.unlabeled--;
    this.total -= this.onNode[index]!;
    this.domainOf[index] = this.domainOf[last]!;
    this.onNode[index] = this.onNode[last]!;
    this.domainOf[last] = -1;
    this.onNode[last] = 0;
  }

  add(node: number, by: number): void {
    this.onNode[node]! += by;
    this.total += by;
    const domain = this.domainOf[node]!;
    if (domain < 0) return;
    this.inDomains += by;
    this.#set(domain, this.inDomain[domain]! + by);
  }

  /** Pods in the domain of a node; 0 for a node without the label. */
  near(node: number): number {
    const domain = this.domainOf[node]!;
    return domain < 0 ? 0 : this.inDomain[domain]!;
  }

  /** The least number of Pods in any domain. */
  least(): number {
    for (let n = 0; n < this.#histogram.length; n++) if (this.#histogram[n]! > 0) return n;
    return 0;
  }

  #domain(value: string | undefined): number {
    if (value === undefined) return -1;
    let id = this.#ids.get(value);
    if (id === undefined) {
      this.#ids.set(value, (id = this.#ids.size));
      this.inDomain = grown(this.inDomain, id + 1);
      this.nodesIn = grown(this.nodesIn, id + 1);
    }
    return id;
  }

  #join(domain: number, pods: number): void {
    if (this.nodesIn[domain]!++ === 0) {
      this.domains++;
      this.inDomain[domain] = 0;
      this.#histogram[0]!++;
    }
    this.inDomains += pods;
    this.#set(domain, this.inDomain[domain]! + pods);
  }

  #leave(domain: number, pods: number): void {
    this.inDomains -= pods;
    this.#set(domain, this.inDomain[domain]! - pods);
    if (--this.nodesIn[domain]! > 0) return;
    this.domains--;
    this.#histogram[this.inDomain[domain]!]!--;
  }

  #set(domain: number, count: number): void {
    this.#histogram[this.inDomain[domain]!]!--;
    this.inDomain[domain] = count;
    while (this.#histogram.length <= count) this.#histogram.push(0);
    this.#histogram[count]!++;
  }
}
