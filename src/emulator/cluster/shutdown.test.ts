/** A machine that is turned off while its kubelet holds it back. */
import { expect, test } from 'vitest';
import { brokenCluster, run } from '../faults/testing.ts';

test('Pods end before the machine does, the critical ones last', () => {
  const cluster = brokenCluster({ nodes: 1 });
  run(
    cluster,
    `node-1: sed -i 's/^shutdownGracePeriod: .*/shutdownGracePeriod: 30s/; s/^shutdownGracePeriodCriticalPods: .*/shutdownGracePeriodCriticalPods: 10s/' /var/lib/kubelet/config.yaml; systemctl restart kubelet`,
  );
  run(cluster, 'kubectl create deployment web --image=nginx --replicas=1');
  run(
    cluster,
    `kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  containers: [{name: c, image: busybox, command: [sh, -c, "trap '' TERM; sleep 3600 & wait; wait"]}]
END`,
  );
  cluster.advance(15_000);
  const startMs = cluster.nowMs;
  run(cluster, 'node-1: poweroff');
  cluster.advance(10_000);
  expect(run(cluster, `kubectl get node node-1 -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'`)).toBe(
    'node is shutting down',
  );
  expect(run(cluster, "kubectl get pods -l app=web -o jsonpath='{.items[*].status.reason}: {.items[*].status.message}'")).toMatch(
    /^Terminated.*: Pod was terminated in response to imminent node shutdown\./,
  );
  // It was asked to end within the 20 seconds of the first group, and was killed then.
  cluster.advance(25_000);
  expect(
    run(
      cluster,
      'kubectl get pod stubborn -o jsonpath=\'{.status.phase} {.status.reason} {.status.conditions[?(@.type=="DisruptionTarget")].reason}\'',
    ),
  ).toBe('Failed Terminated TerminationByKubelet');
  expect(run(cluster, 'kubectl get events -o custom-columns=R:.reason,M:.message | grep Shutdown')).toContain(
    'Shutdown manager detected shutdown event',
  );
  expect(cluster.nowMs - startMs).toBeGreaterThan(30_000);
  cluster.powerOn('node-1');
  cluster.advance(60_000);
  expect(run(cluster, 'kubectl get node node-1 --no-headers')).toMatch(/ Ready /);
});
