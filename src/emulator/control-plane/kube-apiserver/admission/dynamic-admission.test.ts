import { describe, expect, test } from 'vitest';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '../../../api/admissionregistration/validating-admission-policy.ts';
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from '../../../api/admissionregistration/webhook-configuration.ts';
import { horizontalPodAutoscalers } from '../../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { configMaps } from '../../../api/core/config-map.ts';
import { limitRanges } from '../../../api/core/limit-range.ts';
import { namespaces } from '../../../api/core/namespace.ts';
import { pods } from '../../../api/core/pod.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import { services } from '../../../api/core/service.ts';
import type { Pod } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { base64, Errno, utf8 } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { createTestControlPlane } from '../testing.ts';

interface Review {
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly object: ApiObject;
    readonly name?: string;
    readonly dryRun: boolean;
  };
}
type Answer = {
  readonly allowed: boolean;
  readonly status?: object;
  readonly patch?: readonly object[];
  readonly warnings?: readonly string[];
};

function setUp(hook: (review: Review, target: string) => Answer | 'hang' | HttpResponse = () => ({ allowed: true }), options: object = {}) {
  const reviews: (Review & { readonly target: string })[] = [];
  const kernelRef: { issue?: () => string } = {};
  const net = {
    *connect() {
      return { service: { isTls: true, certificate: () => kernelRef.issue!() }, close() {} };
    },
    *request(_to: unknown, { body, target }: HttpRequest): Call<HttpResponse> {
      const review = body as Review;
      reviews.push({ ...review, target });
      const answer = hook(review, target);
      if (answer === 'hang') throw new Errno('ETIMEDOUT');
      if ('headers' in answer) return answer;
      const { patch, ...rest } = answer;
      const patched = patch && { patch: base64(utf8(JSON.stringify(patch))), patchType: 'JSONPatch' };
      return {
        status: 200,
        headers: {},
        body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: review.request.uid, ...rest, ...patched } },
      };
    },
  };
  const plane = createTestControlPlane({ ...options, net: net as never });
  const { kernel } = plane;
  const authority = new CertificateAuthority(kernel.random, 'webhooks', kernel.clock.unixMs);
  const certificate = authority.issue({
    subject: { commonName: 'hook' },
    usages: ['server auth'],
    dnsNames: ['hook.default.svc'],
    notBeforeMs: kernel.clock.unixMs,
  });
  kernelRef.issue = () => certificate.pem;
  const create = <T extends ApiObject>(kind: Kind<T>, object: object, session = plane.admin) =>
    plane.run(session.call<ApiObject>({ verb: 'create', kind: kind as unknown as Kind, object })) as T;
  const webhook = (more: object = {}) => ({
    name: 'check.example.com',
    clientConfig: { service: { name: 'hook', namespace: 'default', path: '/check' }, caBundle: base64(utf8(authority.certificate.pem)) },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] }],
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    ...more,
  });
  const validating = (...hooks: object[]) => create(validatingWebhookConfigurations, { metadata: { name: 'v' }, webhooks: hooks });
  const mutating = (...hooks: object[]) => create(mutatingWebhookConfigurations, { metadata: { name: 'm' }, webhooks: hooks });
  const service = () => create(services, { metadata: { name: 'hook', namespace: 'default' }, spec: { ports: [{ port: 443 }] } });
  const configMap = (name = 'a', more: object = {}) =>
    create(configMaps, { metadata: { name, namespace: 'default', ...more }, data: { size: '3' } });
  return { plane, reviews, create, webhook, validating, mutating, service, configMap };
}

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };

