/** Containers that get other resources while they run. */
import { describe, expect, test } from 'vitest';
import { pods } from '../../api/core/pod.ts';
import type { Container, Pod } from '../../api/generated/types.ts';
import type { LabImage } from '../../images/index.ts';
import { usageOf } from '../container-runtime/index.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const mebibyte = 1024 * 1024;
const labImages: readonly LabImage[] = [{ name: 'lab/fat', leak: { startBytes: 100 * mebibyte, bytesPerSecond: 1 } }];
const of = (cpu: string, memory: string): NonNullable<Container['resources']> => ({ requests: { cpu, memory }, limits: { cpu, memory } });

function start(container: Partial<Container> = {}, nodeSpec = { name: 'node-1', cpu: 2, memory: '2Gi' }): TestNode {
  const t = createTestNode({ labImages, spec: nodeSpec });
  t.create('p', { containers: [{ name: 'c', image: 'nginx:1.27', resources: of('500m', '200Mi'), ...container }] });
  t.advance(10_000);
  return t;
}

function resize(t: TestNode, resources: Container['resources']): void {
  const pod = t.pod('p')!;
  const containers = pod.spec.containers.map((container) => ({ ...container, resources }));
  const object = { ...pod, spec: { ...pod.spec, containers } };
  t.run(t.admin.call({ verb: 'update', kind: pods, namespace: 'default', name: 'p', subresource: 'resize', object: object as never }));
}

const conditions = (t: TestNode): string[] =>
  t
    .pod('p')!
    .status!.conditions!.filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, status, reason, message }) => [type, status, reason, message].filter(Boolean).join(' '));
const container = (t: TestNode) => t.pod('p')!.status!.containerStatuses![0]!;
const running = (t: TestNode) => [...t.node.runtime.containers.values()].find(({ state }) => state === 'running')!;

describe('resize in place', () => {
  test('new limits come into force without a restart', () => {
    const t = start();
    resize(t, of('800m', '300Mi'));
    t.advance(100);
    expect(conditions(t)).toEqual(['PodResizeInProgress True']);
    t.advance(5000);
    expect(conditions(t)).toEqual([]);
    expect(container(t)).toMatchObject({
      restartCount: 0,
      allocatedResources: { cpu: '800m', memory: '300Mi' },
      resources: of('800m', '300Mi'),
    });
    expect(running(t).limits).toEqual({ cpuMilli: 800, memoryBytes: 300 * mebibyte });
  });

  test('a container that must be started again is', () => {
    const t = start({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      ],
    });
    resize(t, of('800m', '200Mi'));
    t.advance(5000);
    expect(container(t).restartCount).toBe(0);
    resize(t, of('800m', '300Mi'));
    t.advance(10_000);
    expect(container(t).restartCount).toBe(1);
    expect(t.events('p')).toContain('Killing: Container c resize requires restart');
    expect(running(t).limits.memoryBytes).toBe(300 * mebibyte);
  });

  test('more than the node has is never given', () => {
    const t = start();
    resize(t, of('4', '200Mi'));
    t.advance(5000);
    expect(conditions(t)).toEqual([
      "PodResizePending True Infeasible Node didn't have enough capacity: cpu, requested: 4000, capacity: 2000",
    ]);
    expect(container(t).allocatedResources).toEqual({ cpu: '500m', memory: '200Mi' });
    resize(t, of('600m', '200Mi'));
    t.advance(5000);
    expect(conditions(t)).toEqual([]);
    expect(container(t).allocatedResources!.cpu).toBe('600m');
  });

  test('a Pod that has ended takes up nothing, though it is still there', () => {
    const t = start();
    t.create('done', {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'nginx:1.27', command: ['false'], resources: of('1', '10Mi') }],
    });
    t.advance(10_000);
    expect(t.pod('done')!.status).toMatchObject({ phase: 'Failed' });
    expect(t.pod('done')!.status!.reason).toBeUndefined();
    t.create('next', { containers: [{ name: 'c', image: 'nginx:1.27', resources: of('1', '10Mi') }] });
    t.advance(10_000);
    expect(t.pod('next')!.status!.phase).toBe('Running');
  });

  test('more than is left is given when another Pod has gone', () => {
    const t = start();
    t.create('other', { containers: [{ name: 'c', image: 'nginx:1.27', resources: of('1', '200Mi') }] });
    t.advance(5000);
    resize(t, of('1500m', '200Mi'));
    t.advance(5000);
    expect(conditions(t)).toEqual([
      "PodResizePending True Deferred Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    ]);
    t.remove('other');
    t.advance(10_000);
    expect(conditions(t)).toEqual([]);
    expect(container(t).allocatedResources!.cpu).toBe('1500m');
    t.create('third', { containers: [{ name: 'c', image: 'nginx:1.27', resources: of('600m', '10Mi') }] });
    t.advance(5000);
    expect(t.pod('third')!.status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu' });
  });

  test('a memory limit below what is used is not set', () => {
    const t = start({ image: 'lab/fat' });
    const used = usageOf(running(t), t.kernel.loop.now).memoryBytes;
    resize(t, of('500m', '50Mi'));
    t.advance(5000);
    expect(conditions(t)[0]).toMatch(
      /^PodResizeInProgress True Error cannot decrease memory limits: \[attempting to set container "c" memory limit \(52428800\) below current usage \(\d+\)\]$/,
    );
    expect(used).toBeGreaterThan(100 * mebibyte);
    expect(container(t)).toMatchObject({ restartCount: 0, ready: true });
    resize(t, of('500m', '150Mi'));
    t.advance(40_000);
    expect(conditions(t)).toEqual([]);
  });
});

test('a Pod that was never resized has no trace of it', () => {
  const t = start();
  expect((t.pod('p') as Pod).status!.conditions!.map(({ type }) => type)).toEqual([
    'PodReadyToStartContainers',
    'Initialized',
    'Ready',
    'ContainersReady',
    'PodScheduled',
  ]);
});
