import { beforeAll, describe, expect, test } from 'vitest';
import { BootedCluster } from '../../../../terminal/kubectl/booted-cluster-testing.ts';

const policy =
  'apiVersion: audit.k8s.io/v1\\nkind: Policy\\nrules:\\n- {level: Metadata, resources: [{group: "", resources: [pods/log, pods/exec]}]}\\n- {level: None}\\n';

/** The stages of the only request of its kind, each with its minute and second. */
const stages = (subresource: string): string =>
  `crictl logs $(crictl ps --name kube-apiserver -q) 2>/dev/null | grep '"subresource":"${subresource}"' | jq -r '.stage + " " + .stageTimestamp[14:19]'`;

describe('an API server with an audit log', () => {
  let cluster: BootedCluster;
  const run = (line: string): string => cluster.run(line);
  beforeAll(() => {
    cluster = new BootedCluster({ nodes: 1 });
    run('kubectl run web --image=nginx:1.29; kubectl wait --for=condition=Ready pod/web');
    run(`printf '${policy}' > /etc/kubernetes/pki/audit.yaml`);
    run(
      "sed -i 's#    - --advertise-address#    - --audit-policy-file=/etc/kubernetes/pki/audit.yaml\\n    - --audit-log-path=-\\n    - --audit-log-truncate-enabled=true\\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml",
    );
    run('sleep 60');
  });

  test('names what it does not do', () => {
    expect(run('crictl logs $(crictl ps --name kube-apiserver -q) 2>&1 | grep truncate')).toContain('audit-log-truncate-enabled');
  });

  test.each([
    { name: 'a log that is followed', line: 'timeout 5 kubectl logs -f web >/dev/null', of: 'log', seconds: 5 },
    { name: 'a command', line: 'kubectl exec web -- sleep 7', of: 'exec', seconds: 7 },
  ])('$name is complete when it ends', ({ line, of, seconds }) => {
    run(line);
    const found = run(stages(of)).trim().split('\n');
    expect(found.map((row) => row.split(' ')[0])).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
    const [, begun, over] = found.map((row) => {
      const [minutes, rest] = row.split(' ')[1]!.split(':');
      return Number(minutes) * 60 + Number(rest);
    });
    expect(over! - begun!).toBeGreaterThanOrEqual(seconds - 1);
    expect(over! - begun!).toBeLessThanOrEqual(seconds + 1);
  });

  test('and a strict webhook that nobody answers refuses everything that is to be kept', () => {
    run(
      'printf \'apiVersion: v1\\nkind: Config\\ncurrent-context: w\\ncontexts: [{name: w, context: {cluster: w}}]\\nclusters: [{name: w, cluster: {server: "https://127.0.0.1:9"}}]\\n\' > /etc/kubernetes/pki/hook.conf',
    );
    run(
      "sed -i 's#    - --advertise-address#    - --audit-webhook-config-file=/etc/kubernetes/pki/hook.conf\\n    - --audit-webhook-mode=blocking-strict\\n    - --audit-webhook-initial-backoff=100ms\\n    - --advertise-address#' /etc/kubernetes/manifests/kube-apiserver.yaml; sleep 90",
    );
    expect(run('kubectl get --raw /api/v1/namespaces/default/pods/web/log')).toContain('failed to store audit event');
    expect(run('kubectl get pods -o name')).toBe('pod/web\n');
  });
});
