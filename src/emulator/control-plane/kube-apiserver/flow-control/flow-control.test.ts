import { describe, expect, test } from 'vitest';
import { flowSchemas } from '../../../api/flowcontrol/flow-schema.ts';
import { priorityLevelConfigurations } from '../../../api/flowcontrol/priority-level-configuration.ts';
import type { FlowSchema } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import { createErrors, row } from '../../../api/testing.ts';
import type { Attributes } from '../authorization/index.ts';
import { createTestControlPlane } from '../testing.ts';

const none = { version: '', subresource: '', namespace: '', name: '', path: '', group: '', resource: '' };
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
const rule = (group: string) => ({ subjects: [{ kind: 'Group', group: { name: group } }], resourceRules: [everything] });
const schema = (level: string, more: object = {}) => ({
  spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence: 50, rules: [rule('team')], ...more },
});
const limited = { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } };

function setUp() {
  const plane = createTestControlPlane();
  const call = (verb: 'create' | 'delete' | 'update', kind: unknown, name: string, object?: object) =>
    plane.run(plane.admin.call({ verb, kind: kind as Kind, name, object: object && { metadata: { name }, ...object } }));
  const get = (name: string) => plane.run(plane.admin.call({ verb: 'get', kind: flowSchemas, name })) as FlowSchema;
  const levelOf = (attributes: Attributes): string | undefined => {
    const uid = plane.server.flowControl.classify(attributes)?.headers['x-kubernetes-pf-flowschema-uid'];
    const all = plane.server.store('flowschemas', 'flowcontrol.apiserver.k8s.io/v1').list('');
    return all.map(({ value }) => value as FlowSchema).find(({ metadata }) => metadata.uid === uid)?.metadata.name;
  };
  return { plane, call, get, levelOf };
}

describe('requests belong to schemas', () => {
  const { levelOf } = setUp();
  const ask = (name: string, groups: readonly string[], more: object): string | undefined =>
    levelOf({ ...none, verb: 'get', user: { name, groups: [...groups, 'system:authenticated'] }, ...more } as Attributes);

  test.each([
    { name: 'an administrator', got: ask('admin', ['system:masters'], { resource: 'pods' }), want: 'exempt' },
    { name: 'a health check', got: ask('anybody', [], { path: '/livez' }), want: 'probes' },
    { name: 'a kubelet', got: ask('system:node:n', ['system:nodes'], { resource: 'pods', namespace: 'a' }), want: 'system-nodes' },
    {
      name: 'a kubelet about its Node',
      got: ask('system:node:n', ['system:nodes'], { resource: 'nodes', subresource: 'status' }),
      want: 'system-node-high',
    },
    {
      name: 'the scheduler’s lease',
      got: ask('system:kube-scheduler', [], { resource: 'leases', group: 'coordination.k8s.io', namespace: 'kube-system', verb: 'update' }),
      want: 'system-leader-election',
    },
    { name: 'the scheduler', got: ask('system:kube-scheduler', [], { resource: 'pods' }), want: 'kube-scheduler' },
    {
      name: 'a controller',
      got: ask('system:serviceaccount:kube-system:x', ['system:serviceaccounts'], { resource: 'pods' }),
      want: 'kube-system-service-accounts',
    },
    {
      name: 'a Pod',
      got: ask('system:serviceaccount:default:x', ['system:serviceaccounts'], { resource: 'pods' }),
      want: 'service-accounts',
    },
    { name: 'a user', got: ask('jane', [], { resource: 'pods' }), want: 'global-default' },
  ])('$name', ({ got, want }) => expect(got).toBe(want));
});

test('a schema says whether its level exists', () => {
  const { plane, call, get, levelOf } = setUp();
  call('create', flowSchemas, 'team', schema('gold'));
  expect(row(flowSchemas, get('team'))).toMatchObject({
    PriorityLevel: 'gold',
    MatchingPrecedence: 50,
    DistinguisherMethod: '<none>',
    MissingPL: 'True',
  });
  const asked = { ...none, verb: 'get', resource: 'pods', user: { name: 'j', groups: ['team'] } } as Attributes;
  expect(plane.server.flowControl.classify(asked)).toBeUndefined();
  call('create', priorityLevelConfigurations, 'gold', { spec: limited });
  expect(get('team').status?.conditions).toMatchObject([{ type: 'Dangling', status: 'False', reason: 'Found' }]);
  expect(levelOf(asked)).toBe('team');
});

