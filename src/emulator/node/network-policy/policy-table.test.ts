/** Verdicts against a slow and obvious reading of the policies, on random clusters; and what is found out again when. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '../../api/generated/types.ts';
import { finished } from '../../api/testing.ts';
import { networkPolicies } from '../../api/networking/network-policy.ts';
import type { PacketHop } from '../../kernel/index.ts';
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../kernel/index.ts';
import type { Labels } from '../../machinery/objects.ts';
import type { NodeNetwork } from '../network/index.ts';
import { Network, Packet, parseCidr } from '../network/index.ts';
import { PolicyTable } from './index.ts';

interface Facts {
  readonly pods: readonly Pod[];
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly policies: readonly NetworkPolicy[];
}

interface Attempt {
  readonly direction: 'egress' | 'ingress';
  readonly own: Pod;
  readonly ip: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

let node: NodeNetwork;
let asked = 0;

beforeEach(() => {
  const loop = new EventLoop();
  const network = new Network(new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) }));
  node = network.addNode({ name: 'node-1', ip: '172.18.0.3' });
  network.setPodBlocks(node, [parseCidr('10.244.1.0/24')!]);
  asked = 0;
});

const tableOf = (facts: Facts): PolicyTable =>
  new PolicyTable(node, {
    podOf: (name) => facts.pods.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === name),
    podByIP: (ip) => facts.pods.find(({ status }) => status?.podIP === ip),
    namespaceLabels: (namespace) => facts.namespaces[namespace],
    policies(namespace) {
      asked++;
      return facts.policies.filter(({ metadata }) => metadata.namespace === namespace);
    },
  });

function verdict(table: PolicyTable, { direction, own, ip, port, protocol }: Attempt, hops?: PacketHop[]): boolean {
  const packet = new Packet();
  const ownIP = own.status!.podIP!;
  packet.start(protocol, direction === 'egress' ? ip : ownIP, port, hops);
  packet.sourceIP = direction === 'egress' ? ownIP : ip;
  return table.allows(direction, node.createNamespace(`${own.metadata.namespace}/${own.metadata.name}`), packet);
}

/** As the API's documentation reads, without anything that is kept or compiled. */
function reference({ pods, namespaces, policies }: Facts, { direction, own, ip, port, protocol }: Attempt): boolean {
  if (ip === own.status!.podIP) return true;
  const other = pods.find(({ status }) => status?.podIP === ip);
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const about = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === own.metadata.namespace && spec!.policyTypes!.includes(type) && matches(spec!.podSelector, own.metadata.labels),
  );
  if (about.length === 0) return true;
  const isPort = (wanted: NetworkPolicyPort): boolean => {
    if (wanted.protocol !== protocol) return false;
    if (wanted.port === undefined) return true;
    if (typeof wanted.port === 'number') return port >= wanted.port && port <= (wanted.endPort ?? wanted.port);
    const target = direction === 'ingress' ? own : other;
    const named = target?.spec.containers.flatMap(({ ports = [] }) => ports).filter(({ name }) => name === wanted.port) ?? [];
    return named.some((one) => one.containerPort === port && (one.protocol ?? 'TCP') === protocol);
  };
  const isPeer = (namespace: string, { ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer): boolean => {
    if (ipBlock) return isIn(ip, ipBlock.cidr) && !(ipBlock.except ?? []).some((block) => isIn(ip, block));
    if (!other) return false;
    if (podSelector && !matches(podSelector, other.metadata.labels)) return false;
    return namespaceSelector ? matches(namespaceSelector, namespaces[other.metadata.namespace!]) : other.metadata.namespace === namespace;
  };
  return about.some(({ metadata, spec }) =>
    (direction === 'ingress' ? spec!.ingress : spec!.egress)?.some((rule) => {
      const peers = 'from' in rule ? rule.from : 'to' in rule ? rule.to : undefined;
      return (
        (!rule.ports?.length || rule.ports.some(isPort)) && (!peers?.length || peers.some((peer) => isPeer(metadata.namespace!, peer)))
      );
    }),
  );
}

type Selector = NonNullable<NetworkPolicyPeer['podSelector']>;

