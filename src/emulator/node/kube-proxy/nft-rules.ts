/** The rules of mode nftables as `nft list ruleset` prints them (pkg/proxy/nftables/proxier.go; nft 1.0.6). */
import type { IPFamily } from '../network/index.ts';
import { compareIPs, isBlock6 } from '../network/index.ts';
import { endpointNftChain, nftChain } from './nft-names.ts';
import type { RuleTable } from './rule-table.ts';
import type { Endpoint, ServicePort } from './service-port.ts';
import { endpointsFrom, localEndpoints } from './service-port.ts';

/** How nft calls a family. */
const familyWord = (family: IPFamily): string => (family === 'IPv6' ? 'ip6' : 'ip');

const portsOf = (table: RuleTable, family: IPFamily): readonly ServicePort[] => table.ports.filter((port) => port.family === family);

/** Lines of the inside of one set, map or chain. */
interface Block {
  readonly head: string;
  readonly lines: readonly string[];
}

/** Elements of a set or map, a line each; nft aligns them below the first. */
function elements(list: readonly string[]): readonly string[] {
  if (list.length === 0) return [];
  return [`elements = { ${list.join(',\n\t\t\t     ')} }`];
}

/** Elements of a set: two addresses a line. */
function pairs(list: readonly string[]): readonly string[] {
  const rows: string[] = [];
  for (let i = 0; i < list.length; i += 2) rows.push(list.slice(i, i + 2).join(', '));
  return elements(rows);
}

/** Verdicts by destination: what the maps of the table hold. */
interface Maps {
  readonly services: [string, string][];
  readonly nodePorts: [string, string][];
  readonly firewalls: [string, string][];
  readonly noServices: [string, string][];
  readonly noNodePorts: [string, string][];
}

function keyOrder([a]: [string, string], [b]: [string, string]): number {
  const [x, y] = [a.split(' . '), b.split(' . ')];
  if (x.length === 2) return Number(x[1]) - Number(y[1]);
  return compareIPs(x[0]!, y[0]!) || Number(x[2]) - Number(y[2]);
}

function verdicts(map: [string, string][]): readonly string[] {
  return elements(map.sort(keyOrder).map(([key, verdict]) => `${key} : ${verdict}`));
}

function collectMaps(table: RuleTable, family: IPFamily): Maps {
  const maps: Maps = { services: [], nodePorts: [], firewalls: [], noServices: [], noNodePorts: [] };
  for (const port of portsOf(table, family)) {
    const protocol = port.protocol.toLowerCase();
    const at = (ip: string): string => `${ip} . ${protocol} . ${port.port}`;
    const external = [...port.externalIPs, ...port.loadBalancerIPs];
    const because = ` comment "${port.name}"`;
    if (port.sourceRanges.length > 0)
      for (const ip of port.loadBalancerIPs) maps.firewalls.push([at(ip), `goto ${nftChain('firewall', port)}`]);
    if (port.clusterEndpoints.length === 0) {
      for (const ip of [port.clusterIP, ...external]) maps.noServices.push([at(ip) + because, 'goto reject-chain']);
      if (port.nodePort > 0) maps.noNodePorts.push([`${protocol} . ${port.nodePort}${because}`, 'goto reject-chain']);
      continue;
    }
    const hasLocal = localEndpoints(port, table.nodeName).length > 0;
    if (port.isInternalLocal && !hasLocal) maps.noServices.push([at(port.clusterIP) + because, 'drop']);
    else maps.services.push([at(port.clusterIP), `goto ${nftChain(port.isInternalLocal ? 'local' : 'service', port)}`]);
    const verdict = `goto ${nftChain('external', port)}`;
    for (const ip of external) maps.services.push([at(ip), verdict]);
    if (port.nodePort > 0) maps.nodePorts.push([`${protocol} . ${port.nodePort}`, verdict]);
    if (!port.isExternalLocal || hasLocal) continue;
    for (const ip of external) maps.noServices.push([at(ip) + because, 'drop']);
    if (port.nodePort > 0) maps.noNodePorts.push([`${protocol} . ${port.nodePort}${because}`, 'drop']);
  }
  return maps;
}

const nodePort = 'type inet_proto . inet_service : verdict';

