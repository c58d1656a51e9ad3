/** RoleBinding and ClusterRoleBinding: pkg/registry/rbac/rolebinding/strategy.go, pkg/registry/rbac/clusterrolebinding/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ClusterRoleBinding, RoleBinding } from '../generated/types.ts';
import type { Column } from '../kind.ts';

type Binding = RoleBinding | ClusterRoleBinding;

function subjects(binding: Binding, kind: string): string {
  const ofKind = (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  return ofKind.map((subject) => (kind === 'ServiceAccount' && subject.namespace ? `${subject.namespace}/${subject.name}` : subject.name)).join(', ');
}

const columns: readonly Column<Binding>[] = [
  name(),
  text('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  age(),
  text('Users', 'Users that have the role.', (binding) => subjects(binding, 'User'), 1),
  text('Groups', 'Groups that have the role.', (binding) => subjects(binding, 'Group'), 1),
  text('ServiceAccounts', 'Service accounts that have the role.', (binding) => subjects(binding, 'ServiceAccount'), 1),
];

/** The descriptor of RoleBinding. */
export const roleBindings = defineKind<RoleBinding>({ group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', resource: 'rolebindings', columns });

/** The descriptor of ClusterRoleBinding. */
export const clusterRoleBindings = defineKind<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  isNamespaced: false,
  columns,
});