describe('a validating webhook', () => {
  test.each([
    {
      name: 'with a message',
      answer: { allowed: false, status: { message: 'no such luck', code: 403 } },
      want: 'admission webhook "check.example.com" denied the request: no such luck',
    },
    {
      name: 'without a word',
      answer: { allowed: false },
      want: 'admission webhook "check.example.com" denied the request without explanation',
    },
    {
      name: 'that hangs',
      answer: 'hang' as const,
      want: 'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://hook.default.svc:443/check?timeout=10s": context deadline exceeded',
    },
    {
      name: 'that patches',
      answer: { allowed: true, patch: [{ op: 'add', path: '/x', value: 1 }] },
      want: 'received invalid webhook response: validating webhook may not return response.patch',
    },
    {
      name: 'that fails',
      answer: { status: 500, headers: {}, body: utf8('oops') },
      want: 'failed to call webhook: an error on the server',
    },
  ])('refuses $name', ({ answer, want }) => {
    const t = setUp(() => answer as Answer);
    t.service();
    t.validating(t.webhook());
    expect(() => t.configMap()).toThrow(want);
  });

  test('that nobody serves, and one whose authority is unknown', () => {
    const t = setUp();
    t.validating(t.webhook());
    expect(() => t.configMap()).toThrow('Post "https://hook.default.svc:443/check?timeout=10s": service "hook" not found');
    t.service();
    t.plane.run(t.plane.admin.call({ verb: 'delete', kind: validatingWebhookConfigurations, name: 'v' }));
    t.validating(t.webhook({ clientConfig: { service: { name: 'hook', namespace: 'default' } } }));
    expect(() => t.configMap()).toThrow('tls: failed to verify certificate: x509: certificate signed by unknown authority');
  });

  test.each([
    { name: 'its failure does not matter', more: { failurePolicy: 'Ignore' }, answer: 'hang' as const },
    {
      name: 'the rules name another resource',
      more: { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] }] },
    },
    { name: 'the object is not selected', more: { objectSelector: { matchLabels: { a: 'b' } } } },
    {
      name: 'the namespace is not selected',
      more: { namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['default'] }] } },
    },
    {
      name: 'a condition says no',
      more: { matchConditions: [{ name: 'x', expression: 'request.userInfo.username != "kubernetes-admin"' }] },
    },
    {
      name: 'the scope is another',
      more: { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'], scope: 'Cluster' }] },
    },
  ])('lets pass when $name', ({ more, answer }) => {
    const t = setUp(() => answer ?? { allowed: false });
    t.service();
    t.validating(t.webhook(more));
    expect(t.configMap().metadata.name).toBe('a');
    expect(t.reviews.length).toBe(answer ? 1 : 0);
  });

  test('is asked about deletions and dry runs, and its warnings arrive', () => {
    const t = setUp(() => ({ allowed: true, warnings: ['mind the gap'] }));
    t.service();
    t.validating(t.webhook());
    const answer = t.plane.run(
      t.plane.endpoint.http(
        {
          method: 'POST',
          target: '/api/v1/namespaces/default/configmaps?dryRun=All',
          headers: {},
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
        },
        { ip: '', port: 1, isTls: true },
      ),
    );
    expect(answer.status).toBe(403); // Nobody asked for a user, and anonymous may not.
    t.configMap();
    t.plane.run(t.plane.admin.call({ verb: 'delete', kind: configMaps, namespace: 'default', name: 'a', delete: { dryRun: true } }));
    expect(t.reviews.map(({ request }) => [request.operation, request.object?.metadata.name, request.dryRun])).toEqual([
      ['CREATE', 'a', false],
      ['DELETE', undefined, true],
    ]);
  });
});

