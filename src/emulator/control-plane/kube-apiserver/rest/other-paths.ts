/** Paths that are no resources: discovery, health, version, metrics, OpenAPI. */
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { defaultRelease } from '../../component-base/release.ts';
import type { ApiServer } from '../server.ts';
import { dump } from '../flow-control/dump.ts';
import { aggregated, coreVersions, group, groupList, resourceList } from './discovery.ts';
import { codecOf, objectResponse, plainText, rawJson } from './response.ts';
import { health, healthChecks } from './health.ts';
import { metrics } from './metrics.ts';
import { issuerKeys, issuerMetadata } from './openid.ts';
import { negotiate } from './media-type.ts';
import type { Form } from './media-type.ts';
import { openApi } from './openapi.ts';
import type { Query } from './request-info.ts';
import { hostPort } from '../../../machinery/ipv6.ts';

const versionInfo = (server: ApiServer) => ({
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: server.options.release ?? defaultRelease,
  gitCommit: '93248f9ae092f571eb870b7664c534bfc7d00f03',
  gitTreeState: 'clean',
  buildDate: '2025-09-09T19:37:51Z',
  goVersion: 'go1.24.6',
  compiler: 'gc',
  platform: 'linux/amd64',
});

/** Undefined when there is nothing at the path. */
export function* serveOtherPath(server: ApiServer, request: HttpRequest, path: string, query: Query): Call<HttpResponse | undefined> {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const parts = trimmed.split('/').slice(1);
  if (trimmed === '/') return rawJson({ paths: rootPaths(server) });
  if (trimmed === '/version') return rawJson(versionInfo(server));
  if (parts[0] === 'api' || parts[0] === 'apis') return discovery(server, request, parts);
  if (['healthz', 'livez', 'readyz'].includes(parts[0]!)) return yield* health(server, parts, query);
  if (trimmed === '/metrics')
    return plainText(200, metrics(server, versionInfo(server)), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  if (parts[0] === 'debug' && parts[1] === 'api_priority_and_fairness') {
    const text = dump(server.kernel, parts[2] ?? '', server.flowControl.levels);
    return text === undefined ? undefined : plainText(200, text);
  }
  if (trimmed === '/.well-known/openid-configuration') return issuerMetadata(server);
  if (trimmed === '/openid/v1/jwks') return issuerKeys(server);
  if (parts[0] === 'openapi') return yield* openApi(server, parts, request.headers.accept ?? '*/*');
  return undefined;
}

function discovery(server: ApiServer, request: HttpRequest, parts: readonly string[]): HttpResponse | undefined {
  const { registry, options } = server;
  const isCore = parts[0] === 'api';
  const protobuf: readonly Form[] = codecOf(server) ? ['object'] : [];
  if (parts.length === 1) {
    const accepted = negotiate(request.headers.accept, { forms: ['APIGroupDiscoveryList'], protobuf });
    if (accepted.form === 'APIGroupDiscoveryList') {
      return objectResponse(200, aggregated(registry, isCore, server.aggregator.stale, accepted.version), {
        type: `application/json;g=apidiscovery.k8s.io;v=${accepted.version};as=APIGroupDiscoveryList`,
      });
    }
    const address = hostPort(options.advertiseAddress ?? '127.0.0.1', options.securePort ?? 6443);
    return objectResponse(200, isCore ? coreVersions(address) : groupList(registry), { type: accepted.type });
  }
  const accepted = negotiate(request.headers.accept, { forms: [], protobuf });
  const found = isCore
    ? parts.length === 2
      ? resourceList(registry, parts[1]!)
      : undefined
    : parts.length === 2
      ? group(registry, parts[1]!)
      : parts.length === 3
        ? resourceList(registry, `${parts[1]}/${parts[2]}`)
        : undefined;
  return found && objectResponse(200, found, { type: accepted.type });
}

function rootPaths(server: ApiServer): readonly string[] {
  const versions = new Set(server.registry.all.filter(({ group: name }) => name !== '').map(({ apiVersion }) => apiVersion));
  const groups = new Set([...versions].map((version) => version.split('/')[0]!));
  const apis = [...groups]
    .sort()
    .flatMap((name) => [
      `/apis/${name}`,
      ...[...versions].filter((version) => version.startsWith(`${name}/`)).map((version) => `/apis/${version}`),
    ]);
  return [
    '/.well-known/openid-configuration',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...apis,
    '/debug/api_priority_and_fairness/dump_priority_levels',
    '/debug/api_priority_and_fairness/dump_requests',
    ...['healthz', 'livez'].flatMap(healthPaths),
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    ...healthPaths('readyz'),
    '/version',
  ];
}

const healthPaths = (endpoint: string): readonly string[] => [
  `/${endpoint}`,
  ...[...healthChecks(endpoint)].sort().map((check) => `/${endpoint}/${check}`),
];
