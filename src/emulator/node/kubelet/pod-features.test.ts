/** What single fields of a Pod's spec make the kubelet do. */
import { describe, expect, test } from 'vitest';
import { configMaps } from '../../api/core/config-map.ts';
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/core/persistent-volume.ts';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { LabImage } from '../../images/index.ts';
import { programs } from '../../../terminal/programs.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const labImages: readonly LabImage[] = [
  { name: 'lab/server', ports: [8080], routes: { '/': 'hello' } },
  { name: 'lab/stubborn', ignoresTerm: true },
];
const one = (image: string, more: object = {}) => ({ containers: [{ name: 'c', image, ...more }] });

function addEphemeral(t: TestNode, name: string, container: object): void {
  const pod = t.pod(name)!;
  const object = { ...pod, spec: { ...pod.spec, ephemeralContainers: [container] } };
  t.run(
    t.admin.call({ verb: 'update', kind: pods, namespace: 'default', name, subresource: 'ephemeralcontainers', object: object as never }),
  );
}

/** A claim that is bound to a folder of the node. */
function bindLocal(t: TestNode, path: string): void {
  const resources = { requests: { storage: '1Gi' } };
  const accessModes = ['ReadWriteOnce'];
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk', namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
  };
  t.make(persistentVolumeClaims as never, { ...claim, spec: { accessModes, resources, volumeName: 'disk' } });
  const get = { verb: 'get', kind: persistentVolumeClaims as never, namespace: 'default', name: 'disk' } as const;
  const stored = t.run(t.admin.call(get)) as { metadata: { uid: string } };
  t.run(t.admin.call({ ...get, verb: 'update', subresource: 'status', object: { ...stored, status: { phase: 'Bound' } } as never }));
  t.make(persistentVolumes as never, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'disk' },
    spec: {
      accessModes,
      capacity: { storage: '1Gi' },
      claimRef: { namespace: 'default', name: 'disk', uid: stored.metadata.uid },
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }] } },
    },
  });
}

function processesIn(t: TestNode, name: string): string[] {
  const container = [...t.node.runtime.containers.values()].find(({ config, state }) => config.name === name && state === 'running')!;
  return [...container.machine!.processes.values()].map(({ pid, argv }) => `${pid} ${argv.join(' ')}`);
}

test('a Pod that is active for too long is ended, and fails once its containers have stopped', () => {
  const t = createTestNode({ labImages });
  t.create('p', { ...one('lab/stubborn'), activeDeadlineSeconds: 10, terminationGracePeriodSeconds: 20 });
  t.advance(15_000);
  expect(t.pod('p')?.status?.phase).toBe('Running');
  t.advance(20_000);
  const { phase, reason, message, containerStatuses } = t.pod('p')!.status!;
  expect([phase, reason, message]).toEqual(['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline']);
  expect(containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137);
  expect(t.events('p').slice(-2)).toEqual([
    'DeadlineExceeded: Pod was active on the node longer than the specified deadline',
    'Killing: Stopping container c',
  ]);
});

test('a Pod that ended in time keeps its phase when the deadline passes', () => {
  const t = createTestNode({ labImages, programs });
  t.create('p', { ...one('busybox', { command: ['true'] }), restartPolicy: 'Never', activeDeadlineSeconds: 10 });
  t.advance(60_000);
  expect(t.pod('p')?.status).toMatchObject({ phase: 'Succeeded', reason: undefined });
});

test('an ephemeral container starts beside the others, and is not started again', () => {
  const t = createTestNode({ labImages, programs });
  t.create('p', one('lab/server'));
  t.advance(8000);
  addEphemeral(t, 'p', { name: 'debugger', image: 'busybox', command: ['sh', '-c', 'sleep 5; exit 3'], targetContainerName: 'c' });
  t.advance(5000);
  const [status] = t.pod('p')!.status!.ephemeralContainerStatuses!;
  expect(status!.state!.running).toBeDefined();
  expect(processesIn(t, 'debugger')).toEqual(expect.arrayContaining(['1 /server', expect.stringContaining('sleep 5')]));
  t.advance(60_000);
  const after = t.pod('p')!.status!;
  expect(after.ephemeralContainerStatuses![0]).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 3 } } });
  expect(after.containerStatuses![0]).toMatchObject({ ready: true, restartCount: 0 });
  expect(processesIn(t, 'c')).toEqual(['1 /server']);
});

