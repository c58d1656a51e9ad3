import type { Random } from '../../kernel/index.ts';
import type { Cycle, FilterPlan, NodeSet, Plugin, Rejection } from './framework.ts';

/** What one plugin gave each node, for the trace. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  /** Normalised and before weighing, in the order of the feasible nodes. */
  readonly scores: readonly number[];
}

/** Runs the filters and scores of a profile; keeps the buffers from Pod to Pod. */
export class Placement {
  readonly #filters: readonly Plugin[];
  readonly #scorers: readonly Plugin[];
  readonly #random: Random;
  /** Where the next search begins, so that all nodes have their turn. */
  #nextStart = 0;
  #feasible: NodeSet = { indices: new Int32Array(128), count: 0 };
  #totals = new Float64Array(128);
  #raw = new Float64Array(128);

  constructor(plugins: readonly Plugin[], random: Random) {
    this.#filters = plugins.filter((plugin) => plugin.preFilter);
    this.#scorers = plugins.filter((plugin) => plugin.preScore);
    this.#random = random;
  }

  get feasible(): NodeSet {
    return this.#feasible;
  }

  /** Asks all plugins about the Pod. A rejection means that no node will do. */
  plan(cycle: Cycle): {
    readonly plans: readonly FilterPlan[];
    readonly rejection?: Rejection;
    readonly nodes?: ReadonlySet<string>;
    readonly narrowedBy: readonly string[];
  } {
    const plans: FilterPlan[] = [];
    const narrowedBy: string[] = [];
    let nodes: ReadonlySet<string> | undefined;
    for (const plugin of this.#filters) {
      const plan = plugin.preFilter!(cycle);
      if (!plan) continue;
      if (plan.rejection) return { plans: [], rejection: plan.rejection, narrowedBy };
      if (plan.nodes) {
        const narrowed: ReadonlySet<string> = plan.nodes;
        nodes = nodes ? new Set([...nodes].filter((name) => narrowed.has(name))) : narrowed;
        narrowedBy.push(plugin.name);
      }
      if (plan.filter) plans.push(plan);
    }
    return nodes ? { plans, nodes, narrowedBy } : { plans, narrowedBy };
  }

  /** The first rejection of one node. */
  check(cycle: Cycle, node: number): Rejection | undefined {
    for (const plugin of this.#filters) {
      const plan = plugin.preFilter!(cycle);
      const found = plan?.rejection ?? plan?.filter?.(node);
      if (found) return found;
    }
    return undefined;
  }

  /** Finds nodes that pass every filter, until there are enough to choose from. */
  findFeasible(cycle: Cycle, plans: readonly FilterPlan[], onReject: (node: number, rejection: Rejection) => void): number {
    const { nodes } = cycle.cache;
    this.#reserve(nodes.length);
    const { indices } = this.#feasible;
    const enough = nodesToFind(nodes.length);
    const checks = plans.map(({ filter }) => filter!);
    let found = 0;
    let node = nodes.length === 0 ? 0 : this.#nextStart % nodes.length;
    for (let visited = 0; visited < nodes.length && found < enough; visited++) {
      let rejection: Rejection | undefined;
      for (let c = 0; c < checks.length && !rejection; c++) rejection = checks[c]!(node);
      if (rejection) onReject(node, rejection);
      else indices[found++] = node;
      if (++node === nodes.length) node = 0;
    }
    this.#nextStart = node;
    this.#feasible.count = found;
    return found;
  }

  /** As `findFeasible`, among named nodes only. */
  findAmong(
    cycle: Cycle,
    plans: readonly FilterPlan[],
    names: ReadonlySet<string>,
    onReject: (node: number, rejection: Rejection) => void,
  ): number {
    this.#reserve(names.size);
    let found = 0;
    for (const name of names) {
      const node = cycle.cache.info(name)?.index;
      if (node === undefined) continue;
      let rejection: Rejection | undefined;
      for (const { filter } of plans) if ((rejection = filter!(node))) break;
      if (rejection) onReject(node, rejection);
      else this.#feasible.indices[found++] = node;
    }
    this.#feasible.count = found;
    return found;
  }

  /** The feasible node with the highest total; among equals chance decides. */
  best(cycle: Cycle, record?: (scores: PluginScores) => void): number {
    const { indices, count } = this.#feasible;
    if (count === 1 && !record) return indices[0]!;
    const totals = this.#totals;
    const raw = this.#raw;
    totals.fill(0, 0, count);
    for (const plugin of this.#scorers) {
      const score = plugin.preScore!(cycle, this.#feasible);
      if (!score) continue;
      score(this.#feasible, raw);
      normalize(plugin, raw, count, cycle);
      const weight = plugin.weight ?? 1;
      for (let i = 0; i < count; i++) totals[i]! += weight * raw[i]!;
      record?.({ plugin: plugin.name, weight, scores: Array.from(raw.subarray(0, count)) });
    }
    let winner = 0;
    let ties = 1;
    for (let i = 1; i < count; i++) {
      if (totals[i]! > totals[winner]!) {
        winner = i;
        ties = 1;
      } else if (totals[i] === totals[winner] && this.#random.below(++ties) === 0) winner = i;
    }
    return indices[winner]!;
  }

  #reserve(size: number): void {
    if (this.#feasible.indices.length >= size) return;
    this.#feasible = { indices: new Int32Array(size * 2), count: 0 };
    this.#totals = new Float64Array(size * 2);
    this.#raw = new Float64Array(size * 2);
  }
}

function normalize(plugin: Plugin, scores: Float64Array, count: number, cycle: Cycle): void {
  const how = plugin.normalize;
  if (how === undefined) return;
  if (typeof how === 'function') {
    how(scores, count, cycle);
    return;
  }
  let most = 0;
  for (let i = 0; i < count; i++) if (scores[i]! > most) most = scores[i]!;
  for (let i = 0; i < count; i++) {
    const share = most === 0 ? 0 : Math.floor((100 * scores[i]!) / most);
    scores[i] = how === 'reverse' ? 100 - share : share;
  }
}

/** percentageOfNodesToScore as upstream adapts it: all below 100 nodes, then 50 % falling to 5 %, never fewer than 100. */
export function nodesToFind(nodes: number): number {
  if (nodes < 100) return nodes;
  return Math.max(100, Math.floor((nodes * Math.max(5, 50 - Math.floor(nodes / 125))) / 100));
}
