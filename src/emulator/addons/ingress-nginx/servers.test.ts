import { describe, expect, test } from 'vitest';
import { finished } from '../../api/testing.ts';
import { ingresses } from '../../api/networking/ingress.ts';
import type { Ingress } from '../../api/generated/types.ts';
import { buildServers, serverFor } from './servers.ts';

interface Path {
  readonly path: string;
  readonly type?: string;
  readonly service: string;
}

function ingress(
  name: string,
  host: string | undefined,
  paths: readonly Path[],
  more: { annotations?: object; spec?: object; at?: string } = {},
): Ingress {
  const http = {
    paths: paths.map(({ path, type = 'Prefix', service }) => ({
      path,
      pathType: type,
      backend: { service: { name: service, port: { number: 80 } } },
    })),
  };
  const creationTimestamp = more.at ?? '2026-01-01T00:00:00Z';
  const annotations = Object.fromEntries(
    Object.entries(more.annotations ?? {}).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
  );
  return finished(ingresses, { metadata: { name, creationTimestamp, annotations }, spec: { rules: [{ host, http }], ...more.spec } });
}

/** The Service that a URL leads to, `-` for none. */
function check(all: readonly Ingress[], host: string, path: string): string {
  const server = serverFor(buildServers(all), host);
  const location = server.locations.find(({ match }) => match(path));
  return location?.upstream?.service ?? '-';
}

describe('where a URL leads', () => {
  const shop = ingress('shop', 'shop.example.com', [
    { path: '/', service: 'front' },
    { path: '/cart', service: 'cart' },
    { path: '/cart/admin', service: 'admin' },
    { path: '/exact', type: 'Exact', service: 'exact' },
    { path: '/img', type: 'ImplementationSpecific', service: 'images' },
    { path: '/slash/', service: 'slash' },
  ]);
  const wild = ingress('wild', '*.example.com', [{ path: '/', service: 'wild' }]);
  const any = ingress('any', undefined, [{ path: '/any', service: 'any' }]);
  const young = ingress('a-young', 'shop.example.com', [{ path: '/cart', service: 'thief' }], { at: '2026-02-01T00:00:00Z' });
  const all = [young, shop, wild, any];

  test.each([
    ['shop.example.com', '/', 'front'],
    ['SHOP.example.com', '/', 'front'],
    ['shop.example.com', '/cart', 'cart'],
    ['shop.example.com', '/cart/', 'cart'],
    ['shop.example.com', '/cartoons', 'front'],
    ['shop.example.com', '/cart/admin/x', 'admin'],
    ['shop.example.com', '/exact', 'exact'],
    ['shop.example.com', '/exact/', 'front'],
    ['shop.example.com', '/imgs', 'images'],
    ['shop.example.com', '/slash', 'slash'],
    ['shop.example.com', '/slash/x', 'slash'],
    ['other.example.com', '/x', 'wild'],
    ['a.b.example.com', '/x', '-'],
    ['example.com', '/any/x', 'any'],
    ['localhost', '/', '-'],
  ])('%s%s', (host, path, want) => expect(check(all, host, path)).toBe(want));
});

test('default backends: of a host, and of everything', () => {
  const spec = { defaultBackend: { service: { name: 'rest', port: { name: 'http' } } } };
  const own = ingress('own', 'a.example.com', [{ path: '/x', service: 'x' }], { spec });
  const all = finished(ingresses, { metadata: { name: 'all' }, spec });
  expect([check([own], 'a.example.com', '/x'), check([own], 'a.example.com', '/y'), check([own], 'b.example.com', '/y')]).toEqual([
    'x',
    'rest',
    '-',
  ]);
  expect(check([all], 'b.example.com', '/y')).toBe('rest');
});

test('a rewrite makes expressions of all paths of its host', () => {
  const own = ingress(
    'own',
    'a.example.com',
    [
      { path: '/api(/|$)(.*)', type: 'ImplementationSpecific', service: 'api' },
      { path: '/bad(', service: 'bad' },
    ],
    {
      annotations: { 'rewrite-target': '/$2' },
    },
  );
  const plain = ingress('plain', 'a.example.com', [{ path: '/shop', service: 'shop' }]);
  const at = (path: string): string => check([own, plain], 'a.example.com', path);
  expect([at('/api'), at('/API/x'), at('/shopping'), at('/bad(')]).toEqual(['api', 'api', 'shop', '-']);
});

test('TLS by host; the first Secret counts', () => {
  const tls = [{ hosts: ['a.example.com'], secretName: 'cert' }, { hosts: ['b.example.com', 'a.example.com'] }];
  const servers = buildServers([ingress('a', 'a.example.com', [{ path: '/', service: 'a' }], { spec: { tls } })]);
  expect(servers.map(({ host, secret }) => [host, secret])).toEqual([
    ['a.example.com', 'default/cert'],
    ['b.example.com', ''],
    ['_', undefined],
  ]);
});

test('a canary joins the location of another Ingress, and serves nothing alone', () => {
  const canary = ingress(
    'canary',
    'a.example.com',
    [
      { path: '/', service: 'next' },
      { path: '/alone', service: 'alone' },
    ],
    {
      annotations: { canary: 'true', 'canary-weight': '30', 'canary-by-header': 'X-Next' },
    },
  );
  const [server] = buildServers([canary, ingress('main', 'a.example.com', [{ path: '/', service: 'main' }])]);
  expect(
    server!.locations.map(({ path, upstream, canaries }) => [path, upstream!.service, canaries.map((one) => one.upstream.service)]),
  ).toEqual([['/', 'main', ['next']]]);
  expect(server!.locations[0]!.canaries[0]!.canary).toEqual({ weight: 30, total: 100, header: 'x-next', headerValue: undefined });
});