test('containers that share their processes see one another behind the pause process', () => {
  const t = createTestNode({ labImages, programs });
  t.create('p', {
    shareProcessNamespace: true,
    containers: [
      { name: 'a', image: 'nginx:1.27' },
      { name: 'b', image: 'busybox', command: ['sleep', '3600'] },
    ],
  });
  t.advance(10_000);
  expect(processesIn(t, 'b')[0]).toBe('1 /pause');
  expect(processesIn(t, 'b').join()).toContain('nginx');
  expect(processesIn(t, 'b')).toEqual(processesIn(t, 'a'));
  t.remove('p');
  t.advance(40_000);
  expect(t.pod('p')).toBeUndefined();
});

test('a power cut ends the processes that containers share', () => {
  const t = createTestNode({ programs });
  t.create('p', { ...one('nginx:1.27'), shareProcessNamespace: true });
  t.advance(10_000);
  const [sandbox] = t.node.runtime.sandboxes.values();
  expect(sandbox!.machine!.processes.size).toBe(2);
  t.node.runtime.powerOff();
  expect(sandbox!.machine!.processes.size).toBe(0);
});

test.each([
  {
    name: 'a server of another protocol',
    image: 'lab/server',
    port: 8080,
    want: 'Unhealthy: Readiness probe failed: timeout: failed to connect service "10.244.1.2:8080" within 1s: context deadline exceeded',
  },
  {
    name: 'nobody listens',
    image: 'lab/server',
    port: 9,
    want: 'Unhealthy: Readiness probe failed: timeout: failed to connect service "10.244.1.2:9" within 1s: context deadline exceeded',
  },
])('a gRPC probe: $name', ({ image, port, want }) => {
  const t = createTestNode({ labImages });
  t.create('p', one(image, { readinessProbe: { grpc: { port } } }));
  t.advance(10_000);
  expect(t.events('p')).toContain(want);
});

const nonRoot: readonly { readonly name: string; readonly security: object; readonly image: string; readonly want: string }[] = [
  { name: 'an image of root', security: {}, image: 'nginx:1.27', want: 'container has runAsNonRoot and image will run as root' },
  { name: 'a Pod that says root', security: { runAsUser: 0 }, image: 'nginx:1.27', want: "container's runAsUser breaks non-root policy" },
];
test.each(nonRoot)('runAsNonRoot: $name', ({ security, image, want }) => {
  const t = createTestNode({ labImages });
  t.create('p', one(image, { securityContext: { runAsNonRoot: true, ...security } }));
  t.advance(10_000);
  const { uid } = t.pod('p')!.metadata;
  expect(t.pod('p')!.status!.containerStatuses![0]!.state!.waiting).toEqual({
    reason: 'CreateContainerConfigError',
    message: `${want} (pod: "p_default(${uid})", container: c)`,
  });
});

test('a pull secret that is not there is reported, and the image pulled all the same', () => {
  const t = createTestNode({ labImages });
  t.create('p', { ...one('nginx:1.27'), imagePullSecrets: [{ name: 'regcred' }] });
  t.advance(10_000);
  expect(t.events('p')[0]).toBe(
    'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
  );
  expect((t.pod('p') as Pod).status?.phase).toBe('Running');
});

test('a Pod of a subdomain finds its full name in /etc/hosts', () => {
  const t = createTestNode({ labImages });
  t.create('p', { ...one('nginx:1.27'), hostname: 'web', subdomain: 'db' });
  t.advance(10_000);
  const [container] = [...t.node.runtime.containers.values()];
  expect(String(container!.machine!.fs.readFile('/etc/hosts'))).toContain('10.244.1.2\tweb.db.default.svc.cluster.local\tweb\n');
});

/** What a command in a container prints in the end, by its log. */
function logOf(t: TestNode, name: string): string {
  const container = [...t.node.runtime.containers.values()].find(({ config }) => config.name === name)!;
  return container.log!.lines.map(({ text }) => text).join('\n');
}

test("BusyBox's ps tells who the processes run as", () => {
  const t = createTestNode({ programs });
  t.create('p', { ...one('busybox', { command: ['sh', '-c', 'ps; sleep 3600'] }), securityContext: { runAsUser: 1000 } });
  t.advance(10_000);
  expect(logOf(t, 'c')).toMatch(/^PID {3}USER {5}TIME {2}COMMAND\n {4}1 1000 {6}0:00 sh -c ps; sleep 3600\n {4}2 1000 {6}0:00 ps$/);
});

