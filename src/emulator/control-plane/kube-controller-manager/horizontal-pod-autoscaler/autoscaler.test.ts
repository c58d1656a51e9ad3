import { describe, expect, test } from 'vitest';
import { deployments } from '../../../api/apps/deployment.ts';
import { horizontalPodAutoscalers } from '../../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { pods } from '../../../api/core/pod.ts';
import { allVerbs } from '../../../api/define-kind.ts';
import type { HorizontalPodAutoscaler } from '../../../api/generated/types.ts';
import { podMetrics } from '../../../api/metrics/pod-metrics.ts';
import { isInvalid } from '../../../machinery/status-error.ts';
import { deploymentController } from '../deployment/index.ts';
import { replicaSetController } from '../replicaset/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { horizontalPodAutoscalerController } from './index.ts';

interface Lab {
  readonly t: ControllerTest;
  /** Makes all Pods run and be ready, and says what each uses; undefined says nothing. */
  use(cpu: string | undefined, memory?: string): void;
  replicas(): number;
  condition(type: string): string;
  get(): HorizontalPodAutoscaler;
}

const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };

function lab(
  spec: object = {},
  { replicas = 2, requests = { cpu: '200m' } as object, ofPod = undefined as object | undefined, hasMetrics = true } = {},
): Lab {
  const t = createControllerTest([deploymentController, replicaSetController, horizontalPodAutoscalerController]);
  if (hasMetrics) t.server.addKind({ ...podMetrics, verbs: allVerbs, storagePrefix: 'metrics' } as never);
  const labels = { app: 'web' };
  t.create(deployments, {
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests } }], ...(ofPod && { resources: ofPod }) },
      },
    },
  });
  t.settle();
  t.create(horizontalPodAutoscalers, {
    metadata: { name: 'web' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 10, metrics: [cpu], ...spec },
  });
  return {
    t,
    use(amount, memory = '10Mi') {
      const now = t.kernel.clock.timestamp();
      // Straight into the store: a real metrics server is no part of the API server, and no admission looks at it.
      const store = t.server.store('pods', 'metrics.k8s.io/v1beta1');
      for (const { value } of store.list('')) t.run(store.remove(value as never));
      for (const pod of t.list(pods)) {
        const { name } = pod.metadata;
        if (pod.status?.phase !== 'Running') {
          t.setReady(pod);
          t.change(pods, name, (one) => ({ ...one, status: { ...one.status, startTime: now } }), { subresource: 'status' });
        }
        if (amount === undefined) continue;
        const usage = { cpu: amount, memory };
        const metadata = { namespace: 'default', name, labels };
        t.run(store.put({ metadata, timestamp: now, window: '0s', containers: [{ name: 'c', usage }] } as never, undefined));
      }
    },
    replicas: () => t.get(deployments, 'web').spec.replicas!,
    condition: (type) => {
      const found = t.get(horizontalPodAutoscalers, 'web').status?.conditions?.find((one) => one.type === type);
      return found ? `${found.status} ${found.reason} ${found.message}` : '';
    },
    get: () => t.get(horizontalPodAutoscalers, 'web'),
  };
}

