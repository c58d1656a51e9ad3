import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../emulator/cluster/index.ts';
import { brokenCluster, run } from '../../../../emulator/faults/testing.ts';

describe('a worker leaves the cluster and comes back', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster({ nodes: 2 });
  });
  const join = '$(ssh control-plane kubeadm token create --print-join-command)';

  test('a machine that has joined does not join twice', () => {
    expect(run(cluster, `node-2: ${join}; echo $?`)).toMatch(
      /\[ERROR FileAvailable--etc-kubernetes-kubelet\.conf\]: \/etc\/kubernetes\/kubelet\.conf already exists\n[\s\S]*\[ERROR Port-10250\]: Port 10250 is in use\n[\s\S]*\n2\n$/,
    );
  });

  test.each([
    { name: 'no token', args: '172.18.0.2:6443', want: /bootstrapToken or file must be set/ },
    { name: 'no hash', args: '172.18.0.2:6443 --token abcdef.0123456789abcdef', want: /without caCertHashes can be unsafe/ },
  ])('join: $name', ({ args, want }) => expect(run(cluster, `node-2: kubeadm join ${args}`)).toMatch(want));

  test('reset asks', () => {
    expect(run(cluster, 'node-2: echo n | kubeadm reset; echo $?')).toMatch(/Are you sure .*aborted reset operation\n[\s\S]*1\n$/s);
    expect(run(cluster, 'kubeadm reset -f')).toMatch(/only a worker can/);
  });

  test('reset, delete, join', () => {
    expect(run(cluster, 'node-2: kubeadm reset -f')).toContain(
      '[reset] Deleting contents of directories: [/etc/kubernetes/manifests /var/lib/kubelet /etc/kubernetes/pki]\n',
    );
    expect(run(cluster, 'node-2: crictl ps -q; ls /var/lib/kubelet /etc/kubernetes/pki; systemctl is-active kubelet')).toMatch(
      /^\/etc\/kubernetes\/pki:\n\n\/var\/lib\/kubelet:\ninactive\n$/,
    );
    // The cluster still believes that the node is there, and a node of its name may not join while it is Ready.
    expect(run(cluster, `node-2: ${join}`)).toMatch(/a Node with name "node-2" and status "Ready" already exists in the cluster/);
    run(cluster, 'node-2: rm /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt');
    run(cluster, 'kubectl delete node node-2; kubectl delete csr --all');
    expect(run(cluster, `node-2: ${join.replace('--print', '--ttl 1h --print')}`)).toMatch(
      /\[kubelet-start\] Starting the kubelet\n[\s\S]*This node has joined the cluster/,
    );
    cluster.advance(60_000);
    expect(run(cluster, 'kubectl get nodes')).toMatch(/^node-2 +Ready /m);
    expect(run(cluster, 'kubectl get csr')).toMatch(
      /kubernetes\.io\/kube-apiserver-client-kubelet +system:bootstrap:\w{6} +<none> +Approved,Issued/,
    );
    expect(
      run(cluster, 'node-2: ls /etc/kubernetes; openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -subject'),
    ).toMatch(/^kubelet\.conf\n[\s\S]*subject=O = system:nodes, CN = system:node:node-2\n$/);
    run(cluster, `kubectl run on-2 --image=nginx --overrides='{"spec":{"nodeName":"node-2"}}'`);
    expect(run(cluster, 'kubectl wait --for=condition=Ready pod/on-2 --timeout=50s')).toBe('pod/on-2 condition met\n');
  });

  test('whom not to trust', () => {
    run(cluster, 'node-1: kubeadm reset -f; ssh control-plane kubectl delete node node-1');
    run(cluster, 'kubeadm token create abcdef.0123456789abcdef');
    cluster.advance(5000);
    const at = 'node-1: kubeadm join 172.18.0.2:6443 --token abcdef';
    expect(run(cluster, `${at}.0123456789abcdef --discovery-token-ca-cert-hash sha256:00`)).toMatch(
      /cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:[0-9a-f]{64}" are pinned/,
    );
    expect(run(cluster, `${at}.0123456789abcdee --discovery-token-unsafe-skip-ca-verification`)).toMatch(
      /failed to verify JWS signature of received cluster info object/,
    );
  });
});
