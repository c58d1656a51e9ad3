/** conntrack: the flows that a node's kernel remembers, as conntrack-tools 1.4.7 prints them. */
import type { Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { Connection, Flow, NodeNetwork, TrackedConnection } from '../../../../emulator/node/network/index.ts';
import { Namespace, tracked } from '../../../../emulator/node/network/index.ts';
import { getopt } from './getopt.ts';
import type { Parsed } from './getopt.ts';

/** kube-proxy sets nf_conntrack_tcp_timeout_established to a day (conntrack.tcpEstablishedTimeout). */
const establishedSeconds = 86_400;
const timeWaitSeconds = 120;
/** nf_conntrack_sctp_timeout_established and _closed. */
const sctpEstablishedSeconds = 210;
const sctpClosedSeconds = 10;

interface Entry {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly seconds: number;
  readonly state: string;
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly isAnswered: boolean;
  readonly isAssured: boolean;
  delete(): void;
}

interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

const tuple = (src: string, dst: string, sport: number, dport: number): Tuple => ({ src, dst, sport, dport });

/**
 * Connections of processes on this node, in either direction.
 *
 * Differs from Linux: a connection that only passes through a node, on its way from a node port to a Pod elsewhere, is not listed there.
 */
function connectionsOf(node: NodeNetwork): ReadonlySet<Connection> {
  const found = new Set<Connection>();
  for (const namespace of [node.namespace, ...node.pods.values()]) {
    for (const connection of namespace.connections) found.add(connection);
    for (const socket of namespace.listeners) for (const connection of socket.connections) found.add(connection);
  }
  return found;
}

function connectionEntry(connection: TrackedConnection, state: string, seconds: number, end: () => void): Entry {
  const { dialed, local, remote, peerIP, sourceIP } = connection;
  return {
    protocol: connection.protocol === 'SCTP' ? 'sctp' : 'tcp',
    seconds,
    state,
    original: tuple(sourceIP, dialed.ip, local.port, dialed.port),
    reply: tuple(remote.ip, peerIP, remote.port, local.port),
    isAnswered: true,
    isAssured: true,
    delete: end,
  };
}

function udpEntry(node: NodeNetwork, flow: Flow, now: number): Entry {
  return {
    protocol: 'udp',
    seconds: Math.max(0, Math.floor((flow.expiresMs - now) / 1000)),
    state: '',
    original: tuple(flow.sourceIP, flow.ip, flow.sourcePort, flow.port),
    reply: tuple(flow.toIP, flow.replyIP, flow.toPort, flow.sourcePort),
    isAnswered: flow.isAnswered,
    isAssured: flow.isAssured,
    delete: () => node.conntrack.forget((other) => other === flow),
  };
}

function entriesOf(sys: Sys, node: NodeNetwork): readonly Entry[] {
  const { now } = sys.kernel.loop;
  const age = (ms: number): number => Math.floor((now - ms) / 1000);
  const open = [...connectionsOf(node)].map((one) =>
    connectionEntry(
      tracked(one, one.openedMs),
      'ESTABLISHED',
      Math.max(0, (one.protocol === 'SCTP' ? sctpEstablishedSeconds : establishedSeconds) - 1 - age(one.openedMs)),
      one.close,
    ),
  );
  const closed = node.conntrack.closed.map((one) =>
    one.protocol === 'SCTP'
      ? connectionEntry(one, 'CLOSED', Math.max(0, sctpClosedSeconds - 1 - age(one.sinceMs)), () => {})
      : connectionEntry(one, 'TIME_WAIT', timeWaitSeconds - 1 - age(one.sinceMs), () => {}),
  );
  return [...open, ...closed, ...node.conntrack.flows.map((flow) => udpEntry(node, flow, now))];
}

const shown = ({ src, dst, sport, dport }: Tuple): string => `src=${src} dst=${dst} sport=${sport} dport=${dport}`;

const numbers = { tcp: 6, udp: 17, sctp: 132 } as const;

function lineOf(entry: Entry): string {
  const { protocol, seconds, state, original, reply, isAnswered, isAssured } = entry;
  const words = [
    `${protocol.padEnd(8)} ${numbers[protocol]} ${seconds}`,
    ...(state === '' ? [] : [state]),
    shown(original),
    ...(isAnswered ? [] : ['[UNREPLIED]']),
    shown(reply),
    ...(isAssured ? ['[ASSURED]'] : []),
    'mark=0 use=1',
  ];
  return `${words.join(' ')}\n`;
}

function isWanted(entry: Entry, options: Parsed): boolean {
  const is = (option: string, value: string | number): boolean => {
    const wanted = options.value(option);
    return wanted === undefined || wanted === String(value);
  };
  return (
    is('p', entry.protocol) &&
    is('state', entry.state) &&
    is('s', entry.original.src) &&
    is('d', entry.original.dst) &&
    is('r', entry.reply.src) &&
    is('q', entry.reply.dst) &&
    is('sport', entry.original.sport) &&
    is('dport', entry.original.dport) &&
    is('reply-sport', entry.reply.sport) &&
    is('reply-dport', entry.reply.dport)
  );
}

const types = {
  short: 'LDCp:s:d:r:q:no:',
  long: {
    list: 'L',
    dump: 'L',
    delete: 'D',
    count: 'C',
    'proto:': 'p',
    'src:': 's',
    'orig-src:': 's',
    'dst:': 'd',
    'orig-dst:': 'd',
    'reply-src:': 'r',
    'reply-dst:': 'q',
    'state:': 'state',
    'sport:': 'sport',
    'orig-port-src:': 'sport',
    'dport:': 'dport',
    'orig-port-dst:': 'dport',
    'reply-port-src:': 'reply-sport',
    'reply-port-dst:': 'reply-dport',
  },
};

const version = 'conntrack v1.4.7 (conntrack-tools)';

export const conntrack: Program = function* (sys) {
  const options = getopt(sys.argv.slice(1), types);
  if ('problem' in options || !(options.has('L') || options.has('D') || options.has('C'))) {
    // Differs from Linux: entries are listed, counted and deleted here, not made or followed.
    yield* sys.print(2, `${version}: You need to supply parameters!\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`);
    return 2;
  }
  const { net } = sys;
  if (!(net instanceof Namespace)) throw new Error('conntrack needs the wire');
  if (!net.isRoot) {
    yield* sys.print(2, `${version}: Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n`);
    return 1;
  }
  const entries = entriesOf(sys, net.node).filter((entry) => isWanted(entry, options));
  if (options.has('C')) {
    yield* sys.print(1, `${entries.length}\n`);
    return 0;
  }
  yield* sys.print(1, entries.map(lineOf).join(''));
  if (options.has('D')) for (const entry of entries) entry.delete();
  yield* sys.print(2, `${version}: ${entries.length} flow entries have been ${options.has('D') ? 'deleted' : 'shown'}.\n`);
  return 0;
};
