/** DaemonSet: pkg/registry/apps/daemonset/strategy.go. */
import { age, formatLabels, integer, name, text, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { DaemonSet, DaemonSetSpec } from '../generated/types.ts';

/** SetDefaults_DaemonSet of pkg/apis/apps/v1/defaults.go. */
function defaultSpec(spec: DaemonSetSpec): DaemonSetSpec {
  let result = fill(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
  result = change(result, 'updateStrategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return change(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) => fill(update, { maxSurge: 0, maxUnavailable: 1 }));
  });
  return change(result, 'template', defaultTemplate);
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
