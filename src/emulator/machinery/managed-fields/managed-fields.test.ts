import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepFreeze } from '../deep-freeze.ts';
import type { ManagedFieldsEntry } from '../objects.ts';
import { isConflict, type StatusError } from '../status-error.ts';
import { difference, emptySet, intersection, setOfPaths, union } from './field-set.ts';
import { applyConfiguration, trackUpdate } from './index.ts';

interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly managedFields?: readonly ManagedFieldsEntry[];
  };
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

const model = 'Deployment';
const web = (spec: Record<string, unknown>, more: object = {}): Deployment =>
  deepFreeze({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...more }, spec }) as Deployment;
const by = (name: string, subresource?: string) => ({ name, apiVersion: 'apps/v1', subresource });

function update(previous: Deployment | undefined, next: Deployment, name: string, time: string, subresource?: string): Deployment {
  const { managedFields: _, ...metadata } = next.metadata;
  const managedFields = trackUpdate({ previous, next: { ...next, metadata }, model, manager: by(name, subresource), time });
  return deepFreeze({ ...next, metadata: { ...metadata, managedFields } });
}

const apply = (live: Deployment | undefined, config: Deployment, name: string, force = false, time = 't9'): Deployment =>
  deepFreeze(applyConfiguration({ live, config, model, manager: by(name), time, force }));

/** Who owns what, with the fields in FieldsV1. */
function check(object: Deployment, want: Record<string, unknown>): void {
  const got = Object.fromEntries(
    (object.metadata.managedFields ?? []).map((one) => [
      `${one.manager} ${one.operation}${one.subresource ? ` ${one.subresource}` : ''} ${one.time}`,
      one.fieldsV1,
    ]),
  );
  expect(got).toEqual(want);
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'a', image: 'a:1', ports: [{ containerPort: 80, protocol: 'TCP' }], securityContext: {} }] },
};

test('a create owns all it sets, without metadata that nobody owns', () => {
  check(
    update(
      undefined,
      web(
        {
          replicas: 1,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
          selector: { matchLabels: { app: 'web' } },
          template,
        },
        { labels: { app: 'web' } },
      ),
      'kubectl-create',
      't1',
    ),
    {
      'kubectl-create Update t1': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
          'f:template': {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"a"}': {
                  '.': {},
                  'f:image': {},
                  'f:name': {},
                  'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } },
                  'f:securityContext': {},
                },
              },
            },
          },
        },
      },
    },
  );
});

