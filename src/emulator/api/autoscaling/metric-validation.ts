/** Validation of the metrics and the behavior of a HorizontalPodAutoscaler: pkg/apis/autoscaling/validation/validation.go. */
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123Label, pathSegmentName } from '../../machinery/names.ts';
import { compareQuantities, parseQuantity, quantityComplaint } from '../../machinery/quantity.ts';
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../generated/types.ts';
import { complain } from '../metadata/rules.ts';
import { validateContainerResourceName } from '../core/pod-spec/resource-validation.ts';

const maxPeriodSeconds = 1800;
const maxStabilizationSeconds = 3600;
const sources = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const fields = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
const zero = parseQuantity('0');

function isPositive(value: string | number): boolean {
  return quantityComplaint(value) === undefined && compareQuantities(parseQuantity(value), zero) > 0;
}

function validateSegment(value: string | undefined, path: FieldPath, detail: string, errors: FieldError[]): void {
  if (!value) errors.push(required(path, detail));
  else complain(value, pathSegmentName(value), path, errors);
}

/** What the version of an object that is referred to must be. */
export type VersionRule = 'any' | 'with group' | 'with or without group';

/** ParseGroupVersion of apimachinery/pkg/runtime/schema. */
export function versionComplaint(apiVersion = ''): string | undefined {
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

/** What a reference to an object of any kind must have. */
export function validateReference(reference: CrossVersionObjectReference, rule: VersionRule, path: FieldPath, errors: FieldError[]): void {
  validateSegment(reference?.kind, path.child('kind'), '', errors);
  validateSegment(reference?.name, path.child('name'), '', errors);
  if (rule === 'any') return;
  const { apiVersion = '' } = reference ?? {};
  const hasGroup = apiVersion.indexOf('/') > 0;
  const complaint = versionComplaint(apiVersion) ?? (rule === 'with group' && !hasGroup ? 'apiVersion must specify API group' : undefined);
  if (complaint !== undefined) errors.push(invalid(path.child('apiVersion'), apiVersion, complaint));
}

function validateIdentifier(metric: MetricIdentifier, path: FieldPath, errors: FieldError[]): void {
  validateSegment(metric?.name, path.child('name'), 'must specify a metric name', errors);
}

function validateTarget(target: MetricTarget, path: FieldPath, errors: FieldError[]): void {
  if (!target?.type) errors.push(required(path.child('type'), 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(target?.type))
    errors.push(invalid(path.child('type'), target?.type ?? '', 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const) {
    const value = target?.[field];
    if (value !== undefined && !isPositive(value)) errors.push(invalid(path.child(field), value, 'must be positive'));
  }
  const { averageUtilization } = target ?? {};
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
}

function validateResourceTarget(target: MetricTarget, path: FieldPath, errors: FieldError[]): void {
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(required(path.child('averageUtilization'), 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbidden(path.child('averageValue'), 'may not set both a target raw value and a target utilization'));
}

/** What a metric of one container has beside what is said of every resource. */
function validateContainer({ name, container }: ContainerResourceMetricSource, path: FieldPath, errors: FieldError[]): void {
  if (name) validateContainerResourceName(name, path.child('name'), errors);
  if (!container) errors.push(required(path.child('container'), 'must specify a container'));
  else complain(container, dns1123Label(container), path.child('container'), errors);
}

/** One check a source: they differ in what must be there. */
function validateSource(
  metric: MetricSpec,
  field: (typeof fields)[number],
  rule: VersionRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  const target = path.child('target');
  switch (field) {
    case 'object': {
      const source = metric.object!;
      validateReference(source.describedObject, rule, path.child('describedObject'), errors);
      validateIdentifier(source.metric, path.child('metric'), errors);
      validateTarget(source.target, target, errors);
      if (source.target?.value === undefined && source.target?.averageValue === undefined)
        errors.push(required(target.child('averageValue'), 'must set either a target value or averageValue'));
      return;
    }
    case 'external': {
      const source = metric.external!;
      validateIdentifier(source.metric, path.child('metric'), errors);
      validateTarget(source.target, target, errors);
      const { value, averageValue } = source.target ?? {};
      if (value === undefined && averageValue === undefined)
        errors.push(required(target.child('averageValue'), 'must set either a target value for metric or a per-pod target'));
      if (value !== undefined && averageValue !== undefined)
        errors.push(forbidden(target.child('value'), 'may not set both a target value for metric and a per-pod target'));
      return;
    }
    case 'pods': {
      const source = metric.pods!;
      validateIdentifier(source.metric, path.child('metric'), errors);
      validateTarget(source.target, target, errors);
      if (source.target?.averageValue === undefined)
        errors.push(required(target.child('averageValue'), 'must specify a positive target averageValue'));
      return;
    }
    default: {
      const source = metric[field]!;
      if (!source.name) errors.push(required(path.child('name'), 'must specify a resource name'));
      if (field === 'containerResource') validateContainer(metric.containerResource!, path, errors);
      validateTarget(source.target, target, errors);
      validateResourceTarget(source.target, target, errors);
    }
  }
}

/** A metric names its type, and has the source of that type and no other. */
export function validateMetric(metric: MetricSpec, rule: VersionRule, path: FieldPath, errors: FieldError[]): void {
  if (!metric.type) errors.push(required(path.child('type'), 'must specify a metric source type'));
  const isKnown = sources.includes(metric.type);
  const unknown = notSupported(path.child('type'), metric.type ?? '', sources);
  if (!isKnown) errors.push(unknown);
  const present = fields.filter((field) => metric[field] !== undefined && metric[field] !== null);
  if (present[0]) validateSource(metric, present[0], rule, path.child(present[0]), errors);
  const expected = metric.type === 'ContainerResource' ? 'containerResource' : (metric.type ?? '').toLowerCase();
  // Upstream says it twice.
  if (!isKnown) errors.push(unknown);
  else if (!present.some((field) => field === expected))
    errors.push(required(path.child(expected), 'must populate information for the given metric source'));
  if (present.length === 1) return;
  for (const field of present)
    if (field !== expected) errors.push(forbidden(path.child(field), 'must populate the given metric source only'));
}

function validateRules(rules: HPAScalingRules, path: FieldPath, errors: FieldError[]): void {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const windowPath = path.child('stabilizationWindowSeconds');
  if (window !== undefined && window < 0) errors.push(invalid(windowPath, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > maxStabilizationSeconds)
    errors.push(invalid(windowPath, window, `must be less than or equal to ${maxStabilizationSeconds}`));
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy))
    errors.push(notSupported(path.child('selectPolicy'), selectPolicy, ['Disabled', 'Max', 'Min']));
  if (policies.length === 0) errors.push(required(path.child('policies'), 'must specify at least one Policy'));
  policies.forEach(({ type, value, periodSeconds }, i) => {
    const at = path.child('policies').index(i);
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(at.child('type'), type, ['Percent', 'Pods']));
    if (value <= 0) errors.push(invalid(at.child('value'), value, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalid(at.child('periodSeconds'), periodSeconds, 'must be greater than zero'));
    if (periodSeconds > maxPeriodSeconds)
      errors.push(invalid(at.child('periodSeconds'), periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`));
  });
}

/** How fast and how hesitantly the autoscaler may act. */
export function validateBehavior(behavior: HorizontalPodAutoscalerBehavior, path: FieldPath, errors: FieldError[]): void {
  if (behavior.scaleUp) validateRules(behavior.scaleUp, path.child('scaleUp'), errors);
  if (behavior.scaleDown) validateRules(behavior.scaleDown, path.child('scaleDown'), errors);
}
