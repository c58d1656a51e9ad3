import { beforeEach, describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../api/generated/types.ts';
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../kernel/index.ts';
import { Conntrack, Packet, parseCidr } from '../network/index.ts';
import { cleanStaleFlows } from './conntrack.ts';
import { compileService, ipSets, listRuleset, listVirtualServers, NodeTables, saveRules, type VirtualServerTable } from './index.ts';
import type { RuleTable } from './rule-table.ts';
import type { ProxyMode, ServiceTable } from './service-table.ts';

let kernel: Kernel;
let tables: NodeTables;

const node = { name: 'node-1', ip: '172.18.0.3', addressLike: () => '172.18.0.3', hasAddress: (ip: string) => ip === '172.18.0.3' };
const here = { ip: '10.244.1.2', node: 'node-1' };
const there = { ip: '10.244.2.2', node: 'node-2' };

beforeEach(() => {
  const loop = new EventLoop();
  kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  tables = new NodeTables(kernel);
});

function open(mode: ProxyMode): ServiceTable {
  const table = tables.open(mode, 'node-1');
  table.clusterCIDRs = [parseCidr('10.244.0.0/16')!];
  table.hasLocalhostNodePorts = mode === 'iptables';
  if (mode === 'nftables') (table as RuleTable).serviceCIDRs = [parseCidr('10.96.0.0/16')!];
  return table;
}

type Target = { readonly ip: string; readonly node?: string };

function program(table: ServiceTable, spec: Partial<Service['spec']>, targets: readonly Target[], name = 'web', protocol = 'TCP'): void {
  const metadata = { namespace: 'default', name, uid: name, resourceVersion: '1', creationTimestamp: '' };
  const ports = [{ name: 'http', port: 80, protocol, ...(spec.type === 'NodePort' && { nodePort: 30_080 }) }];
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.5', ports, ...spec } };
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, name: `${name}-x` },
    addressType: 'IPv4',
    endpoints: targets.map(({ ip, node: nodeName }) => ({ addresses: [ip], nodeName, conditions: { ready: true } })),
    ports: [{ name: 'http', port: 8080, protocol }],
  };
  table.program(`default/${name}`, compileService(service, [slice]));
}

function send(from: string, to: string, protocol: 'TCP' | 'UDP' | 'ICMP' = 'TCP'): string {
  const [ip, port = 0] = to.split(':');
  const packet = new Packet();
  packet.start(protocol, ip!, Number(port), undefined);
  packet.sourceIP = from;
  packet.isLocal = from === '';
  const verdict = tables.translate(packet, node);
  return verdict === 'accept' ? `${packet.ip}:${packet.port}${packet.masquerade ? ' masqueraded' : ''}` : verdict;
}

const pod = '10.244.1.9';

