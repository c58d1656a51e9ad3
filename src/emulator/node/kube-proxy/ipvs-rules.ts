/** The rules of iptables that mode ipvs needs beside IPVS (pkg/proxy/ipvs/proxier.go, writeIptablesRules). */
import type { IPFamily } from '../network/index.ts';
import type { Chains } from './chains.ts';
import { builtInChains, comment, withoutFirewall } from './chains.ts';
import { ipSets, setNameOf } from './ip-sets.ts';
import type { VirtualServerTable } from './virtual-servers.ts';

const mark = 'KUBE-MARK-MASQ';

/** Rules with one set each, written only while the set has members. */
const setRules: readonly (readonly [set: string, table: 'filter' | 'nat', from: string, to: string, match: string, protocol?: string])[] = [
  ['KUBE-LOOP-BACK', 'nat', 'KUBE-POSTROUTING', 'MASQUERADE', 'dst,dst,src'],
  ['KUBE-LOAD-BALANCER', 'nat', 'KUBE-SERVICES', 'KUBE-LOAD-BALANCER', 'dst,dst'],
  ['KUBE-LOAD-BALANCER-LOCAL', 'nat', 'KUBE-LOAD-BALANCER', 'RETURN', 'dst,dst'],
  ['KUBE-NODE-PORT-LOCAL-TCP', 'nat', 'KUBE-NODE-PORT', 'RETURN', 'dst', 'tcp'],
  ['KUBE-NODE-PORT-TCP', 'nat', 'KUBE-NODE-PORT', mark, 'dst', 'tcp'],
  ['KUBE-NODE-PORT-LOCAL-UDP', 'nat', 'KUBE-NODE-PORT', 'RETURN', 'dst', 'udp'],
  ['KUBE-NODE-PORT-UDP', 'nat', 'KUBE-NODE-PORT', mark, 'dst', 'udp'],
  ['KUBE-LOAD-BALANCER-FW', 'filter', 'KUBE-PROXY-FIREWALL', 'KUBE-SOURCE-RANGES-FIREWALL', 'dst,dst'],
  ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'filter', 'KUBE-SOURCE-RANGES-FIREWALL', 'RETURN', 'dst,dst,src'],
  ['KUBE-LOAD-BALANCER-SOURCE-IP', 'filter', 'KUBE-SOURCE-RANGES-FIREWALL', 'RETURN', 'dst,dst,src'],
];

interface Writer {
  readonly family: IPFamily;
  readonly matchSet: (set: string, match: string) => string;
  readonly rules: (table: 'filter' | 'nat', chain: string) => string[];
  readonly hasMembers: (set: string) => boolean;
  readonly commentOf: (set: string) => string;
}

