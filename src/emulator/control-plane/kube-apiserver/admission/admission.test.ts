import { describe, expect, test } from 'vitest';
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import type { Node, Pod } from '../../../api/generated/types.ts';
import { priorityClasses } from '../../../api/scheduling/priority-class.ts';
import type { ApiSession } from '../endpoint.ts';
import { createTestControlPlane } from '../testing.ts';

const spec = { containers: [{ name: 'web', image: 'nginx:1.29' }] };

function setUp() {
  const plane = createTestControlPlane({ seed: 1 });
  const create = (session: ApiSession, object: object) =>
    plane.run(
      session.call({ verb: 'create', kind: pods, namespace: 'default', object: { apiVersion: 'v1', kind: 'Pod', ...object } }),
    ) as Pod;
  plane.run(
    plane.admin.call({
      verb: 'create',
      kind: serviceAccounts,
      namespace: 'default',
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    }),
  );
  return { plane, create };
}

describe('a Pod of few words', () => {
  const { plane, create } = setUp();
  const pod = create(plane.admin, { metadata: { name: 'plain' }, spec });

  test.each([
    { name: 'has an account', got: pod.spec!.serviceAccountName, want: 'default' },
    { name: 'has a priority', got: pod.spec!.priority, want: 0 },
    { name: 'may preempt', got: pod.spec!.preemptionPolicy, want: 'PreemptLowerPriority' },
    {
      name: 'tolerates a lost node for a while',
      got: pod.spec!.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
      want: [
        ['node.kubernetes.io/not-ready', 300],
        ['node.kubernetes.io/unreachable', 300],
      ],
    },
    {
      name: 'mounts the token',
      got: pod.spec!.containers[0]!.volumeMounts?.[0]?.mountPath,
      want: '/var/run/secrets/kubernetes.io/serviceaccount',
    },
    { name: 'names the volume as upstream', got: /^kube-api-access-[a-z0-9]{5}$/.test(pod.spec!.volumes![0]!.name), want: true },
  ])('$name', ({ got, want }) => expect(got).toEqual(want));

  test('shares its spec with its twin', () => {
    expect(create(plane.admin, { metadata: { name: 'twin' }, spec }).spec).toBe(pod.spec);
  });

  test('keeps those tolerations when a client sends its own list once more', () => {
    const own = { key: 'disk', operator: 'Exists', effect: 'NoSchedule' };
    const made = create(plane.admin, { metadata: { name: 'applied' }, spec: { ...spec, tolerations: [own] } });
    const object = { ...made, spec: { ...made.spec!, tolerations: [own] } };
    const next = plane.run(
      plane.admin.call({ verb: 'update', kind: pods, namespace: 'default', name: 'applied', object: object as never }),
    ) as Pod;
    expect(next.spec!.tolerations).toEqual(made.spec!.tolerations);
    expect(made.spec!.tolerations).toHaveLength(3);
  });
});

describe('refusals', () => {
  const { plane, create } = setUp();
  const kubelet = plane.session('system:node:node-1', ['system:nodes'], 'kubelet');
  const mirror = { 'kubernetes.io/config.mirror': 'x' };

  test.each([
    {
      name: 'an unknown account',
      session: plane.admin,
      spec: { ...spec, serviceAccountName: 'ghost' },
      metadata: {},
      want: 'pods "p" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
    },
    {
      name: 'an unknown class',
      session: plane.admin,
      spec: { ...spec, priorityClassName: 'gold' },
      metadata: {},
      want: 'pods "p" is forbidden: no PriorityClass with name gold was found',
    },
    {
      name: 'a priority of one’s own',
      session: plane.admin,
      spec: { ...spec, priority: 7 },
      metadata: {},
      want: 'pods "p" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    },
    {
      name: 'a Pod made by a kubelet',
      session: kubelet,
      spec: { ...spec, nodeName: 'node-1' },
      metadata: {},
      want: 'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "node-1" can only create mirror pods',
    },
    {
      name: 'a mirror for another node',
      session: kubelet,
      spec: { ...spec, nodeName: 'node-2' },
      metadata: { annotations: mirror },
      want: 'pods "p" is forbidden: node "node-1" can only create pods with spec.nodeName set to itself',
    },
  ])('$name', ({ session, spec: given, metadata, want }) => {
    expect(() => create(session, { metadata: { name: 'p', ...metadata }, spec: given })).toThrow(want);
  });

  test('a kubelet may not write another Node', () => {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2' } };
    expect(() => plane.run(kubelet.call({ verb: 'create', kind: nodes, object }))).toThrow('is not allowed to modify node "node-2"');
  });

  test('a second default class', () => {
    const create = (name: string) =>
      plane.run(
        plane.admin.call({
          verb: 'create',
          kind: priorityClasses,
          object: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 5, globalDefault: true },
        }),
      );
    create('silver');
    expect(() => create('gold')).toThrow('PriorityClass silver is already marked as default. Only one default can exist');
  });
});

