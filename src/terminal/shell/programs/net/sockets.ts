/** ss and netstat: what listens in this network namespace, and what is connected. */
import type { Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { Connection, Socket } from '../../../../emulator/node/network/index.ts';
import { hostPort } from '../../../../emulator/machinery/ipv6.ts';
import { Namespace, retransmitTimeoutMs } from '../../../../emulator/node/network/index.ts';
import { hostPidOf } from '../process-view.ts';

export interface Row {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly state: string;
  readonly local: string;
  readonly peer: string;
  readonly pid: number | undefined;
  readonly command: string;
  readonly connection?: Connection;
}

/** Who listens, under the number that this machine knows it by. */
function processOf({ machine }: Sys, { process }: Socket): Pick<Row, 'pid' | 'command'> {
  const command = process?.argv[0]?.split('/').at(-1) ?? '';
  return { pid: process && (process.machine === machine ? process.pid : hostPidOf(machine, process)), command };
}

export function rowsOf(
  sys: Sys,
  wants: { readonly listening: boolean; readonly connected: boolean; readonly tcp: boolean; readonly udp: boolean; readonly sctp: boolean },
): readonly Row[] {
  if (!(sys.net instanceof Namespace)) return [];
  const rows: Row[] = [];
  for (const socket of sys.net.listeners) {
    const protocol = ({ TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const)[socket.protocol];
    if (!wants[protocol]) continue;
    const local = hostPort(socket.address.ip, socket.address.port);
    if (wants.listening)
      rows.push({ protocol, state: protocol === 'udp' ? 'UNCONN' : 'LISTEN', local, peer: '0.0.0.0:*', ...processOf(sys, socket) });
    if (!wants.connected) continue;
    for (const connection of socket.connections)
      rows.push({
        protocol,
        state: 'ESTAB',
        local: hostPort(connection.remote.ip, connection.remote.port),
        peer: hostPort(connection.peerIP, connection.local.port),
        connection,
        ...processOf(sys, socket),
      });
  }
  if (wants.connected) {
    for (const connection of sys.net.connections) {
      const { local, remote, protocol } = connection;
      const shown = protocol === 'SCTP' ? 'sctp' : 'tcp';
      if (!wants[shown]) continue;
      rows.push({
        protocol: shown,
        state: 'ESTAB',
        local: hostPort(local.ip, local.port),
        peer: hostPort(remote.ip, remote.port),
        connection,
        pid: undefined,
        command: '',
      });
    }
  }
  return rows;
}

/** Letters of all short options, and long ones as their first letter. */
function flagsOf(argv: readonly string[]): ReadonlySet<string> {
  const long: Readonly<Record<string, string>> = {
    '--listening': 'l',
    '--numeric': 'n',
    '--processes': 'p',
    '--tcp': 't',
    '--udp': 'u',
    '--sctp': 'S',
    '--all': 'a',
    '--info': 'i',
    '--statistics': 's',
    '--no-header': 'H',
  };
  return new Set(argv.slice(1).flatMap((arg) => (arg in long ? [long[arg]!] : arg.startsWith('-') ? [...arg.slice(1)] : [])));
}

function wantsOf(flags: ReadonlySet<string>) {
  const hasProtocol = flags.has('t') || flags.has('u') || flags.has('S');
  return {
    listening: flags.has('l') || flags.has('a'),
    connected: !flags.has('l'),
    tcp: flags.has('t') || !hasProtocol,
    udp: flags.has('u') || !hasProtocol,
    sctp: flags.has('S') || !hasProtocol,
  };
}

/** What `-i` adds: the timeout and the round trip, and how often something was sent again. Differs from Linux: a few of its figures. */
function internalsOf(connection: Connection): string {
  const roundTripMs = 2 * connection.latencyMs + 0.05;
  const mtu = connection.from.isRoot ? 1500 : (connection.from.node.podNetwork?.mtu ?? 1500);
  const again = connection.retransmits > 0 ? ` retrans:0/${connection.retransmits}` : '';
  const times = `rto:${Math.ceil(retransmitTimeoutMs(connection))} rtt:${roundTripMs.toFixed(3)}/${(roundTripMs / 2).toFixed(3)}`;
  return `\t cubic wscale:7,7 ${times} mss:${mtu - 52} pmtu:${mtu} rcvmss:536 advmss:${mtu - 52} cwnd:10${again} rcv_space:14480 rcv_ssthresh:64088 minrtt:${roundTripMs.toFixed(3)}\n`;
}

export const ss: Program = function* (sys) {
  const flags = flagsOf(sys.argv);
  const rows = rowsOf(sys, wantsOf(flags));
  const showsProtocol = ['t', 'u', 'S'].filter((flag) => flags.has(flag)).length !== 1;
  const cells = rows.map(({ protocol, state, local, peer, pid, command }) => [
    ...(showsProtocol ? [protocol] : []),
    state,
    '0',
    state === 'LISTEN' ? '4096' : '0',
    local,
    peer,
    flags.has('p') && pid !== undefined ? `users:(("${command}",pid=${pid},fd=3))` : '',
  ]);
  const head = [...(showsProtocol ? ['Netid'] : []), 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process'];
  const table = flags.has('H') ? cells : [head, ...cells];
  const widths = head.map((_, i) => Math.max(...table.map((row) => row[i]!.length), 0));
  const details = flags.has('H') ? rows : [undefined, ...rows];
  for (const [at, row] of table.entries()) {
    yield* sys.print(
      1,
      `${row
        .map((cell, i) => (head[i]!.includes('Address') ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join(' ')
        .trimEnd()}\n`,
    );
    const connection = flags.has('i') ? details[at]?.connection : undefined;
    if (connection?.protocol === 'TCP') yield* sys.print(1, internalsOf(connection));
  }
  return 0;
};

/** Differs from Linux: of its counters those that are counted here. */
function statisticsOf({ opened, retransmits, connections, listeners }: Namespace): string {
  const accepted = listeners.reduce((sum, { protocol, accepted: count }) => sum + (protocol === 'TCP' ? count : 0), 0);
  const established = connections.size + listeners.reduce((sum, { connections: own }) => sum + own.size, 0);
  return `Tcp:\n    ${opened} active connection openings\n    ${accepted} passive connection openings\n    ${established} connections established\n    ${retransmits} segments retransmitted\n`;
}

export const netstat: Program = function* (sys) {
  const flags = flagsOf(sys.argv);
  if (flags.has('s') && sys.net instanceof Namespace) {
    yield* sys.print(1, statisticsOf(sys.net));
    return 0;
  }
  const only = flags.has('l') ? 'only servers' : flags.has('a') ? 'servers and established' : 'w/o servers';
  const withProcess = flags.has('p');
  yield* sys.print(
    1,
    `Active Internet connections (${only})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${withProcess ? 'PID/Program name    ' : ''}\n`,
  );
  for (const { protocol, state, local, peer, pid, command } of rowsOf(sys, wantsOf(flags))) {
    const shown = { LISTEN: 'LISTEN', ESTAB: 'ESTABLISHED' }[state] ?? '';
    yield* sys.print(
      1,
      `${protocol}        0      0 ${local.padEnd(23)} ${peer.padEnd(23)} ${shown.padEnd(11)} ${withProcess ? (pid === undefined ? '-' : `${pid}/${command}`) : ''}`
        .trimEnd()
        .concat('\n'),
    );
  }
  return 0;
};
