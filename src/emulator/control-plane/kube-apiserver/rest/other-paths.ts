/** Paths that are no resources: discovery, health, version, metrics, OpenAPI. */
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import { aggregated, coreVersions, group, groupList, resourceList } from './discovery.ts';
import { objectResponse, plainText } from './response.ts';
import { negotiate } from './media-type.ts';
import { openApi } from './openapi.ts';
import type { Query } from './request-info.ts';

/** The version that the cluster says it runs. */
export const kubernetesVersion = 'v1.34.1';

const versionInfo = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: kubernetesVersion,
  gitCommit: '93248f9ae092f571eb870b7664c534bfc7d00f03',
  gitTreeState: 'clean',
  buildDate: '2025-09-09T19:37:51Z',
  goVersion: 'go1.24.6',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const healthChecks = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'autoregister-completion',
];

/** Undefined when there is nothing at the path. */
export function* serveOtherPath(server: ApiServer, request: HttpRequest, path: string, query: Query): Call<HttpResponse | undefined> {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const parts = trimmed.split('/').slice(1);
  if (trimmed === '/') return objectResponse(200, { paths: rootPaths(server) });
  if (trimmed === '/version') return objectResponse(200, versionInfo);
  if (parts[0] === 'api' || parts[0] === 'apis') return discovery(server, request, parts);
  if (['healthz', 'livez', 'readyz'].includes(parts[0]!)) return yield* health(server, parts, query);
  if (trimmed === '/metrics') return plainText(200, metrics(server));
  if (parts[0] === 'openapi') return yield* openApi(server, parts, request.headers.accept ?? '*/*');
  return undefined;
}

function discovery(server: ApiServer, request: HttpRequest, parts: readonly string[]): HttpResponse | undefined {
  const { registry, options } = server;
  const isCore = parts[0] === 'api';
  if (parts.length === 1) {
    const accepted = negotiate(request.headers.accept, ['APIGroupDiscoveryList']);
    if (accepted.form === 'APIGroupDiscoveryList') {
      return objectResponse(200, aggregated(registry, isCore, server.aggregator.stale), {
        type: `application/json;g=apidiscovery.k8s.io;v=${accepted.version};as=APIGroupDiscoveryList`,
      });
    }
    const address = `${options.advertiseAddress ?? '127.0.0.1'}:${options.securePort ?? 6443}`;
    return objectResponse(200, isCore ? coreVersions(address) : groupList(registry), { type: accepted.type });
  }
  const accepted = negotiate(request.headers.accept, []);
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
    '/healthz',
    ...healthChecks.map((name) => `/healthz/${name}`),
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ];
}

/** Health endpoints: `ok`, or a line for each check with `?verbose` and when one fails (apiserver/pkg/server/healthz). */
function* health(server: ApiServer, [endpoint, ...check]: readonly string[], query: Query): Call<HttpResponse | undefined> {
  const name = check.join('/');
  if (name !== '' && !healthChecks.includes(name)) return undefined;
  const excluded = new Set(query.get('exclude') ?? []);
  const lines: string[] = [];
  const failed: string[] = [];
  for (const item of name === '' ? healthChecks : [name]) {
    const isGood = excluded.has(item) || item !== 'etcd' || (yield* reachesEtcd(server));
    if (!isGood) failed.push(item);
    lines.push(isGood ? `[+]${item}${excluded.has(item) ? ' excluded:' : ''} ok` : `[-]${item} failed: reason withheld`);
  }
  if (failed.length > 0) return plainText(500, `${lines.join('\n')}\n${endpoint} check failed\n`);
  return plainText(200, query.has('verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok');
}

function* reachesEtcd(server: ApiServer): Call<boolean> {
  try {
    yield* server.etcd.linearizable();
    return true;
  } catch (error) {
    if (error instanceof StatusError) return false;
    throw error;
  }
}

function metrics(server: ApiServer): string {
  const lines = [
    '# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb.',
    '# TYPE apiserver_request_total counter',
  ];
  for (const [verb, count] of [...server.requestCounts].sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.push(`apiserver_request_total{verb="${verb.toUpperCase()}"} ${count}`);
  lines.push(
    '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind.',
    '# TYPE apiserver_storage_objects gauge',
  );
  for (const { resource, group: name, store, descriptor } of server.registry.all)
    if (store && !descriptor.view)
      lines.push(`apiserver_storage_objects{resource="${name === '' ? resource : `${resource}.${name}`}"} ${store.keyspace.size}`);
  lines.push(
    "# HELP kubernetes_build_info [ALPHA] A metric with a constant '1' value labeled by version.",
    '# TYPE kubernetes_build_info gauge',
    `kubernetes_build_info{build_date="${versionInfo.buildDate}",git_version="${kubernetesVersion}"} 1`,
  );
  return `${lines.join('\n')}\n`;
}
