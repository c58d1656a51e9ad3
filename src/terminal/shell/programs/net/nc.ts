/** nc: raw bytes over TCP or datagrams, in BusyBox's words or (on Debian) those of the OpenBSD version; as ncat (nmap's) over SCTP too. */

import type { Address, ByteString, Call, Connection, DuplexStream, Errno, Peer, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { createPipe, FdTable, Interrupted, isErrno, noBytes, WaitQueue } from '../../../../emulator/kernel/index.ts';
import { ResolveError, resolveHost } from '../../../../emulator/node/network/index.ts';
import { isDebian } from './flavour.ts';
import type { Parsed } from './getopt.ts';
import { getopt } from './getopt.ts';
import { hostPort } from '../../../../emulator/machinery/ipv6.ts';

const serviceNames: Readonly<Record<number, string>> = {
  22: 'ssh',
  53: 'domain',
  80: 'http',
  443: 'https',
  3306: 'mysql',
  5432: 'postgresql',
  6379: 'redis',
  8080: 'http-alt',
};

interface Job {
  readonly sys: Sys;
  readonly options: Parsed;
  readonly isBsd: boolean;
  readonly isNcat: boolean;
  /** What `-e` runs on the connection. */
  readonly command: readonly string[] | undefined;
}

export const nc: Program = function* (sys) {
  const isNcat = sys.argv[0]?.endsWith('ncat') === true;
  const isBsd = !isNcat && isDebian(sys);
  const args = sys.argv.slice(1);
  const executeAt = args.indexOf('-e');
  const command = executeAt < 0 ? undefined : args.slice(executeAt + 1);
  const options = getopt(executeAt < 0 ? args : args.slice(0, executeAt), {
    short: 'zvnklup:w:q:N46ti:',
    long: isNcat ? { sctp: 'sctp', udp: 'u', listen: 'l', verbose: 'v', 'keep-open': 'k', 'wait:': 'w' } : {},
  });
  if ('problem' in options) {
    yield* sys.print(
      2,
      isBsd
        ? `nc: ${options.problem === 'unknown' ? 'invalid option' : 'option requires an argument'} -- '${options.option.slice(1)}'\n`
        : `nc: ${options.problem === 'unknown' ? 'unrecognized option' : 'option requires an argument'}: ${options.option.slice(1)}\n`,
    );
    return 1;
  }
  const job: Job = { sys, options, isBsd, isNcat, command };
  if (options.has('l')) return yield* serve(job);
  const [host, ports] = options.operands;
  if (host === undefined || ports === undefined) {
    yield* sys.print(
      2,
      isBsd
        ? 'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n'
        : 'BusyBox v1.37.0 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n',
    );
    return 1;
  }
  return yield* connectAll(job, host, ports);
};

/** A port, or a range of them with `-z`. */
function portsOf(text: string): readonly number[] {
  const [from, to = from] = text.split('-').map(Number) as [number, number?];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

function* connectAll(job: Job, host: string, ports: string): Call<number> {
  const { sys, options, isBsd } = job;
  let ip: string;
  try {
    ip = yield* resolveHost(sys, host, options.has('6') ? 'IPv6' : options.has('4') ? 'IPv4' : undefined);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    yield* sys.print(
      2,
      isBsd
        ? `nc: getaddrinfo for host "${host}" port ${ports}: ${error.message}\n`
        : job.isNcat
          ? `Ncat: Could not resolve hostname "${host}": ${error.message}. QUITTING.\n`
          : `nc: bad address '${host}'\n`,
    );
    return 1;
  }
  let code = 0;
  for (const port of portsOf(ports)) {
    try {
      if (options.has('u') && !options.has('z')) return yield* talkDatagrams(job, { ip, port });
      if (options.has('u')) yield* probeDatagram(sys, ip, port);
      const connection = options.has('u')
        ? undefined
        : yield* sys.net.connect({ ip, port }, { ...timeout(options), protocol: options.has('sctp') ? 'SCTP' : 'TCP' });
      if (options.has('v'))
        yield* sys.print(2, isBsd || job.isNcat ? opened(job, host, ip, port) : `${host} (${hostPort(ip, port)}) open\n`);
      if (options.has('z') || !connection) connection?.close();
      else yield* talk(job, sys.net.open(connection), connection);
    } catch (error) {
      if (!isErrno(error)) throw error;
      code = 1;
      if (options.has('v') || !isBsd) yield* sys.print(2, refused(job, host, ip, port, error));
    }
  }
  return code;
}

function timeout(options: Parsed): { readonly timeoutMs?: number } {
  const seconds = options.number('w');
  return seconds === undefined ? {} : { timeoutMs: Math.max(1, seconds * 1000) };
}

/** A datagram that nobody refuses counts as taken. */
function* probeDatagram(sys: Sys, ip: string, port: number): Call<void> {
  try {
    yield* sys.net.datagram({ ip, port }, 'X', { timeoutMs: 1000 });
  } catch (error) {
    if (!isErrno(error, 'ETIMEDOUT')) throw error;
  }
}

/** Sends each line of the input from one port, and prints what comes back (in OpenBSD's words until nothing came for `-w` seconds). */
function* talkDatagrams({ sys, options }: Job, to: Address): Call<number> {
  const socket = sys.net.listen(options.number('p') ?? 0, {}, { protocol: 'UDP' });
  sys.own(() => socket.close());
  const timeoutMs = options.number('w') === undefined ? 1000 : options.number('w')! * 1000;
  for (;;) {
    const line = yield* sys.read(0);
    if (line === noBytes) return 0;
    try {
      const answer = yield* sys.net.datagram(to, line, { localPort: socket.address.port, timeoutMs });
      if (typeof answer === 'string') yield* sys.write(1, answer as ByteString);
    } catch (error) {
      if (!isErrno(error, 'ETIMEDOUT')) throw error;
    }
  }
}

function opened({ options, isNcat }: Job, host: string, ip: string, port: number): string {
  if (isNcat) return `Ncat: Connected to ${hostPort(ip, port)}.\n`;
  const protocol = options.has('u') ? 'udp' : 'tcp';
  const shown = ip === host ? `${host}` : `${host} (${ip})`;
  return `Connection to ${shown} ${port} port [${protocol}/${serviceNames[port] ?? '*'}] succeeded!\n`;
}

function refused({ options, isBsd, isNcat }: Job, host: string, ip: string, port: number, error: Errno): string {
  const isLate = error.code === 'ETIMEDOUT' && options.has('w');
  if (isNcat) return `Ncat: ${isLate ? 'TIMEOUT' : error.message}.\n`;
  if (!isBsd) return `nc: ${host} (${hostPort(ip, port)}): ${error.code === 'ETIMEDOUT' ? 'Operation timed out' : error.message}\n`;
  const shown = ip === host ? `${host}` : `${host} (${ip})`;
  return `nc: connect to ${shown} port ${port} (${options.has('u') ? 'udp' : 'tcp'}) ${isLate ? 'timed out: Operation now in progress' : `failed: ${error.message}`}\n`;
}

function* serve(job: Job): Call<number> {
  const { sys, options, isBsd } = job;
  const port = Number(options.value('p') ?? options.operands.at(-1));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    yield* sys.print(2, 'nc: bad local port\n');
    return 1;
  }
  if (options.has('u')) return yield* serveDatagrams(job, port);
  const waiting: { readonly stream: DuplexStream; readonly peer: Peer }[] = [];
  const arrived = new WaitQueue();
  const stream = (opened: DuplexStream, peer: Peer): void => {
    waiting.push({ stream: opened, peer });
    arrived.wake();
  };
  try {
    const listener = sys.net.listen(port, { stream }, { protocol: options.has('sctp') ? 'SCTP' : 'TCP' });
    sys.own(() => listener.close());
    if (options.has('v'))
      yield* sys.print(
        2,
        isBsd
          ? `Listening on 0.0.0.0 ${port}\n`
          : job.isNcat
            ? `Ncat: Listening on 0.0.0.0:${port}\n`
            : `listening on 0.0.0.0:${port} ...\n`,
      );
    for (;;) {
      while (waiting.length === 0) yield* sys.block(arrived, 'accept');
      const { stream: accepted, peer } = waiting.shift()!;
      if (options.has('v'))
        yield* sys.print(
          2,
          isBsd
            ? `Connection received on ${peer.ip} ${peer.port}\n`
            : job.isNcat
              ? `Ncat: Connection from ${hostPort(peer.ip, peer.port)}.\n`
              : `connect to 0.0.0.0:${port} from ${peer.ip}:${peer.port} (${peer.ip}:${peer.port})\n`,
        );
      if (job.command) yield* execute(job, accepted);
      else yield* talk(job, accepted, undefined);
      if (!options.has('k')) return 0;
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(2, isBsd ? `nc: ${error.message}\n` : `nc: bind: ${error.message}\n`);
    return 1;
  }
}

interface Datagram {
  readonly data: ByteString;
  readonly from: string;
  answer: ByteString | undefined;
  isDone: boolean;
}

/** Prints each datagram, or answers it with what the program of `-e` prints. */
function* serveDatagrams(job: Job, port: number): Call<number> {
  const { sys, isBsd, options } = job;
  const waiting: Datagram[] = [];
  const [arrived, answered] = [new WaitQueue(), new WaitQueue()];
  const datagram = function* (payload: unknown, peer: Peer): Call<unknown> {
    const one: Datagram = { data: String(payload) as ByteString, from: `${peer.ip} ${peer.port}`, answer: undefined, isDone: false };
    waiting.push(one);
    arrived.wake();
    while (!one.isDone) yield* sys.kernel.block(answered, 'answer');
    return one.answer;
  };
  try {
    const listener = sys.net.listen(port, { datagram }, { protocol: 'UDP' });
    sys.own(() => listener.close());
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(2, isBsd ? `nc: ${error.message}\n` : `nc: bind: ${error.message}\n`);
    return 1;
  }
  if (options.has('v')) yield* sys.print(2, isBsd ? `Bound on 0.0.0.0 ${port}\n` : `listening on 0.0.0.0:${port} ...\n`);
  for (;;) {
    while (waiting.length === 0) yield* sys.block(arrived, 'recv');
    const one = waiting.shift()!;
    if (options.has('v') && isBsd) yield* sys.print(2, `Connection received on ${one.from}\n`);
    if (job.command) one.answer = yield* outputOf(job, one.data);
    else yield* sys.write(1, one.data);
    one.isDone = true;
    answered.wake();
  }
}

/** What a program prints when it reads these bytes. */
function* outputOf({ sys, command }: Job, data: ByteString): Call<ByteString> {
  const { program, argv } = sys.load(command![0] ?? '', command!);
  const [input, output, fds] = [createPipe(), createPipe(), new FdTable()];
  input.writer.write(data);
  input.writer.closed();
  fds.set(0, input.reader);
  fds.set(1, output.writer);
  fds.set(2, sys.fds.get(2));
  yield* sys.wait(sys.spawn({ program, argv, fds }));
  return output.reader.read(65_507) ?? noBytes;
}

/** Runs a program with the connection as its input and output. */
function* execute({ sys, command }: Job, { input, output }: DuplexStream): Call<void> {
  const { program, argv } = sys.load(command![0] ?? '', command!);
  const fds = new FdTable();
  fds.set(0, input);
  fds.set(1, output);
  fds.set(2, sys.fds.get(2));
  yield* sys.wait(sys.spawn({ program, argv, fds }));
}

/** Copies both ways until the far end is done. A child of its own reads the input, since either side may have nothing to say. */
function* talk({ sys, options }: Job, stream: DuplexStream, connection: Connection | undefined): Call<void> {
  const seconds = options.number('w');
  const input = sys.fds.add(stream.input);
  const output = sys.fds.add(stream.output);
  const child = sys.spawn({ program: sender(input, output), argv: ['nc'] });
  sys.fds.close(output);
  let late = seconds === undefined ? undefined : sys.kernel.loop.timer(seconds * 1000, () => connection?.close());
  try {
    for (;;) {
      const data = yield* sys.read(input);
      if (data === '') break;
      late?.cancel();
      if (seconds !== undefined) late = sys.kernel.loop.timer(seconds * 1000, () => connection?.close());
      yield* sys.write(1, data);
    }
  } catch (error) {
    if (!isErrno(error) && !(error instanceof Interrupted)) throw error;
  }
  late?.cancel();
  stop(sys, child);
  sys.fds.close(input);
  connection?.close();
}

function stop(sys: Sys, pid: number): void {
  try {
    sys.kill(pid, 'KILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Standard input to the connection; its end is the far input's end, since the last descriptor of it is closed. */
const sender = (input: number, output: number): Program =>
  function* (sys) {
    sys.fds.close(input);
    for (;;) {
      const data = yield* sys.read(0);
      if (data === noBytes) return 0;
      yield* sys.write(output, data);
    }
  };
