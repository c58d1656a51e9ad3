/** What happens to whom when a certificate has expired, and what mends it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { brokenCluster, run } from '../faults/testing.ts';
import type { Cluster } from './cluster.ts';
import { certificateOf, managed, renewInPlace } from './managed-certificates.ts';

const day = 86_400_000;

/** Puts a certificate in place that expired yesterday. */
function expire(cluster: Cluster, name: string): void {
  const { kernel } = cluster;
  const { fs } = cluster.machine('control-plane')!;
  const which = managed.find((one) => one.name === name)!;
  const now = kernel.clock.unixMs;
  renewInPlace({ fs, kernel }, which, certificateOf(fs, which)!, { notBeforeMs: now - 366 * day, notAfterMs: now - day });
}

/** Restarts a static Pod as its owner does: the manifest goes and comes back. */
function restart(cluster: Cluster, component: string): void {
  run(cluster, `mv /etc/kubernetes/manifests/${component}.yaml /root/`);
  cluster.advance(25_000);
  run(cluster, `mv /root/${component}.yaml /etc/kubernetes/manifests/`);
  cluster.advance(30_000);
}

let shared: Cluster;
beforeAll(() => {
  shared = brokenCluster({ nodes: 1 });
});

const expired = /x509: certificate has expired or is not yet valid: current time \S+ is after 2025-11-02T/;

describe('an expired certificate', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster({ nodes: 1 });
  });

  test('of the API server stops every client that connects anew, and none that is connected', () => {
    expire(cluster, 'apiserver');
    expect(run(cluster, 'kubectl get nodes 2>&1 | tail -1')).toMatch(
      new RegExp(`^Unable to connect to the server: tls: failed to verify certificate: ${expired.source}`),
    );
    expect(run(cluster, 'kubectl --insecure-skip-tls-verify get nodes --no-headers | grep -c " Ready"')).toBe('2\n');
    expect(run(cluster, 'kubeadm certs check-expiration')).toMatch(
      /Falling back to default configuration[\s\S]*apiserver +Nov 02, 2025 .*<invalid>/,
    );
    expect(run(cluster, 'curl --cacert /etc/kubernetes/pki/ca.crt https://172.18.0.2:6443/healthz 2>&1')).toContain(
      'certificate has expired',
    );
    run(cluster, 'node-1: systemctl restart kubelet');
    cluster.advance(5000);
    expect(run(cluster, 'node-1: journalctl -u kubelet -n 3')).toMatch(expired);
    run(cluster, 'kubeadm certs renew apiserver');
    expect(run(cluster, 'kubectl get nodes -o name')).toBe('node/control-plane\nnode/node-1\n');
  });

  test('of the administrator is refused with 401, and the server says why in its log', () => {
    expire(cluster, 'admin.conf');
    run(cluster, 'cp /etc/kubernetes/admin.conf old.conf');
    expect(run(cluster, 'kubectl --kubeconfig old.conf get nodes 2>&1 | tail -1')).toBe(
      'error: You must be logged in to the server (Unauthorized)\n',
    );
    const log = run(cluster, 'crictl logs $(crictl ps --name kube-apiserver -q) 2>&1 | grep authenticate | tail -1');
    expect(log).toMatch(
      /authentication.go:75\] "Unable to authenticate the request" err="\[x509: .*, verifying certificate SN=\d+, SKID=, AKID=[0-9A-F:]+ failed: x509: /,
    );
    run(cluster, 'kubeadm certs renew admin.conf');
    expect(run(cluster, 'kubectl --kubeconfig /etc/kubernetes/admin.conf get ns default -o name')).toBe('namespace/default\n');
  });

  test('of the scheduler counts from its next start, and so does the renewed one', () => {
    expire(cluster, 'scheduler.conf');
    run(cluster, 'kubectl run before --image=nginx');
    cluster.advance(5000);
    expect(run(cluster, 'kubectl get pod before -o jsonpath={.spec.nodeName}')).toBe('node-1');
    restart(cluster, 'kube-scheduler');
    run(cluster, 'kubectl run after --image=nginx');
    cluster.advance(10_000);
    expect(run(cluster, 'kubectl get pod after -o jsonpath={.spec.nodeName}')).toBe('');
    run(cluster, 'kubeadm certs renew scheduler.conf');
    restart(cluster, 'kube-scheduler');
    expect(run(cluster, 'kubectl get pod after -o jsonpath={.spec.nodeName}')).toBe('node-1');
  });

  test('of etcd keeps an API server that starts from its store, and so does its own towards etcd', () => {
    for (const [name, why] of [
      ['etcd-server', /authentication handshake failed: tls: failed to verify certificate: x509: certificate has expired/],
      ['apiserver-etcd-client', /error reading server preface: remote error: tls: expired certificate/],
    ] as const) {
      expire(cluster, name);
      run(cluster, 'crictl stop $(crictl ps --name kube-apiserver -q)');
      cluster.advance(60_000);
      expect(
        run(cluster, 'for id in $(crictl ps -a --name kube-apiserver -q); do crictl logs $id 2>&1; done | grep createTransport'),
      ).toMatch(why);
      run(cluster, `kubeadm certs renew ${name}`);
      cluster.advance(300_000);
      expect(run(cluster, 'kubectl get ns default -o name')).toBe('namespace/default\n');
    }
    expect(run(cluster, 'crictl logs $(crictl ps --name etcd -q) 2>&1 | grep -c "rejected connection on client endpoint"')).not.toBe('0\n');
  });

  test('of the API server towards kubelets leaves logs and exec without an answer', () => {
    expire(cluster, 'apiserver-kubelet-client');
    expect(run(cluster, 'kubectl logs before 2>&1')).toBe(
      'error: You must be logged in to the server (the server has asked for the client to provide credentials ( pods/log before))\n',
    );
    run(cluster, 'kubeadm certs renew apiserver-kubelet-client');
    expect(run(cluster, 'kubectl logs before 2>&1 | wc -l')).not.toBe('0\n');
  });
});

