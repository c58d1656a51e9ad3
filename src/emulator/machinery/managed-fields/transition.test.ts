import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../objects.ts';
import { type FieldSet, setOfPaths } from './field-set.ts';
import { type Change, handOver, handOverMany, transition } from './transition.ts';

const anySet: fc.Arbitrary<FieldSet> = fc
  .uniqueArray(fc.constantFrom('spec.a', 'spec.b', 'spec.c.d', 'spec.c', 'status.e', 'status.f.g'), { maxLength: 4 })
  .map((paths) => setOfPaths(paths.map((path) => path.split('.'))));

const anyChange: fc.Arbitrary<Change> = fc
  .record({
    changed: anySet,
    removed: anySet,
    isOwned: fc.boolean(),
    name: fc.constantFrom('kubectl', 'kubelet', 'unknown'),
    subresource: fc.constantFrom(undefined, 'status'),
    apiVersion: fc.constantFrom('v1', 'apps/v1'),
    time: fc.constantFrom('2025-01-01T00:00:00Z', '2025-01-01T00:00:01Z'),
  })
  .map(({ changed, removed, isOwned, name, subresource, apiVersion, time }) => ({
    changed,
    removed,
    taken: isOwned ? changed : setOfPaths([]),
    manager: { name, subresource, apiVersion },
    time,
  }));

const applied: ManagedFieldsEntry = {
  manager: 'kubectl',
  operation: 'Apply',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:a': {}, 'f:b': {} } },
};

/** Without a manager's name, and without fields: what a client may send. */
const bare: ManagedFieldsEntry = { apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:status': { 'f:e': {} } } };

test('the short way, the long way and what is remembered come to the same entries', () => {
  fc.assert(
    fc.property(fc.subarray([applied, bare]), fc.array(anyChange, { minLength: 1, maxLength: 12 }), (first, changes) => {
      let entries: readonly ManagedFieldsEntry[] = first;
      for (const change of changes) {
        const long = handOverMany(entries, change);
        expect(handOver(entries, change)).toEqual(long);
        expect(transition(entries, change)).toEqual(long);
        expect(transition(entries, change)).toBe(transition(entries, change));
        entries = long;
      }
    }),
  );
});
