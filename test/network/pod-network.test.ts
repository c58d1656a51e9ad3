/**
 * The Pod network of every plugin, on a booted cluster: the rules that Kubernetes makes for it
 * (kubernetes.io, Cluster Networking), and what only one plugin does.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

const pod = (name: string, node: string, more: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {nodeName: ${node}, terminationGracePeriodSeconds: 0, containers: [{name: main, ${more}}]}`;

const server = 'image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [netexec, --http-port=8080]';

/** Two servers on each of two nodes; they say whom they see. */
const servers = ['a1', 'a2', 'b1', 'b2'];
const workload = servers.map((name) => pod(name, name.startsWith('a') ? 'node-1' : 'node-2', server)).join('\n---\n');

const deny = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {matchLabels: {app: b1}}}';

/** The routers that a Pod of node-1 finds on the way to an address. */
const routersTo = (shell: TestShell, ip: string): readonly string[] =>
  shell
    .run(
      `kubectl run t --image=busybox:1.36 --restart=Never --overrides='{"spec":{"nodeName":"node-1"}}' -i --rm -q -- traceroute -n -q 1 ${ip}`,
    )
    .split('\n')
    .flatMap((line) => /^ *\d+ +([\d.]+)/.exec(line)?.[1] ?? []);

describe.each(['bridge', 'bridge-only', 'flannel', 'calico'] as const)('%s', (cni) => {
  let shell: TestShell;
  let ips: Record<string, string>;

  beforeAll(() => {
    shell = bootShell({ nodes: 2, seed: 5, cni });
    shell.apply(workload);
    ips = Object.fromEntries(servers.map((name) => [name, shell.run(`kubectl get pod ${name} -o jsonpath={.status.podIP}`)]));
  });

  const seenBy = (from: string, to: string): string =>
    shell.run(`kubectl exec ${from} -- curl -s -m 3 http://${ips[to]}:8080/clientip`).replace(/:\d+$/, '');

  test('every Pod reaches every Pod without NAT, and sees itself as the others see it', () => {
    const seen = servers.map((from) => servers.map((to) => seenBy(from, to)));
    expect(seen).toEqual(servers.map((from) => servers.map(() => ips[from])));
    expect(shell.run('kubectl exec a1 -- ip -o addr show eth0 2>&1; kubectl exec a1 -- ip addr show eth0')).toContain(`inet ${ips.a1}/`);
  });

  test('every node reaches every Pod, and every Pod every node', () => {
    const reach = ['control-plane', 'node-1', 'node-2'].map((node) =>
      servers.map((to) => shell.run(`ssh ${node} curl -s -m 3 -o /dev/null -w '%{http_code}' http://${ips[to]}:8080/`)),
    );
    expect(reach.flat().every((code) => code === '200')).toBe(true);
    expect(shell.run('kubectl exec a1 -- curl -sk -m 3 -o /dev/null -w "%{http_code}" https://172.18.0.4:10250/healthz')).toMatch(
      /^[1-5]\d\d$/,
    );
    // The host beside the nodes knows no way to a Pod.
    expect(shell.run('netmatrix --nodes -p 8080 | grep outside')).toMatch(/^outside( +lost)+$/);
  });

  test('every Pod has an address of its own, out of its node’s block', () => {
    expect(new Set(Object.values(ips)).size).toBe(servers.length);
    const blocks = shell.run("kubectl get nodes node-1 node-2 -o jsonpath='{.items[*].spec.podCIDR}'").split(' ');
    for (const [name, ip] of Object.entries(ips))
      expect(ip.split('.').slice(0, 3)).toEqual(blocks[name.startsWith('a') ? 0 : 1]!.split('.').slice(0, 3));
  });

  test('a NetworkPolicy holds, or the learner is told that it does not', () => {
    shell.apply(deny);
    const isEnforced = cni === 'bridge' || cni === 'calico';
    const matrix = shell.run('netmatrix -p 8080');
    expect(matrix.includes('\nNetworkPolicies have no effect in this cluster')).toBe(!isEnforced);
    expect(seenBy('a1', 'b1')).toBe(isEnforced ? 'command terminated with exit code 28' : ips.a1);
    shell.run('kubectl delete netpol deny');
    expect(seenBy('a1', 'b1')).toBe(ips.a1);
  });
});

