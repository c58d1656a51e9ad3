/** ping in its two forms: BusyBox's applet, and iputils' on Debian. */

import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { Interrupted, isErrno } from '../../../../emulator/kernel/index.ts';
import { isIPv6Text } from '../../../../emulator/machinery/ipv6.ts';
import { isLoopback, mtuTo, Namespace, ResolveError, resolveHost } from '../../../../emulator/node/network/index.ts';
import { isDebian, jitterMs } from './flavour.ts';
import { getopt } from './getopt.ts';

/** Of IP and ICMP. */
const headersOf = (ip: string): number => (isIPv6Text(ip) ? 48 : 28);

interface Run {
  readonly sys: Sys;
  readonly host: string;
  readonly ip: string;
  readonly count: number;
  readonly intervalMs: number;
  /** For one answer. */
  readonly timeoutMs: number;
  /** For all of it. */
  readonly deadlineMs: number;
  readonly isQuiet: boolean;
  /** Of payload, in each echo. */
  readonly bytes: number;
  /** Whether routers may not cut it into pieces. */
  readonly isWhole: boolean;
  readonly isGnu: boolean;
  readonly startedMs: number;
}

export const ping: Program = function* (sys) {
  const isGnu = isDebian(sys);
  const options = getopt(sys.argv.slice(1), { short: isGnu ? 'c:W:w:i:s:q46nI:t:M:' : 'c:W:w:i:s:q46nI:t:' });
  const host = 'problem' in options ? undefined : options.operands[0];
  if ('problem' in options || host === undefined) {
    yield* sys.print(
      2,
      isGnu ? 'ping: usage error: Destination address required\n' : 'BusyBox v1.37.0 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n',
    );
    return isGnu ? 2 : 1;
  }
  let ip: string;
  try {
    const isSix = options.has('6') || /ping6$/.test(sys.argv[0] ?? '');
    ip = yield* resolveHost(sys, host, isSix ? 'IPv6' : options.has('4') ? 'IPv4' : undefined);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    yield* sys.print(2, isGnu ? `ping: ${host}: ${error.message}\n` : `ping: bad address '${host}'\n`);
    return isGnu ? 2 : 1;
  }
  const seconds = (name: string, fallback: number): number => (options.number(name) ?? fallback) * 1000;
  sys.onSignal('INT', 'catch');
  const startedMs = sys.nowMs;
  return yield* echo({
    sys,
    host,
    ip,
    isGnu,
    startedMs,
    isQuiet: options.has('q'),
    bytes: options.number('s') ?? 56,
    isWhole: options.value('M') === 'do',
    count: options.number('c') ?? Number.POSITIVE_INFINITY,
    intervalMs: seconds('i', 1),
    timeoutMs: seconds('W', 10),
    deadlineMs: options.has('w') ? startedMs + seconds('w', 0) : Number.POSITIVE_INFINITY,
  });
};

function* echo(run: Run): Call<number> {
  const { sys, host, ip, count, isGnu, intervalMs, bytes } = run;
  const times: number[] = [];
  let errors = 0;
  let sent = 0;
  yield* sys.print(
    1,
    isGnu
      ? isIPv6Text(ip)
        ? `PING ${host} (${ip}) ${bytes} data bytes\n`
        : `PING ${host} (${ip}) ${bytes}(${bytes + headersOf(ip)}) bytes of data.\n`
      : `PING ${host} (${ip}): ${bytes} data bytes\n`,
  );
  try {
    while (sent < count && sys.nowMs < run.deadlineMs) {
      const nextMs = sys.nowMs + intervalMs;
      const time = yield* one(run, sent++, sent >= count);
      if (typeof time === 'number') times.push(time);
      else errors += time === 'unreachable' ? 1 : 0;
      if (sent < count) yield* sys.sleep(Math.max(0, Math.min(nextMs, run.deadlineMs) - sys.nowMs));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  sys.onSignal('INT', 'default');
  yield* sys.print(1, statistics(run, sent, times, errors));
  return times.length > 0 ? 0 : 1;
}

/** One echo: the time that it took, or what became of it. The last may take its whole time-out, the others the interval. */
function* one(run: Run, index: number, isLast: boolean): Call<number | 'unreachable' | 'lost'> {
  const { sys, ip, isGnu } = run;
  const waitMs = Math.min(
    isLast ? run.timeoutMs : Math.max(run.intervalMs, Math.min(run.timeoutMs, run.intervalMs)),
    Math.max(1, run.deadlineMs - sys.nowMs),
  );
  const mtu = run.isWhole && sys.net instanceof Namespace ? mtuTo(sys.net, ip) : Number.POSITIVE_INFINITY;
  if (run.bytes + headersOf(ip) > mtu) {
    // Unverified: whether the version of this image writes `mtu=` or `mtu: `.
    yield* sys.print(2, `ping: local error: message too long, mtu=${mtu}\n`);
    return 'unreachable';
  }
  try {
    const ms = (yield* sys.net.ping(ip, { timeoutMs: waitMs, bytes: run.bytes })) + jitterMs(sys, ip, index);
    const node = sys.net.addresses.includes(ip) || isLoopback(ip) ? 64 : ms > 1 ? 62 : 64;
    if (!run.isQuiet)
      yield* sys.print(
        1,
        isGnu
          ? `${run.bytes + 8} bytes from ${ip}: icmp_seq=${index + 1} ttl=${node} time=${significant(ms)} ms\n`
          : `${run.bytes + 8} bytes from ${ip}: seq=${index} ttl=${node} time=${ms.toFixed(3)} ms\n`,
      );
    return ms;
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (error.code === 'ENETUNREACH') {
      yield* sys.print(2, isGnu ? 'ping: connect: Network is unreachable\n' : 'ping: sendto: Network is unreachable\n');
      return sys.exit(isGnu ? 2 : 1);
    }
    if (error.code === 'ECONNREFUSED') {
      if (isGnu && !run.isQuiet) yield* sys.print(1, `From ${ip} icmp_seq=${index + 1} Destination Port Unreachable\n`);
      return 'unreachable';
    }
    if (error.code !== 'EHOSTUNREACH') return 'lost';
    if (isGnu && !run.isQuiet)
      yield* sys.print(
        1,
        `From ${sys.net.addresses.find((own) => isIPv6Text(own) === isIPv6Text(ip))} icmp_seq=${index + 1} Destination Host Unreachable\n`,
      );
    return 'unreachable';
  }
}

/** Three digits, as iputils prints times. */
function significant(ms: number): string {
  return ms < 1 ? ms.toFixed(3) : ms < 10 ? ms.toFixed(2) : ms.toFixed(1);
}

function statistics({ sys, host, isGnu, startedMs }: Run, sent: number, times: readonly number[], errors: number): string {
  const loss = sent === 0 ? 0 : Math.round(((sent - times.length) / sent) * 100);
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const average = times.reduce((sum, time) => sum + time, 0) / times.length;
  if (isGnu) {
    const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length);
    const summary = `rtt min/avg/max/mdev = ${[least, average, most, deviation].map((ms) => ms.toFixed(3)).join('/')} ms\n`;
    return `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} received, ${errors > 0 ? `+${errors} errors, ` : ''}${loss}% packet loss, time ${sys.nowMs - startedMs}ms\n${times.length > 0 ? summary : '\n'}`;
  }
  const summary = `round-trip min/avg/max = ${[least, average, most].map((ms) => ms.toFixed(3)).join('/')} ms\n`;
  return `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${loss}% packet loss\n${times.length > 0 ? summary : ''}`;
}
