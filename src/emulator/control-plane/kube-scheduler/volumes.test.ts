/** What the plugins for volumes say of Pods with claims. */
import { describe, expect, test } from 'vitest';
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import { apiVersionOf } from '../../api/kind.ts';
import { csiNodes } from '../../api/storage/csi-node.ts';
import { storageClasses } from '../../api/storage/storage-class.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { SchedulerTest } from './testing.ts';
import { createSchedulerTest } from './testing.ts';

const zone = 'topology.kubernetes.io/zone';
const nodes = { a: { labels: { [zone]: 'east' } }, b: { labels: { [zone]: 'west' } } };
const onNode = (name: string): object => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
});

function make<T extends ApiObject>(t: SchedulerTest, kind: Kind<T>, name: string, body: object): T {
  const metadata = { name, ...(kind.isNamespaced ? { namespace: 'default' } : {}), ...(body as { metadata?: object }).metadata };
  return t.run(t.client.create(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, ...body, metadata } as never)) as T;
}

function makeVolume(t: SchedulerTest, name: string, spec: object = {}, labels?: object): void {
  const capacity = { storage: '1Gi' };
  const body = { metadata: { labels }, spec: { accessModes: ['ReadWriteOnce'], capacity, hostPath: { path: '/data' }, ...spec } };
  const volume = make(t, persistentVolumes, name, body);
  t.run(t.client.updateStatus(persistentVolumes, { ...volume, status: { ...volume.status, phase: 'Available' } }));
}

const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const makeClaim = (t: SchedulerTest, name: string, spec: object = {}): PersistentVolumeClaim =>
  make(t, persistentVolumeClaims, name, { spec: { ...claimSpec, ...spec } });

function makeBoundClaim(t: SchedulerTest, name: string, volumeName: string, spec: object = {}): void {
  const metadata = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
  make(t, persistentVolumeClaims, name, { metadata, spec: { ...claimSpec, ...spec, volumeName } });
}

const using = (...claims: readonly string[]): object => ({
  volumes: claims.map((claimName) => ({ name: `v-${claimName}`, persistentVolumeClaim: { claimName } })),
});

const unhelpful = 'no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';

describe('a Pod waits', () => {
  test.each<{ name: string; prepare: (t: SchedulerTest) => void; spec?: object; want: string }>([
    {
      name: 'for a claim that there is not',
      prepare: () => {},
      want: `0/2 nodes are available: persistentvolumeclaim "c" not found. ${unhelpful}`,
    },
    {
      name: 'for a claim that is not bound',
      prepare: (t) => makeClaim(t, 'c'),
      want: `0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${unhelpful}`,
    },
    {
      name: 'for a claim of its own',
      prepare: () => {},
      spec: { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: claimSpec } } }] },
      want: `0/2 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v". ${unhelpful}`,
    },
    {
      name: 'for a node that reaches both volumes',
      prepare: (t) => {
        makeVolume(t, 'va', { nodeAffinity: onNode('a') });
        makeVolume(t, 'vb', { nodeAffinity: onNode('b') });
        makeBoundClaim(t, 'c', 'va');
        makeBoundClaim(t, 'd', 'vb');
      },
      spec: using('c', 'd'),
      want: `0/2 nodes are available: 2 node(s) had volume node affinity conflict. ${unhelpful}`,
    },
    {
      name: 'for a volume that vanished',
      prepare: (t) => makeBoundClaim(t, 'c', 'gone'),
      want: `0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s). ${unhelpful}`,
    },
    {
      name: 'for a volume that nobody provisions',
      prepare: (t) => {
        make(t, storageClasses, 'local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' });
        makeClaim(t, 'c', { storageClassName: 'local' });
      },
      want: `0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. ${unhelpful}`,
    },
    {
      name: 'for a node in the zone of its volume',
      prepare: (t) => {
        makeVolume(t, 'v', {}, { [zone]: 'north__south' });
        makeBoundClaim(t, 'c', 'v');
      },
      want: `0/2 nodes are available: 2 node(s) had no available volume zone. ${unhelpful}`,
    },
    {
      name: 'for a Pod that has the claim alone',
      prepare: (t) => {
        makeVolume(t, 'v', { accessModes: ['ReadWriteOncePod'] });
        makeBoundClaim(t, 'c', 'v', { accessModes: ['ReadWriteOncePod'] });
        t.addPod('first', { ...using('c'), nodeName: 'a' });
      },
      want: '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    },
    {
      name: 'for a node that has room for another volume',
      prepare: (t) => {
        for (const [name, node] of [
          ['c', 'a'],
          ['d', 'b'],
          ['e', ''],
        ] as const) {
          makeVolume(t, `v-${name}`, { hostPath: undefined, csi: { driver: 'x', volumeHandle: name } });
          makeBoundClaim(t, name, `v-${name}`);
          if (!node) continue;
          make(t, csiNodes, node, { spec: { drivers: [{ name: 'x', nodeID: node, allocatable: { count: 1 } }] } });
          t.addPod(`on-${node}`, { ...using(name), nodeName: node });
        }
      },
      spec: using('e'),
      want: '0/2 nodes are available: 2 node(s) exceed max volume count. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    },
  ])('$name', ({ prepare, spec = using('c'), want }) => {
    const t = createSchedulerTest(nodes);
    prepare(t);
    t.addPod('p', spec);
    t.settle();
    expect(t.verdict('p')).toBe(want);
  });
});

