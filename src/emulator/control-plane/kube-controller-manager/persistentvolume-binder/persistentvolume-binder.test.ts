import { describe, expect, test } from 'vitest';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import { pods } from '../../../api/core/pod.ts';
import { storageClasses } from '../../../api/storage/storage-class.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { ephemeralVolumeController } from '../ephemeral-volume/index.ts';
import { persistentVolumeExpander } from '../persistentvolume-expander/index.ts';
import { persistentVolumeProtection } from '../persistentvolume-protection/index.ts';
import { persistentVolumeClaimProtection } from '../persistentvolumeclaim-protection/index.ts';
import { persistentVolumeBinder } from './index.ts';

const start = (): ControllerTest =>
  createControllerTest([
    persistentVolumeBinder,
    persistentVolumeExpander,
    persistentVolumeClaimProtection,
    persistentVolumeProtection,
    ephemeralVolumeController,
  ]);

const claimSpec = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } };
const volumeSpec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };

function makeClaim(t: ControllerTest, name: string, spec: object = {}): void {
  t.create(persistentVolumeClaims, { metadata: { name }, spec: { ...claimSpec, ...spec } });
}

function makeVolume(t: ControllerTest, name: string, spec: object = {}, labels?: Record<string, string>): void {
  t.create(persistentVolumes, { metadata: { name, labels }, spec: { ...volumeSpec, ...spec } });
}

function makeClass(t: ControllerTest, name: string, body: object = {}): void {
  t.create(storageClasses, { metadata: { name }, provisioner: 'example.com/disk', ...body });
}

const pairs = (t: ControllerTest): Record<string, string> =>
  Object.fromEntries(
    t.list(persistentVolumeClaims).map(({ metadata, spec, status }) => [metadata.name, `${status?.phase} ${spec.volumeName ?? ''}`.trim()]),
  );
const phases = (t: ControllerTest): Record<string, string> =>
  Object.fromEntries(t.list(persistentVolumes).map(({ metadata, status }) => [metadata.name, status?.phase ?? '']));

const small = { capacity: { storage: '1Gi' } };
const large = { capacity: { storage: '10Gi' } };

describe('which volume a claim gets', () => {
  test.each<{ name: string; volumes: Record<string, object>; claim?: object; labels?: Record<string, string>; want: string }>([
    {
      name: 'the smallest that is large enough',
      volumes: { huge: { capacity: { storage: '100Gi' } }, large, tiny: { capacity: { storage: '1Mi' } } },
      want: 'Bound large',
    },
    { name: 'none if all are too small', volumes: { tiny: { capacity: { storage: '1Mi' } } }, want: 'Pending' },
    { name: 'none of another class', volumes: { other: { storageClassName: 'fast' } }, want: 'Pending' },
    {
      name: 'one of its class',
      volumes: { none: {}, fast: { storageClassName: 'fast' } },
      claim: { storageClassName: 'fast' },
      want: 'Bound fast',
    },
    { name: 'none without its access mode', volumes: { small }, claim: { accessModes: ['ReadWriteMany'] }, want: 'Pending' },
    {
      name: 'the one with no mode to spare',
      volumes: { both: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }, large },
      want: 'Bound large',
    },
    { name: 'none of another mode', volumes: { block: { volumeMode: 'Block' } }, want: 'Pending' },
    { name: 'the one that it names', volumes: { small, large }, claim: { volumeName: 'large' }, want: 'Bound large' },
    {
      name: 'the one that names it',
      volumes: { small, mine: { ...large, claimRef: { namespace: 'default', name: 'c' } } },
      want: 'Bound mine',
    },
    { name: 'not one that names another', volumes: { his: { claimRef: { namespace: 'default', name: 'd' } } }, want: 'Pending' },
    { name: 'none without its labels', volumes: { small }, claim: { selector: { matchLabels: { tier: 'gold' } } }, want: 'Pending' },
    {
      name: 'one with its labels',
      volumes: { small },
      labels: { tier: 'gold' },
      claim: { selector: { matchLabels: { tier: 'gold' } } },
      want: 'Bound small',
    },
  ])('$name', ({ volumes, claim, labels, want }) => {
    const t = start();
    for (const [name, spec] of Object.entries(volumes)) makeVolume(t, name, spec, labels);
    t.settle();
    makeClaim(t, 'c', claim);
    t.settle();
    expect(pairs(t).c).toBe(want);
  });

  test('both sides show the binding', () => {
    const t = start();
    makeVolume(t, 'v', large);
    makeClaim(t, 'c');
    t.settle();
    const claim = t.get(persistentVolumeClaims, 'c');
    expect(claim.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(claim.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } });
    const volume = t.get(persistentVolumes, 'v');
    expect(volume.spec.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 'default', name: 'c', uid: claim.metadata.uid });
    expect(volume.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
    expect(phases(t)).toEqual({ v: 'Bound' });
  });

  test('two claims do not share a volume, and the second gets the next one to come', () => {
    const t = start();
    makeVolume(t, 'v');
    t.settle();
    makeClaim(t, 'a');
    makeClaim(t, 'b');
    t.settle();
    expect(pairs(t)).toEqual({ a: 'Bound v', b: 'Pending' });
    expect(t.eventsOf('b')[0]).toBe('Normal FailedBinding no persistent volumes available for this claim and no storage class is set');
    makeVolume(t, 'w');
    t.settle();
    expect(pairs(t).b).toBe('Bound w');
  });
});

