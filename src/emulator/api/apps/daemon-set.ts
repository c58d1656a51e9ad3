/** DaemonSet: pkg/registry/apps/daemonset/strategy.go. */
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, formatLabels, integer, name, text, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill, fillNil } from '../fill.ts';
import type { DaemonSet, DaemonSetSpec } from '../generated/types.ts';
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

/** SetDefaults_DaemonSet of pkg/apis/apps/v1/defaults.go. */
function defaultSpec(spec: DaemonSetSpec): DaemonSetSpec {
  let result = fill(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
  result = change(result, 'updateStrategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return change(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) => fillNil(update, { maxSurge: 0, maxUnavailable: 1 }));
  });
  return change(result, 'template', defaultTemplate);
}

function validateUpdateStrategy({ updateStrategy }: DaemonSetSpec, errors: FieldError[]): void {
  const path = spec.child('updateStrategy');
  if (updateStrategy?.type === 'OnDelete') return;
  if (updateStrategy?.type !== 'RollingUpdate') {
    errors.push(notSupported(path, goStrategy(updateStrategy), ['RollingUpdate', 'OnDelete']));
    return;
  }
  const at = path.child('rollingUpdate');
  const update = updateStrategy.rollingUpdate;
  if (!update) {
    errors.push(required(at));
    return;
  }
  const { maxUnavailable, maxSurge } = update;
  if (maxUnavailable !== undefined) validateCountOrPercent(maxUnavailable, at.child('maxUnavailable'), errors);
  validateAtMostAll(maxUnavailable, 'maxUnavailable', at, errors);
  if (maxSurge !== undefined) validateCountOrPercent(maxSurge, at.child('maxSurge'), errors);
  validateAtMostAll(maxSurge, 'maxSurge', at, errors);
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    errors.push(invalid(at.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
}

/** ValidateDaemonSetSpec of pkg/apis/apps/validation/validation.go. */
function validateSpec(own: DaemonSetSpec, errors: FieldError[]): void {
  validateWorkloadSelector(own.selector, 'daemonset', errors);
  validateWorkloadTemplate(own.template, own.selector, 'DaemonSet', errors);
  nonNegative(own.minReadySeconds, spec.child('minReadySeconds'), errors);
  validateUpdateStrategy(own, errors);
  nonNegative(own.revisionHistoryLimit, spec.child('revisionHistoryLimit'), errors);
}

/** The descriptor of DaemonSet. */
export const daemonSets = defineKind<DaemonSet>({
  group: 'apps',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults: (daemonSet) => change(daemonSet, 'spec', defaultSpec),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  ...workloadValidation(validateSpec),
  warnings: (object, previous) => podWarnings(object.spec.template, previous?.spec.template, 'template'),
  columns: [
    name(),
    integer('Desired', 'Nodes that should run a Pod.', ({ status }) => status?.desiredNumberScheduled ?? 0),
    integer('Current', 'Nodes that should and do run one.', ({ status }) => status?.currentNumberScheduled ?? 0),
    integer('Ready', 'Nodes whose Pod is ready.', ({ status }) => status?.numberReady ?? 0),
    integer('Up-to-date', 'Nodes whose Pod is of the newest template.', ({ status }) => status?.updatedNumberScheduled ?? 0),
    integer('Available', 'Nodes whose Pod is available.', ({ status }) => status?.numberAvailable ?? 0),
    text('Node Selector', 'Labels of the nodes.', ({ spec }) => formatLabels(spec?.template.spec?.nodeSelector)),
    age(),
    ...workloadColumns<DaemonSet>(),
  ],
});