function setBlocks(table: RuleTable, nodeIP: string, family: IPFamily): readonly Block[] {
  const maps = collectMaps(table, family);
  const address = family === 'IPv6' ? 'ipv6_addr' : 'ipv4_addr';
  const ipPort = `type ${address} . inet_proto . inet_service : verdict`;
  const nodePortIPs = table.nodePortBlocks.length > 0 ? [nodeIP] : [];
  const clusterIPs = [...new Set(portsOf(table, family).map(({ clusterIP }) => clusterIP))].sort(compareIPs);
  return [
    { head: 'set cluster-ips', lines: [`type ${address}`, 'comment "Active ClusterIPs"', ...pairs(clusterIPs)] },
    ...(nodePortIPs.length > 0
      ? [{ head: 'set nodeport-ips', lines: [`type ${address}`, 'comment "IPs that accept NodePort traffic"', ...pairs(nodePortIPs)] }]
      : []),
    {
      head: 'map no-endpoint-services',
      lines: [ipPort, 'comment "vmap to drop or reject packets to services with no endpoints"', ...verdicts(maps.noServices)],
    },
    {
      head: 'map no-endpoint-nodeports',
      lines: [nodePort, 'comment "vmap to drop or reject packets to service nodeports with no endpoints"', ...verdicts(maps.noNodePorts)],
    },
    {
      head: 'map firewall-ips',
      lines: [ipPort, 'comment "destinations that are subject to LoadBalancerSourceRanges"', ...verdicts(maps.firewalls)],
    },
    {
      head: 'map service-ips',
      lines: [ipPort, 'comment "ClusterIP, ExternalIP and LoadBalancer IP traffic"', ...verdicts(maps.services)],
    },
    { head: 'map service-nodeports', lines: [nodePort, 'comment "NodePort traffic"', ...verdicts(maps.nodePorts)] },
  ];
}

const vmap = 'meta l4proto . th dport vmap';

function baseChains(table: RuleTable, family: IPFamily): readonly Block[] {
  const ip = familyWord(family);
  const loopback = family === 'IPv6' ? '::1' : '127.0.0.0/8';
  const nodePorts = table.nodePortBlocks.length > 0 ? `${ip} daddr @nodeport-ips` : `fib daddr type local ${ip} daddr != ${loopback}`;
  const chain = (name: string, hook: string, lines: readonly string[]): Block => ({
    head: `chain ${name}`,
    lines: [...(hook === '' ? [] : [`type ${hook}; policy accept;`]), ...lines],
  });
  const whenNew = (target: string): string => `ct state new jump ${target}`;
  const blocks = table.serviceCIDRs.filter((block) => isBlock6(block) === (family === 'IPv6')).map(({ text }) => text);
  const unallocated = blocks.length > 1 ? `{ ${blocks.join(', ')} }` : blocks[0];
  return [
    chain('filter-prerouting-pre-dnat', 'filter hook prerouting priority dstnat - 10', [whenNew('firewall-check')]),
    chain('filter-output-pre-dnat', 'filter hook output priority -110', [whenNew('firewall-check')]),
    chain('filter-input', 'filter hook input priority filter', [whenNew('nodeport-endpoints-check'), whenNew('service-endpoints-check')]),
    chain('filter-forward', 'filter hook forward priority filter', [whenNew('service-endpoints-check'), whenNew('cluster-ips-check')]),
    chain('filter-output', 'filter hook output priority filter', [whenNew('service-endpoints-check'), whenNew('cluster-ips-check')]),
    chain('nat-prerouting', 'nat hook prerouting priority dstnat', ['jump services']),
    chain('nat-output', 'nat hook output priority -100', ['jump services']),
    chain('nat-postrouting', 'nat hook postrouting priority srcnat', ['jump masquerading']),
    chain('nodeport-endpoints-check', '', [`${nodePorts} ${vmap} @no-endpoint-nodeports`]),
    chain('service-endpoints-check', '', [`${ip} daddr . ${vmap} @no-endpoint-services`]),
    chain('firewall-check', '', [`${ip} daddr . ${vmap} @firewall-ips`]),
    chain('services', '', [`${ip} daddr . ${vmap} @service-ips`, `${nodePorts} ${vmap} @service-nodeports`]),
    chain('masquerading', '', [
      'meta mark & 0x00004000 == 0x00000000 return',
      'meta mark set meta mark ^ 0x00004000',
      'masquerade fully-random',
    ]),
    chain('cluster-ips-check', '', [
      `${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`,
      ...(unallocated === undefined ? [] : [`${ip} daddr ${unallocated} drop comment "Drop traffic to unallocated ClusterIPs"`]),
    ]),
    chain('mark-for-masquerade', '', ['meta mark set meta mark | 0x00004000']),
    chain('reject-chain', '', ['comment "helper for @no-endpoint-services / @no-endpoint-nodeports"', 'reject']),
  ];
}