describe('impossible wishes', () => {
  test.each<{ name: string; spec: object; want: string }>([
    {
      name: 'a volume that is too small',
      spec: { volumeName: 'v', resources: { requests: { storage: '2Gi' } } },
      want: 'Warning VolumeMismatch Cannot bind to requested volume "v": requested PV is too small',
    },
    {
      name: 'a volume of another class',
      spec: { volumeName: 'v', storageClassName: 'fast' },
      want: 'Warning VolumeMismatch Cannot bind to requested volume "v": storageClassName does not match',
    },
    {
      name: 'a volume that is taken',
      spec: { volumeName: 'taken' },
      want: 'Warning FailedBinding volume "taken" already bound to a different claim.',
    },
    {
      name: 'a class that there is not',
      spec: { storageClassName: 'none' },
      want: 'Warning ProvisioningFailed storageclass.storage.k8s.io "none" not found',
    },
    {
      name: 'a class that provisions nothing',
      spec: { storageClassName: 'manual' },
      want: 'Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner',
    },
    {
      name: 'a class that waits for a Pod',
      spec: { storageClassName: 'lazy' },
      want: 'Normal WaitForFirstConsumer waiting for first consumer to be created before binding',
    },
  ])('$name', ({ spec, want }) => {
    const t = start();
    makeClass(t, 'manual', { provisioner: 'kubernetes.io/no-provisioner' });
    makeClass(t, 'lazy', { volumeBindingMode: 'WaitForFirstConsumer' });
    makeVolume(t, 'v');
    makeVolume(t, 'taken', { claimRef: { namespace: 'default', name: 'other' } });
    t.settle();
    makeClaim(t, 'c', spec);
    t.settle();
    expect([pairs(t).c?.split(' ')[0], t.eventsOf('c')]).toEqual(['Pending', [want]]);
  });

  test('a claim whose volume vanished is lost', () => {
    const t = start();
    makeVolume(t, 'v');
    makeClaim(t, 'c');
    t.settle();
    t.change(persistentVolumes, 'v', (volume) => ({ ...volume, metadata: { ...volume.metadata, finalizers: [] } }));
    t.delete(persistentVolumes, 'v');
    t.settle();
    expect(pairs(t)).toEqual({ c: 'Lost v' });
    expect(t.eventsOf('c')).toContain('Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  });
});

describe('classes', () => {
  test('a provisioner is asked, and its volume is taken', () => {
    const t = start();
    makeClass(t, 'disk');
    makeClaim(t, 'c', { storageClassName: 'disk' });
    t.settle();
    const { metadata } = t.get(persistentVolumeClaims, 'c');
    expect(metadata.annotations).toMatchObject({ 'volume.kubernetes.io/storage-provisioner': 'example.com/disk' });
    expect(t.eventsOf('c')[0]).toMatch(
      /^Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'example.com\/disk'/,
    );
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'c', uid: metadata.uid };
    makeVolume(t, 'pvc-1', { storageClassName: 'disk', claimRef });
    t.settle();
    expect([pairs(t), phases(t)]).toEqual([{ c: 'Bound pvc-1' }, { 'pvc-1': 'Bound' }]);
  });

  test('a default class is given at once, or later when it comes', () => {
    const t = start();
    makeClaim(t, 'early', { storageClassName: undefined });
    t.settle();
    expect(t.get(persistentVolumeClaims, 'early').spec.storageClassName).toBeUndefined();
    makeClass(t, 'disk', { metadata: { name: 'disk', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } });
    makeClaim(t, 'late', { storageClassName: undefined });
    t.settle();
    expect(t.list(persistentVolumeClaims).map(({ spec }) => spec.storageClassName)).toEqual(['disk', 'disk']);
  });
});

describe('the end of claims and volumes', () => {
  test.each<{ name: string; spec: object; want: string | undefined; event?: string }>([
    { name: 'Retain keeps the volume', spec: {}, want: 'Released' },
    {
      name: 'Delete removes what the controller can',
      spec: { hostPath: { path: '/tmp/x' }, persistentVolumeReclaimPolicy: 'Delete' },
      want: undefined,
    },
    {
      name: 'and fails where it cannot',
      spec: { persistentVolumeReclaimPolicy: 'Delete' },
      want: 'Failed',
      event: 'Warning VolumeFailedDelete host_path deleter only supports /tmp/.+ but received provided /data',
    },
    {
      name: 'Recycle is of the past',
      spec: { persistentVolumeReclaimPolicy: 'Recycle' },
      want: 'Failed',
      event: 'Warning VolumeFailedRecycle No recycler plugin found for the volume!',
    },
  ])('$name', ({ spec, want, event }) => {
    const t = start();
    makeVolume(t, 'v', spec);
    makeClaim(t, 'c');
    t.settle();
    t.delete(persistentVolumeClaims, 'c');
    t.settle();
    expect([pairs(t), phases(t).v]).toEqual([{}, want]);
    if (event) expect(t.eventsOf('v')).toContain(event);
  });

  test('a claim in use and a bound volume outlive their deletion', () => {
    const t = start();
    makeVolume(t, 'v');
    makeClaim(t, 'c');
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }];
    t.create(pods, { metadata: { name: 'p' }, spec: { nodeName: 'n', containers: [{ name: 'a', image: 'a' }], volumes } });
    t.settle();
    t.delete(persistentVolumes, 'v');
    t.delete(persistentVolumeClaims, 'c');
    t.settle();
    expect(t.get(persistentVolumeClaims, 'c').metadata.deletionTimestamp).toBeDefined();
    expect(phases(t)).toEqual({ v: 'Bound' });
    t.delete(pods, 'p', { gracePeriodSeconds: 0 });
    t.settle();
    expect([pairs(t), phases(t)]).toEqual([{}, {}]);
  });
});

