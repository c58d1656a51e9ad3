/** Deployment: pkg/registry/apps/deployment/strategy.go. */
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, name, selectorText, text, workloadColumns } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { Deployment } from '../generated/types.ts';

/** The descriptor of Deployment. */
export const deployments = defineKind<Deployment>({
  group: 'apps',
  kind: 'Deployment',
  resource: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  hasGeneration: true,
  subresources: {
    scale: scaleSubresource<Deployment>((deployment) => selectorText(deployment.spec?.selector)),
    status: statusSubresource({ keepsLabels: true }),
  },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  columns: [
    name(),
    text('Ready', 'Pods that are ready, of those desired.', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    text('Up-to-date', 'Pods of the newest template.', ({ status }) => String(status?.updatedReplicas ?? 0)),
    text('Available', 'Pods that have been ready for minReadySeconds.', ({ status }) => String(status?.availableReplicas ?? 0)),
    age(),
    ...workloadColumns<Deployment>(),
  ],
});
