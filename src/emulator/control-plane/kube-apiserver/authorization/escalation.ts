/**
 * Nobody gives away a right that they do not have: writing a role or a binding needs every permission in it, or the verb
 * `escalate` on roles or `bind` on the role. Upstream: pkg/registry/rbac/{role,rolebinding}/policybased, validation/rule.go.
 */
import type { ApiObject } from '../../../machinery/objects.ts';
import { equal } from '../../../machinery/equality.ts';
import { forbidden, notFound } from '../../../machinery/status-error.ts';
import type { ResourceHook } from '../hooks.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import type { PolicyRule } from './rules.ts';
import type { Role } from './rbac.ts';

type Binding = ApiObject & { readonly subjects?: unknown; readonly roleRef: { readonly kind: string; readonly name: string } };

/** A rule in parts of one verb on one resource, name or path each. */
function parts({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const verb of verbs) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) out.push(base);
        else for (const name of resourceNames) out.push({ ...base, resourceNames: [name] });
      }
    }
    for (const url of nonResourceURLs) out.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return out;
}

const includes = (list: readonly string[] | undefined, item: string): boolean =>
  (list?.includes('*') ?? false) || (list?.includes(item) ?? false);

function covers(owned: PolicyRule, { verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): boolean {
  if (!includes(owned.verbs, verbs[0]!)) return false;
  if (nonResourceURLs) {
    const url = nonResourceURLs[0]!;
    return (owned.nonResourceURLs ?? []).some(
      (own) => own === '*' || own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1))),
    );
  }
  const [group, resource, name] = [apiGroups![0]!, resources![0]!, resourceNames?.[0]];
  const sub = resource.includes('/') ? `*/${resource.split('/')[1]}` : resource;
  if (!includes(owned.apiGroups, group) || !(includes(owned.resources, resource) || owned.resources?.includes(sub))) return false;
  if (!owned.resourceNames || owned.resourceNames.length === 0) return true;
  return name !== undefined && owned.resourceNames.includes(name);
}

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

/** Throws 403 when the rules hold more than the user has in the namespace. */
function confirmNoEscalation(
  server: ApiServer,
  { user, resource }: ApiRequest,
  name: string,
  namespace: string,
  rules: readonly PolicyRule[],
): void {
  const { rules: owned, errors } = server.rbac.rulesFor(user, namespace);
  const missing = rules.flatMap(parts).filter((part) => !owned.some(({ rule }) => covers(rule.source, part)));
  if (missing.length === 0) return;
  const texts = [...new Set(compact(missing).map(describeRule))].sort();
  const groups = `[${user.groups.map((group) => JSON.stringify(group)).join(' ')}]`;
  const failed = errors.length > 0 ? `; resolution errors: [${errors.join(', ')}]` : '';
  throw forbidden(
    resource,
    name,
    `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${failed}`,
  );
}

function may(server: ApiServer, { user, resource }: ApiRequest, verb: string, what: string, namespace: string, name: string): boolean {
  if (user.groups.includes('system:masters')) return true;
  const attributes = { user, verb, group: resource.group, version: '*', resource: what, subresource: '', namespace, name, path: '' };
  return server.authorizer.authorize(attributes).verdict === 'allow';
}

function checkRole(server: ApiServer, request: ApiRequest, role: Role): ApiObject {
  const { name, namespace = '' } = role.metadata;
  if (!may(server, request, 'escalate', request.resource.resource, namespace, name))
    confirmNoEscalation(server, request, name, namespace, role.rules ?? []);
  return role;
}

function checkBinding(server: ApiServer, request: ApiRequest, binding: Binding): ApiObject {
  const { name, namespace = '' } = binding.metadata;
  const { roleRef } = binding;
  const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  if (may(server, request, 'bind', resource, namespace, roleRef.name)) return binding;
  const rules = server.rbac.roleRules(roleRef, namespace);
  if (!rules) throw notFound({ group: request.resource.group, resource }, roleRef.name);
  confirmNoEscalation(server, request, name, namespace, rules);
  return binding;
}

const roleHook: ResourceHook = {
  beforeCreate: (server, request, object) => checkRole(server, request, object as Role),
  beforeUpdate: (server, request, object, previous) =>
    equal((object as Role).rules, (previous as Role).rules) ? object : checkRole(server, request, object as Role),
};

const bindingHook: ResourceHook = {
  beforeCreate: (server, request, object) => checkBinding(server, request, object as Binding),
  beforeUpdate(server, request, object, previous) {
    const [next, old] = [object as Binding, previous as Binding];
    return equal(next.roleRef, old.roleRef) && equal(next.subjects, old.subjects) ? object : checkBinding(server, request, next);
  },
};

export const rbacHooks: readonly (readonly [string, ResourceHook])[] = [
  ['roles', roleHook],
  ['clusterroles', roleHook],
  ['rolebindings', bindingHook],
  ['clusterrolebindings', bindingHook],
];
