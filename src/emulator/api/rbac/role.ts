/** Role and ClusterRole: pkg/registry/rbac/role/strategy.go, pkg/registry/rbac/clusterrole/strategy.go. */
import { defineKind } from '../define-kind.ts';
import type { ClusterRole, Role } from '../generated/types.ts';

/** The descriptor of Role. */
export const roles = defineKind<Role>({ group: 'rbac.authorization.k8s.io', kind: 'Role', resource: 'roles' });

/** The descriptor of ClusterRole. */
export const clusterRoles = defineKind<ClusterRole>({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', resource: 'clusterroles', isNamespaced: false });
