import { describe, expect, test } from 'vitest';
import { apiServices } from '../../../api/apiregistration/api-service.ts';
import { services } from '../../../api/core/service.ts';
import { defineKind } from '../../../api/define-kind.ts';
import { endpointSlices } from '../../../api/discovery/endpoint-slice.ts';
import type { APIService } from '../../../api/generated/types.ts';
import type { HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { noBytes } from '../../../kernel/index.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import type { ApiSession } from '../endpoint.ts';
import { groupList } from '../rest/discovery.ts';
import { createTestControlPlane } from '../testing.ts';

const things = defineKind<ApiObject>({ group: 'far.example.com', version: 'v1', kind: 'Thing', resource: 'things' });
const discoveryList = {
  kind: 'APIResourceList',
  groupVersion: 'far.example.com/v1',
  resources: [{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['get', 'list'] }],
};

/** A control plane whose network leads every request to one far server. */
function setUp(answer: (request: HttpRequest) => HttpResponse) {
  const seen: HttpRequest[] = [];
  const net = {
    *request(_to: unknown, request: HttpRequest) {
      seen.push(request);
      return answer(request);
    },
  };
  const plane = createTestControlPlane({ net: net as never });
  const create = (kind: unknown, object: object) => plane.run(plane.admin.call({ verb: 'create', kind: kind as never, object })) as never;
  const far = () =>
    create(apiServices, {
      metadata: { name: 'v1.far.example.com' },
      spec: {
        group: 'far.example.com',
        version: 'v1',
        service: { name: 'far', namespace: 'default' },
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
      },
    });
  const service = () => create(services, { metadata: { name: 'far', namespace: 'default' }, spec: { ports: [{ port: 443 }] } });
  const slice = () =>
    create(endpointSlices, {
      metadata: { name: 'far-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'far' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.1.2'], conditions: { ready: true } }],
      ports: [{ name: '', port: 443, protocol: 'TCP' }],
    });
  const condition = () => {
    plane.advance(2000);
    const { status } = plane.run(plane.admin.call({ verb: 'get', kind: apiServices, name: 'v1.far.example.com' })) as APIService;
    const { reason, message } = status!.conditions![0]!;
    return { reason, message };
  };
  const list = (session: ApiSession = plane.admin) => plane.run(session.call({ verb: 'list', kind: things, namespace: 'default' }));
  const http = (target: string, headers = {}) =>
    plane.run(plane.endpoint.http({ method: 'GET', target, headers }, { ip: '', port: 1, isTls: true }));
  return { plane, seen, far, service, slice, condition, list, http };
}

const json = (status: number, body: object): HttpResponse => ({ status, headers: {}, body });

test('every built-in version has a local APIService', () => {
  const { plane } = setUp(() => json(500, {}));
  const { items } = plane.run(plane.admin.call({ verb: 'list', kind: apiServices })) as List<APIService>;
  const names = items.map(({ metadata }) => metadata.name);
  expect(names).toContain('v1.');
  expect(names).toContain('v1.apps');
  expect(names).not.toContain('v1.apiregistration.k8s.io');
  expect(items.every(({ status }) => status?.conditions?.[0]?.reason === 'Local')).toBe(true);
});

describe('a far server', () => {
  test('becomes available step by step', () => {
    const t = setUp(() => json(200, discoveryList));
    t.far();
    expect(t.condition()).toEqual({ reason: 'ServiceNotFound', message: 'service/far in "default" is not present' });
    t.service();
    expect(t.condition().reason).toBe('EndpointsNotFound');
    t.slice();
    expect(t.condition()).toEqual({ reason: 'Passed', message: 'all checks passed' });
    expect(t.plane.server.registry.find('far.example.com/v1', 'things')?.isRemote).toBe(true);
  });

  test('answers clients, who are named to it', () => {
    const item = { apiVersion: 'far.example.com/v1', kind: 'Thing', metadata: { name: 'a' } };
    const t = setUp(({ target }) => json(200, target.endsWith('/v1') ? discoveryList : { metadata: {}, items: [item] }));
    for (const make of [t.service, t.slice, t.far]) make();
    t.condition();
    expect(t.list()).toEqual({ metadata: {}, items: [item] });
    const last = t.seen.at(-1)!;
    expect(last.target).toBe('/apis/far.example.com/v1/namespaces/default/things');
    expect(last.headers['x-remote-user']).toBe('kubernetes-admin');
    expect(() => t.list(t.plane.session('nobody'))).toThrow('cannot list resource "things" in API group "far.example.com"');
  });

  test('stands in discovery by the priorities that it asks for', () => {
    const t = setUp(({ target }) => {
      const [, , group, version] = target.split('/');
      return json(200, { ...discoveryList, groupVersion: `${group}/${version}` });
    });
    for (const make of [t.service, t.slice]) make();
    for (const [group, version, first, second] of [
      ['late.example.com', 'v1', 10, 10],
      ['soon.example.com', 'v1', 5000, 10],
      ['soon.example.com', 'v1beta1', 10, 20],
    ] as const) {
      const service = { name: 'far', namespace: 'default' };
      const spec = { group, version, service, groupPriorityMinimum: first, versionPriority: second, insecureSkipTLSVerify: true };
      t.plane.run(
        t.plane.admin.call({ verb: 'create', kind: apiServices as never, object: { metadata: { name: `${version}.${group}` }, spec } }),
      );
    }
    t.plane.advance(2000);
    const { groups } = groupList(t.plane.server.registry) as { groups: { name: string; versions: { version: string }[] }[] };
    const mine = groups.filter(({ name }) => name.endsWith('example.com'));
    expect(mine.map(({ name, versions }) => [name, ...versions.map(({ version }) => version)])).toEqual([
      ['soon.example.com', 'v1beta1', 'v1'],
      ['late.example.com', 'v1'],
    ]);
  });

  test('that fails is 503, and stale in discovery', () => {
    const t = setUp(() => json(500, {}));
    for (const make of [t.service, t.slice, t.far]) make();
    expect(t.condition()).toEqual({
      reason: 'FailedDiscoveryCheck',
      message:
        'failing or missing response from https://far.default.svc:443/apis/far.example.com/v1: bad status from https://far.default.svc:443/apis/far.example.com/v1: 500',
    });
    const groups = t.plane.server.aggregator.stale;
    expect(groups).toEqual([{ group: 'far.example.com', version: 'v1' }]);
    const answer = t.http('/apis/far.example.com/v1/things');
    expect([answer.status, answer.body]).toEqual([403, expect.anything()]);
  });

  test('passes on what it says, as it says it', () => {
    const t = setUp(({ target }) => (target.endsWith('/v1') ? json(200, discoveryList) : { status: 418, headers: {}, body: noBytes }));
    for (const make of [t.service, t.slice, t.far]) make();
    t.condition();
    expect(() => t.list()).toThrow('the server is currently unable to handle the request');
  });
});

test.each([
  { name: 'a wrong name', metadata: { name: 'x' }, spec: {}, want: 'must be `spec.version+"."+spec.group`: "v1.a.b"' },
  {
    name: 'no priority',
    spec: { groupPriorityMinimum: 0 },
    want: 'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
  },
  {
    name: 'a bundle of a local one',
    spec: { caBundle: 'YWJj' },
    want: 'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
  },
])('refuses $name', ({ metadata = { name: 'v1.a.b' }, spec, want }) => {
  const { plane } = setUp(() => json(200, {}));
  const object = { metadata, spec: { group: 'a.b', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10, ...spec } };
  expect(() => plane.run(plane.admin.call({ verb: 'create', kind: apiServices, object }))).toThrow(want);
});
