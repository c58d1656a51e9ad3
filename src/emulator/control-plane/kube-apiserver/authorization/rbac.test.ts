import { describe, expect, test } from 'vitest';
import { pods } from '../../../api/core/pod.ts';
import { secrets } from '../../../api/core/secret.ts';
import { configMaps } from '../../../api/core/config-map.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import { clusterRoleBindings, roleBindings } from '../../../api/rbac/role-binding.ts';
import { clusterRoles, roles } from '../../../api/rbac/role.ts';
import type { Kind } from '../../../api/kind.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import { createTestControlPlane } from '../testing.ts';
import type { TestControlPlane } from '../testing.ts';

const group = 'rbac.authorization.k8s.io';

function createPlane(): TestControlPlane {
  const plane = createTestControlPlane();
  const make = (kind: unknown, object: object): unknown => plane.run(plane.admin.call({ verb: 'create', kind: kind as Kind, object }));
  make(roles, {
    metadata: { name: 'reader', namespace: 'default' },
    rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] }],
  });
  make(roles, {
    metadata: { name: 'one-secret', namespace: 'default' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'] }],
  });
  make(roles, {
    metadata: { name: 'role-maker', namespace: 'default' },
    rules: [{ verbs: ['create'], apiGroups: [group], resources: ['roles', 'rolebindings'] }],
  });
  make(clusterRoles, { metadata: { name: 'health' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics/*'] }] });
  const bind = (role: string, subjects: object[]): unknown =>
    make(roleBindings, {
      metadata: { name: role, namespace: 'default' },
      subjects,
      roleRef: { apiGroup: group, kind: 'Role', name: role },
    });
  bind('reader', [
    { kind: 'User', apiGroup: group, name: 'jane' },
    { kind: 'Group', apiGroup: group, name: 'dev' },
    { kind: 'ServiceAccount', name: 'robot', namespace: 'default' },
  ]);
  bind('one-secret', [{ kind: 'User', apiGroup: group, name: 'jane' }]);
  bind('role-maker', [{ kind: 'User', apiGroup: group, name: 'jane' }]);
  make(roleBindings, {
    metadata: { name: 'lost', namespace: 'default' },
    subjects: [{ kind: 'User', apiGroup: group, name: 'lost' }],
    roleRef: { apiGroup: group, kind: 'Role', name: 'gone' },
  });
  make(clusterRoleBindings, {
    metadata: { name: 'health' },
    subjects: [{ kind: 'User', apiGroup: group, name: 'jane' }],
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'health' },
  });
  return plane;
}

describe('RBAC', () => {
  test.each([
    {
      name: 'a user by a role',
      user: 'jane',
      verb: 'list',
      resource: 'pods',
      namespace: 'default',
      allowed: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "jane"',
    },
    { name: 'another verb', user: 'jane', verb: 'delete', resource: 'pods', namespace: 'default', allowed: undefined },
    { name: 'another namespace', user: 'jane', verb: 'list', resource: 'pods', namespace: 'kube-system', allowed: undefined },
    { name: 'all namespaces', user: 'jane', verb: 'list', resource: 'pods', namespace: '', allowed: undefined },
    {
      name: 'a group',
      user: 'joe',
      groups: ['dev'],
      verb: 'get',
      resource: 'pods',
      namespace: 'default',
      allowed: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to Group "dev"',
    },
    {
      name: 'a service account',
      user: 'system:serviceaccount:default:robot',
      verb: 'get',
      resource: 'pods',
      namespace: 'default',
      allowed: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to ServiceAccount "robot/default"',
    },
    {
      name: 'a subresource that is named',
      user: 'jane',
      verb: 'get',
      resource: 'pods',
      subresource: 'log',
      namespace: 'default',
      allowed: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "jane"',
    },
    { name: 'one that is not', user: 'jane', verb: 'get', resource: 'pods', subresource: 'exec', namespace: 'default', allowed: undefined },
    {
      name: 'a name that is listed',
      user: 'jane',
      verb: 'get',
      resource: 'secrets',
      object: 'mine',
      namespace: 'default',
      allowed: 'RBAC: allowed by RoleBinding "one-secret/default" of Role "one-secret" to User "jane"',
    },
    { name: 'one that is not', user: 'jane', verb: 'get', resource: 'secrets', object: 'other', namespace: 'default', allowed: undefined },
    {
      name: 'a path',
      user: 'jane',
      verb: 'get',
      resource: '',
      path: '/metrics/x',
      namespace: '',
      allowed: 'RBAC: allowed by ClusterRoleBinding "health" of ClusterRole "health" to User "jane"',
    },
    {
      name: 'a role that is gone',
      user: 'lost',
      verb: 'get',
      resource: 'pods',
      namespace: 'default',
      allowed: undefined,
      reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found',
    },
  ])('$name', ({ user, groups = [], verb, resource, subresource = '', object = '', path = '', namespace, allowed, reason }) => {
    const { server } = createPlane();
    const decision = server.authorization.decide({
      user: { name: user, groups },
      verb,
      group: '',
      version: 'v1',
      resource,
      subresource,
      namespace,
      name: object,
      path,
    });
    expect(decision).toEqual(allowed === undefined ? { verdict: 'none', reason: reason ?? '' } : { verdict: 'allow', reason: allowed });
  });

  const rule = (...verbs: string[]) => [{ verbs, apiGroups: [''], resources: ['pods'] }];
  test.each([
    { name: 'grants what one has', kind: roles, object: { rules: rule('get') }, message: '' },
    {
      name: 'refuses what one has not',
      kind: roles,
      object: { rules: rule('get', 'delete') },
      message:
        'roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    },
    {
      name: 'binds what one has',
      kind: roleBindings,
      object: { subjects: [], roleRef: { apiGroup: group, kind: 'Role', name: 'reader' } },
      message: '',
    },
    {
      name: 'does not bind the administrator',
      kind: roleBindings,
      object: { subjects: [], roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' } },
      message:
        'rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
    },
  ])('$name', ({ kind, object, message }) => {
    const { session, run } = createPlane();
    let said = '';
    try {
      run(
        session('jane').call({ verb: 'create', kind: kind as Kind, object: { metadata: { name: 'x', namespace: 'default' }, ...object } }),
      );
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      said = error.message;
    }
    expect(said).toBe(message);
  });
});

describe('the Node authorizer', () => {
  function createNode(): TestControlPlane {
    const plane = createTestControlPlane();
    const make = (kind: unknown, object: object): unknown => plane.run(plane.admin.call({ verb: 'create', kind: kind as Kind, object }));
    make(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
    for (const name of ['used', 'unused']) make(configMaps, { metadata: { name, namespace: 'default' } });
    make(secrets, { metadata: { name: 'used', namespace: 'default' } });
    const volumes = [
      { name: 'a', configMap: { name: 'used' } },
      { name: 'b', secret: { secretName: 'used' } },
    ];
    make(pods, {
      metadata: { name: 'p', namespace: 'default' },
      spec: { nodeName: 'node-1', volumes, containers: [{ name: 'c', image: 'nginx' }] },
    });
    return plane;
  }

  test.each([
    { node: 'node-1', verb: 'get', resource: 'configmaps', name: 'used', allowed: true },
    { node: 'node-1', verb: 'get', resource: 'configmaps', name: 'unused', allowed: false },
    { node: 'node-1', verb: 'list', resource: 'configmaps', name: '', allowed: false },
    { node: 'node-1', verb: 'watch', resource: 'secrets', name: 'used', allowed: true },
    { node: 'node-2', verb: 'get', resource: 'secrets', name: 'used', allowed: false },
    { node: 'node-1', verb: 'get', resource: 'pods', name: 'p', allowed: true },
    { node: 'node-2', verb: 'get', resource: 'pods', name: 'p', allowed: false },
    { node: 'node-1', verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'default', allowed: true },
    { node: 'node-2', verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'default', allowed: false },
    { node: 'node-1', verb: 'get', resource: 'nodes', name: 'node-2', allowed: false },
    { node: 'node-1', verb: 'list', resource: 'services', name: '', allowed: true },
    { node: 'node-1', verb: 'delete', resource: 'services', name: 'x', allowed: false },
  ])('$node $verb $resource $name: $allowed', ({ node, verb, resource, subresource = '', name, allowed }) => {
    const user = { name: `system:node:${node}`, groups: ['system:nodes'] };
    const namespace = resource === 'nodes' ? '' : 'default';
    const { verdict } = createNode().server.authorization.decide({
      user,
      verb,
      group: '',
      version: 'v1',
      resource,
      subresource,
      namespace,
      name,
      path: '',
    });
    expect(verdict).toBe(allowed ? 'allow' : 'none');
  });
});
