import { expect, test } from 'vitest';
import { nodes } from '../../../api/core/node.ts';
import type { Node } from '../../../api/generated/types.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { nodeIPAMController } from './index.ts';

function addNode(plane: ControllerTest, name: string): string | undefined {
  plane.create<Node>(nodes, { metadata: { name }, spec: {} });
  plane.settle();
  return plane.get(nodes, name).spec?.podCIDR;
}

test('a range that is used up: an event, and the block of a Node that goes', () => {
  const plane = createControllerTest([nodeIPAMController], { clusterCIDR: '10.244.0.0/23' });
  expect([1, 2, 3].map((n) => addNode(plane, `node-${n}`))).toEqual(['10.244.0.0/24', '10.244.1.0/24', undefined]);
  expect(plane.eventsOf('node-3')).toEqual(['Normal CIDRNotAvailable Node node-3 status is now: CIDRNotAvailable']);
  plane.delete(nodes, 'node-1');
  plane.settle();
  expect(plane.get(nodes, 'node-3').spec?.podCIDR).toBe('10.244.0.0/24');
});

test('Services within the range of Pods: their part is given to no Node', () => {
  const plane = createControllerTest([nodeIPAMController], { clusterCIDR: '10.96.0.0/16', serviceCIDR: '10.96.0.0/23' });
  expect(addNode(plane, 'node-1')).toBe('10.96.2.0/24');
});
