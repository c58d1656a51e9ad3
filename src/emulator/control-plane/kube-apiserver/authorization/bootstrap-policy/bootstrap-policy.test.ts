import { describe, expect, test } from 'vitest';
import { bootstrapPolicy, kubeadmPolicy, nodeRules } from './index.ts';

const roles = new Map([...bootstrapPolicy().clusterRoles, ...kubeadmPolicy().clusterRoles].map((role) => [role.metadata.name!, role]));

function check(
  name: string,
  want: { readonly verb: string; readonly group: string; readonly resource: string; readonly allowed: boolean },
): void {
  const rules = roles.get(name)?.rules ?? [];
  const has = (list: readonly string[] | undefined, item: string): boolean =>
    list !== undefined && (list.includes('*') || list.includes(item));
  const allowed = rules.some((rule) => has(rule.verbs, want.verb) && has(rule.apiGroups, want.group) && has(rule.resources, want.resource));
  expect(allowed).toBe(want.allowed);
}

describe('bootstrap policy', () => {
  test.each([
    { name: 'the scheduler binds', role: 'system:kube-scheduler', verb: 'create', group: '', resource: 'pods/binding', allowed: true },
    { name: 'the scheduler makes no Pods', role: 'system:kube-scheduler', verb: 'create', group: '', resource: 'pods', allowed: false },
    {
      name: 'ReplicaSets make Pods',
      role: 'system:controller:replicaset-controller',
      verb: 'create',
      group: '',
      resource: 'pods',
      allowed: true,
    },
    {
      name: 'Deployments make no Pods',
      role: 'system:controller:deployment-controller',
      verb: 'create',
      group: '',
      resource: 'pods',
      allowed: false,
    },
    {
      name: 'the collector patches anything',
      role: 'system:controller:generic-garbage-collector',
      verb: 'patch',
      group: 'apps',
      resource: 'replicasets',
      allowed: true,
    },
    { name: 'viewers read no Secrets', role: 'system:aggregate-to-view', verb: 'get', group: '', resource: 'secrets', allowed: false },
    { name: 'editors read Secrets', role: 'system:aggregate-to-edit', verb: 'get', group: '', resource: 'secrets', allowed: true },
    {
      name: 'editors write no Endpoints',
      role: 'system:aggregate-to-edit',
      verb: 'update',
      group: '',
      resource: 'endpoints',
      allowed: false,
    },
    {
      name: 'CoreDNS watches slices',
      role: 'system:coredns',
      verb: 'watch',
      group: 'discovery.k8s.io',
      resource: 'endpointslices',
      allowed: true,
    },
  ])('$name', ({ role, verb, group, resource, allowed }) => check(role, { verb, group, resource, allowed }));

  test('every binding names a role that exists', () => {
    const missing = [...bootstrapPolicy().clusterRoleBindings, ...kubeadmPolicy().clusterRoleBindings].filter(
      ({ roleRef }) => !roles.has(roleRef.name),
    );
    expect(missing).toEqual([]);
  });

  test('the role of nodes is bound to nobody', () => {
    expect(bootstrapPolicy().clusterRoleBindings.find(({ metadata }) => metadata.name === 'system:node')?.subjects).toBeUndefined();
    expect(nodeRules().length).toBe(roles.get('system:node')?.rules?.length);
  });

  test('admin, edit and view are filled by aggregation', () => {
    expect(
      ['admin', 'edit', 'view'].map((name) => [roles.get(name)?.rules, roles.get(name)?.aggregationRule?.clusterRoleSelectors?.length]),
    ).toEqual([
      [undefined, 1],
      [undefined, 1],
      [undefined, 1],
    ]);
    expect(roles.get('edit')?.metadata.labels).toEqual({
      'kubernetes.io/bootstrapping': 'rbac-defaults',
      'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
    });
  });
});
