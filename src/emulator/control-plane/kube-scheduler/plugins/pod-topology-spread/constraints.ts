import type { LabelSelector, Pod, TopologySpreadConstraint } from '../../../../api/generated/types.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { CounterSpec } from '../../cache/topology-counter.ts';

/** Constraints for Pods that have none of their own. */
export interface Defaults {
  readonly isSystem: boolean;
  readonly constraints: readonly TopologySpreadConstraint[];
}

/** A constraint of a Pod, with the selector that counts. */
export interface Constraint {
  readonly constraint: TopologySpreadConstraint;
  readonly counter: CounterSpec;
  /** Whether the Pod itself will be counted. */
  readonly matchesSelf: boolean;
  readonly matches: (labels: Pod['metadata']['labels']) => boolean;
}

const none: readonly Constraint[] = [];

/** The Pod's constraints of a sort; the default ones if it has none of any sort and Services or controllers select it. */
export function constraintsOf(pod: Pod, cache: NodeCache, defaults: Defaults, action: string): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints;
  if (own && own.length > 0) {
    return own
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
      .map((constraint) => made(constraint, pod, constraint.labelSelector));
  }
  if (!defaults.constraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === action)) return none;
  const selector = cache.defaultSelector(pod);
  if (!selector) return none;
  return defaults.constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => made(constraint, pod, selector));
}

function made(constraint: TopologySpreadConstraint, pod: Pod, selector: LabelSelector | undefined): Constraint {
  const { matches } = selectorFromObject(selector);
  return {
    constraint,
    counter: spreadCounter(pod.metadata.namespace!, selector, constraint.topologyKey),
    matchesSelf: matches(pod.metadata.labels),
    matches,
  };
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
function spreadCounter(namespace: string, selector: LabelSelector | undefined, topologyKey: string): CounterSpec {
  if (!selector) return newCounter(namespace, selector, topologyKey);
  let known = specs.get(selector);
  if (!known) specs.set(selector, (known = []));
  for (const one of known) if (one.topologyKey === topologyKey && one.namespace === namespace) return one.spec;
  const spec = newCounter(namespace, selector, topologyKey);
  known.push({ namespace, topologyKey, spec });
  return spec;
}

function newCounter(namespace: string, selector: LabelSelector | undefined, topologyKey: string): CounterSpec {
  const { matches, isEverything } = selectorFromObject(selector);
  return {
    key: `spread/${namespace}/${topologyKey}/${textOf(selector)}`,
    topologyKey,
    skipsTerminating: true,
    // An empty selector matches the Pod itself, and yet no other Pod is counted (countPodsMatchSelector).
    counts: (pod) => !isEverything && pod.metadata.namespace === namespace && matches(pod.metadata.labels),
  };
}
