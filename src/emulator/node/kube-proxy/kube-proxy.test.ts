import { beforeEach, describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../api/generated/types.ts';
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../kernel/index.ts';
import { Packet, parseCidr } from '../network/index.ts';
import { parseConfiguration } from './configuration.ts';
import { compileService, endpointsFrom, NodeTables, RuleTable, saveRules } from './index.ts';

let table: RuleTable;
let tables: NodeTables;
let kernel: Kernel;

beforeEach(() => {
  const loop = new EventLoop();
  kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  table = new RuleTable(kernel, 'node-1');
  table.clusterCIDRs = [parseCidr('10.244.0.0/16')!];
  tables = new NodeTables(kernel);
  tables.iptables = table;
  tables.isIptablesLinked = true;
});

const metadata = (namespace: string, name: string) => ({ namespace, name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function service(spec: Partial<Service['spec']>, name = 'web'): Service {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', ...(spec.type === 'NodePort' && { nodePort: 30_080 }) }];
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata('default', name), spec: { clusterIP: '10.96.0.5', ports, ...spec } };
}

interface Target {
  readonly ip: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly terminating?: boolean;
}

function slice(targets: readonly Target[], name = 'http', port = 8080): EndpointSlice {
  const endpoints = targets.map(({ ip, node, ready, terminating }) => ({
    addresses: [ip],
    nodeName: node,
    conditions: { ready, serving: true, terminating },
  }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadata('default', 'web-x'),
    addressType: 'IPv4',
    endpoints,
    ports: [{ name, port, protocol: 'TCP' }],
  };
}

const node = { name: 'node-1', ip: '172.18.0.3', addressLike: () => '172.18.0.3', hasAddress: (ip: string) => ip === '172.18.0.3' };

/** What the table does with a packet: its verdict, and where it sends it. */
function translate(from: string, to: string, isLocal = false): string {
  const [ip, port] = to.split(':');
  const packet = new Packet();
  packet.start('TCP', ip!, Number(port), undefined);
  packet.sourceIP = from;
  packet.isLocal = isLocal;
  const verdict = table.translate(packet, node);
  return verdict === 'accept' ? `${packet.ip}:${packet.port}${packet.masquerade ? ' masqueraded' : ''}` : verdict;
}

const here = { ip: '10.244.1.2', node: 'node-1' };
const there = { ip: '10.244.2.2', node: 'node-2' };

describe('translate', () => {
  test.each([
    { name: 'a ClusterIP', spec: {}, targets: [there], to: '10.96.0.5:80', want: '10.244.2.2:8080' },
    { name: 'another port of the ClusterIP', spec: {}, targets: [there], to: '10.96.0.5:81', want: '10.96.0.5:81' },
    {
      name: 'a ClusterIP from outside of the Pods',
      spec: {},
      targets: [there],
      from: '172.18.0.9',
      to: '10.96.0.5:80',
      want: '10.244.2.2:8080 masqueraded',
    },
    { name: 'a Pod to itself', spec: {}, targets: [here], from: '10.244.1.2', to: '10.96.0.5:80', want: '10.244.1.2:8080 masqueraded' },
    { name: 'no endpoints', spec: {}, targets: [], to: '10.96.0.5:80', want: 'reject' },
    { name: 'endpoints that are not ready', spec: {}, targets: [{ ...there, ready: false }], to: '10.96.0.5:80', want: 'reject' },
    {
      name: 'the last endpoint terminates',
      spec: {},
      targets: [{ ...there, ready: false, terminating: true }],
      to: '10.96.0.5:80',
      want: '10.244.2.2:8080',
    },
    {
      name: 'internal Local with a local endpoint',
      spec: { internalTrafficPolicy: 'Local' },
      targets: [here, there],
      to: '10.96.0.5:80',
      want: '10.244.1.2:8080',
    },
    { name: 'internal Local without', spec: { internalTrafficPolicy: 'Local' }, targets: [there], to: '10.96.0.5:80', want: 'drop' },
    {
      name: 'a NodePort',
      spec: { type: 'NodePort' },
      targets: [there],
      from: '172.18.0.1',
      to: '172.18.0.3:30080',
      want: '10.244.2.2:8080 masqueraded',
    },
    {
      name: 'a NodePort on localhost',
      spec: { type: 'NodePort' },
      targets: [there],
      from: '',
      to: '127.0.0.1:30080',
      want: '10.244.2.2:8080 masqueraded',
    },
    { name: 'a node port of another node', spec: { type: 'NodePort' }, targets: [there], to: '172.18.0.4:30080', want: '172.18.0.4:30080' },
    {
      name: 'a NodePort without endpoints',
      spec: { type: 'NodePort' },
      targets: [],
      from: '172.18.0.1',
      to: '172.18.0.3:30080',
      want: 'reject',
    },
    {
      name: 'external Local keeps the source',
      spec: { type: 'NodePort', externalTrafficPolicy: 'Local' },
      targets: [here, there],
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
      name: 'external Local from a Pod',
      spec: { type: 'NodePort', externalTrafficPolicy: 'Local' },
      targets: [there],
      to: '172.18.0.3:30080',
      want: '10.244.2.2:8080',
    },
    {
      name: 'an external IP',
      spec: { externalIPs: ['192.0.2.7'] },
      targets: [there],
      to: '192.0.2.7:80',
      want: '10.244.2.2:8080 masqueraded',
    },
    { name: 'a headless Service', spec: { clusterIP: 'None' }, targets: [there], to: '10.96.0.5:80', want: '10.96.0.5:80' },
  ])('$name', ({ spec, targets, from = '10.244.1.9', to, want }) => {
    table.program('default/web', compileService(service(spec), [slice(targets)]));
    expect(translate(from, to, from === '')).toBe(want);
  });

  test('spreads evenly, or keeps a client where it is', () => {
    const targets = [1, 2, 3].map((n) => ({ ip: `10.244.2.${n}` }));
    const count = (spec: Partial<Service['spec']>): number[] => {
      table.program('default/web', compileService(service(spec), [slice(targets)]));
      const hits = new Map<string, number>();
      for (let i = 0; i < 300; i++)
        hits.set(translate('10.244.1.9', '10.96.0.5:80'), (hits.get(translate('10.244.1.9', '10.96.0.5:80')) ?? 0) + 1);
      return [...hits.values()];
    };
    expect(count({}).length).toBe(3);
    expect(count({ sessionAffinity: 'ClientIP' }).length).toBe(1);
  });

  test('a Service that is removed leads nowhere', () => {
    table.program('default/web', compileService(service({}), [slice([there])]));
    table.program('default/web', []);
    expect(translate('10.244.1.9', '10.96.0.5:80')).toBe('10.96.0.5:80');
  });

  test('the same objects are compiled once', () => {
    const [web, slices] = [service({}), [slice([there])]];
    expect(compileService(web, slices)).toBe(compileService(web, [...slices]));
  });
});

describe('KubeProxyConfiguration', () => {
  const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
  test.each([
    { name: 'defaults', text: '', want: { healthzPort: 10_256, minSyncPeriodMs: 1000, hasLocalhostNodePorts: true, ignored: [] } },
    {
      name: 'values',
      text: 'iptables: {minSyncPeriod: 10s, masqueradeAll: true, localhostNodePorts: false}\n',
      want: { minSyncPeriodMs: 10_000, masqueradesAll: true, hasLocalhostNodePorts: false },
    },
    {
      name: 'what changes nothing',
      text: 'conntrack: {maxPerCore: 32768, min: null}\ndetectLocalMode: NodeCIDR\n',
      want: { ignored: ['conntrack', 'detectLocalMode'] },
    },
  ])('$name', ({ text, want }) => {
    expect(parseConfiguration(head + text)).toMatchObject(want);
  });

  test.each([
    { name: 'an unknown field', text: `${head}clusterCidr: x\n`, want: 'strict decoding error: unknown field "clusterCidr"' },
    {
      name: 'an unknown nested field',
      text: `${head}iptables: {minSync: 1s}\n`,
      want: 'strict decoding error: unknown field "iptables.minSync"',
    },
    { name: 'another kind', text: 'kind: Pod\napiVersion: v1\n', want: 'no kind "Pod" is registered for version "v1" in scheme' },
    {
      name: 'an unknown mode',
      text: `${head}mode: userspace\n`,
      want: 'KubeProxyConfiguration.Mode.ProxyMode: Invalid value: "userspace": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
    },
    {
      name: 'an unknown scheduler',
      text: `${head}mode: ipvs\nipvs: {scheduler: fair}\n`,
      want: 'Invalid value: "fair": must be in [rr wrr lc wlc lblc lblcr sh dh sed nq ]',
    },
  ])('refuses $name', ({ text, want }) => {
    expect(() => parseConfiguration(text)).toThrow(want);
  });
});

describe('iptables-save', () => {
  test('prints the chains of a real cluster', () => {
    const ports = [{ name: 'https', port: 443, protocol: 'TCP' }];
    const kubernetes = { ...service({ clusterIP: '10.96.0.1', ports }, 'kubernetes') };
    table.program('default/kubernetes', compileService(kubernetes, [slice([{ ip: '172.18.0.2' }], 'https', 6443)]));
    const lines = saveRules(tables, { pods: { node: '10.244.1.0/24', cluster: '10.244.0.0/16' } }).split('\n');
    expect(lines).toContain(
      '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y',
    );
    expect(lines).toContain(
      '-A KUBE-SVC-NPX46M4PTMTKRN6Y ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-MARK-MASQ',
    );
    expect(lines.some((line) => line.endsWith('-j DNAT --to-destination 172.18.0.2:6443'))).toBe(true);
  });

  test('gives each endpoint its share, and rejects what has none', () => {
    table.program('default/web', compileService(service({}), [slice([1, 2, 3].map((n) => ({ ip: `10.244.2.${n}` })))]));
    table.program('default/empty', compileService(service({ clusterIP: '10.96.0.6' }, 'empty'), []));
    const text = saveRules(tables);
    expect([...text.matchAll(/--probability (\S+)/g)].map(([, p]) => p)).toEqual(['0.33333333349', '0.50000000000']);
    expect(text).toContain(
      '-A KUBE-SERVICES -d 10.96.0.6/32 -p tcp -m comment --comment "default/empty:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
    );
  });
});

describe('endpoints near by', () => {
  const hinted = (
    ip: string,
    zones: readonly string[] | undefined,
    nodes?: readonly string[],
  ): NonNullable<EndpointSlice['endpoints']>[number] => ({
    addresses: [ip],
    conditions: { ready: true },
    hints: zones && { forZones: zones.map((name) => ({ name })), forNodes: nodes?.map((name) => ({ name })) },
  });
  const a = '10.244.1.2';
  const b = '10.244.2.2';

  test.each([
    { name: 'the own zone', endpoints: [hinted(a, ['a']), hinted(b, ['b'])], want: [a] },
    { name: 'no endpoint for the own zone', endpoints: [hinted(a, ['b']), hinted(b, ['c'])], want: [a, b] },
    { name: 'one without a hint', endpoints: [hinted(a, ['a']), hinted(b, undefined)], want: [a, b] },
    { name: 'the own node before the own zone', endpoints: [hinted(a, ['a'], ['node-2']), hinted(b, ['a'], ['node-1'])], want: [b] },
    { name: 'the own zone where the node has none', endpoints: [hinted(a, ['a'], ['node-2']), hinted(b, ['b'], ['node-3'])], want: [a] },
  ])('$name', ({ endpoints, want }) => {
    const [port] = compileService(service({}), [{ ...slice([]), endpoints }]);
    expect(endpointsFrom(port!, { nodeName: 'node-1', zone: 'a' }).map(({ ip }) => ip)).toEqual(want);
  });
});

describe('a load balancer with source ranges', () => {
  beforeEach(() => {
    const balanced = service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', '172.18.0.3/32'] });
    const status = {
      loadBalancer: {
        ingress: [
          { ip: '172.18.255.200', ipMode: 'VIP' },
          { ip: '172.18.255.201', ipMode: 'Proxy' },
        ],
      },
    };
    table.program('default/web', compileService({ ...balanced, status }, [slice([there])]));
  });

  test.each([
    { name: 'who is in them', from: '10.244.1.9', to: '172.18.255.200:80', want: '10.244.2.2:8080 masqueraded' },
    { name: 'who is not', from: '172.18.0.9', to: '172.18.255.200:80', want: 'drop' },
    { name: 'the node itself', from: '', to: '172.18.255.200:80', want: '10.244.2.2:8080 masqueraded' },
    { name: 'an address that the balancer keeps to itself', from: '172.18.0.9', to: '172.18.255.201:80', want: '172.18.255.201:80' },
  ])('$name', ({ from, to, want }) => expect(translate(from, to, from === '')).toBe(want));

  test('its chains', () => {
    const rules = saveRules(tables);
    const [, chain] = /-j (KUBE-FW-\w+)/.exec(rules)!;
    expect(rules).toContain(`-A ${chain} -s 10.0.0.0/8 -m comment --comment "default/web:http loadbalancer IP" -j KUBE-EXT-`);
    expect(rules).toContain(`-m comment --comment "default/web:http traffic not accepted by ${chain}" -m tcp --dport 80 -j DROP`);
  });
});
