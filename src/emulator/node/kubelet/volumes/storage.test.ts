/** What a Pod sees of storage that outlives it, and what it is told when there is none. */
import { beforeAll, describe, expect, test } from 'vitest';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { Volume } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import { programs } from '../../../../terminal/programs.ts';
import { directoryInode, textOf, utf8 } from '../../../kernel/index.ts';
import { serveNfs } from '../../network/index.ts';
import type { TestNode } from '../testing.ts';
import { createTestNode } from '../testing.ts';

const any = <T>(kind: T): Kind => kind as unknown as Kind;
const exported = directoryInode(0o777);
let t: TestNode;

/** A bound pair, as the controller leaves it. */
function makePair(name: string, spec: object): void {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: `pv-${name}` },
  };
  t.make(any(persistentVolumeClaims), claim);
  const get = { verb: 'get', kind: any(persistentVolumeClaims), namespace: 'default', name } as const;
  const stored = t.run(t.admin.call(get)) as { metadata: { uid: string } };
  t.run(t.admin.call({ ...get, verb: 'update', subresource: 'status', object: { ...stored, status: { phase: 'Bound' } } as never }));
  t.make(any(persistentVolumes), {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pv-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      claimRef: { namespace: 'default', name, uid: stored.metadata.uid },
      ...spec,
    },
  });
}

function start(name: string, volume: Omit<Volume, 'name'>, mount: object = {}, command = 'sleep 1000'): void {
  const volumeMounts = [{ name: 'v', mountPath: '/data', ...mount }];
  const env = [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  t.create(name, {
    containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', command], volumeMounts, env }],
    volumes: [{ name: 'v', ...volume }],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
  });
  t.advance(5000);
}

const text = (path: string): string => textOf(t.node.machine.fs.readFile(path));

beforeAll(() => {
  t = createTestNode({ programs });
  serveNfs(t.node.network.network.addNode({ name: 'files', ip: '172.18.0.9' }).namespace, new Map([['/srv', exported]]));
});

describe('a claim', () => {
  test.each<{ name: string; spec: object; path: string }>([
    { name: 'of a path on the node', spec: { hostPath: { path: '/mnt/data' } }, path: '/mnt/data' },
    {
      name: 'of a local disk',
      spec: {
        local: { path: '/mnt/disk' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }] },
        },
      },
      path: '/mnt/disk',
    },
  ])('$name keeps what a Pod wrote', ({ spec, path }) => {
    const name = path.slice(5);
    t.node.machine.fs.mkdirs('/mnt/disk');
    makePair(name, spec);
    start(name, { persistentVolumeClaim: { claimName: name } }, {}, 'echo kept > /data/file');
    expect([t.pod(name)?.status?.phase, text(`${path}/file`)]).toEqual(['Succeeded', 'kept\n']);
    start(`${name}-2`, { persistentVolumeClaim: { claimName: name, readOnly: true } }, {}, 'grep kept /data/file && ! touch /data/other');
    expect(t.pod(`${name}-2`)?.status?.phase).toBe('Succeeded');
  });

  test('of an NFS server is its folder', () => {
    makePair('nfs', { nfs: { server: '172.18.0.9', path: '/srv' } });
    start('nfs', { persistentVolumeClaim: { claimName: 'nfs' } }, { subPathExpr: '$(POD_NAME)/log' }, 'df /data > /data/file');
    const folder = exported.entries.get('nfs');
    if (folder?.kind !== 'directory') throw new Error('no folder');
    const log = folder.entries.get('log');
    if (log?.kind !== 'directory') throw new Error('no folder');
    const file = log.entries.get('file');
    expect(file?.kind === 'file' && textOf(file.data)).toContain('172.18.0.9:/srv');
  });
});

describe('what cannot be mounted says why', () => {
  test.each<{ name: string; volume: Omit<Volume, 'name'>; pair?: object; want: string | RegExp }>([
    {
      name: 'no-claim',
      volume: { persistentVolumeClaim: { claimName: 'none' } },
      want: 'FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/none: failed to fetch PVC from API server: persistentvolumeclaims "none" not found',
    },
    {
      name: 'elsewhere',
      volume: { persistentVolumeClaim: { claimName: 'elsewhere' } },
      pair: {
        local: { path: '/mnt/disk' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] }] },
        },
      },
      want: 'FailedMount: MountVolume.NodeAffinity check failed for volume "pv-elsewhere" : no matching NodeSelectorTerms',
    },
    {
      name: 'no-disk',
      volume: { persistentVolumeClaim: { claimName: 'no-disk' } },
      pair: {
        local: { path: '/mnt/none' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }] } },
      },
      want: 'FailedMount: MountVolume.NewMounter initialization failed for volume "pv-no-disk" : path "/mnt/none" does not exist',
    },
    {
      name: 'no-driver',
      volume: { persistentVolumeClaim: { claimName: 'no-driver' } },
      pair: { csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } },
      want: 'FailedMount: MountVolume.MountDevice failed for volume "pv-no-driver" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ebs.csi.aws.com not found in the list of registered CSI drivers',
    },
    {
      name: 'not-exported',
      volume: { nfs: { server: '172.18.0.9', path: '/etc' } },
      want: /^FailedMount: MountVolume.SetUp failed for volume "v" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 172.18.0.9:\/etc \/var\/lib\/kubelet\/pods\/.*\/volumes\/kubernetes.io~nfs\/v\nOutput: mount.nfs: access denied by server while mounting 172.18.0.9:\/etc\n$/,
    },
    {
      name: 'no-server',
      volume: { nfs: { server: '172.18.0.3', path: '/srv' } },
      want: /Output: mount.nfs: Connection refused for 172.18.0.3:\/srv on \/var\/lib\/kubelet/,
    },
    {
      name: 'no-socket',
      volume: { hostPath: { path: '/etc/hosts', type: 'Socket' } },
      want: 'FailedMount: MountVolume.SetUp failed for volume "v" : hostPath type check failed: /etc/hosts is not a socket file',
    },
    {
      name: 'no-folder',
      volume: { hostPath: { path: '/nowhere', type: 'Directory' } },
      want: 'FailedMount: MountVolume.SetUp failed for volume "v" : hostPath type check failed: /nowhere is not a directory',
    },
  ])('$name', ({ name, volume, pair, want }) => {
    if (pair) makePair(name, pair);
    start(name, volume);
    const [event = ''] = t.events(name);
    if (typeof want === 'string') expect(event).toBe(want);
    else expect(event).toMatch(want);
    t.remove(name, 0);
  });

  test('a part of a volume whose name has no value', () => {
    start('no-value', { emptyDir: {} }, { subPathExpr: '$(NOTHING)' });
    expect(t.pod('no-value')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'missing value for "NOTHING"',
    });
  });
});

test('a device and a file are what they are', () => {
  t.node.machine.fs.writeFile('/etc/motd', utf8('hello\n'));
  start('device', { hostPath: { path: '/dev/null', type: 'CharDevice' } });
  start('file', { hostPath: { path: '/etc/motd', type: 'File' } }, {}, 'grep hello /data');
  expect([t.pod('device')?.status?.phase, t.pod('file')?.status?.phase]).toEqual(['Running', 'Succeeded']);
});
