/** ClusterRoles of plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, with the features that v1.34 enables by default. */
import { reportEvents } from './rule-text.ts';

/** What a node may do beyond what the Node authorizer decides by the graph of objects: NodeRules of policy.go. */
export const nodeRuleTexts: readonly string[] = [
  'create authentication.k8s.io tokenreviews',
  'create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews',
  'R core services',
  'create,get,list,watch core nodes',
  'patch,update core nodes/status',
  'patch,update core nodes',
  'create,patch,update core events',
  'R core pods',
  'create,delete core pods',
  'patch,update core pods/status',
  'create core pods/eviction',
  'R core configmaps,secrets',
  'get core persistentvolumeclaims,persistentvolumes',
  'get core endpoints',
  'create,get,list,watch certificates.k8s.io certificatesigningrequests',
  'create,delete,get,patch,update coordination.k8s.io leases',
  'get storage.k8s.io volumeattachments',
  'create core serviceaccounts/token',
  'get,patch,update core persistentvolumeclaims/status',
  'R storage.k8s.io csidrivers',
  'create,delete,get,patch,update storage.k8s.io csinodes',
  'R node.k8s.io runtimeclasses',
  'get resource.k8s.io resourceclaims',
  'deletecollection resource.k8s.io resourceslices',
  'get core serviceaccounts',
];

const editRules: readonly string[] = [
  'R core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
  'impersonate core serviceaccounts',
  'W core pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
  'create core pods/eviction',
  'W core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
  'create core serviceaccounts/token',
  'W apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale',
  'W autoscaling horizontalpodautoscalers',
  'W batch cronjobs,jobs',
  'W extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale',
  'W policy poddisruptionbudgets',
  'W networking.k8s.io ingresses,networkpolicies',
  'RW coordination.k8s.io leases',
  'W resource.k8s.io resourceclaims,resourceclaimtemplates',
];

const viewRules: readonly string[] = [
  'R core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
  'R core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status',
  'R core namespaces',
  'R discovery.k8s.io endpointslices',
  'R apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
  'R autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status',
  'R batch cronjobs,cronjobs/status,jobs,jobs/status',
  'R extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale',
  'R policy poddisruptionbudgets,poddisruptionbudgets/status',
  'R networking.k8s.io ingresses,ingresses/status,networkpolicies',
  'R resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates',
];

const schedulerRules: readonly string[] = [
  reportEvents,
  'create coordination.k8s.io leases',
  'get,list,update,watch coordination.k8s.io leases kube-scheduler',
  'create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io leasecandidates',
  'R core nodes',
  'delete,get,list,watch core pods',
  'create core bindings,pods/binding',
  'patch,update core pods/status',
  'R core replicationcontrollers,services',
  'R apps,extensions replicasets',
  'R apps statefulsets',
  'R policy poddisruptionbudgets',
  'R core persistentvolumeclaims,persistentvolumes',
  'create authentication.k8s.io tokenreviews',
  'create authorization.k8s.io subjectaccessreviews',
  'R storage.k8s.io csinodes',
  'R storage.k8s.io volumeattachments',
  'R core namespaces',
  'R storage.k8s.io csidrivers',
  'R storage.k8s.io csistoragecapacities',
  'R resource.k8s.io deviceclasses',
  'U resource.k8s.io resourceclaims',
  'U resource.k8s.io resourceclaims/status',
  'U core pods/finalizers',
  'R resource.k8s.io resourceslices',
];

const controllerManagerRules: readonly string[] = [
  reportEvents,
  'create coordination.k8s.io leases',
  'get,update coordination.k8s.io leases kube-controller-manager',
  'create core secrets,serviceaccounts',
  'delete core secrets',
  'get core configmaps,namespaces,secrets,serviceaccounts',
  'update core secrets,serviceaccounts',
  'create authentication.k8s.io tokenreviews',
  'create authorization.k8s.io subjectaccessreviews',
  // The shared informers of all controllers list and watch under this name.
  'list,watch * *',
  'create core serviceaccounts/token',
];

const signers = 'system:certificates.k8s.io:';