test('a kubelet that asks the cluster for its serving certificate has none until somebody approves it', () => {
  const cluster = brokenCluster({ nodes: 1 });
  run(cluster, 'kubectl run web --image=nginx; kubectl wait --for=condition=Ready pod/web');
  run(cluster, "node-1: echo 'serverTLSBootstrap: true' >> /var/lib/kubelet/config.yaml; systemctl restart kubelet");
  cluster.advance(3000);
  expect(run(cluster, 'kubectl logs web 2>&1')).toBe(
    'Error from server: Get "https://172.18.0.3:10250/containerLogs/default/web/web": remote error: tls: internal error\n',
  );
  run(cluster, 'kubectl certificate approve $(kubectl get csr -o custom-columns=N:.metadata.name --no-headers)');
  cluster.advance(3000);
  expect(run(cluster, 'kubectl logs web 2>&1 | head -1')).toContain('docker-entrypoint');
  expect(run(cluster, 'node-1: openssl x509 -in /var/lib/kubelet/pki/kubelet-server-current.pem -noout -issuer')).toBe(
    'issuer=CN = kubernetes\n',
  );
});

test.each([
  { name: 'nobody', more: '', want: 'Unauthorized' },
  {
    name: 'a service account',
    more: '-H "Authorization: Bearer $(kubectl create token default)"',
    want: 'Forbidden (user=system:serviceaccount:default:default, verb=get, resource=nodes, subresource(s)=[pods proxy])',
  },
  {
    name: 'the API server',
    more: '--cert /etc/kubernetes/pki/apiserver-kubelet-client.crt --key /etc/kubernetes/pki/apiserver-kubelet-client.key',
    want: '"kind": "PodList"',
  },
])('a kubelet asked by $name', ({ more, want }) => {
  expect(run(shared, `curl -sk ${more} https://172.18.0.3:10250/pods | head -c 150`)).toContain(want);
});

describe("a kubelet's client certificate", () => {
  test('is renewed while there is time, without a break', () => {
    const cluster = brokenCluster({ nodes: 1 });
    const { kernel } = cluster;
    const { fs } = cluster.machine('node-1')!;
    run(
      cluster,
      'kubeadm kubeconfig user --client-name system:node:node-1 --org system:nodes --validity-period 10m > k.conf; scp k.conf node-1:/etc/kubernetes/kubelet.conf || ssh node-1 "cat > /etc/kubernetes/kubelet.conf" < k.conf',
    );
    run(cluster, 'node-1: systemctl restart kubelet');
    cluster.advance(11 * 60_000);
    expect(run(cluster, 'kubectl get csr -o custom-columns=U:.spec.username,S:.spec.signerName --no-headers')).toMatch(
      /^system:node:node-1 +kubernetes.io\/kube-apiserver-client-kubelet\n$/,
    );
    expect(run(cluster, 'kubectl get node node-1 --no-headers')).toMatch(/ Ready /);
    expect(run(cluster, 'node-1: openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -enddate')).toMatch(/2026 GMT/);
    expect(fs.list('/var/lib/kubelet/pki').filter((name) => /client-2/.test(name)).length).toBe(2);
    expect(kernel.hotLoops.size).toBe(0);
  });
});
