import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../machinery/objects.ts';
import { persistentVolumeClaims } from '../core/persistent-volume-claim.ts';
import { persistentVolumes } from '../core/persistent-volume.ts';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, strategyContext, updateErrors } from '../testing.ts';
import { csiDrivers } from './csi-driver.ts';
import { csiNodes } from './csi-node.ts';
import { csiStorageCapacities } from './csi-storage-capacity.ts';
import { storageClasses } from './storage-class.ts';
import { volumeAttachments } from './volume-attachment.ts';
import { volumeAttributesClasses } from './volume-attributes-class.ts';

const later = { ...strategyContext, now: '2026-01-02T00:00:00Z' };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
const storageClass = { provisioner: 'example.com/disk' };

const any = <T>(kind: T): Kind => kind as unknown as Kind;

describe('defaults', () => {
  test.each<{ name: string; kind: Kind; body: object; want: object }>([
    {
      name: 'a claim',
      kind: any(persistentVolumeClaims),
      body: { spec: claim },
      want: { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
    },
    {
      name: 'a volume',
      kind: any(persistentVolumes),
      body: { spec: volume },
      want: {
        spec: { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain', hostPath: { type: '' } },
        status: { phase: 'Pending' },
      },
    },
    { name: 'a class', kind: any(storageClasses), body: storageClass, want: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' } },
  ])('of $name', ({ kind, body, want }) => expect(finished(kind, body)).toMatchObject(want));

  test('a source is named in both fields, and an unknown one is dropped', () => {
    const prepared = (spec: object): ApiObject =>
      persistentVolumeClaims.prepareForCreate(finished(persistentVolumeClaims, { spec: { ...claim, ...spec } }), strategyContext);
    const source = { kind: 'PersistentVolumeClaim', name: 'old' };
    expect(prepared({ dataSource: source })).toMatchObject({ spec: { dataSource: source, dataSourceRef: source } });
    expect(prepared({ dataSourceRef: source })).toMatchObject({ spec: { dataSource: source, dataSourceRef: source } });
    expect(prepared({ dataSource: { kind: 'ConfigMap', name: 'x' } })).not.toHaveProperty('spec.dataSource.kind');
  });

  test('a new phase is stamped', () => {
    const before = persistentVolumes.prepareForCreate(finished(persistentVolumes, { spec: volume }), strategyContext);
    const { status } = persistentVolumes.subresources;
    if (!status || !('prepareForUpdate' in status)) throw new Error('no status');
    const stamp = (phase: string): unknown =>
      status.prepareForUpdate({ ...before, status: { ...before.status, phase } }, before, later).status?.lastPhaseTransitionTime;
    expect([stamp('Pending'), stamp('Bound')]).toEqual([strategyContext.now, later.now]);
  });
});

describe('validation', () => {
  test.each<{ name: string; kind: Kind; body: object; want: readonly string[] }>([
    { name: 'a good claim', kind: any(persistentVolumeClaims), body: { spec: claim }, want: [] },
    {
      name: 'an empty claim',
      kind: any(persistentVolumeClaims),
      body: {},
      want: ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
    },
    {
      name: 'a claim of nothing, in a mode that there is not',
      kind: any(persistentVolumeClaims),
      body: { spec: { ...claim, accessModes: ['RWO'], volumeMode: 'Raw', resources: { requests: { storage: '0' } } } },
      want: [
        'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        'spec.resources[storage]: Invalid value: "0": must be greater than zero',
        'spec.volumeMode: Unsupported value: "Raw": supported values: "Block", "Filesystem"',
      ],
    },
    {
      name: 'one Pod and many',
      kind: any(persistentVolumeClaims),
      body: { spec: { ...claim, accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] } },
      want: ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
    },
    { name: 'a good volume', kind: any(persistentVolumes), body: { spec: volume }, want: [] },
    {
      name: 'a volume of nothing',
      kind: any(persistentVolumes),
      body: {},
      want: [
        'spec.accessModes: Required value',
        'spec.capacity: Required value',
        'spec.capacity: Unsupported value: null: supported values: "storage"',
        'spec: Required value: must specify a volume type',
      ],
    },
    {
      name: 'a local volume that is anywhere, in two places',
      kind: any(persistentVolumes),
      body: { spec: { ...volume, hostPath: undefined, local: { path: '/mnt' }, csi: { driver: 'd', volumeHandle: 'v' } } },
      want: [
        'spec.csi: Forbidden: may not specify more than 1 volume type',
        'spec.nodeAffinity: Required value: Local volume requires node affinity',
      ],
    },
    {
      name: 'a root that is to be emptied',
      kind: any(persistentVolumes),
      body: { spec: { ...volume, hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' } },
      want: ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    },
    { name: 'a good class', kind: any(storageClasses), body: storageClass, want: [] },
    {
      name: 'a driver that does what nobody knows',
      kind: any(csiDrivers),
      body: {
        spec: {
          fsGroupPolicy: 'All',
          volumeLifecycleModes: ['Eternal'],
          tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }],
        },
      },
      want: [
        'spec.fsGroupPolicy: Unsupported value: "All": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
        'spec.volumeLifecycleModes: Unsupported value: "Eternal": supported values: "Persistent", "Ephemeral"',
      ],
    },
    {
      name: 'a driver twice on a node',
      kind: any(csiNodes),
      body: {
        spec: {
          drivers: [
            { name: 'a', nodeID: 'n' },
            { name: 'a', topologyKeys: [''] },
          ],
        },
      },
      want: [
        'spec.drivers[1].nodeID: Required value',
        'spec.drivers[1].name: Duplicate value: "a"',
        'spec.drivers[1]: Required value',
        'spec.drivers[1]: Invalid value: "": name part must be non-empty',
        "spec.drivers[1]: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    },
    {
      name: 'an attachment of nothing',
      kind: any(volumeAttachments),
      body: { spec: { attacher: 'a', nodeName: 'n', source: {} } },
      want: ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    },
    {
      name: 'attributes without any',
      kind: any(volumeAttributesClasses),
      body: { driverName: 'a' },
      want: ['parameters: Required value: must contain at least one key/value pair'],
    },
    {
      name: 'less than no capacity',
      kind: any(csiStorageCapacities),
      body: { storageClassName: 's', capacity: '-1' },
      want: ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
    },
    {
      name: 'a class of nobody',
      kind: any(storageClasses),
      body: { volumeBindingMode: 'Never', reclaimPolicy: 'Recycle' },
      want: [
        'provisioner: Required value',
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'volumeBindingMode: Unsupported value: "Never": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    },
  ])('$name', ({ kind, body, want }) => expect(createErrors(kind, body)).toEqual(want));

  test.each<{ name: string; kind: Kind; from: object; to: object; want: readonly string[] }>([
    {
      name: 'a claim takes a class once',
      kind: any(persistentVolumeClaims),
      from: { spec: claim },
      to: { spec: { ...claim, storageClassName: 'standard' } },
      want: [],
    },
    {
      name: 'a bound claim grows',
      kind: any(persistentVolumeClaims),
      from: { spec: claim, status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
      to: { spec: { ...claim, resources: { requests: { storage: '2Gi' } } } },
      want: [],
    },
    {
      name: 'and does not shrink',
      kind: any(persistentVolumeClaims),
      from: { spec: claim, status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
      to: { spec: { ...claim, resources: { requests: { storage: '1Mi' } } } },
      want: ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
    },
    {
      name: 'a class may not change',
      kind: any(persistentVolumeClaims),
      from: { spec: { ...claim, storageClassName: 'a' } },
      to: { spec: { ...claim, storageClassName: 'b' } },
      want: [
        [
          'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          '  core.PersistentVolumeClaimSpec{',
          '  \t... // 2 identical fields',
          '  \tResources:        {Requests: {s"storage": {s: "1Gi"}}},',
          '  \tVolumeName:       "",',
          '- \tStorageClassName: &"a",',
          '+ \tStorageClassName: &"b",',
          '  \tVolumeMode:       &"Filesystem",',
          '  \tDataSource:       nil,',
          '  \t... // 2 identical fields',
          '  }',
          '',
        ].join('\n'),
      ],
    },
    {
      name: 'a volume stays where it is',
      kind: any(persistentVolumes),
      from: { spec: volume },
      to: { spec: { ...volume, hostPath: { path: '/other' } } },
      want: [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n- \t{"hostPath":{"path":"/data","type":""}}\n+ \t{"hostPath":{"path":"/other","type":""}}\n',
      ],
    },
    {
      name: 'a class stays as it is',
      kind: any(storageClasses),
      from: storageClass,
      to: { provisioner: 'x', parameters: { a: 'b' }, volumeBindingMode: 'WaitForFirstConsumer' },
      want: [
        'parameters: Forbidden: updates to parameters are forbidden.',
        'provisioner: Forbidden: updates to provisioner are forbidden.',
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
      ],
    },
  ])('$name', ({ kind, from, to, want }) => expect(updateErrors(kind, from, to)).toEqual(want));
});

test.each<{ name: string; body: object; want: readonly string[] }>([
  { name: 'a path of the node', body: volume, want: [] },
  {
    name: 'storage of long ago, emptied for the next',
    body: { ...volume, hostPath: undefined, cephfs: { monitors: ['a'] }, persistentVolumeReclaimPolicy: 'Recycle' },
    want: [
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.cephfs: deprecated in v1.28, non-functional in v1.31+',
    ],
  },
  {
    name: 'storage that nobody serves here',
    body: { ...volume, hostPath: undefined, iscsi: { targetPortal: 'a', iqn: 'b', lun: 0 } },
    want: ['spec.iscsi: accepted, but no node of this emulator can mount such a volume'],
  },
])('warns of $name', ({ body, want }) =>
  expect(persistentVolumes.warnings!(finished(persistentVolumes, { spec: body }), undefined)).toEqual(want),
);

test.each<{ name: string; kind: Kind; body: object; want: readonly string[] }>([
  {
    name: 'a fraction of a byte and attributes that nobody knows',
    kind: any(persistentVolumeClaims),
    body: { spec: { ...claim, resources: { requests: { storage: '1500m' } }, volumeAttributesClassName: 'fast' } },
    want: [
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.volumeAttributesClassName: accepted, but no driver of CSI runs in this emulator',
    ],
  },
  { name: 'a driver', kind: any(csiDrivers), body: {}, want: ['CSIDriver: stored, but no driver of CSI runs in this emulator'] },
])('warns of $name', ({ kind, body, want }) => expect(kind.warnings!(finished(kind, body), undefined)).toEqual(want));

test('rows', () => {
  const bound = {
    spec: { ...claim, volumeName: 'v', storageClassName: 's' },
    status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
  };
  expect(row(persistentVolumeClaims, bound)).toMatchObject({
    Status: 'Bound',
    Volume: 'v',
    Capacity: '2Gi',
    'Access Modes': 'RWO,RWX',
    StorageClass: 's',
    VolumeAttributesClass: '<unset>',
    VolumeMode: 'Filesystem',
  });
  expect(row(persistentVolumeClaims, { spec: claim })).toMatchObject({ Status: 'Pending', Volume: '', Capacity: '', 'Access Modes': '' });
  const claimRef = { namespace: 'default', name: 'c' };
  expect(row(persistentVolumes, { metadata: { deletionTimestamp: 'x' }, spec: { ...volume, claimRef } })).toMatchObject({
    Status: 'Terminating',
    Claim: 'default/c',
    'Reclaim Policy': 'Retain',
  });
  const metadata = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
  expect(row(storageClasses, { ...storageClass, metadata })).toMatchObject({
    Name: 'x (default)',
    ReclaimPolicy: 'Delete',
    VolumeBindingMode: 'Immediate',
    AllowVolumeExpansion: false,
  });
  expect(row(csiDrivers, {})).toMatchObject({
    AttachRequired: true,
    PodInfoOnMount: false,
    StorageCapacity: false,
    TokenRequests: '<unset>',
    RequiresRepublish: false,
    Modes: 'Persistent',
  });
  const source = { persistentVolumeName: 'v' };
  expect(row(volumeAttachments, { spec: { attacher: 'a', nodeName: 'n', source } })).toMatchObject({ PV: 'v', Node: 'n', Attached: false });
});
