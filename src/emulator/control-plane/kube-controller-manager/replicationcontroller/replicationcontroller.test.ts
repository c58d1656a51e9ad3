import { expect, test } from 'vitest';
import { pods } from '../../../api/core/pod.ts';
import { replicationControllers } from '../../../api/core/replication-controller.ts';
import { createControllerTest } from '../testing.ts';
import { replicationController } from './index.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } };

test('a ReplicationController has as many Pods as asked', () => {
  const plane = createControllerTest([replicationController]);
  plane.create(pods, { metadata: { name: 'orphan', labels: { app: 'web' } }, spec: template.spec });
  plane.create(replicationControllers, { metadata: { name: 'web' }, spec: { replicas: 3, template } });
  plane.settle();
  expect(plane.list(pods)).toHaveLength(3);
  expect(plane.get(pods, 'orphan').metadata.ownerReferences).toMatchObject([{ apiVersion: 'v1', kind: 'ReplicationController' }]);
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  expect(plane.get(replicationControllers, 'web').status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3 });
  plane.change(replicationControllers, 'web', (rc) => ({ ...rc, spec: { ...rc.spec, replicas: 1 } }));
  plane.settle();
  expect(plane.list(pods)).toHaveLength(1);
  expect(plane.eventsOf('web').map((text) => text.split(':')[0])).toEqual([
    'Normal SuccessfulCreate Created pod',
    'Normal SuccessfulCreate Created pod',
    'Normal SuccessfulDelete Deleted pod',
    'Normal SuccessfulDelete Deleted pod',
  ]);
});
