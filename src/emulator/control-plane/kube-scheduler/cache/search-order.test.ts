import { expect, test } from 'vitest';
import type { Node } from '../../../api/generated/types.ts';
import { NodeCache } from './node-cache.ts';

const node = (name: string, zone?: string): Node =>
  ({ metadata: { name, labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone } }, spec: {}, status: {} }) as Node;

function orderOf(nodes: readonly Node[], gone: readonly string[] = []): readonly string[] {
  const cache = new NodeCache();
  for (const one of nodes) cache.setNode(one);
  for (const name of gone) {
    expect(cache.searchOrder.length).toBeGreaterThan(0);
    cache.removeNode(name);
  }
  return [...cache.searchOrder.slice(0, cache.nodes.length)].map((index) => cache.nodes[index]!.name);
}

const zones = [node('a1', 'a'), node('a2', 'a'), node('a3', 'a'), node('b1', 'b'), node('none'), node('b2', 'b')];

test.each([
  { name: 'without zones as they came', nodes: [node('x'), node('y'), node('z')], want: ['x', 'y', 'z'] },
  { name: 'the zones in turn', nodes: zones, want: ['a1', 'b1', 'none', 'a2', 'b2', 'a3'] },
  {
    name: 'a node that goes leaves the order of the others',
    nodes: [node('x'), node('y'), node('z'), node('w')],
    gone: ['x'],
    want: ['y', 'z', 'w'],
  },
  { name: 'a zone that empties is no turn any more', nodes: zones, gone: ['none', 'b1'], want: ['a1', 'b2', 'a2', 'a3'] },
])('$name', ({ nodes, gone, want }) => expect(orderOf(nodes, gone)).toEqual(want));
