/** ReplicaSet: pkg/registry/apps/replicaset/strategy.go. */
import { selectorFromObject, selectorText } from '../../machinery/labels.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, integer, name, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { hostnameWarnings, podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../generated/types.ts';
import { nonNegative } from '../metadata/rules.ts';
import { workloadValidation, spec, validateWorkloadSelector, validateWorkloadTemplate } from './workload-validation.ts';

/** ValidateReplicaSetSpec of pkg/apis/apps/validation/validation.go; that it speaks of deployments is upstream's. */
function validateSpec(own: ReplicaSetSpec, errors: FieldError[]): void {
  nonNegative(own.replicas, spec.child('replicas'), errors);
  nonNegative(own.minReadySeconds, spec.child('minReadySeconds'), errors);
  if (validateWorkloadSelector(own.selector, 'deployment', errors))
    validateWorkloadTemplate(own.template, own.selector, 'ReplicaSet', errors);
}

/** The descriptor of ReplicaSet. */
export const replicaSets = defineKind<ReplicaSet>({
  group: 'apps',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  hasGeneration: true,
  subresources: {
    scale: scaleSubresource<ReplicaSet>((replicaSet) => selectorText(selectorFromObject(replicaSet.spec.selector))),
    status: statusSubresource(),
  },
  setDefaults: (replicaSet) => change(replicaSet, 'spec', (spec) => change(fill(spec, { replicas: 1 }), 'template', defaultTemplate)),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  ...workloadValidation(validateSpec),
  warnings: (object, previous) => [
    ...(previous || !object.metadata.name ? [] : hostnameWarnings(dns1123Label(object.metadata.name), 'Pod names and hostnames')),
    ...podWarnings(object.spec.template, previous?.spec.template, 'template'),
  ],
  columns: [
    name(),
    integer('Desired', 'Pods desired.', ({ spec }) => spec.replicas ?? 0),
    integer('Current', 'Pods that exist.', ({ status }) => status?.replicas ?? 0),
    integer('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
    age(),
    ...workloadColumns<ReplicaSet>(),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
});