describe('mutating webhooks', () => {
  test('change the object in turn, and look again when they asked to', () => {
    const t = setUp(({ request }, target) => {
      const labels = request.object.metadata.labels ?? {};
      const key = target.startsWith('/one') ? 'one' : 'two';
      if (labels[key] !== undefined) return { allowed: true };
      const value = { ...labels, [key]: String(Object.keys(labels).length) };
      return { allowed: true, patch: [{ op: 'add', path: '/metadata/labels', value }] };
    });
    t.service();
    const at = (path: string, more: object) => {
      const base = t.webhook({ name: `${path}.example.com`, ...more });
      return { ...base, clientConfig: { ...base.clientConfig, service: { name: 'hook', namespace: 'default', path: `/${path}` } } };
    };
    t.mutating(at('one', { reinvocationPolicy: 'IfNeeded' }), at('two', {}));
    expect(t.configMap().metadata.labels).toEqual({ one: '0', two: '1' });
    expect(t.reviews.map(({ target }) => target.split('?')[0])).toEqual(['/one', '/two', '/one']);
  });

  test('let the plugins look at what they added, and are asked again when those change it', () => {
    const t = setUp(({ request }) => {
      const { containers, tolerations } = (request.object as unknown as Pod).spec;
      if (containers.length > 1 || tolerations === undefined) return { allowed: true };
      return { allowed: true, patch: [{ op: 'add', path: '/spec/containers/-', value: { name: 'added', image: 'nginx' } }] };
    });
    t.service();
    t.create(limitRanges, {
      metadata: { name: 'd', namespace: 'default' },
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' } }] },
    });
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
    t.mutating(t.webhook({ rules, reinvocationPolicy: 'IfNeeded' }));
    t.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
    const pod = t.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
    expect(pod.spec.containers.map(({ resources }) => resources)).toEqual([{ requests: { cpu: '100m' } }, { requests: { cpu: '100m' } }]);
    expect(t.reviews.map(({ request }) => (request.object as unknown as Pod).spec.containers.length)).toEqual([1, 2]);
  });

  test('are asked about deletions, which they cannot change', () => {
    const t = setUp(({ request }) =>
      request.operation === 'DELETE' && request.name === 'b'
        ? { allowed: true, patch: [{ op: 'add', path: '/metadata/labels', value: {} }] }
        : { allowed: request.operation !== 'DELETE', status: { message: 'keep it' } },
    );
    t.service();
    t.mutating(t.webhook());
    const remove = (name: string) => () =>
      t.plane.run(t.plane.admin.call({ verb: 'delete', kind: configMaps, namespace: 'default', name }));
    t.configMap('a');
    t.configMap('b');
    expect(remove('a')).toThrow('admission webhook "check.example.com" denied the request: keep it');
    expect(remove('b')).toThrow(
      'admission webhook "check.example.com" attempted to modify the object, which is not supported for this operation',
    );
    expect(t.reviews.at(-1)!.request).toMatchObject({ operation: 'DELETE', object: null, oldObject: { metadata: { name: 'b' } } });
  });

  test('are asked about connections, and see what is wanted', () => {
    const t = setUp(({ request }) => ({ allowed: request.operation !== 'CONNECT', status: { message: 'not today', code: 403 } }), {
      authorization: { authorizers: [{ type: 'AlwaysAllow' }] },
      authentication: {},
    });
    t.service();
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec'] }];
    t.mutating(t.webhook({ rules }));
    const request = { method: 'GET', target: '/api/v1/namespaces/default/pods/p/exec?command=ls&command=-l&stdout=true', headers: {} };
    const { status, body } = t.plane.run(t.plane.endpoint.http(request, { ip: '', port: 1, isTls: true }));
    expect([status, body]).toEqual([403, expect.anything()]);
    expect(t.reviews[0]!.request).toMatchObject({
      kind: { version: 'v1', kind: 'PodExecOptions' },
      subResource: 'exec',
      object: { kind: 'PodExecOptions', command: ['ls', '-l'], stdout: true },
      oldObject: null,
      options: null,
    });
  });

  test('see what they may not do', () => {
    const t = setUp(() => ({ allowed: true, patch: [{ op: 'remove', path: '/metadata/labels/none' }] }));
    t.service();
    t.mutating(t.webhook());
    expect(() => t.configMap()).toThrow(
      'Internal error occurred: remove operation does not apply: doc is missing path: "/metadata/labels/none"',
    );
  });
});