/** Rules by role. Roles without rules here are filled in by aggregation. */
export const clusterRoleRules: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['* * *', '* - *'],
  'system:discovery': ['get - /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/'],
  'system:monitoring': ['get - /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*'],
  'system:basic-user': [
    'create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews',
    'create authentication.k8s.io selfsubjectreviews',
  ],
  'system:public-info-viewer': ['get - /healthz,/livez,/readyz,/version,/version/'],
  'system:aggregate-to-admin': ['create authorization.k8s.io localsubjectaccessreviews', 'RW rbac.authorization.k8s.io rolebindings,roles'],
  'system:aggregate-to-edit': editRules,
  'system:aggregate-to-view': viewRules,
  'system:heapster': ['R core events,namespaces,nodes,pods', 'R extensions deployments'],
  'system:node': nodeRuleTexts,
  'system:node-problem-detector': ['get core nodes', 'patch core nodes/status', reportEvents],
  'system:kubelet-api-admin': [
    'R core nodes',
    'proxy core nodes',
    '* core nodes/log,nodes/metrics,nodes/proxy,nodes/stats',
    '* core nodes/configz,nodes/healthz,nodes/pods',
  ],
  'system:node-bootstrapper': ['create,get,list,watch certificates.k8s.io certificatesigningrequests'],
  'system:auth-delegator': ['create authentication.k8s.io tokenreviews', 'create authorization.k8s.io subjectaccessreviews'],
  'system:kube-aggregator': ['R core endpoints,services'],
  'system:kube-controller-manager': controllerManagerRules,
  'system:kube-dns': ['list,watch core endpoints,services'],
  'system:persistent-volume-provisioner': [
    'create,delete,get,list,watch core persistentvolumes',
    'get,list,update,watch core persistentvolumeclaims',
    'R storage.k8s.io storageclasses',
    'watch core events',
    reportEvents,
  ],
  'system:volume-scheduler': ['U core persistentvolumes', 'R storage.k8s.io storageclasses', 'U core persistentvolumeclaims'],
  [`${signers}certificatesigningrequests:nodeclient`]: ['create certificates.k8s.io certificatesigningrequests/nodeclient'],
  [`${signers}certificatesigningrequests:selfnodeclient`]: ['create certificates.k8s.io certificatesigningrequests/selfnodeclient'],
  [`${signers}legacy-unknown-approver`]: ['approve certificates.k8s.io signers kubernetes.io/legacy-unknown'],
  [`${signers}kubelet-serving-approver`]: ['approve certificates.k8s.io signers kubernetes.io/kubelet-serving'],
  [`${signers}kube-apiserver-client-approver`]: ['approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client'],
  [`${signers}kube-apiserver-client-kubelet-approver`]: ['approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet'],
  'system:service-account-issuer-discovery': [
    'get - /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/',
  ],
  'system:node-proxier': [
    'list,watch core endpoints,services',
    'R core nodes',
    reportEvents,
    'list,watch networking.k8s.io servicecidrs',
    'list,watch discovery.k8s.io endpointslices',
  ],
  'system:kube-scheduler': schedulerRules,
};

const aggregate = (to: string): string => `rbac.authorization.k8s.io/aggregate-to-${to}`;

/** Roles whose rules are the union of the roles with a label. */
export const aggregatedClusterRoles: Readonly<Record<string, string>> = {
  admin: aggregate('admin'),
  edit: aggregate('edit'),
  view: aggregate('view'),
};

/** The label by which a role is taken up into another. */
export const aggregationLabels: Readonly<Record<string, string>> = {
  edit: aggregate('admin'),
  view: aggregate('edit'),
  'system:aggregate-to-admin': aggregate('admin'),
  'system:aggregate-to-edit': aggregate('edit'),
  'system:aggregate-to-view': aggregate('view'),
};

/** Who has which role: `role: subject kind/name …`. The role system:node is bound to nobody, since the Node authorizer replaced it. */
export const clusterRoleSubjects: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['Group/system:masters'],
  'system:monitoring': ['Group/system:monitoring'],
  'system:discovery': ['Group/system:authenticated'],
  'system:basic-user': ['Group/system:authenticated'],
  'system:public-info-viewer': ['Group/system:authenticated', 'Group/system:unauthenticated'],
  'system:node-proxier': ['User/system:kube-proxy'],
  'system:kube-controller-manager': ['User/system:kube-controller-manager'],
  'system:kube-dns': ['ServiceAccount/kube-system/kube-dns'],
  'system:kube-scheduler': ['User/system:kube-scheduler'],
  'system:volume-scheduler': ['User/system:kube-scheduler'],
  'system:node': [],
  'system:service-account-issuer-discovery': ['Group/system:serviceaccounts'],
};
