import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import type { Case } from './testing.ts';
import { breakIt, brokenCluster, prove, run } from './testing.ts';

const pods = ['node-1', 'node-2'].map(
  (node) =>
    `kubectl run at-${node} --image=nginx --overrides='{"spec":{"nodeName":"${node}"}}'; kubectl wait --for=condition=Ready pod/at-${node}`,
);
const from = (node: string, to: string): string =>
  `kubectl exec at-${node} -- curl -s -m 3 -o /dev/null -w '%{http_code}' http://$(kubectl get pod at-${to} -o jsonpath={.status.podIP})/`;

const cases: readonly Case[] = [
  {
    fault: 'network-partition nodes=node-1 from=node-2',
    symptoms: [
      { look: from('node-1', 'node-2'), shows: /^000/ },
      { look: from('node-2', 'node-1'), shows: /^000/ },
      {
        look: 'node-1: iptables -S INPUT; iptables -S FORWARD',
        shows: /^-A INPUT -s 172\.18\.0\.4\/32 -j DROP$[\s\S]*^-A FORWARD -s 10\.244\.2\.0\/24 -j DROP$/m,
      },
      { look: 'node-1: ping -c 1 -W 2 172.18.0.4', shows: /100% packet loss/ },
    ],
    wrong: 'node-1: systemctl restart kubelet; iptables -D INPUT 99; iptables -F OUTPUT',
    mend: 'node-1: iptables -F INPUT; iptables -D FORWARD -s 10.244.2.0/24 -j DROP',
    heals: 5000,
  },
  {
    fault: 'network-partition nodes=node-2 from=control-plane',
    symptoms: [
      { look: 'kubectl describe node node-2', shows: /Ready +Unknown .*Kubelet stopped posting node status/ },
      { look: 'node-2: journalctl -u kubelet --since -30s', shows: /dial tcp 172\.18\.0\.2:6443: i\/o timeout/ },
      { look: 'kubectl logs at-node-2', shows: /dial tcp 172\.18\.0\.4:10250: i\/o timeout/ },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    mend: 'node-2: iptables -F INPUT; iptables -F FORWARD',
    heals: 60_000,
  },
];

describe('a wire between two is cut', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster();
    for (const pod of pods) run(cluster, pod);
  });

  test.each(cases)('$fault', (row) => prove(cluster, row));

  test('nothing tells, while both sides reach the API server', () => {
    breakIt(cluster, 'network-partition nodes=node-1 from=node-2');
    expect(run(cluster, 'kubectl get nodes')).not.toContain('NotReady');
    expect(run(cluster, from('node-1', 'node-1'))).toBe('200');
    expect(run(cluster, 'curl -s -o /dev/null -w "%{http_code}" http://$(kubectl get pod at-node-1 -o jsonpath={.status.podIP})/')).toBe(
      '200',
    );
    expect(run(cluster, 'node-1: iptables-save -t filter')).toMatch(/^\*filter\n(:.*\n)+-A INPUT -s 172\.18\.0\.4\/32 -j DROP\n/m);
    run(cluster, 'node-1: iptables -F');
  });

  test.each([
    { name: 'one port', rule: '-I INPUT -p tcp --dport 80 -j DROP', shows: '-A INPUT -p tcp -m tcp --dport 80 -j DROP' },
    {
      name: 'a comment',
      rule: '-A FORWARD -d 10.244.1.0/24 -m comment --comment "for now" -j REJECT',
      shows: '-A FORWARD -d 10.244.1.0/24 -m comment --comment "for now" -j REJECT --reject-with icmp-port-unreachable',
    },
    { name: 'no block', rule: '-A INPUT -s nowhere -j DROP', shows: "iptables v1.8.9 (nf_tables): host/network `nowhere' not found" },
    { name: 'no target', rule: '-A INPUT -s 10.0.0.1', shows: 'a rule without a target only counts' },
    { name: 'no such target', rule: '-A INPUT -j LOG', shows: "Chain 'LOG' does not exist" },
    { name: 'a port without a protocol', rule: '-A INPUT --dport 80 -j DROP', shows: 'unknown option "--dport"' },
    { name: 'no such chain', rule: '-A NOWHERE -j DROP', shows: 'iptables: No chain/target/match by that name.' },
    {
      name: 'a rule that is not there',
      rule: '-D INPUT -s 10.9.9.9 -j DROP',
      shows: 'iptables: Bad rule (does a matching rule exist in that chain?).',
    },
    { name: 'another table', rule: '-t nat -A PREROUTING -j DROP', shows: 'only rules of the table filter can be changed here' },
  ])('iptables: $name', ({ rule, shows }) => {
    expect(run(cluster, `node-1: iptables ${rule}; iptables -S; iptables -F`)).toContain(shows);
  });

  test('rules are asked in their order, and a refused connection is refused', () => {
    const rules = 'iptables -A FORWARD -d 10.244.1.0/24 -p tcp --dport 80 -j REJECT';
    run(cluster, `node-1: ${rules}`);
    expect(run(cluster, from('node-2', 'node-1').replace('-s -m', '-sS -m'))).toMatch(/Connection refused|Could not connect/);
    run(cluster, 'node-1: iptables -I FORWARD -s 10.244.2.0/24 -j ACCEPT');
    expect(run(cluster, from('node-2', 'node-1'))).toBe('200');
    run(cluster, 'node-1: iptables -F');
  });

  test('nobody is on both sides', () => {
    expect(() => breakIt(cluster, 'network-partition nodes=node-1 from=node-2,node-1')).toThrow(/node-1 cannot/);
    expect(() => breakIt(cluster, 'network-partition nodes=node-1,node-9')).toThrow(/there is no machine node-9/);
  });
});

test('members of etcd on two sides', () => {
  const cluster = brokenCluster({ nodes: 0, controlPlanes: 3 });
  breakIt(cluster, 'network-partition nodes=control-plane from=control-plane-2');
  expect(run(cluster, 'etcdctl endpoint health --cluster')).toMatch(/172\.18\.0\.3:2379 is unhealthy/);
  expect(run(cluster, 'crictl logs $(crictl ps --name etcd -q)')).toContain('peer became inactive');
  // The second hears the third and not the leader, and the third knows a leader: so it is not elected either. Two of three go on.
  const seen = run(cluster, "ssh control-plane-3 'etcdctl endpoint health --cluster'");
  expect(seen).toMatch(/172\.18\.0\.3:2379 is unhealthy/);
  expect(seen).toMatch(/172\.18\.0\.2:2379 is healthy[\s\S]*172\.18\.0\.4:2379 is healthy/);
  expect(run(cluster, 'kubectl --server=https://172.18.0.2:6443 create configmap goes-on')).toBe('configmap/goes-on created\n');
});
