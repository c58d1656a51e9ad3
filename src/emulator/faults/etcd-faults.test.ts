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
