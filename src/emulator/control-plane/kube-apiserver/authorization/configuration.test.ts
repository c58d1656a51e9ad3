import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readAuthorizationConfiguration } from './configuration.ts';
import type { ConfiguredAuthorizer } from './configuration.ts';

const files = { exists: (path: string) => path !== '/none', backend: (path: string) => ({ url: `https://${path}` }) };
const read = (authorizers: readonly object[], required: readonly string[] = []): readonly ConfiguredAuthorizer[] =>
  readAuthorizationConfiguration(
    stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthorizationConfiguration', authorizers }),
    files,
    required,
  );
const settings = {
  timeout: '3s',
  subjectAccessReviewVersion: 'v1',
  failurePolicy: 'Deny',
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/kube' },
};
const webhook = (more: object = {}, name = 'house'): object => ({ type: 'Webhook', name, webhook: { ...settings, ...more } });
const conditions = (...expressions: readonly string[]): object => ({
  matchConditionSubjectAccessReviewVersion: 'v1',
  matchConditions: expressions.map((expression) => ({ expression })),
});

test('names who is asked, in order, with what is said when nothing is said', () => {
  const authorizers = read([
    webhook(conditions("request.user != 'root'")),
    { type: 'Node', name: 'node' },
    { type: 'RBAC', name: 'rbac' },
    webhook({ authorizedTTL: '1m', cacheUnauthorizedRequests: false, failurePolicy: 'NoOpinion' }, 'second'),
  ]);
  expect(
    authorizers.map((one) => (one.type === 'Webhook' ? { ...one.webhook, conditions: one.webhook.conditions.length } : one.type)),
  ).toEqual([
    {
      name: 'house',
      version: 'v1',
      timeoutMs: 3000,
      allowMs: 300_000,
      denyMs: 30_000,
      failurePolicy: 'Deny',
      backend: { url: 'https:///kube' },
      conditions: 1,
    },
    'Node',
    'RBAC',
    {
      name: 'second',
      version: 'v1',
      timeoutMs: 3000,
      allowMs: 60_000,
      denyMs: 0,
      failurePolicy: 'NoOpinion',
      backend: { url: 'https:///kube' },
      conditions: 0,
    },
  ]);
});

const at = 'authorizers[0]';
test.each([
  { name: 'nobody', authorizers: [], error: 'authorizers: Required value: at least one authorization mode must be defined' },
  { name: 'one without a type', authorizers: [{ name: 'x' }], error: `${at}.type: Required value` },
  {
    name: 'one of an unknown type',
    authorizers: [{ type: 'Rbac', name: 'rbac' }],
    error: `${at}.type: Unsupported value: "Rbac": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"`,
  },
  {
    name: 'the same twice',
    authorizers: [
      { type: 'RBAC', name: 'rbac' },
      { type: 'RBAC', name: 'more' },
    ],
    error: 'authorizers[1].type: Duplicate value: "RBAC"',
  },
  {
    name: 'two of one name',
    authorizers: [webhook(), webhook()],
    error: 'authorizers[1].name: Duplicate value: "house"',
  },
  {
    name: 'another name than its own',
    authorizers: [{ type: 'RBAC', name: 'roles' }],
    error: 'expected name rbac for authorizer RBAC instead of roles',
  },
  {
    name: 'a webhook that is none',
    authorizers: [{ type: 'RBAC', name: 'rbac', webhook: settings }],
    error: `${at}.webhook: Invalid value: "non-null": may only be specified when type=Webhook`,
  },
  {
    name: 'a webhook of which nothing is known',
    authorizers: [{ type: 'Webhook', name: 'x' }],
    error: `${at}.webhook: Required value: required when type=Webhook`,
  },
  {
    name: 'a webhook without the fields that have no default',
    authorizers: [{ type: 'Webhook', name: 'x', webhook: {} }],
    error: `[${at}.subjectAccessReviewVersion: Required value, ${at}.timeout: Required value, ${at}.failurePolicy: Required value, ${at}.connectionInfo.type: Required value]`,
  },
  {
    name: 'a long timeout',
    authorizers: [webhook({ timeout: '1m' })],
    error: `${at}.timeout: Invalid value: "1m0s": must be > 0s and <= 30s`,
  },
  {
    name: 'a file that is not there',
    authorizers: [webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/none' } })],
    error: `${at}.connectionInfo.kubeConfigFile: Invalid value: "/none": error loading file: stat /none: no such file or directory`,
  },
  {
    name: 'a condition that is no truth',
    authorizers: [webhook(conditions('request.user'))],
    error: `${at}.matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string`,
  },
  {
    name: 'a condition about a field that is none',
    authorizers: [webhook(conditions('request.usr == "a"'))],
    error: 'compilation failed: ERROR: <input>:1:8: undefined field',
  },
  {
    name: 'a condition without a version',
    authorizers: [webhook({ matchConditions: [{ expression: 'true' }] })],
    error: `${at}.matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified`,
  },
  {
    name: 'a misspelt field',
    authorizers: [{ typ: 'RBAC' }],
    error: 'failed to load AuthorizationConfiguration from file: strict decoding error: unknown field "authorizers[0].typ"',
  },
])('refuses $name', ({ authorizers, error }) => {
  expect(() => read(authorizers)).toThrow(error);
});

test('whoever was there at the start must stay', () => {
  expect(() => read([webhook()], ['RBAC', 'Node'])).toThrow('missing required types: [Node RBAC]');
});
