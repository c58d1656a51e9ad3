/** packets: the last packets on the wire, and the whole path of one: every hop, rule and verdict, and where it died. */
import type { PacketHop, PacketPath, Program, Transport } from '../../emulator/kernel/index.ts';
import type { LoggedPacket, Network } from '../../emulator/node/network/index.ts';
import { addressNamed, isOfComponents, Namespace, namespaceNamed, tryAll } from '../../emulator/node/network/index.ts';
import type { FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { hostPort } from '../../emulator/machinery/ipv6.ts';

const flags: FlagSpec = {
  '-a': { name: 'all' },
  '--all': { name: 'all' },
  '-c': { name: 'count', takesValue: true },
  '-h': { name: 'help' },
  '--help': { name: 'help' },
};

const help = `Usage: packets [-a] [-c COUNT]          the last packets: first packets of connections, datagrams, pings
       packets NUMBER|last             the path of one, hop by hop
       packets try FROM TO:PORT[/udp|/sctp]  the path that a packet would take; nobody hears of it
  -a   those of the cluster's own components too
  -c   at most so many (20)
FROM is a Pod (web, shop/web), a machine, or outside; TO is one of those, an address, or a Service (svc/web, svc/shop/web).
`;

export const packets: Program = function* (sys) {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags);
  if (given.has('help')) {
    yield* sys.print(1, help);
    return 0;
  }
  if (!(sys.net instanceof Namespace)) throw new Error('packets needs the wire');
  const { network } = sys.net.node;
  const isNew = !network.isRecording && !sys.kernel.trace.isOn;
  network.isRecording = true;
  const text =
    unknown !== undefined
      ? undefined
      : words[0] === 'try'
        ? tried(network, words)
        : words.length === 1
          ? onePath(network, words[0]!)
          : words.length === 0
            ? list(network, given.has('all'), Number(given.get('count') ?? 20), sys.kernel.loop.now)
            : undefined;
  if (text === undefined) {
    yield* sys.print(2, help);
    return 2;
  }
  if (typeof text !== 'string') {
    yield* sys.print(2, `packets: ${text.problem}\n`);
    return 1;
  }
  yield* sys.print(1, isNew && words.length === 0 ? `Packets are put on record from now on.\n${text}` : text);
  return 0;
};

interface Problem {
  readonly problem: string;
}

function list({ log }: Network, showsAll: boolean, count: number, nowMs: number): string {
  const shown = log.entries.filter((packet) => showsAll || !isOfComponents(packet)).slice(-count);
  if (shown.length === 0) return 'No packet was sent yet.\n';
  const rows = [
    ['#', 'AGO', 'PROGRAM', 'FROM', 'TO', 'OUTCOME'],
    ...shown.map((packet) => [
      String(packet.id),
      `${((nowMs - packet.atMs) / 1000).toFixed(1)}s`,
      packet.program || '-',
      packet.from.replace(/ \(.*/, ''),
      packet.about === undefined ? packet.to : `${packet.to} ${packet.about}`,
      outcomeText(packet),
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)) + 3);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

const outcomeText = ({ outcome, attempts }: LoggedPacket): string => (attempts > 1 ? `${outcome} (sent ${attempts} times)` : outcome);

function onePath({ log }: Network, which: string): string | Problem {
  const packet =
    which === 'last' ? log.entries.findLast((entry) => !isOfComponents(entry)) : log.entries.find(({ id }) => String(id) === which);
  if (!packet) return { problem: which === 'last' ? 'no packet was sent yet' : `there is no packet ${which}` };
  return pathText(packet, packet.attempts > 1 ? `, sent ${packet.attempts} times` : '');
}

/** The stations of a path, each on the machine where it is. */
export function pathText({ from, to, about, hops, outcome, why }: Omit<PacketPath, 'program'>, more = ''): string {
  const nodeWidth = Math.max(...hops.map(({ node }) => node.length));
  const kindWidth = Math.max(...hops.map(({ kind }) => kind.length));
  const lines = hops.flatMap((hop, i) => {
    const head = `${String(i + 1).padStart(2)}  ${hop.node.padEnd(nodeWidth)}  ${hop.kind.padEnd(kindWidth)}  ${hop.text}${addresses(hop, hops[i - 1])}\n`;
    return [
      head,
      ...(hop.policies ?? []).map(
        ({ name, allows }) => `${' '.repeat(nodeWidth + kindWidth + 10)}${allows ? 'allows' : 'does not allow'}: ${name}\n`,
      ),
    ];
  });
  return `${from} > ${to}${about === undefined ? '' : ` (${about})`}: ${outcome}${more}\n${lines.join('')}${isEnd(hops.at(-1)) ? '' : `${why}\n`}`;
}

/** A station that says itself why the path ends there. */
const isEnd = (hop: PacketHop | undefined): boolean => hop?.kind === 'loss' || hop?.kind === 'refusal';

/** Source and destination, where they are others than before. */
function addresses({ source, destination }: PacketHop, before: PacketHop | undefined): string {
  if (before && before.source === source && before.destination === destination) return '';
  return `  [${source || '?'} > ${destination}]`;
}

function tried(network: Network, [, from, to, ...rest]: readonly string[]): string | Problem | undefined {
  const [, host, port, protocol = 'tcp'] = /^(.+):(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(to ?? '') ?? [];
  if (from === undefined || host === undefined || rest.length > 0) return undefined;
  const sender = namespaceNamed(network, from);
  if (!sender) return { problem: `there is no ${from} with an address` };
  const ip = addressNamed(network, host);
  if (ip === undefined) return { problem: `there is no ${host} with an address` };
  const trials = tryAll(sender, protocol.toUpperCase() as Transport, { ip, port: Number(port) });
  const paths = trials.map(({ isAnswered, hops, outcome, why }, i) => {
    const more = trials.length > 1 ? `, way ${i + 1} of ${trials.length}` : '';
    const end = isAnswered ? 'would be answered' : outcome === 'delivered' || outcome === 'rejected' ? 'would be refused' : 'would be lost';
    return pathText({ from, to: `${hostPort(ip, port!)}/${protocol.toUpperCase()}`, hops, outcome: end, why }, more);
  });
  return paths.join('\n');
}
