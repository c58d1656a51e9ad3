/** NetworkPolicies on a booted cluster: names and addresses, Services, probes, what is established, and an agent that is gone. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../src/emulator/kernel/index.ts';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;

const pod = (name: string, image: string, more = '', namespace = 'default'): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: ${image}${more}}
`;
const sleeper = ', command: [sleep, "99999"]';
const policy = (name: string, spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: ${spec}`;

beforeEach(() => {
  shell = bootShell({ nodes: 2, seed: 5 });
  const probe =
    ', ports: [{name: http, containerPort: 80}], readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1, failureThreshold: 1}';
  shell.apply(
    [
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: other, labels: {team: b}}',
      pod('web', 'nginx', probe),
      pod('client', 'busybox', sleeper),
      pod('stranger', 'busybox', sleeper),
      pod('far', 'busybox', sleeper, 'other'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 8080, targetPort: http}]}',
    ].join('\n---\n'),
  );
});

/** What a fetch from a Pod comes to. */
function fetch(from: string, url = 'http://web.default:8080'): string {
  const [namespace, name] = from.includes('/') ? from.split('/') : ['default', from];
  const output = shell.run(`kubectl exec -n ${namespace} ${name} -- wget -q -O- -T 3 ${url}`);
  return output.includes('Welcome to nginx!') ? 'reached' : output.split('\n')[0]!;
}

const timedOut = 'wget: download timed out';
const badName = "wget: bad address 'web.default'";
const ipOf = (name: string): string => shell.run(`kubectl get pod ${name} -o jsonpath={.status.podIP}`);

describe('ingress', () => {
  test.each([
    { name: 'nothing is allowed', spec: '{podSelector: {}}', reached: [] },
    {
      name: 'the same labels',
      spec: '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}',
      reached: ['client'],
    },
    {
      name: 'another namespace',
      spec: '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}',
      reached: ['other/far'],
    },
    {
      name: 'Pods of another namespace',
      spec: '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: client}}}]}]}',
      reached: [],
    },
    { name: 'a port by name', spec: '{podSelector: {}, ingress: [{ports: [{port: http}]}]}', reached: ['client', 'stranger', 'other/far'] },
    { name: 'the port of the Service and not of the Pod', spec: '{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}', reached: [] },
    { name: 'a policy for others', spec: '{podSelector: {matchLabels: {app: db}}}', reached: ['client', 'stranger', 'other/far'] },
  ])('$name', ({ spec, reached }) => {
    shell.apply(policy('p', spec));
    const clients = ['client', 'stranger', 'other/far'];
    expect(clients.map((client) => `${client}: ${fetch(client)}`)).toEqual(
      clients.map((client) => `${client}: ${reached.includes(client) ? 'reached' : timedOut}`),
    );
    // The kubelet's probes come from the node itself.
    shell.cluster.advance(5000);
    expect(shell.run('kubectl get pod web --no-headers')).toMatch(/^web +1\/1 +Running +0/);
  });
});

describe('egress', () => {
  test('a policy that forgets port 53 breaks names and not addresses', () => {
    shell.apply(
      policy(
        'web-only',
        '{podSelector: {matchLabels: {app: client}}, egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}], policyTypes: [Egress]}',
      ),
    );
    expect(fetch('client', `http://${ipOf('web')}`)).toBe('reached');
    expect(fetch('client')).toBe(badName);
    shell.apply(policy('dns', '{podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}]}], policyTypes: [Egress]}'));
    expect(fetch('client')).toBe('reached');
    expect(fetch('stranger')).toBe(timedOut);
    expect(fetch('other/far')).toBe('reached');
  });

  test('blocks are judged by the address behind the Service', () => {
    const dns = '{ports: [{port: 53, protocol: UDP}]}';
    shell.apply(policy('block', `{podSelector: {}, policyTypes: [Egress], egress: [${dns}, {to: [{ipBlock: {cidr: 10.96.0.0/16}}]}]}`));
    expect(fetch('client')).toBe(timedOut);
    shell.apply(
      policy(
        'block',
        `{podSelector: {}, policyTypes: [Egress], egress: [${dns}, {to: [{ipBlock: {cidr: 10.244.0.0/16, except: [10.244.9.0/24]}}]}]}`.replace(
          '10.9.0.0',
          '10.244.9.0',
        ),
      ),
    );
    expect(fetch('client')).toBe('reached');
    shell.apply(
      policy(
        'block',
        `{podSelector: {}, policyTypes: [Egress], egress: [${dns}, {to: [{ipBlock: {cidr: 10.244.0.0/16, except: [${ipOf('web')}/32]}}]}]}`,
      ),
    );
    expect(fetch('client')).toBe(timedOut);
  });
});