describe('whom files belong to', () => {
  const user = { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 };
  test.each([
    { name: 'an emptyDir', volume: { emptyDir: {} }, see: '/v', want: 'drwxrwsrwx root 2000' },
    { name: 'files that a process makes there', volume: { emptyDir: {} }, see: '/v/new', want: '-rw-r--r-- 1000 2000' },
    { name: 'directories too', volume: { emptyDir: {} }, see: '/v/sub', want: 'drwxr-sr-x 1000 2000' },
    { name: 'files elsewhere', volume: { emptyDir: {} }, see: '/tmp/new', want: '-rw-r--r-- 1000 3000' },
    { name: 'a ConfigMap', volume: { configMap: { name: 'm', defaultMode: 0o400 } }, see: '/v/..data/key', want: '-r--r----- root 2000' },
    {
      name: 'a token, of the user of all containers',
      volume: { projected: { sources: [{ serviceAccountToken: { path: 'key' } }] } },
      see: '/v/..data/key',
      want: '-rw-r----- 1000 2000',
    },
    {
      name: 'a token, of nobody when there is no group',
      volume: { projected: { sources: [{ serviceAccountToken: { path: 'key' } }] } },
      by: {},
      see: '/v/..data/key',
      want: '-rw-r--r-- root root',
    },
    { name: 'a path of the node, which stays as it is', volume: { hostPath: { path: '/srv' } }, see: '/v', want: 'drwxr-xr-x root root' },
    { name: 'a local volume', volume: {}, isLocal: true, see: '/v', want: 'drwxrwsr-x root 2000' },
    {
      name: 'a local volume whose root is right is not gone through',
      volume: {},
      isLocal: true,
      rootMode: 0o2775,
      by: { ...user, fsGroupChangePolicy: 'OnRootMismatch' as const },
      see: '/v/old',
      want: '-rw-r--r-- root root',
    },
    {
      name: 'and is by default',
      volume: {},
      isLocal: true,
      rootMode: 0o2775,
      see: '/v/old',
      want: '-rw-rw-r-- root 2000',
    },
  ])('$name', ({ volume, by = user, see, want, isLocal = false, rootMode }) => {
    const t = createTestNode({ programs });
    const { fs } = t.node.machine;
    fs.mkdirs('/srv');
    t.make(configMaps as never, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'default' }, data: { key: 'x' } });
    if (isLocal) {
      fs.writeFile('/mnt/disk/old', 'x' as never);
      if (rootMode) Object.assign(fs.inode('/mnt/disk'), { mode: rootMode, gid: 2000 });
      bindLocal(t, '/mnt/disk');
    }
    const command = ['sh', '-c', `touch /v/new /tmp/new; mkdir -p /v/sub; ls -ld ${see}; sleep 1000`];
    t.create('p', {
      containers: [{ name: 'c', image: 'busybox', command, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: [{ name: 'v', ...(isLocal ? { persistentVolumeClaim: { claimName: 'disk' } } : volume) }],
      securityContext: by,
    });
    t.advance(10_000);
    const [mode, , owner, group] = logOf(t, 'c').split('\n').at(-1)!.split(/ +/);
    expect(`${mode} ${owner} ${group}`).toBe(want);
  });
});

describe('what a container may do', () => {
  const status = 'grep -E "NoNewPrivs|CapPrm|CapBnd" /proc/1/status';
  test.each([
    { name: 'by default', context: {}, want: 'CapPrm: 00000000a80425fb, CapBnd: 00000000a80425fb, NoNewPrivs: 0' },
    {
      name: 'with more',
      context: { capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] } },
      want: 'CapPrm: 00000000aa0435fb, CapBnd: 00000000aa0435fb, NoNewPrivs: 0',
    },
    {
      name: 'with nothing but one',
      context: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] }, allowPrivilegeEscalation: false },
      want: 'CapPrm: 0000000000000400, CapBnd: 0000000000000400, NoNewPrivs: 1',
    },
    {
      name: 'not as root',
      context: { runAsUser: 1000, capabilities: { add: ['ALL'], drop: ['KILL'] } },
      want: 'CapPrm: 0000000000000000, CapBnd: 000001ffffffffdf, NoNewPrivs: 0',
    },
    {
      name: 'everything',
      context: { privileged: true },
      want: 'CapPrm: 000001ffffffffff, CapBnd: 000001ffffffffff, NoNewPrivs: 0',
    },
    { name: 'give files away', context: {}, command: 'touch /f; chown 5 /f; ls -l /f | cut -d" " -f3', want: '5' },
    {
      name: 'give no files away without CHOWN',
      context: { capabilities: { drop: ['CHOWN'] } },
      command: 'touch /f; chown 5 /f 2>&1',
      want: "chown: changing ownership of '/f': Operation not permitted",
    },
  ])('$name', ({ context, command = status, want }) => {
    const t = createTestNode({ programs });
    t.create('p', one('busybox', { command: ['sh', '-c', `${command}; sleep 1000`], securityContext: context }));
    t.advance(10_000);
    expect(logOf(t, 'c').replaceAll('\n', ', ').replaceAll('\t', ' ')).toBe(want);
  });
});

