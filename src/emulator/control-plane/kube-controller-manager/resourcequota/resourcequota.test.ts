import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configMaps } from '../../../api/core/config-map.ts';
import { pods } from '../../../api/core/pod.ts';
import { resourceQuotas } from '../../../api/core/resource-quota.ts';
import { services } from '../../../api/core/service.ts';
import type { Pod, ResourceQuota, ResourceQuotaSpec } from '../../../api/generated/types.ts';
import { priorityClasses } from '../../../api/scheduling/priority-class.ts';
import { milliValue } from '../../../machinery/quantity.ts';
import { isForbidden } from '../../../machinery/status-error.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { resourceQuotaController } from './index.ts';

function begin(spec: ResourceQuotaSpec, before?: (plane: ControllerTest) => void): ControllerTest {
  const plane = createControllerTest([resourceQuotaController]);
  before?.(plane);
  plane.create(resourceQuotas, { metadata: { name: 'q' }, spec });
  plane.settle();
  return plane;
}

function pod(plane: ControllerTest, name: string, cpu?: string, spec: object = {}): Pod {
  const resources = cpu === undefined ? {} : { requests: { cpu } };
  return plane.create(pods, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx', resources }], ...spec } });
}

const used = (plane: ControllerTest) => plane.get<ResourceQuota>(resourceQuotas, 'q').status?.used;

test('Pods are charged, refused and given back', () => {
  const plane = begin({ hard: { pods: '2', 'requests.cpu': '1' } });
  expect(used(plane)).toEqual({ pods: '0', 'requests.cpu': '0' });
  pod(plane, 'a', '400m');
  expect(used(plane)).toEqual({ pods: '1', 'requests.cpu': '400m' });
  expect(() => pod(plane, 'b')).toThrow('pods "b" is forbidden: failed quota: q: must specify requests.cpu for: c');
  expect(() => pod(plane, 'b', '700m')).toThrow(
    'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=700m, used: requests.cpu=400m, limited: requests.cpu=1',
  );
  pod(plane, 'b', '100m');
  expect(() => pod(plane, 'c', '1m')).toThrow('exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2');
  plane.delete(pods, 'a');
  plane.settle();
  expect(used(plane)).toEqual({ pods: '1', 'requests.cpu': '100m' });
});

test('a Pod that asks for itself is charged that, and its containers need not ask', () => {
  const plane = begin({ hard: { 'requests.cpu': '1', 'limits.memory': '1Gi' } });
  pod(plane, 'a', undefined, { resources: { requests: { cpu: '400m' }, limits: { memory: '512Mi' } } });
  expect(used(plane)).toEqual({ 'requests.cpu': '400m', 'limits.memory': '512Mi' });
  expect(() => pod(plane, 'b', undefined, { resources: { requests: { cpu: '700m' } } })).toThrow('exceeded quota: q');
});

test('what was there before counts, and what has ended does not', () => {
  const plane = begin({ hard: { pods: '5', 'count/pods': '5' } }, (before) => {
    pod(before, 'a');
    pod(before, 'b');
  });
  expect(used(plane)).toEqual({ pods: '2', 'count/pods': '2' });
  plane.change(pods, 'a', (stored) => ({ ...stored, status: { ...stored.status, phase: 'Succeeded' } }), { subresource: 'status' });
  plane.settle();
  expect(used(plane)).toEqual({ pods: '1', 'count/pods': '2' });
});

test('other kinds are counted, under both of their names', () => {
  const plane = begin({ hard: { configmaps: '1', 'count/configmaps': '2', 'services.nodeports': '1', 'count/services': '9' } });
  plane.create(configMaps, { metadata: { name: 'a' } });
  expect(() => plane.create(configMaps, { metadata: { name: 'b' } })).toThrow(
    'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
  );
  const service = (name: string, type: string) =>
    plane.create(services, { metadata: { name }, spec: { type, ports: [{ port: 80 }], selector: { a: 'b' } } });
  service('a', 'NodePort');
  expect(() => service('b', 'NodePort')).toThrow(
    'requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
  );
  service('b', 'ClusterIP');
  expect(used(plane)).toMatchObject({ 'count/services': '2', 'services.nodeports': '1' });
  plane.change(services, 'a', (stored) => ({
    ...stored,
    spec: {
      ...stored.spec,
      type: 'ClusterIP',
      ports: stored.spec.ports!.map((port) => ({ ...port, nodePort: undefined })),
      externalTrafficPolicy: undefined,
    },
  }));
  plane.settle();
  expect(used(plane)).toMatchObject({ 'services.nodeports': '0' });
});

describe('scopes', () => {
  test.each<{ name: string; spec: ResourceQuotaSpec; cpu?: string; pod?: object; want: string }>([
    { name: 'of Pods that ask for nothing', spec: { hard: { pods: '9' }, scopes: ['BestEffort'] }, want: '1' },
    { name: 'not of Pods that ask for something', spec: { hard: { pods: '9' }, scopes: ['BestEffort'] }, cpu: '1m', want: '0' },
    {
      name: 'of Pods with a deadline',
      spec: { hard: { pods: '9' }, scopes: ['Terminating'] },
      pod: { activeDeadlineSeconds: 60 },
      want: '1',
    },
    {
      name: 'of a class',
      spec: {
        hard: { pods: '9' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
      },
      pod: { priorityClassName: 'high' },
      want: '1',
    },
    {
      name: 'of another class',
      spec: {
        hard: { pods: '9' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] },
      },
      pod: { priorityClassName: 'high' },
      want: '0',
    },
  ])('$name', ({ spec, cpu, pod: body, want }) => {
    const plane = begin(spec, (before) => before.create(priorityClasses, { metadata: { name: 'high' }, value: 7 }));
    pod(plane, 'p', cpu, body);
    expect(used(plane)?.pods).toBe(want);
  });
});

test('a raised quota allows more at once', () => {
  const plane = begin({ hard: { pods: '0' } });
  expect(() => pod(plane, 'a')).toThrow('exceeded quota');
  plane.change(resourceQuotas, 'q', (quota) => ({ ...quota, spec: { hard: { pods: '1' } } }));
  plane.settle();
  pod(plane, 'a');
});

test('a Pod that grows is charged for the difference', () => {
  const plane = begin({ hard: { 'requests.cpu': '1' } });
  pod(plane, 'a', '400m');
  const resize = (cpu: string) =>
    plane.change<Pod>(
      pods,
      'a',
      (stored) => ({
        ...stored,
        spec: { ...stored.spec, containers: stored.spec.containers.map((one) => ({ ...one, resources: { requests: { cpu } } })) },
      }),
      { subresource: 'resize' },
    );
  resize('900m');
  expect(used(plane)).toEqual({ 'requests.cpu': '900m' });
  expect(() => resize('1100m')).toThrow(
    'exceeded quota: q, requested: requests.cpu=200m, used: requests.cpu=900m, limited: requests.cpu=1',
  );
  resize('100m');
  plane.settle();
  expect(used(plane)).toEqual({ 'requests.cpu': '100m' });
});

test('a dry run costs nothing', () => {
  const plane = begin({ hard: { pods: '1' } });
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'd' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  plane.run(plane.admin.call({ verb: 'create', kind: pods, namespace: 'default', object, write: { dryRun: true } }));
  expect(used(plane)).toEqual({ pods: '0' });
});

test('a quota is never exceeded, and counts right once all is still', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('create' as const), name: fc.integer({ min: 0, max: 6 }), cpu: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ do: fc.constant('delete' as const), name: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ do: fc.constant('finish' as const), name: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ do: fc.constant('restart' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const plane = begin({ hard: { pods: '4', 'requests.cpu': '1' } });
      const living = () => plane.list<Pod>(pods).filter(({ status }) => status?.phase !== 'Succeeded');
      const cpuOf = (all: readonly Pod[]) =>
        all.reduce((sum, { spec }) => sum + milliValue(spec.containers[0]!.resources!.requests!.cpu!), 0);
      for (const one of steps) {
        const stored = 'name' in one ? plane.list<Pod>(pods).find(({ metadata }) => metadata.name === `p${one.name}`) : undefined;
        if (one.do === 'create' && !stored) {
          try {
            pod(plane, `p${one.name}`, `${one.cpu}m`);
          } catch (error) {
            if (!isForbidden(error)) throw error;
          }
        } else if (one.do === 'delete' && stored) plane.delete(pods, stored.metadata.name);
        else if (one.do === 'finish' && stored)
          plane.change(pods, stored.metadata.name, (p) => ({ ...p, status: { ...p.status, phase: 'Succeeded' } }), {
            subresource: 'status',
          });
        else if (one.do === 'wait') plane.advance(one.ms);
        else if (one.do === 'restart') plane.restart();
        expect(living().length).toBeLessThanOrEqual(4);
        expect(cpuOf(living())).toBeLessThanOrEqual(1000);
      }
      plane.settle();
      expect(used(plane)?.pods).toBe(String(living().length));
      expect(milliValue(used(plane)!['requests.cpu']!)).toBe(cpuOf(living()));
    }),
    { numRuns: 40 },
  );
});
