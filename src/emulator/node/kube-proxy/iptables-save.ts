/** The rule table as `iptables-save` prints it: the chains of kube-proxy's iptables mode (pkg/proxy/iptables/proxier.go). */
import type { IPFamily } from '../network/index.ts';
import type { Chains } from './chains.ts';
import { builtInChains, comment, printChains, withoutFirewall } from './chains.ts';
import { addIpvsRules, emptyChains } from './ipvs-rules.ts';
import type { NodeTables } from './node-tables.ts';
import type { RuleTable } from './rule-table.ts';
import type { Endpoint, ServicePort } from './service-port.ts';
import { endpointChain, endpointsFrom, localEndpoints, serviceChain } from './service-port.ts';

const masquerade = 'KUBE-MARK-MASQ';

/** Blocks that the network plugin masquerades by: the Pods of the node, and those of the whole cluster. */
export interface PodBlocks {
  readonly node: string;
  readonly cluster: string;
}

/** Chains that both modes write, each over the other's. */
const sharedChains = {
  filter: ['KUBE-FORWARD', 'KUBE-PROXY-FIREWALL'],
  nat: ['KUBE-SERVICES', 'KUBE-POSTROUTING', masquerade],
} as const;

/** What `iptables-save` (of IPv6 `ip6tables-save`) prints on a node: what modes iptables and ipvs have written, and what one left when the other took over. */
export function saveRules(
  tables: NodeTables,
  { pods, family = 'IPv4' }: { readonly pods?: PodBlocks | undefined; readonly family?: IPFamily } = {},
): string {
  const { iptables, ipvs } = tables;
  const { filter, nat } = iptables ? { filter: filterChains(iptables, family), nat: natChains(iptables, family) } : emptyChains(family);
  if (ipvs) {
    const written = [filter, nat].map(({ rules }) => new Map(rules));
    addIpvsRules(filter, nat, ipvs, family);
    if (tables.isIptablesLinked) {
      for (const chain of sharedChains.filter) filter.rules.set(chain, written[0]!.get(chain)!);
      for (const chain of sharedChains.nat) nat.rules.set(chain, written[1]!.get(chain)!);
    }
  }
  if (pods) nat.rules.get('POSTROUTING')!.push(`-s ${pods.node} ! -d ${pods.cluster} -j MASQUERADE`);
  return printChains('filter', filter) + printChains('nat', nat);
}

const proto = (port: ServicePort): string => port.protocol.toLowerCase();

/** One address as a block. */
const single = ({ family }: ServicePort, ip: string): string => `${ip}/${family === 'IPv6' ? 128 : 32}`;

/** The mask of the module recent that tells single addresses apart. */
const maskOf = ({ family }: ServicePort): string => (family === 'IPv6' ? Array(8).fill('ffff').join(':') : '255.255.255.255');

const portsOf = (table: RuleTable, family: IPFamily): readonly ServicePort[] => table.ports.filter((port) => port.family === family);

