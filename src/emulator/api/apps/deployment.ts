/** Deployment: pkg/registry/apps/deployment/strategy.go. */
import { selectorFromObject, selectorText } from '../../machinery/labels.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, name, text, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { Deployment, DeploymentSpec } from '../generated/types.ts';

/** SetDefaults_Deployment of pkg/apis/apps/v1/defaults.go. */
function defaultSpec(spec: DeploymentSpec): DeploymentSpec {
  let result = fill(spec, { progressDeadlineSeconds: 600, replicas: 1, revisionHistoryLimit: 10, strategy: {} });
  result = change(result, 'strategy', (strategy) => {
    const typed = fill(strategy, { type: 'RollingUpdate' });
    if (typed.type !== 'RollingUpdate') return typed;
    return change(fill(typed, { rollingUpdate: {} }), 'rollingUpdate', (update) => fill(update, { maxSurge: '25%', maxUnavailable: '25%' }));
  });
  return change(result, 'template', defaultTemplate);
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
  columns: [
    name(),
    text('Ready', 'Pods that are ready, of those desired.', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    text('Up-to-date', 'Pods of the newest template.', ({ status }) => String(status?.updatedReplicas ?? 0)),
    text('Available', 'Pods that have been ready for minReadySeconds.', ({ status }) => String(status?.availableReplicas ?? 0)),
    age(),
    ...workloadColumns<Deployment>(),
  ],
});
