/** The guestbook of Kubernetes' tutorial: a page that writes to Redis's leader and reads from its followers. */
import type { Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { answer, httpDate, serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { askRedis, openRedis } from '../redis/client.ts';
import { redis } from '../redis/index.ts';
import { debianFiles } from '../userland.ts';

const page = `<html ng-app="redis">
  <head>
    <title>Guestbook</title>
  </head>
  <body ng-controller="RedisCtrl">
    <h2>Guestbook</h2>
    <form><input placeholder="Messages" type="text"><button type="button">Submit</button></form>
  </body>
</html>
`;

/** By DNS, or from the variables that the kubelet sets for Services. */
function hostOf(sys: Sys, role: string): string {
  const variable = `REDIS_${role.toUpperCase()}_SERVICE_HOST`;
  return sys.env.get('GET_HOSTS_FROM') === 'env' ? (sys.env.get(variable) ?? '') : `redis-${role}`;
}

function* respond(sys: Sys, request: HttpRequest): Call<HttpResponse> {
  const { path, query } = targetPath(request.target);
  const headers = { date: httpDate(sys.kernel.clock.unixMs), server: 'Apache/2.4.51 (Debian)', 'content-type': 'text/html' };
  if (path === '/' || path === '/index.html') return answer(request, 200, headers, page);
  if (path !== '/guestbook.php') return answer(request, 404, headers, 'Not Found\n');
  const parameters = new Map(query.split('&').map((pair) => pair.split('=').map(decode) as [string, string]));
  const key = parameters.get('key') ?? 'messages';
  const isWrite = parameters.get('cmd') === 'set';
  const words = isWrite ? ['SET', key, parameters.get('value') ?? ''] : ['GET', key];
  try {
    const stream = yield* openRedis(sys, hostOf(sys, isWrite ? 'leader' : 'follower'), 6379);
    const reply = yield* askRedis(sys, stream, words, true);
    stream.output.closed();
    const body = isWrite ? '{"message": "Updated"}' : `{"data": ${JSON.stringify(reply)}}`;
    return answer(request, 200, { ...headers, 'content-type': 'application/json' }, body);
  } catch (error) {
    if (!isErrno(error)) throw error;
    return answer(request, 500, headers, '');
  }
}

/** What is encoded wrongly is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const frontend: Program = function* (sys): Call<number> {
  const listener = sys.net.listen(80, { http: (request) => respond(sys, request) });
  sys.own(() => listener.close());
  yield* sys.print(2, '[mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.51 (Debian) PHP/7.4.27 configured -- resuming normal operations\n');
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};

const frontendImage = (repository: string, tags: readonly string[]): ImageDefinition => ({
  repository,
  versions: [{ tags, sizeBytes: 165_000_000 }],
  usage: { idleCpuMilli: 1, memoryBytes: 21_000_000, requestCpuMs: 2 },
  config: { cmd: ['apache2-foreground'], exposedPorts: [80] },
  files: (_version, programs) => ({ ...debianFiles(programs), '/usr/local/bin/apache2-foreground': frontend }),
});

/** Redis that follows a Service of the tutorial. */
function followerImage(repository: string, tag: string, leader: string): ImageDefinition {
  const run = `#!/bin/bash
if [ "$GET_HOSTS_FROM" = env ]; then
  exec redis-server --replicaof "$REDIS_${leader.slice(6).toUpperCase()}_SERVICE_HOST" 6379
fi
exec redis-server --replicaof ${leader} 6379
`;
  return {
    ...redis,
    repository,
    versions: [{ tags: [tag], sizeBytes: 45_000_000 }],
    config: { ...redis.config, entrypoint: ['/run.sh'], cmd: [] },
    files: (_version, programs) => ({ ...redis.files('6.2.19', programs), '/run.sh': run }),
  };
}

export const guestbookImages: readonly ImageDefinition[] = [
  frontendImage('us-docker.pkg.dev/google-samples/containers/gke/gb-frontend', ['v5']),
  frontendImage('gcr.io/google-samples/gb-frontend', ['v4', 'v5']),
  frontendImage('docker.io/corelab/gb-frontend', ['v5']),
  followerImage('us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower', 'v2', 'redis-leader'),
  followerImage('gcr.io/google_samples/gb-redis-follower', 'v2', 'redis-leader'),
  followerImage('gcr.io/google_samples/gb-redisslave', 'v1', 'redis-master'),
];