describe('without metrics', () => {
  test('the API is not served', () => {
    const l = lab({}, { hasMetrics: false });
    l.t.advance(16_000);
    const why =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
    expect(l.condition('AbleToScale')).toBe("True SucceededGetScale the HPA controller was able to get the target's current scale");
    expect(l.condition('ScalingActive')).toBe(`False FailedGetResourceMetric the HPA was unable to compute the replica count: ${why}`);
    expect(l.t.eventsOf('web').filter((line) => line.includes('Failed'))).toEqual([
      `Warning FailedGetResourceMetric ${why}`,
      `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ]);
    expect(horizontalPodAutoscalers.columns.map((column) => column.cell(l.get(), l.t.kernel.clock.unixMs)).slice(0, 6)).toEqual([
      'web',
      'Deployment/web',
      'cpu: <unknown>/50%',
      '1',
      10,
      2,
    ]);
  });

  test.each([
    {
      name: 'a kind that is not there',
      ref: { apiVersion: 'apps/v1', kind: 'Deploy', name: 'web' },
      want: 'no matches for kind "Deploy" in group "apps"',
    },
    {
      name: 'an object that is not there',
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' },
      want: 'deployments.apps "none" not found',
    },
  ])('$name', ({ ref, want }) => {
    const l = lab({ scaleTargetRef: ref });
    l.t.advance(16_000);
    expect(l.condition('AbleToScale')).toBe(
      `False FailedGetScale the HPA controller was unable to get the target's current scale: ${want}`,
    );
    expect(l.t.eventsOf('web')).toContain(`Warning FailedGetScale ${want}`);
  });

  test('a container without a request', () => {
    const l = lab({}, { requests: {} });
    l.use('100m');
    l.t.advance(16_000);
    expect(l.condition('ScalingActive')).toMatch(/failed to get cpu utilization: missing request for cpu in container c of Pod web-/);
  });

  test('custom and external metrics have no server', () => {
    const target = { type: 'AverageValue', averageValue: '1k' };
    const l = lab({ metrics: [{ type: 'Pods', pods: { metric: { name: 'packets' }, target } }] });
    l.t.advance(16_000);
    expect(l.condition('ScalingActive')).toBe(
      'False FailedGetPodsMetric the HPA was unable to compute the replica count: unable to get metric packets: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    );
  });
});

describe('scaling', () => {
  test.each([
    { name: 'within the tolerance', use: '105m', want: 2 },
    { name: 'twice the target', use: '200m', want: 4 },
    { name: 'at most twice as many, or four', use: '900m', want: 4 },
    { name: 'up to the largest allowed number', use: '400m', spec: { maxReplicas: 3 }, want: 3 },
    { name: 'a plain amount', use: '300m', spec: { metrics: [average('cpu', '100m')] }, want: 4 },
    { name: 'the metric that asks for most', use: '100m', spec: { metrics: [cpu, average('memory', '4Mi')] }, want: 4 },
    { name: 'fewer than the smallest allowed number', use: '100m', spec: { minReplicas: 5 }, want: 5 },
    { name: 'a container of its own', use: '200m', spec: { metrics: [ofContainer] }, want: 4 },
  ])('$name', ({ use, spec, want }) => {
    const l = lab(spec);
    l.use(use);
    l.t.advance(16_000);
    expect(l.replicas()).toBe(want);
  });

  test('a Pod that asks for itself is measured by that', () => {
    const l = lab({}, { requests: {}, ofPod: { requests: { cpu: '400m' } } });
    l.use('300m');
    l.t.advance(16_000);
    expect(l.replicas()).toBe(3);
  });

  test('events, conditions and status tell of it', () => {
    const l = lab();
    l.use('200m');
    l.t.advance(16_000);
    expect(l.t.eventsOf('web')).toContain(
      'Normal SuccessfulRescale New size: 4; reason: cpu resource utilization (percentage of request) above target',
    );
    expect(l.condition('AbleToScale')).toBe('True SucceededRescale the HPA controller was able to update the target scale to 4');
    expect(l.condition('ScalingActive')).toBe(
      'True ValidMetricFound the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    );
    expect(l.condition('ScalingLimited')).toBe('False DesiredWithinRange the desired count is within the acceptable range');
    expect(l.get().status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '200m' } } }],
    });
  });

  test('it shrinks only when five minutes have not asked for more', () => {
    const l = lab();
    l.use('200m');
    l.t.advance(16_000);
    l.use('0');
    l.t.advance(20_000);
    expect(l.replicas()).toBe(4);
    expect(l.condition('AbleToScale')).toMatch(/^True ScaleDownStabilized/);
    l.t.advance(310_000);
    expect(l.replicas()).toBe(1);
    expect(l.condition('ScalingLimited')).toMatch(/^True TooFewReplicas/);
    expect(l.t.eventsOf('web')).toContain('Normal SuccessfulRescale New size: 1; reason: All metrics below target');
  });

  test('a behavior says how fast', () => {
    const one = { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };
    const l = lab({ behavior: { scaleUp: one, scaleDown: { ...one, stabilizationWindowSeconds: 0 } } });
    l.use('200m');
    l.t.advance(16_000);
    expect(l.replicas()).toBe(3);
    expect(l.condition('ScalingLimited')).toBe(
      'True ScaleUpLimit the desired replica count is increasing faster than the maximum scale rate',
    );
    l.use('200m');
    l.t.advance(30_000);
    expect(l.replicas()).toBe(3);
    l.t.advance(31_000);
    expect(l.replicas()).toBe(4);
    l.use('0');
    l.t.advance(120_000);
    expect(l.replicas()).toBeLessThan(4);
  });

  test('a selection that is off keeps it from shrinking', () => {
    const l = lab({ behavior: { scaleDown: { selectPolicy: 'Disabled' } } }, { replicas: 4 });
    l.use('0');
    l.t.advance(900_000);
    expect(l.replicas()).toBe(4);
  });

  test('a target of zero replicas switches it off', () => {
    const l = lab({}, { replicas: 0 });
    l.t.advance(16_000);
    expect(l.condition('ScalingActive')).toBe('False ScalingDisabled scaling is disabled since the replica count of the target is zero');
    expect(l.replicas()).toBe(0);
  });

  test('two autoscalers of one target do nothing', () => {
    const l = lab();
    l.t.create(horizontalPodAutoscalers, { metadata: { name: 'other' }, spec: l.get().spec });
    l.use('200m');
    l.t.advance(16_000);
    expect(l.replicas()).toBe(2);
    expect(l.condition('ScalingActive')).toBe(
      'False AmbiguousSelector pods by selector app=web are controlled by multiple HPAs: [default/other default/web]',
    );
  });
});

function average(name: string, averageValue: string): object {
  return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue } } };
}
const ofContainer = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 50 } },
};

describe('the kind', () => {
  test('defaults', () => {
    const l = lab({ metrics: undefined, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } });
    expect(l.get().spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
      behavior: {
        scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
      },
    });
  });

  test.each([
    { name: 'too few at most', spec: { maxReplicas: 0 }, want: 'spec.maxReplicas: Invalid value: 0: must be greater than 0' },
    {
      name: 'more at least than at most',
      spec: { minReplicas: 11 },
      want: 'spec.maxReplicas: Invalid value: 10: must be greater than or equal to `minReplicas`',
    },
    { name: 'zero', spec: { minReplicas: 0 }, want: 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1' },
    { name: 'no target', spec: { scaleTargetRef: { kind: 'Deployment' } }, want: 'spec.scaleTargetRef.name: Required value' },
    {
      name: 'an unknown source',
      spec: { metrics: [{ type: 'CPU' }] },
      want: 'spec.metrics[0].type: Unsupported value: "CPU": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    },
    {
      name: 'a source without its field',
      spec: { metrics: [{ type: 'Resource' }] },
      want: 'spec.metrics[0].resource: Required value: must populate information for the given metric source',
    },
    {
      name: 'two ways to say how much',
      spec: {
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50, averageValue: '1' } } },
        ],
      },
      want: 'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    },
    {
      name: 'a period that is too long',
      spec: { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1801 }] } } },
      want: 'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    },
  ])('refuses $name', ({ spec, want }) => {
    try {
      lab(spec);
    } catch (error) {
      expect(isInvalid(error)).toBe(true);
      expect((error as Error).message).toContain(want);
      return;
    }
    expect.unreachable();
  });
});
