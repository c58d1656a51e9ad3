/** What containers use, and what the kubelet tells of it. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/generated/types.ts';
import type { LabImage } from '../../images/index.ts';
import type { HttpResponse } from '../../kernel/index.ts';
import { textOf } from '../../kernel/index.ts';
import { programs } from '../../../terminal/programs.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const labImages: readonly LabImage[] = [{ name: 'lab/leak', leak: { bytesPerSecond: 1024 * 1024 } }];

function ask(t: TestNode, target: string): HttpResponse {
  return t.run(
    t.node.machine.net.request({ ip: '127.0.0.1', port: 10_250 }, { method: 'GET', target, headers: {} }, { tls: true }),
  ) as HttpResponse;
}

/** A sample of /metrics/resource. */
function sample(t: TestNode, metric: string, pod?: string): number {
  const text = textOf(ask(t, '/metrics/resource').body as never);
  const line = text.split('\n').find((one) => one.startsWith(metric) && (pod === undefined || one.includes(`pod="${pod}"`)));
  return Number(/ ([\d.e+]+)( \d+)?$/.exec(line ?? '')?.[1]);
}

/** Thousandths of a CPU that a Pod uses over ten seconds. */
function cpuMilli(t: TestNode, pod: string): number {
  const before = sample(t, 'container_cpu_usage_seconds_total', pod);
  t.advance(10_000);
  return Math.round((sample(t, 'container_cpu_usage_seconds_total', pod) - before) * 100);
}

describe('CPU', () => {
  const limited = { resources: { limits: { cpu: '200m' } } };
  test.each<{
    readonly name: string;
    readonly container: Pod['spec']['containers'][number];
    readonly ofPod?: Pod['spec']['resources'];
    readonly want: number;
  }>([
    { name: 'a server at rest', container: { name: 'c', image: 'nginx:1.27' }, want: 0 },
    {
      name: 'a shell that never rests',
      container: { name: 'c', image: 'busybox', command: ['sh', '-c', 'while true; do :; done'] },
      want: 1000,
    },
    {
      name: 'the same under a limit',
      container: { name: 'c', image: 'busybox', command: ['sh', '-c', 'while true; do :; done'], ...limited },
      want: 200,
    },
    { name: 'stress', container: { name: 'c', image: 'polinux/stress', command: ['stress'], args: ['--cpu', '2'] }, want: 2000 },
    { name: 'the other stress', container: { name: 'c', image: 'vish/stress', args: ['-cpus', '2'] }, want: 2000 },
    { name: 'stress under a limit', container: { name: 'c', image: 'vish/stress', args: ['-cpus', '2'], ...limited }, want: 200 },
    {
      name: 'stress under a limit of its Pod',
      container: { name: 'c', image: 'vish/stress', args: ['-cpus', '2'] },
      ofPod: { limits: { cpu: '300m' } },
      want: 300,
    },
  ])('$name', ({ container, ofPod, want }) => {
    const t = createTestNode({ programs });
    t.create('p', { containers: [container], ...(ofPod && { resources: ofPod }) });
    t.advance(20_000);
    expect(cpuMilli(t, 'p')).toBeCloseTo(want, -1);
  });

  test('requests cost the server, and a server at its limit answers late', () => {
    const t = createTestNode({ programs });
    t.create('php', { containers: [{ name: 'c', image: 'registry.k8s.io/hpa-example', resources: { limits: { cpu: '500m' } } }] });
    t.advance(20_000);
    const ip = t.pod('php')!.status!.podIP!;
    t.create('load', {
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', `while sleep 0.01; do wget -q -O- http://${ip}; done`] }],
    });
    t.advance(20_000);
    expect(cpuMilli(t, 'php')).toBeGreaterThan(400);
    expect(cpuMilli(t, 'php')).toBeLessThanOrEqual(505);
  });
});

describe('memory', () => {
  test('what a container takes is seen, and gone with it', () => {
    const t = createTestNode({ programs, labImages });
    t.create('p', { containers: [{ name: 'c', image: 'lab/leak' }] });
    t.advance(10_000);
    const before = sample(t, 'container_memory_working_set_bytes', 'p');
    t.advance(10_000);
    expect(sample(t, 'container_memory_working_set_bytes', 'p') - before).toBe(10 * 1024 * 1024);
    t.remove('p', 0);
    t.advance(5000);
    expect(sample(t, 'container_memory_working_set_bytes', 'p')).toBeNaN();
  });

  test('too much of it ends the container with OOMKilled', () => {
    const t = createTestNode({ programs });
    const args = ['--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'];
    t.create('p', {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'polinux/stress', command: ['stress'], args, resources: { limits: { memory: '100Mi' } } }],
    });
    t.advance(20_000);
    expect(t.pod('p')!.status!.containerStatuses![0]!.state!.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  test('containers that together take more than their Pod may lose the one that asks for more', () => {
    const t = createTestNode({ programs });
    const stress = (name: string, amount: string) => ({
      name,
      image: 'polinux/stress',
      command: ['stress'],
      args: ['--vm', '1', '--vm-bytes', amount, '--vm-hang', '0'],
    });
    t.create('p', {
      restartPolicy: 'Never',
      resources: { limits: { memory: '200Mi' } },
      containers: [stress('first', '120M'), stress('second', '120M')],
    });
    t.advance(20_000);
    const states = Object.fromEntries(t.pod('p')!.status!.containerStatuses!.map(({ name, state }) => [name, state!]));
    expect(states.first!.running).toBeDefined();
    expect(states.second!.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });
});

test('/stats/summary names the node and its Pods', () => {
  const t = createTestNode({ programs });
  t.create('p', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
  t.advance(20_000);
  expect(ask(t, '/stats/summary').body).toMatchObject({
    node: { nodeName: 'node-1', memory: { availableBytes: expect.any(Number) }, fs: { capacityBytes: 100 * 1024 ** 3 } },
    pods: [{ podRef: { name: 'p', namespace: 'default' }, containers: [{ name: 'c', memory: { workingSetBytes: 3_600_000 } }] }],
  });
});

test('/metrics/cadvisor has the containers', () => {
  const t = createTestNode({ programs });
  t.create('p', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
  t.advance(20_000);
  expect(textOf(ask(t, '/metrics/cadvisor').body as never)).toContain('container_memory_working_set_bytes{container="c",');
});

test('a gRPC server that says it does not serve is not ready', () => {
  const t = createTestNode({ programs });
  t.create('p', {
    containers: [
      {
        name: 'c',
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['grpc-health-checking'],
        readinessProbe: { grpc: { port: 5000 }, periodSeconds: 2 },
      },
    ],
  });
  t.advance(10_000);
  const isReady = (): boolean => t.pod('p')!.status!.containerStatuses![0]!.ready;
  expect(isReady()).toBe(true);
  const ip = t.pod('p')!.status!.podIP!;
  t.run(t.node.machine.net.request({ ip, port: 8080 }, { method: 'GET', target: '/make-not-serving', headers: {} }));
  t.advance(10_000);
  expect(isReady()).toBe(false);
  expect(t.events('p').at(-1)).toBe('Unhealthy: Readiness probe failed: service unhealthy (responded with "NOT_SERVING")');
});
