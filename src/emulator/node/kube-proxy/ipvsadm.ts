/** Virtual servers as `ipvsadm -L` prints them (ipvsadm 1.31). */
import { hostPort } from '../../machinery/ipv6.ts';
import { compareIPs, familyOf } from '../network/index.ts';
import type { RealServer, VirtualServer, VirtualServerTable } from './virtual-servers.ts';

const protocolNumbers = { TCP: 6, UDP: 17, SCTP: 132 } as const;

interface Row {
  readonly server: VirtualServer;
  readonly ip: string;
}

/** By protocol, address and port; node ports once for each of the node's addresses. */
function rowsOf(table: VirtualServerTable, nodeIPs: readonly string[]): readonly Row[] {
  const rows = [
    ...table.servers.map((server) => ({ server, ip: server.ip })),
    ...table.nodePortServers.flatMap((server) =>
      nodeIPs.flatMap((ip) => (familyOf(ip) === server.servicePort.family ? [{ server, ip }] : [])),
    ),
  ];
  const protocolOf = ({ server }: Row): number => protocolNumbers[server.servicePort.protocol];
  return rows.sort((a, b) => protocolOf(a) - protocolOf(b) || compareIPs(a.ip, b.ip) || a.server.port - b.server.port);
}

const byAddress = (a: RealServer, b: RealServer): number => compareIPs(a.endpoint.ip, b.endpoint.ip) || a.endpoint.port - b.endpoint.port;

const largeNumber = (n: number): string => String(n).padStart(9);

/**
 * The listing, with counters instead of weights if asked.
 *
 * Differs from Linux: connections are counted, packets and bytes are not.
 */
export function listVirtualServers(
  table: VirtualServerTable | undefined,
  { nodeIPs, now, hasStats }: { readonly nodeIPs: readonly string[]; readonly now: number; readonly hasStats: boolean },
): string {
  const counters = (conns: number): string => [conns, 0, 0, 0, 0].map(largeNumber).join('');
  const lines = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    ...(hasStats
      ? ['Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes', '  -> RemoteAddress:Port']
      : ['Prot LocalAddress:Port Scheduler Flags', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn']),
  ];
  for (const { server, ip } of table ? rowsOf(table, nodeIPs) : []) {
    const { servicePort, realServers, port } = server;
    const name = `${servicePort.protocol.padEnd(4)} ${hostPort(ip, port)}`;
    const total = realServers.reduce((sum, real) => sum + real.total, 0);
    const flags = servicePort.affinitySeconds > 0 ? ` persistent ${servicePort.affinitySeconds}` : '';
    lines.push(hasStats ? name.padEnd(33) + counters(total) : `${name} ${table!.scheduler}${flags}`);
    for (const real of [...realServers].sort(byAddress)) {
      const [active, inactive] = [real.activeConnections, real.inactiveConnections(now)].map((n) => String(n).padEnd(10));
      lines.push(
        hasStats
          ? `  -> ${real.endpoint.text.padEnd(28)}${counters(real.total)}`
          : `  -> ${real.endpoint.text.padEnd(28)} Masq    ${String(real.weight).padEnd(6)} ${active} ${inactive}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