describe('a Pod goes', () => {
  test('where its volume is', () => {
    const t = createSchedulerTest(nodes);
    makeVolume(t, 'v', { nodeAffinity: onNode('b') }, { [zone]: 'west' });
    makeBoundClaim(t, 'c', 'v');
    t.addPod('p', using('c'));
    t.settle();
    expect(t.pod('p').spec.nodeName).toBe('b');
  });

  test('on once its claim is bound', () => {
    const t = createSchedulerTest(nodes);
    const claim = makeClaim(t, 'c');
    t.addPod('p', using('c'));
    t.settle();
    makeVolume(t, 'v');
    const metadata = { ...claim.metadata, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
    t.run(t.client.update(persistentVolumeClaims, { ...claim, metadata, spec: { ...claim.spec, volumeName: 'v' } }));
    t.settle();
    expect(t.pod('p').spec.nodeName).toBeDefined();
  });

  test('with a claim that waited for it: the smallest volume of the node is promised to it and to no other', () => {
    const t = createSchedulerTest(nodes);
    make(t, storageClasses, 'local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' });
    const local = { storageClassName: 'local', nodeAffinity: onNode('b') };
    makeVolume(t, 'large', { ...local, capacity: { storage: '9Gi' } });
    makeVolume(t, 'small', local);
    makeClaim(t, 'c', { storageClassName: 'local' });
    t.addPod('p', using('c'));
    t.advance(1000);
    const { claimRef } = t.run(t.client.get(persistentVolumes, { name: 'small' })).spec;
    expect([claimRef?.name, t.pod('p').spec.nodeName]).toEqual(['c', undefined]);
    const claim = t.run(t.client.get(persistentVolumeClaims, { namespace: 'default', name: 'c' }));
    const metadata = { ...claim.metadata, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
    t.run(t.client.update(persistentVolumeClaims, { ...claim, metadata, spec: { ...claim.spec, volumeName: 'small' } }));
    t.settle();
    expect(t.pod('p').spec.nodeName).toBe('b');
  });

  test('to a node that the provisioner of its class is told', () => {
    const t = createSchedulerTest(nodes);
    const allowedTopologies = [{ matchLabelExpressions: [{ key: zone, values: ['east'] }] }];
    make(t, storageClasses, 'lazy', { provisioner: 'x/y', volumeBindingMode: 'WaitForFirstConsumer', allowedTopologies });
    makeClaim(t, 'c', { storageClassName: 'lazy' });
    t.addPod('p', using('c'));
    t.advance(1000);
    const claim = t.run(t.client.get(persistentVolumeClaims, { namespace: 'default', name: 'c' }));
    expect(claim.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'a' });
  });
});
