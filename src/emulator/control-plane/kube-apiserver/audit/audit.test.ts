import { describe, expect, test } from 'vitest';
import { configMaps } from '../../../api/core/config-map.ts';
import { noBytes, utf8 } from '../../../kernel/index.ts';
import type { OpenFile } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import { Random, unixMs } from '../../../kernel/index.ts';
import { createTestControlPlane } from '../testing.ts';
import { configFor } from './policy.ts';
import type { AuditPolicy, PolicyRule } from './policy.ts';
import { readAuditPolicy } from './policy-file.ts';

const asked = {
  user: { name: 'jane', groups: ['devs', 'system:authenticated'] },
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'shop',
  name: 'web-0',
  path: '/api/v1/namespaces/shop/pods/web-0',
};
const path = { ...asked, group: '', resource: '', namespace: '', name: '', path: '/healthz/etcd' };

describe('a rule', () => {
  const cases: readonly {
    readonly name: string;
    readonly rule: Omit<PolicyRule, 'level'>;
    readonly request?: object;
    readonly want: boolean;
  }[] = [
    { name: 'that says nothing fits all', rule: {}, want: true },
    { name: 'its user', rule: { users: ['jane'] }, want: true },
    { name: 'another user', rule: { users: ['joe'] }, want: false },
    { name: 'one of the groups', rule: { userGroups: ['x', 'devs'] }, want: true },
    { name: 'no group', rule: { userGroups: ['ops'] }, want: false },
    { name: 'nobody knows who', rule: { userGroups: ['devs'] }, request: { ...asked, user: undefined }, want: false },
    { name: 'its verb', rule: { verbs: ['list', 'get'] }, want: true },
    { name: 'another verb', rule: { verbs: ['list'] }, want: false },
    { name: 'its namespace', rule: { namespaces: ['shop'] }, want: true },
    { name: 'objects without a namespace', rule: { namespaces: [''] }, request: { ...asked, namespace: '' }, want: true },
    { name: 'a path has no namespace', rule: { namespaces: [''] }, request: path, want: false },
    { name: 'its group', rule: { resources: [{ group: '' }] }, want: true },
    { name: 'another group', rule: { resources: [{ group: 'apps' }] }, want: false },
    { name: 'its resource', rule: { resources: [{ resources: ['pods'] }] }, want: true },
    {
      name: 'a resource is not its subresources',
      rule: { resources: [{ resources: ['pods'] }] },
      request: { ...asked, subresource: 'log' },
      want: false,
    },
    { name: 'a subresource', rule: { resources: [{ resources: ['pods/log'] }] }, request: { ...asked, subresource: 'log' }, want: true },
    {
      name: 'all subresources of one',
      rule: { resources: [{ resources: ['pods/*'] }] },
      request: { ...asked, subresource: 'log' },
      want: true,
    },
    {
      name: 'one subresource of all',
      rule: { resources: [{ resources: ['*/log'] }] },
      request: { ...asked, subresource: 'log' },
      want: true,
    },
    { name: 'its name', rule: { resources: [{ resources: ['pods'], resourceNames: ['web-0'] }] }, want: true },
    { name: 'another name', rule: { resources: [{ resources: ['pods'], resourceNames: ['web-1'] }] }, want: false },
    { name: 'a path by its beginning', rule: { nonResourceURLs: ['/healthz*'] }, request: path, want: true },
    { name: 'a path that is another', rule: { nonResourceURLs: ['/healthz'] }, request: path, want: false },
    { name: 'a resource is no path', rule: { nonResourceURLs: ['*'] }, want: false },
  ];
  test.each(cases)('$name', ({ rule, request, want }) => {
    const { level } = configFor({ rules: [{ level: 'Metadata', ...rule }] }, { ...asked, ...request });
    expect(level).toBe(want ? 'Metadata' : 'None');
  });

  test('the first that fits decides, and adds to what the policy leaves out', () => {
    const policy: AuditPolicy = {
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [{ level: 'Request', omitStages: ['ResponseStarted'], omitManagedFields: false }, { level: 'None' }],
    };
    const { level, omitStages, omitManagedFields } = configFor(policy, asked);
    expect({ level, omitManagedFields, omitted: [...omitStages] }).toEqual({
      level: 'Request',
      omitManagedFields: false,
      omitted: ['RequestReceived', 'ResponseStarted'],
    });
  });
});

