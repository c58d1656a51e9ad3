/**
 * Why a Pod is where it is: every attempt to schedule it is one decision in the trace, with every node's verdict by plugin and
 * every score. It is built only while somebody listens.
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Trace } from '../../kernel/index.ts';
import type { Cycle, NodeRejections, NodeSet } from './framework.ts';
import type { PluginScores } from './placement.ts';
import type { Profile } from './profile.ts';

/** How many nodes of each sort a decision names; of large clusters it keeps the best and counts the rest. */
const maxNodes = 100;

export interface NodeRejection {
  readonly node: string;
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Whether removing Pods could help. */
  readonly isResolvable: boolean;
}

export interface NodeScores {
  readonly node: string;
  /** Normalised, 0 to 100, in the order of `plugins`. */
  readonly scores: readonly number[];
  /** The sum of scores times weights. */
  readonly total: number;
}

/** One attempt to schedule a Pod, as the trace has it. */
export interface SchedulingAttempt {
  readonly sort: 'scheduling';
  readonly profile: string;
  /** From 1 upwards. */
  readonly attempt: number;
  readonly nodeCount: number;
  readonly feasibleCount: number;
  /** Nodes that nobody looked at, since enough were found. */
  readonly unseenCount: number;
  readonly rejected: readonly NodeRejection[];
  readonly rejectedCount: number;
  /** Plugins that scored, with their weights; none when there was nothing to choose. */
  readonly plugins: readonly { readonly name: string; readonly weight: number }[];
  /** The best first. Without scores: the only node that was left. */
  readonly scored: readonly NodeScores[];
  /** How many nodes shared the highest total, so that chance decided. */
  readonly tied: number;
  /** The node that it goes to. */
  readonly chosen: string | undefined;
  /** The whole sentence of FailedScheduling. */
  readonly message: string | undefined;
  /** Where room is being made for it. */
  readonly nominated: string | undefined;
  readonly victims: readonly string[];
}

/** Gathers what is seen in one attempt. */
export class AttemptRecord {
  readonly scores: PluginScores[] = [];
  victims: readonly string[] = [];
  readonly #profile: Profile;
  readonly #cycle: Cycle;
  readonly #attempt: number;
  #feasible: readonly number[] = [];

  constructor(profile: Profile, cycle: Cycle, attempt: number) {
    this.#profile = profile;
    this.#cycle = cycle;
    this.#attempt = attempt;
  }

  /** The nodes that passed, before they are scored. */
  passed({ indices, count }: NodeSet): void {
    this.#feasible = Array.from(indices.subarray(0, count));
  }

  readonly score = (scores: PluginScores): void => {
    this.scores.push(scores);
  };

  emit(trace: Trace, rejections: NodeRejections, outcome: Outcome): void {
    const { namespace, name, uid } = this.#cycle.pod.metadata;
    const data = this.#data(rejections, outcome);
    const verdict = outcome.chosen ?? (outcome.nominated ? 'Nominated' : 'Unschedulable');
    const detail = { type: 'decision', by: 'kube-scheduler', verdict, message: outcome.message, data } as const;
    trace.emit('kube-scheduler', { resource: 'pods', namespace, name, uid }, detail);
  }

  #data(rejections: NodeRejections, { chosen, message, nominated }: Outcome): SchedulingAttempt {
    const { nodes } = this.#cycle.cache;
    const rejected: NodeRejection[] = [];
    rejections.forEach(({ plugin, reasons, isUnresolvable }, node) => {
      if (rejected.length < maxNodes) rejected.push({ node: nodes[node]!.name, plugin, reasons, isResolvable: !isUnresolvable });
    });
    const scores = this.#withSilent();
    const scored = this.#feasible.map((node, n): NodeScores => {
      const own = scores.map((plugin) => plugin.scores[n]!);
      return { node: nodes[node]!.name, scores: own, total: own.reduce((sum, score, i) => sum + score * scores[i]!.weight, 0) };
    });
    // The one that was chosen stands before others of the same total.
    scored.sort((a, b) => b.total - a.total || Number(b.node === chosen) - Number(a.node === chosen) || (a.node < b.node ? -1 : 1));
    return {
      sort: 'scheduling',
      profile: this.#profile.name,
      attempt: this.#attempt,
      nodeCount: nodes.length,
      feasibleCount: scored.length,
      unseenCount: Math.max(0, nodes.length - scored.length - rejections.size),
      rejected,
      rejectedCount: rejections.size,
      plugins: scores.map(({ plugin, weight }) => ({ name: plugin, weight })),
      tied: scores.length === 0 ? 0 : scored.filter(({ total }) => total === scored[0]!.total).length,
      scored: scored.slice(0, maxNodes),
      chosen,
      message,
      nominated,
      victims: this.victims,
    };
  }

  /** With the plugins that gave every node the same and were skipped for that. */
  #withSilent(): readonly PluginScores[] {
    if (this.scores.length === 0) return [];
    const by = new Map(this.scores.map((scores) => [scores.plugin, scores]));
    return this.#profile.scorers.flatMap(({ plugin, weight }): PluginScores[] => {
      const spoke = by.get(plugin.name);
      if (spoke) return [spoke];
      const silent = plugin.silentScore;
      return silent === undefined ? [] : [{ plugin: plugin.name, weight, scores: this.#feasible.map(() => silent) }];
    });
  }
}

interface Outcome {
  readonly chosen?: string | undefined;
  readonly message?: string | undefined;
  readonly nominated?: string | undefined;
}

/** Whether the data of a decision is an attempt to schedule a Pod. */
export const isSchedulingAttempt = (data: unknown): data is SchedulingAttempt =>
  typeof data === 'object' && data !== null && (data as { readonly sort?: unknown }).sort === 'scheduling';

/** The name of a victim in a decision. */
export const victimName = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;
