/**
 * matchLabelKeys and mismatchLabelKeys: which labels of the Pod itself become part of a selector. They are written into it when the Pod
 * is created (mutatePodAffinity and mutateTopologySpreadConstraints of pkg/registry/core/pod/strategy.go), so that the scheduler
 * reads selectors only.
 */
import { forbidden, invalid } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { qualifiedName } from '../../../machinery/names.ts';
import { mapSame } from '../../fill.ts';
import type { Affinity, LabelSelector, Pod, PodSpec } from '../../generated/types.ts';
import { complain } from '../../metadata/rules.ts';

interface Keyed {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

type PodAffinity = NonNullable<Affinity['podAffinity']>;

/** Pods of one template with equal values share what was made for the first. */
const merged = new WeakMap<object, Map<string, unknown>>();

function withValues<T extends Keyed>(keyed: T, labels: Labels | undefined): T {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keyed;
  if (!labelSelector || (matchLabelKeys.length === 0 && mismatchLabelKeys.length === 0)) return keyed;
  const requirements = (keys: readonly string[], operator: string) =>
    keys.flatMap((key) => (labels?.[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  const more = [...requirements(matchLabelKeys, 'In'), ...requirements(mismatchLabelKeys, 'NotIn')];
  if (more.length === 0) return keyed;
  const slot = JSON.stringify(more);
  const known = merged.get(keyed) ?? new Map<string, unknown>();
  merged.set(keyed, known);
  let made = known.get(slot) as T | undefined;
  if (!made) {
    made = { ...keyed, labelSelector: { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...more] } };
    known.set(slot, made);
  }
  return made;
}

function affinityWithValues<T extends PodAffinity>(affinity: T, labels: Labels | undefined): T {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  const nextRequired = required && mapSame(required, (term) => withValues(term, labels));
  const nextPreferred =
    preferred &&
    mapSame(preferred, (one) => {
      const term = withValues(one.podAffinityTerm, labels);
      return term === one.podAffinityTerm ? one : { ...one, podAffinityTerm: term };
    });
  if (nextRequired === required && nextPreferred === preferred) return affinity;
  return {
    ...affinity,
    ...(nextRequired && { requiredDuringSchedulingIgnoredDuringExecution: nextRequired }),
    ...(nextPreferred && { preferredDuringSchedulingIgnoredDuringExecution: nextPreferred }),
  };
}

/** The Pod's spec with the values of its own labels in its selectors. */
export function mergeLabelKeys(spec: PodSpec, { metadata: { labels } }: Pod): PodSpec {
  const { affinity, topologySpreadConstraints: constraints } = spec;
  if (!constraints && !affinity?.podAffinity && !affinity?.podAntiAffinity) return spec;
  const nextConstraints = constraints && mapSame(constraints, (one) => withValues(one, labels));
  const podAffinity = affinity?.podAffinity && affinityWithValues(affinity.podAffinity, labels);
  const podAntiAffinity = affinity?.podAntiAffinity && affinityWithValues(affinity.podAntiAffinity, labels);
  const isSame = podAffinity === affinity?.podAffinity && podAntiAffinity === affinity?.podAntiAffinity;
  if (isSame && nextConstraints === constraints) return spec;
  return {
    ...spec,
    ...(nextConstraints && { topologySpreadConstraints: nextConstraints }),
    ...(isSame ? {} : { affinity: { ...affinity, ...(podAffinity && { podAffinity }), ...(podAntiAffinity && { podAntiAffinity }) } }),
  };
}

/**
 * What a new Pod's keys wrote into the selector stands there already: a key to match may come a second time neither in expressions
 * nor in labels. Of keys that must not match nothing of the kind is asked. Upstream names the place in this odd way.
 */
function validateKeysInSelector(matchLabelKeys: readonly string[], selector: LabelSelector, path: FieldPath, errors: FieldError[]): void {
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key } of selector.matchExpressions ?? []) {
    const i = matchLabelKeys.lastIndexOf(key);
    if (i >= 0 && seen.has(key)) errors.push(invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector'));
    seen.add(key);
  }
}

/** validateMatchLabelKeysAndMismatchLabelKeys of validation.go. Keys need a selector to go into. */
export function validateLabelKeys(keyed: Keyed, path: FieldPath, errors: FieldError[]): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keyed;
  const lists = [
    ['matchLabelKeys', matchLabelKeys],
    ['mismatchLabelKeys', mismatchLabelKeys],
  ] as const;
  for (const [field, keys] of lists) {
    if (keys.length === 0) continue;
    if (!labelSelector) errors.push(forbidden(path.child(field), 'must not be specified when labelSelector is not set'));
    keys.forEach((key, i) => {
      complain(key, qualifiedName(key), path.child(field).index(i), errors);
    });
  }
  if (labelSelector) validateKeysInSelector(matchLabelKeys, labelSelector, path, errors);
  matchLabelKeys.forEach((key, i) => {
    if (mismatchLabelKeys.includes(key))
      errors.push(invalid(path.child('matchLabelKeys').index(i), key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}