/** Adds the rules of mode ipvs to what the tables hold. */
export function addIpvsRules(filter: Chains, nat: Chains, table: VirtualServerTable, family: IPFamily): void {
  const sets = new Map(ipSets(table, { family }).map((set) => [set.name, set]));
  const nameOf = (set: string): string => setNameOf(set, family);
  const writer: Writer = {
    family,
    matchSet: (set, match) => `-m set --match-set ${nameOf(set)} ${match}`,
    rules: (name, chain) => {
      const { rules } = name === 'filter' ? filter : nat;
      const own = rules.get(chain) ?? [];
      rules.set(chain, own);
      return own;
    },
    hasMembers: (set) => sets.get(nameOf(set))!.members.length > 0,
    commentOf: (set) => comment(sets.get(nameOf(set))!.comment),
  };
  addJumps(filter, nat);
  for (const chain of ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER', mark]) nat.rules.set(chain, []);
  for (const chain of [
    'KUBE-FORWARD',
    'KUBE-NODE-PORT',
    'KUBE-PROXY-FIREWALL',
    'KUBE-SOURCE-RANGES-FIREWALL',
    'KUBE-IPVS-FILTER',
    'KUBE-IPVS-OUT-FILTER',
  ])
    filter.rules.set(chain, []);
  addNat(writer, table);
  addFilter(writer);
}

/** Each jump is put first in its chain, so that the last one written is the first one asked; one that is there already stays. */
function addJumps(filter: Chains, nat: Chains): void {
  const jumps: readonly (readonly [Chains, string, string, string])[] = [
    [nat, 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'],
    [nat, 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'],
    [nat, 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'],
    [filter, 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'],
    [filter, 'INPUT', 'KUBE-NODE-PORT', 'kubernetes health check rules'],
    [filter, 'INPUT', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'],
    [filter, 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'],
    [filter, 'INPUT', 'KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'],
    [filter, 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'],
  ];
  for (const [chains, from, to, why] of jumps) {
    const rule = `${comment(why)} -j ${to}`;
    const own = chains.rules.get(from)!;
    if (!own.includes(rule)) own.unshift(rule);
  }
}

function addNat({ rules, hasMembers, commentOf, matchSet, family }: Writer, table: VirtualServerTable): void {
  const services = rules('nat', 'KUBE-SERVICES');
  services.push(`-s ${family === 'IPv6' ? '::1/128' : '127.0.0.0/8'} -j RETURN`);
  for (const [set, name, from, to, match, protocol] of setRules)
    if (name === 'nat' && hasMembers(set))
      rules('nat', from).push(`${protocol ? `-p ${protocol} ` : ''}${commentOf(set)} ${matchSet(set, match)} -j ${to}`);
  if (hasMembers('KUBE-CLUSTER-IP')) {
    const pods = table.clusterCIDROf(family);
    const [source, match] = table.masqueradesAll ? ['', 'dst,dst'] : pods ? [`! -s ${pods.text} `, 'dst,dst'] : ['', 'src,dst'];
    services.push(`${source}${commentOf('KUBE-CLUSTER-IP')} ${matchSet('KUBE-CLUSTER-IP', match)} -j ${mark}`);
  }
  for (const set of ['KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL']) {
    if (!hasMembers(set)) continue;
    const own = `${commentOf(set)} ${matchSet(set, 'dst,dst')}`;
    if (set === 'KUBE-EXTERNAL-IP') services.push(`${own} -j ${mark}`);
    services.push(`${own} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT`);
    services.push(`${own} -m addrtype --dst-type LOCAL -j ACCEPT`);
  }
  services.push('-m addrtype --dst-type LOCAL -j KUBE-NODE-PORT');
  rules('nat', 'KUBE-LOAD-BALANCER').push(`-j ${mark}`);
  for (const set of ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER']) if (hasMembers(set)) services.push(`${matchSet(set, 'dst,dst')} -j ACCEPT`);
  rules('nat', 'KUBE-POSTROUTING').push(
    '-m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-j MARK --set-xmark 0x4000/0x0',
    `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
  );
  rules('nat', mark).push('-j MARK --set-xmark 0x4000/0x4000');
}

function addFilter({ rules, hasMembers, commentOf, matchSet, family }: Writer): void {
  for (const [set, name, from, to, match] of setRules)
    if (name === 'filter' && hasMembers(set)) rules('filter', from).push(`${commentOf(set)} ${matchSet(set, match)} -j ${to}`);
  rules('filter', 'KUBE-SOURCE-RANGES-FIREWALL').push('-j DROP');
  rules('filter', 'KUBE-FORWARD').push(
    `${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
    `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  );
  const health = 'KUBE-HEALTH-CHECK-NODE-PORT';
  rules('filter', 'KUBE-NODE-PORT').push(`${commentOf(health)} ${matchSet(health, 'dst')} -j ACCEPT`);
  rules('filter', 'KUBE-IPVS-FILTER').push(
    ...['KUBE-LOAD-BALANCER', 'KUBE-CLUSTER-IP', 'KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'].map(
      (set) => `${matchSet(set, 'dst,dst')} -j RETURN`,
    ),
    `${matchSet(health, 'dst')} -j RETURN`,
    `-m conntrack --ctstate NEW ${matchSet('KUBE-IPVS-IPS', 'dst')} -j REJECT --reject-with ${family === 'IPv6' ? 'icmp6' : 'icmp'}-port-unreachable`,
  );
}

/** A node on which only mode ipvs ever ran: the kubelet's chain is there. */
export function emptyChains(family: IPFamily): { readonly filter: Chains; readonly nat: Chains } {
  const filter: Chains = { builtIn: builtInChains.filter, rules: new Map(builtInChains.filter.map((name) => [name, []])) };
  filter.rules.get('INPUT')!.push('-j KUBE-FIREWALL');
  filter.rules.get('OUTPUT')!.push('-j KUBE-FIREWALL');
  filter.rules.set('KUBE-FIREWALL', [
    `! -s 127.0.0.0/8 -d 127.0.0.0/8 ${comment('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  ]);
  if (family === 'IPv6') withoutFirewall(filter.rules);
  return { filter, nat: { builtIn: builtInChains.nat, rules: new Map(builtInChains.nat.map((name) => [name, []])) } };
}
