import { describe, expect, test } from 'vitest';
import { controllerRevisions } from '../../../api/apps/controller-revision.ts';
import { statefulSets } from '../../../api/apps/stateful-set.ts';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Pod } from '../../../api/generated/types.ts';
import { garbageCollector } from '../garbage-collector/index.ts';
import { persistentVolumeClaimProtection } from '../persistentvolumeclaim-protection/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { statefulSetController } from './index.ts';

const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } });
const web = (replicas: number, more: object = {}) => ({
  metadata: { name: 'web' },
  spec: { serviceName: 'web', replicas, selector: { matchLabels: { app: 'web' } }, template: template('nginx:1'), ...more },
});

function begin(object: object): ControllerTest {
  const plane = createControllerTest([statefulSetController]);
  plane.create(statefulSets, object);
  plane.settle();
  return plane;
}

const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: s }) => type === 'Ready' && s === 'True') ?? false;
const names = (plane: ControllerTest): string[] => plane.list(pods).map(({ metadata }) => metadata.name);
const images = (plane: ControllerTest): string[] => plane.list(pods).map((pod) => `${pod.metadata.name} ${pod.spec.containers[0]!.image}`);

/** Pods become ready one after the other, the order in which they came being returned. */
function converge(plane: ControllerTest): string[] {
  const order: string[] = [];
  for (;;) {
    plane.settle();
    const next = plane.list(pods).find((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp);
    if (!next) return order;
    order.push(next.metadata.name);
    plane.setReady(next);
  }
}

function rollOut(plane: ControllerTest, image: string): void {
  plane.change(statefulSets, 'web', (set) => ({ ...set, spec: { ...set.spec, template: template(image) } }) as typeof set);
  plane.settle();
}

function scale(plane: ControllerTest, replicas: number): void {
  plane.change(statefulSets, 'web', (set) => ({ ...set, spec: { ...set.spec, replicas } }));
  plane.settle();
}

test('Pods come in order, each when the one before it is ready, and know who they are', () => {
  const plane = begin(web(3));
  expect(names(plane)).toEqual(['web-0']);
  expect(converge(plane)).toEqual(['web-0', 'web-1', 'web-2']);
  const [revision] = plane.list(controllerRevisions);
  expect(plane.get(pods, 'web-1')).toMatchObject({
    metadata: {
      generateName: 'web-',
      labels: {
        app: 'web',
        'statefulset.kubernetes.io/pod-name': 'web-1',
        'apps.kubernetes.io/pod-index': '1',
        'controller-revision-hash': revision!.metadata.name,
      },
    },
    spec: { hostname: 'web-1', subdomain: 'web' },
  });
  expect(plane.get(statefulSets, 'web').status).toEqual({
    availableReplicas: 3,
    collisionCount: 0,
    currentReplicas: 3,
    currentRevision: revision!.metadata.name,
    observedGeneration: 1,
    readyReplicas: 3,
    replicas: 3,
    updateRevision: revision!.metadata.name,
    updatedReplicas: 3,
  });
  expect(plane.eventsOf('web')).toEqual([
    'Normal SuccessfulCreate create Pod web-0 in StatefulSet web successful',
    'Normal SuccessfulCreate create Pod web-1 in StatefulSet web successful',
    'Normal SuccessfulCreate create Pod web-2 in StatefulSet web successful',
  ]);
});

test('Parallel waits for nobody', () => {
  const plane = begin(web(3, { podManagementPolicy: 'Parallel' }));
  expect(names(plane)).toEqual(['web-0', 'web-1', 'web-2']);
  scale(plane, 0);
  expect(names(plane)).toEqual([]);
});

test('a number that is far too high is approached in steps', () => {
  const plane = createControllerTest([statefulSetController]);
  plane.create(statefulSets, web(2_000_000_000, { podManagementPolicy: 'Parallel' }));
  plane.advance(10);
  expect(names(plane)).toHaveLength(500);
});

test('ordinals begin where they are told to', () => {
  const plane = begin(web(2, { ordinals: { start: 5 } }));
  expect(converge(plane)).toEqual(['web-5', 'web-6']);
  plane.change(statefulSets, 'web', (set) => ({ ...set, spec: { ...set.spec, ordinals: { start: 6 } } }));
  converge(plane);
  expect(names(plane)).toEqual(['web-6', 'web-7']);
});

test('it shrinks from the highest ordinal down, and not past one that is ill', () => {
  const plane = begin(web(4));
  converge(plane);
  plane.setReady(plane.get(pods, 'web-1'), false);
  scale(plane, 1);
  // web-1 is the only ill one, so those above it go; and then it may go itself.
  expect(names(plane)).toEqual(['web-0']);
  expect(plane.eventsOf('web').slice(4)).toEqual(
    ['web-3', 'web-2', 'web-1'].map((name) => `Normal SuccessfulDelete delete Pod ${name} in StatefulSet web successful`),
  );
  scale(plane, 3);
  converge(plane);
  plane.setReady(plane.get(pods, 'web-0'), false);
  scale(plane, 1);
  expect(names(plane)).toEqual(['web-0', 'web-1', 'web-2']);
});

test('a Pod that was deleted or failed comes back under its name', () => {
  const plane = begin(web(2));
  converge(plane);
  const { uid } = plane.get(pods, 'web-0').metadata;
  plane.delete(pods, 'web-0');
  converge(plane);
  expect(plane.get(pods, 'web-0').metadata.uid).not.toBe(uid);
  plane.change(pods, 'web-1', (pod) => ({ ...pod, status: { ...pod.status, phase: 'Failed' } }), { subresource: 'status' });
  expect(converge(plane)).toEqual(['web-1']);
});

describe('rollouts', () => {
  test('replace from the highest ordinal down, one at a time', () => {
    const plane = begin(web(3));
    converge(plane);
    const before = plane.get(statefulSets, 'web').status!.currentRevision;
    rollOut(plane, 'nginx:2');
    expect(images(plane).sort()).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    expect(plane.get(statefulSets, 'web').status).toMatchObject({ currentRevision: before, updatedReplicas: 1, currentReplicas: 2 });
    expect(converge(plane)).toEqual(['web-2', 'web-1', 'web-0']);
    const { status } = plane.get(statefulSets, 'web');
    expect(status!.currentRevision).toBe(status!.updateRevision);
    rollOut(plane, 'nginx:1');
    converge(plane);
    expect(
      plane
        .list(controllerRevisions)
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([2, 3]);
  });

  test('stop at the partition; Pods below it come back as they were', () => {
    const plane = begin(web(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }));
    converge(plane);
    rollOut(plane, 'nginx:2');
    converge(plane);
    expect(images(plane).sort()).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    plane.delete(pods, 'web-0');
    converge(plane);
    expect(images(plane).sort()).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
  });

  test('OnDelete leaves them to others', () => {
    const plane = begin(web(2, { updateStrategy: { type: 'OnDelete' } }));
    converge(plane);
    rollOut(plane, 'nginx:2');
    expect(images(plane)).toEqual(['web-0 nginx:1', 'web-1 nginx:1']);
    plane.delete(pods, 'web-0');
    converge(plane);
    expect(images(plane).sort()).toEqual(['web-0 nginx:2', 'web-1 nginx:1']);
  });

  test('a template that cannot start is waited for', () => {
    const plane = begin(web(2));
    converge(plane);
    rollOut(plane, 'broken');
    rollOut(plane, 'nginx:3');
    plane.settle();
    expect(images(plane).sort()).toEqual(['web-0 nginx:1', 'web-1 broken']);
  });

  test('revisionHistoryLimit drops the oldest revisions', () => {
    const plane = begin(web(1, { revisionHistoryLimit: 1 }));
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
      converge(plane);
      rollOut(plane, image);
    }
    converge(plane);
    expect(plane.list(controllerRevisions)).toHaveLength(2);
  });
});

