/** A node that runs short, and Pods that take too much. */
import { describe, expect, test } from 'vitest';
import { events } from '../../api/core/event.ts';
import { nodes } from '../../api/core/node.ts';
import type { Event, Node, Pod } from '../../api/generated/types.ts';
import type { LabImage } from '../../images/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import type { List } from '../../machinery/objects.ts';
import { programs } from '../../../terminal/programs.ts';
import { parseImageReference } from '../container-runtime/index.ts';
import type { EvictionFields } from './eviction-thresholds.ts';
import { evictionSettings } from './eviction-thresholds.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const mebibyte = 1024 * 1024;
const labImages: readonly LabImage[] = [
  { name: 'lab/big', leak: { startBytes: 500 * mebibyte, bytesPerSecond: 1 } },
  { name: 'lab/tiny', leak: { startBytes: 40 * mebibyte, bytesPerSecond: 1 } },
  { name: 'lab/small', leak: { startBytes: 100 * mebibyte, bytesPerSecond: 1 } },
];

/** A node of one gibibyte, of which its own services take a third. */
const small = (): TestNode => createTestNode({ programs, labImages, spec: { name: 'node-1', memory: '1Gi' } });
const one = (image: string, more: object = {}): Partial<Pod['spec']> => ({ containers: [{ name: 'c', image, ...more }] });
const requests = (memory: string): object => ({ resources: { requests: { memory } } });

function node(t: TestNode): Node {
  return t.run(t.admin.call({ verb: 'get', kind: nodes, name: 'node-1' })) as Node;
}

function condition(t: TestNode, type: string): string {
  const { status, reason, message } = node(t).status!.conditions!.find((one) => one.type === type)!;
  return `${status} ${reason} ${message}`;
}

function nodeEvents(t: TestNode): string[] {
  const { items } = t.run(t.admin.call({ verb: 'list', kind: events, namespace: 'default' })) as List<Event>;
  return items.filter(({ involvedObject }) => involvedObject.kind === 'Node').map(({ reason, message }) => `${reason}: ${message}`);
}

function configure(t: TestNode, lines: string): void {
  const path = '/var/lib/kubelet/config.yaml';
  const { fs } = t.node.machine;
  fs.writeFile(path, utf8(`${textOf(fs.readFile(path)).replace(/^eviction.*\n/gm, '')}${lines}`));
  t.node.systemd.restart(t.node.systemd.find('kubelet')!);
  t.advance(2000);
}

describe('memory', () => {
  test('the Pod that uses more than it asked for goes first, and the node says what it lacks', () => {
    const t = small();
    t.create('kept', one('lab/small', requests('200Mi')));
    t.create('greedy', one('lab/big'));
    t.advance(12_000);
    t.create('last', one('lab/small', requests('200Mi')));
    t.advance(25_000);
    const { phase, reason, message, conditions } = t.pod('greedy')!.status!;
    expect([phase, reason]).toEqual(['Failed', 'Evicted']);
    expect(message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container c was using \d+Ki, request is 0, has larger consumption of memory\. $/,
    );
    expect(conditions!.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message,
    });
    expect(t.pod('kept')!.status!.phase).toBe('Running');
    expect(condition(t, 'MemoryPressure')).toBe('True KubeletHasInsufficientMemory kubelet has insufficient memory available');
    expect(nodeEvents(t)).toEqual(
      expect.arrayContaining([
        'EvictionThresholdMet: Attempting to reclaim memory',
        'NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory',
      ]),
    );
    expect(t.events('greedy')).toContain(`Evicted: ${message}`);
  });

  test('while it lasts no Pod without requests may start; it ends five minutes later', () => {
    const t = small();
    t.create('greedy', one('lab/big'));
    t.create('other', one('lab/small', requests('200Mi')));
    t.create('third', one('lab/tiny', requests('80Mi')));
    t.advance(30_000);
    t.create('refused', one('nginx:1.27'));
    t.create('admitted', one('nginx:1.27', requests('10Mi')));
    t.advance(10_000);
    expect(t.pod('refused')!.status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    });
    expect(t.pod('admitted')!.status!.phase).toBe('Running');
    t.advance(320_000);
    expect(condition(t, 'MemoryPressure')).toMatch(/^False/);
  });

  test('a Pod of the system is not evicted', () => {
    const t = small();
    t.create('critical', { ...one('lab/big'), priorityClassName: 'system-cluster-critical' });
    t.create('a', one('lab/small', requests('200Mi')));
    t.create('b', one('lab/small', requests('200Mi')));
    t.advance(60_000);
    expect(t.pod('critical')!.status!.phase).toBe('Running');
  });

  test('a node with room evicts nobody', () => {
    const t = createTestNode({ programs, labImages });
    t.create('p', one('lab/big'));
    t.advance(60_000);
    expect(t.pod('p')!.status!.phase).toBe('Running');
    expect(condition(t, 'MemoryPressure')).toMatch(/^False/);
  });

  test('a soft threshold waits, and leaves the Pod its time', () => {
    const t = small();
    configure(
      t,
      'evictionSoft: {memory.available: 500Mi}\nevictionSoftGracePeriod: {memory.available: 1m}\nevictionMaxPodGracePeriod: 20\n',
    );
    t.create('p', one('lab/small'));
    t.create('q', one('lab/small'));
    t.advance(50_000);
    expect(t.pod('p')!.status!.phase).toBe('Running');
    expect(condition(t, 'MemoryPressure')).toMatch(/^True/);
    t.advance(60_000);
    expect([t.pod('p')!.status!.phase, t.pod('q')!.status!.phase]).toContain('Failed');
  });

  test('what is kept back is not allocatable', () => {
    const t = small();
    configure(t, 'evictionHard: {memory.available: 200Mi}\nkubeReserved: {cpu: 500m, memory: 100Mi}\nsystemReserved: {memory: 24Mi}\n');
    t.advance(15_000);
    expect(node(t).status!.allocatable).toMatchObject({ cpu: '3500m', memory: `${(1024 - 324) * 1024}Ki` });
  });
});