test('a container that follows a file waits until there is one', () => {
  const t = createTestNode({ programs });
  t.create('p', one('busybox', { command: ['sh', '-c', '(sleep 5; echo hello > /log) & tail -F /log'] }));
  t.advance(20_000);
  expect(logOf(t, 'c')).toBe(
    "tail: cannot open '/log' for reading: No such file or directory\ntail: '/log' has appeared;  following new file\nhello",
  );
});

test('a hook that fails after the start ends the container and says which', () => {
  const t = createTestNode({ programs });
  t.create('p', one('nginx:1.27', { lifecycle: { postStart: { exec: { command: ['false'] } } } }));
  t.advance(6000);
  const { uid } = t.pod('p')!.metadata;
  const [{ state, lastState } = {}] = t.pod('p')!.status!.containerStatuses!;
  expect([state?.waiting?.reason, lastState?.terminated]).toEqual(['PostStartHookError', expect.anything()]);
  expect(state!.waiting!.message).toContain(`Exec lifecycle hook ([false]) for Container "c" in Pod "p_default(${uid})" failed - error: `);
  expect(t.events('p').filter((line) => /Hook|Failed|Killing/.test(line))).toEqual(
    expect.arrayContaining(['FailedPostStartHook: PostStartHook failed', 'Killing: FailedPostStartHook']),
  );
});

describe('profiles of the node', () => {
  const file = '/var/lib/kubelet/seccomp/profiles/quiet.json';
  const seccompProfile = { type: 'Localhost', localhostProfile: 'profiles/quiet.json' };
  const appArmorProfile = { type: 'Localhost', localhostProfile: 'strict' };
  const noSeccomp = `failed to create containerd container: cannot load seccomp profile "${file}": open ${file}: no such file or directory`;
  const noAppArmor = 'failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found strict';

  test.each([
    {
      name: "the Pod's for seccomp, which is missing",
      spec: { securityContext: { seccompProfile }, ...one('lab/server') },
      want: noSeccomp,
    },
    {
      name: "the container's for AppArmor, which is missing",
      spec: one('lab/server', { securityContext: { appArmorProfile } }),
      want: noAppArmor,
    },
    { name: 'one that is there', spec: { securityContext: { seccompProfile }, ...one('lab/server') }, files: [file], want: undefined },
    {
      name: "the runtime's own for a container of that Pod",
      spec: {
        securityContext: { seccompProfile, appArmorProfile },
        ...one('lab/server', { securityContext: { seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'Unconfined' } } }),
      },
      want: undefined,
    },
    {
      name: 'one that a privileged container does not need',
      spec: one('lab/server', { securityContext: { seccompProfile, privileged: true } }),
      want: undefined,
    },
  ])('$name', ({ spec, files = [], want }) => {
    const t = createTestNode({ labImages });
    for (const path of files) t.node.machine.fs.writeFile(path, '{}' as never);
    t.create('p', spec);
    t.advance(10_000);
    const { state } = t.pod('p')!.status!.containerStatuses![0]!;
    expect(state?.waiting).toEqual(want === undefined ? undefined : { reason: 'CreateContainerError', message: want });
    expect(state?.running !== undefined).toBe(want === undefined);
  });

  test('a file that comes later lets the container start', () => {
    const t = createTestNode({ labImages });
    t.create('p', { securityContext: { seccompProfile }, ...one('lab/server') });
    t.advance(10_000);
    t.node.machine.fs.writeFile(file, '{}' as never);
    t.advance(30_000);
    expect(t.pod('p')!.status!.containerStatuses![0]!.ready).toBe(true);
  });
});
