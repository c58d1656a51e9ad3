/** The sets of addresses that mode ipvs keeps for its few rules (pkg/proxy/ipvs/{proxier,ipset}.go), as `ipset` prints them. */
import type { IPFamily } from '../network/index.ts';
import { compareIPs, familyOf } from '../network/index.ts';
import { localEndpoints } from './service-port.ts';
import type { VirtualServerTable } from './virtual-servers.ts';

export interface IpSet {
  readonly name: string;
  readonly type: 'bitmap:port' | 'hash:ip' | 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net';
  readonly comment: string;
  readonly family: IPFamily;
  readonly members: readonly string[];
}

type Draft = Record<string, Set<string>>;

const kinds: readonly (readonly [name: string, type: IpSet['type'], comment: string])[] = [
  ['KUBE-LOOP-BACK', 'hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  ['KUBE-CLUSTER-IP', 'hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose'],
  ['KUBE-EXTERNAL-IP', 'hash:ip,port', 'Kubernetes service external ip + port for masquerade and filter purpose'],
  ['KUBE-EXTERNAL-IP-LOCAL', 'hash:ip,port', 'Kubernetes service external ip + port with externalTrafficPolicy=local'],
  ['KUBE-LOAD-BALANCER', 'hash:ip,port', 'Kubernetes service lb portal'],
  ['KUBE-LOAD-BALANCER-FW', 'hash:ip,port', 'Kubernetes service load balancer ip + port for load balancer with sourceRange'],
  ['KUBE-LOAD-BALANCER-LOCAL', 'hash:ip,port', 'Kubernetes service load balancer ip + port with externalTrafficPolicy=local'],
  ['KUBE-LOAD-BALANCER-SOURCE-IP', 'hash:ip,port,ip', 'Kubernetes service load balancer ip + port + source IP for packet filter purpose'],
  [
    'KUBE-LOAD-BALANCER-SOURCE-CIDR',
    'hash:ip,port,net',
    'Kubernetes service load balancer ip + port + source cidr for packet filter purpose',
  ],
  ['KUBE-NODE-PORT-TCP', 'bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose'],
  ['KUBE-NODE-PORT-LOCAL-TCP', 'bitmap:port', 'Kubernetes nodeport TCP port with externalTrafficPolicy=local'],
  ['KUBE-NODE-PORT-UDP', 'bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose'],
  ['KUBE-NODE-PORT-LOCAL-UDP', 'bitmap:port', 'Kubernetes nodeport UDP port with externalTrafficPolicy=local'],
  ['KUBE-NODE-PORT-SCTP-HASH', 'hash:ip,port', "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"],
  [
    'KUBE-NODE-PORT-LOCAL-SCTP-HASH',
    'hash:ip,port',
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ],
  ['KUBE-HEALTH-CHECK-NODE-PORT', 'bitmap:port', 'Kubernetes health check node port'],
  ['KUBE-IPVS-IPS', 'hash:ip', 'Virtual IP addresses for IPVS to DROP/REJECT if not matching a service'],
];

/** Sets of IPv6 have names of their own, cut at the 31 characters that a set's name may have. */
export function setNameOf(name: string, family: IPFamily): string {
  return family === 'IPv4' ? name : name.replace('KUBE-', 'KUBE-6-').slice(0, 31);
}

/** Every set of a family, with its members; `nodeIPs` for node ports of SCTP. Unverified: the comment of KUBE-IPVS-IPS. */
export function ipSets(
  table: VirtualServerTable,
  { family = 'IPv4', nodeIPs = [] }: { readonly family?: IPFamily; readonly nodeIPs?: readonly string[] } = {},
): readonly IpSet[] {
  const draft: Draft = Object.fromEntries(kinds.map(([name]) => [name, new Set<string>()]));
  const add = (name: string, member: string): void => void draft[name]!.add(member);
  for (const port of table.ports) {
    if (port.family !== family) continue;
    const protocol = port.protocol.toLowerCase();
    for (const { ip, port: number } of localEndpoints(port, table.nodeName)) add('KUBE-LOOP-BACK', `${ip},${protocol}:${number},${ip}`);
    add('KUBE-CLUSTER-IP', `${port.clusterIP},${protocol}:${port.port}`);
    for (const ip of port.externalIPs)
      add(port.isExternalLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', `${ip},${protocol}:${port.port}`);
    for (const ip of port.loadBalancerIPs) {
      const member = `${ip},${protocol}:${port.port}`;
      add('KUBE-LOAD-BALANCER', member);
      if (port.isExternalLocal) add('KUBE-LOAD-BALANCER-LOCAL', member);
      if (port.sourceRanges.length > 0) add('KUBE-LOAD-BALANCER-FW', member);
      for (const { text } of port.sourceRanges) add('KUBE-LOAD-BALANCER-SOURCE-CIDR', `${member},${text}`);
    }
    if (port.nodePort > 0 && port.protocol === 'SCTP')
      for (const ip of nodeIPs) {
        add('KUBE-NODE-PORT-SCTP-HASH', `${ip},sctp:${port.nodePort}`);
        if (port.isExternalLocal) add('KUBE-NODE-PORT-LOCAL-SCTP-HASH', `${ip},sctp:${port.nodePort}`);
      }
    else if (port.nodePort > 0) {
      add(`KUBE-NODE-PORT-${port.protocol}`, String(port.nodePort));
      if (port.isExternalLocal) add(`KUBE-NODE-PORT-LOCAL-${port.protocol}`, String(port.nodePort));
    }
    if (port.healthCheckNodePort > 0) add('KUBE-HEALTH-CHECK-NODE-PORT', String(port.healthCheckNodePort));
  }
  for (const ip of table.addresses) if (familyOf(ip) === family) add('KUBE-IPVS-IPS', ip);
  return kinds.map(([name, type, comment]) => ({
    name: setNameOf(name, family),
    type,
    comment,
    family,
    members: [...draft[name]!].sort(byAddress),
  }));
}

function byAddress(a: string, b: string): number {
  const [x, y] = [a.split(',')[0]!, b.split(',')[0]!];
  const difference = /^\d+$/.test(x) ? Number(x) - Number(y) : compareIPs(x, y);
  return difference || (a < b ? -1 : 1);
}

const headers: Readonly<Record<IpSet['type'], string>> = {
  'bitmap:port': 'range 0-65535',
  'hash:ip': 'family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5f1ae6c2',
  'hash:ip,port': 'family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1f3c2b4a',
  'hash:ip,port,ip': 'family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x7d20a91e',
  'hash:ip,port,net': 'family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x2c8be501',
};
const headerOf = (type: IpSet['type'], family: IPFamily): string =>
  family === 'IPv6' ? headers[type].replace('family inet ', 'family inet6 ') : headers[type];

const revisions: Readonly<Record<IpSet['type'], number>> = {
  'bitmap:port': 3,
  'hash:ip': 6,
  'hash:ip,port': 7,
  'hash:ip,port,ip': 7,
  'hash:ip,port,net': 8,
};

/** One set as `ipset list` shows it; `rules` are the rules of iptables, for its references. Unverified: revisions and sizes in memory. */
export function listIpSet({ name, type, members, family }: IpSet, rules: string): string {
  const references = rules.split(`--match-set ${name} `).length - 1;
  const bytes = type === 'bitmap:port' ? 8264 : 208 + 64 * members.length;
  const lines = [
    `Name: ${name}`,
    `Type: ${type}`,
    `Revision: ${revisions[type]}`,
    `Header: ${headerOf(type, family)}`,
    `Size in memory: ${bytes}`,
    `References: ${references}`,
    `Number of entries: ${members.length}`,
    'Members:',
    ...members,
  ];
  return `${lines.join('\n')}\n`;
}

/** One set as `ipset save` shows it. */
export function saveIpSet({ name, type, members, family }: IpSet): string {
  return [`create ${name} ${type} ${headerOf(type, family)}`, ...members.map((member) => `add ${name} ${member}`)]
    .map((line) => `${line}\n`)
    .join('');
}