describe('mode ipvs', () => {
  test.each([
    { name: 'a ClusterIP', spec: {}, targets: [there], to: '10.96.0.5:80', want: '10.244.2.2:8080' },
    {
      name: 'a ClusterIP from a node',
      spec: {},
      targets: [there],
      from: '172.18.0.9',
      to: '10.96.0.5:80',
      want: '10.244.2.2:8080 masqueraded',
    },
    { name: 'a Pod to itself', spec: {}, targets: [here], from: here.ip, to: '10.96.0.5:80', want: '10.244.1.2:8080 masqueraded' },
    { name: 'another port of the ClusterIP', spec: {}, targets: [there], to: '10.96.0.5:81', want: 'reject' },
    { name: 'an address that no Service has', spec: {}, targets: [there], to: '10.96.0.6:80', want: '10.96.0.6:80' },
    { name: 'no endpoints', spec: {}, targets: [], to: '10.96.0.5:80', want: 'reject' },
    {
      name: 'internal Local with a local endpoint',
      spec: { internalTrafficPolicy: 'Local' },
      targets: [here, there],
      to: '10.96.0.5:80',
      want: '10.244.1.2:8080',
    },
    {
      name: 'internal Local without one goes anywhere, unlike in mode iptables',
      spec: { internalTrafficPolicy: 'Local' },
      targets: [there],
      to: '10.96.0.5:80',
      want: '10.244.2.2:8080',
    },
    {
      name: 'a node port',
      spec: { type: 'NodePort' },
      targets: [there],
      from: '172.18.0.1',
      to: '172.18.0.3:30080',
      want: '10.244.2.2:8080 masqueraded',
    },
    {
      name: 'no node port on localhost',
      spec: { type: 'NodePort' },
      targets: [there],
      from: '',
      to: '127.0.0.1:30080',
      want: '127.0.0.1:30080',
    },
    {
      name: 'external Local keeps the source',
      spec: { type: 'NodePort', externalTrafficPolicy: 'Local' },
      targets: [here],
      from: '172.18.0.1',
      to: '172.18.0.3:30080',
      want: '10.244.1.2:8080',
    },
    {
      name: 'external Local without a local endpoint',
      spec: { type: 'NodePort', externalTrafficPolicy: 'Local' },
      targets: [there],
      from: '172.18.0.1',
      to: '172.18.0.3:30080',
      want: 'drop',
    },
    {
      name: 'an external IP',
      spec: { externalIPs: ['192.0.2.7'] },
      targets: [there],
      to: '192.0.2.7:80',
      want: '10.244.2.2:8080 masqueraded',
    },
  ])('$name', ({ spec, targets, from = pod, to, want }) => {
    program(open('ipvs'), spec, targets);
    expect(send(from, to)).toBe(want);
  });

  const three = [1, 2, 3].map((n) => ({ ip: `10.244.2.${n}` }));
  const connect = (count: number, from = pod): string[] =>
    Array.from({ length: count }, () => send(from, '10.96.0.5:80').split(':')[0]!.slice(-1));

  test.each([
    { scheduler: 'rr', want: '1 2 3 1 2 3' },
    { scheduler: 'wrr', want: '1 2 3 1 2 3' },
    { scheduler: 'sh', want: '1 1 1 1 1 1' },
  ])('scheduler $scheduler', ({ scheduler, want }) => {
    const table = open('ipvs') as VirtualServerTable;
    table.scheduler = scheduler;
    program(table, {}, three);
    expect(
      connect(6, scheduler === 'sh' ? '10.244.0.0' : pod)
        .join(' ')
        .replaceAll(/\d/g, (n) => (scheduler === 'sh' ? '1' : n)),
    ).toBe(want);
    expect(new Set(connect(6, '10.244.3.7')).size).toBe(scheduler === 'sh' ? 1 : 3);
  });

  test('session affinity is a persistent virtual server', () => {
    const table = open('ipvs') as VirtualServerTable;
    program(table, { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } }, three);
    expect(new Set(connect(6)).size).toBe(1);
    expect(listVirtualServers(table, { nodeIPs: [], now: 0, hasStats: false })).toContain('TCP  10.96.0.5:80 rr persistent 600\n');
  });

  test('a change of endpoints keeps the counters of those that stay', () => {
    const table = open('ipvs') as VirtualServerTable;
    program(table, { type: 'NodePort' }, three);
    connect(6);
    program(table, { type: 'NodePort' }, three.slice(1));
    expect(
      listVirtualServers(table, { nodeIPs: ['172.18.0.3', '10.244.1.1'], now: 0, hasStats: true })
        .split('\n')
        .slice(3),
    ).toEqual([
      'TCP  10.96.0.5:80                        4        0        0        0        0',
      '  -> 10.244.2.2:8080                     2        0        0        0        0',
      '  -> 10.244.2.3:8080                     2        0        0        0        0',
      'TCP  10.244.1.1:30080                    0        0        0        0        0',
      '  -> 10.244.2.2:8080                     0        0        0        0        0',
      '  -> 10.244.2.3:8080                     0        0        0        0        0',
      'TCP  172.18.0.3:30080                    0        0        0        0        0',
      '  -> 10.244.2.2:8080                     0        0        0        0        0',
      '  -> 10.244.2.3:8080                     0        0        0        0        0',
      '',
    ]);
  });

  test('addresses, sets and the few rules', () => {
    const table = open('ipvs') as VirtualServerTable;
    program(table, { type: 'NodePort', externalIPs: ['192.0.2.7'] }, [here, there]);
    expect(table.addresses).toEqual(['10.96.0.5', '192.0.2.7']);
    const members = Object.fromEntries(ipSets(table).map(({ name, members: all }) => [name, all.join(' ')]));
    expect(members).toMatchObject({
      'KUBE-LOOP-BACK': '10.244.1.2,tcp:8080,10.244.1.2',
      'KUBE-CLUSTER-IP': '10.96.0.5,tcp:80',
      'KUBE-EXTERNAL-IP': '192.0.2.7,tcp:80',
      'KUBE-NODE-PORT-TCP': '30080',
      'KUBE-NODE-PORT-LOCAL-TCP': '',
      'KUBE-IPVS-IPS': '10.96.0.5 192.0.2.7',
    });
    const rules = saveRules(tables).split('\n');
    expect(rules).toContain(
      '-A KUBE-SERVICES ! -s 10.244.0.0/16 -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ',
    );
    expect(rules).toContain(
      '-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT --reject-with icmp-port-unreachable',
    );
    expect(rules.some((rule) => rule.includes('KUBE-SVC-'))).toBe(false);
  });
});

