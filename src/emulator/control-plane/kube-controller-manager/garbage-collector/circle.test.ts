import { expect, test } from 'vitest';
import { configMaps } from '../../../api/core/config-map.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { garbageCollector } from './index.ts';

/** Objects each of which owns the next, and the last the first. */
function circle(names: readonly string[]): ControllerTest {
  const plane = createControllerTest([garbageCollector]);
  for (const name of names) plane.create(configMaps, { metadata: { name } });
  names.forEach((name, i) => {
    const owner = plane.get(configMaps, names[(i + 1) % names.length]!).metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid, blockOwnerDeletion: true }];
    plane.change(configMaps, name, (one) => ({ ...one, metadata: { ...one.metadata, ownerReferences } }));
  });
  plane.settle();
  return plane;
}

const left = (plane: ControllerTest): string[] =>
  plane
    .list(configMaps)
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');

test.each([
  { names: ['a'], policy: 'Background' },
  { names: ['a', 'b'], policy: 'Background' },
  { names: ['a', 'b'], policy: 'Foreground' },
  { names: ['a', 'b', 'c'], policy: 'Foreground' },
] as const)('owners in a circle of $names.length wait for nothing, and go when one goes: $policy', ({ names, policy }) => {
  const plane = circle(names);
  expect(left(plane)).toEqual(names);
  plane.delete(configMaps, 'a', { propagationPolicy: policy });
  plane.advance(60_000);
  expect(left(plane)).toEqual([]);
});
