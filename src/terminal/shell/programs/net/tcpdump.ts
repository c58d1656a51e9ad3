/** tcpdump: what passes by an interface of this machine or Pod, as tcpdump 4.99 prints it. It sees what begins after it has. */
import type { Call, PacketHop, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { Interrupted, WaitQueue } from '../../../../emulator/kernel/index.ts';
import type { Frame } from '../../../../emulator/node/network/index.ts';
import { interfacesOf, Namespace, vxlan } from '../../../../emulator/node/network/index.ts';
import { getopt } from './getopt.ts';
import type { Filter, Seen } from './tcpdump-filter.ts';
import { parseFilter } from './tcpdump-filter.ts';
import { isIPv6Text, unbracketed } from '../../../../emulator/machinery/ipv6.ts';

const usage = 'Usage: tcpdump [-lnpqtU] [-c COUNT] [-i INTERFACE] [-s SNAPLEN] [EXPRESSION]\n';

const serviceNames: Readonly<Record<number, string>> = { 22: 'ssh', 53: 'domain', 80: 'http', 443: 'https', 8080: 'http-alt' };

interface Options {
  readonly device: string;
  readonly isNumeric: boolean;
  readonly hasTime: boolean;
  readonly count: number;
  readonly filter: Filter;
}

/** A line, and what a filter saw of it. */
interface Sight {
  readonly seen: Seen;
  readonly line: string;
}

/** Where a frame passes by the interface: the station, and which way it goes through it. */
function stationsAt(namespace: Namespace, device: string, { hops, isAnswer }: Frame): readonly PacketHop[] {
  const found = hops.filter((hop) => isHere(namespace, device, hop));
  return isAnswer ? found.toReversed() : found;
}

function isHere(namespace: Namespace, device: string, hop: PacketHop): boolean {
  if (hop.node !== namespace.node.name || hop.device === undefined) return false;
  const isEnd = hop.kind === 'start' || hop.kind === 'arrival';
  if (!namespace.isRoot) return isEnd && hop.text === namespace.name && (device === 'any' || hop.device === device);
  // A process of the node itself is seen where its packet leaves, but for the loopback.
  if (isEnd) return hop.text === namespace.name && hop.device === 'lo' && (device === 'lo' || device === 'any');
  return device === 'any' || hop.device === device || (hop.kind === 'interface' && device === namespace.node.podNetwork?.bridge);
}

function describe(frame: Frame, hop: PacketHop, { isNumeric }: Options): Sight {
  const outer = outerOf(frame, hop);
  const [source, destination] = endsOf(frame, hop);
  const isSix = source.ip.includes(':');
  const what = isSix ? frame.text.replace(/^ICMP/, 'ICMP6,') : frame.text;
  const inner = `${isSix ? 'IP6' : 'IP'} ${text(source, isNumeric)} > ${text(destination, isNumeric)}: ${what}`;
  if (outer) {
    const port = 49_152 + (frame.clientPort % 16_384);
    const [from, to] = outer;
    const seen: Seen = { protocol: 'UDP', source: from, sourcePort: port, destination: to, destinationPort: vxlan.port };
    return {
      seen,
      line: `${isIPv6Text(from) ? 'IP6' : 'IP'} ${from}.${port} > ${to}.${vxlan.port}: OTV, flags [I] (0x08), overlay 0, instance ${vxlan.id}\n${inner}`,
    };
  }
  const seen: Seen = {
    protocol: frame.protocol,
    source: source.ip,
    sourcePort: source.port,
    destination: destination.ip,
    destinationPort: destination.port,
  };
  return { seen, line: inner };
}

interface End {
  readonly ip: string;
  readonly port: number;
}

function endsOf(frame: Frame, hop: PacketHop): readonly [End, End] {
  const [, six, four, port] =
    /^(?:\[(.+)\]|(.+?))(?::(\d+))?$/.exec(frame.protocol === 'ICMP' ? `[${hop.destination}]` : hop.destination) ?? [];
  const server = { ip: six ?? four ?? '', port: Number(port ?? 0) };
  const { clientPort, isAnswer } = frame;
  const client = { ip: hop.source, port: clientPort };
  return isAnswer ? [server, client] : [client, server];
}

/** The addresses of the tunnel around a frame on the wire, in its direction; undefined when it travels as it is. */
function outerOf({ hops, isAnswer }: Frame, hop: PacketHop): readonly [string, string] | undefined {
  if (hop.kind !== 'wire') return undefined;
  const match = hops.map(({ text }) => /^wrapped in UDP (\S+) > (\S+):\d+ /.exec(text)).find(Boolean);
  if (!match) return undefined;
  const [from, to] = [match[1]!, unbracketed(match[2]!)];
  return isAnswer ? [to, from] : [from, to];
}

function text({ ip, port }: End, isNumeric: boolean): string {
  return port === 0 ? ip : `${ip}.${isNumeric ? port : (serviceNames[port] ?? port)}`;
}

/** `09:00:25.123000`. */
const clockText = (sys: Sys): string => sys.kernel.clock.microTime().slice(11, 26);

/** In or out, as seen from the namespace: what `-i any` prints. */
function directionOf({ hops, isAnswer }: Frame, hop: PacketHop, { isRoot }: Namespace): string {
  const isOut =
    hop.kind === 'interface' || hop.kind === 'tunnel'
      ? hops.indexOf(hop) > 1 && hop.text !== 'unwrapped'
      : hop.kind === 'wire'
        ? hop.text.startsWith('leaves')
        : hop.kind === 'start' && !isRoot;
  return isOut !== isAnswer ? 'Out' : 'In ';
}

function* capture(sys: Sys, namespace: Namespace, options: Options): Call<void> {
  const lines: string[] = [];
  const changed = new WaitQueue();
  let captured = 0;
  let received = 0;
  const tap = (frame: Frame): void => {
    for (const hop of stationsAt(namespace, options.device, frame)) {
      const { seen, line } = describe(frame, hop, options);
      if (!options.filter(seen)) continue;
      received++;
      if (captured === options.count) return;
      captured++;
      const where = options.device === 'any' ? `${hop.device!.padEnd(5)} ${directionOf(frame, hop, namespace)} ` : '';
      lines.push(`${options.hasTime ? `${clockText(sys)} ` : ''}${where}${line}\n`);
    }
    if (lines.length > 0) changed.wake();
  };
  const { taps } = namespace.node.network;
  taps.add(tap);
  const stop = (): void => void taps.delete(tap);
  sys.own(stop);
  for (const signal of ['INT', 'TERM'] as const) sys.onSignal(signal, 'catch');
  try {
    for (let printed = 0; printed < options.count; ) {
      if (lines.length === 0) yield* sys.block(changed, 'capture');
      const text = lines.splice(0);
      printed += text.length;
      yield* sys.print(1, text.join(''));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  stop();
  const count = (n: number, what: string): string => `${n} packet${n === 1 ? '' : 's'} ${what}\n`;
  yield* sys.print(2, `\n${count(captured, 'captured')}${count(received, 'received by filter')}${count(0, 'dropped by kernel')}`);
}

/**
 * Differs from Linux: frames bear the time at which their connection got so far, at every interface alike; bytes of raw streams
 * (`nc`, databases) are not shown, only that the connection begins and ends; addresses are not looked up; `-i any` leaves the bridge
 * itself out.
 */
export const tcpdump: Program = function* (sys) {
  const options = getopt(sys.argv.slice(1), { short: 'i:nc:lptUs:' });
  if ('problem' in options) {
    yield* sys.print(2, `tcpdump: option -${options.option.replace(/^-+/, '')} cannot be used here\n${usage}`);
    return 1;
  }
  if (!(sys.net instanceof Namespace)) throw new Error('tcpdump needs the wire');
  const device = options.value('i') ?? 'eth0';
  const count = options.number('c') ?? Number.POSITIVE_INFINITY;
  if (!(count > 0)) {
    yield* sys.print(2, `tcpdump: invalid packet count ${options.value('c')}\n`);
    return 1;
  }
  if (device !== 'any' && !interfacesOf(sys.net).some(({ name }) => name === device)) {
    yield* sys.print(2, `tcpdump: ${device}: No such device exists\n(SIOCGIFHWADDR: No such device)\n`);
    return 1;
  }
  const filter = parseFilter(options.operands);
  if (!filter) {
    yield* sys.print(2, "tcpdump: can't parse filter expression: syntax error\n");
    return 1;
  }
  const link = device === 'any' ? 'any, link-type LINUX_SLL2 (Linux cooked v2)' : `${device}, link-type EN10MB (Ethernet)`;
  if (device === 'any') yield* sys.print(2, 'tcpdump: data link type LINUX_SLL2\n');
  yield* sys.print(
    2,
    `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${link}, snapshot length 262144 bytes\n`,
  );
  yield* capture(sys, sys.net, { device, count, filter, isNumeric: options.has('n'), hasTime: !options.has('t') });
  return 0;
};
