/** Roles and RoleBindings of plugin/pkg/auth/authorizer/rbac/bootstrappolicy/namespace_policy.go. */
import { reportEvents } from './rule-text.ts';

/** One role of a namespace with the subjects that have it. */
export interface NamespaceRole {
  readonly namespace: string;
  readonly role: string;
  readonly binding: string;
  readonly rules: readonly string[];
  readonly subjects: readonly string[];
}

/** What a component needs to be the one that leads. */
const lock = (name: string): readonly string[] => [
  'watch core configmaps',
  `get,update core configmaps ${name}`,
  'create,get,list,update,watch coordination.k8s.io leases',
  'create,get,list,update,watch coordination.k8s.io leasecandidates',
];

function same(namespace: string, role: string, rules: readonly string[], subjects: readonly string[]): NamespaceRole {
  return { namespace, role, binding: role, rules, subjects };
}

export const namespaceRoles: readonly NamespaceRole[] = [
  {
    namespace: 'kube-system',
    role: 'extension-apiserver-authentication-reader',
    binding: 'system::extension-apiserver-authentication-reader',
    rules: ['R core configmaps extension-apiserver-authentication'],
    subjects: ['User/system:kube-controller-manager', 'User/system:kube-scheduler'],
  },
  same('kube-system', 'system:controller:bootstrap-signer', ['R core secrets'], ['ServiceAccount/kube-system/bootstrap-signer']),
  same(
    'kube-system',
    'system:controller:cloud-provider',
    ['create,get,list,watch core configmaps'],
    ['ServiceAccount/kube-system/cloud-provider'],
  ),
  same(
    'kube-system',
    'system:controller:token-cleaner',
    ['delete,get,list,watch core secrets', reportEvents],
    ['ServiceAccount/kube-system/token-cleaner'],
  ),
  same('kube-system', 'system::leader-locking-kube-controller-manager', lock('kube-controller-manager'), [
    'User/system:kube-controller-manager',
    'ServiceAccount/kube-system/kube-controller-manager',
    'ServiceAccount/kube-system/leader-election-controller',
  ]),
  same('kube-system', 'system::leader-locking-kube-scheduler', lock('kube-scheduler'), [
    'User/system:kube-scheduler',
    'ServiceAccount/kube-system/kube-scheduler',
  ]),
  same(
    'kube-public',
    'system:controller:bootstrap-signer',
    ['R core configmaps', 'update core configmaps cluster-info', reportEvents],
    ['ServiceAccount/kube-system/bootstrap-signer'],
  ),
];
