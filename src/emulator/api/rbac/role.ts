/** Role and ClusterRole: pkg/registry/rbac/role/strategy.go, pkg/registry/rbac/clusterrole/strategy.go. */
import { defineKind } from '../define-kind.ts';
import type { ClusterRole, Role } from '../generated/types.ts';
import { validateRole, validateRoleUpdate } from './validation.ts';

const group = 'rbac.authorization.k8s.io';

/** The descriptor of Role. */
export const roles = defineKind<Role>({
  group,
  kind: 'Role',
  resource: 'roles',
  validate: (role) => validateRole(role, true),
  validateUpdate: (next, previous) => validateRoleUpdate(next, previous, true),
});

/** The descriptor of ClusterRole. */
export const clusterRoles = defineKind<ClusterRole>({
  group,
  kind: 'ClusterRole',
  resource: 'clusterroles',
  isNamespaced: false,
  validate: (role) => validateRole(role, false),
  validateUpdate: (next, previous) => validateRoleUpdate(next, previous, false),
});
