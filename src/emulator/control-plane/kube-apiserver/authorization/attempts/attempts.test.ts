/**
 * What an attacker would try, from four places: a Pod with its namespace's default account, a node that was broken into, nobody at
 * all, and an administrator of one namespace. The verdicts are those of v1.34 with kubeadm's bindings.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Kind } from '../../../../api/kind.ts';
import { kinds } from '../../../../api/kinds.ts';
import type { ByteString, HttpResponse } from '../../../../kernel/index.ts';
import { noBytes, textOf, unixMs, utf8 } from '../../../../kernel/index.ts';
import { createTestControlPlane } from '../../testing.ts';
import type { TestControlPlane } from '../../testing.ts';
import { fromANamespace } from './from-a-namespace.ts';
import { fromANode } from './from-a-node.ts';
import { fromAPod } from './from-a-pod.ts';
import { fromNowhere } from './from-nowhere.ts';
import { authority, binding, key, people } from './people.ts';
import type { Attempt } from './people.ts';

let plane: TestControlPlane;

function prepare(): TestControlPlane {
  const made = createTestControlPlane({
    authentication: {
      clientCA: { authorities: [authority.certificate] },
      serviceAccounts: { issuer: 'https://x', audiences: ['https://x'], publicKeys: () => [key.publicKey], signingKey: () => key },
    },
  });
  const make = (kind: string, object: object): void => {
    const found = kinds.find((candidate) => candidate.kind === kind) as Kind;
    made.run(made.admin.call({ verb: 'create', kind: found, object }));
  };
  for (const name of ['shop', 'bank'])
    make('Namespace', { metadata: { name, labels: name === 'shop' ? { 'pod-security.kubernetes.io/enforce': 'baseline' } : {} } });
  for (const name of ['node-1', 'node-2']) make('Node', { metadata: { name }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } });
  const accounts = [
    ['shop', 'default'],
    ['shop', 'web'],
    ['kube-system', 'mighty'],
  ] as const;
  for (const [namespace, name] of accounts) make('ServiceAccount', { metadata: { name, namespace } });
  for (const name of ['card', 'other']) make('Secret', { metadata: { name, namespace: 'shop' } });
  const onNode = (name: string, nodeName: string, secretName: string): void =>
    make('Pod', {
      metadata: { name, namespace: 'shop' },
      spec: {
        nodeName,
        serviceAccountName: 'web',
        containers: [{ name: 'c', image: 'nginx:1.29' }],
        volumes: [{ name: 's', secret: { secretName } }],
      },
    });
  onNode('web-1', 'node-1', 'card');
  onNode('web-2', 'node-2', 'other');
  make('RoleBinding', { ...binding('ann', 'ClusterRole', 'admin'), metadata: { name: 'ann', namespace: 'shop' } });
  make('ClusterRole', {
    metadata: { name: 'asks' },
    rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', 'get'] }],
  });
  make('ClusterRoleBinding', { ...binding('will', 'ClusterRole', 'asks', 'ClusterRoleBinding', 'will') });
  const mayOne = (user: string, apiGroups: string[], resources: string[], verbs: string[]): void => {
    make('ClusterRole', { metadata: { name: user }, rules: [{ apiGroups, resources, verbs }] });
    make('ClusterRoleBinding', { ...binding(user, 'ClusterRole', user, 'ClusterRoleBinding', user) });
  };
  mayOne('rita', [''], ['pods/exec'], ['get']);
  mayOne('rolf', ['rbac.authorization.k8s.io'], ['clusterroles'], ['create', 'patch', 'get']);
  mayOne('april', ['certificates.k8s.io'], ['signers'], ['approve']);
  make('PersistentVolumeClaim', {
    metadata: { name: 'data', namespace: 'shop' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  make('VolumeAttachment', {
    metadata: { name: 'of-node-2' },
    spec: { attacher: 'x', nodeName: 'node-2', source: { persistentVolumeName: 'pv' } },
  });
  // As kubeadm leaves it: whoever wants to join must be able to read this one.
  make('Role', {
    metadata: { name: 'clusterinfo', namespace: 'kube-public' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['get'] }],
  });
  make('RoleBinding', {
    ...binding('x', 'Role', 'clusterinfo', 'RoleBinding', 'system:anonymous'),
    metadata: { name: 'x', namespace: 'kube-public' },
  });
  // Roles are gathered into admin by a controller, which does not run here.
  const aggregated = ['admin', 'edit', 'view'];
  for (const name of aggregated) aggregate(made, name);
  return made;
}

/** What the clusterrole-aggregation controller does. */
function aggregate(made: TestControlPlane, name: string): void {
  const clusterRoles = kinds.find(({ kind }) => kind === 'ClusterRole') as Kind;
  type Aggregated = { metadata: { labels?: Record<string, string> }; rules?: object[] };
  const { items } = made.run(made.admin.call({ verb: 'list', kind: clusterRoles })) as unknown as { items: Aggregated[] };
  const chain = name === 'view' ? ['view'] : name === 'edit' ? ['view', 'edit'] : ['view', 'edit', 'admin'];
  const rules = items
    .filter(({ metadata }) => chain.some((part) => metadata.labels?.[`rbac.authorization.k8s.io/aggregate-to-${part}`] === 'true'))
    .flatMap((found) => found.rules ?? []);
  const patch = { type: 'application/merge-patch+json', body: { rules } } as const;
  made.run(made.admin.call({ verb: 'patch', kind: clusterRoles, name, patch }));
}

function send({ who, method = 'GET', path, body: given, as }: Attempt): HttpResponse {
  const body = typeof given === 'function' ? given(plane) : given;
  const [commonName, ...organizations] = who === 'nobody' ? [''] : people[who];
  const certificate =
    who === 'nobody'
      ? undefined
      : authority.issue({ subject: { commonName: commonName!, organizations }, usages: ['client auth'], notBeforeMs: unixMs(2025, 9, 1) });
  const headers: Record<string, string> = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
  if (as) headers['impersonate-user'] = as;
  return plane.run(
    plane.endpoint.http(
      { method, target: path, headers, body: body ? utf8(JSON.stringify(body)) : noBytes },
      { ip: '10.0.0.9', port: 1, isTls: true, certificate },
    ),
  );
}

beforeAll(() => {
  plane = prepare();
});

describe.each([
  { place: 'a Pod', attempts: fromAPod },
  { place: 'a node', attempts: fromANode },
  { place: 'nowhere', attempts: fromNowhere },
  { place: 'a namespace', attempts: fromANamespace },
])('from $place', ({ attempts }) => {
  test.each(attempts)('$who: $name', (attempt) => {
    const { status, body } = send(attempt);
    const text = typeof body === 'string' ? textOf(body as ByteString) : JSON.stringify(body);
    const [code, says] = typeof attempt.want === 'number' ? [attempt.want, ''] : attempt.want;
    expect(`${status} ${says !== '' ? text.replaceAll('\\"', '"') : ''}`).toMatch(new RegExp(`^${code} `));
    if (says !== '') expect(text.replaceAll('\\"', '"')).toContain(says);
  });
});

test('there are more than a hundred attempts', () => {
  expect(fromAPod.length + fromANode.length + fromNowhere.length + fromANamespace.length).toBeGreaterThan(100);
});
