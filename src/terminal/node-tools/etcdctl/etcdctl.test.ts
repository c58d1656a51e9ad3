import { beforeAll, describe, expect, test } from 'vitest';
import { BootedCluster } from '../../kubectl/booted-cluster-testing.ts';
import { goMs, humanBytes } from './table.ts';

describe('a group of three', () => {
  let cluster: BootedCluster;
  const run = (line: string): string => cluster.run(line);
  beforeAll(() => {
    cluster = new BootedCluster({ nodes: 0, controlPlanes: 3 });
  }, 60_000);

  const cases: readonly { line: string; want: RegExp }[] = [
    {
      line: 'etcdctl member list',
      want: /^([0-9a-f]{15,16}, started, control-plane(-\d)?, https:\/\/172\.18\.0\.\d:2380, https:\/\/172\.18\.0\.\d:2379, false\n){3}$/,
    },
    {
      line: 'etcdctl member list -w table | head -2 | tail -1',
      want: /^\| +ID +\| STATUS +\| +NAME +\| +PEER ADDRS +\| +CLIENT ADDRS +\| IS LEARNER \|\n$/,
    },
    { line: 'etcdctl endpoint status --cluster | cut -d, -f9 | sort | uniq -c', want: /^ +2 +false\n +1 +true\n$/ },
    {
      line: 'etcdctl endpoint health --cluster',
      want: /^(https:\/\/172\.18\.0\.\d:2379 is healthy: successfully committed proposal: took = \S+\n){3}$/,
    },
    { line: 'etcdctl put /lab/a 1; etcdctl endpoint hashkv --cluster | cut -d, -f2 | sort -u | wc -l', want: /^OK\n1\n$/ },
    { line: 'etcdctl --endpoints=https://172.18.0.3:2379 get /lab/a', want: /^\/lab\/a\n1\n$/ },
    { line: 'etcdctl alarm list; echo $?', want: /^0\n$/ },
    {
      line: 'id=$(etcdctl lease grant 100 | cut -d" " -f2); etcdctl put --lease=$id /lab/b 2; etcdctl lease timetolive $id --keys; etcdctl lease revoke $id; etcdctl get /lab/b',
      want: /^OK\nlease [0-9a-f]{16} granted with TTL\(100s\), remaining\(\d+s\), attached keys\(\[\/lab\/b\]\)\nlease [0-9a-f]{16} revoked\n$/,
    },
    {
      line: 'etcdctl put --lease=12 /lab/b 2',
      want: /code = NotFound desc = etcdserver: requested lease not found"}\nError: etcdserver: requested lease not found\n$/,
    },
    { line: 'etcdctl defrag --cluster', want: /^(Finished defragmenting etcd member\[https:\/\/172\.18\.0\.\d:2379\]\. took \S+\n){3}$/ },
    {
      line: 'etcdctl compaction 5; etcdctl compact 5; etcdctl compaction 9999999',
      want: /required revision has been compacted\n.*future revision\n$/s,
    },
    { line: 'etcdctl member remove abcd', want: /\nError: etcdserver: member not found\n$/ },
    { line: 'etcdctl member remove xyz', want: /bad member ID arg/ },
    { line: 'etcdctl member add m', want: /^Error: member peer urls not provided\n$/ },
    { line: 'etcdctl member add m --peer-urls=https://172.18.0.2:2380', want: /\nError: etcdserver: Peer URLs already exists\n$/ },
    {
      line: 'etcdctl de',
      want: /^Error: unknown command "de" for "etcdctl"\n\nDid you mean this\?\n\tdefrag\n\tdel\n\tget\n\nRun 'etcdctl --help' for usage.\n$/,
    },
    { line: 'etcdctl frobnicate', want: /^Error: unknown command "frobnicate" for "etcdctl"\nRun 'etcdctl --help' for usage.\n$/ },
  ];
  test.each(cases)('$line', ({ line, want }) => expect(run(line)).toMatch(want));

  test('moves its leader', () => {
    const leader = run("etcdctl endpoint status --cluster | grep ', true, false' | cut -d, -f2").trim();
    const target = run("etcdctl endpoint status --cluster | grep ', false, false' | head -1 | cut -d, -f2").trim();
    const all = '--endpoints=https://172.18.0.2:2379,https://172.18.0.3:2379,https://172.18.0.4:2379';
    expect(run(`etcdctl ${all} move-leader ${target}`)).toBe(`Leadership transferred from ${leader} to ${target}\n`);
  });

  test('says who does not answer, and takes in a learner', () => {
    expect(run('etcdctl member add late --peer-urls=https://172.18.0.9:2380 --learner')).toMatch(
      /^Member ([0-9a-f]{16}) added as learner to cluster [0-9a-f]{16}\n\nETCD_NAME="late"\nETCD_INITIAL_CLUSTER=".*late=https:\/\/172\.18\.0\.9:2380.*"\n/,
    );
    expect(run('etcdctl member list | grep unstarted')).toMatch(/^([0-9a-f]{16}), unstarted, , https:\/\/172\.18\.0\.9:2380, , true\n$/);
    expect(run('etcdctl member promote $(etcdctl member list | grep unstarted | cut -d, -f1)')).toMatch(
      /(^|\n)Error: etcdserver: can only promote|^Member/,
    );
    expect(run('etcdctl member remove $(etcdctl member list | grep 172.18.0.9 | cut -d, -f1)')).toMatch(
      /^Member [0-9a-f]{16} removed from cluster/,
    );
    run('ssh control-plane-3 poweroff; sleep 5');
    const health = run('etcdctl endpoint health --cluster');
    expect(health).toContain('https://172.18.0.4:2379 is unhealthy: failed to commit proposal: context deadline exceeded\n');
    expect(health).toMatch(/Error: unhealthy cluster\n$/);
    run('ssh control-plane-2 poweroff; sleep 5');
    expect(run('etcdctl put /lab/a 2')).toMatch(
      /code = DeadlineExceeded desc = context deadline exceeded"}\nError: context deadline exceeded\n$/,
    );
    expect(run('etcdctl put /lab/a 2 --command-timeout=10s')).toMatch(/\nError: etcdserver: request timed out\n$/);
    expect(run('etcdctl get /lab/a --consistency=s')).toBe('/lab/a\n1\n');
    expect(run('etcdctl endpoint status')).toContain('etcdserver: no leader');
    expect(run('curl -s http://127.0.0.1:2381/metrics | grep ^etcd_server_has_leader; curl -s http://127.0.0.1:2381/readyz')).toMatch(
      /^etcd_server_has_leader 0\n\[\+\]data_corruption ok\n\[\+\]serializable_read ok\n\[-\]linearizable_read failed: /,
    );
    expect(run('crictl logs $(crictl ps --name etcd -q) 2>&1 | tail -50')).toContain(
      '"msg":"waiting for ReadIndex response took too long, retrying"',
    );
  });
});

