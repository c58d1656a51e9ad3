/**
 * `lsof -i [tcp|udp][@ADDRESS][:PORT]`: who listens, and who is connected (lsof 4.95).
 *
 * Differs from Linux: of open files it knows sockets alone, whose devices are numbered as they are listed; a client's own process is not told.
 */
import type { Program } from '../../../../emulator/kernel/index.ts';
import type { Row } from './sockets.ts';
import { rowsOf } from './sockets.ts';

const names: Readonly<Record<string, string>> = {
  LISTEN: ' (LISTEN)',
  ESTAB: ' (ESTABLISHED)',
  UNCONN: '',
};

/** `*:6443`, `172.18.0.2:6443->172.18.0.3:40000 (ESTABLISHED)`. */
function nameOf({ state, local, peer }: Row): string {
  const own = local.replace(/^0\.0\.0\.0:/, '*:');
  return `${state === 'ESTAB' ? `${own}->${peer}` : own}${names[state] ?? ''}`;
}

const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);
const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');

export const lsof: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const at = args.findIndex((arg) => /^-[nPt]*i/.test(arg));
  if (at < 0) {
    yield* sys.print(2, 'lsof: only -i, which lists sockets, is known here\n');
    return 1;
  }
  const joined = args[at]!.replace(/^-[nPt]*i/, '');
  const next = args[at + 1];
  const query = joined !== '' ? joined : next !== undefined && !next.startsWith('-') ? next : '';
  const [, protocol = '', host = '', ports = ''] = /^(?:[46])?(tcp|udp)?(?:@([^:]*))?(?::(.*))?$/i.exec(query) ?? [undefined, '!'];
  if (protocol === '!') {
    yield* sys.print(2, `lsof: unacceptable Internet address: ${query}\n`);
    return 1;
  }
  const state = /^TCP:(\w+)$/i.exec(args.find((arg) => arg.startsWith('-s'))?.slice(2) ?? '')?.[1]?.toUpperCase();
  const wanted = ports === '' ? undefined : new Set(ports.split(','));
  const rows = rowsOf(sys, {
    listening: true,
    connected: true,
    tcp: !/udp/i.test(protocol),
    udp: !/tcp/i.test(protocol),
    sctp: false,
  }).filter(
    (row) =>
      row.pid !== undefined &&
      (wanted === undefined || [row.local, row.peer].some((address) => wanted.has(portOf(address)))) &&
      (host === '' || [row.local, row.peer].some((address) => hostOf(address) === host)) &&
      (state === undefined || row.protocol === 'udp' || (state === 'LISTEN') === (row.state === 'LISTEN')),
  );
  if (rows.length === 0) return 1;
  if (args.some((arg) => /^-[nPi]*t/.test(arg) && !arg.startsWith('-i'))) {
    yield* sys.print(1, `${[...new Set(rows.map(({ pid }) => pid))].join('\n')}\n`);
    return 0;
  }
  const cells = rows.map((row, i) => [
    row.command.slice(0, 9),
    String(row.pid),
    'root',
    `${String(i + 3).padStart(4)}u `,
    row.local.startsWith('[') ? 'IPv6' : 'IPv4',
    String(20_000 + i),
    '0t0',
    row.protocol.toUpperCase(),
    nameOf(row),
  ]);
  const table = [['COMMAND', 'PID', 'USER', '  FD  ', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME'], ...cells];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((cell) => cell[i]!.length)));
  // Words stand to the left, and what is counted to the right.
  const left = new Set([0, 8]);
  yield* sys.print(
    1,
    table
      .map(
        (row) =>
          `${row
            .map((cell, i) => (left.has(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
            .join(' ')
            .trimEnd()}\n`,
      )
      .join(''),
  );
  return 0;
};
