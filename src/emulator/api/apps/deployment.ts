/** Deployment: pkg/registry/apps/deployment/strategy.go. */
import { selectorFromObject, selectorText } from '../../machinery/labels.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, name, text, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { hostnameWarnings, podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type { Deployment, DeploymentSpec } from '../generated/types.ts';
import { nonNegative, validateCountOrPercent } from '../metadata/rules.ts';
import {
  workloadValidation,
  goStrategy,
  isZero,
  spec,
  validateAtMostAll,
  validateWorkloadSelector,
  validateWorkloadTemplate,
} from './workload-validation.ts';

/** SetDefaults_Deployment of pkg/apis/apps/v1/defaults.go. */
function defaultSpec(spec: DeploymentSpec): DeploymentSpec {
  let result = fill(spec, { progressDeadlineSeconds: 600, replicas: 1, revisionHistoryLimit: 10, strategy: {} });
  result = change(result, 'strategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return change(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) =>
      fillNil(update, { maxSurge: '25%', maxUnavailable: '25%' }),
    );
  });
  return change(result, 'template', defaultTemplate);
}

function validateStrategy({ strategy }: DeploymentSpec, errors: FieldError[]): void {
  const path = spec.child('strategy');
  const update = strategy?.rollingUpdate;
  if (strategy?.type === 'Recreate') {
    if (update) errors.push(forbidden(path.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'"));
  } else if (strategy?.type !== 'RollingUpdate') errors.push(notSupported(path, goStrategy(strategy), ['Recreate', 'RollingUpdate']));
  else if (!update) errors.push(required(path.child('rollingUpdate'), 'this should be defaulted and never be nil'));
  else {
    const at = path.child('rollingUpdate');
    if (update.maxUnavailable !== undefined) validateCountOrPercent(update.maxUnavailable, at.child('maxUnavailable'), errors);
    if (update.maxSurge !== undefined) validateCountOrPercent(update.maxSurge, at.child('maxSurge'), errors);
    if (isZero(update.maxUnavailable) && isZero(update.maxSurge)) {
      errors.push(invalid(at.child('maxUnavailable'), update.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
    }
    validateAtMostAll(update.maxUnavailable, 'maxUnavailable', at, errors);
  }
}

/** ValidateDeploymentSpec of pkg/apis/apps/validation/validation.go. */
function validateSpec(own: DeploymentSpec, errors: FieldError[]): void {
  nonNegative(own.replicas, spec.child('replicas'), errors);
  if (validateWorkloadSelector(own.selector, 'deployment', errors))
    validateWorkloadTemplate(own.template, own.selector, 'ReplicaSet', errors);
  validateStrategy(own, errors);
  nonNegative(own.minReadySeconds, spec.child('minReadySeconds'), errors);
  nonNegative(own.revisionHistoryLimit, spec.child('revisionHistoryLimit'), errors);
  const deadline = own.progressDeadlineSeconds;
  if (deadline === undefined) return;
  nonNegative(deadline, spec.child('progressDeadlineSeconds'), errors);
  if (deadline <= (own.minReadySeconds ?? 0))
    errors.push(invalid(spec.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'));
}

/** The descriptor of Deployment. */
export const deployments = defineKind<Deployment>({
  group: 'apps',
  kind: 'Deployment',
  resource: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  hasGeneration: true,
  subresources: {
    scale: scaleSubresource<Deployment>((deployment) => selectorText(selectorFromObject(deployment.spec.selector))),
    status: statusSubresource({ keepsLabels: true }),
  },
  setDefaults: (deployment) => change(deployment, 'spec', defaultSpec),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  ...workloadValidation(validateSpec),
  warnings: (object, previous) => [
    ...(previous || !object.metadata.name ? [] : hostnameWarnings(dns1123Label(object.metadata.name), 'Pod names and hostnames')),
    ...podWarnings(object.spec.template, previous?.spec.template, 'template'),
  ],
  columns: [
    name(),
    text('Ready', 'Pods that are ready, of those desired.', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    text('Up-to-date', 'Pods of the newest template.', ({ status }) => status?.updatedReplicas ?? 0),
    text('Available', 'Pods that have been ready for minReadySeconds.', ({ status }) => status?.availableReplicas ?? 0),
    age(),
    ...workloadColumns<Deployment>(),
  ],
});
