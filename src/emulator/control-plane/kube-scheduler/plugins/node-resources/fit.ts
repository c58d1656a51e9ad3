import { isExtendedResource } from '../../../../api/core/pod-spec/resource-validation.ts';
import type { Node, Pod } from '../../../../api/generated/types.ts';
import { milliValue, quantityValue } from '../../../../machinery/quantity.ts';
import type { ResourceColumn } from '../../cache/columns.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { ResourceRequest } from '../../cache/pod-class.ts';
import { podRequestsOf } from '../../cache/pod-class.ts';
import type { NodeResourcesFitArgs, ResourceSpec } from '../../configuration/plugin-args.ts';
import { validateFitArgs } from '../../configuration/plugin-args.ts';
import type { FieldError } from '../../../../machinery/field-error.ts';
import { aggregateText, fieldErrorText } from '../../../../machinery/field-error.ts';
import type { Cycle, FilterPlan, NodeFilter, NodeScorer, Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { usagesOf } from './allocation.ts';
import type { Strategy } from './strategies.ts';
import { strategyOf } from './strategies.ts';

const name = 'NodeResourcesFit';
function planOf({ cache }: Cycle, requests: readonly ResourceRequest[]): FilterPlan {
  const { podsUsed, podsAllocatable } = cache;
  const columns: ResourceColumn[] = [];
  const amounts: number[] = [];
  for (const request of requests) {
    columns.push(cache.column(request.name));
    amounts.push(request.amount);
  }
  const count = columns.length;
  /** Nodes are mostly refused for the same reasons: verdicts by which resources are missing, and which of them for good. */
  let verdicts: Map<number, Rejection> | undefined;
  /** Runs only for a node that does not fit, to say all the reasons. */
  const explain = (index: number): Rejection => {
    let mask = podsUsed[index]! + 1 > podsAllocatable[index]! ? 1 : 0;
    let isUnresolvable = false;
    for (let i = 0; i < count; i++) {
      const { allocatable, requested } = columns[i]!;
      if (amounts[i]! <= allocatable[index]! - requested[index]!) continue;
      mask |= 1 << (i + 1);
      if (amounts[i]! > allocatable[index]!) isUnresolvable = true;
    }
    // Resources beyond the thirtieth would share a bit.
    const key = count < 30 ? (isUnresolvable ? -mask : mask) : index + 2 ** 31;
    let known = verdicts?.get(key);
    if (!known) {
      const missing = columns.filter(({ allocatable, requested }, i) => amounts[i]! > allocatable[index]! - requested[index]!);
      const reasons = missing.map((column) => `Insufficient ${column.name}`);
      if (mask & 1) reasons.unshift('Too many pods');
      (verdicts ??= new Map()).set(key, (known = Object.freeze({ plugin: name, reasons, isUnresolvable })));
    }
    return known;
  };
  if (count === 2) return { isLocal: true, filter: pairFilter(cache, [columns[0]!, columns[1]!], amounts, explain) };
  return {
    isLocal: true,
    filter(index) {
      if (podsUsed[index]! + 1 > podsAllocatable[index]!) return explain(index);
      for (let i = 0; i < count; i++) {
        const column = columns[i]!;
        if (amounts[i]! > column.allocatable[index]! - column.requested[index]!) return explain(index);
      }
      return undefined;
    },
  };
}

/** The usual case, with nothing left to look up for each node. */
function pairFilter(
  { podsUsed, podsAllocatable }: NodeCache,
  [{ allocatable: totalA, requested: usedA }, { allocatable: totalB, requested: usedB }]: readonly [ResourceColumn, ResourceColumn],
  amounts: readonly number[],
  explain: (index: number) => Rejection,
): NodeFilter {
  const amountA = amounts[0]!;
  const amountB = amounts[1]!;
  return (index) => {
    if (podsUsed[index]! + 1 > podsAllocatable[index]!) return explain(index);
    if (amountA > totalA[index]! - usedA[index]! || amountB > totalB[index]! - usedB[index]!) return explain(index);
    return undefined;
  };
}

/** Scratch sums of weights, kept from Pod to Pod. */
let weights = new Float64Array(512);

function scorerOf(
  cycle: Cycle,
  { resources, strategy }: { readonly resources: readonly ResourceSpec[]; readonly strategy: Strategy },
): NodeScorer {
  const usages = usagesOf(cycle, resources, true);
  const { score, countsZero, whole } = strategy;
  return ({ indices, count }, out) => {
    if (weights.length < count) weights = new Float64Array(count * 2);
    out.fill(0, 0, count);
    weights.fill(0, 0, count);
    for (const { weight, allocatable, requested, added } of usages) {
      for (let n = 0; n < count; n++) {
        const i = indices[n]!;
        const capacity = allocatable[i]!;
        if (capacity === 0) continue;
        const points = score(requested[i]! + added, capacity);
        if (points === 0 && !countsZero) continue;
        out[n]! += points * weight;
        weights[n]! += weight;
      }
    }
    for (let n = 0; n < count; n++) out[n] = weights[n] === 0 ? 0 : whole(out[n]! / weights[n]!);
  };
}

const amountOn = (node: Node, resource: string): number => {
  const quantity = node.status?.allocatable?.[resource];
  return quantity === undefined ? 0 : resource === 'cpu' ? milliValue(quantity) : quantityValue(quantity);
};

/** Whether the node could take the Pod if it were empty, and what of it matters has become more. */
function mayFit(requests: ReadonlyMap<string, number>, before: Node | undefined, after: Node): boolean {
  if (amountOn(after, 'pods') < 1) return false;
  let hasGrown = before === undefined || amountOn(before, 'pods') < amountOn(after, 'pods');
  for (const [resource, amount] of requests) {
    if (amount === 0) continue;
    if (amount > amountOn(after, resource)) return false;
    hasGrown ||= amountOn(before!, resource) < amountOn(after, resource);
  }
  return hasGrown;
}

/** Whether a request that the Pod also has was made smaller. */
function freesWhatItNeeds(pod: Pod, before: Pod, after: Pod): boolean {
  const [was, is] = [podRequestsOf(before), podRequestsOf(after)];
  for (const [resource, amount] of podRequestsOf(pod)) if (amount > 0 && (was.get(resource) ?? 0) > (is.get(resource) ?? 0)) return true;
  return false;
}

function make(args: NodeResourcesFitArgs): Plugin {
  const errors: FieldError[] = [];
  validateFitArgs(args, errors);
  if (errors.length > 0) throw new Error(aggregateText(errors.map(fieldErrorText)));
  const { ignoredResources, ignoredResourceGroups } = args;
  const scoring = { resources: args.scoringStrategy.resources, strategy: strategyOf(args.scoringStrategy) };
  const ignoresNone = ignoredResources.length + ignoredResourceGroups.length === 0;
  const isIgnored = (resource: string): boolean =>
    isExtendedResource(resource) && (ignoredResources.includes(resource) || ignoredResourceGroups.includes(resource.split('/')[0]!));
  return {
    name,
    preFilter: (cycle) => {
      const { requests } = cycle.podClass;
      return planOf(cycle, ignoresNone ? requests : requests.filter((request) => !isIgnored(request.name)));
    },
    isLocalScore: true,
    preScore: (cycle) => scorerOf(cycle, scoring),
    wakes: {
      'Node/Add': (pod, { after }) => mayFit(podRequestsOf(pod), undefined, after as Node),
      'Node/UpdateNodeAllocatable': (pod, { before, after }) => mayFit(podRequestsOf(pod), before as Node, after as Node),
      'AssignedPod/Delete': true,
      'AssignedPod/UpdatePodScaleDown': (pod, { before, after }) => freesWhatItNeeds(pod, before as Pod, after as Pod),
      'UnscheduledPod/UpdatePodScaleDown': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid,
    },
  };
}

/** Rejects nodes without room for the Pod's requests; scores by a strategy, LeastAllocated unless configured. */
export const nodeResourcesFit: PluginFactory = {
  name,
  points: ['preFilter', 'filter', 'preScore', 'score'],
  make: (args) => make(args as NodeResourcesFitArgs),
};
