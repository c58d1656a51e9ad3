/**
 * Nobody gives away a right that they do not have: writing a role or a binding needs every permission in it, or the verb
 * `escalate` on roles or `bind` on the role. Upstream: pkg/registry/rbac/{role,rolebinding}/policybased, validation/rule.go.
 */
import type { ApiObject } from '../../../machinery/objects.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import { forbidden, notFound } from '../../../machinery/status-error.ts';
import type { ResourceHook } from '../hooks.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { uncovered } from './coverage.ts';
import type { PolicyRule } from './rules.ts';
import type { Role } from './rbac.ts';

type Binding = ApiObject & { readonly subjects?: unknown; readonly roleRef: { readonly kind: string; readonly name: string } };

/** As PolicyRule's CompactString. */
function describeRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const list = (items: readonly string[]): string => `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;
  const fields: string[] = [];
  if (apiGroups) fields.push(`APIGroups:${list(apiGroups)}`);
  if (resources) fields.push(`Resources:${list(resources)}`);
  if (nonResourceURLs) fields.push(`NonResourceURLs:${list(nonResourceURLs)}`);
  if (resourceNames) fields.push(`ResourceNames:${list(resourceNames)}`);
  fields.push(`Verbs:${list(verbs)}`);
  return `{${fields.join(', ')}}`;
}

/** Missing parts that differ in the verb only are told as one rule. */
function compact(missing: readonly PolicyRule[]): readonly PolicyRule[] {
  const byTarget = new Map<string, PolicyRule>();
  for (const rule of missing) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const known = byTarget.get(key);
    byTarget.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...byTarget.values()];
}

/** Says what the rules hold more than the user has in the namespace; undefined when that is nothing. */
function escalation(server: ApiServer, { user }: ApiRequest, namespace: string, rules: readonly PolicyRule[]): string | undefined {
  const { rules: owned, errors } = server.rbac.rulesFor(user, namespace);
  const missing = uncovered(
    owned.map(({ rule }) => rule.source),
    rules,
  );
  if (missing.length === 0) return undefined;
  const texts = [...new Set(compact(missing).map(describeRule))].sort();
  const groups = `[${user.groups.map((group) => JSON.stringify(group)).join(' ')}]`;
  const failed = errors.length > 0 ? `; resolution errors: [${errors.join(', ')}]` : '';
  return `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${failed}`;
}

function may(server: ApiServer, { user, resource }: ApiRequest, verb: string, what: string, namespace: string, name: string): boolean {
  if (user.groups.includes('system:masters')) return true;
  const attributes = { user, verb, group: resource.group, version: '*', resource: what, subresource: '', namespace, name, path: '' };
  return server.authorization.decide(attributes).verdict === 'allow';
}

const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Whoever lets a role gather rules gives away what may once be among them, and so must have everything. */
function checkRole(server: ApiServer, request: ApiRequest, role: Role, previous?: Role): ApiObject {
  const { name, namespace = '' } = role.metadata;
  if (may(server, request, 'escalate', request.resource.resource, namespace, name)) return role;
  const problem = escalation(server, request, namespace, role.rules ?? []);
  if (problem !== undefined) throw forbidden(request.resource, name, problem);
  if (!role.aggregationRule && !previous?.aggregationRule) return role;
  const lack = escalation(server, request, namespace, fullAuthority);
  if (lack !== undefined) throw forbidden(request.resource, name, `must have cluster-admin privileges to use the aggregationRule: ${lack}`);
  return role;
}

function checkBinding(server: ApiServer, request: ApiRequest, binding: Binding): ApiObject {
  const { name, namespace = '' } = binding.metadata;
  const { roleRef } = binding;
  const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  if (may(server, request, 'bind', resource, namespace, roleRef.name)) return binding;
  const rules = server.rbac.roleRules(roleRef, namespace);
  if (!rules) throw notFound({ group: request.resource.group, resource }, roleRef.name);
  const problem = escalation(server, request, namespace, rules);
  if (problem !== undefined) throw forbidden(request.resource, name, problem);
  return binding;
}

/** Whether no more has changed than what the garbage collector needs (pkg/registry/rbac/escalation_check.go, IsOnlyMutatingGCFields). */
function isCollection(next: ApiObject, previous: ApiObject): boolean {
  const plain = (object: ApiObject): ApiObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences: undefined,
      finalizers: undefined,
      managedFields: undefined,
      resourceVersion: undefined!,
    },
  });
  return semanticEqual(plain(next), plain(previous));
}

const roleHook: ResourceHook = {
  beforeCreate: (server, request, object) => checkRole(server, request, object as Role),
  beforeUpdate: (server, request, object, previous) =>
    isCollection(object, previous) ? object : checkRole(server, request, object as Role, previous as Role),
};

const bindingHook: ResourceHook = {
  beforeCreate: (server, request, object) => checkBinding(server, request, object as Binding),
  beforeUpdate: (server, request, object, previous) =>
    isCollection(object, previous) ? object : checkBinding(server, request, object as Binding),
};

export const rbacHooks: readonly (readonly [string, ResourceHook])[] = [
  ['roles', roleHook],
  ['clusterroles', roleHook],
  ['rolebindings', bindingHook],
  ['clusterrolebindings', bindingHook],
];