function filterChains(table: RuleTable, family: IPFamily): Chains {
  const services = (chain: string) => `-m conntrack --ctstate NEW ${comment('kubernetes service portals')} -j ${chain}`;
  const external = `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`;
  const firewall = `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`;
  const rules = new Map<string, string[]>([
    ['INPUT', [firewall, `${comment('kubernetes health check service ports')} -j KUBE-NODEPORTS`, external, '-j KUBE-FIREWALL']],
    ['FORWARD', [firewall, `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`, services('KUBE-SERVICES'), external]],
    ['OUTPUT', [firewall, services('KUBE-SERVICES'), '-j KUBE-FIREWALL']],
    ['KUBE-EXTERNAL-SERVICES', []],
    [
      'KUBE-FIREWALL',
      [
        `! -s 127.0.0.0/8 -d 127.0.0.0/8 ${comment('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
      ],
    ],
    [
      'KUBE-FORWARD',
      [
        '-m conntrack --ctstate INVALID -j DROP',
        `${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
        `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      ],
    ],
    ['KUBE-NODEPORTS', []],
    ['KUBE-PROXY-FIREWALL', []],
    ['KUBE-SERVICES', []],
  ]);
  if (family === 'IPv6') withoutFirewall(rules);
  for (const port of portsOf(table, family)) addFilterRules(rules, table, port);
  return { builtIn: builtInChains.filter, rules };
}

function addFilterRules(rules: Map<string, string[]>, table: RuleTable, port: ServicePort): void {
  if (port.sourceRanges.length > 0) {
    const refused = comment(`${port.name} traffic not accepted by ${serviceChain('FW', port)}`);
    for (const ip of port.loadBalancerIPs)
      rules
        .get('KUBE-PROXY-FIREWALL')!
        .push(`-d ${single(port, ip)} -p ${proto(port)} ${refused} -m ${proto(port)} --dport ${port.port} -j DROP`);
  }
  const isRejected = port.clusterEndpoints.length === 0;
  const answer = port.family === 'IPv6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable';
  const target = isRejected ? `REJECT --reject-with ${answer}` : 'DROP';
  const why = comment(isRejected ? `${port.name} has no endpoints` : `${port.name} has no local endpoints`);
  const hasLocal = localEndpoints(port, table.nodeName).length > 0;
  if (isRejected || (port.isInternalLocal && !hasLocal)) {
    rules
      .get('KUBE-SERVICES')!
      .push(`-d ${single(port, port.clusterIP)} -p ${proto(port)} ${why} -m ${proto(port)} --dport ${port.port} -j ${target}`);
  }
  if (!isRejected && (!port.isExternalLocal || hasLocal)) return;
  const outside = rules.get('KUBE-EXTERNAL-SERVICES')!;
  for (const ip of [...port.externalIPs, ...port.loadBalancerIPs])
    outside.push(`-d ${single(port, ip)} -p ${proto(port)} ${why} -m ${proto(port)} --dport ${port.port} -j ${target}`);
  if (port.nodePort > 0)
    outside.push(`-p ${proto(port)} ${why} -m addrtype --dst-type LOCAL -m ${proto(port)} --dport ${port.nodePort} -j ${target}`);
}

function natChains(table: RuleTable, family: IPFamily): Chains {
  const portals = `${comment('kubernetes service portals')} -j KUBE-SERVICES`;
  const rules = new Map<string, string[]>([
    ['PREROUTING', [portals]],
    ['INPUT', []],
    ['OUTPUT', [portals]],
    ['POSTROUTING', [`${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`]],
    [masquerade, ['-j MARK --set-xmark 0x4000/0x4000']],
    ['KUBE-NODEPORTS', []],
    [
      'KUBE-POSTROUTING',
      [
        '-m mark ! --mark 0x4000/0x4000 -j RETURN',
        '-j MARK --set-xmark 0x4000/0x0',
        `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
      ],
    ],
    ['KUBE-SERVICES', []],
  ]);
  for (const port of portsOf(table, family)) if (port.clusterEndpoints.length > 0) addNatRules(rules, table, port);
  const last = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  rules.get('KUBE-SERVICES')!.push(`${last} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`);
  return { builtIn: builtInChains.nat, rules };
}

function addNatRules(rules: Map<string, string[]>, table: RuleTable, port: ServicePort): void {
  const cluster = table.clusterCIDROf(port.family)?.text;
  const [svc, svl, ext] = [serviceChain('SVC', port), serviceChain('SVL', port), serviceChain('EXT', port)];
  const to = (ip: string, what: string, chain: string) =>
    `-d ${single(port, ip)} -p ${proto(port)} ${comment(`${port.name} ${what}`)} -m ${proto(port)} --dport ${port.port} -j ${chain}`;
  const services = rules.get('KUBE-SERVICES')!;
  const local = localEndpoints(port, table.nodeName);
  const near = endpointsFrom(port, table);
  const hasExternal = port.nodePort > 0 || port.externalIPs.length > 0 || port.loadBalancerIPs.length > 0;
  const internal = port.isInternalLocal ? svl : svc;
  if (!port.isInternalLocal || local.length > 0) services.push(to(port.clusterIP, 'cluster IP', internal));
  for (const ip of port.externalIPs) services.push(to(ip, 'external IP', ext));
  const firewall = serviceChain('FW', port);
  for (const ip of port.loadBalancerIPs) services.push(to(ip, 'loadbalancer IP', port.sourceRanges.length > 0 ? firewall : ext));
  if (port.loadBalancerIPs.length > 0 && port.sourceRanges.length > 0)
    rules.set(firewall, [
      ...port.sourceRanges.map(({ text }) => `-s ${text} ${comment(`${port.name} loadbalancer IP`)} -j ${ext}`),
      comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`),
    ]);
  if (port.nodePort > 0)
    rules.get('KUBE-NODEPORTS')!.push(`-p ${proto(port)} ${comment(port.name)} -m ${proto(port)} --dport ${port.nodePort} -j ${ext}`);
  if (hasExternal) rules.set(ext, externalRules(port, local.length > 0, cluster, svc, svl));
  const mark = cluster ? [`! -s ${cluster} ${to(port.clusterIP, 'cluster IP', masquerade)}`] : [];
  if (!port.isInternalLocal || hasExternal) rules.set(svc, [...(internal === svc ? mark : []), ...balance(port, near)]);
  if ((port.isInternalLocal || (hasExternal && port.isExternalLocal)) && local.length > 0)
    rules.set(svl, [...(internal === svl ? mark : []), ...balance(port, local)]);
  for (const endpoint of new Set([...near, ...local])) rules.set(endpointChain(port, endpoint), endpointRules(port, endpoint));
}

function externalRules(port: ServicePort, hasLocal: boolean, cluster: string | undefined, svc: string, svl: string): string[] {
  if (!port.isExternalLocal)
    return [`${comment(`masquerade traffic for ${port.name} external destinations`)} -j ${masquerade}`, `-j ${svc}`];
  return [
    ...(cluster ? [`-s ${cluster} ${comment(`pod traffic for ${port.name} external destinations`)} -j ${svc}`] : []),
    `${comment(`masquerade LOCAL traffic for ${port.name} external destinations`)} -m addrtype --src-type LOCAL -j ${masquerade}`,
    `${comment(`route LOCAL traffic for ${port.name} external destinations`)} -m addrtype --src-type LOCAL -j ${svc}`,
    ...(hasLocal ? [`-j ${svl}`] : []),
  ];
}

/** Affinity first, then each endpoint with one chance in those that are left. */
function balance(port: ServicePort, endpoints: readonly Endpoint[]): string[] {
  const rules: string[] = [];
  const name = (endpoint: Endpoint) => comment(`${port.name} -> ${endpoint.text}`);
  if (port.affinitySeconds > 0) {
    for (const endpoint of endpoints) {
      const chain = endpointChain(port, endpoint);
      rules.push(
        `${name(endpoint)} -m recent --rcheck --seconds ${port.affinitySeconds} --reap --name ${chain} --mask ${maskOf(port)} --rsource -j ${chain}`,
      );
    }
  }
  for (const [i, endpoint] of endpoints.entries()) {
    const isLast = i === endpoints.length - 1;
    rules.push(
      `${name(endpoint)}${isLast ? '' : ` -m statistic --mode random --probability ${probability(endpoints.length - i)}`} -j ${endpointChain(port, endpoint)}`,
    );
  }
  return rules;
}

/** One in `n` as the kernel keeps it, in parts of 2^31, and iptables prints it. */
function probability(n: number): string {
  return (Math.round(Number((1 / n).toFixed(10)) * 2 ** 31) / 2 ** 31).toFixed(11);
}

function endpointRules(port: ServicePort, endpoint: Endpoint): string[] {
  const recent =
    port.affinitySeconds > 0 ? ` -m recent --set --name ${endpointChain(port, endpoint)} --mask ${maskOf(port)} --rsource` : '';
  return [
    `-s ${single(port, endpoint.ip)} ${comment(port.name)} -j ${masquerade}`,
    `-p ${proto(port)} ${comment(port.name)}${recent} -m ${proto(port)} -j DNAT --to-destination ${endpoint.text}`,
  ];
}
