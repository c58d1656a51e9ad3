import { expect, test } from 'vitest';
import type { ApiObject } from '../../../machinery/objects.ts';
import { repaired } from './rbac.ts';

const all = { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list'] };
const rule = (verb: string, resource: string): object => ({ verbs: [verb], apiGroups: [''], resources: [resource] });
const role = (rules: readonly object[], more: object = {}): ApiObject =>
  ({ metadata: { name: 'r', annotations: {}, labels: {} }, rules, ...more }) as unknown as ApiObject;

test.each([
  { name: 'nothing lacks', rules: [all], want: undefined },
  { name: 'it has more', rules: [{ ...all, verbs: ['*'] }], want: undefined },
  { name: 'several rules hold it together', rules: [rule('*', 'pods'), rule('get', '*'), rule('list', 'services')], want: undefined },
  {
    name: 'a verb is gone',
    rules: [{ ...all, verbs: ['get'] }],
    want: [{ ...all, verbs: ['get'] }, rule('list', 'pods'), rule('list', 'services')],
  },
  { name: 'all is gone', rules: [], want: [rule('get', 'pods'), rule('get', 'services'), rule('list', 'pods'), rule('list', 'services')] },
])('of a role that the server keeps, the parts that lack come back: $name', ({ rules, want }) => {
  expect((repaired(role(rules), role([all])) as { rules?: unknown } | undefined)?.rules).toEqual(want);
});

test('a role whose owner asked for it is left alone', () => {
  const metadata = { name: 'r', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } };
  expect(repaired(role([], { metadata }), role([all]))).toBeUndefined();
});

test('a role that gathers its rules keeps them', () => {
  const aggregationRule = { clusterRoleSelectors: [{}] };
  expect(repaired(role([rule('get', 'pods')], { aggregationRule }), role([all], { aggregationRule }))).toBeUndefined();
});
