import type { Random } from '../../kernel/index.ts';
import type { Cycle, FilterPlan, NodeFilter, NodeSet, Plugin, Rejection } from './framework.ts';
import { LocalScores } from './local-scores.ts';
import type { Profile } from './profile.ts';

/** What one plugin gave each node, for the trace. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  /** Normalised and before weighing, in the order of the feasible nodes. */
  readonly scores: readonly number[];
}

/** What the plugins ask of a Pod's node. */
export interface Plan {
  readonly plans: readonly FilterPlan[];
  /** No node will do. */
  readonly rejection?: Rejection;
  /** The only nodes that come into question, and the plugins that said so. */
  readonly nodes?: ReadonlySet<string>;
  readonly narrowedBy: readonly string[];
}

/** A check of single nodes, and whether it looks at nothing but the Pod's template, the node and the Pods on it. */
export interface NodeCheck {
  readonly check: NodeFilter;
  readonly isLocal: boolean;
}

/** Takes down which nodes are turned away. */
interface Notes {
  add(node: number, why: Rejection): void;
}

/** Runs the filters and scores of a profile; keeps the buffers from Pod to Pod. */
export class Placement {
  readonly #profile: Profile;
  readonly #random: Random;
  /** Where the next search begins, so that all nodes have their turn. */
  #nextStart = 0;
  readonly #localScores: LocalScores;
  /** Nobody chooses, so that the first node that will do is taken. */
  readonly #isFirstEnough: boolean;
  #feasible: NodeSet = { indices: new Int32Array(128), count: 0 };
  #totals = new Float64Array(128);
  #raw = new Float64Array(128);

  /** `mustChoose`: others than the profile's Score plugins choose among the nodes. */
  constructor(profile: Profile, random: Random, mustChoose = false) {
    this.#isFirstEnough = profile.scorers.length === 0 && !mustChoose;
    this.#profile = profile;
    this.#random = random;
    this.#localScores = new LocalScores(profile.scorers);
  }

  get feasible(): NodeSet {
    return this.#feasible;
  }

  /** Asks all plugins about the Pod. A rejection means that no node will do. */
  plan(cycle: Cycle): Plan {
    const plans: FilterPlan[] = [];
    const narrowedBy: string[] = [];
    let nodes: ReadonlySet<string> | undefined;
    for (const plugin of this.#profile.filters) {
      const plan = plugin.preFilter!(cycle);
      if (!plan) continue;
      if (plan.rejection) return { plans: [], rejection: plan.rejection, narrowedBy };
      if (plan.nodes) {
        const narrowed: ReadonlySet<string> = plan.nodes;
        nodes = nodes ? new Set([...nodes].filter((name) => narrowed.has(name))) : narrowed;
        narrowedBy.push(plugin.name);
        if (nodes.size === 0) return { plans: [], rejection: nowhere(plugin, narrowedBy), narrowedBy };
      }
      if (plan.filter) plans.push(plan);
    }
    return nodes ? { plans, nodes, narrowedBy } : { plans, narrowedBy };
  }

  /** A check of single nodes that follows what is changed in the cache meanwhile: gives the first rejection of a node. */
  checker(cycle: Cycle): NodeCheck {
    const checks: NodeFilter[] = [];
    let isLocal = true;
    for (const plugin of this.#profile.filters) {
      const plan = plugin.preFilter!(cycle);
      if (plan && !plan.isLocal) isLocal = false;
      if (plan?.isSnapshot) {
        checks.push((node) => {
          const anew = plugin.preFilter!(cycle);
          return anew?.rejection ?? anew?.filter?.(node);
        });
      } else if (plan?.rejection) checks.push(() => plan.rejection);
      else if (plan?.filter) checks.push(plan.filter);
    }
    const check: NodeFilter = (node) => {
      for (const one of checks) {
        const found = one(node);
        if (found) return found;
      }
      return undefined;
    };
    return { check, isLocal };
  }

