/**
 * What `kubeadm init` and its add-ons grant beyond the bootstrap policy: cmd/kubeadm/app/phases/{bootstraptoken,
 * copycerts,kubeconfig,kubelet,uploadconfig,addons}. These objects carry no bootstrapping label: nobody repairs them.
 */
import type { NamespaceRole } from './namespace-roles.ts';

const bootstrappers = 'Group/system:bootstrappers:kubeadm:default-node-token';

/** ClusterRoles that kubeadm and its add-ons create. */
export const kubeadmClusterRoleRules: Readonly<Record<string, readonly string[]>> = {
  'kubeadm:get-nodes': ['get core nodes'],
  // The network add-on's own: the agent that enforces policies on each node.
  'system:kube-network-policies': ['list,watch core namespaces,pods', 'list,watch networking.k8s.io networkpolicies'],
  'system:cloud-controller-manager': [
    'create,patch,update core events',
    'list,watch core nodes,services',
    'patch,update core services/status',
  ],
  'system:coredns': ['list,watch core endpoints,services,pods,namespaces', 'list,watch discovery.k8s.io endpointslices'],
  // Of the cluster's storage add-on: what its own manifest grants, and what enlarging volumes needs.
  'nfs-client-provisioner-runner': [
    'R core nodes',
    'create,delete,get,list,update,watch core persistentvolumes',
    'get,list,update,watch core persistentvolumeclaims',
    'update core persistentvolumeclaims/status',
    'R storage.k8s.io storageclasses',
    'create,patch,update core events',
  ],
};

/** ClusterRoleBindings that kubeadm and its add-ons create: `[binding, role, subjects]`. */
export const kubeadmClusterRoleBindings: readonly (readonly [binding: string, role: string, subjects: readonly string[]])[] = [
  ['kubeadm:cluster-admins', 'cluster-admin', ['Group/kubeadm:cluster-admins']],
  ['kubeadm:get-nodes', 'kubeadm:get-nodes', [bootstrappers]],
  ['kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [bootstrappers]],
  ['kubeadm:node-autoapprove-bootstrap', 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', [bootstrappers]],
  [
    'kubeadm:node-autoapprove-certificate-rotation',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    ['Group/system:nodes'],
  ],
  ['kubeadm:node-proxier', 'system:node-proxier', ['ServiceAccount/kube-system/kube-proxy']],
  ['system:kube-network-policies', 'system:kube-network-policies', ['User/system:kube-network-policies']],
  ['system:cloud-controller-manager', 'system:cloud-controller-manager', ['User/system:cloud-controller-manager']],
  ['run-nfs-client-provisioner', 'nfs-client-provisioner-runner', ['ServiceAccount/nfs-provisioner/nfs-client-provisioner']],
  ['system:coredns', 'system:coredns', ['ServiceAccount/kube-system/coredns']],
];

function readConfigMap(namespace: string, role: string, configMap: string, subjects: readonly string[]): NamespaceRole {
  return { namespace, role, binding: role, rules: [`get core configmaps ${configMap}`], subjects };
}

/** Roles and RoleBindings that kubeadm creates: each lets somebody read one ConfigMap. */
export const kubeadmNamespaceRoles: readonly NamespaceRole[] = [
  readConfigMap('kube-public', 'kubeadm:bootstrap-signer-clusterinfo', 'cluster-info', ['User/system:anonymous']),
  readConfigMap('kube-system', 'kube-proxy', 'kube-proxy', [bootstrappers]),
  readConfigMap('kube-system', 'kubeadm:kubelet-config', 'kubelet-config', ['Group/system:nodes', bootstrappers]),
  readConfigMap('kube-system', 'kubeadm:nodes-kubeadm-config', 'kubeadm-config', [bootstrappers, 'Group/system:nodes']),
];
