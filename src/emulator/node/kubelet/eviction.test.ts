/** A node that runs short, and Pods that take too much. */
import { describe, expect, test } from 'vitest';
import { events } from '../../api/core/event.ts';
import { nodes } from '../../api/core/node.ts';
import type { Event, Node, Pod } from '../../api/generated/types.ts';
import type { LabImage } from '../../images/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import type { List } from '../../machinery/objects.ts';
import { programs } from '../../../terminal/programs.ts';
import type { EvictionFields } from './eviction-thresholds.ts';
import { evictionSettings } from './eviction-thresholds.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const mebibyte = 1024 * 1024;
const labImages: readonly LabImage[] = [
  { name: 'lab/big', leak: { startBytes: 500 * mebibyte, bytesPerSecond: 1 } },
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
    t.create('third', one('lab/small', requests('200Mi')));
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

  test('a Pod within its limits stays', () => {
    const t = createTestNode({ programs });
    const limits = { limits: { 'ephemeral-storage': '1Mi' } };
    t.create('p', { containers: [{ name: 'c', image: 'busybox', ...fill('/f'), resources: limits }] });
    t.advance(60_000);
    expect(t.pod('p')!.status!.phase).toBe('Running');
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
  configure(t, 'evictionHard: {memory.available: 200Mi, pid.available: 10%}\n');
  const lines = t.node.systemd.journal
    .lines()
    .map(({ text }) => text)
    .filter((line) => line.includes('changes nothing'));
  expect(lines).toEqual([expect.stringContaining('field="eviction signal pid.available"')]);
});
