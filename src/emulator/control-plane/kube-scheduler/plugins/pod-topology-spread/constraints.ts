import type { LabelSelector, Pod, TopologySpreadConstraint } from '../../../../api/generated/types.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import type { CounterSpec } from '../../cache/topology-counter.ts';

const effective = new WeakMap<TopologySpreadConstraint, Map<string, LabelSelector | undefined>>();

/** The constraint's selector with the Pod's values of matchLabelKeys, unless the API server has merged them already. */
export function selectorOf(constraint: TopologySpreadConstraint, pod: Pod): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys } = constraint;
  if (!matchLabelKeys || matchLabelKeys.length === 0) return labelSelector;
  const values = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  const slot = JSON.stringify(values);
  let bySlot = effective.get(constraint);
  if (!bySlot) effective.set(constraint, (bySlot = new Map()));
  let merged = bySlot.get(slot);
  if (!merged) bySlot.set(slot, (merged = { ...labelSelector, matchExpressions: [...(labelSelector?.matchExpressions ?? []), ...values] }));
  return merged;
}

const keys = new WeakMap<LabelSelector, string>();

function textOf(selector: LabelSelector | undefined): string {
  if (!selector) return '';
  let text = keys.get(selector);
  if (text === undefined) keys.set(selector, (text = JSON.stringify([selector.matchLabels ?? {}, selector.matchExpressions ?? []])));
  return text;
}

interface Known {
  readonly namespace: string;
  readonly topologyKey: string;
  readonly spec: CounterSpec;
}

/** Pods of a template ask with the same selector, one after the other. */
const specs = new WeakMap<LabelSelector, Known[]>();

/** Counts the living Pods of a namespace that a selector matches, by a topology key. */
export function spreadCounter(namespace: string, selector: LabelSelector | undefined, topologyKey: string): CounterSpec {
  if (!selector) return newCounter(namespace, selector, topologyKey);
  let known = specs.get(selector);
  if (!known) specs.set(selector, (known = []));
  for (const one of known) if (one.topologyKey === topologyKey && one.namespace === namespace) return one.spec;
  const spec = newCounter(namespace, selector, topologyKey);
  known.push({ namespace, topologyKey, spec });
  return spec;
}

function newCounter(namespace: string, selector: LabelSelector | undefined, topologyKey: string): CounterSpec {
  const { matches } = selectorFromObject(selector);
  return {
    key: `spread/${namespace}/${topologyKey}/${textOf(selector)}`,
    topologyKey,
    skipsTerminating: true,
    counts: (pod) => pod.metadata.namespace === namespace && matches(pod.metadata.labels),
  };
}
