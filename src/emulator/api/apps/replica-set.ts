/** ReplicaSet: pkg/registry/apps/replicaset/strategy.go. */
import { selectorFromObject, selectorText } from '../../machinery/labels.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, integer, name, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { ReplicaSet } from '../generated/types.ts';

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
