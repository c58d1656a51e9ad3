import type { Node } from '../../../api/generated/types.ts';

interface Placed {
  readonly index: number;
  readonly node: Node;
}

/** Region and zone, as k8s.io/component-helpers/node/topology.GetZoneKey joins them; '' without both. */
function zoneOf({ metadata }: Node): string {
  const region = metadata.labels?.['topology.kubernetes.io/region'] ?? '';
  const zone = metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
}

export const isZoned = (node: Node): boolean => zoneOf(node) !== '';

/** 0, 1, 2 and so on; `known` holds as many of them, and more, or is made larger. */
export function firstNumbers(count: number, known: Int32Array): Int32Array {
  if (known.length >= count && known[count - 1] === count - 1) return known;
  return Int32Array.from({ length: Math.max(count, 2 * known.length) }, (_, i) => i);
}

/**
 * One node of each zone in turn, until all have had theirs (nodeTree.list of pkg/scheduler/backend/cache/node_tree.go). Takes the
 * nodes in the order in which they came, gives indices.
 */
export function orderByZone(nodes: Iterable<Placed>, count: number): Int32Array {
  const zones = new Map<string, Placed[]>();
  for (const placed of nodes) {
    const zone = zoneOf(placed.node);
    const known = zones.get(zone);
    if (known) known.push(placed);
    else zones.set(zone, [placed]);
  }
  const order = new Int32Array(count);
  let at = 0;
  for (let turn = 0; at < count; turn++)
    for (const members of zones.values()) if (turn < members.length) order[at++] = members[turn]!.index;
  return order;
}