function matches({ matchLabels = {}, matchExpressions = [] }: Selector = {}, labels: Labels = {}): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const isIncluded = value !== undefined && values.includes(value);
      return operator === 'In' ? isIncluded : !isIncluded;
    })
  );
}

function isIn(ip: string, cidr: string): boolean {
  const bits = (text: string): string =>
    text
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  const [base, length] = cidr.split('/') as [string, string];
  return bits(ip).slice(0, Number(length)) === bits(base).slice(0, Number(length));
}

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'team'), fc.constantFrom('a', 'b', 'c'), { maxKeys: 3 });
const expression = fc
  .record({
    key: fc.constantFrom('app', 'tier'),
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  })
  .map(({ key, operator, values }) => (operator.endsWith('In') ? { key, operator, values } : { key, operator }));
const selector = fc.record({ matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) }, { requiredKeys: [] });
const protocol = fc.constantFrom('TCP' as const, 'UDP' as const);
const number = fc.constantFrom(53, 80, 81, 8080);
const port = fc.oneof(
  fc.record(
    { protocol, port: fc.oneof<fc.Arbitrary<number | string>[]>(number, fc.constantFrom('http', 'dns')) },
    { requiredKeys: ['protocol'] },
  ),
  fc.record({ protocol, port: fc.constant(79), endPort: fc.constantFrom(80, 9000) }),
);
const block = fc.record({
  cidr: fc.constantFrom('0.0.0.0/0', '10.244.0.0/16', '10.244.1.0/24', '172.18.0.0/16', '2001:db8::/32'),
  except: fc.subarray(['10.244.1.2/32', '10.244.2.0/24', '172.18.0.9/32']),
});
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  block.filter(({ cidr }) => !cidr.includes(':')).map((ipBlock) => ({ ipBlock })),
  selector.map((podSelector) => ({ podSelector })),
  selector.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
);
const rules = (direction: 'from' | 'to') =>
  fc.array(fc.record({ ports: fc.array(port, { maxLength: 2 }), [direction]: fc.array(peer, { maxLength: 2 }) }, { requiredKeys: [] }), {
    maxLength: 2,
  });
const namespace = fc.constantFrom('one', 'two');
const policy = fc
  .record({
    namespace,
    spec: fc.record(
      {
        podSelector: selector,
        ingress: rules('from'),
        egress: rules('to'),
        policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      },
      { requiredKeys: ['podSelector'] },
    ),
  })
  .map(({ namespace, spec }) => finished(networkPolicies, { metadata: { namespace }, spec }));
const containerPort = fc.record(
  { name: fc.constantFrom('http', 'dns'), containerPort: number, protocol },
  { requiredKeys: ['name', 'containerPort'] },
);
const podAt = (i: number) =>
  fc.record({ namespace, labels, ports: fc.array(containerPort, { maxLength: 2 }) }).map(
    ({ namespace, labels, ports }): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: `pod-${i}`, uid: `uid-${i}`, labels, resourceVersion: '1', creationTimestamp: '' },
      spec: { containers: [{ name: 'main', ports }] },
      status: { podIP: `10.244.${1 + (i % 2)}.${2 + i}` },
    }),
  );
const facts = fc.record({
  pods: fc.tuple(podAt(0), podAt(1), podAt(2)),
  namespaces: fc.record({ one: labels, two: labels }),
  policies: fc.array(policy, { maxLength: 4 }),
});
const addresses = ['10.244.1.2', '10.244.2.3', '10.244.1.4', '10.244.9.9', '172.18.0.9', '8.8.8.8'];

test('verdicts are those of the obvious reading', () => {
  let [yes, no, policies] = [0, 0, 0];
  fc.assert(
    fc.property(facts, protocol, number, (known, protocol, port) => {
      const table = tableOf(known);
      policies += known.policies.length;
      for (const own of known.pods) {
        for (const ip of addresses) {
          for (const direction of ['ingress', 'egress'] as const) {
            const attempt = { direction, own, ip, port, protocol };
            const want = reference(known, attempt);
            if (want) yes++;
            else no++;
            // Whoever looks on sees the same verdict.
            const hops: PacketHop[] | undefined = port === 53 ? [] : undefined;
            if (verdict(table, attempt, hops) !== want)
              throw new Error(`not ${want}: ${JSON.stringify({ ...attempt, own: own.metadata.name })}`);
          }
        }
      }
    }),
    { numRuns: 5200, seed: 1 },
  );
  expect(policies).toBeGreaterThan(10_000);
  // Neither verdict is a rarity among the attempts.
  expect(Math.min(yes, no)).toBeGreaterThan(10_000);
});

