/** agnhost of Kubernetes' own tests (test/images/agnhost): the subcommands that its documentation uses. */
import type { Call, DuplexStream, HttpRequest, HttpResponse, Peer, Sys } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import { serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';
import { nameTools } from '../netshoot/index.ts';
import { pauseProgram } from '../pause/index.ts';
import { busyboxFiles } from '../userland.ts';
import { hostPort } from '../../machinery/ipv6.ts';
import { serveStreams } from '../streams.ts';
import { connect } from './connect.ts';

const plain = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(body.length) },
  body: utf8(body),
});

function flagOf(sys: Sys, name: string, fallback: string): string {
  const at = sys.argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return fallback;
  return sys.argv[at]!.includes('=') ? sys.argv[at]!.slice(sys.argv[at]!.indexOf('=') + 1) : (sys.argv[at + 1] ?? fallback);
}

function* serve(sys: Sys, port: number, handle: (request: HttpRequest, peer: Peer) => HttpResponse): Call<number> {
  const listener = sys.net.listen(port, {
    http: function* (request, peer): Call<HttpResponse> {
      return handle(request, peer);
    },
  });
  sys.own(() => listener.close());
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
}

/** Healthy for ten seconds, then never again. */
function* liveness(sys: Sys): Call<number> {
  const startedMs = sys.nowMs;
  return yield* serve(sys, 8080, ({ target }) => {
    if (targetPath(target).path !== '/healthz') return plain(200, `${(sys.nowMs - startedMs) / 1000}s`);
    const ageMs = sys.nowMs - startedMs;
    return ageMs > 10_000 ? plain(500, `error: ${ageMs / 1000}s`) : plain(200, 'ok');
  });
}

/** What netexec's servers of UDP and SCTP answer to a word. */
function answerTo(sys: Sys, received: string, peer: Peer): string {
  const text = received.trim().toLowerCase();
  if (text === 'hostname') return sys.hostname;
  if (text === 'clientip') return hostPort(peer.ip, peer.port);
  return text.startsWith('echo ') ? text.slice('echo '.length) : '';
}

/** One word from an association, its answer, and the end. */
function* answerOnce(sys: Sys, { input, output }: DuplexStream, peer: Peer): Call<void> {
  let data = input.read(1024);
  while (data === undefined) {
    yield* sys.kernel.block(input.readable, 'read');
    data = input.read(1024);
  }
  output.write(utf8(answerTo(sys, textOf(data), peer)));
  output.closed();
}

/** Differs from Kubernetes: without `--udp-port` there is no server of UDP, where the real one listens on 8081. */
function listenBeside(sys: Sys): void {
  const [udp, sctp] = [Number(flagOf(sys, 'udp-port', '-1')), Number(flagOf(sys, 'sctp-port', '-1'))];
  if (udp > 0) {
    const datagram = (payload: unknown, peer: Peer): unknown => utf8(answerTo(sys, String(payload), peer));
    const listener = sys.net.listen(udp, { datagram }, { protocol: 'UDP' });
    sys.own(() => listener.close());
  }
  if (sctp > 0) {
    const stream = serveStreams(sys, (opened, peer) => answerOnce(sys, opened, peer));
    const listener = sys.net.listen(sctp, { stream }, { protocol: 'SCTP' });
    sys.own(() => listener.close());
  }
}