describe('a rule is meant for', () => {
  const only = (subject: object, more: object = {}) => [{ subjects: [subject], resourceRules: [{ ...everything, ...more }] }];
  const account = { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'x' } };
  test.each<{ readonly name: string; readonly rules: object; readonly asked: object; readonly isMeant: boolean }>([
    { name: 'a user', rules: only({ kind: 'User', user: { name: 'jane' } }), asked: { user: { name: 'jane', groups: [] } }, isMeant: true },
    {
      name: 'no other user',
      rules: only({ kind: 'User', user: { name: 'jane' } }),
      asked: { user: { name: 'joe', groups: [] } },
      isMeant: false,
    },
    { name: 'an account', rules: only(account), asked: { user: { name: 'system:serviceaccount:a:x', groups: [] } }, isMeant: true },
    { name: 'no other account', rules: only(account), asked: { user: { name: 'system:serviceaccount:a:y', groups: [] } }, isMeant: false },
    {
      name: 'no account elsewhere',
      rules: only(account),
      asked: { user: { name: 'system:serviceaccount:b:x', groups: [] } },
      isMeant: false,
    },
    {
      name: 'no other namespace',
      rules: only({ kind: 'Group', group: { name: 'team' } }, { namespaces: ['a'] }),
      asked: { user: { name: 'j', groups: ['team'] }, namespace: 'b' },
      isMeant: false,
    },
    {
      name: 'a namespace',
      rules: only({ kind: 'Group', group: { name: 'team' } }, { namespaces: ['a'] }),
      asked: { user: { name: 'j', groups: ['team'] }, namespace: 'a' },
      isMeant: true,
    },
  ])('$name', ({ rules, asked, isMeant }) => {
    const { call, levelOf } = setUp();
    call('create', priorityLevelConfigurations, 'gold', { spec: limited });
    call('create', flowSchemas, 'own', schema('gold', { rules }));
    expect(levelOf({ ...none, verb: 'get', resource: 'pods', ...asked } as Attributes) === 'own').toBe(isMeant);
  });

  test.each([
    { by: 'ByUser', want: 'j' },
    { by: 'ByNamespace', want: 'a' },
  ])('$by tells its flows apart', ({ by, want }) => {
    const { plane, call } = setUp();
    call('create', priorityLevelConfigurations, 'gold', { spec: limited });
    call('create', flowSchemas, 'own', schema('gold', { distinguisherMethod: { type: by } }));
    const asked = { ...none, verb: 'get', resource: 'pods', namespace: 'a', user: { name: 'j', groups: ['team'] } } as Attributes;
    expect(plane.server.flowControl.classify(asked)?.flow).toBe(want);
  });
});

test('what every cluster has comes back', () => {
  const { plane, call, get } = setUp();
  call('delete', flowSchemas, 'probes');
  expect(() => get('probes')).toThrow('not found');
  const own = get('service-accounts');
  call('update', flowSchemas, 'service-accounts', { ...own, spec: { ...own.spec!, matchingPrecedence: 8000 } });
  plane.advance(61_000);
  expect([get('probes').spec?.matchingPrecedence, get('service-accounts').spec?.matchingPrecedence]).toEqual([2, 9000]);
});

test.each<{ name: string; kind: unknown; body: object; want: readonly string[] }>([
  {
    name: 'no level',
    kind: flowSchemas,
    body: schema(''),
    want: ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
  },
  {
    name: 'the first precedence',
    kind: flowSchemas,
    body: schema('exempt', { matchingPrecedence: 1 }),
    want: ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  },
  {
    name: 'nobody, and nothing',
    kind: flowSchemas,
    body: schema('exempt', { rules: [{}] }),
    want: [
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  },
  {
    name: 'a user who is a group',
    kind: flowSchemas,
    body: schema('exempt', { rules: [{ ...rule('g'), subjects: [{ kind: 'User', group: { name: 'g' } }] }] }),
    want: [
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
  },
  {
    name: 'another exempt level',
    kind: priorityLevelConfigurations,
    body: { spec: { type: 'Exempt' } },
    want: ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
  },
  {
    name: 'a queue without queues',
    kind: priorityLevelConfigurations,
    body: { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue' } } } },
    want: ['spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited'],
  },
  { name: 'nothing else', kind: priorityLevelConfigurations, body: { spec: limited }, want: [] },
])('validation: $name', ({ kind, body, want }) => expect(createErrors(kind as Kind, body)).toEqual(want));
