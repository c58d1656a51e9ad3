import { describe, expect, test } from 'vitest';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, updateErrors } from '../testing.ts';
import { limitRanges } from './limit-range.ts';
import { resourceQuotas } from './resource-quota.ts';

const limit = (item: object) => ({ spec: { limits: [item] } });

test('a LimitRange fills in what follows from the rest', () => {
  const { spec } = finished(limitRanges, limit({ type: 'Container', max: { cpu: '1' }, min: { cpu: '100m', memory: '1024Ki' } }));
  const [item] = spec!.limits!;
  expect(item).toEqual({
    type: 'Container',
    max: { cpu: '1' },
    min: { cpu: '100m', memory: '1Mi' },
    default: { cpu: '1' },
    defaultRequest: { cpu: '1', memory: '1Mi' },
  });
});

describe('validation', () => {
  test.each<{ name: string; kind: Kind; body: object; want: readonly string[] }>([
    {
      name: 'a limit of no type',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'Node' }),
      want: ['spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified'],
    },
    {
      name: 'a type twice',
      kind: limitRanges as unknown as Kind,
      body: { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }] } },
      want: ['spec.limits[1].type: Duplicate value: "Pod"'],
    },
    {
      name: 'a minimum above the maximum',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }),
      want: ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    },
    {
      name: 'a request above the limit',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '700m' } }),
      want: [
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "700m": default request value 700m is greater than default limit value 500m',
      ],
    },
    {
      name: 'defaults of a Pod',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'Pod', default: { cpu: '1' } }),
      want: ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    },
    {
      name: 'claims without bounds',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'PersistentVolumeClaim' }),
      want: ['spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided'],
    },
    {
      name: 'an impossible ratio',
      kind: limitRanges as unknown as Kind,
      body: limit({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
      want: ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
    },
    {
      name: 'a quota of nothing known',
      kind: resourceQuotas as unknown as Kind,
      body: { spec: { hard: { widgets: '1' } } },
      want: [
        'spec.hard[widgets]: Invalid value: "widgets": must be a standard resource type or fully qualified',
        'spec.hard[widgets]: Invalid value: "widgets": must be a standard resource for quota',
      ],
    },
    {
      name: 'a negative quota',
      kind: resourceQuotas as unknown as Kind,
      body: { spec: { hard: { 'count/deployments.apps': '-1' } } },
      want: ['spec.hard[count/deployments.apps]: Invalid value: "-1": must be greater than or equal to 0'],
    },
    {
      name: 'scopes that exclude each other',
      kind: resourceQuotas as unknown as Kind,
      body: { spec: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] } },
      want: ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    },
    {
      name: 'CPU of those that ask for none',
      kind: resourceQuotas as unknown as Kind,
      body: { spec: { hard: { cpu: '1' }, scopes: ['BestEffort'] } },
      want: ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    },
    {
      name: 'a class in a list of none',
      kind: resourceQuotas as unknown as Kind,
      body: { spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } } },
      want: [
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    },
  ])('$name', ({ kind, body, want }) => expect(createErrors(kind, body)).toEqual(want));

  test('the scopes of a quota stay', () => {
    expect(
      updateErrors(resourceQuotas, { spec: { hard: { pods: '1' } } }, { spec: { hard: { pods: '1' }, scopes: ['Terminating'] } }),
    ).toEqual(['spec.scopes: Invalid value: ["Terminating"]: field is immutable']);
  });
});

test('a row of a quota', () => {
  const status = { hard: { 'requests.cpu': '1', pods: '4', 'limits.cpu': '2' }, used: { pods: '2', 'limits.cpu': '500m' } };
  expect(row(resourceQuotas, { spec: { hard: status.hard }, status })).toMatchObject({
    Request: 'pods: 2/4, requests.cpu: 0/1',
    Limit: 'limits.cpu: 500m/2',
    Age: '5m',
  });
});