function* netexec(sys: Sys): Call<number> {
  yield* sys.print(2, `Started HTTP server on port ${flagOf(sys, 'http-port', '8080')}\n`);
  if (Number(flagOf(sys, 'udp-port', '-1')) > 0) yield* sys.print(2, 'Started UDP server\n');
  if (Number(flagOf(sys, 'sctp-port', '-1')) > 0) yield* sys.print(2, 'Started SCTP server\n');
  listenBeside(sys);
  let isHealthy = true;
  return yield* serve(sys, Number(flagOf(sys, 'http-port', '8080')), ({ target }, { ip, port }) => {
    const { path, query } = targetPath(target);
    if (path === '/') return plain(200, `NOW: ${sys.kernel.clock.timestamp()}`);
    if (path === '/hostname' || path === '/hostName') return plain(200, sys.hostname);
    if (path === '/clientip') return plain(200, hostPort(ip, port));
    if (path === '/echo') return plain(200, decodeURIComponent(/(?:^|&)msg=([^&]*)/.exec(query)?.[1] ?? ''));
    if (path === '/healthz') return isHealthy ? plain(200, '') : plain(412, '');
    if (path.startsWith('/unhealthy')) isHealthy = false;
    return path.startsWith('/unhealthy') ? plain(200, '') : plain(404, '404 page not found\n');
  });
}

/** gRPC's health service; `/make-serving` and `/make-not-serving` on the port beside it change the answer. */
function* grpcHealth(sys: Sys): Call<number> {
  let isServing = true;
  const port = Number(flagOf(sys, 'port', '5000'));
  const control = Number(flagOf(sys, 'http-port', '8080'));
  const services = new Set(['', flagOf(sys, 'service', '')]);
  const admin = sys.net.listen(control, {
    http: function* ({ target }): Call<HttpResponse> {
      if (!/^\/make-(not-)?serving$/.test(target)) return plain(404, '404 page not found\n');
      isServing = target === '/make-serving';
      return plain(200, '');
    },
  });
  sys.own(() => admin.close());
  return yield* serve(sys, port, ({ target, body }) => {
    if (target !== '/grpc.health.v1.Health/Check') return plain(404, '');
    const { service = '' } = body as { readonly service?: string };
    if (!services.has(service)) return { status: 200, headers: { 'grpc-status': '5' }, body: {} };
    return { status: 200, headers: { 'grpc-status': '0' }, body: { status: isServing ? 'SERVING' : 'NOT_SERVING' } };
  });
}

function serveHostname(sys: Sys): Call<number> {
  return serve(sys, Number(flagOf(sys, 'port', '9376')), () => plain(200, `${sys.hostname}\n`));
}

function* program(sys: Sys): Call<number> {
  const [, command] = sys.argv;
  switch (command) {
    case 'liveness':
      return yield* liveness(sys);
    case 'netexec':
      return yield* netexec(sys);
    case 'grpc-health-checking':
      return yield* grpcHealth(sys);
    case 'connect':
      return yield* connect(sys, (name, fallback) => flagOf(sys, name, fallback));
    case 'serve-hostname':
      return yield* serveHostname(sys);
    case 'pause':
    case undefined:
      yield* sys.print(1, 'Paused\n');
      return yield* pauseProgram(sys);
    case '--version':
      yield* sys.print(1, 'agnhost version 2.53\n');
      return 0;
    default:
      yield* sys.print(2, `Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\n`);
      return 1;
  }
}

/** What `agnhost serve-hostname` was before, as an image of its own. */
export const serveHostnameImage: ImageDefinition = {
  repository: 'registry.k8s.io/serve_hostname',
  versions: [{ tags: ['latest'], sizeBytes: 4_500_000 }],
  config: { entrypoint: ['/serve_hostname'] },
  files: () => ({ '/serve_hostname': serveHostname }),
};

/** One binary with many servers in it. */
export const agnhost: ImageDefinition = {
  repository: 'registry.k8s.io/e2e-test-images/agnhost',
  versions: [
    { tags: ['2.53'], sizeBytes: 58_342_810 },
    { tags: ['2.40', '2.39', '2.38'], sizeBytes: 51_155_161 },
    { tags: ['2.47', '2.45', '2.43', '2.33', '2.28', '2.21'], sizeBytes: 52_800_335 },
  ],
  usage: { memoryBytes: 7_200_000 },
  config: { entrypoint: ['/agnhost'], cmd: ['pause'] },
  files: (_version, programs) => ({
    ...busyboxFiles(programs),
    ...programsIn('/usr/bin', [...nameTools, 'curl'], programs),
    '/agnhost': program,
  }),
};
