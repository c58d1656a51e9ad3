import { isExtendedResource } from '../../../../api/core/pod-spec/resource-validation.ts';
import type { Node, Pod } from '../../../../api/generated/types.ts';
import { milliValue, quantityValue } from '../../../../machinery/quantity.ts';
import type { ResourceRequest } from '../../cache/pod-class.ts';
import { podRequestsOf } from '../../cache/pod-class.ts';
import type { NodeResourcesFitArgs } from '../../configuration/plugin-args.ts';
import { validateFitArgs } from '../../configuration/plugin-args.ts';
import type { FieldError } from '../../../../machinery/field-error.ts';
import { aggregateText, fieldErrorText } from '../../../../machinery/field-error.ts';
import type { Cycle, FilterPlan, NodeScorer, Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { usagesOf } from './allocation.ts';
import { strategyOf } from './strategies.ts';

const name = 'NodeResourcesFit';
const verdicts = new Map<string, Rejection>();
const maxVerdicts = 1000;

function verdict(reasons: readonly string[], isUnresolvable: boolean): Rejection {
  const key = `${isUnresolvable}${reasons.join()}`;
  let known = verdicts.get(key);
  if (known) return known;
  if (verdicts.size >= maxVerdicts) verdicts.clear();
  verdicts.set(key, (known = Object.freeze({ plugin: name, reasons, isUnresolvable })));
  return known;
}

function planOf({ cache }: Cycle, requests: readonly ResourceRequest[]): FilterPlan {
  const { podsUsed, podsAllocatable } = cache;
  const columns = requests.map((request) => cache.column(request.name));
  const amounts = requests.map(({ amount }) => amount);
  const count = columns.length;
  /** Runs only for a node that does not fit, to say all the reasons. */
  const explain = (index: number): Rejection => {
    const reasons: string[] = [];
    let isUnresolvable = false;
    if (podsUsed[index]! + 1 > podsAllocatable[index]!) reasons.push('Too many pods');
    columns.forEach(({ name: resource, allocatable, requested }, i) => {
      if (amounts[i]! <= allocatable[index]! - requested[index]!) return;
      reasons.push(`Insufficient ${resource}`);
      if (amounts[i]! > allocatable[index]!) isUnresolvable = true;
    });
    return verdict(reasons, isUnresolvable);
  };
  return {
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

function scorerOf(cycle: Cycle, { scoringStrategy }: NodeResourcesFitArgs): NodeScorer {
  const usages = usagesOf(cycle, scoringStrategy.resources, true);
  const { score, countsZero, whole } = strategyOf(scoringStrategy);
  return ({ indices, count }, out) => {
    for (let n = 0; n < count; n++) {
      const i = indices[n]!;
      let sum = 0;
      let weights = 0;
      for (const { weight, allocatable, requested, added } of usages) {
        const capacity = allocatable[i]!;
        if (capacity === 0) continue;
        const points = score(requested[i]! + added, capacity);
        if (points === 0 && !countsZero) continue;
        sum += points * weight;
        weights += weight;
      }
      out[n] = weights === 0 ? 0 : whole(sum / weights);
    }
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
  const ignoresNone = ignoredResources.length + ignoredResourceGroups.length === 0;
  const isIgnored = (resource: string): boolean =>
    isExtendedResource(resource) && (ignoredResources.includes(resource) || ignoredResourceGroups.includes(resource.split('/')[0]!));
  return {
    name,
    preFilter: (cycle) => {
      const { requests } = cycle.podClass;
      return planOf(cycle, ignoresNone ? requests : requests.filter((request) => !isIgnored(request.name)));
    },
    preScore: (cycle) => scorerOf(cycle, args),
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