describe('claims', () => {
  const claims = (policy?: object) => ({
    persistentVolumeClaimRetentionPolicy: policy,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data', labels: { tier: 'db' } },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  });
  const owners = (plane: ControllerTest): string[] =>
    plane
      .list(persistentVolumeClaims)
      .map(({ metadata }) => `${metadata.name} ${(metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`)}`.trim());

  test('are made before their Pods and stay when those go', () => {
    const plane = begin(web(2, claims()));
    converge(plane);
    expect(owners(plane)).toEqual(['data-web-0', 'data-web-1']);
    expect(plane.get(persistentVolumeClaims, 'data-web-1').metadata.labels).toEqual({ app: 'web', tier: 'db' });
    expect(plane.get(pods, 'web-1').spec.volumes![0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-web-1' } });
    expect(plane.eventsOf('web').slice(0, 2)).toEqual([
      'Normal SuccessfulCreate create Claim data-web-0 Pod web-0 in StatefulSet web success',
      'Normal SuccessfulCreate create Pod web-0 in StatefulSet web successful',
    ]);
    scale(plane, 0);
    expect([names(plane), owners(plane)]).toEqual([[], ['data-web-0', 'data-web-1']]);
  });

  test('are owned as the retention policy says', () => {
    const plane = createControllerTest([statefulSetController, garbageCollector, persistentVolumeClaimProtection]);
    plane.create(statefulSets, web(2, claims({ whenDeleted: 'Delete', whenScaled: 'Delete' })));
    converge(plane);
    expect(owners(plane)).toEqual(['data-web-0 StatefulSet/web', 'data-web-1 StatefulSet/web']);
    scale(plane, 1);
    expect(owners(plane)).toEqual(['data-web-0 StatefulSet/web']);
    plane.delete(statefulSets, 'web');
    plane.settle();
    expect([names(plane), owners(plane)]).toEqual([[], []]);
  });
});

test('minReadySeconds holds up the next Pod', () => {
  const plane = begin(web(2, { minReadySeconds: 10 }));
  plane.setReady(plane.get(pods, 'web-0'));
  plane.advance(9_000);
  expect(names(plane)).toEqual(['web-0']);
  expect(plane.get(statefulSets, 'web').status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  plane.advance(2_000);
  expect(names(plane)).toEqual(['web-0', 'web-1']);
});

test('it adopts its Pods by name and labels, and lets go of those whose labels change', () => {
  const plane = createControllerTest([statefulSetController]);
  plane.create(pods, { metadata: { name: 'web-0', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } });
  plane.create(pods, { metadata: { name: 'other', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } });
  plane.create(statefulSets, web(1));
  plane.settle();
  expect(plane.get(pods, 'web-0').metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', name: 'web', controller: true }]);
  expect(plane.get(pods, 'other').metadata.ownerReferences).toBeUndefined();
  plane.setReady(plane.get(pods, 'web-0'));
  plane.settle();
  expect(plane.get(pods, 'web-0').metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'web-0' });
});

test('a Pod that the API server refuses is an Event, again and again and ever more slowly', () => {
  const plane = begin(
    web(1, {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1 ' }] },
      },
    }),
  );
  plane.advance(60_000);
  const [event, ...others] = plane.eventsOf('web');
  expect(event).toBe(
    'Warning FailedCreate create Pod web-0 in StatefulSet web failed error: Pod "web-0" is invalid: spec.containers[0].image: Invalid value: "nginx:1 ": must not have leading or trailing whitespace',
  );
  expect(others).toEqual([]);
  expect(plane.get(statefulSets, 'web').status).toMatchObject({ replicas: 0, observedGeneration: 1 });
});

test('a restart changes nothing that is already as it should be', () => {
  const plane = begin(web(2));
  converge(plane);
  const versions = () => plane.list(pods).map(({ metadata }) => metadata.resourceVersion);
  const before = [plane.get(statefulSets, 'web').metadata.resourceVersion, versions()];
  plane.restart();
  expect([plane.get(statefulSets, 'web').metadata.resourceVersion, versions()]).toEqual(before);
});
