import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Claims } from '../../../machinery/jwt/index.ts';
import type { UserInfo } from '../request.ts';
import { userOf } from './claims.ts';
import type { AuthenticationConfiguration } from './jwt-configuration.ts';
import { readAuthenticationConfiguration } from './jwt-configuration.ts';

const own = ['https://kubernetes.default.svc'];
const issuer = { url: 'https://login.example.com', audiences: ['k8s'] };
const username = { claim: 'sub', prefix: '' };

const read = (file: object): AuthenticationConfiguration =>
  readAuthenticationConfiguration(
    stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', ...file }),
    own,
  );
const jwt = (more: object = {}): object => ({ jwt: [{ issuer, claimMappings: { username }, ...more }] });

test.each([
  { name: 'nothing', text: '', error: 'empty config data' },
  { name: 'another kind', text: 'kind: Pod\napiVersion: v1\n', error: 'no kind "Pod" is registered for version "v1"' },
  {
    name: 'a misspelt field',
    text: 'kind: AuthenticationConfiguration\napiVersion: apiserver.config.k8s.io/v1\njwts: []\n',
    error: 'strict decoding error: unknown field "jwts"',
  },
])('is no configuration: $name', ({ text, error }) => {
  expect(() => readAuthenticationConfiguration(text, own)).toThrow(error);
});

test.each([
  {
    name: 'no issuer',
    file: jwt({ issuer: {} }),
    error: '[jwt[0].issuer.url: Required value, jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required]',
  },
  {
    name: 'plain HTTP',
    file: jwt({ issuer: { ...issuer, url: 'http://x' } }),
    error: 'jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https',
  },
  {
    name: 'the cluster itself',
    file: jwt({ issuer: { ...issuer, url: own[0] } }),
    error: 'URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]',
  },
  { name: 'a query', file: jwt({ issuer: { ...issuer, url: 'https://x?a=b' } }), error: 'URL must not contain a query' },
  {
    name: 'two audiences',
    file: jwt({ issuer: { ...issuer, audiences: ['a', 'b'] } }),
    error: 'audienceMatchPolicy must be MatchAny for multiple audiences',
  },
  {
    name: 'no certificate',
    file: jwt({ issuer: { ...issuer, certificateAuthority: 'x' } }),
    error: 'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>"',
  },
  {
    name: 'a discovery URL that is no other',
    file: jwt({ issuer: { ...issuer, discoveryURL: `${issuer.url}/` } }),
    error: 'discoveryURL must be different from URL',
  },
  {
    name: 'one issuer twice',
    file: { jwt: [1, 2].map(() => ({ issuer, claimMappings: { username } })) },
    error: 'jwt[1].issuer.url: Duplicate value: "https://login.example.com"',
  },
  {
    name: 'no name',
    file: jwt({ claimMappings: {} }),
    error: 'jwt[0].claimMappings.username: Required value: claim or expression is required',
  },
  {
    name: 'a claim without a prefix',
    file: jwt({ claimMappings: { username: { claim: 'sub' } } }),
    error: 'username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
  },
  {
    name: 'an expression with a prefix',
    file: jwt({ claimMappings: { username: { expression: 'claims.sub', prefix: 'a' } } }),
    error: 'username.prefix: Invalid value: "a": may not be specified when expression is set',
  },
  {
    name: 'no expression',
    file: jwt({ claimMappings: { username: { expression: 'claims.' } } }),
    error: 'jwt[0].claimMappings.username.expression: Invalid value: "claims.": compilation failed: ERROR: <input>:1:',
  },
  {
    name: 'an address that nobody has verified',
    file: jwt({ claimMappings: { username: { expression: 'claims.email' } } }),
    error: 'claims.email_verified must be used in',
  },
  {
    name: 'a rule that is no yes or no',
    file: jwt({ claimValidationRules: [{ expression: '"a"' }] }),
    error: 'claimValidationRules[0].expression: Invalid value: "\\"a\\"": must evaluate to bool',
  },
  {
    name: 'a rule of both sorts',
    file: jwt({ claimValidationRules: [{ claim: 'a', expression: 'true' }] }),
    error: 'claimValidationRules[0]: Invalid value: "a": claim and expression can\'t both be set',
  },
  {
    name: 'an empty rule',
    file: jwt({ userValidationRules: [{ message: 'x' }] }),
    error: 'userValidationRules[0].expression: Required value',
  },
  {
    name: 'a rule about what a user does not have',
    file: jwt({ userValidationRules: [{ expression: 'user.email == ""' }] }),
    error: "undefined field 'email'",
  },
  {
    name: 'an extra of the cluster',
    file: jwt({ claimMappings: { username, extra: [{ key: 'a.k8s.io/b', valueExpression: '"x"' }] } }),
    error: 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
  },
  {
    name: 'conditions for what is off',
    file: { anonymous: { enabled: false, conditions: [{ path: '/livez' }] } },
    error: 'anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined',
  },
])('refuses: $name', ({ file, error }) => {
  expect(() => read(file)).toThrow(error);
});

