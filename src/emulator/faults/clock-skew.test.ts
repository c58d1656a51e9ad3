import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import type { Case } from './testing.ts';
import { breakIt, brokenCluster, prove, run } from './testing.ts';

const notYet = /x509: certificate has expired or is not yet valid: current time 2025-11-03T0[67]:\S+Z is before 2025-11-03T0\S+Z/;

const cases: readonly Case[] = [
  {
    fault: 'clock-skew node=node-1 offset=-2h',
    symptoms: [
      { look: 'node-1: timedatectl', shows: /Local time: Mon 2025-11-03 0[67]:.*\n[\s\S]*synchronized: no\n +NTP service: inactive/ },
      { look: 'node-1: date', shows: /Mon Nov +3 0[67]:/ },
      { look: 'kubectl describe node node-1', shows: /Ready +Unknown .*Kubelet stopped posting node status\./ },
      { look: 'node-1: journalctl -u kubelet -n 40', shows: notYet },
    ],
    wrong: 'node-1: systemctl restart kubelet',
    mend: 'node-1: timedatectl set-ntp true',
    heals: 60_000,
    stays: [3],
  },
  {
    // A few minutes: nothing is refused, and what the machine writes bears the wrong time.
    fault: 'clock-skew node=node-2 offset=4m',
    symptoms: [
      {
        look: 'kubectl -n kube-node-lease get lease node-2 -o jsonpath={.spec.renewTime} | cut -c1-16; date -u +%Y-%m-%dT%H:%M',
        shows: /^(?!(\S+)\n\1\n)\S+\n\S+\n$/,
      },
      { look: 'node-2: systemctl is-enabled systemd-timesyncd', shows: /disabled/ },
    ],
    wrong: 'node-2: date -s "$(ssh control-plane date -u +%FT%TZ)"; reboot',
    mend: 'node-2: timedatectl set-ntp true',
    heals: 90_000,
  },
  {
    fault: 'clock-skew node=control-plane offset=-2h',
    symptoms: [
      { look: 'kubectl get nodes', shows: notYet },
      {
        look: 'node-2: KUBECONFIG=/etc/kubernetes/kubelet.conf kubectl get nodes',
        shows: /You must be logged in to the server|Unauthorized/,
      },
    ],
    wrong: 'systemctl restart kubelet',
    mend: 'timedatectl set-ntp true',
    heals: 90_000,
  },
];

describe('a clock that is off', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster();
  });

  test.each(cases)('$fault', (row) => prove(cluster, row));
});

test('a clock of its own', () => {
  const cluster = brokenCluster();
  const before = run(cluster, 'node-1: journalctl -u kubelet -o short-iso -n 1');
  run(cluster, 'kubectl run clock --image=busybox --overrides=\'{"spec":{"nodeName":"node-1"}}\' -- sleep 1h');
  cluster.advance(10_000);
  const started = run(cluster, 'kubectl get pod clock -o jsonpath={.status.containerStatuses[0].state.running.startedAt}');
  breakIt(cluster, 'clock-skew node=node-1 offset=300s');
  const seconds = (line: string): number => Number(run(cluster, line));
  expect(seconds('node-1: date +%s') - seconds('date +%s')).toBe(300);
  // Containers have the machine's clock; what was written before stays as it was written.
  expect(seconds('kubectl exec clock -- date +%s') - seconds('date +%s')).toBe(300);
  expect(run(cluster, 'node-1: journalctl -u kubelet -o short-iso')).toContain(before.trim());
  expect(run(cluster, 'kubectl get pod clock -o jsonpath={.status.containerStatuses[0].state.running.startedAt}')).toBe(started);
  // The control plane goes by what it sees change, so the node stays Ready.
  cluster.advance(120_000);
  expect(run(cluster, 'kubectl get node node-1')).toMatch(/ Ready /);
  // While it is synchronised nobody sets it.
  run(cluster, 'node-1: timedatectl set-ntp true');
  cluster.advance(1000);
  expect(run(cluster, 'node-1: timedatectl set-time 2020-01-01')).toBe('Failed to set time: Automatic time synchronization is enabled\n');
  run(cluster, 'node-1: date -s 2020-01-01');
  cluster.advance(1000);
  expect(run(cluster, 'node-1: date +%Y')).toBe('2025\n');
  expect(run(cluster, 'node-1: journalctl -u systemd-timesyncd -o cat')).toMatch(
    /Contacted time server \S+ \(0\.debian\.pool\.ntp\.org\)\.\nInitial clock synchronization to Mon 2025-11-03 \S+ UTC\.\n$/,
  );
  expect(run(cluster, 'kubectl exec clock -- date -s 2020-01-01')).toMatch(/cannot set date: Operation not permitted/);
});

test('members of etcd tell whose clock is behind', () => {
  const cluster = brokenCluster({ nodes: 0, controlPlanes: 3 });
  breakIt(cluster, 'clock-skew node=control-plane-3 offset=90s');
  const log = (node: string): string => run(cluster, `ssh ${node} 'crictl logs $(crictl ps --name etcd -q)'`);
  expect(log('control-plane-3')).toMatch(
    /"msg":"prober found high clock drift","round-tripper-name":"ROUND_TRIPPER_SNAPSHOT","remote-peer-id":"\w+","clock-drift":"1m30s"/,
  );
  expect(log('control-plane')).not.toContain('clock drift');
});

test('a fault without an offset is none', () => {
  const cluster = brokenCluster({ nodes: 0 });
  expect(() => breakIt(cluster, 'clock-skew node=control-plane offset=0s')).toThrow(/needs an offset/);
});
