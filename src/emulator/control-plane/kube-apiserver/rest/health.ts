/** `/healthz`, `/livez`, `/readyz` and their single checks. Upstream: apiserver/pkg/server/healthz. */
import type { Call, HttpResponse } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import type { Query } from './request-info.ts';
import { plainText } from './response.ts';

/** Differs from Kubernetes: fewer checks; those of parts that do not exist here are left out. */
export const healthChecks = [
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

/** `ok`, or a line for each check with `?verbose` and when one fails. Undefined when there is no such check. */
export function* health(server: ApiServer, [endpoint, ...check]: readonly string[], query: Query): Call<HttpResponse | undefined> {
  const name = check.join('/');
  if (name !== '') return healthChecks.includes(name) ? yield* single(server, name) : undefined;
  const excluded = new Set(query.get('exclude') ?? []);
  let lines = '';
  let hasFailed = false;
  for (const item of healthChecks) {
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
  if (check !== 'etcd') return true;
  try {
    yield* server.etcd.linearizable(undefined, etcdTimeoutMs);
    return true;
  } catch (error) {
    if (error instanceof StatusError) return false;
    throw error;
  }
}