describe.each(['mutating', 'validating'] as const)('a %s webhook', (kind) => {
  const other = [{ apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['horizontalpodautoscalers'] }];
  const scaler = {
    metadata: { name: 'h', namespace: 'default' },
    spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  };
  test.each<{
    readonly name: string;
    readonly more: object;
    readonly of?: 'scaler';
    readonly answer?: 'hang';
    readonly want: readonly string[];
  }>([
    { name: 'asked by its rules', more: {}, want: ['/check?timeout=10s'] },
    { name: 'asked for its own time', more: { timeoutSeconds: 3 }, want: ['/check?timeout=3s'] },
    { name: 'not asked about objects with other labels', more: { objectSelector: { matchLabels: { a: 'b' } } }, want: [] },
    { name: 'not asked in other namespaces', more: { namespaceSelector: { matchLabels: { a: 'b' } } }, want: [] },
    { name: 'not asked when a condition says so', more: { matchConditions: [{ name: 'x', expression: 'false' }] }, want: [] },
    { name: 'passed over when it fails and may', more: { failurePolicy: 'Ignore' }, answer: 'hang', want: ['/check?timeout=10s'] },
    { name: 'asked in the version of its rules', more: { rules: other }, of: 'scaler', want: ['/check?timeout=10s'] },
    { name: 'not asked in another version, if exact', more: { rules: other, matchPolicy: 'Exact' }, of: 'scaler', want: [] },
    { name: 'asked about its scope', more: { rules: [{ ...rule, scope: 'Namespaced' }] }, want: ['/check?timeout=10s'] },
    { name: 'not asked about another scope', more: { rules: [{ ...rule, scope: 'Cluster' }] }, want: [] },
    { name: 'not asked about other resources', more: { rules: [{ ...rule, resources: ['secrets'] }] }, want: [] },
    { name: 'not asked about other groups', more: { rules: [{ ...rule, apiGroups: ['apps'] }] }, want: [] },
    { name: 'not asked about other versions', more: { rules: [{ ...rule, apiVersions: ['v2'] }] }, want: [] },
    { name: 'not asked about other operations', more: { rules: [{ ...rule, operations: ['UPDATE'] }] }, want: [] },
  ])('is $name', ({ more, of, answer, want }) => {
    const t = setUp(() => answer ?? { allowed: true });
    t.service();
    t[kind](t.webhook(more));
    if (of) t.create(horizontalPodAutoscalers, scaler);
    else t.configMap();
    expect(t.reviews.map(({ target }) => target)).toEqual(want);
  });

  test('is asked at its port', () => {
    const t = setUp();
    t.service();
    const base = t.webhook();
    t[kind]({ ...base, clientConfig: { ...base.clientConfig, service: { ...base.clientConfig.service, port: 8443 } } });
    expect(() => t.configMap()).toThrow('no service port 8443 found for service "hook"');
  });
});

