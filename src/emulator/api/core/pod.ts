/** Pod: pkg/registry/core/pod/strategy.go. */
import { dns1123Label } from '../../machinery/names.ts';
import { defineKind, keepStatus } from '../define-kind.ts';
import { change } from '../fill.ts';
import type { Pod, PodCondition, PodSpec, PodStatus } from '../generated/types.ts';
import { podColumns } from './pod-columns.ts';
import { prepareForResize, validatePodResize } from './pod-resize.ts';
import { appArmorFields } from './pod-spec/apparmor.ts';
import { defaultPodSpec } from './pod-spec/defaults.ts';
import { mergeLabelKeys } from './pod-spec/label-keys.ts';
import { validateEphemeralContainersUpdate, validatePod, validatePodUpdate } from './pod-validation.ts';
import type { QOSClass } from './pod-spec/qos.ts';
import { qosClass } from './pod-spec/qos.ts';
import { hostnameWarnings, podWarnings } from './pod-spec/warnings.ts';

const freshStatus: Readonly<Record<QOSClass, PodStatus>> = {
  Guaranteed: { phase: 'Pending', qosClass: 'Guaranteed' },
  Burstable: { phase: 'Pending', qosClass: 'Burstable' },
  BestEffort: { phase: 'Pending', qosClass: 'BestEffort' },
};

const gated: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null as never,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

/** A Pod's own negative period becomes one second as it is decoded; that of a template stays: pkg/apis/core/v1/conversion.go. */
function withoutNegativeGrace(spec: PodSpec): PodSpec {
  return (spec.terminationGracePeriodSeconds ?? 0) < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec;
}

/** Pods of one class begin with the same status object. */
function initialStatus({ spec }: Pod): PodStatus {
  const status = freshStatus[qosClass(spec)];
  return spec.schedulingGates?.length ? { ...status, conditions: [gated] } : status;
}

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
      prepareForUpdate: (next, previous) => ({
        ...previous,
        metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion },
        spec: { ...previous.spec!, ephemeralContainers: next.spec.ephemeralContainers },
      }),
      validateUpdate: validateEphemeralContainersUpdate,
    },
    eviction: { verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
    exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
    log: { verbs: ['get'], kind: 'Pod' },
    portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
    proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
    resize: { verbs: ['get', 'patch', 'update'], prepareForUpdate: prepareForResize, validateUpdate: validatePodResize },
    status: {
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate(next, previous) {
        const status =
          next.status?.qosClass === previous.status?.qosClass ? next.status : { ...next.status, qosClass: previous.status?.qosClass };
        const metadata =
          next.metadata.ownerReferences === previous.metadata.ownerReferences
            ? next.metadata
            : { ...next.metadata, ownerReferences: previous.metadata.ownerReferences };
        if (next.spec === previous.spec && status === next.status && metadata === next.metadata) return next;
        return { ...next, metadata, spec: previous.spec, status };
      },
    },
  },
  setDefaults: (pod) => change(pod, 'spec', (spec) => defaultPodSpec(withoutNegativeGrace(spec))),
  // Admission may have named the account or added volumes since the defaults were set.
  prepareForCreate(pod, { warn }) {
    const { spec } = appArmorFields(pod, warn);
    return { ...pod, spec: defaultPodSpec(mergeLabelKeys(spec, pod)), status: initialStatus(pod) };
  },
  prepareForUpdate: keepStatus,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: (pod, previous) => {
    const ofSpec = podWarnings(pod, previous, 'pod');
    const ofName = previous ? [] : hostnameWarnings(dns1123Label(pod.metadata.name ?? ''), "the Pod's hostname");
    return ofName.length === 0 || !pod.metadata.name ? ofSpec : [...ofName, ...ofSpec];
  },
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  gracePeriodSeconds: (pod) => pod.spec.terminationGracePeriodSeconds ?? 30,
});
