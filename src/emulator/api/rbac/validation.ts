/** Validation of roles and bindings: pkg/apis/rbac/validation/validation.go. */
import { fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { equal } from '../../machinery/equality.ts';
import { dns1123Subdomain, pathSegmentName } from '../../machinery/names.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

function validateRule(rule: PolicyRule, isNamespaced: boolean, path: FieldPath, errors: FieldError[]): void {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (!rule.verbs?.length) errors.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    if (isNamespaced)
      errors.push(invalid(path.child('nonResourceURLs'), nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      errors.push(
        invalid(path.child('nonResourceURLs'), nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      );
    }
    return;
  }
  if (apiGroups.length === 0) errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  if (resources.length === 0) errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
}

/** Errors of a Role or ClusterRole. */
export function validateRole(role: Role | ClusterRole, isNamespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(role.metadata, { isNamespaced, nameRule: pathSegmentName }, errors);
  validateRules(role, isNamespaced, errors);
  return errors;
}

function validateRules(role: Role | ClusterRole, isNamespaced: boolean, errors: FieldError[]): void {
  (role.rules ?? []).forEach((rule, i) => {
    validateRule(rule, isNamespaced, fieldPath('rules').index(i), errors);
  });
  const aggregation = 'aggregationRule' in role ? role.aggregationRule : undefined;
  if (!aggregation) return;
  const path = fieldPath('aggregationRule', 'clusterRoleSelectors');
  if (!aggregation.clusterRoleSelectors?.length)
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  (aggregation.clusterRoleSelectors ?? []).forEach((selector, i) => {
    const before = errors.length;
    validateLabelSelector(selector, path.index(i), errors);
    // Upstream makes a selector of it too, and tells the one that it did not get.
    if (errors.length > before) errors.push(invalid(path.index(i), null, 'invalid label selector.'));
  });
}

/** Errors of an update of a Role or ClusterRole. */
export function validateRoleUpdate(next: Role | ClusterRole, previous: Role | ClusterRole, isNamespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  validateRules(next, isNamespaced, errors);
  return errors;
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: FieldPath, errors: FieldError[]): void {
  const { kind, name, namespace, apiGroup = '' } = subject;
  if (!name) errors.push(required(path.child('name')));
  if (kind === 'ServiceAccount') {
    if (name) complain(name, dns1123Subdomain(name), path.child('name'), errors);
    if (apiGroup !== '') errors.push(notSupported(path.child('apiGroup'), apiGroup, ['']));
    if (!isNamespaced && !namespace) errors.push(required(path.child('namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.push(notSupported(path.child('apiGroup'), apiGroup, [rbacGroup]));
  } else errors.push(notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']));
}

function validateBindingBody(binding: RoleBinding | ClusterRoleBinding, isNamespaced: boolean, errors: FieldError[]): void {
  const { roleRef, subjects = [] } = binding;
  const path = fieldPath('roleRef');
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if ((roleRef?.apiGroup ?? '') !== rbacGroup) errors.push(notSupported(path.child('apiGroup'), roleRef?.apiGroup ?? '', [rbacGroup]));
  if (!kinds.includes(roleRef?.kind)) errors.push(notSupported(path.child('kind'), roleRef?.kind ?? '', kinds));
  if (!roleRef?.name) errors.push(required(path.child('name')));
  else complain(roleRef.name, pathSegmentName(roleRef.name), path.child('name'), errors);
  subjects.forEach((subject, i) => {
    validateSubject(subject, isNamespaced, fieldPath('subjects').index(i), errors);
  });
}

/** Errors of a RoleBinding or ClusterRoleBinding. */
export function validateBinding(binding: RoleBinding | ClusterRoleBinding, isNamespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(binding.metadata, { isNamespaced, nameRule: pathSegmentName }, errors);
  validateBindingBody(binding, isNamespaced, errors);
  return errors;
}

/** Errors of an update of a binding: its role never changes. */
export function validateBindingUpdate<T extends RoleBinding | ClusterRoleBinding>(
  next: T,
  previous: T,
  isNamespaced: boolean,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  validateBindingBody(next, isNamespaced, errors);
  if (!equal(next.roleRef, previous.roleRef)) errors.push(invalid(fieldPath('roleRef'), next.roleRef, 'cannot change roleRef'));
  return errors;
}
