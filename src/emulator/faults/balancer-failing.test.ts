import { expect, test } from 'vitest';
import { breakIt, brokenCluster, prove, run } from './testing.ts';

const direct = 'kubectl --server=https://172.18.0.2:6443';

test('balancer-failing', () => {
  const cluster = brokenCluster({ nodes: 1, controlPlanes: 2 });
  prove(cluster, {
    fault: 'balancer-failing',
    symptoms: [
      { look: 'kubectl get nodes', shows: /The connection to the server 172\.18\.255\.100:6443 was refused/ },
      { look: `${direct} describe node node-1`, shows: /Ready +Unknown .*Kubelet stopped posting node status/ },
      { look: 'ssh node-1 journalctl -u kubelet --since -12s', shows: /dial tcp 172\.18\.255\.100:6443: connect: connection refused/ },
    ],
    wrong: 'ssh node-1 systemctl restart kubelet; crictl stop $(crictl ps -q --name kube-apiserver)',
    mend: ({ network, apiServer }) => network.setFailure(network.balancers.get(apiServer.ip)!, undefined),
    heals: 60_000,
  });
  breakIt(cluster, 'balancer-failing mode=unreachable lasts=2m');
  expect(run(cluster, 'kubectl get nodes')).toMatch(/no route to host/);
  expect(run(cluster, `${direct} get nodes`)).toMatch(/^control-plane +Ready [\s\S]*^control-plane-2 +Ready [\s\S]*^node-1 +NotReady /m);
  cluster.advance(90_000);
  expect(run(cluster, 'kubectl get nodes')).not.toContain('NotReady');
});

test('one API server has none', () => {
  const cluster = brokenCluster({ nodes: 0 });
  expect(() => breakIt(cluster, 'balancer-failing')).toThrow(/balancer-failing: there is/);
});
