/** Validation of what a Pod asks of its node: affinity, tolerations and spreading, of pkg/apis/core/validation/validation.go. */
import { duplicate, forbidden, invalid, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, inRange, labelValue, qualifiedName } from '../../../machinery/names.ts';
import { complain, validateLabelSelector } from '../../metadata/rules.ts';
import { validateLabelKeys } from './label-keys.ts';
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../../generated/types.ts';

/** Effects of taints, in upstream's order. */
export const taintEffects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** ValidateTolerations. */
export function validateTolerations(tolerations: readonly Toleration[], path: FieldPath, errors: FieldError[]): void {
  tolerations.forEach((toleration, i) => {
    const { key, operator, value = '', effect, tolerationSeconds } = toleration;
    const at = path.index(i);
    if (key) complain(key, qualifiedName(key), at.child('key'), errors);
    else if (operator !== 'Exists') {
      errors.push(
        invalid(
          at.child('operator'),
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(at.child('effect'), effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (!operator || operator === 'Equal') {
      const complaints = labelValue(value);
      if (complaints.length > 0) errors.push(invalid(at.child('operator'), value, complaints.join(';')));
    } else if (operator === 'Exists') {
      if (value) errors.push(invalid(at.child('operator'), toleration, "value must be empty when `operator` is 'Exists'"));
    } else errors.push(notSupported(at.child('operator'), operator, ['Equal', 'Exists']));
    if (effect && !taintEffects.includes(effect)) errors.push(notSupported(at.child('effect'), effect, taintEffects));
  });
}

function validateRequirement(requirement: NodeSelectorRequirement, allowsAnyValue: boolean, path: FieldPath, errors: FieldError[]): void {
  const { key, operator, values = [] } = requirement;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(forbidden(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(path.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  complain(key, qualifiedName(key), path.child('key'), errors);
  if (!allowsAnyValue)
    values.forEach((value, i) => {
      complain(value, labelValue(value), path.child('values').index(i), errors);
    });
}

function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: FieldPath, errors: FieldError[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1)
      errors.push(required(path.child('values'), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  if (key !== 'metadata.name') errors.push(invalid(path.child('key'), key, 'not a valid field selector key'));
  else
    values.forEach((value, i) => {
      complain(value, dns1123Subdomain(value), path.child('values').index(i), errors);
    });
}

/** ValidateNodeSelectorTerm. What is only preferred may ask for values that no label has; it earns a warning. */
export function validateNodeTerm(term: NodeSelectorTerm, path: FieldPath, errors: FieldError[], allowsAnyValue = false): void {
  (term.matchExpressions ?? []).forEach((requirement, i) => {
    validateRequirement(requirement, allowsAnyValue, path.child('matchExpressions').index(i), errors);
  });
  (term.matchFields ?? []).forEach((requirement, i) => {
    validateFieldRequirement(requirement, path.child('matchFields').index(i), errors);
  });
}

function validatePodTerm(term: PodAffinityTerm, path: FieldPath, errors: FieldError[]): void {
  validateLabelSelector(term.labelSelector, path.child('labelSelector'), errors);
  validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), errors);
  for (const namespace of term.namespaces ?? []) complain(namespace, dns1123Label(namespace), path.child('namespace'), errors);
  validateLabelKeys(term, path, errors);
  if (!term.topologyKey) errors.push(required(path.child('topologyKey'), 'can not be empty'));
  complain(term.topologyKey, qualifiedName(term.topologyKey), path.child('topologyKey'), errors);
}

const requiredName = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredName = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateWeight(weight: number, path: FieldPath, errors: FieldError[]): void {
  if (weight <= 0 || weight > 100) errors.push(invalid(path.child('weight'), weight, 'must be in the range 1-100'));
}

/** validateAffinity. */
export function validateAffinity(affinity: Affinity | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!affinity) return;
  const { nodeAffinity } = affinity;
  if (nodeAffinity) {
    const at = path.child('nodeAffinity');
    const selector = nodeAffinity[requiredName];
    if (selector) {
      const terms = at.child(requiredName, 'nodeSelectorTerms');
      if (!selector.nodeSelectorTerms?.length) errors.push(required(terms, 'must have at least one node selector term'));
      (selector.nodeSelectorTerms ?? []).forEach((term, i) => {
        validateNodeTerm(term, terms.index(i), errors);
      });
    }
    (nodeAffinity[preferredName] ?? []).forEach(({ weight, preference }, i) => {
      validateWeight(weight, at.child(preferredName).index(i), errors);
      validateNodeTerm(preference, at.child(preferredName).index(i).child('preference'), errors, true);
    });
  }
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = path.child(name);
    (affinity[name]?.[requiredName] ?? []).forEach((term, i) => {
      validatePodTerm(term, at.child(requiredName).index(i), errors);
    });
    (affinity[name]?.[preferredName] ?? []).forEach(({ weight, podAffinityTerm }, i) => {
      validateWeight(weight, at.child(preferredName).index(i), errors);
      validatePodTerm(podAffinityTerm, at.child(preferredName).index(i).child('podAffinityTerm'), errors);
    });
  }
}

const actions: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusionPolicies: readonly string[] = ['Honor', 'Ignore'];

/** validateTopologySpreadConstraints. */
export function validateSpread(constraints: readonly TopologySpreadConstraint[], path: FieldPath, errors: FieldError[]): void {
  const pairOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string => `{${topologyKey}, ${whenUnsatisfiable}}`;
  const pairs = constraints.map(pairOf);
  constraints.forEach((constraint, i) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    const at = path.index(i);
    if (maxSkew <= 0) errors.push(invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    if (!actions.includes(whenUnsatisfiable)) errors.push(notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, actions));
    if (pairs.includes(pairs[i]!, i + 1)) errors.push(duplicate(at.child('{topologyKey, whenUnsatisfiable}'), pairs[i]));
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(at.child('minDomains'), minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errors.push(invalid(at.child('minDomains'), minDomains, detail));
      }
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name];
      if (policy !== undefined && !inclusionPolicies.includes(policy)) errors.push(notSupported(at.child(name), policy, inclusionPolicies));
    }
    validateLabelKeys(constraint, at, errors);
    validateLabelSelector(labelSelector, at.child('labelSelector'), errors);
  });
}

/** A number of seconds that a Pod may be active. */
export function validateActiveDeadline(seconds: number, path: FieldPath, errors: FieldError[]): void {
  complain(seconds, inRange(seconds, 1, 2_147_483_647), path, errors);
}