describe('a webhook configuration is refused', () => {
  test.each([
    {
      name: 'a short name',
      more: { name: 'check' },
      want: 'webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots',
    },
    {
      name: 'side effects',
      more: { sideEffects: 'Some' },
      want: 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    },
    { name: 'no versions', more: { admissionReviewVersions: ['v9'] }, want: 'must include at least one of v1, v1beta1' },
    {
      name: 'both ways',
      more: { clientConfig: { url: 'https://1.2.3.4/', service: { name: 'a', namespace: 'b' } } },
      want: 'clientConfig: Required value: exactly one of url or service is required',
    },
    {
      name: 'plain HTTP',
      more: { clientConfig: { url: 'http://1.2.3.4/' } },
      want: "'https' is the only allowed URL scheme; desired format: https://host[/path]",
    },
    {
      name: 'a wrong condition',
      more: { matchConditions: [{ name: 'x', expression: 'foo' }] },
      want: "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo'",
    },
    { name: 'too much time', more: { timeoutSeconds: 60 }, want: 'the timeout value must be between 1 and 30 seconds' },
    {
      name: 'a star and more',
      more: { rules: [{ apiGroups: ['*', 'apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
      want: "if '*' is present, must not specify other API groups",
    },
  ])('for $name', ({ more, want }) => {
    const t = setUp();
    expect(() => t.validating(t.webhook(more))).toThrow(want);
  });
});

describe('a policy', () => {
  const policy = (more: object = {}) => ({
    metadata: { name: 'limit' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
      },
      validations: [{ expression: 'int(object.data.size) <= 2' }],
      ...more,
    },
  });
  const bind = (t: ReturnType<typeof setUp>, more: object = {}) =>
    t.create(validatingAdmissionPolicyBindings, {
      metadata: { name: 'here' },
      spec: { policyName: 'limit', validationActions: ['Deny'], ...more },
    });

  const denied = `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'here' denied request: `;
  test.each([
    { name: 'its expression', more: {}, want: `${denied}failed expression: int(object.data.size) <= 2` },
    { name: 'its message', more: { validations: [{ expression: 'false', message: 'too large' }] }, want: `${denied}too large` },
    {
      name: 'a worked out message',
      more: { validations: [{ expression: 'false', messageExpression: '"size is " + object.data.size', message: 'x' }] },
      want: `${denied}size is 3`,
    },
    {
      name: 'a variable',
      more: {
        variables: [
          { name: 'n', expression: 'int(object.data.size)' },
          { name: 'twice', expression: 'variables.n * 2' },
        ],
        validations: [{ expression: 'variables.twice < 6', message: 'twice' }],
      },
      want: `${denied}twice`,
    },
    {
      name: 'an error',
      more: { validations: [{ expression: 'object.data.none == ""' }] },
      want: `${denied}expression 'object.data.none == ""' resulted in error: no such key: none`,
    },
    {
      name: 'the namespace',
      more: { validations: [{ expression: 'namespaceObject.metadata.name != "default"', message: 'not here' }] },
      want: `${denied}not here`,
    },
    {
      name: 'the authorizer',
      more: {
        validations: [
          {
            expression:
              '!authorizer.group("").resource("pods").namespace("default").check("create").allowed() && !authorizer.requestResource.check("x").allowed()',
            message: 'too mighty',
          },
        ],
      },
      want: `${denied}too mighty`,
    },
  ])('denies with $name', ({ more, want }) => {
    const t = setUp();
    t.create(validatingAdmissionPolicies, policy(more));
    bind(t);
    expect(() => t.configMap()).toThrow(want);
  });

  test.each([
    {
      name: 'an error is ignored',
      more: { failurePolicy: 'Ignore', validations: [{ expression: 'object.data.none == ""' }] },
      binding: {},
    },
    { name: 'a condition says no', more: { matchConditions: [{ name: 'x', expression: 'request.operation == "DELETE"' }] }, binding: {} },
    { name: 'the binding is about others', more: {}, binding: { matchResources: { namespaceSelector: { matchLabels: { env: 'prod' } } } } },
    { name: 'it only warns', more: {}, binding: { validationActions: ['Warn'] } },
    {
      name: 'names are left out',
      more: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'], resourceNames: ['b'] }],
        },
      },
      binding: {},
    },
  ])('lets pass when $name', ({ more, binding }) => {
    const t = setUp();
    t.create(validatingAdmissionPolicies, policy(more));
    bind(t, binding);
    expect(t.configMap().metadata.name).toBe('a');
  });

  test('tells who audits what it found', () => {
    const t = setUp();
    t.create(validatingAdmissionPolicies, {
      ...policy({
        validations: [{ expression: 'true' }, { expression: 'false', message: 'too large' }],
        auditAnnotations: [
          { key: 'size', valueExpression: '"size " + object.data.size' },
          { key: 'none', valueExpression: 'object.data.size == "3" ? " " : "other"' },
        ],
      }),
    });
    bind(t, { validationActions: ['Audit'] });
    const records: object[] = [];
    t.plane.kernel.trace.listen((record) => {
      if (record.type === 'request' && record.annotations) records.push(record.annotations);
    });
    t.configMap();
    expect(records).toEqual([
      {
        'limit/size': 'size 3',
        'validation.policy.admission.k8s.io/validation_failure':
          '[{"message":"too large","policy":"limit","binding":"here","expressionIndex":1,"validationActions":["Audit"]}]',
      },
    ]);
  });

  test('refuses when an annotation cannot be worked out', () => {
    const t = setUp();
    t.create(
      validatingAdmissionPolicies,
      policy({ validations: [], auditAnnotations: [{ key: 'x', valueExpression: 'string(object.data.none)' }] }),
    );
    bind(t, { validationActions: ['Audit'] });
    expect(() => t.configMap()).toThrow(`${denied}expression 'string(object.data.none)' resulted in error: no such key: none`);
  });

  test('without a binding does nothing', () => {
    const t = setUp();
    t.create(validatingAdmissionPolicies, policy());
    expect(t.configMap().metadata.name).toBe('a');
  });

  test('takes its limits from parameters', () => {
    const t = setUp();
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    t.create(
      validatingAdmissionPolicies,
      policy({
        paramKind,
        validations: [{ expression: 'int(object.data.size) <= int(params.data.max)', reason: 'Forbidden' }],
        matchConditions: [{ name: 'not-params', expression: '!has(object.data.max)' }],
      }),
    );
    bind(t, { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } });
    expect(() => t.configMap()).toThrow(
      'denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
    t.plane.run(t.plane.admin.call({ verb: 'delete', kind: validatingAdmissionPolicyBindings, name: 'here' }));
    t.create(configMaps, { metadata: { name: 'limits', namespace: 'default' }, data: { max: '2' } });
    bind(t, { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } });
    expect(() => t.configMap()).toThrow('denied request: failed expression: int(object.data.size) <= int(params.data.max)');
  });

  const named = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
  test.each([
    { name: 'what is left out', constraints: { resourceRules: [named], excludeResourceRules: [{ ...named, resourceNames: ['a'] }] } },
    { name: 'other labels', constraints: { resourceRules: [named], objectSelector: { matchLabels: { a: 'b' } } } },
    { name: 'other namespaces', constraints: { resourceRules: [named], namespaceSelector: { matchLabels: { a: 'b' } } } },
    { name: 'another scope', constraints: { resourceRules: [{ ...named, scope: 'Cluster' }] } },
    { name: 'other operations', constraints: { resourceRules: [{ ...named, operations: ['UPDATE'] }] } },
    { name: 'other names', constraints: { resourceRules: [{ ...named, resourceNames: ['b'] }] } },
  ])('does not judge $name', ({ constraints }) => {
    const t = setUp();
    t.create(validatingAdmissionPolicies, policy({ matchConstraints: constraints, validations: [{ expression: 'false' }] }));
    bind(t);
    expect(t.configMap().metadata.name).toBe('a');
  });

  test.each([
    { name: 'a name in a namespace', paramRef: { name: 'limits', namespace: 'kube-system', parameterNotFoundAction: 'Deny' } },
    {
      name: 'labels',
      paramRef: { selector: { matchLabels: { is: 'limit' } }, namespace: 'kube-system', parameterNotFoundAction: 'Deny' },
    },
  ])('finds its parameters by $name', ({ paramRef }) => {
    const t = setUp();
    const at = { namespace: 'kube-system' };
    t.create(configMaps, { metadata: { ...at, name: 'limits', labels: { is: 'limit' } }, data: { max: '2' } });
    t.create(configMaps, { metadata: { ...at, name: 'zero' }, data: { max: '9' } });
    t.create(
      validatingAdmissionPolicies,
      policy({
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'not-params', expression: '!has(object.data.max)' }],
        validations: [{ expression: 'int(object.data.size) <= int(params.data.max)', message: 'too large', reason: 'Forbidden' }],
      }),
    );
    bind(t, { paramRef });
    expect(() => t.configMap()).toThrow('too large');
  });

  test('may be about Namespaces', () => {
    const t = setUp();
    t.create(
      validatingAdmissionPolicies,
      policy({
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['namespaces'] }] },
        validations: [{ expression: 'has(object.metadata.labels) && "team" in object.metadata.labels', message: 'whose is it?' }],
      }),
    );
    bind(t);
    expect(() => t.create(namespaces, { metadata: { name: 'x' } })).toThrow('whose is it?');
    expect(t.create(namespaces, { metadata: { name: 'x', labels: { team: 'a' } } }).metadata.name).toBe('x');
  });

  test.each([
    {
      name: 'a number',
      more: { validations: [{ expression: '1' }] },
      want: 'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
    },
    { name: 'an unknown variable', more: { validations: [{ expression: 'variables.x' }] }, want: "undeclared reference to 'variables'" },
    { name: 'nothing', more: { validations: [] }, want: 'validations or auditAnnotations must contain at least one item' },
    { name: 'no rules', more: { matchConstraints: {} }, want: 'spec.matchConstraints.resourceRules: Required value' },
  ])('is refused with $name', ({ more, want }) => {
    expect(() => setUp().create(validatingAdmissionPolicies, policy(more))).toThrow(want);
  });

  test('a binding may not deny and warn', () => {
    expect(() => bind(setUp(), { validationActions: ['Deny', 'Warn'] })).toThrow('must not contain both Deny and Warn');
  });
});
