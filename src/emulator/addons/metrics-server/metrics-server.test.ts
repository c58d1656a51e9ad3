/** metrics-server on a booted cluster, with the kubelets' real answers. */
import { beforeAll, describe, expect, test } from 'vitest';
import { deployments } from '../../api/apps/deployment.ts';
import { horizontalPodAutoscalers } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type { PodMetrics } from '../../api/metrics/pod-metrics.ts';
import { podMetrics } from '../../api/metrics/pod-metrics.ts';
import { pods } from '../../api/core/pod.ts';
import { services } from '../../api/core/service.ts';
import type { Cluster } from '../../cluster/index.ts';
import { createCluster } from '../../cluster/index.ts';
import type { Call } from '../../kernel/index.ts';
import type { List } from '../../machinery/objects.ts';
import { milliValue } from '../../machinery/quantity.ts';
import { programs } from '../../../terminal/programs.ts';
import { PointStore } from './point-store.ts';
import { parseResourceMetrics } from './scrape.ts';

let cluster: Cluster;

function run<T>(call: Call<T>): T {
  let result: { readonly value: T } | undefined;
  cluster.kernel.fiber(
    (function* () {
      result = { value: yield* call };
    })(),
  );
  while (!result) cluster.advance(10);
  return result.value;
}

function usage(): readonly PodMetrics[] {
  return (run(cluster.adminClient.list(podMetrics, { namespace: 'default' })) as List<PodMetrics>).items;
}

describe('on a cluster', () => {
  beforeAll(() => {
    cluster = createCluster({ nodes: 2, programs, addons: ['metrics-server'] });
    const labels = { run: 'php-apache' };
    const container = {
      name: 'php-apache',
      image: 'registry.k8s.io/hpa-example',
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '500m' }, requests: { cpu: '200m' } },
    };
    const base = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'php-apache' } };
    run(
      cluster.adminClient.create(deployments, {
        ...base,
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
      } as never),
    );
    const metadata = { namespace: 'default', name: 'php-apache' };
    run(
      cluster.adminClient.create(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { ports: [{ port: 80 }], selector: labels },
      } as never),
    );
    run(
      cluster.adminClient.create(horizontalPodAutoscalers, {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'php-apache' },
          maxReplicas: 10,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
        },
      } as never),
    );
    cluster.advance(90_000);
  });

  test('a Pod at rest uses next to nothing', () => {
    const [found] = usage();
    expect(found).toMatchObject({ kind: 'PodMetrics', window: '15s', containers: [{ name: 'php-apache' }] });
    expect(milliValue(found!.containers[0]!.usage.cpu!)).toBeLessThan(5);
    expect(found!.containers[0]!.usage.memory).toMatch(/^\d+Ki$/);
  });

  test('under load the autoscaler adds replicas, and the load is shared', () => {
    const load = { name: 'c', image: 'busybox:1.28', command: ['sh', '-c', 'while sleep 0.01; do wget -q -O- http://php-apache; done'] };
    run(
      cluster.adminClient.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'default', name: 'load-generator' },
        spec: { containers: [load] },
      } as never),
    );
    cluster.advance(150_000);
    const { spec } = run(cluster.adminClient.get(deployments, { namespace: 'default', name: 'php-apache' }));
    expect(spec.replicas).toBeGreaterThan(3);
    const { status } = run(cluster.adminClient.get(horizontalPodAutoscalers, { namespace: 'default', name: 'php-apache' }));
    expect(status!.conditions!.find(({ type }) => type === 'ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' });
    const used = status!.currentMetrics![0]!.resource!.current.averageUtilization!;
    expect(used).toBeGreaterThan(20);
    expect(used).toBeLessThan(60);
  });
});

describe('the rate between two answers', () => {
  const answer = (atMs: number, cpu: number, startMs = 0): string =>
    [
      `node_cpu_usage_seconds_total ${cpu} ${atMs}`,
      `node_memory_working_set_bytes 1024 ${atMs}`,
      `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} ${cpu} ${atMs}`,
      `container_memory_working_set_bytes{container="c",namespace="n",pod="p"} 2048 ${atMs}`,
      `container_start_time_seconds{container="c",namespace="n",pod="p"} ${startMs / 1000}`,
    ].join('\n');

  test.each([
    { name: 'two answers', answers: [answer(15_000, 1), answer(30_000, 4)], want: 200_000_000 },
    { name: 'one answer of a young container', answers: [answer(5000, 1)], want: undefined },
    { name: 'one answer of an older one', answers: [answer(20_000, 2)], want: 100_000_000 },
    { name: 'a container that was started again', answers: [answer(15_000, 9), answer(60_000, 2, 40_000)], want: 100_000_000 },
    { name: 'no answer', answers: [], want: undefined },
  ])('$name', ({ answers, want }) => {
    const store = new PointStore();
    for (const text of answers) store.put('node-1', parseResourceMetrics(text)!);
    expect(store.pod('node-1', 'n/p')?.get('c')?.nanoCores).toBe(want);
  });

  test('an answer without the node is none', () => {
    expect(parseResourceMetrics('# nothing\n')).toBeUndefined();
  });
});
