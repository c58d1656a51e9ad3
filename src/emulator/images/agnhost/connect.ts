/** agnhost connect: one connection of TCP, UDP or SCTP, and in a word why there is none (test/images/agnhost/connect). */
import type { Call, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { formatDuration, parseDuration } from '../../machinery/duration.ts';
import { unbracketed } from '../../machinery/ipv6.ts';
import { ResolveError, resolveHost } from '../../node/network/index.ts';

const protocols = ['tcp', 'udp', 'sctp'] as const;

const words: Readonly<Record<string, string>> = { ETIMEDOUT: 'TIMEOUT', ECONNREFUSED: 'REFUSED' };

/** `HOST:PORT` and the flags `--protocol`, `--timeout` (1 s) and `--udp-data`. */
export function* connect(sys: Sys, flag: (name: string, fallback: string) => string): Call<number> {
  const target = sys.argv.slice(2).find((arg, i, all) => !arg.startsWith('--') && !(all[i - 1] ?? '').match(/^--\w[\w-]*$/));
  const [, host, port] = /^(.+):(\d+)$/.exec(target ?? '') ?? [];
  const protocol = protocols.find((one) => one === flag('protocol', 'tcp'));
  const timeoutMs = parseDuration(flag('timeout', '1s'));
  if (host === undefined || !protocol || timeoutMs === undefined) {
    yield* sys.print(2, protocol ? 'OTHER: a target HOST:PORT and a duration are needed\n' : 'Unsupported protocol\n');
    return 1;
  }
  try {
    const ip = yield* resolveHost(sys, unbracketed(host));
    const to = { ip, port: Number(port) };
    if (protocol === 'udp') yield* sys.net.datagram(to, flag('udp-data', ''), { timeoutMs });
    else (yield* sys.net.connect(to, { timeoutMs, protocol: protocol === 'sctp' ? 'SCTP' : 'TCP' })).close();
    return 0;
  } catch (error) {
    if (error instanceof ResolveError) yield* sys.print(2, `DNS: lookup ${host}: no such host\n`);
    else if (isErrno(error))
      yield* sys.print(
        2,
        `${words[error.code] ?? `OTHER: dial ${protocol} ${target} after ${formatDuration(timeoutMs)}: ${error.message}`}\n`,
      );
    else throw error;
    return 1;
  }
}
