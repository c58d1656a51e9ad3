/** Plugins that watch and report: errors, log, health, ready, prometheus, loadbalance, loop. */
import type { Call, HttpHandler } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsQuery, DnsRecord } from '../../../node/network/index.ts';
import { emptyAnswer, textResponse } from '../../../node/network/index.ts';
import type { CreatePlugin, Plugin, Setup } from '../plugin.ts';
import { hostPort } from '../../../machinery/ipv6.ts';

/** Nothing to do of its own: plugins report their errors on the log, which is what this one turns on. */
export const errors: CreatePlugin = () => ({ name: 'errors' });

/** Bytes of a message on the wire, without compression of names. */
function sizeOf(query: DnsQuery, records: readonly DnsRecord[]): number {
  const question = 12 + query.name.length + 1 + 4;
  return records.reduce((size, { name, type, data }) => size + name.length + 11 + (type === 'A' ? 4 : data.length + 1), question);
}

/** One line a query, in the common format. */
export const log: CreatePlugin = ({ sys, log: print }) => ({
  name: 'log',
  *serve(request, next): Call<DnsAnswer> {
    const { query, peer, protocol } = request;
    const startedMs = sys.nowMs;
    const answer = yield* next(request);
    const flags = ['qr', ...(answer.isAuthoritative ? ['aa'] : []), 'rd', ...(answer.isRecursive ? ['ra'] : [])].join(',');
    const size = sizeOf(query, [...answer.answers, ...answer.authority, ...answer.additional]);
    const seconds = ((sys.nowMs - startedMs) / 1000 + 0.0001).toFixed(9);
    print(
      'INFO',
      `${hostPort(peer.ip, peer.port)} - ${query.id} "${query.type} IN ${query.name} ${protocol} ${sizeOf(query, [])} false ${protocol === 'tcp' ? 65_535 : Math.max(512, query.bufferSize ?? 512)}" ${answer.code} ${flags} ${size} ${seconds}s`,
    );
    return answer;
  },
});

function serveHttp({ sys, directive }: Setup, defaultPort: number, handler: HttpHandler): Pick<Plugin, 'start' | 'stop'> {
  const port = Number(/:(\d+)$/.exec(directive.args[0] ?? '')?.[1] ?? defaultPort);
  let close = (): void => {};
  return {
    start: () => {
      const listener = sys.net.listen(port, { http: handler });
      close = () => listener.close();
    },
    stop: () => close(),
  };
}

/** `/health` says that the process lives. */
export const health: CreatePlugin = (setup) => ({
  name: 'health',
  ...serveHttp(setup, 8080, function* ({ target }) {
    return target === '/health' ? textResponse(200, 'OK') : textResponse(404, '404 page not found\n');
  }),
});

/** `/ready` says 503, with their names, until all plugins were ready once. */
export const ready: CreatePlugin = (setup) => {
  const readyOnce = new Set<Plugin>();
  return {
    name: 'ready',
    ...serveHttp(setup, 8181, function* ({ target }) {
      if (target !== '/ready') return textResponse(404, '404 page not found\n');
      for (const plugin of setup.plugins) if (plugin.isReady?.() !== false) readyOnce.add(plugin);
      const missing = setup.plugins.filter((plugin) => !readyOnce.has(plugin)).map(({ name }) => name);
      if (missing.length === 0) return textResponse(200, 'OK');
      setup.log('INFO', `plugin/ready: Plugins not ready: "${missing.join(',')}"`);
      return textResponse(503, missing.join(','));
    }),
  };
};

/** Counts queries and answers, and prints them for Prometheus on `/metrics`. */
export const prometheus: CreatePlugin = (setup) => ({
  name: 'prometheus',
  ...serveHttp(
    { ...setup, directive: setup.directive.args.length > 0 ? setup.directive : { ...setup.directive, args: ['localhost:9153'] } },
    9153,
    function* ({ target }) {
      if (target !== '/metrics') return textResponse(404, '404 page not found\n');
      const lines = [...setup.counters.values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([series, value]) => `${series} ${value}\n`);
      return textResponse(200, lines.join(''), 'text/plain; version=0.0.4; charset=utf-8');
    },
  ),
  *serve(request, next): Call<DnsAnswer> {
    const { name, type } = request.query;
    const server = `dns://:${setup.port}`;
    const zone = setup.zones.find((candidate) => candidate === '.' || name.toLowerCase().endsWith(candidate)) ?? '.';
    setup.counters.add(
      `coredns_dns_requests_total{family="1",proto="${request.protocol}",server="${server}",type="${type}",view="",zone="${zone}"}`,
    );
    const answer = yield* next(request);
    setup.counters.add(`coredns_dns_responses_total{plugin="",rcode="${answer.code}",server="${server}",view="",zone="${zone}"}`);
    return answer;
  },
});

/** Answers with several addresses come in a random order. */
export const loadbalance: CreatePlugin = ({ sys, directive, fail }) => {
  if (directive.args.length > 0 && directive.args[0] !== 'round_robin') fail(`unknown policy: ${directive.args[0]}`);
  return {
    name: 'loadbalance',
    *serve(request, next): Call<DnsAnswer> {
      const answer = yield* next(request);
      const addresses = answer.answers.filter(({ type }) => type === 'A');
      if (addresses.length < 2) return answer;
      for (let i = addresses.length - 1; i > 0; i--) {
        const j = sys.kernel.random.below(i + 1);
        [addresses[i], addresses[j]] = [addresses[j]!, addresses[i]!];
      }
      return { ...answer, answers: [...answer.answers.filter(({ type }) => type !== 'A'), ...addresses] };
    },
  };
};

/** Asks a name of its own once; when the question comes back, servers forward to one another in a circle, and it ends the process. */
export const loop: CreatePlugin = ({ sys, ask, log: print, exit, port }) => {
  const name = `${sys.kernel.random.uint32()}.${sys.kernel.random.uint32()}.`;
  let seen = 0;
  let isOver = false;
  return {
    name: 'loop',
    listening: () => {
      const probe: DnsQuery = { id: 1, name, type: 'HINFO' };
      sys.kernel.fiber(
        (function* () {
          yield* ask({ query: probe, peer: { ip: '127.0.0.1', port: 0, isTls: false }, protocol: 'udp' });
          isOver = true;
        })(),
        { background: true },
      );
    },
    stop: () => {
      isOver = true;
    },
    *serve(request, next): Call<DnsAnswer> {
      if (!isOver && request.query.name === name && ++seen > 2) {
        print(
          'FATAL',
          `plugin/loop: Loop (${hostPort(request.peer.ip, request.peer.port)} -> :${port}) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${name}"`,
        );
        exit(1);
        return emptyAnswer(request.query, 'SERVFAIL');
      }
      return yield* next(request);
    },
  };
};
