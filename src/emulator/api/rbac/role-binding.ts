/** RoleBinding and ClusterRoleBinding: pkg/registry/rbac/rolebinding/strategy.go, pkg/registry/rbac/clusterrolebinding/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fill, mapSame } from '../fill.ts';
import type { ClusterRoleBinding, RoleBinding } from '../generated/types.ts';
import type { Column } from '../kind.ts';
import { validateBinding, validateBindingUpdate } from './validation.ts';

const group = 'rbac.authorization.k8s.io';

type Binding = RoleBinding | ClusterRoleBinding;

function subjects(binding: Binding, kind: string): string {
  const ofKind = (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  return ofKind
    .map((subject) => (kind === 'ServiceAccount' && subject.namespace ? `${subject.namespace}/${subject.name}` : subject.name))
    .join(', ');
}

const columns: readonly Column<Binding>[] = [
  name(),
  text('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  age(),
  text('Users', 'Users that have the role.', (binding) => subjects(binding, 'User'), 1),
  text('Groups', 'Groups that have the role.', (binding) => subjects(binding, 'Group'), 1),
  text('ServiceAccounts', 'Service accounts that have the role.', (binding) => subjects(binding, 'ServiceAccount'), 1),
];

/** SetDefaults_RoleBinding and SetDefaults_Subject of pkg/apis/rbac/v1/defaults.go. */
function defaultBinding<T extends Binding>(binding: T): T {
  const named = change<Binding, 'roleRef'>(binding, 'roleRef', (role) => fill(role, { apiGroup: group }));
  return change(named, 'subjects', (list) =>
    mapSame(list, (subject) => (subject.kind === 'User' || subject.kind === 'Group' ? fill(subject, { apiGroup: group }) : subject)),
  ) as T;
}

/** The descriptor of RoleBinding. */
export const roleBindings = defineKind<RoleBinding>({
  group,
  kind: 'RoleBinding',
  resource: 'rolebindings',
  setDefaults: defaultBinding,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: (next, previous) => validateBindingUpdate(next, previous, true),
  columns,
});

/** The descriptor of ClusterRoleBinding. */
export const clusterRoleBindings = defineKind<ClusterRoleBinding>({
  group,
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  isNamespaced: false,
  setDefaults: defaultBinding,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: (next, previous) => validateBindingUpdate(next, previous, false),
  columns,
});