  /** Finds nodes that pass every filter, until there are enough to choose from. */
  findFeasible(cycle: Cycle, plans: readonly FilterPlan[], notes: Notes): number {
    const { nodes, searchOrder } = cycle.cache;
    this.#reserve(nodes.length);
    const { indices } = this.#feasible;
    const enough = this.#isFirstEnough ? 1 : nodesToFind(nodes.length, this.#profile.percentageOfNodesToScore);
    const checks = plans.map(({ filter }) => filter!);
    const first = checks[0];
    let found = 0;
    let at = nodes.length === 0 ? 0 : this.#nextStart % nodes.length;
    for (let visited = 0; visited < nodes.length && found < enough; visited++) {
      const node = searchOrder[at]!;
      let rejection = first?.(node);
      for (let c = 1; c < checks.length && !rejection; c++) rejection = checks[c]!(node);
      if (rejection) notes.add(node, rejection);
      else indices[found++] = node;
      if (++at === nodes.length) at = 0;
    }
    this.#nextStart = at;
    this.#feasible.count = found;
    return found;
  }

  /** As `findFeasible`, among named nodes only. */
  findAmong(cycle: Cycle, plans: readonly FilterPlan[], names: ReadonlySet<string>, notes: Notes): number {
    this.#reserve(names.size);
    let found = 0;
    for (const name of names) {
      const node = cycle.cache.info(name)?.index;
      if (node === undefined) continue;
      let rejection: Rejection | undefined;
      for (const { filter } of plans) if ((rejection = filter!(node))) break;
      if (rejection) notes.add(node, rejection);
      else this.#feasible.indices[found++] = node;
    }
    this.#feasible.count = found;
    return found;
  }

  /** Goes on with these nodes only. */
  narrow(nodes: readonly number[]): void {
    for (const [i, node] of nodes.entries()) this.#feasible.indices[i] = node;
    this.#feasible.count = nodes.length;
  }

  /** The feasible node with the highest total, with what others have to add; among equals chance decides. */
  best(cycle: Cycle, record?: (scores: PluginScores) => void, extra?: (node: number) => number): number {
    const { indices, count } = this.#feasible;
    if (count === 1) return indices[0]!;
    const totals = this.#totals;
    const raw = this.#raw;
    const isKnown = !record && this.#localScores.write(cycle, this.#feasible, totals);
    if (!isKnown) totals.fill(0, 0, count);
    for (const { plugin, weight } of this.#profile.scorers) {
      if (isKnown && plugin.isLocalScore) continue;
      const score = plugin.preScore!(cycle, this.#feasible);
      if (!score) continue;
      score(this.#feasible, raw);
      normalize(plugin, raw, count, cycle);
      for (let i = 0; i < count; i++) totals[i]! += weight * raw[i]!;
      record?.({ plugin: plugin.name, weight, scores: Array.from(raw.subarray(0, count)) });
    }
    if (extra) for (let i = 0; i < count; i++) totals[i]! += extra(indices[i]!);
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

/** What is said when the plugins that name nodes leave none (RunPreFilterPlugins). */
function nowhere({ name }: Plugin, narrowedBy: readonly string[]): Rejection {
  const reason =
    narrowedBy.length === 1
      ? `node(s) didn't satisfy plugin ${name}`
      : `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}] simultaneously`;
  return { plugin: name, reasons: [reason], isUnresolvable: true };
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

/** percentageOfNodesToScore; 0 adapts to the cluster: 50 % falling to 5 %. Never fewer than 100 nodes (numFeasibleNodesToFind). */
export function nodesToFind(nodes: number, percentage = 0): number {
  if (nodes < 100) return nodes;
  const share = percentage === 0 ? Math.max(5, 50 - Math.floor(nodes / 125)) : percentage;
  return Math.max(100, Math.floor((nodes * share) / 100));
}