describe('what a Pod takes from', () => {
  const account = (more: object) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'builder' }, ...more });
  test.each([
    { name: 'the account: a token', account: account({}), spec: {}, look: (pod: Pod) => pod.spec.volumes?.length, want: 1 },
    {
      name: 'the account: no token',
      account: account({ automountServiceAccountToken: false }),
      spec: {},
      look: (pod: Pod) => pod.spec.volumes?.length,
      want: undefined,
    },
    {
      name: 'its own word about the token, whatever the account says',
      account: account({ automountServiceAccountToken: false }),
      spec: { automountServiceAccountToken: true },
      look: (pod: Pod) => pod.spec.volumes?.length,
      want: 1,
    },
    {
      name: 'the account: what it pulls with',
      account: account({ imagePullSecrets: [{ name: 'hub' }] }),
      spec: {},
      look: (pod: Pod) => pod.spec.imagePullSecrets,
      want: [{ name: 'hub' }],
    },
    {
      name: 'the account by its older name',
      account: account({ imagePullSecrets: [{ name: 'hub' }] }),
      spec: { serviceAccountName: undefined, serviceAccount: 'builder' },
      look: (pod: Pod) => pod.spec.imagePullSecrets,
      want: [{ name: 'hub' }],
    },
  ])('$name', ({ account: object, spec: more, look, want }) => {
    const { plane, create } = setUp();
    plane.run(plane.admin.call({ verb: 'create', kind: serviceAccounts, namespace: 'default', object }));
    expect(look(create(plane.admin, { metadata: { name: 'p' }, spec: { ...spec, serviceAccountName: 'builder', ...more } }))).toEqual(want);
  });

  test.each([
    {
      name: 'a class that it names',
      value: { value: 7, preemptionPolicy: 'Never' },
      spec: { priorityClassName: 'c' },
      want: [7, 'Never', 'c'],
    },
    { name: 'the default class', value: { value: 3, globalDefault: true }, spec: {}, want: [3, 'PreemptLowerPriority', 'c'] },
    { name: 'no class that it does not name', value: { value: 3 }, spec: {}, want: [0, 'PreemptLowerPriority', undefined] },
  ])('$name', ({ value, spec: more, want }) => {
    const { plane, create } = setUp();
    const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'c' }, ...value };
    plane.run(plane.admin.call({ verb: 'create', kind: priorityClasses, object: object as never }));
    const { priority, preemptionPolicy, priorityClassName } = create(plane.admin, {
      metadata: { name: 'p' },
      spec: { ...spec, ...more },
    }).spec;
    expect([priority, preemptionPolicy, priorityClassName]).toEqual(want);
  });
});

test('a new Node is tainted until it was seen to be ready', () => {
  const { plane } = setUp();
  const node = plane.run(
    plane
      .session('system:node:n', ['system:nodes'])
      .call({ verb: 'create', kind: nodes, object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } }),
  ) as Node;
  expect(node.spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});
