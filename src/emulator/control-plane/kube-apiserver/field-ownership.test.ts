import { expect, test } from 'vitest';
import { events } from '../../api/core/event.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { createTestControlPlane } from './testing.ts';

const first = {
  metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } },
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
  reason: 'Started',
  message: 'Started container c',
  source: { component: 'kubelet' },
  count: 1,
};

/** Entries of Events that are made one after the other in the same second. */
function entriesOf(...objects: readonly object[]): readonly unknown[] {
  const { admin, run } = createTestControlPlane();
  const made = objects.map((object) => run(admin.call({ verb: 'create', kind: events, object } as never)) as ApiObject);
  return made.map(({ metadata: { managedFields } }) => managedFields && [...managedFields]);
}

test.each([
  { name: 'the same fields', second: { reason: 'Pulled', message: 'Pulled the image' }, isLike: true },
  { name: 'one field more', second: { reportingComponent: 'kubelet' }, isLike: false },
  { name: 'one field less', second: { count: undefined }, isLike: false },
  { name: 'another label', second: { metadata: { namespace: 'default', labels: { tier: 'web' } } }, isLike: false },
  { name: 'a source of other parts', second: { source: { component: 'kubelet', host: 'node-1' } }, isLike: false },
])('an Event of $name has its own entries, whoever came before it', ({ second, isLike }) => {
  const object = { ...first, ...second, metadata: { ...first.metadata, ...second.metadata, name: 'b' } };
  const [ofFirst, ofSecond] = entriesOf(first, object);
  expect(ofSecond).toEqual(entriesOf(object)[0]);
  expect(JSON.stringify(ofSecond) === JSON.stringify(ofFirst)).toBe(isLike);
});
