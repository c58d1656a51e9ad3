/** The storage of a booted cluster: from a claim to the files of Pods, and back to nothing. */
import { beforeAll, describe, expect, test } from 'vitest';
import { namespaces } from '../api/core/namespace.ts';
import { persistentVolumeClaims } from '../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../api/core/persistent-volume.ts';
import { pods } from '../api/core/pod.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/generated/types.ts';
import type { Kind } from '../api/kind.ts';
import { apiVersionOf } from '../api/kind.ts';
import { storageClasses } from '../api/storage/storage-class.ts';
import type { Call } from '../kernel/index.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { programs } from '../../terminal/programs.ts';
import type { Cluster } from './index.ts';
import { createCluster } from './index.ts';

let cluster: Cluster;
beforeAll(() => {
  cluster = createCluster({ nodes: 2, seed: 5, programs });
});

/** Runs a call of the administrator to its end. */
function run<T>(call: Call<T>): T {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  cluster.kernel.fiber(
    (function* (): Call<void> {
      try {
        outcome = { value: yield* call };
      } catch (error) {
        outcome = { error };
      }
    })(),
  );
  cluster.advance(10);
  if (!outcome) throw new Error('the call has not ended');
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

function make<T extends ApiObject>(kind: Kind<T>, name: string, body: object, namespace = 'default'): void {
  const metadata = { name, ...(kind.isNamespaced ? { namespace } : {}) };
  run(cluster.adminClient.create(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...body } as never));
}

function makeClaim(name: string, spec: object = {}, namespace = 'default'): void {
  make(
    persistentVolumeClaims,
    name,
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } },
    namespace,
  );
}

/** Runs a command in a Pod that uses a claim, on a node if one is named. */
function start(name: string, claimName: string, command: string, spec: object = {}): void {
  const containers = [{ name: 'c', image: 'busybox', command: ['sh', '-c', command], volumeMounts: [{ name: 'v', mountPath: '/data' }] }];
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  make(pods, name, { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers, volumes, ...spec } });
}

const get = <T extends ApiObject>(kind: Kind<T>, name: string): T =>
  run(cluster.adminClient.get(kind, { namespace: kind.isNamespaced ? 'default' : undefined, name }));
const phase = (name: string): string | undefined => get(pods, name).status?.phase;
const remove = <T extends ApiObject>(kind: Kind<T>, name: string): void =>
  void run(cluster.adminClient.delete(kind, { namespace: kind.isNamespaced ? 'default' : undefined, name }));

function volumeOf(claim: string): PersistentVolume {
  return get(persistentVolumes, get(persistentVolumeClaims, claim).spec.volumeName!);
}

describe('the class standard', () => {
  test('is the default, and what one Pod wrote another one reads on another node', () => {
    makeClaim('shared', { accessModes: ['ReadWriteMany'] });
    start('writer', 'shared', 'echo hello > /data/file; sleep 1000', { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } });
    start('reader', 'shared', 'until grep hello /data/file; do sleep 1; done', { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } });
    cluster.settle();
    expect([get(persistentVolumeClaims, 'shared').spec.storageClassName, phase('writer'), phase('reader')]).toEqual([
      'standard',
      'Running',
      'Succeeded',
    ]);
    expect(volumeOf('shared').spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Delete', nfs: { server: '172.18.0.1' } });
  });

  test('keeps a claim that a Pod uses until the Pod is gone, and its volume not longer', () => {
    const { name } = volumeOf('shared').metadata;
    remove(persistentVolumeClaims, 'shared');
    cluster.settle();
    expect(get(persistentVolumeClaims, 'shared').metadata.deletionTimestamp).toBeDefined();
    remove(pods, 'writer');
    cluster.settle();
    expect(() => get(persistentVolumeClaims, 'shared')).toThrow('not found');
    expect(() => get(persistentVolumes, name)).toThrow('not found');
  });

  test('lets claims grow', () => {
    makeClaim('small');
    cluster.settle();
    const claim: PersistentVolumeClaim = get(persistentVolumeClaims, 'small');
    const spec = { ...claim.spec, resources: { requests: { storage: '3Gi' } } };
    run(cluster.adminClient.update(persistentVolumeClaims, { ...claim, spec }));
    cluster.settle();
    expect([get(persistentVolumeClaims, 'small').status?.capacity, volumeOf('small').spec.capacity]).toEqual([
      { storage: '3Gi' },
      { storage: '3Gi' },
    ]);
  });

  test('empties a namespace with claims', () => {
    make(namespaces, 'team', { spec: {} });
    makeClaim('data', {}, 'team');
    cluster.settle();
    const claim = run(cluster.adminClient.get(persistentVolumeClaims, { namespace: 'team', name: 'data' }));
    run(cluster.adminClient.delete(namespaces, { name: 'team' }));
    cluster.settle();
    expect(() => get(namespaces, 'team')).toThrow('not found');
    expect(() => get(persistentVolumes, claim.spec.volumeName!)).toThrow('not found');
  });
});

test('a local volume waits for its Pod, and draws it to its node', () => {
  make(storageClasses, 'local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' });
  cluster.machine('node-2')!.fs.mkdirs('/mnt/disk');
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] }];
  make(persistentVolumes, 'disk', {
    spec: {
      storageClassName: 'local',
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/mnt/disk' },
      nodeAffinity: { required: { nodeSelectorTerms } },
    },
  });
  makeClaim('local', { storageClassName: 'local' });
  cluster.settle();
  expect(get(persistentVolumeClaims, 'local').status?.phase).toBe('Pending');
  start('near', 'local', 'echo here > /data/file');
  cluster.settle();
  expect([get(pods, 'near').spec.nodeName, phase('near'), get(persistentVolumeClaims, 'local').status?.phase]).toEqual([
    'node-2',
    'Succeeded',
    'Bound',
  ]);
  expect(cluster.machine('node-2')!.fs.find('/mnt/disk/file')).toBeDefined();
});

test('an ephemeral volume comes and goes with its Pod', () => {
  const volumeClaimTemplate = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
  start('brief', '', 'echo x > /data/x; sleep 1000', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate } }] });
  cluster.settle();
  expect([phase('brief'), get(persistentVolumeClaims, 'brief-v').status?.phase]).toEqual(['Running', 'Bound']);
  remove(pods, 'brief');
  cluster.settle();
  expect(() => get(persistentVolumeClaims, 'brief-v')).toThrow('not found');
});
