import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer } from '../../../node/network/index.ts';
import { query as askServer, emptyAnswer, isLoopback, parseIPv4, readResolvConf } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';
import { matchZone, zonesOf } from '../plugin.ts';
import { hostPort } from '../../../machinery/ipv6.ts';

/** A server is asked this long before another is tried, and a query tried this long in all (plugin/forward). */
const readTimeoutMs = 2000;
const deadlineMs = 5000;

const known = [
  'except',
  'force_tcp',
  'prefer_udp',
  'expire',
  'max_fails',
  'max_concurrent',
  'policy',
  'health_check',
  'tls',
  'tls_servername',
  'next',
  'failfast_all_unhealthy_upstreams',
];

/**
 * Hands queries to other servers, at random or in the order that `policy` says.
 *
 * Differs from Kubernetes: servers are not health-checked.
 */
export const forward: CreatePlugin = ({ sys, directive, fail, refuse, log, plugins }) => {
  const [from = '.', ...to] = directive.args;
  if (to.length === 0) fail(`Wrong argument count or unexpected line ending after '${from}'`);
  const servers = to.flatMap((target) => {
    if (target.startsWith('/'))
      return sys.fs.find(target)
        ? readResolvConf(sys.fs).nameservers.map((ip) => ({ ip, port: 53 }))
        : refuse(`not an IP address or file: "${target}"`);
    const match = /^(?:dns:\/\/)?([\d.]+)(?::(\d+))?$/.exec(target);
    if (!match || parseIPv4(match[1]!) === undefined) return refuse(`not an IP address or file: "${target}"`);
    return [{ ip: match[1]!, port: Number(match[2] ?? 53) }];
  });
  const option = (name: string): readonly string[] | undefined => directive.block.find((line) => line.name === name)?.args;
  for (const line of directive.block) if (!known.includes(line.name)) fail(`unknown property '${line.name}'`, line);
  const zone = zonesOf([from], []);
  const except = zonesOf(option('except') ?? [], []);
  const policy = option('policy')?.[0] ?? 'random';
  const maxConcurrent = Number(option('max_concurrent')?.[0] ?? 0);
  let concurrent = 0;
  let turn = 0;

  const first = (): number => {
    if (policy === 'sequential' || servers.length === 1) return 0;
    return policy === 'round_robin' ? turn++ % servers.length : sys.kernel.random.below(servers.length);
  };

  return {
    name: 'forward',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      const isTcp = option('force_tcp') !== undefined || (request.protocol === 'tcp' && option('prefer_udp') === undefined);
      const protocol = isTcp ? 'TCP' : 'UDP';
      if (matchZone(zone, query.name) === undefined || matchZone(except, query.name) !== undefined) return yield* next(request);
      if (maxConcurrent > 0 && concurrent >= maxConcurrent) return emptyAnswer(query, 'REFUSED');
      concurrent++;
      const startedMs = sys.nowMs;
      for (let i = first(), tries = 0; sys.nowMs - startedMs < deadlineMs && tries < 2 * servers.length; i++, tries++) {
        const server = servers[i % servers.length]!;
        // A query that comes back to this very server must not run in circles within one instant.
        if (isLoopback(server.ip) || sys.net.addresses.includes(server.ip)) yield* sys.kernel.sleep(1);
        const answer = yield* askServer(sys, server, { ...query, protocol, timeoutMs: readTimeoutMs, takesTruncated: true });
        if (!answer) continue;
        concurrent--;
        return { ...answer, id: query.id };
      }
      concurrent--;
      const last = servers[servers.length - 1]!;
      const from = hostPort(sys.net.addresses[0] ?? '127.0.0.1', 32_768 + (query.id % 28_000));
      if (plugins.some(({ name }) => name === 'errors'))
        log(
          'ERROR',
          `plugin/errors: 2 ${query.name} ${query.type}: read ${protocol.toLowerCase()} ${from}->${hostPort(last.ip, last.port)}: i/o timeout`,
        );
      return emptyAnswer(query, 'SERVFAIL');
    },
  };
};
