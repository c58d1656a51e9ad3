/** PodDisruptionBudget: pkg/registry/policy/poddisruptionbudget/strategy.go. */
import { age, integer, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { PodDisruptionBudget } from '../generated/types.ts';

/** The descriptor of PodDisruptionBudget. */
export const podDisruptionBudgets = defineKind<PodDisruptionBudget>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  columns: [
    name(),
    text('Min Available', 'Pods that must stay available.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', 'Pods that may be unavailable.', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', 'Pods that may be evicted now.', ({ status }) => status?.disruptionsAllowed ?? 0),
    age(),
  ],
});