describe('disk', () => {
  test('a threshold that is met', () => {
    const t = small();
    configure(t, 'evictionHard: {nodefs.available: "99%"}\n');
    t.create('p', one('nginx:1.27'));
    t.advance(30_000);
    expect(condition(t, 'DiskPressure')).toBe('True KubeletHasDiskPressure kubelet has disk pressure');
    expect(t.pod('p')!.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  });

  const fill = (path: string): object => ({ command: ['sh', '-c', `sleep 1; yes | head -c 300000 > ${path}; sleep 3600`] });
  test.each([
    {
      name: 'a volume beyond its limit',
      spec: {
        containers: [{ name: 'c', image: 'busybox', ...fill('/v/f'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '100Ki' } }],
      },
      want: 'Usage of EmptyDir volume "v" exceeds the limit "100Ki". ',
    },
    {
      name: 'a container beyond its limit',
      spec: {
        containers: [
          { name: 'c', image: 'busybox', ...fill('/f'), resources: { limits: { 'ephemeral-storage': '100Ki' } } },
          { name: 'd', image: 'busybox', command: ['sleep', '3600'] },
        ],
      },
      want: 'Container c exceeded its local ephemeral storage limit "100Ki". ',
    },
    {
      name: 'a Pod beyond the sum of its limits',
      spec: { containers: [{ name: 'c', image: 'busybox', ...fill('/f'), resources: { limits: { 'ephemeral-storage': '100Ki' } } }] },
      want: 'Pod ephemeral local storage usage exceeds the total limit of containers 100Ki. ',
    },
  ])('$name', ({ spec, want }) => {
    const t = createTestNode({ programs });
    t.create('p', spec as Partial<Pod['spec']>);
    t.advance(40_000);
    expect(t.pod('p')!.status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: want });
  });

  /** An image that nobody uses. */
  function addImage(t: TestNode, name: string, gibibytes: number): void {
    t.node.runtime.images.add(parseImageReference(`lab/${name}`)!, {
      repository: `docker.io/lab/${name}`,
      tags: ['latest'],
      digest: `sha256:${name}`,
      id: `sha256:${name}`,
      sizeBytes: gibibytes * 1024 ** 3,
      config: {},
      usage: undefined,
      login: undefined,
      root: () => t.node.machine.fs.root,
    });
  }
  const images = (t: TestNode): (string | undefined)[] => t.node.runtime.images.list().map(({ tags }) => tags[0]);

  test('images that nobody uses go before any Pod does', () => {
    const t = createTestNode({ programs });
    t.create('p', one('nginx:1.27'));
    t.advance(10_000);
    addImage(t, 'hog', 85);
    configure(t, 'evictionHard: {imagefs.available: 15%}\n');
    t.advance(15_000);
    expect(condition(t, 'DiskPressure')).toMatch(/^True/);
    expect(nodeEvents(t)).toContain('EvictionThresholdMet: Attempting to reclaim ephemeral-storage');
    expect(images(t)).toEqual(['docker.io/library/nginx:1.27']);
    expect(t.pod('p')!.status!.phase).toBe('Running');
    t.advance(320_000);
    expect(condition(t, 'DiskPressure')).toMatch(/^False/);
  });

  test('images are collected down to the low threshold, the one used longest ago first', () => {
    const t = createTestNode({ programs });
    configure(t, 'imageGCHighThresholdPercent: 50\nimageGCLowThresholdPercent: 40\n');
    addImage(t, 'old', 20);
    t.advance(150_000);
    addImage(t, 'new', 28);
    t.advance(300_000);
    expect(images(t)).toEqual(['docker.io/lab/new:latest']);
    expect(nodeEvents(t).filter((event) => /FreeDiskSpace|ImageGC/.test(event))).toEqual([]);
    configure(t, 'imageGCHighThresholdPercent: 5\nimageGCLowThresholdPercent: 2\n');
    t.advance(610_000);
    expect(images(t)).toEqual([]);
    expect(nodeEvents(t)).toContainEqual(
      expect.stringMatching(
        /^FreeDiskSpaceFailed: Failed to garbage collect required amount of images\. Attempted to free \d+ bytes, but only found \d+ bytes eligible to free\.$/,
      ),
    );
  });

  test('a Pod within its limits stays', () => {
    const t = createTestNode({ programs });
    const limits = { limits: { 'ephemeral-storage': '1Mi' } };
    t.create('p', { containers: [{ name: 'c', image: 'busybox', ...fill('/f'), resources: limits }] });
    t.advance(60_000);
    expect(t.pod('p')!.status!.phase).toBe('Running');
  });
});

