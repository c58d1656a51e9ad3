/** Plugins of a few lines: any, bufsize, minimal, whoami. */
import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsRecord } from '../../../node/network/index.ts';
import { emptyAnswer } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';

/** Gives whoever asks for everything the smallest answer (RFC 8482). */
export const any: CreatePlugin = () => ({
  name: 'any',
  *serve(request, next): Call<DnsAnswer> {
    const { query } = request;
    if (query.type !== 'ANY') return yield* next(request);
    const answers: readonly DnsRecord[] = [{ name: query.name, type: 'HINFO', ttl: 8482, data: '"ANY obsoleted" "See RFC 8482"' }];
    return { ...emptyAnswer(query, 'NOERROR'), answers };
  },
});

/** Lowers what clients say that they take in one datagram. */
export const bufsize: CreatePlugin = ({ directive, fail }) => {
  const size = Number(directive.args[0] ?? 1232);
  if (!Number.isInteger(size) || size < 512 || size > 4096) fail(`buffer size should be between 512 and 4096`);
  return {
    name: 'bufsize',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      if (query.bufferSize === undefined || query.bufferSize <= size) return yield* next(request);
      return yield* next({ ...request, query: { ...query, bufferSize: size } });
    },
  };
};

/** Leaves out what the client did not ask for. */
export const minimal: CreatePlugin = () => ({
  name: 'minimal',
  *serve(request, next): Call<DnsAnswer> {
    const answer = yield* next(request);
    return answer.code === 'NOERROR' && answer.answers.length > 0 ? { ...answer, authority: [], additional: [] } : answer;
  },
});

/** Tells the client its own address and port, beside an empty answer. */
export const whoami: CreatePlugin = () => ({
  name: 'whoami',
  *serve({ query, peer, protocol }): Call<DnsAnswer> {
    const additional: readonly DnsRecord[] = [
      { name: query.name, type: 'A', ttl: 0, data: peer.ip },
      { name: `_${protocol}.${query.name}`, type: 'SRV', ttl: 0, data: `0 0 ${peer.port} .` },
    ];
    return { ...emptyAnswer(query, 'NOERROR'), isAuthoritative: true, isRecursive: false, additional };
  },
});