test('an ephemeral volume is a claim that belongs to its Pod', () => {
  const t = start();
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: claimSpec } } }];
  const spec = { containers: [{ name: 'a', image: 'a' }], volumes };
  t.create(pods, { metadata: { name: 'p' }, spec });
  makeClaim(t, 'q-scratch');
  t.settle();
  t.create(pods, { metadata: { name: 'q' }, spec });
  t.settle();
  const { metadata } = t.get(persistentVolumeClaims, 'p-scratch');
  expect(metadata).toMatchObject({ labels: { a: 'b' }, ownerReferences: [{ kind: 'Pod', name: 'p', controller: true }] });
  expect(t.eventsOf('q')).toEqual([
    'Warning FailedBinding ephemeral volume scratch: PVC default/q-scratch was not created for pod default/q (pod is not owner)',
  ]);
});

test('only a class that can grow lets a bound claim grow', () => {
  const t = start();
  makeClass(t, 'rigid');
  makeClass(t, 'elastic', { allowVolumeExpansion: true });
  for (const name of ['rigid', 'elastic']) {
    makeVolume(t, name, { storageClassName: name });
    makeClaim(t, name, { storageClassName: name });
  }
  t.settle();
  const grow = (name: string): void =>
    void t.change(persistentVolumeClaims, name, (claim) => ({
      ...claim,
      spec: { ...claim.spec, resources: { requests: { storage: '5Gi' } } },
    }));
  expect(() => grow('rigid')).toThrow(
    'persistentvolumeclaims "rigid" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
  grow('elastic');
  t.settle();
  expect(t.eventsOf('elastic')).toContain('Normal ExternalExpanding waiting for an external controller to expand this PVC');
});
