import { expect, test } from 'vitest';
import { judgeAccess } from './access.ts';
import { readRules } from './rules.ts';

const account = 'system:serviceaccount:shop:web';

test.each([
  { name: 'nothing is said of it', rules: ['allow-access=ann:get:pods'], user: 'bo', want: 'no opinion' },
  { name: 'a rule names it', rules: ['allow-access=ann:get:pods'], user: 'ann', want: 'allowed' },
  { name: 'a refusal counts more', rules: ['allow-access=*:*:*', 'deny-access=*:get:pods'], user: 'ann', want: 'denied' },
  { name: 'names have colons', rules: [`deny-access=${account}:get:pods`], user: account, want: 'denied' },
  { name: 'a name is not its beginning', rules: ['deny-access=system:get:pods'], user: account, want: 'no opinion' },
])('$name', ({ rules, user, want }) => {
  const review = {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec: { user, resourceAttributes: { verb: 'get', resource: 'pods' } },
  };
  const { status, line } = judgeAccess(review, readRules(rules));
  expect([line, status.allowed, status.denied ?? false]).toEqual([
    `access ${user} get pods: ${want}`,
    want === 'allowed',
    want === 'denied',
  ]);
});
