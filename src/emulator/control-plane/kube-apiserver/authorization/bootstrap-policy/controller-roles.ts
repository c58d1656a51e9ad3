/**
 * The ClusterRole of each controller, `system:controller:<name>`, bound to the service account of that name in
 * kube-system: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go, with the features that v1.34
 * enables by default.
 */
import { reportEvents } from './rule-text.ts';

const csrSigners =
  'kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown';

const workloads: Readonly<Record<string, readonly string[]>> = {
  'cronjob-controller': [
    'get,list,update,watch batch cronjobs',
    'create,delete,get,list,patch,update,watch batch jobs',
    'update batch cronjobs/status',
    'update batch cronjobs/finalizers',
    'delete,list,watch core pods',
    reportEvents,
  ],
  'daemon-set-controller': [
    'R apps,extensions daemonsets',
    'update apps,extensions daemonsets/status',
    'update apps,extensions daemonsets/finalizers',
    'list,watch core nodes',
    'create,delete,list,patch,watch core pods',
    'create core pods/binding',
    'create,delete,get,list,patch,update,watch apps controllerrevisions',
    reportEvents,
  ],
  'deployment-controller': [
    'get,list,update,watch apps,extensions deployments',
    'update apps,extensions deployments/status',
    'update apps,extensions deployments/finalizers',
    'create,delete,get,list,patch,update,watch apps,extensions replicasets',
    'get,list,update,watch core pods',
    reportEvents,
  ],
  'job-controller': [
    'U batch jobs',
    'update batch jobs/status',
    'update batch jobs/finalizers',
    'create,delete,list,patch,watch core pods',
    reportEvents,
  ],
  'replicaset-controller': [
    'get,list,update,watch apps,extensions replicasets',
    'update apps,extensions replicasets/status',
    'update apps,extensions replicasets/finalizers',
    'create,delete,list,patch,watch core pods',
    reportEvents,
  ],
  'replication-controller': [
    'get,list,update,watch core replicationcontrollers',
    'update core replicationcontrollers/status',
    'update core replicationcontrollers/finalizers',
    'create,delete,list,patch,watch core pods',
    reportEvents,
  ],
  'statefulset-controller': [
    'list,watch core pods',
    'R apps statefulsets',
    'update apps statefulsets/status',
    'update apps statefulsets/finalizers',
    'create,delete,get,patch,update core pods',
    'create,delete,get,list,patch,update,watch apps controllerrevisions',
    'create,get,list,watch core persistentvolumeclaims',
    reportEvents,
    'delete,update core persistentvolumeclaims',
    'update core pods/finalizers',
  ],
  'ttl-after-finished-controller': ['delete,get,list,watch batch jobs', reportEvents],
  'disruption-controller': [
    'R apps,extensions deployments',
    'R apps,extensions replicasets',
    'R core replicationcontrollers',
    'R policy poddisruptionbudgets',
    'R apps statefulsets',
    'update policy poddisruptionbudgets/status',
    'patch,update core pods/status',
    'get * */scale',
    reportEvents,
  ],
  'horizontal-pod-autoscaler': [
    'R autoscaling horizontalpodautoscalers',
    'update autoscaling horizontalpodautoscalers/status',
    'get,update * */scale',
    'list,watch core pods',
    'list,watch metrics.k8s.io pods',
    'R custom.metrics.k8s.io *',
    'R external.metrics.k8s.io *',
    reportEvents,
  ],
  'resource-claim-controller': [
    'R core pods',
    'update core pods/finalizers',
    'create,delete,get,list,watch resource.k8s.io resourceclaims',
    'patch,update resource.k8s.io resourceclaims,resourceclaims/status',
    'patch,update core pods/status',
    reportEvents,
  ],
};

