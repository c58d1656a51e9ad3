/**
 * The roles that every cluster has from the start, as data.
 *
 * - The API server creates and repairs `bootstrapPolicy` when it starts, as the post-start hook
 *   rbac/bootstrap-roles does: a missing rule or subject comes back, an added one stays.
 * - `kubeadmPolicy` is what kubeadm creates once; nobody repairs it.
 * - `nodeRules` is what the Node authorizer grants to every node after its own decisions.
 *
 * Absent here: deciding (the authorizers), and aggregation (the clusterrole-aggregation controller).
 */
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject, Role, RoleBinding } from '../../../../api/generated/types.ts';
import type { Draft } from '../../../../machinery/objects.ts';
import { aggregatedClusterRoles, aggregationLabels, clusterRoleRules, clusterRoleSubjects, nodeRuleTexts } from './cluster-roles.ts';
import { controllerRules } from './controller-roles.ts';
import { kubeadmClusterRoleBindings, kubeadmClusterRoleRules, kubeadmNamespaceRoles } from './kubeadm.ts';
import type { NamespaceRole } from './namespace-roles.ts';
import { namespaceRoles } from './namespace-roles.ts';
import { readRule } from './rule-text.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${rbacGroup}/v1`;

/** Roles and bindings, as a client would create them. */
export interface Policy {
  readonly clusterRoles: readonly Draft<ClusterRole>[];
  readonly clusterRoleBindings: readonly Draft<ClusterRoleBinding>[];
  readonly roles: readonly Draft<Role>[];
  readonly roleBindings: readonly Draft<RoleBinding>[];
}

const repaired = {
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
};

function rulesOf(texts: readonly string[]): readonly PolicyRule[] {
  return texts.map(readRule);
}

function subject(text: string): Subject {
  const [kind, first, second] = text.split('/') as [string, string, string?];
  return second === undefined ? { apiGroup: rbacGroup, kind, name: first } : { kind, name: second, namespace: first };
}

function clusterRole(name: string, rules: readonly string[]): Draft<ClusterRole> {
  return { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(rules) };
}

function clusterRoleBinding(name: string, role: string, subjects: readonly string[]): Draft<ClusterRoleBinding> {
  const draft = {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
  };
  return subjects.length === 0 ? draft : { ...draft, subjects: subjects.map(subject) };
}

function role({ namespace, role: name, rules }: NamespaceRole): Draft<Role> {
  return { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: rulesOf(rules) };
}

function roleBinding({ namespace, role: name, binding, subjects }: NamespaceRole): Draft<RoleBinding> {
  const roleRef = { apiGroup: rbacGroup, kind: 'Role', name };
  return { apiVersion, kind: 'RoleBinding', metadata: { name: binding, namespace }, roleRef, subjects: subjects.map(subject) };
}

function repairedBySelf<T extends { readonly metadata: object }>(object: T, labels?: Readonly<Record<string, string>>): T {
  return { ...object, metadata: { ...object.metadata, annotations: repaired.annotations, labels: { ...repaired.labels, ...labels } } };
}

function aggregated(name: string, label: string): Draft<ClusterRole> {
  return {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
  };
}

function makeBootstrapPolicy(): Policy {
  const controllers = Object.keys(controllerRules).map((name) => ({ name, role: `system:controller:${name}` }));
  const clusterRoles = [
    ...Object.entries(aggregatedClusterRoles).map(([name, label]) => aggregated(name, label)),
    ...Object.entries(clusterRoleRules).map(([name, rules]) => clusterRole(name, rules)),
    ...controllers.map(({ name, role: roleName }) => clusterRole(roleName, controllerRules[name]!)),
  ];
  const clusterRoleBindings = [
    ...Object.entries(clusterRoleSubjects).map(([name, subjects]) => clusterRoleBinding(name, name, subjects)),
    ...controllers.map(({ name, role: roleName }) => clusterRoleBinding(roleName, roleName, [`ServiceAccount/kube-system/${name}`])),
  ];
  return {
    clusterRoles: clusterRoles.map((object) => {
      const label = aggregationLabels[object.metadata.name!];
      return repairedBySelf(object, label === undefined ? undefined : { [label]: 'true' });
    }),
    clusterRoleBindings: clusterRoleBindings.map((object) => repairedBySelf(object)),
    roles: namespaceRoles.map((entry) => repairedBySelf(role(entry))),
    roleBindings: namespaceRoles.map((entry) => repairedBySelf(roleBinding(entry))),
  };
}

/** Once made, the same objects serve every cluster in this process. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Roles and bindings that the API server keeps: made at the first call. */
export const bootstrapPolicy = once(makeBootstrapPolicy);

/** Roles and bindings that kubeadm, kube-proxy's and CoreDNS's manifests create. */
export const kubeadmPolicy = once<Policy>(() => ({
  clusterRoles: Object.entries(kubeadmClusterRoleRules).map(([name, rules]) => clusterRole(name, rules)),
  clusterRoleBindings: kubeadmClusterRoleBindings.map(([name, roleName, subjects]) => clusterRoleBinding(name, roleName, subjects)),
  roles: kubeadmNamespaceRoles.map(role),
  roleBindings: kubeadmNamespaceRoles.map(roleBinding),
}));

/** What every node may do. */
export const nodeRules = once(() => rulesOf(nodeRuleTexts));
