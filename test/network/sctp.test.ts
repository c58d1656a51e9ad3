/** SCTP end to end: servers and clients, Services in each mode of kube-proxy, NetworkPolicies, and the tools that show it. */
import { beforeAll, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
const run = (text: string): string => shell.run(text);
const inPod = (command: string): string => run(`kubectl exec client -- ${command}`);
const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
const pod = (name: string, node: string, more: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {nodeName: ${node}, terminationGracePeriodSeconds: 0, containers: [{name: main, ${more}}]}`;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 6 });
  shell.apply(
    [
      pod('client', 'node-1', 'image: nicolaka/netshoot, command: [sleep, "99999"]'),
      pod('tester', 'node-1', `image: ${agnhost}`),
      pod(
        'hss',
        'node-2',
        `image: ${agnhost}, args: [netexec, --sctp-port=3868, --udp-port=8081], ports: [{containerPort: 3868, hostPort: 3868, protocol: SCTP}]`,
      ),
      'apiVersion: v1\nkind: Service\nmetadata: {name: hss}\nspec: {type: NodePort, selector: {app: hss}, ports: [{name: diameter, port: 3868, protocol: SCTP}, {name: udp, port: 8081, protocol: UDP}]}',
    ].join('\n---\n'),
  );
});

const ask = (to: string): string => inPod(`sh -c 'echo hostname | ncat --sctp -w 2 ${to} 3868'`);

test('a server answers at its address, behind a Service, on a node port and on a port of the node', () => {
  const port = run("kubectl get svc hss -o jsonpath='{.spec.ports[0].nodePort}'");
  const ip = run('kubectl get pod hss -o jsonpath={.status.podIP}');
  for (const to of [ip, 'hss', '172.18.0.4']) expect(ask(to)).toBe('hss');
  expect(run(`echo clientip | ncat --sctp 172.18.0.3 ${port}`)).toMatch(/^172\.18\.0\.3:\d+$/);
  expect(inPod("sh -c 'echo hostname | nc -u -w 1 hss 8081'")).toBe('hss');
});

test.each([
  { name: 'reached', target: 'hss:3868 --protocol=sctp', want: '' },
  { name: 'a port of TCP is none of SCTP', target: 'hss:8080 --protocol=sctp', want: 'TIMEOUT' },
  { name: 'nobody listens', target: '$IP:9 --protocol=sctp', want: 'REFUSED' },
  { name: 'nobody is there', target: '10.244.9.9:9 --protocol=sctp --timeout=3s', want: 'TIMEOUT' },
  { name: 'no such name', target: 'nobody:9 --protocol sctp', want: 'DNS: lookup nobody: no such host' },
  { name: 'no such protocol', target: 'hss:9 --protocol=dccp', want: 'Unsupported protocol' },
  { name: 'UDP', target: 'hss:8081 --protocol=udp --udp-data=hostname', want: '' },
])('agnhost connect: $name', ({ target, want }) => {
  const ip = run('kubectl get pod hss -o jsonpath={.status.podIP}');
  const said = run(`kubectl exec tester -- /agnhost connect ${target.replace('$IP', ip)} 2>&1`).replace(/\ncommand terminated.*/, '');
  expect(said).toBe(want);
});

test('the tools: ss, conntrack, tcpdump, packets, netmatrix', () => {
  expect(run("kubectl exec client -- sh -c 'ncat --sctp -lk 7777 & sleep 1; ss -Sln; kill $!'")).toMatch(
    /LISTEN +0 +4096 +0\.0\.0\.0:7777/,
  );
  run('kubectl exec client -- sh -c "sleep 5 | ncat --sctp hss 3868" >/dev/null & sleep 1');
  const flow = run('ssh node-1 conntrack -L -p sctp 2>/dev/null');
  expect(flow).toMatch(
    /^sctp {5}132 2\d\d ESTABLISHED src=10\.244\.1\.\d+ dst=10\.96\.\d+\.\d+ sport=\d+ dport=3868 src=10\.244\.2\.\d+ .*\[ASSURED\]/,
  );
  const seen = run(
    `ssh node-1 timeout 3 tcpdump -nt -i eth0 sctp 2>/dev/null & sleep 1; kubectl exec client -- sh -c 'echo hostname | ncat --sctp hss 3868' >/dev/null; sleep 3`,
  );
  expect(seen.split('\n').map((line) => /sctp \(1\) (\[[A-Z ]+\])/.exec(line)?.[1])).toEqual([
    '[INIT]',
    '[INIT ACK]',
    '[COOKIE ECHO]',
    '[COOKIE ACK]',
  ]);
  expect(run('packets try client svc/hss:3868/sctp')).toMatch(/10\.96\.\d+\.\d+:3868\/SCTP: would be answered/);
  expect(run('netmatrix')).toContain('svc hss:3868/SCTP');
});

test('a NetworkPolicy tells SCTP from TCP', () => {
  const policy = (protocol: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: only}\nspec: {podSelector: {matchLabels: {app: hss}}, ingress: [{ports: [{protocol: ${protocol}, port: 3868}]}]}`;
  shell.apply(policy('TCP'));
  expect(ask('hss')).toContain('Ncat: TIMEOUT.');
  shell.apply(policy('SCTP'));
  expect(ask('hss')).toBe('hss');
  expect(inPod('curl -s -m 1 -o /dev/null -w "%{http_code}" http://hss:8080')).toContain('000');
  run('kubectl delete netpol only');
});

test.each(['ipvs', 'nftables'])('mode %s sends associations too', (mode) => {
  run(
    `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/mode: .*/mode: ${mode}/' | kubectl apply -f - >/dev/null; kubectl -n kube-system rollout restart ds kube-proxy; kubectl -n kube-system rollout status ds kube-proxy --timeout=120s; sleep 5`,
  );
  expect(ask('hss')).toBe('hss');
  if (mode === 'ipvs') expect(run('ssh node-1 ipvsadm -Ln')).toMatch(/SCTP 10\.96\.\d+\.\d+:3868 rr/);
});
