/** A dual-stack cluster end to end: addresses of everything, Services of one and two families, tables, names and policies. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createCluster } from '../../src/emulator/cluster/index.ts';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
const run = (text: string): string => shell.run(text);
const inPod = (command: string): string => run(`kubectl exec client -- ${command}`);
const ofService = (name: string, path: string): string => run(`kubectl get svc ${name} -o jsonpath='{${path}}'`);
const service = (name: string, more: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: web}, ports: [{port: 80}], ${more}}`;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 4, dualStack: true });
  shell.apply(
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: client, labels: {app: client}}\nspec: {nodeName: node-1, containers: [{name: main, image: nicolaka/netshoot, command: [sleep, "99999"], env: [{name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]}]}',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {nodeName: node-2, containers: [{name: main, image: nginx, ports: [{containerPort: 80, hostPort: 8080}]}]}',
      service('web', 'ipFamilyPolicy: PreferDualStack, type: NodePort'),
      service('four', 'ipFamilyPolicy: SingleStack'),
      service('six', 'ipFamilies: [IPv6]'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: heads}\nspec: {clusterIP: None, ipFamilyPolicy: RequireDualStack, selector: {app: web}, ports: [{port: 80}]}',
    ].join('\n---\n'),
  );
});

describe('addresses', () => {
  test.each([
    ['a node', 'kubectl get node node-1 -o jsonpath={.status.addresses[*].address}', '172.18.0.3 fc00:f853:ccd:e793::3 node-1'],
    ['its blocks', 'kubectl get node node-1 -o jsonpath={.spec.podCIDRs}', '["10.244.1.0/24","fd00:10:244:1::/64"]'],
    ['a Pod', 'kubectl get pod web -o jsonpath={.status.podIPs[*].ip}', '10.244.2.3 fd00:10:244:2::3'],
    ['its node', 'kubectl get pod web -o jsonpath={.status.hostIPs[*].ip}', '172.18.0.4 fc00:f853:ccd:e793::4'],
    ['the downward API', 'kubectl exec client -- printenv IPS', '10.244.1.3,fd00:10:244:1::3'],
    ['/etc/hosts', 'kubectl exec client -- getent ahostsv6 client', 'fd00:10:244:1::3'],
    ['the blocks of Services', 'kubectl get servicecidr kubernetes -o jsonpath={.spec.cidrs}', '["10.96.0.0/16","fd00:10:96::/112"]'],
    ['a route of IPv6', 'ip -6 route', 'fd00:10:244:1::/64 via fc00:f853:ccd:e793::3 dev eth0'],
    ['an interface', 'kubectl exec client -- ip -6 addr show eth0', 'inet6 fd00:10:244:1::3/64 scope global'],
  ])('%s', (_, command, want) => expect(run(command)).toContain(want));
});

describe('Services', () => {
  test.each([
    { name: 'web', families: '["IPv4","IPv6"]', policy: 'PreferDualStack', ips: /^\["10\.96\.\d+\.\d+","fd00:10:96::[0-9a-f]+"\]$/ },
    { name: 'four', families: '["IPv4"]', policy: 'SingleStack', ips: /^\["10\.96\.\d+\.\d+"\]$/ },
    { name: 'six', families: '["IPv6"]', policy: 'SingleStack', ips: /^\["fd00:10:96::[0-9a-f]+"\]$/ },
    { name: 'heads', families: '["IPv4","IPv6"]', policy: 'RequireDualStack', ips: /^\["None"\]$/ },
  ])('$name', ({ name, families, policy, ips }) => {
    expect([ofService(name, '.spec.ipFamilies'), ofService(name, '.spec.ipFamilyPolicy')]).toEqual([families, policy]);
    expect(ofService(name, '.spec.clusterIPs')).toMatch(ips);
    const slices = run(`kubectl get endpointslices -l kubernetes.io/service-name=${name} -o jsonpath='{.items[*].addressType}'`);
    expect(slices.split(' ').sort()).toEqual(JSON.parse(families));
  });

  test('answer on both addresses, from a Pod, from a node and on its ports', () => {
    const [four, six] = [ofService('web', '.spec.clusterIPs[0]'), ofService('web', '.spec.clusterIPs[1]')];
    const port = ofService('web', '.spec.ports[0].nodePort');
    for (const host of [four, `[${six}]`, 'web', 'six', 'heads'])
      expect(inPod(`curl -s -m 3 http://${host}`)).toContain('Welcome to nginx!');
    for (const host of [`[${six}]`, `[fc00:f853:ccd:e793::3]:${port}`, '[fc00:f853:ccd:e793::4]:8080'])
      expect(run(`curl -s -m 3 http://${host}`)).toContain('Welcome to nginx!');
    expect(inPod("curl -s -6 -o /dev/null -w '%{remote_ip} %{local_ip}' http://web")).toBe(`${six} fd00:10:244:1::3`);
    expect(inPod("curl -s -o /dev/null -w '%{remote_ip}' http://web")).toBe(four);
    expect(inPod('ping -c 1 fd00:10:244:2::3')).toContain('1 received');
  });

  test('lose the second address to SingleStack and get another one back', () => {
    const patch = (policy: string): string => run(`kubectl patch svc web -p '{"spec":{"ipFamilyPolicy":"${policy}"}}'`);
    const before = ofService('web', '.spec.clusterIPs[1]');
    patch('SingleStack');
    shell.cluster.settle();
    expect(ofService('web', '.spec.ipFamilies')).toBe('["IPv4"]');
    expect(run(`kubectl get endpointslices -l kubernetes.io/service-name=web -o jsonpath='{.items[*].addressType}'`)).toBe('IPv4');
    expect(run(`kubectl get ipaddress ${before}`)).toContain('NotFound');
    expect(inPod(`curl -s -m 2 -o /dev/null -w '%{exitcode}' http://[${before}]`)).toContain('28');
    patch('RequireDualStack');
    shell.cluster.settle();
    expect(run(`kubectl get ipaddress ${ofService('web', '.spec.clusterIPs[1]')} -o jsonpath='{.metadata.labels}'`)).toContain('"IPv6"');
    expect(inPod(`curl -s -m 3 http://[${ofService('web', '.spec.clusterIPs[1]')}]`)).toContain('Welcome to nginx!');
  });

  test('tables of the other family', () => {
    const six = ofService('web', '.spec.clusterIPs[1]');
    const saved = run('ip6tables-save');
    expect(saved).toContain(
      `-A KUBE-SERVICES -d ${six}/128 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-`,
    );
    expect(saved).toContain('--to-destination [fd00:10:244:2::3]:80');
    expect(saved).not.toMatch(/10\.96\.|127\.0\.0\.0|KUBE-FIREWALL/);
    expect(run('iptables-save')).not.toContain('fd00:');
  });
});

test('names: AAAA, SRV with both, PTR, and the names of Pods', () => {
  const six = ofService('six', '.spec.clusterIP');
  expect(inPod('dig +short AAAA six.default.svc.cluster.local')).toBe(six);
  expect(inPod('dig +short A six.default.svc.cluster.local')).toBe('');
  expect(inPod(`dig +short -x ${six}`)).toBe('six.default.svc.cluster.local.');
  expect(inPod('dig +short AAAA heads.default.svc.cluster.local')).toBe('fd00:10:244:2::3');
  expect(inPod('dig +short AAAA fd00-10-244-2--3.default.pod.cluster.local')).toBe('fd00:10:244:2::3');
  expect(inPod('dig +short AAAA node-2')).toBe('fc00:f853:ccd:e793::4');
});

test('a NetworkPolicy judges each family by its own blocks', () => {
  shell.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-six}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{ipBlock: {cidr: 'fd00:10:244::/56', except: ['fd00:10:244:7::/64']}}]}]`);
  const code = (host: string): string => inPod(`curl -s -m 1 -o /dev/null -w '%{exitcode}' http://${host}`).slice(0, 2).replace(/\D/, '');
  expect([code('[fd00:10:244:2::3]'), code('10.244.2.3')]).toEqual(['0', '28']);
  run('kubectl delete networkpolicy only-six');
});

test.each([
  ['ipvs', 'ipvsadm -Ln', (ip: string) => `TCP  [${ip}]:80 rr`],
  ['ipvs', 'ipset list KUBE-6-CLUSTER-IP', (ip: string) => `${ip},tcp:80`],
  ['nftables', 'nft list map ip6 kube-proxy service-ips', (ip: string) => `${ip} . tcp . 80 : goto service-`],
])('mode %s: %s', (mode, command, want) => {
  const other = bootShell({ nodes: 1, seed: 4, dualStack: true });
  other.run(
    `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/mode: ""/mode: ${mode}/' | kubectl apply -f - ; kubectl -n kube-system rollout restart ds kube-proxy`,
  );
  other.apply(`${service('web', 'ipFamilyPolicy: RequireDualStack')}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: nginx}]}`);
  other.cluster.advance(5000);
  const ip = other.run(`kubectl get svc web -o jsonpath='{.spec.clusterIPs[1]}'`);
  expect(other.run(command)).toContain(want(ip));
  expect(other.run(`curl -s -m 3 http://[${ip}]`)).toContain('Welcome to nginx!');
});

test.each([
  ['a second block of the same family', { podSubnet: '10.244.0.0/16,10.245.0.0/16' }, /podSubnet .* is neither a block nor/],
  ['a pair for Pods only', { podSubnet: '10.244.0.0/16,fd00::/56' }, /must be of the same families/],
  ['no block at all', { serviceSubnet: 'many' }, /serviceSubnet many is neither/],
])('refuses %s', (_, spec, message) => expect(() => createCluster(spec)).toThrow(message));
