/** HorizontalPodAutoscaler: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldPath, forbidden, invalid } from '../../machinery/field-error.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import { age, integer, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
} from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { nonNegative } from '../metadata/rules.ts';
import { targetsOf } from './metric-text.ts';
import { validateBehavior, validateMetric, validateReference, versionComplaint } from './metric-validation.ts';
import type { VersionRule } from './metric-validation.ts';

const spec = fieldPath('spec');

const scaleUpPolicies = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const scaleDownPolicies = [{ type: 'Percent', value: 100, periodSeconds: 15 }];
const defaultMetrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];

/** A tolerance of one's own is behind HPAConfigurableTolerance, which is off in v1.34: the field is dropped. */
function defaultRules(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  const { tolerance: _tolerance, ...rest } = rules ?? {};
  return fillNil(rest, defaults);
}

/** SetDefaults_HorizontalPodAutoscaler and GenerateScale{Up,Down}Rules of pkg/apis/autoscaling/v2/defaults.go. */
function defaultBehavior({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior {
  return {
    scaleDown: defaultRules(scaleDown, { selectPolicy: 'Max', policies: scaleDownPolicies }),
    scaleUp: defaultRules(scaleUp, { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: scaleUpPolicies }),
  };
}

function defaultSpec(own: HorizontalPodAutoscalerSpec): HorizontalPodAutoscalerSpec {
  const filled = fill(own, { minReplicas: 1, metrics: defaultMetrics });
  return change(filled.metrics?.length === 0 ? { ...filled, metrics: defaultMetrics } : filled, 'behavior', defaultBehavior);
}

/** How a target may name its version (validationOptionsForHorizontalPodAutoscaler): one that stays is taken as it is. */
function versionRule(
  { scaleTargetRef: next }: HorizontalPodAutoscalerSpec,
  previous: HorizontalPodAutoscalerSpec | undefined,
): VersionRule {
  const before = previous?.scaleTargetRef;
  if (before && before.apiVersion === next?.apiVersion && before.kind === next?.kind) return 'any';
  return next?.kind === 'ReplicationController' ? 'with or without group' : 'with group';
}

function validateMetrics({ metrics = [], minReplicas }: HorizontalPodAutoscalerSpec, hadBadVersion: boolean, errors: FieldError[]): void {
  const path = spec.child('metrics');
  metrics.forEach((metric, i) => {
    validateMetric(metric, hadBadVersion ? 'any' : 'with or without group', path.index(i), errors);
  });
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(forbidden(path, 'must specify at least one Object or External metric to support scaling to zero replicas'));
}

function hasBadVersion({ metrics = [] }: HorizontalPodAutoscalerSpec): boolean {
  return metrics.some(({ type, object }) => type === 'Object' && versionComplaint(object?.describedObject?.apiVersion) !== undefined);
}

function validateSpec(own: HorizontalPodAutoscalerSpec, previous: HorizontalPodAutoscalerSpec | undefined, errors: FieldError[]): void {
  const { minReplicas, maxReplicas, scaleTargetRef, behavior } = own;
  const fewest = previous?.minReplicas === 0 ? 0 : 1;
  if (minReplicas !== undefined && minReplicas < fewest)
    errors.push(invalid(spec.child('minReplicas'), minReplicas, `must be greater than or equal to ${fewest}`));
  if (maxReplicas === undefined || maxReplicas < 1)
    errors.push(invalid(spec.child('maxReplicas'), maxReplicas ?? 0, 'must be greater than 0'));
  if (minReplicas !== undefined && (maxReplicas ?? 0) < minReplicas)
    errors.push(invalid(spec.child('maxReplicas'), maxReplicas ?? 0, 'must be greater than or equal to `minReplicas`'));
  validateReference(scaleTargetRef, versionRule(own, previous), spec.child('scaleTargetRef'), errors);
  validateMetrics(own, previous !== undefined && hasBadVersion(previous), errors);
  if (behavior) validateBehavior(behavior, spec.child('behavior'), errors);
}

/** The descriptor of HorizontalPodAutoscaler, as autoscaling/v2 has it. */
export const horizontalPodAutoscalers = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: {
    status: statusSubresource({
      validateUpdate(next) {
        const errors: FieldError[] = [];
        nonNegative(next.status?.currentReplicas, fieldPath('status', 'currentReplicas'), errors);
        nonNegative(next.status?.desiredReplicas, fieldPath('status', 'desiredReplicas'), errors);
        return errors;
      },
    }),
  },
  setDefaults: (autoscaler) => change(autoscaler, 'spec', defaultSpec),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(autoscaler) {
    const errors: FieldError[] = [];
    validateObjectMeta(autoscaler.metadata, { isNamespaced: true, nameRule: dns1123Subdomain }, errors);
    validateSpec(autoscaler.spec ?? ({} as HorizontalPodAutoscalerSpec), undefined, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateSpec(next.spec, previous.spec, errors);
    return errors;
  },
  columns: [
    name(),
    text('Reference', 'What is scaled.', ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`),
    text('Targets', 'Each metric: what it is, and what it should be.', targetsOf),
    text('MinPods', 'The fewest replicas.', ({ spec: { minReplicas } }) => (minReplicas === undefined ? '<unset>' : String(minReplicas))),
    text('MaxPods', 'The most replicas.', ({ spec: { maxReplicas } }) => maxReplicas),
    integer('Replicas', 'Replicas that there are.', ({ status }) => status?.currentReplicas ?? 0),
    age(),
  ],
});