describe('process ids and inodes', () => {
  test('a Pod of many processes goes when process ids run short', () => {
    const t = small();
    t.create('few', one('busybox', { command: ['sleep', '3600'] }));
    t.create('many', one('busybox', { command: ['sh', '-c', 'i=0; while [ $i -lt 60 ]; do sleep 3600 & i=$((i+1)); done; wait'] }));
    t.advance(15_000);
    configure(t, 'evictionHard: {pid.available: "8030"}\n');
    t.advance(15_000);
    expect(condition(t, 'PIDPressure')).toBe('True KubeletHasInsufficientPID kubelet has insufficient PID available');
    expect(t.pod('many')!.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(t.pod('many')!.status!.message).toMatch(/^The node was low on resource: pids\. Threshold quantity: 8030, available: \d+\. $/);
    expect(nodeEvents(t)).toContain('NodeHasInsufficientPID: Node node-1 status is now: NodeHasInsufficientPID');
    expect(t.pod('few')!.status!.phase).toBe('Running');
  });

  test('and a Pod gets no more of them than podPidsLimit says, all its containers together', () => {
    const t = small();
    configure(t, 'podPidsLimit: 20\n');
    const fork = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 3600 & done; wait';
    const container = (name: string) => ({ name, image: 'busybox', command: ['sh', '-c', fork] });
    t.create('many', { containers: [container('a'), container('b')], restartPolicy: 'Never' });
    t.create('few', one('busybox', { command: ['sh', '-c', fork] }));
    t.advance(15_000);
    const processes = (name: string): number =>
      [...t.node.runtime.sandboxes.values()]
        .filter(({ config }) => config.name === name)
        .flatMap(({ containers }) => containers)
        .reduce((sum, { machine }) => sum + machine!.processes.size, 0);
    expect(processes('few')).toBe(13);
    // With the process of the sandbox they are twenty.
    expect(processes('many')).toBe(19);
  });

  test('so does one of many files when inodes do', () => {
    const t = createTestNode({ programs });
    t.create('files', one('busybox', { command: ['sh', '-c', 'mkdir /d; cd /d; seq 1 300 | xargs touch; sleep 3600'] }));
    t.advance(15_000);
    configure(t, 'evictionHard: {nodefs.inodesFree: "6433500"}\n');
    t.advance(15_000);
    expect(t.pod('files')!.status!.message).toMatch(/^The node was low on resource: inodes\. /);
  });

  test('a threshold stays met until as much more is free as is to be reclaimed', () => {
    const t = small();
    configure(
      t,
      'evictionHard: {memory.available: 300Mi}\nevictionMinimumReclaim: {memory.available: 500Mi}\nevictionPressureTransitionPeriod: 30s\n',
    );
    t.create('greedy', one('lab/big'));
    t.advance(60_000);
    expect(t.pod('greedy')!.status).toMatchObject({ reason: 'Evicted' });
    t.advance(120_000);
    // 1 GiB less what the node's services take leaves 706 MiB, which is below the sum.
    expect(condition(t, 'MemoryPressure')).toMatch(/^True/);
  });
});

test.each<{ readonly name: string; readonly file: EvictionFields; readonly want: string }>([
  { name: 'an unknown signal', file: { evictionHard: { 'memory.free': '1Gi' } }, want: 'unsupported eviction signal memory.free' },
  {
    name: 'a soft threshold without its period',
    file: { evictionSoft: { 'memory.available': '1Gi' } },
    want: 'grace period must be specified for the soft eviction threshold memory.available',
  },
  { name: 'an amount that is none', file: { evictionHard: { 'memory.available': 'lots' } }, want: 'quantities must match' },
])('thresholds: $name', ({ file, want }) => {
  expect(() => evictionSettings(file)).toThrow(want);
});

test('what changes nothing is named in the journal', () => {
  const t = small();
  configure(t, 'evictionHard: {memory.available: 200Mi, containerfs.available: 10%}\n');
  const lines = t.node.systemd.journal
    .lines()
    .map(({ text }) => text)
    .filter((line) => line.includes('changes nothing'));
  expect(lines).toEqual([expect.stringContaining('field="eviction signal containerfs.available"')]);
});
