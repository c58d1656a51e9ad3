/** PodDisruptionBudget: pkg/registry/policy/poddisruptionbudget/strategy.go. */
import { fieldPath, invalid, notSupported } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { pathSegmentName } from '../../machinery/names.ts';
import { age, integer, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { validateCountOrPercent, validateLabelSelector } from '../metadata/rules.ts';

const spec = fieldPath('spec');
const policies = ['AlwaysAllow', 'IfHealthyBudget'];

/** The spec by the names of its Go struct, by which upstream shows one that contradicts itself. */
const goSpec = ({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: PodDisruptionBudgetSpec): unknown => ({
  MinAvailable: minAvailable,
  Selector: selector ?? null,
  MaxUnavailable: maxUnavailable,
  UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
});

/** ValidatePodDisruptionBudgetSpec of pkg/apis/policy/validation/validation.go. */
function validateSpec(own: PodDisruptionBudgetSpec, errors: FieldError[]): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = own;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(invalid(spec, goSpec(own), 'minAvailable and maxUnavailable cannot be both set'));
  for (const name of ['minAvailable', 'maxUnavailable'] as const) {
    const value = own[name];
    if (value === undefined) continue;
    validateCountOrPercent(value, spec.child(name), errors);
    if (typeof value === 'string' && /^\d+%$/.test(value) && parseInt(value, 10) > 100)
      errors.push(invalid(spec.child(name), value, 'must not be greater than 100%'));
  }
  validateLabelSelector(selector, spec.child('selector'), errors);
  if (unhealthyPodEvictionPolicy !== undefined && !policies.includes(unhealthyPodEvictionPolicy)) {
    errors.push(notSupported(spec.child('unhealthyPodEvictionPolicy'), unhealthyPodEvictionPolicy, policies));
  }
}

/** The descriptor of PodDisruptionBudget. */
export const podDisruptionBudgets = defineKind<PodDisruptionBudget>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(budget) {
    const errors: FieldError[] = [];
    validateSpec(budget.spec, errors);
    // Upstream has no rule for its name, so that only what holds for any object does, and only once the spec is right.
    if (errors.length === 0) validateObjectMeta(budget.metadata, { isNamespaced: true, nameRule: pathSegmentName }, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateSpec(next.spec, errors);
    return errors;
  },
  columns: [
    name(),
    text('Min Available', 'Pods that must stay available.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', 'Pods that may be unavailable.', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', 'Pods that may be evicted now.', ({ status }) => status?.disruptionsAllowed ?? 0),
    age(),
  ],
});