test('labels that change take effect, and deleting the policy opens everything', () => {
  shell.apply(policy('p', '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {role: friend}}}]}]}'));
  expect(fetch('client')).toBe(timedOut);
  shell.run('kubectl label pod client role=friend');
  expect(fetch('client')).toBe('reached');
  shell.run('kubectl label pod client role-');
  expect(fetch('client')).toBe(timedOut);
  shell.run('kubectl label pod web app=other --overwrite');
  expect(fetch('client', `http://${ipOf('web')}`)).toBe('reached');
  shell.run('kubectl label pod web app=web --overwrite');
  expect(fetch('client', `http://${ipOf('web')}`)).toBe(timedOut);
  shell.run('kubectl delete netpol p');
  expect(fetch('client')).toBe('reached');
  expect([...shell.cluster.network.nodes.values()].every(({ policy: table }) => table === undefined)).toBe(true);
});

test('what is established stays', () => {
  const { kernel, network } = shell.cluster;
  const namespaceOf = (name: string) => [...network.nodes.values()].flatMap((node) => node.pods.get(ipOf(name)) ?? [])[0]!;
  const [client, to] = [namespaceOf('client'), { ip: ipOf('web'), port: 80 }];
  let connection: { readonly isOpen: boolean } | undefined;
  kernel.fiber(
    (function* (): Call<void> {
      connection = yield* client.connect(to);
    })(),
  );
  shell.cluster.advance(100);
  shell.apply(policy('p', '{podSelector: {}, policyTypes: [Ingress, Egress]}'));
  expect(fetch('client', `http://${to.ip}`)).toBe(timedOut);
  expect(connection!.isOpen).toBe(true);
});

test('nodes and Pods on their network: the own node always, others by their address', () => {
  const [own, ip] = [shell.run('kubectl get pod web -o jsonpath={.spec.nodeName}'), ipOf('web')];
  const other = own === 'node-1' ? 'node-2' : 'node-1';
  const ask = (node: string): string => shell.run(`ssh ${node} curl -s -m 3 -o /dev/null -w '%{http_code}' http://${ip}`);
  shell.apply(policy('p', '{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}'));
  expect([ask(own), ask(other)]).toEqual(['200', '000']);
  shell.apply(policy('p', '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 172.18.0.0/16}}]}]}'));
  expect([ask(own), ask(other), fetch('client', `http://${ip}`)]).toEqual(['200', '200', timedOut]);
});

test('a Pod that has just started is no stranger', () => {
  shell.apply(policy('p', '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {role: friend}}}]}]}'));
  const ask = (labels: string): string =>
    shell.run(`kubectl run quick --restart=Never --rm -i --image=busybox --labels=${labels} -- wget -q -O- -T 1 http://${ipOf('web')}`);
  expect(ask('role=friend')).toContain('Welcome to nginx!');
  expect(ask('role=foe')).toContain('download timed out');
});

test('without its agent a node keeps the rules that it had', () => {
  const node = shell.run('kubectl get pod web -o jsonpath={.spec.nodeName}');
  shell.apply(policy('p', '{podSelector: {}}'));
  shell.run(`ssh ${node} systemctl stop kube-network-policies\nkubectl delete netpol p`);
  expect(fetch('client')).toBe(timedOut);
  shell.run(`ssh ${node} systemctl start kube-network-policies`);
  shell.cluster.advance(5000);
  expect(fetch('client')).toBe('reached');
});
