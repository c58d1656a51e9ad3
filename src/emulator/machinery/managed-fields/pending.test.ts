import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepFreeze } from '../deep-freeze.ts';
import type { ManagedFieldsEntry } from '../objects.ts';
import { trackUpdate, trackUpdateLater } from './index.ts';
import { isPending } from './pending.ts';

interface Version {
  readonly metadata: { managedFields?: readonly ManagedFieldsEntry[] | undefined; readonly name: string };
  readonly spec: object;
  readonly status?: object | undefined;
}

const parts = {
  labels: fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')), { nil: undefined }),
  spec: fc.record({
    restartPolicy: fc.constant('Always'),
    nodeName: fc.constantFrom(undefined, 'node-1'),
    containers: fc.array(fc.record({ name: fc.constantFrom('x', 'y'), image: fc.constantFrom('i:1', 'i:2') }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  status: fc.option(
    fc.record({
      phase: fc.constantFrom('Pending', 'Running'),
      podIPs: fc.constantFrom(undefined, [{ ip: '10.0.0.1' }], [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]),
      conditions: fc.subarray([
        { type: 'Ready', status: 'True' },
        { type: 'PodScheduled', status: 'True' },
      ]),
    }),
    { nil: undefined },
  ),
};

const writes = fc.array(
  fc.record({
    ...parts,
    part: fc.constantFrom('main', 'status', 'binding'),
    by: fc.constantFrom('kubelet', 'kubectl'),
    second: fc.integer({ min: 0, max: 3 }),
    isLookedAt: fc.boolean(),
    dropsList: fc.boolean(),
  }),
  { minLength: 1, maxLength: 24 },
);

test('entries that are worked out later are those that are worked out at once', () => {
  fc.assert(
    fc.property(writes, (all) => {
      let eager: Version | undefined;
      let lazy: Version | undefined;
      for (const [i, { labels, spec, status, part, by, second, isLookedAt, dropsList }] of all.entries()) {
        const isStatus = i > 0 && part === 'status';
        const write = (previous: Version | undefined, isLazy: boolean): Version => {
          const sent = dropsList ? undefined : previous?.metadata.managedFields;
          const next: Version = {
            metadata: {
              name: 'p',
              ...(isStatus ? (previous!.metadata as object) : { labels }),
              managedFields: sent,
            } as Version['metadata'],
            spec: isStatus ? previous!.spec : spec,
            status: isStatus ? status : previous?.status,
          };
          const update = {
            previous,
            next,
            model: 'Pod',
            manager: { name: by, apiVersion: 'v1', subresource: i === 0 || part === 'main' ? undefined : part },
            time: `2025-01-01T00:00:0${second}Z`,
            resetFields: isStatus ? [['spec']] : part === 'main' ? [['status']] : [],
          };
          const later = isLazy ? trackUpdateLater(update.previous, update.next, update) : undefined;
          expect(later !== undefined).toBe(isLazy);
          next.metadata.managedFields = later ?? trackUpdate(update);
          return next;
        };
        eager = write(eager, false);
        lazy = write(lazy, true);
        expect(isPending(lazy.metadata.managedFields)).toBe(true);
        if (isLookedAt) expect(JSON.stringify(lazy.metadata.managedFields)).toBe(JSON.stringify(eager.metadata.managedFields));
      }
      expect(eager!.metadata.managedFields!.length).toBeGreaterThan(0);
      expect([...lazy!.metadata.managedFields!]).toEqual(eager!.metadata.managedFields);
    }),
  );
});

test.each<{ name: string; look: (list: readonly ManagedFieldsEntry[]) => unknown; want: unknown }>([
  { name: 'its length', look: (list) => list.length, want: 1 },
  { name: 'an element', look: (list) => list[0]!.manager, want: 'kubectl' },
  { name: 'what it is', look: (list) => Array.isArray(list), want: true },
  { name: 'an index', look: (list) => 0 in list, want: true },
  { name: 'keys', look: (list) => Object.keys(list), want: ['0'] },
  { name: 'spread', look: (list) => [...list].length, want: 1 },
  { name: 'joined', look: (list) => list.concat(list).length, want: 2 },
  { name: 'mapped', look: (list) => list.map(({ operation }) => operation), want: ['Update'] },
  { name: 'frozen', look: (list) => Object.isFrozen(deepFreeze(list)) && list.length, want: 1 },
])('a list that is pending shows $name as any list', ({ look, want }) => {
  const next = { metadata: { name: 'p' }, spec: { nodeName: 'n' } };
  const list = trackUpdateLater(undefined, next, {
    model: 'Pod',
    manager: { name: 'kubectl', apiVersion: 'v1' },
    time: '2025-01-01T00:00:00Z',
  })!;
  expect(look(list)).toEqual(want);
});

test.each([
  { name: 'an object with nothing of its own', next: { metadata: { name: 'p' } } },
  { name: 'a spec of structs alone', next: { metadata: { name: 'p' }, spec: { securityContext: {} } } },
  { name: 'entries that a client sent', next: { metadata: { name: 'p', managedFields: [] }, spec: { nodeName: 'n' } } },
])('is not put off: $name', ({ next }) => {
  const manager = { name: 'kubectl', apiVersion: 'v1' };
  expect(trackUpdateLater(undefined, next, { model: 'Pod', manager, time: '' })).toBeUndefined();
});