const volumes: Readonly<Record<string, readonly string[]>> = {
  'attachdetach-controller': [
    'list,watch core persistentvolumeclaims,persistentvolumes',
    'R core nodes',
    'patch,update core nodes/status',
    'list,watch core pods',
    reportEvents,
    'create,delete,get,list,watch storage.k8s.io volumeattachments',
    'R storage.k8s.io csidrivers',
    'R storage.k8s.io csinodes',
  ],
  'ephemeral-volume-controller': [
    'R core pods',
    'update core pods/finalizers',
    'create,get,list,watch core persistentvolumeclaims',
    reportEvents,
  ],
  'expand-controller': [
    'U core persistentvolumes',
    'patch,update core persistentvolumeclaims/status',
    'R core persistentvolumeclaims',
    reportEvents,
    'get core services',
  ],
  'persistent-volume-binder': [
    'create,delete,get,list,update,watch core persistentvolumes',
    'update core persistentvolumes/status',
    'get,list,update,watch core persistentvolumeclaims',
    'update core persistentvolumeclaims/status',
    'create,delete,get,list,watch core pods',
    'R storage.k8s.io storageclasses',
    'list,watch core nodes',
    reportEvents,
    'watch core events',
    'get core services',
  ],
  'pv-protection-controller': ['get,list,update,watch core persistentvolumes', reportEvents],
  'pvc-protection-controller': ['get,list,update,watch core persistentvolumeclaims', 'R core pods', reportEvents],
  'selinux-warning-controller': [
    reportEvents,
    'R core persistentvolumes',
    'R core persistentvolumeclaims',
    'R core pods',
    'R storage.k8s.io csidrivers',
  ],
  'volumeattributesclass-protection-controller': [
    'R core persistentvolumeclaims',
    'R core persistentvolumes',
    'get,list,update,watch storage.k8s.io volumeattributesclasses',
    reportEvents,
  ],
};

const network: Readonly<Record<string, readonly string[]>> = {
  'endpoint-controller': [
    'R core pods,services',
    'create,delete,get,list,update,watch core endpoints',
    'create core endpoints/restricted',
    reportEvents,
  ],
  'endpointslice-controller': [
    'R core nodes,pods,services',
    'update core services/finalizers',
    'create,delete,get,list,update,watch discovery.k8s.io endpointslices',
    reportEvents,
  ],
  'endpointslicemirroring-controller': [
    'R core endpoints,services',
    'update core services/finalizers',
    'update core endpoints/finalizers',
    'create,delete,get,list,update,watch discovery.k8s.io endpointslices',
    reportEvents,
  ],
  'route-controller': ['list,watch core nodes', 'patch core nodes/status', reportEvents],
  'service-cidrs-controller': [
    'U networking.k8s.io servicecidrs',
    'patch,update networking.k8s.io servicecidrs/finalizers',
    'patch,update networking.k8s.io servicecidrs/status',
    'R networking.k8s.io ipaddresses',
    reportEvents,
  ],
  'service-controller': ['R core services', 'patch,update core services/status', 'list,watch core nodes', reportEvents],
};

const cluster: Readonly<Record<string, readonly string[]>> = {
  'certificate-controller': [
    'delete,get,list,watch certificates.k8s.io certificatesigningrequests',
    'update certificates.k8s.io certificatesigningrequests/approval,certificatesigningrequests/status',
    'approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet',
    `sign certificates.k8s.io signers ${csrSigners}`,
    'create authorization.k8s.io subjectaccessreviews',
    reportEvents,
  ],
  'clusterrole-aggregation-controller': ['escalate,get,list,patch,update,watch rbac.authorization.k8s.io clusterroles'],
  'generic-garbage-collector': ['delete,get,list,patch,update,watch * *', reportEvents],
  'legacy-service-account-token-cleaner': [
    'get core configmaps kube-apiserver-legacy-service-account-token-tracking',
    'delete,patch core secrets',
  ],
  'namespace-controller': [
    'delete,get,list,watch core namespaces',
    'update core namespaces/finalize,namespaces/status',
    'delete,deletecollection,get,list,watch * *',
  ],
  'node-controller': [
    'delete,get,list,patch,update,watch core nodes',
    'patch,update core nodes/status',
    'patch,update core pods/status',
    'delete,get,list,watch core pods',
    reportEvents,
  ],
  'pod-garbage-collector': ['delete,list,watch core pods', 'R core nodes', 'patch core pods/status'],
  'resourcequota-controller': ['list,watch * *', 'update core resourcequotas/status', reportEvents],
  'root-ca-cert-publisher': ['create,update core configmaps', reportEvents],
  'service-account-controller': ['create core serviceaccounts', reportEvents],
  'ttl-controller': ['list,patch,update,watch core nodes', reportEvents],
  'validatingadmissionpolicy-status-controller': [
    'R admissionregistration.k8s.io validatingadmissionpolicies',
    'get,patch,update admissionregistration.k8s.io validatingadmissionpolicies/status',
    reportEvents,
  ],
};

/** Rules by the name of the controller's service account. */
export const controllerRules: Readonly<Record<string, readonly string[]>> = { ...workloads, ...volumes, ...network, ...cluster };