describe('what is particular', () => {
  test('flannel: a tunnel, routes through it, smaller packets, and its address as a node’s own', () => {
    const shell = bootShell({ nodes: 2, seed: 5, cni: 'flannel' });
    shell.apply(workload);
    const on = (line: string): string => shell.run(`ssh node-1 "${line}"`);
    expect(shell.run('ls /etc/cni/net.d; cat /run/flannel/subnet.env')).toBe(
      '10-flannel.conflist\nFLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.0.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true',
    );
    expect(on('ip route')).toContain('\n10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink \n');
    expect(on('ip neigh show dev flannel.1')).toContain('10.244.2.0 dev flannel.1 lladdr 0e:42:0a:f4:02:00 PERMANENT');
    expect(on('bridge fdb show dev flannel.1')).toContain('0e:42:0a:f4:02:00 dev flannel.1 dst 172.18.0.4 self permanent');
    expect(on('ip -d link show flannel.1')).toMatch(
      /mtu 1450 .*\n.*\n {4}vxlan id 1 local 172\.18\.0\.3 dev eth0 srcport 0 0 dstport 8472 nolearning/,
    );
    expect(shell.run('kubectl exec a1 -- ip route')).toMatch(
      /^default via 10\.244\.1\.1 dev eth0 \n10\.244\.0\.0\/16 via 10\.244\.1\.1 dev eth0 \n/,
    );
    const far = shell.run('kubectl get pod b1 -o jsonpath={.status.podIP}');
    expect(shell.run(`ssh node-1 curl -s http://${far}:8080/clientip`)).toMatch(/^10\.244\.1\.0:/);
    expect(shell.run(`packets try default/a1 ${far}:8080`)).toMatch(
      /tunnel +wrapped in UDP 172\.18\.0\.3 > 172\.18\.0\.4:8472 \(VXLAN 1\)/,
    );
  });

  test('tcpdump: a handshake, a question to DNS, and on the wire what wraps them, smaller than an Ethernet frame', () => {
    const shell = bootShell({ nodes: 2, seed: 5, cni: 'flannel' });
    shell.apply(
      `${workload}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b1}\nspec: {selector: {app: b1}, ports: [{port: 80, targetPort: 8080}]}`,
    );
    const [client, server] = shell.run("kubectl get pod a1 b1 -o jsonpath='{.items[*].status.podIP}'").split(' ') as [string, string];
    const clusterIP = shell.run('kubectl get svc b1 -o jsonpath={.spec.clusterIP}');
    const ask = 'kubectl exec a1 -- curl -s -m 2 http://b1/clientip';
    const capture = (options: string): readonly string[] =>
      shell
        .run(`ssh node-1 timeout 4 tcpdump -nt ${options} 2>/dev/null & sleep 1; ${ask} >/dev/null; sleep 5`)
        .replace(/seq \d{6,}|ack \d{6,}|TS val \d+ ecr \d+/g, (text) => text.replace(/\d+/g, '#'))
        .replaceAll(/\b(32|33|49|50)\d{3}\b/g, 'PORT')
        .split('\n');
    // The bridge sees what the Pod sent: the Service is not yet translated.
    expect(capture('-i cni0 tcp port 80')).toEqual([
      `IP ${client}.PORT > ${clusterIP}.80: Flags [S], seq #, win 64240, options [mss 1410,sackOK,TS val # ecr #,nop,wscale 7], length 0`,
      `IP ${clusterIP}.80 > ${client}.PORT: Flags [S.], seq #, ack #, win 65160, options [mss 1410,sackOK,TS val # ecr #,nop,wscale 7], length 0`,
      `IP ${client}.PORT > ${clusterIP}.80: Flags [.], ack 1, win 502, options [nop,nop,TS val # ecr #], length 0`,
      expect.stringMatching(
        /Flags \[P\.\], seq 1:\d+, ack 1, win 502, options \[nop,nop,TS val # ecr #\], length \d+: HTTP: GET \/clientip HTTP\/1\.1$/,
      ),
      expect.stringContaining('Flags [.], ack'),
      expect.stringMatching(/Flags \[P\.\], .*: HTTP: HTTP\/1\.1 200 OK$/),
      expect.stringContaining('Flags [.], ack'),
      expect.stringContaining('Flags [F.], seq'),
      expect.stringContaining('Flags [F.], seq'),
      expect.stringContaining('Flags [.], ack'),
    ]);
    const wrapped = capture(`-i eth0 udp port 8472`);
    expect(wrapped).toContain('IP 172.18.0.3.PORT > 172.18.0.4.8472: OTV, flags [I] (0x08), overlay 0, instance 1');
    expect(wrapped.some((line) => line.startsWith(`IP ${client}.PORT > ${server}.8080: Flags [S],`))).toBe(true);
    expect(capture('-i eth0 port 8080')).toEqual(['']);
    // What fills an Ethernet frame does not fit into the tunnel.
    const ping = (size: number): string => shell.run(`ssh node-1 ping -c 1 -W 1 -M do -s ${size} ${server}`);
    expect(ping(1423)).toContain('ping: local error: message too long, mtu=1450');
    expect(ping(1422)).toContain(`1430 bytes from ${server}: icmp_seq=1 ttl=`);
    expect(capture('-i any -c 2 udp port 53').join('\n')).toMatch(
      /^veth\w+ In {2}IP \S+ > 10\.96\.0\.10\.53: \d+\+ A\? b1\.default\.svc\.cluster\.local\. \(46\)\n\S+ +(In|Out) +IP /,
    );
  });

  test('calico: a route for each Pod, blocks by BGP, nothing wrapped', () => {
    const shell = bootShell({ nodes: 2, seed: 5, cni: 'calico' });
    shell.apply(workload);
    const [near, far] = shell.run("kubectl get pod a1 b1 -o jsonpath='{.items[*].status.podIP}'").split(' ') as [string, string];
    const routes = shell.run('ssh node-1 ip route');
    expect(routes).toContain('\nblackhole 10.244.1.0/24 proto bird \n');
    expect(routes).toContain('\n10.244.2.0/24 via 172.18.0.4 dev eth0 proto bird \n');
    expect(routes).toMatch(new RegExp(`^${near.replaceAll('.', '\\.')} dev cali\\w{11} scope link $`, 'm'));
    expect(shell.run('kubectl exec a1 -- ip route')).toBe('default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link');
    expect(shell.run('kubectl exec a1 -- ip addr show eth0')).toContain(`mtu 1500`);
    expect(shell.run(`packets try default/a1 ${far}:8080`)).not.toContain('tunnel');
    expect(routersTo(shell, far)).toEqual(['172.18.0.3', '172.18.0.4', far]);
    expect(shell.run('packets try node-1 10.244.1.200:80')).toContain('the route blackhole 10.244.1.0/24 swallows it');
  });

  test('none: nodes are not Ready until somebody brings a plugin', () => {
    const shell = bootShell({ nodes: 1, seed: 5, cni: 'none' });
    expect(shell.run('kubectl get nodes --no-headers')).toMatch(/^control-plane +NotReady .*\nnode-1 +NotReady /);
    expect(shell.run('kubectl get node node-1 -o jsonpath=\'{.status.conditions[?(@.type=="Ready")].message}\'')).toBe(
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    );
    expect(shell.run('kubectl get pods -n kube-system -l k8s-app=kube-dns --no-headers')).toMatch(/Pending/);
    shell.apply(shell.run('cat /etc/kubernetes/addons/calico.yaml'));
    shell.run(
      'kubectl wait --for=condition=Ready node --all --timeout=60s; kubectl wait -A --for=condition=Ready pod --all --timeout=120s',
    );
    expect(shell.run('kubectl get pods -A --no-headers | grep -v "1/1 *Running"')).toBe('');
  });

  test('a plugin whose daemon does not run gives no addresses, and says where to look', () => {
    const shell = bootShell({ nodes: 1, seed: 5, cni: 'flannel' });
    shell.run('ssh node-1 rm /run/flannel/subnet.env');
    shell.run(`kubectl apply -f - <<'END'\n${pod('late', 'node-1', server)}\nEND\nsleep 5`);
    expect(shell.run('kubectl get events --field-selector reason=FailedCreatePodSandBox -o jsonpath={.items[0].message}')).toMatch(
      /^Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "\w+": plugin type="flannel" failed \(add\): failed to load flannel 'subnet\.env' file: open \/run\/flannel\/subnet\.env: no such file or directory\. Check the flannel pod log for this node\.$/,
    );
  });

  test('a block without a free address: the runtime’s words in an Event, until a Pod goes', () => {
    const shell = bootShell({ nodes: 1, seed: 5, cni: 'bridge' });
    shell.run('ssh node-1 "sed -i s#10.244.1.0/24#10.244.1.0/29# /etc/cni/net.d/10-bridge.conflist"');
    shell.run(`kubectl create deployment many --image=nginx:1.29 --replicas=6; sleep 20`);
    expect(shell.run('kubectl get events --field-selector reason=FailedCreatePodSandBox -o jsonpath={.items[0].message}')).toMatch(
      /^Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "\w+": plugin type="bridge" failed \(add\): failed to allocate for range 0: no IP addresses available in range set: 10\.244\.1\.1-10\.244\.1\.6$/,
    );
    const count = (): number => Number(shell.run('kubectl get pods --no-headers | grep -c Running'));
    const running = count();
    expect(running).toBeLessThan(6);
    shell.run('kubectl delete pod -n kube-system -l k8s-app=kube-dns; kubectl scale deployment many --replicas=3; sleep 30');
    expect(count()).toBe(3);
  });
});
