import { describe, expect, test } from 'vitest';
import { limitRanges } from '../../../../api/core/limit-range.ts';
import { pods } from '../../../../api/core/pod.ts';
import { serviceAccounts } from '../../../../api/core/service-account.ts';
import type { LimitRangeItem, Pod } from '../../../../api/generated/types.ts';
import type { TestControlPlane } from '../../testing.ts';
import { createTestControlPlane } from '../../testing.ts';
import { claimViolations } from './bounds.ts';

function setUp(...limits: readonly LimitRangeItem[]): TestControlPlane {
  const plane = createTestControlPlane();
  const make = (kind: typeof serviceAccounts | typeof limitRanges, object: object) =>
    plane.run(plane.admin.call({ verb: 'create', kind: kind as typeof serviceAccounts, namespace: 'default', object }));
  make(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  make(limitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'bounds' }, spec: { limits } });
  return plane;
}

function create(plane: TestControlPlane, spec: object): Pod {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
  return plane.run(plane.admin.call({ verb: 'create', kind: pods, namespace: 'default', object })) as Pod;
}

const one = (resources?: object) => ({ containers: [{ name: 'web', image: 'nginx', resources }] });

describe('defaults', () => {
  const item = { type: 'Container', default: { cpu: '500m', memory: '512Mi' }, defaultRequest: { cpu: '250m' } };

  test('of containers and init containers, with a note', () => {
    const pod = create(setUp(item), { ...one({ limits: { cpu: '1' } }), initContainers: [{ name: 'init', image: 'busybox' }] });
    // The request follows the limit that the Pod has before the LimitRange is asked.
    expect(pod.spec.containers[0]!.resources).toEqual({ limits: { cpu: '1', memory: '512Mi' }, requests: { cpu: '1', memory: '512Mi' } });
    expect(pod.spec.initContainers![0]!.resources).toEqual({ limits: item.default, requests: { cpu: '250m', memory: '512Mi' } });
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container web; memory limit for container web; cpu, memory request for init container init; cpu, memory limit for init container init',
    });
  });

  test('are shared by Pods of one spec', () => {
    const plane = setUp(item);
    const spec = one();
    const object = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
    const [a, b] = ['a', 'b'].map((name) =>
      plane.run(plane.admin.call({ verb: 'create', kind: pods, namespace: 'default', object: object(name) })),
    ) as [Pod, Pod];
    expect(a.spec).toBe(b.spec);
    expect(b.metadata.annotations).toEqual(a.metadata.annotations);
  });

  test('come from the maximum', () => {
    const pod = create(setUp({ type: 'Container', max: { memory: '1Gi' } }), one());
    expect(pod.spec.containers[0]!.resources).toEqual({ limits: { memory: '1Gi' }, requests: { memory: '1Gi' } });
  });

  test('are nobody’s business elsewhere', () => {
    const plane = setUp(item);
    plane.run(
      plane.admin.call({
        verb: 'create',
        kind: serviceAccounts,
        namespace: 'kube-public',
        object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
      }),
    );
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: one() };
    const pod = plane.run(plane.admin.call({ verb: 'create', kind: pods, namespace: 'kube-public', object })) as Pod;
    expect([pod.spec.containers[0]!.resources, pod.metadata.annotations]).toEqual([{}, undefined]);
  });
});

describe('bounds', () => {
  test.each<{ name: string; item: LimitRangeItem; spec: object; want: string }>([
    {
      name: 'too little',
      item: { type: 'Container', min: { memory: '1Gi' } },
      spec: one({ limits: { memory: '2Gi' }, requests: { memory: '512Mi' } }),
      want: 'minimum memory usage per Container is 1Gi, but request is 512Mi',
    },
    {
      name: 'too much',
      item: { type: 'Container', max: { cpu: '800m' } },
      spec: one({ limits: { cpu: '1500m' }, requests: { cpu: '500m' } }),
      want: 'pods "p" is forbidden: maximum cpu usage per Container is 800m, but limit is 1500m',
    },
    {
      name: 'two containers too much, said once each',
      item: { type: 'Container', max: { cpu: '800m', memory: '1Gi' } },
      spec: one({ limits: { cpu: '1500m', memory: '2Gi' } }),
      want: '[maximum cpu usage per Container is 800m, but limit is 1500m, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    },
    {
      name: 'no limit for the Pod',
      item: { type: 'Pod', max: { cpu: '2' } },
      spec: one(),
      want: 'maximum cpu usage per Pod is 2.  No limit is specified',
    },
    {
      name: 'the Pod too much',
      item: { type: 'Pod', max: { cpu: '1' } },
      spec: { containers: ['a', 'b'].map((name) => ({ name, image: 'nginx', resources: { limits: { cpu: '600m' } } })) },
      want: 'maximum cpu usage per Pod is 1, but limit is 1200m',
    },
    {
      name: 'a wide ratio',
      item: { type: 'Container', maxLimitRequestRatio: { memory: '2' } },
      spec: one({ limits: { memory: '300Mi' }, requests: { memory: '100Mi' } }),
      want: 'memory max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    },
    {
      name: 'no request for the ratio',
      item: { type: 'Container', maxLimitRequestRatio: { memory: '2' } },
      spec: one(),
      want: 'memory max limit to request ratio per Container is 2, but no request is specified or request is 0',
    },
  ])('$name', ({ item, spec, want }) => expect(() => create(setUp(item), spec)).toThrow(want));

  test.each([
    { name: 'too large a claim', storage: '3Gi', want: ['maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi'] },
    { name: 'too small a claim', storage: '500Mi', want: ['minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi'] },
    { name: 'a good claim', storage: '2Gi', want: [] },
  ])('$name', ({ storage, want }) => {
    const claim = { spec: { resources: { requests: { storage } } } } as unknown as Parameters<typeof claimViolations>[0];
    expect(claimViolations(claim, [{ type: 'PersistentVolumeClaim', max: { storage: '2Gi' }, min: { storage: '1Gi' } }])).toEqual(want);
  });
});
