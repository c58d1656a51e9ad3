/**
 * The Pod network over IPv6, of every plugin, in clusters of IPv6 alone and of both families: the four rules
 * (kubernetes.io, Cluster Networking), Services, names and policies; and the tools of a cluster that has no IPv4 at all.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { createCluster } from '../../src/emulator/cluster/index.ts';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

const pod = (name: string, node: string, more: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}, tier: web}}\nspec: {nodeName: ${node}, terminationGracePeriodSeconds: 0, containers: [{name: main, ${more}}]}`;

const server = 'image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [netexec, --http-port=8080]';
const servers = ['a1', 'a2', 'b1'];
const workload = [
  ...servers.map((name) => pod(name, name.startsWith('a') ? 'node-1' : 'node-2', server)),
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, ipFamilyPolicy: PreferDualStack, selector: {tier: web}, ports: [{port: 80, targetPort: 8080}]}',
].join('\n---\n');
const deny = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {matchLabels: {app: b1}}}';
const hosts = ['control-plane', 'node-1', 'node-2'];

const kinds = [
  { cni: 'bridge', ipv6: true },
  { cni: 'flannel', ipv6: true },
  { cni: 'calico', ipv6: true },
  { cni: 'flannel', dualStack: true },
  { cni: 'calico', dualStack: true },
] as const;

describe.each(kinds.map((spec) => ({ name: `${spec.cni}, ${'ipv6' in spec ? 'IPv6 alone' : 'both families'}`, spec })))(
  '$name',
  ({ spec }) => {
    let shell: TestShell;
    let ips: Record<string, string>;
    const isEnforced = spec.cni !== 'flannel';
    const codeOf = (host: string): string => shell.run(`curl -s -m 2 -o /dev/null -w '%{http_code}' http://${host}`);

    beforeAll(() => {
      shell = bootShell({ nodes: 2, seed: 5, ...spec });
      shell.apply(workload);
      const six = (name: string): string =>
        shell
          .run(`kubectl get pod ${name} -o jsonpath='{.status.podIPs[*].ip}'`)
          .split(' ')
          .find((ip) => ip.includes(':'))!;
      ips = Object.fromEntries(servers.map((name) => [name, six(name)]));
    });

    const seenBy = (from: string, to: string): string =>
      shell.run(`kubectl exec ${from} -- curl -s -m 3 'http://[${ips[to]}]:8080/clientip'`).replace(/:\d+$/, '');

    test('every Pod has an address of its own, out of its node’s block', () => {
      expect(new Set(Object.values(ips)).size).toBe(servers.length);
      for (const [name, ip] of Object.entries(ips))
        expect(ip).toMatch(name.startsWith('a') ? /^fd00:10:244:1::[0-9a-f]+$/ : /^fd00:10:244:2::[0-9a-f]+$/);
      expect(shell.run('kubectl get pod a1 -o jsonpath={.status.podIP}').includes(':')).toBe('ipv6' in spec);
    });

    test('every Pod reaches every Pod without NAT, and sees itself as the others see it', () => {
      expect(servers.map((from) => servers.map((to) => seenBy(from, to)))).toEqual(
        servers.map((from) => servers.map(() => `[${ips[from]}]`)),
      );
      expect(shell.run('kubectl exec a1 -- ip -6 addr show eth0')).toContain(
        `inet6 ${ips.a1}/${spec.cni === 'calico' ? 128 : 64} scope global`,
      );
    });

    test('every node reaches every Pod, and every Pod every node', () => {
      const codes = hosts.flatMap((host) =>
        servers.map((to) => shell.run(`ssh ${host} "curl -s -m 3 -o /dev/null -w '%{http_code}' 'http://[${ips[to]}]:8080/'"`)),
      );
      expect(codes).toEqual(codes.map(() => '200'));
      expect(
        shell.run(`kubectl exec a1 -- curl -sk -m 3 -o /dev/null -w '%{http_code}' 'https://[fc00:f853:ccd:e793::4]:10250/healthz'`),
      ).toBe('401');
    });

    test('a Service answers at its ClusterIP, at node ports and at the load balancer', () => {
      const of = (path: string): string => shell.run(`kubectl get svc web -o jsonpath='{${path}}'`);
      const [port, inside, outside] = [of('.spec.ports[0].nodePort'), of('.spec.clusterIPs[*]'), of('.status.loadBalancer.ingress[*].ip')];
      const balancer6 = 'fc00:f853:ccd:e793::ffff:200';
      expect(outside).toBe('ipv6' in spec ? balancer6 : `172.18.255.200 ${balancer6}`);
      const addresses = [...inside.split(' '), ...outside.split(' ')].map((ip) => (ip.includes(':') ? `[${ip}]` : ip));
      expect([...addresses, `[fc00:f853:ccd:e793::4]:${port}`].map(codeOf)).toEqual([...addresses, ''].map(() => '200'));
      expect(shell.run('kubectl exec a1 -- curl -s -6 -m 3 http://web/hostname')).toMatch(/^(a1|a2|b1)$/);
    });

    test('names: a Pod asks for AAAA', () => {
      const six = shell.run("kubectl get svc web -o jsonpath='{.spec.clusterIPs[*]}'").split(' ').at(-1);
      expect(shell.run('kubectl exec a1 -- dig +short AAAA web.default.svc.cluster.local')).toBe(six);
      expect(shell.run('kubectl exec a1 -- dig +short A web.default.svc.cluster.local') === '').toBe('ipv6' in spec);
      expect(shell.run('kubectl exec a1 -- nslookup web')).toContain(`Address: ${six}`);
    });

    test('a NetworkPolicy holds, or the learner is told that it does not', () => {
      shell.apply(deny);
      const matrix = shell.run('netmatrix -p 8080');
      expect(matrix.includes('\nNetworkPolicies have no effect in this cluster')).toBe(!isEnforced);
      expect(seenBy('a1', 'b1')).toBe(isEnforced ? 'command terminated with exit code 28' : `[${ips.a1}]`);
      const path = shell.run(`packets try default/a1 [${ips.b1}]:8080`);
      expect(path).toMatch(isEnforced ? /does not allow: default\/deny/ : /answer/);
      shell.run('kubectl delete netpol deny');
      expect(seenBy('a1', 'b1')).toBe(`[${ips.a1}]`);
    });

    test('tables and routes say so', () => {
      const routes = shell.run('ssh node-1 ip -6 route');
      const via = {
        bridge: 'via fc00:f853:ccd:e793::4 dev eth0 ',
        flannel: 'via fd00:10:244:2:: dev flannel-v6.1 ',
        calico: 'via fc00:f853:ccd:e793::4 dev eth0 proto bird ',
      };
      expect(routes).toContain(`fd00:10:244:2::/64 ${via[spec.cni]}metric 1024 ${spec.cni === 'flannel' ? 'onlink ' : ''}pref medium`);
      expect(shell.run('ip6tables-save -t nat')).toContain('--to-destination [fd00:10:244:2::');
      expect(shell.run('ip6tables-save -c -t nat')).toContain('\n[0:0] -A KUBE-SERVICES ');
      expect(shell.run('iptables-save') === '').toBe('ipv6' in spec);
      const path = shell.run(`packets try default/a1 [${ips.b1}]:8080`);
      expect(path.includes('wrapped in UDP fc00:f853:ccd:e793::3 > [fc00:f853:ccd:e793::4]:8472 (VXLAN 1)')).toBe(spec.cni === 'flannel');
    });
  },
);

describe('a cluster of IPv6 alone', () => {
  let shell: TestShell;
  beforeAll(() => {
    shell = bootShell({ nodes: 1, seed: 5, ipv6: true });
  });

  test.each([
    ['nodes', 'kubectl get node node-1 -o jsonpath={.status.addresses[*].address}', 'fc00:f853:ccd:e793::3 node-1'],
    ['blocks', 'kubectl get node node-1 -o jsonpath={.spec.podCIDRs}', '["fd00:10:244:1::/64"]'],
    ['the API server', 'kubectl config view -o jsonpath={.clusters[0].cluster.server}', 'https://[fc00:f853:ccd:e793::2]:6443'],
    ['its Service', 'kubectl get svc kubernetes -o jsonpath={.spec.ipFamilies}{.spec.clusterIP}', '["IPv6"]fd00:10:96::1'],
    [
      'its endpoints',
      'kubectl get endpointslice kubernetes -o jsonpath={.addressType}{.endpoints[*].addresses}',
      'IPv6["fc00:f853:ccd:e793::2"]',
    ],
    ['the blocks of Services', 'kubectl get servicecidr kubernetes -o jsonpath={.spec.cidrs}', '["fd00:10:96::/112"]'],
    [
      'etcd',
      'grep listen-client /etc/kubernetes/manifests/etcd.yaml',
      '    - --listen-client-urls=https://[::1]:2379,https://[fc00:f853:ccd:e793::2]:2379',
    ],
    [
      'kubeadm',
      'kubectl -n kube-system get cm kubeadm-config -o yaml | grep Subnet',
      '      podSubnet: fd00:10:244::/56\n      serviceSubnet: fd00:10:96::/112',
    ],
    ['kube-proxy', 'kubectl -n kube-system get cm kube-proxy -o yaml | grep bindAddress:', "    bindAddress: '::'"],
    ['kube-proxy’s port', 'curl -s http://[::1]:10249/proxyMode', 'iptables'],
    ['a node’s name', 'getent hosts node-1', 'fc00:f853:ccd:e793::3 node-1'],
    ['routes of IPv4', 'ip route; ip -4 neigh', ''],
    ['neighbours', 'ip -6 neigh | grep ^fc00 | head -1', 'fc00:f853:ccd:e793::1 dev eth0 lladdr 02:42:82:d3:79:48 REACHABLE'],
    ['a node’s records', 'dig +short node-1 A; dig +short node-1 AAAA', 'fc00:f853:ccd:e793::3'],
    [
      'a Service’s name',
      'kubectl run h --image=nicolaka/netshoot --restart=Never -i --rm -q -- host kubernetes.default.svc.cluster.local',
      'kubernetes.default.svc.cluster.local has IPv6 address fd00:10:96::1',
    ],
    [
      'a Pod without IPv4',
      "kubectl run h --image=nicolaka/netshoot --restart=Never -i --rm -q -- curl -s -m 2 -o /dev/null -w '%{exitcode}' http://10.0.0.1 2>&1 | head -1 | cut -c1",
      '7',
    ],
    ['who has IPv4', 'curl -s -m 2 http://10.0.0.1; echo $?', '7'],
  ])('%s', (_, command, want) => expect(shell.run(command)).toBe(want));

  test('logs, exec, port-forward and probes work over it', () => {
    shell.apply(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: nginx, ports: [{containerPort: 80, hostPort: 8080}], readinessProbe: {httpGet: {port: 80}}}]}',
    );
    expect(shell.run('kubectl get pod web --no-headers')).toMatch(/^web +1\/1 +Running/);
    expect(shell.run('kubectl logs web | grep -c kube-probe')).toMatch(/^[1-9]/);
    expect(shell.run('kubectl exec web -- hostname')).toBe('web');
    expect(shell.run('kubectl port-forward web 8000:80 >/dev/null & sleep 2; curl -s http://localhost:8000 | grep -c Welcome')).toContain(
      '2',
    );
    expect(shell.run('curl -s http://[fc00:f853:ccd:e793::3]:8080 | grep -c Welcome')).toBe('2');
  });

  test('a Service of IPv4 is refused', () => {
    const spec = 'apiVersion: v1\nkind: Service\nmetadata: {name: four}\nspec: {ipFamilies: [IPv4], ports: [{port: 80}]}';
    expect(shell.run(`kubectl apply -f - <<'END'\n${spec}\nEND`)).toContain(
      'spec.ipFamilies[0]: Invalid value: "IPv4": not configured on this cluster',
    );
  });

  test.each([
    ['families that exclude each other', { ipv6: true, dualStack: true }, /either dual-stack or of IPv6 alone/],
    ['blocks of other families', { ipv6: true, serviceSubnet: '10.96.0.0/16' }, /must be of the same families/],
    ['IPv6 first', { podSubnet: 'fd00::/56,10.244.0.0/16' }, /is neither a block nor/],
  ])('%s', (_, wrong, complaint) => expect(() => createCluster({ nodes: 1, ...wrong })).toThrow(complaint));

  test('may be made by its blocks, with several control planes behind a load balancer', () => {
    const other = bootShell({ nodes: 1, seed: 5, controlPlanes: 3, podSubnet: 'fd00:1::/48', serviceSubnet: 'fd00:2::/112' });
    expect(other.run('kubectl config view -o jsonpath={.clusters[0].cluster.server}')).toBe('https://[fc00:f853:ccd:e793::ff64]:6443');
    expect(other.run('kubectl get nodes --no-headers | grep -c " Ready "')).toBe('4');
    expect(other.run('kubectl get svc -A -o jsonpath={.items[*].spec.clusterIP}')).toBe('fd00:2::1 fd00:2::a');
  });
});