describe('a policy file is refused', () => {
  const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
  test.each([
    { name: 'without kind', text: 'rules: []\n', want: "failed decoding: Object 'Kind' is missing in 'rules: []'" },
    {
      name: 'of another version',
      text: 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\n',
      want: 'no kind "Policy" is registered for version "audit.k8s.io/v1beta1"',
    },
    {
      name: 'with a text where a list belongs',
      text: `${head}rules: [{level: None, users: jane}]\n`,
      want: 'failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string',
    },
    { name: 'without rules', text: head, want: 'loaded illegal policy with 0 rules' },
    { name: 'without a level', text: `${head}rules: [{verbs: [get]}]\n`, want: 'rules[0].level: Required value' },
    {
      name: 'with a level that is none',
      text: `${head}rules: [{level: Everything}]\n`,
      want: 'rules[0].level: Unsupported value: "Everything": supported values: "Metadata", "None", "Request", "RequestResponse"',
    },
    {
      name: 'that mixes paths and resources',
      text: `${head}rules: [{level: None, namespaces: [a], nonResourceURLs: [/a]}]\n`,
      want: 'rules cannot apply to both regular resources and non-resource URLs',
    },
    {
      name: 'with a path that is none',
      text: `${head}rules: [{level: None, nonResourceURLs: [a*b]}]\n`,
      want: '[rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL rules must begin with a \'/\' character, rules[0]',
    },
    {
      name: 'with names and no resource',
      text: `${head}rules: [{level: None, resources: [{resourceNames: [a]}]}]\n`,
      want: 'using resourceNames requires at least one resource',
    },
    {
      name: 'with a stage that is none',
      text: `${head}omitStages: [Done]\nrules: [{level: None}]\n`,
      want: 'omitStages[0]: Invalid value: "Done": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    },
  ])('$name', ({ text, want }) => {
    expect(() => readAuditPolicy(text, '/p.yaml', () => {})).toThrow(want);
    expect(() => readAuditPolicy(text, '/p.yaml', () => {})).toThrow(/: from file \/p\.yaml$/);
  });
});

test('a field that no policy has is passed over with a warning', () => {
  const warnings: string[] = [];
  const text = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, userGroup: [a]}]\n';
  expect(readAuditPolicy(text, '/p.yaml', (message) => warnings.push(message)).rules).toEqual([{ level: 'None' }]);
  expect(warnings).toEqual([
    'Audit policy contains errors, falling back to lenient decoding: strict decoding error: unknown field "rules[0].userGroup"',
  ]);
});

const authority = new CertificateAuthority(new Random(9), 'kubernetes', unixMs(2025, 9, 1));
const adminCertificate = authority.issue({
  subject: { commonName: 'admin', organizations: ['system:masters'] },
  usages: ['client auth'],
  notBeforeMs: unixMs(2025, 9, 1),
});

/** A server whose policy keeps what the rules say, and what it wrote so far. */
function audited(policy: AuditPolicy) {
  const events: Record<string, unknown>[] = [];
  const plane = createTestControlPlane({
    authentication: { clientCA: { authorities: [authority.certificate] } },
    audit: { policy, write: (line) => events.push(JSON.parse(line) as Record<string, unknown>) },
  });
  events.length = 0;
  const send = (method: string, target: string, body?: object, headers: Record<string, string> = {}) =>
    plane.run(
      plane.endpoint.http(
        { method, target, headers: { 'user-agent': 'kubectl/v1.33.0', ...headers }, body: body ? utf8(JSON.stringify(body)) : noBytes },
        { ip: '10.0.0.1', port: 1, isTls: true, certificate: headers.authorization ? undefined : adminCertificate },
      ),
    );
  const seen = (): readonly string[] =>
    events.map(({ verb, stage, responseStatus }) =>
      `${String(verb)} ${String(stage)} ${(responseStatus as { code?: number } | undefined)?.code ?? ''}`.trim(),
    );
  return { ...plane, events, send, seen };
}

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });
const collection = '/api/v1/namespaces/default/configmaps';