describe('mode nftables', () => {
  test.each([
    { name: 'a ClusterIP', spec: {}, to: '10.96.0.5:80', want: '10.244.2.2:8080' },
    { name: 'another port of the ClusterIP is refused', spec: {}, to: '10.96.0.5:81', want: 'reject' },
    { name: 'so is a ping', spec: {}, to: '10.96.0.5', protocol: 'ICMP' as const, want: 'reject' },
    { name: 'an address that no Service has is dropped', spec: {}, to: '10.96.0.6:80', want: 'drop' },
    { name: 'no node port on localhost', spec: { type: 'NodePort' }, from: '', to: '127.0.0.1:30080', want: '127.0.0.1:30080' },
    {
      name: 'internal Local without a local endpoint',
      spec: { internalTrafficPolicy: 'Local' },
      to: '10.96.0.5:80',
      want: 'drop',
    },
  ])('$name', ({ spec, from = pod, to, protocol, want }) => {
    program(open('nftables'), spec, [there]);
    expect(send(from, to, protocol)).toBe(want);
  });

  test('its table', () => {
    const table = open('nftables') as RuleTable;
    table.nodePortBlocks = [parseCidr('172.18.0.3/32')!];
    program(table, { type: 'NodePort', externalTrafficPolicy: 'Local' }, [there]);
    program(table, { clusterIP: '10.96.0.6', sessionAffinity: 'ClientIP' }, [here, there], 'sticky');
    program(table, { clusterIP: '10.96.0.7' }, [], 'empty');
    const text = listRuleset(table, '172.18.0.3');
    const blocks = text.split('\n\n\t');
    const blockOf = (start: string): string => blocks.find((one) => one.startsWith(start))?.replaceAll('\t', '') ?? `no ${start}`;
    expect(blockOf('map no-endpoint-services')).toContain(
      'elements = { 10.96.0.7 . tcp . 80 comment "default/empty:http" : goto reject-chain }',
    );
    expect(blockOf('map no-endpoint-nodeports')).toContain('elements = { tcp . 30080 comment "default/web:http" : drop }');
    expect(blockOf('map service-nodeports')).toMatch(/elements = \{ tcp \. 30080 : goto external-[A-Z2-7]{8}-default\/web\/tcp\/http \}/);
    expect(blockOf('chain external-')).toContain('ip saddr 10.244.0.0/16 goto service-');
    expect(blockOf('set affinity-')).toContain('type ipv4_addr\nsize 65535\nflags dynamic,timeout\ntimeout 3h\n');
    expect(blockOf('chain cluster-ips-check')).toContain('ip daddr 10.96.0.0/16 drop comment "Drop traffic to unallocated ClusterIPs"');
    expect(text).toContain('\t\tnumgen random mod 2 vmap { 0 : goto endpoint-');
  });
});

describe('another mode', () => {
  test('ipvs after iptables leaves the old chains, without a way in', () => {
    program(open('iptables'), {}, [there]);
    program(open('ipvs'), {}, [here]);
    expect(send(pod, '10.96.0.5:80')).toBe('10.244.1.2:8080');
    const rules = saveRules(tables);
    expect(rules).toContain(':KUBE-SVC-');
    expect(rules).not.toMatch(/-A KUBE-SERVICES .*KUBE-SVC-/);
  });

  test('iptables after ipvs leaves the virtual servers, behind the rules', () => {
    program(open('ipvs'), {}, [there]);
    program(open('ipvs'), { clusterIP: '10.96.0.6' }, [there], 'old');
    program(open('iptables'), {}, [here]);
    expect(send(pod, '10.96.0.5:80')).toBe('10.244.1.2:8080');
    expect(send(pod, '10.96.0.6:80')).toBe('10.244.2.2:8080');
    expect(saveRules(tables)).toMatch(/-A KUBE-SERVICES .*-j KUBE-SVC-/);
  });

  test('nftables cleans up after both, and they after it', () => {
    program(open('ipvs'), {}, [there]);
    program(open('iptables'), {}, [there]);
    open('nftables');
    expect([tables.iptables, tables.ipvs]).toEqual([undefined, undefined]);
    open('ipvs');
    expect(tables.nftables).toBeUndefined();
  });
});

describe('conntrack of UDP', () => {
  const flowOf = (conntrack: Conntrack, toIP: string): void => {
    const packet = new Packet();
    packet.start('UDP', toIP, 8080, undefined);
    packet.sourcePort = 4000;
    conntrack.remember(packet, pod, { ip: '10.96.0.5', port: 80 });
  };

  test.each([
    { name: 'an endpoint that is gone', targets: [there], left: 0 },
    { name: 'an endpoint that is there', targets: [here], left: 1 },
    { name: 'a Service without endpoints keeps its flows', targets: [], left: 1 },
  ])('$name', ({ targets, left }) => {
    const conntrack = new Conntrack(kernel);
    flowOf(conntrack, here.ip);
    const table = open('iptables');
    program(table, {}, targets, 'web', 'UDP');
    cleanStaleFlows({ forgetFlows: (matches) => void conntrack.forget(matches) }, table.ports);
    expect(conntrack.flows.length).toBe(left);
  });

  test('a flow that nobody answers is forgotten after 30 s', () => {
    const conntrack = new Conntrack(kernel);
    flowOf(conntrack, here.ip);
    kernel.loop.run({ untilMs: 30_001 });
    expect(conntrack.flows).toEqual([]);
  });
});
