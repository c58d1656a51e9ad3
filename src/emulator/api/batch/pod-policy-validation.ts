/** podFailurePolicy, successPolicy and podReplacementPolicy of a Job: pkg/apis/batch/validation/validation.go. */
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import { qualifiedName } from '../../machinery/names.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../generated/types.ts';
import { complain, nonNegative } from '../metadata/rules.ts';
import { countIndexes } from './index-intervals.ts';

const most = { rules: 20, patterns: 20, exitCodes: 255, indexesText: 64 * 1024 };
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

/** A value that is missing is answered with all that may stand there. */
function oneOfThese(value: string | undefined, supported: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (!value) errors.push(required(path, `valid values: [${supported.map(quote).join(' ')}]`));
  else if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
}

function validateExitCodes(rule: PodFailurePolicyOnExitCodesRequirement, spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  oneOfThese(rule.operator, operators, path.child('operator'), errors);
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const { containerName, values = [] } = rule;
  if (containerName !== undefined && ![...containers, ...initContainers].some(({ name }) => name === containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(path.child('containerName'), containerName, detail));
  }
  const at = path.child('values');
  if (values.length === 0) errors.push(invalid(at, rule.values, 'at least one value is required'));
  else if (values.length > most.exitCodes) errors.push(tooMany(at, values.length, most.exitCodes));
  values.forEach((value, i) => {
    if (rule.operator === 'In' && value === 0) errors.push(invalid(at.index(i), value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < i) errors.push(duplicate(at.index(i), value));
  });
  if (values.some((value, i) => i > 0 && values[i - 1]! > value)) errors.push(invalid(at, values, 'must be ordered'));
}

function validateConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: FieldPath, errors: FieldError[]): void {
  if (patterns.length > most.patterns) errors.push(tooMany(path, patterns.length, most.patterns));
  patterns.forEach(({ type, status }, i) => {
    complain(type, qualifiedName(type), path.index(i).child('type'), errors);
    oneOfThese(status, statuses, path.index(i).child('status'), errors);
  });
}

function validateFailureRule(rule: PodFailurePolicyRule, spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  if (rule.action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(invalid(path.child('action'), rule.action, 'requires the backoffLimitPerIndex to be set'));
  } else oneOfThese(rule.action, actions, path.child('action'), errors);
  const conditions = rule.onPodConditions ?? [];
  if (rule.onExitCodes) validateExitCodes(rule.onExitCodes, spec, path.child('onExitCodes'), errors);
  if (conditions.length > 0) validateConditions(conditions, path.child('onPodConditions'), errors);
  const withoutValue = (detail: string): FieldError => ({ ...invalid(path, '', detail), badValue: undefined });
  if (rule.onExitCodes && conditions.length > 0)
    errors.push(withoutValue('specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!rule.onExitCodes && conditions.length === 0)
    errors.push(withoutValue('specifying one of OnExitCodes and OnPodConditions is required'));
}

export function validateFailurePolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const at = path.child('rules');
  if (rules.length > most.rules) errors.push(tooMany(at, rules.length, most.rules));
  rules.forEach((rule, i) => {
    validateFailureRule(rule, spec, at.index(i), errors);
  });
}

function validateSuccessRule(rule: SuccessPolicyRule, completions: number, path: FieldPath, errors: FieldError[]): void {
  const { succeededCount, succeededIndexes } = rule;
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  let named: number | undefined;
  if (succeededIndexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (succeededIndexes.length > most.indexesText) errors.push(tooLong(at, most.indexesText));
    const count = countIndexes(succeededIndexes, completions);
    if (typeof count === 'string') errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${count}`));
    named = typeof count === 'number' ? count : 0;
  }
  if (succeededCount === undefined) return;
  const at = path.child('succeededCount');
  nonNegative(succeededCount, at, errors);
  const limit = (count: number, what: string): void => {
    if (succeededCount > count) errors.push(invalid(at, succeededCount, `must be less than or equal to ${count} (the number of ${what})`));
  };
  limit(completions, 'specified completions');
  if (named !== undefined) limit(named, 'indexes in the specified succeededIndexes field');
}

export function validateSuccessPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const rules = spec.successPolicy?.rules ?? [];
  const at = path.child('rules');
  if (rules.length === 0) errors.push(required(at, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > most.rules) errors.push(tooMany(at, rules.length, most.rules));
  rules.forEach((rule, i) => {
    validateSuccessRule(rule, spec.completions ?? 0, at.index(i), errors);
  });
}

export function validateReplacementPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const policy = spec.podReplacementPolicy;
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy !== undefined && !supported.includes(policy)) errors.push(notSupported(path, policy, supported));
}