test('a snapshot brings back what was deleted after it, as a cluster of its own', () => {
  const cluster = new BootedCluster({ nodes: 1 });
  const run = (line: string): string => cluster.run(line);
  run('kubectl create configmap kept --from-literal=a=1');
  expect(run('etcdctl snapshot save /root/backup.db 2>/dev/null')).toBe('Snapshot saved at /root/backup.db\nServer version 3.6.5\n');
  expect(run('etcdutl snapshot status /root/backup.db')).toMatch(/^[0-9a-f]{8}, \d+, \d+, [\d.]+ kB, 3\.6\.0\n$/);
  const before = run('etcdctl member list');
  run('kubectl delete configmap kept; mkdir /root/manifests; mv /etc/kubernetes/manifests/*.yaml /root/manifests/; sleep 40');
  expect(run('etcdutl snapshot restore /root/backup.db --data-dir=/var/lib/etcd')).toMatch(/^Error: data-dir "\/var\/lib\/etcd" not empty/);
  run('mv /var/lib/etcd /root/old');
  const flags =
    '--name=control-plane --initial-cluster=control-plane=https://172.18.0.2:2380 --initial-advertise-peer-urls=https://172.18.0.2:2380';
  const restore = (extra = ''): string => run(`etcdutl snapshot restore /root/backup.db --data-dir=/var/lib/etcd ${flags} ${extra}`);
  expect(restore('--initial-cluster-token=after')).toContain('\trestored snapshot\t');
  run('mv /root/manifests/*.yaml /etc/kubernetes/manifests/; sleep 90');
  expect(run("kubectl get configmap kept -o jsonpath='{.data.a}'")).toBe('1');
  expect(run('etcdctl member list')).not.toBe(before);
  expect(run('kubectl create configmap new')).toBe('configmap/new created\n');
  run('sed -i s/kept/KEPT/ /root/backup.db');
  expect(run('etcdutl snapshot status /root/backup.db')).toMatch(/^Error: snapshot file integrity check failed/);
  expect(run('etcdutl snapshot status /root/none.db; etcdutl snapshot status /etc/hostname')).toMatch(
    /^Error: stat .*\nError: invalid database\n$/,
  );
});

test('a full database refuses writes until it is compacted, defragmented and disarmed', () => {
  const cluster = new BootedCluster({ nodes: 0 });
  const run = (line: string): string => cluster.run(line);
  run(
    'sed -i "s/- --snapshot-count=10000/- --snapshot-count=10000\\n    - --quota-backend-bytes=16777216/" /etc/kubernetes/manifests/etcd.yaml; sleep 90',
  );
  run('head -c 1000000 /dev/zero | tr "\\0" x > /root/big; for i in $(seq 20); do etcdctl put /big "$(cat /root/big)" || break; done');
  expect(run('etcdctl alarm list')).toMatch(/^memberID:\d+ alarm:NOSPACE \n$/);
  expect(run('kubectl create configmap a')).toBe('error: failed to create configmap: etcdserver: mvcc: database space exceeded\n');
  expect(run('etcdctl endpoint health 2>&1')).toContain('Active Alarm(s): NOSPACE');
  run('etcdctl compaction $(etcdctl endpoint status -w json | grep -o \'"revision":[0-9]*\' | cut -d: -f2); etcdctl defrag');
  expect(run('kubectl create configmap a')).toContain('database space exceeded');
  expect(run('etcdctl alarm disarm')).toMatch(/^memberID:\d+ alarm:NOSPACE \n$/);
  expect(run('kubectl create configmap a')).toBe('configmap/a created\n');
});

test.each([
  [812, '812 B'],
  [20_480, '20 kB'],
  [2_147_483_648, '2.1 GB'],
  [5_300_000, '5.3 MB'],
])('%i bytes are %s', (bytes, want) => expect(humanBytes(bytes)).toBe(want));

test.each([
  [7000, '7s'],
  [4, '4.12ms'],
])('%i ms are %s', (ms, want) => expect(goMs(ms)).toBe(want));