describe('the log', () => {
  test('has a line for each stage, and what was sent and answered', () => {
    const { events, send, seen } = audited({ omitManagedFields: true, rules: [{ level: 'RequestResponse', users: ['admin'] }] });
    send('POST', `${collection}?fieldManager=test`, configMap('a'));
    expect(seen()).toEqual(['create RequestReceived', 'create ResponseComplete 201']);
    const [received, complete] = events;
    expect(received).not.toHaveProperty('annotations');
    expect(complete).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: received!.auditID,
      requestURI: `${collection}?fieldManager=test`,
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['10.0.0.1'],
      userAgent: 'kubectl/v1.33.0',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      requestObject: { data: { a: 'b' }, metadata: { name: 'a' } },
      responseObject: { data: { a: 'b' }, metadata: { name: 'a', namespace: 'default' } },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
    const { requestObject, responseObject } = complete as { requestObject: { metadata: object }; responseObject: { metadata: object } };
    expect(requestObject.metadata).not.toHaveProperty('uid');
    expect(responseObject.metadata).toHaveProperty('uid');
    expect(responseObject.metadata).not.toHaveProperty('managedFields');
  });

  test.each([
    { name: 'Metadata keeps no bodies', level: 'Metadata', want: [false, false] },
    { name: 'Request keeps what was sent', level: 'Request', want: [true, false] },
    { name: 'RequestResponse keeps both', level: 'RequestResponse', want: [true, true] },
  ] as const)('$name', ({ level, want }) => {
    const { events, send } = audited({ omitStages: ['RequestReceived'], rules: [{ level, users: ['admin'] }] });
    send('POST', collection, configMap('a'));
    expect(events.map((event) => ['requestObject' in event, 'responseObject' in event])).toEqual([want]);
  });

  test('says whom somebody spoke for, and that it was refused', () => {
    const { events, send } = audited({ omitStages: ['RequestReceived'], rules: [{ level: 'Metadata', users: ['admin'] }] });
    send('GET', `${collection}/a`, undefined, { 'impersonate-user': 'jane' });
    expect(events).toMatchObject([
      {
        user: { username: 'admin' },
        impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
        responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
        annotations: { 'authorization.k8s.io/decision': 'forbid' },
      },
    ]);
  });

  test('names nobody whose credential proved nothing', () => {
    const { events, send } = audited({ rules: [{ level: 'Metadata', nonResourceURLs: ['/version'] }] });
    send('GET', '/version', undefined, { authorization: 'Bearer x' });
    expect(events).toMatchObject([
      { stage: 'ResponseStarted', user: {}, responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' } },
    ]);
  });

  test('completes a watch when it ends', () => {
    const { send, seen } = audited({ omitStages: ['RequestReceived'], rules: [{ level: 'Metadata', users: ['admin'], verbs: ['watch'] }] });
    const { body } = send('GET', `${collection}?watch=1`);
    expect(seen()).toEqual(['watch ResponseStarted 200']);
    (body as OpenFile).closed();
    (body as OpenFile).closed();
    expect(seen()).toEqual(['watch ResponseStarted 200', 'watch ResponseComplete 200']);
  });

  test('keeps components too, by the rules for them', () => {
    const { events, session, run } = audited({
      omitStages: ['RequestReceived'],
      rules: [
        { level: 'None', users: ['system:kube-scheduler'] },
        { level: 'Metadata', resources: [{ group: '', resources: ['configmaps'] }] },
      ],
    });
    for (const user of ['system:kube-scheduler', 'system:kube-proxy']) {
      const asks = session(user).call({ verb: 'get', kind: configMaps, namespace: 'default', name: 'a' });
      expect(() => run(asks)).toThrow('forbidden');
    }
    expect(events).toMatchObject([
      { user: { username: 'system:kube-proxy' }, verb: 'get', requestURI: `${collection}/a`, responseStatus: { code: 403 } },
    ]);
  });
});
