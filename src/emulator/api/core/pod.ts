/** Pod: pkg/registry/core/pod/strategy.go. */
import { defineKind, statusSubresource } from '../define-kind.ts';
import type { Pod } from '../generated/types.ts';
import { podColumns } from './pod-columns.ts';

/** The descriptor of Pod. */
export const pods = defineKind<Pod>({
  kind: 'Pod',
  resource: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  hasGeneration: true,
  subresources: {
    attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions' },
    binding: { verbs: ['create'], kind: 'Binding' },
    ephemeralcontainers: {
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate: (next, previous) => ({ ...previous, metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion }, spec: { ...previous.spec!, ephemeralContainers: next.spec?.ephemeralContainers } }),
    },
    eviction: { verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
    exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
    log: { verbs: ['get'], kind: 'Pod' },
    portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
    proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
    status: statusSubresource(),
  },
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  gracePeriodSeconds: (pod) => pod.spec?.terminationGracePeriodSeconds ?? 30,
});
