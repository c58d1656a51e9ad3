import { expect, test } from 'vitest';
import { controllerRevisions } from '../../../api/apps/controller-revision.ts';
import { daemonSets } from '../../../api/apps/daemon-set.ts';
import { nodes } from '../../../api/core/node.ts';
import { pods } from '../../../api/core/pod.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { daemonSetController } from './index.ts';

const template = (image: string) => ({ metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image }] } });

/** Three nodes with a ready Pod each, of the image 1. */
function begin(more: object): ControllerTest {
  const plane = createControllerTest([daemonSetController]);
  for (const name of ['node-1', 'node-2', 'node-3']) {
    plane.create(nodes, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } });
    // Nobody here takes away the taint of a node that nobody has seen to be ready.
    plane.change(nodes, name, (node) => ({ ...node, spec: { ...node.spec, taints: [] } }));
  }
  const spec = { selector: { matchLabels: { app: 'agent' } }, template: template('1'), ...more };
  plane.create(daemonSets, { metadata: { name: 'agent' }, spec });
  plane.settle();
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  return plane;
}

const images = (plane: ControllerTest): string =>
  plane
    .list(pods)
    .map(({ spec }) => spec.containers[0]!.image)
    .sort()
    .join(' ');

function update(plane: ControllerTest, image: string): void {
  plane.change(daemonSets, 'agent', (set) => ({ ...set, spec: { ...set.spec, template: template(image) as never } }));
  plane.advance(2000);
}

/** Makes the Pods of an image ready. */
function ready(plane: ControllerTest, image: string): void {
  for (const pod of plane.list(pods)) if (pod.spec.containers[0]!.image === image) plane.setReady(pod);
  plane.advance(2000);
}

test.each([
  { name: 'one at a time', more: {}, begun: '1 1 2', goneOn: '1 2 2' },
  { name: 'several at a time', more: { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }, begun: '1 2 2', goneOn: '2 2 2' },
  {
    name: 'the new before the old',
    more: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    begun: '1 1 1 2',
    goneOn: '1 1 2 2',
  },
  { name: 'none by itself', more: { updateStrategy: { type: 'OnDelete' } }, begun: '1 1 1', goneOn: '1 1 1' },
  { name: 'none before the last has lasted', more: { minReadySeconds: 20 }, begun: '1 1 2', goneOn: '1 1 2' },
])('an update replaces $name', ({ more, begun, goneOn }) => {
  const plane = begin(more);
  plane.advance(25_000);
  update(plane, '2');
  expect(images(plane)).toBe(begun);
  ready(plane, '2');
  expect(images(plane)).toBe(goneOn);
});

test.each([
  { name: 'ten by default', more: {}, want: [1, 2, 3] },
  { name: 'as many as are wanted', more: { revisionHistoryLimit: 1 }, want: [2, 3] },
])('revisions of old templates are kept, $name', ({ more, want }) => {
  const plane = begin({ updateStrategy: { rollingUpdate: { maxUnavailable: 3 } }, ...more });
  for (const image of ['2', '3']) {
    update(plane, image);
    ready(plane, image);
  }
  const revisions = plane.list(controllerRevisions).map(({ revision }) => revision);
  expect(revisions.sort()).toEqual(want);
});
