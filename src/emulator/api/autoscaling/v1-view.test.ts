/** One object through two versions. */
import { expect, test } from 'vitest';
import { createTestControlPlane } from '../../control-plane/kube-apiserver/testing.ts';
import type { ApiObject, List } from '../../machinery/objects.ts';
import type { HorizontalPodAutoscaler } from '../generated/types.ts';
import type { Kind } from '../kind.ts';
import { horizontalPodAutoscalers } from './horizontal-pod-autoscaler.ts';
import { horizontalPodAutoscalersV1 } from './v1-view.ts';

const at = { namespace: 'default', name: 'web' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const v2 = horizontalPodAutoscalers as unknown as Kind;
const cpu = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const packets = {
  type: 'Pods',
  pods: { metric: { name: 'packets' }, target: { type: 'AverageValue', averageValue: '1k' } },
};

function plane() {
  const t = createTestControlPlane();
  const call = (verb: 'create' | 'get' | 'list' | 'patch', kind: Kind, more: object = {}): ApiObject =>
    t.run(
      t.admin.call({ verb, kind, ...(verb === 'create' || verb === 'list' ? { namespace: 'default' } : at), ...more } as never),
    ) as never;
  const make = (kind: Kind, spec: object): ApiObject =>
    call('create', kind, {
      object: {
        apiVersion: `autoscaling/${kind.version}`,
        kind: 'HorizontalPodAutoscaler',
        metadata: at,
        spec: { scaleTargetRef, maxReplicas: 5, ...spec },
      },
    });
  return { call, make };
}

test('what was written in v1 is read in v2', () => {
  const { call, make } = plane();
  const made = make(horizontalPodAutoscalersV1, { targetCPUUtilizationPercentage: 50 });
  expect(made).toMatchObject({
    apiVersion: 'autoscaling/v1',
    spec: { minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 50 },
  });
  expect(call('get', v2)).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { scaleTargetRef, metrics: [cpu(50)] } });
});

test('without a target it is 80 %', () => {
  const { call, make } = plane();
  make(horizontalPodAutoscalersV1, {});
  expect((call('get', v2) as HorizontalPodAutoscaler).spec.metrics).toEqual([cpu(80)]);
});

test('what v1 has no field for stands in annotations, and comes back', () => {
  const { call, make } = plane();
  make(v2, { metrics: [cpu(50), packets], behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } });
  const old = call('get', horizontalPodAutoscalersV1);
  expect(old.metadata.annotations!['autoscaling.alpha.kubernetes.io/metrics']).toBe(
    '[{"type":"Pods","pods":{"metricName":"packets","targetAverageValue":"1k"}}]',
  );
  const body = { spec: { maxReplicas: 7, targetCPUUtilizationPercentage: 60 } };
  call('patch', horizontalPodAutoscalersV1, { patch: { type: 'application/merge-patch+json', body } });
  const now = call('get', v2) as HorizontalPodAutoscaler;
  expect(now.spec).toMatchObject({
    maxReplicas: 7,
    metrics: [cpu(60), packets],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  });
  expect(now.metadata.annotations).toBeUndefined();
});

test('both versions list the same objects, with the same cells', () => {
  const { call, make } = plane();
  make(v2, { metrics: [cpu(50)] });
  const lists = [v2, horizontalPodAutoscalersV1].map((kind) => call('list', kind) as unknown as List<ApiObject>);
  expect(lists.map(({ items }) => items.map(({ apiVersion }) => apiVersion))).toEqual([['autoscaling/v2'], ['autoscaling/v1']]);
  const cells = [v2, horizontalPodAutoscalersV1].map((kind, i) =>
    kind.columns.slice(0, 6).map((column) => column.cell(lists[i]!.items[0]!, 0)),
  );
  expect(cells[1]).toEqual(cells[0]);
});

test('v1 is held to the same rules', () => {
  const { make } = plane();
  expect(() => make(horizontalPodAutoscalersV1, { maxReplicas: 0 })).toThrow('spec.maxReplicas: Invalid value: 0: must be greater than 0');
});
