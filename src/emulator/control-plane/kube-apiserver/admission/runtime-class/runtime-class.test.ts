import { describe, expect, test } from 'vitest';
import { pods } from '../../../../api/core/pod.ts';
import { serviceAccounts } from '../../../../api/core/service-account.ts';
import type { Pod } from '../../../../api/generated/types.ts';
import type { Kind } from '../../../../api/kind.ts';
import { runtimeClasses } from '../../../../api/node/runtime-class.ts';
import { createErrors, updateErrors } from '../../../../api/testing.ts';
import { createTestControlPlane } from '../../testing.ts';

function setUp() {
  const plane = createTestControlPlane();
  const create = (kind: unknown, object: object, namespace?: string) =>
    plane.run(plane.admin.call({ verb: 'create', kind: kind as Kind, namespace, object }));
  create(serviceAccounts, { metadata: { name: 'default' } }, 'default');
  create(runtimeClasses, {
    metadata: { name: 'gvisor' },
    handler: 'runsc',
    overhead: { podFixed: { memory: '120Mi', cpu: '250m' } },
    scheduling: { nodeSelector: { runtime: 'gvisor' }, tolerations: [{ key: 'gvisor', operator: 'Exists' }] },
  });
  create(runtimeClasses, { metadata: { name: 'plain' }, handler: 'runc' });
  return (spec: object) =>
    create(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } }, 'default') as Pod;
}

test('a Pod gets what its class says', () => {
  const { spec } = setUp()({ runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a', operator: 'Exists' }] });
  expect(spec).toMatchObject({
    overhead: { memory: '120Mi', cpu: '250m' },
    nodeSelector: { disk: 'ssd', runtime: 'gvisor' },
    tolerations: expect.arrayContaining([
      { key: 'a', operator: 'Exists' },
      { key: 'gvisor', operator: 'Exists' },
    ]),
  });
  expect(setUp()({ runtimeClassName: 'plain' }).spec.overhead).toBeUndefined();
});

test.each([
  { name: 'an unknown class', spec: { runtimeClassName: 'kata' }, want: 'pod rejected: RuntimeClass "kata" not found' },
  {
    name: 'overhead of one’s own',
    spec: { overhead: { cpu: '1' } },
    want: 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  },
  {
    name: 'another overhead',
    spec: { runtimeClassName: 'gvisor', overhead: { cpu: '1' } },
    want: "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  },
  {
    name: 'another node',
    spec: { runtimeClassName: 'gvisor', nodeSelector: { runtime: 'runc' } },
    want: 'conflict: runtimeClass.scheduling.nodeSelector[runtime] = gvisor; pod.spec.nodeSelector[runtime] = runc',
  },
])('refused: $name', ({ spec, want }) => {
  expect(() => setUp()(spec)).toThrow(want);
});

describe('validation', () => {
  test('of a new class', () => {
    const tolerations = [{ operator: 'Exists' }, { operator: 'Exists' }];
    expect(createErrors(runtimeClasses, { handler: 'Run C', overhead: { podFixed: { cpu: '-1' } }, scheduling: { tolerations } })).toEqual([
      expect.stringContaining('handler: Invalid value: "Run C": a lowercase RFC 1123 label must consist of'),
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'scheduling.tolerations[1]: Duplicate value: {"Key":"","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}',
    ]);
  });

  test('of a change: the handler stays', () => {
    expect(updateErrors(runtimeClasses, { handler: 'a' }, { handler: 'b' })).toEqual(['handler: Invalid value: "b": field is immutable']);
  });
});