/** Affinity first, then one of the endpoints by a random number. */
function balance(port: ServicePort, endpoints: readonly Endpoint[]): readonly string[] {
  const sticky =
    port.affinitySeconds === 0
      ? []
      : endpoints.map(
          (endpoint) =>
            `${familyWord(port.family)} saddr @${endpointNftChain('affinity', port, endpoint)} goto ${endpointNftChain('endpoint', port, endpoint)}`,
        );
  const choices = endpoints.map((endpoint, i) => `${i} : goto ${endpointNftChain('endpoint', port, endpoint)}`);
  return [...sticky, `numgen random mod ${endpoints.length} vmap { ${choices.join(', ')} }`];
}

function externalLines(port: ServicePort, table: RuleTable, hasLocal: boolean): readonly string[] {
  const service = nftChain('service', port);
  const pods = table.clusterCIDROf(port.family);
  if (!port.isExternalLocal) return ['jump mark-for-masquerade', `goto ${service}`];
  return [
    ...(pods ? [`${familyWord(port.family)} saddr ${pods.text} goto ${service} comment "short-circuit pod traffic"`] : []),
    'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
    `fib saddr type local goto ${service} comment "short-circuit local traffic"`,
    ...(hasLocal ? [`goto ${nftChain('local', port)}`] : []),
  ];
}

/** Chains and sets of one port of a Service. */
function portBlocks(port: ServicePort, table: RuleTable): readonly Block[] {
  const local = localEndpoints(port, table.nodeName);
  const near = endpointsFrom(port, table);
  const hasExternal = port.nodePort > 0 || port.externalIPs.length > 0 || port.loadBalancerIPs.length > 0;
  const ip = familyWord(port.family);
  const pods = table.clusterCIDROf(port.family);
  const blocks: Block[] = [];
  if (port.sourceRanges.length > 0 && port.loadBalancerIPs.length > 0)
    blocks.push({
      head: `chain ${nftChain('firewall', port)}`,
      lines: [`${ip} saddr != { ${port.sourceRanges.map(({ text }) => text).join(', ')} } drop`],
    });
  if (near.length === 0) return blocks;
  const mark = table.masqueradesAll
    ? [`${ip} daddr ${port.clusterIP} jump mark-for-masquerade`]
    : pods
      ? [`${ip} daddr ${port.clusterIP} ${ip} saddr != ${pods.text} jump mark-for-masquerade`]
      : [];
  if (!port.isInternalLocal || hasExternal)
    blocks.push({ head: `chain ${nftChain('service', port)}`, lines: [...(port.isInternalLocal ? [] : mark), ...balance(port, near)] });
  if ((port.isInternalLocal || (hasExternal && port.isExternalLocal)) && local.length > 0)
    blocks.push({ head: `chain ${nftChain('local', port)}`, lines: [...(port.isInternalLocal ? mark : []), ...balance(port, local)] });
  if (hasExternal) blocks.push({ head: `chain ${nftChain('external', port)}`, lines: externalLines(port, table, local.length > 0) });
  for (const endpoint of new Set([...near, ...local])) {
    const affinity = port.affinitySeconds > 0 ? [`update @${endpointNftChain('affinity', port, endpoint)} { ${ip} saddr }`] : [];
    blocks.push({
      head: `chain ${endpointNftChain('endpoint', port, endpoint)}`,
      lines: [
        `${ip} saddr ${endpoint.ip} jump mark-for-masquerade`,
        ...affinity,
        `meta l4proto ${port.protocol.toLowerCase()} dnat to ${endpoint.text}`,
      ],
    });
  }
  return blocks;
}

/** Seconds as nft writes a time: `3h`, `1m30s`. */
function duration(seconds: number): string {
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  return parts.map(([n, unit]) => (n > 0 ? n + unit : '')).join('');
}

function affinitySets(table: RuleTable, family: IPFamily): readonly Block[] {
  return portsOf(table, family).flatMap((port) =>
    port.affinitySeconds === 0
      ? []
      : endpointsFrom(port, table).map((endpoint) => ({
          head: `set ${endpointNftChain('affinity', port, endpoint)}`,
          lines: [
            `type ${family === 'IPv6' ? 'ipv6_addr' : 'ipv4_addr'}`,
            'size 65535',
            'flags dynamic,timeout',
            `timeout ${duration(port.affinitySeconds)}`,
          ],
        })),
  );
}

/** Table `ip kube-proxy`, or `ip6 kube-proxy`. Differs from Linux: who is in an affinity set is not shown. */
export function listRuleset(table: RuleTable, nodeIP: string, family: IPFamily = 'IPv4'): string {
  const blocks = [
    ...setBlocks(table, nodeIP, family),
    ...affinitySets(table, family),
    ...baseChains(table, family),
    ...portsOf(table, family).flatMap((port) => portBlocks(port, table)),
  ];
  const text = blocks.map(({ head, lines }) => `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`).join('\n');
  return `table ${familyWord(family)} kube-proxy {\n\tcomment "rules for kube-proxy"\n\n${text}}\n`;
}
