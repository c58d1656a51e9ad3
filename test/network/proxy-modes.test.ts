/** kube-proxy's modes on a booted cluster: switching, staleness, cleaning up; and what conntrack remembers meanwhile. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
const run = (text: string): string => shell.run(text);
const onNode = (command: string): string => run(`ssh node-1 ${command}`);

const pod = (name: string, app: string, container: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${app}}}\nspec: {nodeName: node-1, terminationGracePeriodSeconds: 0, containers: [{name: main, ${container}}]}`;
const echo = (name: string): string => pod(name, 'echo', 'image: busybox, command: [nc, -lukp, "5005", -e, hostname]');

function restartAs(mode: string): void {
  run(`kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/    mode: .*/    mode: "${mode}"/' > /tmp/cm.yaml`);
  run('kubectl -n kube-system replace -f /tmp/cm.yaml && kubectl -n kube-system rollout restart ds kube-proxy');
}

/** Writes the mode into kube-proxy's ConfigMap and starts its Pods anew. */
function switchTo(mode: string): void {
  restartAs(mode);
  run('kubectl -n kube-system rollout status ds kube-proxy');
  shell.cluster.advance(2000);
}

beforeAll(() => {
  shell = bootShell({ nodes: 1, seed: 6 });
  shell.apply(
    [
      pod('web', 'web', 'image: nginx'),
      pod('client', 'client', 'image: busybox, command: [sleep, "99999"]'),
      echo('echo-1'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: echo}\nspec: {clusterIP: 10.96.9.9, selector: {app: echo}, ports: [{port: 5005, protocol: UDP}]}',
    ].join('\n---\n'),
  );
});

const get = (): string => run('kubectl exec client -- wget -qO- -T 3 http://web');

describe('conntrack', () => {
  test('lists flows with where they really go', () => {
    get();
    const webIP = run('kubectl get pod web -o jsonpath={.status.podIP}');
    expect(onNode('conntrack -L -p udp')).toMatch(/^udp {6}17 \d+ src=10\.244\.1\.\d+ dst=10\.96\.0\.10 sport=\d+ dport=53 src=10\.244\./m);
    expect(onNode('conntrack -L -p tcp --dport 80')).toMatch(
      new RegExp(`tcp {6}6 \\d+ TIME_WAIT .* src=${webIP} dst=.*\\[ASSURED\\] mark=0 use=1`),
    );
  });

  test('a sender that keeps its port stays with its endpoint; kube-proxy forgets the flow when the endpoint goes', () => {
    run(`kubectl exec client -- sh -c '(while true; do echo hi; sleep 1; done) | nc -u -p 4000 -w 1 10.96.9.9 5005' > /tmp/chat &`);
    shell.cluster.advance(5000);
    run(`kubectl apply -f - <<'END'\n${echo('echo-2')}\nEND`);
    shell.cluster.advance(10_000);
    expect(new Set(run('cat /tmp/chat').split('\n'))).toEqual(new Set(['echo-1']));
    expect(onNode('conntrack -L -p udp --dport 5005')).toMatch(/sport=4000 .*\[ASSURED\]/);
    run('kubectl delete pod echo-1');
    shell.cluster.advance(10_000);
    expect(run('tail -n 1 /tmp/chat')).toBe('echo-2');
    run('kubectl exec client -- pkill nc');
  });
});

describe('modes', () => {
  test('ipvs: virtual servers, their addresses, and a refusal on other ports', () => {
    switchTo('ipvs');
    expect(run('kubectl -n kube-system logs ds/kube-proxy')).toContain('"Using ipvs Proxier"');
    expect(get()).toContain('Welcome to nginx!');
    const webIP = run('kubectl get svc web -o jsonpath={.spec.clusterIP}');
    expect(onNode('ipvsadm -Ln')).toMatch(new RegExp(`TCP  ${webIP}:80 rr\n  -> 10\\.244\\.1\\.\\d+:80 +Masq    1      0          1 `));
    expect(onNode('ip addr show kube-ipvs0')).toContain(`inet ${webIP}/32 scope global kube-ipvs0`);
    expect(onNode('ipset list KUBE-CLUSTER-IP')).toContain(`${webIP},tcp:80`);
    expect(run(`kubectl exec client -- wget -qO- -T 3 http://${webIP}:81`)).toContain('Connection refused');
    expect(onNode('curl -s localhost:10249/proxyMode')).toBe('ipvs');
  });

  test('nftables removes what the others left', () => {
    switchTo('nftables');
    expect(get()).toContain('Welcome to nginx!');
    expect(onNode('nft list ruleset')).toMatch(/goto service-[A-Z2-7]{8}-default\/web\/tcp\//);
    expect(onNode('iptables-save')).not.toContain('KUBE-SVC');
    expect(onNode('ip addr')).not.toContain('kube-ipvs0');
    expect(onNode('nft list chain ip kube-proxy reject-chain')).toBe(
      'table ip kube-proxy {\n\tchain reject-chain {\n\t\tcomment "helper for @no-endpoint-services / @no-endpoint-nodeports"\n\t\treject\n\t}\n}',
    );
  });

  test('rules stay, and go stale, while no proxy runs', () => {
    run(`kubectl -n kube-system patch ds kube-proxy -p '{"spec":{"template":{"spec":{"nodeSelector":{"no":"where"}}}}}'`);
    shell.cluster.advance(10_000);
    run('kubectl expose pod web --name late --port 80');
    shell.cluster.advance(5000);
    expect(get()).toContain('Welcome to nginx!');
    expect(run('kubectl exec client -- wget -qO- -T 3 http://late')).toContain('download timed out');
    run(`kubectl -n kube-system patch ds kube-proxy --type json -p '[{"op":"remove","path":"/spec/template/spec/nodeSelector/no"}]'`);
    run('kubectl -n kube-system rollout status ds kube-proxy');
    shell.cluster.advance(2000);
    expect(run('kubectl exec client -- wget -qO- -T 3 http://late')).toContain('Welcome to nginx!');
  });

  test('--cleanup removes all rules; the proxy that runs writes them anew within half a minute', () => {
    const proxy = run('kubectl -n kube-system get pod -l k8s-app=kube-proxy --field-selector spec.nodeName=node-1 -o name');
    run(`kubectl -n kube-system exec ${proxy} -- kube-proxy --cleanup`);
    expect(onNode('nft list ruleset')).toBe('');
    shell.cluster.advance(32_000);
    expect(get()).toContain('Welcome to nginx!');
  });

  test('an unknown mode ends the proxy, with the reason in its log', () => {
    restartAs('userspace');
    shell.cluster.advance(20_000);
    const failed = run(
      "kubectl -n kube-system get pods -l k8s-app=kube-proxy --no-headers | grep -E 'Error|CrashLoop' | head -n 1 | cut -d' ' -f1",
    );
    expect(run(`kubectl -n kube-system logs ${failed}`)).toContain(
      '"command failed" err="failed validate: KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \\"userspace\\": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])"',
    );
  });
});
