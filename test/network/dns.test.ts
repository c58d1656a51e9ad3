/** DNS on a booted cluster: TCP, what policies do to it, a Corefile that breaks and one that is mended. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
const run = (text: string): string => shell.run(text);
const inPod = (command: string): string => run(`kubectl exec client -- ${command}`);

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 8 });
  const addresses = Array.from({ length: 40 }, (_, i) => `{addresses: [10.244.9.${i + 1}], hostname: h${i}}`);
  shell.apply(
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: main, image: "registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", command: [sleep, "99999"]}]}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: many}\nspec: {clusterIP: None, ports: [{name: http, port: 80}]}',
      `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: many-1, labels: {kubernetes.io/service-name: many}}\naddressType: IPv4\nports: [{name: http, port: 80}]\nendpoints: [${addresses.join(', ')}]`,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.96.7.7, selector: {app: web}, ports: [{name: http, port: 80}]}',
    ].join('\n---\n'),
  );
});

describe('over TCP', () => {
  test('asked for', () => {
    expect(inPod('dig +tcp web.default.svc.cluster.local')).toMatch(
      /web\.default\.svc\.cluster\.local\. \d+\tIN\tA\t10\.96\.7\.7[\s\S]*\(TCP\)/,
    );
  });

  test('because it is long', () => {
    const answer = inPod('dig +bufsize=512 many.default.svc.cluster.local');
    expect(answer).toContain(';; Truncated, retrying in TCP mode.');
    expect(answer).toContain('ANSWER: 40');
    expect(inPod('dig +bufsize=512 +ignore many.default.svc.cluster.local')).toMatch(/flags: qr aa tc rd; QUERY: 1, ANSWER: 2\d/);
  });

  test('a policy that lets only UDP out leaves short names', () => {
    shell.apply(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: dns}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}',
    );
    shell.cluster.advance(2000);
    expect(inPod('dig +short web.default.svc.cluster.local')).toBe('10.96.7.7');
    expect(inPod('dig +bufsize=512 +tries=1 +time=2 many.default.svc.cluster.local')).toContain('no servers could be reached');
    run('kubectl delete networkpolicy dns');
    shell.cluster.advance(2000);
  });
});

test('records in the words of the tools', () => {
  expect(inPod('dig +short SRV _http._tcp.web.default.svc.cluster.local')).toBe('0 100 80 web.default.svc.cluster.local.');
  expect(inPod('dig +short -x 10.96.7.7')).toBe('web.default.svc.cluster.local.');
  expect(inPod('host web')).toBe('web.default.svc.cluster.local has address 10.96.7.7');
  expect(inPod('dig +short h3.many.default.svc.cluster.local')).toBe('10.244.9.4');
});

describe('the Corefile', () => {
  const replace = (expression: string): void => {
    run(`kubectl -n kube-system get cm coredns -o yaml | sed '${expression}' | kubectl replace -f -`);
  };

  test('a mistake changes nothing while CoreDNS runs, and stops it when it starts anew', () => {
    replace('s/    forward \\. /    forwrd . /');
    shell.cluster.advance(150_000);
    expect(run('kubectl -n kube-system logs deploy/coredns --tail=-1')).toContain(
      "[ERROR] Restart failed: /etc/coredns/Corefile:13 - Error during parsing: Unknown directive 'forwrd'",
    );
    expect(inPod('dig +short web.default.svc.cluster.local')).toBe('10.96.7.7');
    run('kubectl -n kube-system delete pod -l k8s-app=kube-dns --wait=false');
    shell.cluster.advance(60_000);
    expect(run('kubectl -n kube-system get pods -l k8s-app=kube-dns')).toMatch(/CrashLoopBackOff|Error/);
    expect(inPod('dig +tries=1 +time=2 web.default.svc.cluster.local')).toContain('no servers could be reached');
  });

  test('mended, it starts; a rule for names acts', () => {
    replace('s/    forwrd \\. /    rewrite name shop.example web.default.svc.cluster.local\\n        forward . /');
    run('kubectl -n kube-system delete pod -l k8s-app=kube-dns --wait=false');
    run('kubectl -n kube-system rollout status deploy/coredns --timeout=120s');
    shell.cluster.advance(5000);
    expect(inPod('dig +short shop.example')).toBe('10.96.7.7');
  });
});