test('an update takes what it changes from others, and a removal leaves it to nobody', () => {
  const created = update(undefined, web({ replicas: 1, paused: true }, { labels: { a: '1' } }), 'one', 't1');
  const updated = update(created, web({ replicas: 2 }, { labels: { a: '1', b: '2' } }), 'two', 't2');
  check(updated, {
    'one Update t1': { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
    'two Update t2': { 'f:metadata': { 'f:labels': { 'f:b': {} } }, 'f:spec': { 'f:replicas': {} } },
  });
});

test('a status writer has an entry of its own', () => {
  const created = update(undefined, web({ replicas: 1 }), 'kubectl', 't1');
  const updated = update(created, { ...created, status: { replicas: 1 } }, 'kube-controller-manager', 't2', 'status');
  check(updated, {
    'kubectl Update t1': { 'f:spec': { 'f:replicas': {} } },
    'kube-controller-manager Update status t2': { 'f:status': { 'f:replicas': {} } },
  });
});

test('what a client sends as managedFields counts, unless it is nothing or for a subresource', () => {
  const created = update(undefined, web({ replicas: 1 }), 'kubectl', 't1');
  const send = (managedFields: readonly ManagedFieldsEntry[], subresource?: string): string[] =>
    trackUpdate({
      previous: created,
      next: { ...created, metadata: { ...created.metadata, managedFields } },
      model,
      manager: by('me', subresource),
      time: 't2',
    }).map((one) => one.manager ?? '');
  expect([send([]), send([{}]), send([{}], 'status')]).toEqual([['kubectl'], [], ['kubectl']]);
});

test('fields that a request may not set are not owned by it', () => {
  const next = { ...web({ replicas: 1 }), status: { replicas: 3, conditions: [{ type: 'Available', status: 'True' }] } };
  const entries = trackUpdate({ previous: undefined, next, model, manager: by('me'), time: 't1', resetFields: [['status']] });
  expect(entries.map((one) => one.fieldsV1)).toEqual([{ 'f:spec': { 'f:replicas': {} } }]);
  const applied = applyConfiguration<Deployment>({
    live: undefined,
    config: next,
    model,
    manager: by('me'),
    time: 't1',
    force: false,
    resetFields: [['status']],
  });
  expect(applied.metadata.managedFields!.map((one) => one.fieldsV1)).toEqual([{ 'f:spec': { 'f:replicas': {} } }]);
});

test('more than ten updaters are joined', () => {
  let live = update(undefined, web({ replicas: 0 }), 'first', 't00');
  for (let i = 1; i <= 15; i++) {
    const labels = Object.fromEntries(Array.from({ length: i }, (_, k) => [`l${k}`, '1']));
    live = update(live, web({ replicas: 0 }, { labels }), `m${i}`, `t${String(i).padStart(2, '0')}`);
  }
  const names = live.metadata.managedFields!.map((one) => one.manager);
  expect(names).toHaveLength(10);
  expect(names[0]).toBe('ancient-changes');
});

test('entries are shared by objects of the same fields', () => {
  const [a, b] = [1, 2].map((replicas) => update(undefined, web({ replicas }), 'kubectl', 't1'));
  expect(a!.metadata.managedFields![0]!.fieldsV1).toBe(b!.metadata.managedFields![0]!.fieldsV1);
});

test('apply creates, owns what it names, and removes what it no longer names', () => {
  const live = apply(undefined, web({ replicas: 1, template }, { labels: { a: '1', b: '2' } }), 'me');
  expect(live.metadata.labels).toEqual({ a: '1', b: '2' });
  expect(live.metadata.managedFields![0]!.fieldsV1).toMatchObject({ 'f:metadata': { 'f:labels': { 'f:a': {}, 'f:b': {} } } });
  const next = apply(live, web({ template }, { labels: { b: '2' } }), 'me');
  expect(next.metadata.labels).toEqual({ b: '2' });
  expect(next.spec).toEqual({ template });
  expect(apply(next, web({ template }, { labels: { b: '2' } }), 'me')).toBe(next);
});

test('apply keeps what others own, though it no longer names it', () => {
  const mine = apply(undefined, web({ replicas: 1 }), 'me');
  const both = apply(mine, web({ replicas: 1 }), 'other');
  expect(apply(both, web({ paused: true }), 'me').spec).toEqual({ replicas: 1, paused: true });
});

test('apply refuses to take over fields of others, unless forced', () => {
  const live = update(undefined, web({ replicas: 1, template }), 'kubectl-create', 't1');
  let error: unknown;
  try {
    apply(live, web({ replicas: 2 }), 'me');
  } catch (caught) {
    error = caught;
  }
  expect(isConflict(error)).toBe(true);
  expect((error as StatusError).message).toBe('Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas');
  expect((error as StatusError).status.details?.causes).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-create" using apps/v1', field: '.spec.replicas' },
  ]);
  const changed = { replicas: 2, template: { spec: { containers: [{ name: 'a', image: 'a:2' }] } } };
  expect(() => apply(live, web(changed), 'me')).toThrow(
    'Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="a"].image',
  );
  const forced = apply(live, web({ replicas: 2 }), 'me', true);
  expect(forced.spec!.replicas).toBe(2);
  expect(forced.metadata.managedFields!.map((one) => one.manager)).toEqual(['me', 'kubectl-create']);
  expect(JSON.stringify(forced.metadata.managedFields![1]!.fieldsV1)).not.toContain('f:replicas');
});

test('apply merges lists by key, in its own order', () => {
  const live = update(
    undefined,
    web({
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'b', image: 'x' },
          ],
        },
      },
    }),
    'one',
    't1',
  );
  const applied = apply(
    live,
    web({
      template: {
        spec: {
          containers: [
            { name: 'c', image: 'x' },
            { name: 'a', image: 'x' },
          ],
        },
      },
    }),
    'me',
  );
  expect(
    (applied.spec as { template: { spec: { containers: { name: string }[] } } }).template.spec.containers.map((one) => one.name),
  ).toEqual(['c', 'a', 'b']);
});

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
const set = fc.array(path, { maxLength: 6 });

test('sets obey the laws of sets', () => {
  fc.assert(
    fc.property(set, set, (p, q) => {
      const [a, b] = [setOfPaths(p), setOfPaths(q)];
      expect(union(a, b)).toBe(union(b, a));
      expect(union(difference(a, b), intersection(a, b))).toBe(a);
      expect(intersection(difference(a, b), b)).toBe(emptySet);
      expect(difference(union(a, b), b)).toBe(difference(a, b));
      expect(setOfPaths([...p, ...q])).toBe(union(a, b));
    }),
  );
});

const config = fc
  .record(
    {
      replicas: fc.integer({ min: 0, max: 2 }),
      paused: fc.boolean(),
      labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'), { noNullPrototype: true, minKeys: 1 }),
    },
    { requiredKeys: [] },
  )
  .map(({ labels, ...spec }) => web(spec, labels ? { labels } : {}));

test('applying twice is applying once, and what was applied is there', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(config, fc.constantFrom('one', 'two')), { minLength: 1, maxLength: 5 }), (steps) => {
      let live: Deployment | undefined;
      for (const [one, manager] of steps) {
        live = apply(live, one, manager, true);
        expect(live).toMatchObject({ spec: one.spec ?? {}, metadata: one.metadata });
        expect(apply(live, one, manager)).toBe(live);
      }
    }),
  );
});
