import { expect, test } from 'vitest';
import { createErrors, finished, row } from '../testing.ts';
import { podTemplates } from './pod-template.ts';
import { replicationControllers } from './replication-controller.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } };

test('the labels of the template stand for selector and labels that are left out', () => {
  const made = finished(replicationControllers, { spec: { template } });
  expect([made.metadata.labels, made.spec.selector, made.spec.replicas]).toEqual([{ app: 'web' }, { app: 'web' }, 1]);
  const own = finished(replicationControllers, { metadata: { labels: { a: 'b' } }, spec: { selector: { app: 'web' }, template } });
  expect([own.metadata.labels, own.spec.selector]).toEqual([{ a: 'b' }, { app: 'web' }]);
});

test.each<{ name: string; spec: object; want: readonly string[] }>([
  { name: 'good', spec: { template }, want: [] },
  { name: 'nothing', spec: {}, want: ['spec.selector: Required value', 'spec.template: Required value'] },
  {
    name: 'a selector that misses',
    spec: { selector: { app: 'db' }, template },
    want: ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  },
  {
    name: 'Pods that end',
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
    want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
])('$name', ({ spec, want }) => expect(createErrors(replicationControllers, { spec })).toEqual(want));

test('rows', () => {
  expect(row(replicationControllers, { spec: { replicas: 2, template }, status: { replicas: 2, readyReplicas: 1 } })).toEqual({
    Name: 'x',
    Desired: 2,
    Current: 2,
    Ready: 1,
    Age: '5m',
    Containers: 'web',
    Images: 'nginx:1.27',
    Selector: 'app=web',
  });
  expect(row(podTemplates, { template })).toEqual({ Name: 'x', Containers: 'web', Images: 'nginx:1.27', 'Pod Labels': 'app=web' });
});

test('a PodTemplate is validated where its spec stands', () => {
  expect(createErrors(podTemplates, { template: { spec: { containers: [{ name: 'a' }] } } })).toEqual([
    'template.spec.containers[0].image: Required value',
  ]);
});
