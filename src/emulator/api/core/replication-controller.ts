/** ReplicationController: pkg/registry/core/replicationcontroller/strategy.go. */
import { invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { selectorFromSet, selectorText } from '../../machinery/labels.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { spec, validateForever } from '../apps/workload-validation.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, formatLabels, integer, name, text, workloadColumns } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { nonNegative } from '../metadata/rules.ts';
import { defaultTemplate } from './pod-spec/defaults.ts';
import { validateTemplate } from './pod-spec/validation.ts';
import { hostnameWarnings, podWarnings } from './pod-spec/warnings.ts';

type WithReplicaSetSpec = ReplicationController & { readonly spec: { readonly selector?: never } };

const isEmpty = (labels: Readonly<Record<string, string>> | undefined): boolean => Object.keys(labels ?? {}).length === 0;

/** SetDefaults_ReplicationController of pkg/apis/core/v1/defaults.go: the labels of the template stand for what was left out. */
function setDefaults(controller: ReplicationController): ReplicationController {
  const labels = controller.spec?.template?.metadata?.labels;
  let result = controller;
  if (labels && isEmpty(controller.metadata.labels)) result = { ...result, metadata: { ...result.metadata, labels } };
  return change(result, 'spec', (own) => {
    const filled = fill(own, { replicas: 1 });
    const selecting = labels && isEmpty(own.selector) ? { ...filled, selector: labels } : filled;
    return change(selecting, 'template', defaultTemplate);
  });
}

/** ValidateReplicationControllerSpec of pkg/apis/core/validation/validation.go. */
function validateSpec(own: ReplicationControllerSpec, errors: FieldError[]): void {
  nonNegative(own.minReadySeconds, spec.child('minReadySeconds'), errors);
  if (isEmpty(own.selector)) errors.push(required(spec.child('selector')));
  nonNegative(own.replicas, spec.child('replicas'), errors);
  const path = spec.child('template');
  const { template } = own;
  if (!template) {
    errors.push(required(path));
    return;
  }
  const labels = template.metadata?.labels;
  if (!isEmpty(own.selector) && !selectorFromSet(own.selector).matches(labels))
    errors.push(invalid(path.child('metadata', 'labels'), labels, '`selector` does not match template `labels`'));
  validateTemplate(template, errors);
  validateForever(template, 'ReplicationController', errors);
}

/** The descriptor of ReplicationController. */
export const replicationControllers = defineKind<ReplicationController>({
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  hasGeneration: true,
  storagePrefix: 'controllers',
  subresources: {
    scale: scaleSubresource<ReplicationController>((controller) => selectorText(selectorFromSet(controller.spec.selector))),
    status: statusSubresource(),
  },
  setDefaults,
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(controller) {
    const errors: FieldError[] = [];
    validateObjectMeta(controller.metadata, { isNamespaced: true }, errors);
    validateSpec(controller.spec ?? {}, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateSpec(next.spec, errors);
    return errors;
  },
  warnings: (object, previous) => [
    ...(previous || !object.metadata.name ? [] : hostnameWarnings(dns1123Label(object.metadata.name), 'Pod names and hostnames')),
    ...podWarnings(object.spec?.template, previous?.spec.template, 'template'),
  ],
  columns: [
    name(),
    integer('Desired', 'Pods desired.', ({ spec }) => spec.replicas ?? 0),
    integer('Current', 'Pods that exist.', ({ status }) => status?.replicas ?? 0),
    integer('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
    age(),
    ...workloadColumns<WithReplicaSetSpec>().filter((column) => column.name !== 'Selector'),
    text('Selector', 'Labels of the Pods that belong here.', ({ spec }) => formatLabels(spec.selector), 1),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  defaultPropagation: 'Orphan',
});
