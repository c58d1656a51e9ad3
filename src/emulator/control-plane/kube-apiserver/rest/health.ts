/** `/healthz`, `/livez`, `/readyz` and their single checks. Upstream: apiserver/pkg/server/healthz. */
import type { Call, HttpResponse } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import type { Query } from './request-info.ts';
import { plainText } from './response.ts';

/** The hooks that run once the server has started, in the order in which upstream's three servers add them. */
const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
  'autoregister-completion',
  'apiservice-openapi-controller',
  'apiservice-openapiv3-controller',
].map((name) => (name === 'autoregister-completion' ? name : `poststarthook/${name}`));

const ready = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...hooks, 'shutdown'];
const onlyReady = new Set(['etcd-readiness', 'informer-sync', 'shutdown']);
const live = ready.filter((name) => !onlyReady.has(name));

/**
 * The checks of `healthz`, `livez` or `readyz`.
 *
 * Differs from Kubernetes: all but etcd's pass as soon as the server answers, and a server that shuts down does not say so here.
 */
export const healthChecks = (endpoint: string): readonly string[] => (endpoint === 'readyz' ? ready : live);

/** `ok`, or a line for each check with `?verbose` and when one fails. Undefined when there is no such check. */
export function* health(server: ApiServer, [endpoint = '', ...check]: readonly string[], query: Query): Call<HttpResponse | undefined> {
  const name = check.join('/');
  if (name !== '') return healthChecks(endpoint).includes(name) ? yield* single(server, name) : undefined;
  const excluded = new Set(query.get('exclude') ?? []);
  let lines = '';
  let hasFailed = false;
  for (const item of healthChecks(endpoint)) {
    if (excluded.delete(item)) {
      lines += `[+]${item} excluded: ok\n`;
      continue;
    }
    const isGood = yield* passes(server, item);
    hasFailed ||= !isGood;
    lines += isGood ? `[+]${item} ok\n` : `[-]${item} failed: reason withheld\n`;
  }
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((item) => JSON.stringify(item));
    lines += `warn: some health checks cannot be excluded: no matches for ${names.join(', ')}\n`;
  }
  if (hasFailed) return plainText(500, `${lines}${endpoint} check failed\n`);
  return plainText(200, query.has('verbose') ? `${lines}${endpoint} check passed\n` : 'ok');
}

function* single(server: ApiServer, name: string): Call<HttpResponse> {
  return (yield* passes(server, name)) ? plainText(200, 'ok') : plainText(500, 'internal server error: reason withheld\n');
}

/** --etcd-healthcheck-timeout and --etcd-readycheck-timeout. */
const etcdTimeoutMs = 2000;

function* passes(server: ApiServer, check: string): Call<boolean> {
  if (check !== 'etcd' && check !== 'etcd-readiness') return true;
  try {
    yield* server.etcd.linearizable(undefined, etcdTimeoutMs);
    return true;
  } catch (error) {
    if (error instanceof StatusError) return false;
    throw error;
  }
}
