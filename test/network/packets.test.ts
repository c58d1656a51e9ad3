/** Who reaches whom, and the path of a packet, as the commands netmatrix and packets show them; and the tools that list a node's network. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;

const pod = (name: string, image: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {nodeName: ${name === 'web' ? 'node-1' : 'node-2'}, containers: [{name: main, image: ${image}${more}}]}`;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 5 });
  shell.apply(
    [
      pod('web', 'nginx'),
      pod('client', 'busybox', ', command: [sleep, "99999"]'),
      pod('foe', 'busybox', ', command: [sleep, "99999"]'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 8080, targetPort: 80}]}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: nobody}\nspec: {selector: {app: nobody}, ports: [{port: 80}]}',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}',
    ].join('\n---\n'),
  );
  shell.run('packets');
});

const ipOf = (name: string): string => shell.run(`kubectl get pod ${name} -o jsonpath={.status.podIP}`);

describe('netmatrix', () => {
  test('a row for each sender, a column for each open port and each Service', () => {
    expect(shell.run('netmatrix')).toBe(`FROM \\ TO   web:80    svc kubernetes:443   svc nobody:80   svc web:8080
client      yes       yes                  refused         yes
foe         ingress   yes                  refused         ingress
web         yes       yes                  refused         yes

ingress: a NetworkPolicy of the target drops it
refused: nobody listens there`);
  });

  test('senders of other namespaces, nodes and hosts beside them; ports that are closed; and why', () => {
    const text = shell.run('netmatrix --from kube-system --nodes -p 80 --why');
    expect(text).toMatch(/^node-1 +refused +refused +yes$/m);
    expect(text).toMatch(/^node-2 +refused +refused +ingress$/m);
    expect(text).toMatch(/^outside +lost +lost +lost$/m);
    expect(text).toMatch(/^outside -> default\/web:80: No route leads from gateway to the Pod address/m);
    expect(text).toMatch(/^kube-system\/coredns-\S+ +refused +refused +ingress$/m);
    expect(text).toContain('\nnode-1 -> default/client:80: Nothing in default/client listens on port 80/TCP.\n');
    expect(text).toContain(
      `\nnode-2 -> default/web:80: default/web is isolated for ingress by default/web, and no rule lets 172.18.0.4 in on port 80/TCP: dropped.`,
    );
  });

  test('says what really happens', () => {
    const [head, ...rows] = shell
      .run('netmatrix')
      .split('\n\n')[0]!
      .split('\n')
      .map((line) => line.split(/ {3,}/));
    const cell = (from: string, to: string): string => rows.find(([name]) => name === from)![head!.indexOf(to)]!;
    const real = (from: string, url: string): string => {
      const output = shell.run(`kubectl exec ${from} -- wget -q -O- -T 2 http://${url}`);
      return output.includes('Welcome to nginx!')
        ? 'yes'
        : output.includes('refused')
          ? 'refused'
          : output.includes('timed out')
            ? 'ingress'
            : output;
    };
    const urls = { 'web:80': `${ipOf('web')}:80`, 'svc web:8080': 'web:8080', 'svc nobody:80': 'nobody' };
    for (const from of ['client', 'foe'])
      for (const [to, url] of Object.entries(urls)) expect(`${from} ${to} ${real(from, url)}`).toBe(`${from} ${to} ${cell(from, to)}`);
  });

  test('measuring leaves no trace: no server hears of it and the same numbers are drawn', () => {
    const { random } = shell.cluster.kernel;
    const { uint32 } = random;
    let drawn = 0;
    random.uint32 = () => {
      drawn++;
      return 0;
    };
    const before = shell.run('kubectl exec web -- cat /var/log/nginx/access.log; packets -a | wc -l');
    shell.run('netmatrix -A');
    expect(shell.run('kubectl exec web -- cat /var/log/nginx/access.log; packets -a | wc -l').split('\n')[0]).toBe(before.split('\n')[0]);
    random.uint32 = uint32;
    expect(drawn).toBe(0);
  });

  test.each([
    { line: '-p 70000', want: /^netmatrix: 70000 is no port\nUsage/ },
    { line: '-x', want: /^netmatrix: unexpected argument -x\nUsage/ },
    { line: 'web', want: /^netmatrix: unexpected argument web\nUsage/ },
    { line: '-n nix', want: /^There is no Pod with an address in nix\.$/ },
    { line: '--help', want: /^Usage: netmatrix/ },
  ])('netmatrix $line', ({ line, want }) => {
    expect(shell.run(`netmatrix ${line}`)).toMatch(want);
  });
});

describe('packets', () => {
  test('from curl to the answer: the rule, the endpoint, the verdict, the route', () => {
    shell.run('kubectl exec client -- wget -q -O- http://web:8080');
    const [client, web] = [ipOf('client'), ipOf('web')];
    const clusterIP = shell.run('kubectl get svc web -o jsonpath={.spec.clusterIP}');
    const path = shell.run('packets last').replace(/(veth|KUBE-S..-)\w+/g, '$1#');
    expect(path.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      `default/client (${client}) > ${clusterIP}:8080/TCP: delivered`,
      `1 node-2 start default/client [${client} > ${clusterIP}:8080]`,
      '2 node-2 interface link veth# on bridge cni0',
      `3 node-2 nat KUBE-SVC-# > KUBE-SEP-#: to ${web}:80, the only endpoint of the Service default/web [${client} > ${web}:80]`,
      '4 node-2 route 10.244.1.0/24 via 172.18.0.3 dev eth0',
      '5 node-2 wire leaves by eth0',
      '6 node-1 wire arrives by eth0',
      '7 node-1 policy ingress of default/web: allowed by default/web',
      'allows: default/web',
      '8 node-1 interface link veth# on bridge cni0',
      '9 node-1 arrival default/web',
      `10 node-1 answer the answer goes back the same way; conntrack gives it the source ${clusterIP}:8080 again`,
      'It reached default/web.',
    ]);
    expect(shell.run('packets -c 2')).toMatch(
      /^# +AGO +PROGRAM +FROM +TO +OUTCOME\n\d+ +\S+s +wget +default\/client +10\.96\.0\.10:53\/UDP A web\.default\.svc\.cluster\.local\. +delivered\n\d+ +\S+s +wget +default\/client +10\.96\.\S+:8080\/TCP +delivered$/,
    );
  });

  test('where it died is where the path stops', () => {
    shell.run(`kubectl exec foe -- wget -q -O- -T 5 http://${ipOf('web')}`);
    const path = shell.run('packets last');
    expect(path).toMatch(/: ETIMEDOUT, sent 3 times\n/);
    expect(path.split('\n').slice(-3).join('\n')).toMatch(
      /policy +ingress of default\/web: allowed by none\n +does not allow: default\/web\n +\d+ +node-1 +loss +default\/web is isolated for ingress by default\/web, and no rule lets \S+ in on port 80\/TCP: dropped$/,
    );
  });

  test.each([
    { line: 'try client svc/web:8080', want: /^client > \S+:8080\/TCP: would be answered\n/ },
    { line: 'try foe svc/web:8080', want: /would be lost\n/ },
    {
      line: 'try client svc/nobody:80',
      want: /refusal +the Service default\/nobody has no ready endpoints, so node-2 answers "port unreachable"$/,
    },
    { line: 'try client 10.96.0.10:53/udp', want: /way 2 of 2\n/ },
    { line: 'try node-1 default/client:81', want: /nothing in default\/client listens on port 81\/TCP$/ },
    { line: 'try client svc/nix:80', want: /^packets: there is no svc\/nix with an address$/ },
    { line: 'try nix web:80', want: /^packets: there is no nix with an address$/ },
    { line: 'try client', want: /^Usage/ },
    { line: '999999', want: /^packets: there is no packet 999999$/ },
    { line: '--bad', want: /^Usage/ },
  ])('packets $line', ({ line, want }) => {
    expect(shell.run(`packets ${line}`)).toMatch(want);
  });
});

test('bridge, arp and ip neigh list what hangs on the bridge', () => {
  const web = ipOf('web');
  const on = (line: string): string => shell.run(`ssh node-1 ${line}`);
  const [link] = /veth\w+/.exec(on('bridge link'))!;
  expect(on('ip neigh')).toContain(`${web} dev cni0 lladdr 0a:58:`);
  expect(on('arp -n')).toMatch(new RegExp(`^${web.replaceAll('.', '\\.')} +ether +0a:58:\\S+ +C +cni0$`, 'm'));
  expect(on(`bridge fdb show dev ${link}`)).toMatch(new RegExp(`^0a:58:\\S+ dev ${link} master cni0`, 'm'));
  expect(on('bridge vlan')).toBe('Object "vlan" is unknown, try "bridge help".');
  expect(shell.run('kubectl exec client -- ip route')).toBe(
    `default via 10.244.2.1 dev eth0 \n10.244.2.0/24 dev eth0 proto kernel scope link src ${ipOf('client')}`,
  );
});
