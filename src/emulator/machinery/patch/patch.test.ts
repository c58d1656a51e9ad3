import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../deep-freeze.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch, createMergePatch, createThreeWayJsonMergePatch } from './merge-patch.ts';
import { PatchError } from './patch-error.ts';
import recorded from './recorded.json';
import { createThreeWayStrategicMergePatch, createTwoWayStrategicMergePatch } from './strategic-merge-diff.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

interface Case {
  readonly name: string;
  readonly type: string;
  readonly object: object;
  readonly patch: unknown;
  readonly result?: object;
  readonly error?: string;
}

const model = 'Deployment';

function check({ type, object, patch, result, error }: Case): void {
  deepFreeze(object);
  deepFreeze(patch);
  const apply = (): unknown =>
    type === 'json'
      ? applyJsonPatch(object, patch)
      : type === 'merge'
        ? applyMergePatch(object, patch)
        : applyStrategicMergePatch(object, patch, model);
  if (error === undefined) expect(apply()).toEqual(result);
  else {
    expect(apply).toThrow(PatchError);
    expect(apply).toThrow(error);
  }
}

/** What kubectl v1.33 printed for `kubectl patch --local`. */
describe('applies as kubectl does', () => {
  test.each((recorded as Case[]).map((one) => [one.name, one] as const))('%s', (_name, one) => check(one));
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const container = fc.record(
  {
    image: fc.constantFrom('x', 'y'),
    args: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
    env: fc.uniqueArray(fc.record({ name, value: fc.constantFrom('1', '2') }), { selector: (one) => one.name, maxLength: 3 }),
  },
  { requiredKeys: ['image'] },
);
const spec = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 3 }),
    paused: fc.boolean(),
    containers: fc.uniqueArray(fc.tuple(name, container), { selector: ([one]) => one, minLength: 1, maxLength: 4 }),
    labels: fc.dictionary(name, fc.constantFrom('1', '2'), { noNullPrototype: true }),
  },
  { requiredKeys: ['containers'] },
);
const deployment = spec.map(({ containers, labels, ...rest }) =>
  deepFreeze({
    metadata: { name: 'web', ...(labels ? { labels } : {}) },
    spec: { ...rest, template: { spec: { containers: containers.map(([id, one]) => ({ name: id, ...one })) } } },
  }),
);

test('a two-way patch makes the modified of the original', () => {
  fc.assert(
    fc.property(deployment, deployment, (original, modified) => {
      const patch = createTwoWayStrategicMergePatch(original, modified, model);
      expect(applyStrategicMergePatch(original, patch, model)).toEqual(modified);
      expect(applyMergePatch(original, createMergePatch(original, modified))).toEqual(modified);
    }),
  );
});

test('a three-way patch with what was applied last as current makes the modified, and applying it twice changes nothing', () => {
  fc.assert(
    fc.property(deployment, deployment, (original, modified) => {
      const once = applyStrategicMergePatch(
        original,
        createThreeWayStrategicMergePatch({ original, modified, current: original, model }),
        model,
      );
      expect(once).toEqual(modified);
      expect(createThreeWayStrategicMergePatch({ original: modified, modified, current: once, model })).toEqual({});
      const merged = applyMergePatch(original, createThreeWayJsonMergePatch(original, modified, original));
      expect(merged).toEqual(modified);
    }),
  );
});

test('a three-way patch keeps what others added', () => {
  const original = {
    spec: {
      replicas: 1,
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'b', image: 'x' },
          ],
        },
      },
    },
  };
  const current = {
    spec: {
      replicas: 5,
      paused: true,
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'b', image: 'x' },
            { name: 'sidecar', image: 's' },
          ],
        },
      },
    },
  };
  const modified = { spec: { template: { spec: { containers: [{ name: 'a', image: 'y' }] } } } };
  const patch = createThreeWayStrategicMergePatch({ original, modified, current, model });
  expect(patch).toEqual({
    spec: {
      replicas: null,
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'a' }],
          containers: [
            { name: 'a', image: 'y' },
            { name: 'b', $patch: 'delete' },
          ],
        },
      },
    },
  });
  const result = applyStrategicMergePatch(current, patch, model);
  expect(result).toEqual({
    spec: {
      paused: true,
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'y' },
            { name: 'sidecar', image: 's' },
          ],
        },
      },
    },
  });
});

test('shares what it does not change', () => {
  const object = deepFreeze({
    metadata: { labels: { a: 'b' } },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'a' }, { name: 'b' }] } } },
  });
  const patched = applyStrategicMergePatch(object, { spec: { template: { spec: { containers: [{ name: 'b', image: 'x' }] } } } }, model);
  expect(patched.metadata).toBe(object.metadata);
  expect(patched.spec.template.spec.containers[0]).toBe(object.spec.template.spec.containers[0]);
  expect(applyStrategicMergePatch(object, { spec: { replicas: 1 } }, model)).toBe(object);
});