describe('work', () => {
  const base = { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'main' }] } };
  const web: Pod = {
    ...base,
    metadata: { namespace: 'one', name: 'web', uid: 'w', labels: { app: 'web' }, resourceVersion: '1', creationTimestamp: '' },
    status: { podIP: '10.244.1.2' },
  };
  const attempt: Attempt = { direction: 'ingress', own: web, ip: '10.244.2.9', port: 80, protocol: 'TCP' };
  const deny = finished(networkPolicies, { metadata: { namespace: 'one' }, spec: { podSelector: { matchLabels: { app: 'web' } } } });

  test('the policies of a Pod are looked up once, and again when they or its labels change', () => {
    const known = { pods: [web], namespaces: {}, policies: [deny] as NetworkPolicy[] };
    const table = tableOf(known);
    expect([verdict(table, attempt), verdict(table, attempt), asked]).toEqual([false, false, 1]);
    known.policies = [];
    table.forget('two');
    expect([verdict(table, attempt), asked]).toEqual([false, 1]);
    table.forget('one');
    expect([verdict(table, attempt), asked]).toEqual([true, 2]);
    known.pods[0] = { ...web, metadata: { ...web.metadata, labels: { app: 'db' } } };
    expect([verdict(table, attempt), verdict(table, attempt), asked]).toEqual([true, true, 3]);
  });

  test.each([
    { name: 'from the node itself', set: (packet: Packet) => void (packet.isLocal = true), want: true },
    { name: 'from another node', set: (packet: Packet) => void (packet.sourceIP = '172.18.0.4'), want: false },
    { name: 'from itself', set: (packet: Packet) => void (packet.sourceIP = '10.244.1.2'), want: true },
    { name: 'of ICMP', set: (packet: Packet) => void (packet.protocol = 'ICMP'), want: false },
  ])('a packet $name', ({ set, want }) => {
    const packet = new Packet();
    packet.start('TCP', '10.244.1.2', 80, undefined);
    set(packet);
    expect(tableOf({ pods: [web], namespaces: {}, policies: [deny] }).allows('ingress', node.createNamespace('one/web'), packet)).toBe(
      want,
    );
  });

  test('a path names the policies that were looked at, and which of them lets the packet through', () => {
    const open = finished(networkPolicies, {
      metadata: { namespace: 'one', name: 'open' },
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
    });
    const named = { ...deny, metadata: { ...deny.metadata, name: 'deny' } };
    const stations = (policies: readonly NetworkPolicy[]): readonly PacketHop[] => {
      const hops: PacketHop[] = [];
      verdict(tableOf({ pods: [web], namespaces: {}, policies }), attempt, hops);
      return hops;
    };
    expect(stations([named, open])).toMatchObject([
      {
        kind: 'policy',
        text: 'ingress of one/web: allowed by one/open',
        policies: [
          { name: 'one/deny', allows: false },
          { name: 'one/open', allows: true },
        ],
      },
    ]);
    expect(stations([named])).toMatchObject([
      { kind: 'policy', text: 'ingress of one/web: allowed by none', policies: [{ name: 'one/deny', allows: false }] },
      { kind: 'loss', text: 'one/web is isolated for ingress by one/deny, and no rule lets 10.244.2.9 in on port 80/TCP: dropped' },
    ]);
  });

  test('a Pod always reaches its own node', () => {
    const closed = finished(networkPolicies, { metadata: { namespace: 'one' }, spec: { podSelector: {}, policyTypes: ['Egress'] } });
    const table = tableOf({ pods: [web], namespaces: {}, policies: [closed] });
    const to = (ip: string): boolean => verdict(table, { ...attempt, direction: 'egress', ip });
    expect([to('172.18.0.3'), to('10.244.1.1'), to('172.18.0.4'), to('10.244.2.9')]).toEqual([true, true, false, false]);
  });
});
