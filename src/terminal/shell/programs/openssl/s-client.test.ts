import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../emulator/cluster/index.ts';
import { breakIt, brokenCluster, run } from '../../../../emulator/faults/testing.ts';

describe('openssl s_client and verify, on a cluster', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster({ nodes: 1 });
  });
  const api = 'openssl s_client -connect 172.18.0.2:6443';
  const ca = '-CAfile /etc/kubernetes/pki/ca.crt';

  test.each([
    {
      name: 'nobody is trusted',
      line: `${api} </dev/null 2>&1 >/dev/null`,
      want: /^Can't use SSL_get_servername\ndepth=0 CN = kube-apiserver\nverify error:num=20:unable to get local issuer certificate\nverify return:1\ndepth=0 CN = kube-apiserver\nverify error:num=21:unable to verify the first certificate\nverify return:1\ndepth=0 CN = kube-apiserver\nverify return:1\nDONE\n$/,
    },
    {
      name: 'the authority is known',
      line: `${api} ${ca} -showcerts </dev/null`,
      want: /depth=1 CN = kubernetes\nverify return:1\ndepth=0 CN = kube-apiserver\nverify return:1\n[\s\S]*Certificate chain\n 0 s:CN = kube-apiserver\n {3}i:CN = kubernetes\n[\s\S]*Server certificate\nsubject=CN = kube-apiserver\nissuer=CN = kubernetes\n[\s\S]*Verify return code: 0 \(ok\)/,
    },
    {
      name: 'its names, through a pipe',
      line: `${api} </dev/null 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName`,
      want: /^subject=CN = kube-apiserver\n[\s\S]*DNS:kubernetes\.default/,
    },
    {
      name: 'the server of etcd',
      line: 'openssl s_client -connect 127.0.0.1:2379 </dev/null 2>&1',
      want: /s:CN = control-plane\n {3}i:CN = etcd-ca/,
    },
    {
      name: 'nobody listens',
      line: 'openssl s_client -connect 172.18.0.2:7777 </dev/null; echo $?',
      want: /:error:8000006F:system library:BIO_connect:Connection refused:[\s\S]*connect:errno=111\n1\n$/,
    },
    {
      name: 'no TLS',
      line: 'openssl s_client -connect 127.0.0.1:10256 </dev/null; echo $?',
      want: /wrong version number[\s\S]*no peer certificate available[\s\S]*1\n$/,
    },
    { name: 'no such name', line: 'openssl s_client -connect nowhere.example:443 </dev/null', want: /Name or service not known/ },
    { name: 'no port', line: 'openssl s_client -connect nowhere </dev/null', want: /malformed or ambiguous/ },
    {
      name: 'verify',
      line: 'cd /etc/kubernetes/pki; openssl verify -CAfile ca.crt apiserver.crt ca.crt',
      want: /^apiserver\.crt: OK\nca\.crt: OK\n$/,
    },
    {
      name: 'verify with another authority',
      line: 'cd /etc/kubernetes/pki; openssl verify -CAfile etcd/ca.crt apiserver.crt; echo $?',
      want: /^CN = kube-apiserver\nerror 20 at 0 depth lookup: unable to get local issuer certificate\nerror apiserver\.crt: verification failed\n2\n$/,
    },
  ])('$name', ({ line, want }) => expect(run(cluster, line)).toMatch(want));

  test('lsof and ss name the process as ps does', () => {
    expect(run(cluster, 'lsof -nP -iTCP:6443 -sTCP:LISTEN')).toMatch(
      /^COMMAND +PID USER {3}FD {3}TYPE DEVICE SIZE\/OFF NODE NAME\nkube-apis 1\d{4} root {4}3u {2}IPv4 {2}20000 {6}0t0 {2}TCP \*:6443 \(LISTEN\)\n$/,
    );
    expect(run(cluster, 'ps -p $(lsof -t -i :6443) -o comm=')).toBe('kube-apiserver\n');
    expect(run(cluster, 'ss -tlnp | grep :6443')).toMatch(/users:\(\("kube-apiserver",pid=1\d{4},fd=3\)\)/);
    expect(run(cluster, 'lsof -i udp:10250; echo $?')).toBe('1\n');
  });

  test('times', () => {
    breakIt(cluster, 'certificate-expired owner=apiserver');
    expect(run(cluster, `${api} ${ca} </dev/null 2>&1`)).toMatch(
      /depth=1 CN = kubernetes\nverify return:1\ndepth=0 CN = kube-apiserver\nverify error:num=10:certificate has expired\n(notAfter=Nov .* GMT)\nverify return:1\ndepth=0 CN = kube-apiserver\n\1\nverify return:1\n[\s\S]*Verify return code: 10 \(certificate has expired\)/,
    );
    run(cluster, 'timedatectl set-ntp false; date -s 2020-01-01');
    expect(run(cluster, 'cd /etc/kubernetes/pki; openssl verify -CAfile ca.crt apiserver.crt')).toMatch(
      /^CN = kubernetes\nerror 9 at 1 depth lookup: certificate is not yet valid\n/,
    );
  });
});
