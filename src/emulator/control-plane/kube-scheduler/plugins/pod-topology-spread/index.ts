/**
 * PodTopologySpread: keeps the Pods of a selector evenly over domains (pkg/scheduler/framework/plugins/podtopologyspread).
 *
 * Counts come from the cache's counters. When a Pod may not go to every node, or a node lacks a topology key, only the nodes
 * that come into question count, and then the counts are taken anew over the nodes.
 */
import type { PodTopologySpreadArgs } from '../../configuration/plugin-args.ts';
import type { Cycle, NodeFilter, Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { Constraint, Defaults } from './constraints.ts';
import { constraintsOf } from './constraints.ts';
import type { Domains } from './domains.ts';
import { domainsOf } from './domains.ts';
import { wakesFor } from './hints.ts';
import { SpreadScore } from './score.ts';

const name = 'PodTopologySpread';
const skewed = rejection(name, "node(s) didn't match pod topology spread constraints");
const unlabeled = rejection(name, "node(s) didn't match pod topology spread constraints (missing required label)", {
  isUnresolvable: true,
});

/** The cluster's own constraints for Pods without any. */
const systemDefaults: Defaults = {
  isSystem: true,
  constraints: [
    { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
    { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
  ],
};

function filterOf(cycle: Cycle, constraints: readonly Constraint[]): NodeFilter {
  const bounds = domainsOf(cycle, constraints, true).map((domains, i) => ({ domains, ...boundOf(constraints[i]!, domains) }));
  return (index) => {
    for (const { domains, most } of bounds) {
      if (domains.counter.domainOf[index]! < 0) return unlabeled;
      if (domains.near(index) > most) return skewed;
    }
    return undefined;
  };
}

/** How many Pods may be in a domain before this one comes: the skew against the emptiest domain must stay within bounds. */
function boundOf({ constraint, matchesSelf }: Constraint, { least, number }: Domains): { readonly most: number } {
  // With fewer domains than minDomains the global minimum is taken as 0.
  const minimum = number < (constraint.minDomains ?? 1) ? 0 : least;
  return { most: constraint.maxSkew + minimum - (matchesSelf ? 1 : 0) };
}

function make({ defaultConstraints, defaultingType }: PodTopologySpreadArgs): Plugin {
  const defaults = defaultingType === 'List' ? { isSystem: false, constraints: defaultConstraints } : systemDefaults;
  const score = new SpreadScore(defaults);
  return {
    name,
    preFilter(cycle) {
      const hard = constraintsOf(cycle.pod, cycle.cache, defaults, 'DoNotSchedule');
      return hard.length === 0 ? undefined : { filter: filterOf(cycle, hard), isSnapshot: true };
    },
    preScore: (cycle, nodes) => score.prepare(cycle, nodes),
    normalize: (scores, count) => score.normalize(scores, count),
    wakes: wakesFor,
  };
}

/** Rejects nodes where the skew of hard constraints would be too great; prefers the domains with fewer Pods. */
export const podTopologySpread: PluginFactory = {
  name,
  points: ['preFilter', 'filter', 'preScore', 'score'],
  make: (args) => make(args as PodTopologySpreadArgs),
};
