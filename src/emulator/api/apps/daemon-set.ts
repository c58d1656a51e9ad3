/** DaemonSet: pkg/registry/apps/daemonset/strategy.go. */
import { age, formatLabels, integer, name, text, workloadColumns } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { DaemonSet } from '../generated/types.ts';

/** The descriptor of DaemonSet. */
export const daemonSets = defineKind<DaemonSet>({
  group: 'apps',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
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
