import { expect, test } from 'vitest';
import { breakIt, brokenCluster, prove, run } from './testing.ts';

test('etcd-out-of-space', () =>
  prove(brokenCluster({ nodes: 1 }), {
    fault: 'etcd-out-of-space',
    symptoms: [
      { look: 'kubectl create configmap a --dry-run=none; kubectl delete configmap a', shows: /database space exceeded/ },
      { look: 'etcdctl alarm list', shows: /^memberID:\d+ alarm:NOSPACE/ },
      { look: 'etcdctl endpoint status', shows: /2\.1 GB, 2\.1 GB, / },
    ],
    wrong: 'etcdctl alarm disarm',
    mend: 'etcdctl compaction $(etcdctl endpoint status -w json | grep -o \'"revision":[0-9]*\' | cut -d: -f2); etcdctl defrag; etcdctl alarm disarm',
    heals: 15_000,
  }));

test('etcd-member-lost', () => {
  const cluster = brokenCluster({ nodes: 0, controlPlanes: 3 });
  breakIt(cluster, 'etcd-member-lost node=control-plane-3');
  const shows = (): string =>
    run(cluster, 'kubectl --server=https://172.18.0.2:6443 get node control-plane-3; etcdctl endpoint health --cluster');
  expect(shows()).toMatch(/ NotReady [\s\S]*172\.18\.0\.4:2379 is unhealthy/);
  expect(run(cluster, "ssh control-plane-3 'crictl logs $(crictl ps -a --name etcd -q | head -1)'")).toMatch(
    /"level":"panic".*tocommit\(\d+\) is out of range \[lastIndex\(0\)\]/,
  );
  expect(run(cluster, 'kubectl --server=https://172.18.0.2:6443 create configmap goes-on')).toBe('configmap/goes-on created\n');
  run(cluster, 'ssh control-plane-3 systemctl restart kubelet');
  cluster.advance(60_000);
  expect(shows()).toMatch(/172\.18\.0\.4:2379 is unhealthy/);
  run(cluster, 'etcdctl member remove $(etcdctl member list | grep 172.18.0.4 | cut -d, -f1)');
  run(cluster, 'etcdctl member add control-plane-3 --peer-urls=https://172.18.0.4:2380; ssh control-plane-3 rm -rf /var/lib/etcd/member');
  cluster.advance(400_000);
  expect(shows()).toMatch(/ Ready [\s\S]*172\.18\.0\.4:2379 is healthy/);
  expect(run(cluster, 'etcdctl endpoint hashkv --cluster | cut -d, -f2 | sort -u | wc -l')).toBe('1\n');
});

test('certificate-expired, of etcd towards its clients', () =>
  prove(brokenCluster({ nodes: 0 }), {
    fault: 'certificate-expired owner=etcd-server',
    symptoms: [
      {
        look: 'etcdctl get a 2>&1 | tail -2',
        shows:
          /handshake failed: tls: failed to verify certificate: x509: certificate has expired[\s\S]*\nError: context deadline exceeded/,
      },
      {
        look: 'crictl logs $(crictl ps --name etcd -q) 2>&1 | tail -1',
        shows:
          /"msg":"rejected connection on client endpoint","remote-addr":"127\.0\.0\.1:\d+","server-name":"","error":"remote error: tls: bad certificate"/,
      },
    ],
    wrong: 'kubeadm certs renew etcd-peer',
    mend: 'kubeadm certs renew etcd-server',
    heals: 30_000,
    stays: [1],
  }));

test('certificate-expired, of a member of etcd towards the others; a stranger certificate is none either', () => {
  const cluster = brokenCluster({ nodes: 0, controlPlanes: 3 });
  const there = (line: string): string => run(cluster, `ssh control-plane-3 '${line}'`);
  const log = (line: string): string => there(`crictl logs $(crictl ps -a --name etcd -q | head -1) 2>&1 | ${line}`);
  const active = (): string =>
    run(cluster, 'curl -s http://127.0.0.1:2381/metrics | grep ^etcd_network_active_peers | cut -d" " -f2 | sort | tr "\\n" " "');
  expect(active()).toBe('1 1 ');
  breakIt(cluster, 'certificate-expired owner=etcd-peer node=control-plane-3');
  expect(active()).toBe('0 1 ');
  const all = 'etcdctl endpoint health --cluster 2>/dev/null | wc -l; etcdctl endpoint health --cluster 2>&1 | grep " unhealthy:"';
  expect(run(cluster, all)).toBe('2\nhttps://172.18.0.4:2379 is unhealthy: failed to commit proposal: context deadline exceeded\n');
  expect(there('etcdctl endpoint status')).toContain('false, false, ');
  expect(there('etcdctl endpoint status')).toContain('etcdserver: no leader');
  expect(log('grep prober | tail -1')).toMatch(
    /"remote-peer-id":"[0-9a-f]{16}","rtt":"0s","error":"remote error: tls: expired certificate"/,
  );
  expect(log('grep "on peer endpoint" | tail -1')).toMatch(
    /"remote-addr":"172\.18\.0\.[23]:\d+","server-name":"","error":"remote error: tls: bad certificate"/,
  );
  expect(run(cluster, 'crictl logs $(crictl ps --name etcd -q) 2>&1 | grep "on peer endpoint" | tail -1')).toMatch(
    /"remote-addr":"172\.18\.0\.4:\d+".*"error":"tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time/,
  );
  there('kubeadm certs renew etcd-peer');
  cluster.advance(20_000);
  expect(run(cluster, 'etcdctl endpoint health --cluster | wc -l')).toBe('3\n');
  expect(active()).toBe('1 1 ');

  there('cd /etc/kubernetes/pki; cp apiserver.crt etcd/peer.crt; cp apiserver.key etcd/peer.key; crictl stop $(crictl ps --name etcd -q)');
  cluster.advance(45_000);
  expect(log('grep prober | tail -1')).toContain('"error":"remote error: tls: unknown certificate authority"');
  there('kubeadm certs renew etcd-peer');
  cluster.advance(20_000);
  run(cluster, 'ssh control-plane-3 "cat > /etc/kubernetes/pki/etcd/peer.crt" < /etc/kubernetes/pki/etcd/peer.crt');
  run(cluster, 'ssh control-plane-3 "cat > /etc/kubernetes/pki/etcd/peer.key" < /etc/kubernetes/pki/etcd/peer.key');
  there('crictl stop $(crictl ps --name etcd -q)');
  cluster.advance(60_000);
  expect(run(cluster, 'crictl logs $(crictl ps --name etcd -q) 2>&1 | grep "on peer endpoint" | tail -1')).toContain(
    '"ip-addresses":["172.18.0.2","127.0.0.1","::1"],"dns-names":["control-plane","localhost"],"error":"tls: \\"172.18.0.4\\" does not match any of DNSNames [\\"control-plane\\" \\"localhost\\"]"',
  );
});