test('anonymous access: everywhere, nowhere, at some paths, or as the flag says', () => {
  const anonymous = (value?: object) => read({ anonymous: value }).anonymous;
  expect(anonymous()).toBeUndefined();
  expect(anonymous({ enabled: false })).toEqual({ isEnabled: false, paths: [] });
  expect(anonymous({ enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }] })).toEqual({
    isEnabled: true,
    paths: ['/livez', '/readyz'],
  });
});

describe('a user of claims', () => {
  const claims: Claims = {
    sub: 'u-1',
    email: 'jane@example.com',
    email_verified: true,
    groups: ['dev', ''],
    role: 'admin',
    jti: 'j1',
    level: 3,
  };
  const user = (more: object): UserInfo => userOf(read(jwt(more)).issuers[0]!, claims);

  test.each([
    {
      name: 'claims with prefixes',
      mappings: { username: { claim: 'email', prefix: 'acme:' }, groups: { claim: 'role', prefix: 'role:' }, uid: { claim: 'sub' } },
      want: { name: 'acme:jane@example.com', groups: ['role:admin'], uid: 'u-1' },
    },
    {
      name: 'expressions',
      mappings: {
        username: { expression: 'claims.email_verified ? claims.email.split("@")[0] : claims.sub' },
        groups: { expression: 'claims.groups.map(g, "acme:" + g)' },
        uid: { expression: '"id-" + claims.sub' },
        extra: [
          { key: 'example.com/role', valueExpression: 'claims.role' },
          { key: 'example.com/none', valueExpression: '""' },
        ],
      },
      want: {
        name: 'jane',
        groups: ['acme:dev', 'acme:'],
        uid: 'id-u-1',
        extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j1'], 'example.com/role': ['admin'] },
      },
    },
    {
      name: 'empty groups are left out',
      mappings: { username, groups: { expression: 'claims.groups' } },
      want: { name: 'u-1', groups: ['dev'] },
    },
  ])('$name', ({ mappings, want }) => {
    expect(user({ claimMappings: mappings })).toEqual({ extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j1'] }, ...want });
  });

  test.each([
    {
      name: 'a required claim that is missing',
      more: { claimValidationRules: [{ claim: 'team', requiredValue: 'a' }] },
      error: 'oidc: required claim team not present in ID token',
    },
    {
      name: 'a required claim of another value',
      more: { claimValidationRules: [{ claim: 'role', requiredValue: 'a' }] },
      error: 'oidc: required claim role value does not match. Got = admin, want = a',
    },
    {
      name: 'a rule about claims',
      more: { claimValidationRules: [{ expression: 'claims.level > 3', message: 'too low' }] },
      error: "oidc: error evaluating claim validation expression: validation expression 'claims.level > 3' failed: too low",
    },
    {
      name: 'a rule about the user',
      more: { userValidationRules: [{ expression: "!user.username.startsWith('u-')", message: 'reserved' }] },
      error: "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('u-')' failed: reserved",
    },
    {
      name: 'a claim that is not there',
      more: { claimValidationRules: [{ expression: 'claims.nix == 1' }] },
      error: 'oidc: error evaluating claim validation expression: no such key: nix',
    },
    {
      name: 'a name that is no text',
      more: { claimMappings: { username: { expression: 'claims.level' } } },
      error: 'username claim expression must return a string',
    },
    {
      name: 'an empty name',
      more: { claimMappings: { username: { expression: '""' } } },
      error: 'oidc: empty username via CEL expression is not allowed',
    },
    {
      name: 'groups of numbers',
      more: { claimMappings: { username, groups: { expression: '[claims.level]' } } },
      error: 'expression must return a string or a list of strings',
    },
  ])('is nobody: $name', ({ more, error }) => {
    expect(() => user(more)).toThrow(error);
  });
});
