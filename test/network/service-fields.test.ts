/** Fields of Services, their endpoints and policies, each by what becomes of packets and names; every row makes its objects anew. */
import { beforeAll, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
/** Rows may run again in the same cluster. */
let run = 0;

interface Row {
  readonly name: string;
  /** The kind, and all but its metadata. */
  readonly objects: (name: string, n: number) => readonly string[];
  readonly ask: (name: string, n: number) => string;
  readonly want: string | RegExp | ((n: number) => string);
}

const service = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: web}, ports: [{port: 80}], ${spec}}`;
const inPod = (command: string): string => `kubectl exec client -- ${command}`;
const code = (url: string): string => `${inPod(`curl -s -m 1 -o /dev/null -w '%{exitcode}' ${url}`)} 2>/dev/null`;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 4, dualStack: true });
  const pod = (name: string, node: string, image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {nodeName: ${node}, containers: [{name: main, image: ${image}}]}`;
  shell.apply([pod('client', 'node-1', 'nicolaka/netshoot, command: [sleep, "99999"]'), pod('web', 'node-2', 'nginx')].join('\n---\n'));
});

const webIP = (): string => shell.run('kubectl get pod web -o jsonpath={.status.podIP}');

test.each<Row>([
  {
    name: 'externalIPs',
    objects: (name, n) => [service(name, `externalIPs: [198.51.100.${n}]`)],
    ask: (_, n) => `curl -s -m 2 http://198.51.100.${n}`,
    want: 'Welcome to nginx!',
  },
  {
    name: 'externalName',
    objects: (name) => [
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: ExternalName, externalName: db.example.org}`,
    ],
    ask: (name) => inPod(`dig +short CNAME ${name}.default.svc.cluster.local`),
    want: 'db.example.org.',
  },
  {
    name: 'internalTrafficPolicy',
    objects: (name) => [service(name, 'internalTrafficPolicy: Local')],
    ask: (name) => code(`http://${name}`),
    want: '28',
  },
  {
    name: 'sessionAffinity, and for how long',
    objects: (name) => [service(name, 'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 77}}')],
    ask: (name) => `iptables-save | grep default/${name} | grep -c -- '--seconds 77'`,
    want: '1',
  },
  {
    name: 'clusterIPs',
    objects: (name, n) => [
      service(name, `ipFamilyPolicy: RequireDualStack, clusterIP: 10.96.0.${n}, clusterIPs: [10.96.0.${n}, 'fd00:10:96::${n}']`),
    ],
    ask: (name) => `kubectl get ipaddresses -o wide | grep default/${name} | awk '{print $1}'`,
    want: (n) => `10.96.0.${n}\nfd00:10:96::${n}`,
  },
  {
    name: 'appProtocol',
    objects: (name) => [
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: web}, ports: [{port: 80, appProtocol: kubernetes.io/h2c}]}`,
    ],
    ask: (name) => `kubectl get endpointslices -l kubernetes.io/service-name=${name} -o jsonpath='{.items[0].ports[0].appProtocol}'`,
    want: 'kubernetes.io/h2c',
  },
  {
    name: 'nodeName of a slice by hand',
    objects: (name) => [
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {internalTrafficPolicy: Local, ports: [{port: 80}]}`,
      `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: ${name}-x, labels: {kubernetes.io/service-name: ${name}}}\naddressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [${webIP()}], nodeName: node-1}]`,
    ],
    ask: (name) => code(`http://${name}`),
    want: '0',
  },
  {
    name: 'Endpoints by hand, as they are mirrored',
    objects: (name) => [
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{name: sql, port: 80}]}`,
      `apiVersion: v1\nkind: Endpoints\nmetadata: {name: ${name}}\nsubsets: [{addresses: [{ip: 10.9.9.9, hostname: db-0, nodeName: node-2, targetRef: {kind: Pod, name: p, namespace: default}}], ports: [{name: sql, port: 5432, protocol: UDP, appProtocol: example.org/sql}]}]`,
    ],
    ask: (name) =>
      `kubectl get endpointslices -l kubernetes.io/service-name=${name} -o jsonpath='{.items[0].endpoints[0].hostname} {.items[0].endpoints[0].nodeName} {.items[0].endpoints[0].targetRef.kind}/{.items[0].endpoints[0].targetRef.name} {.items[0].ports[0]}'`,
    want: 'db-0 node-2 Pod/p {"appProtocol":"example.org/sql","name":"sql","port":5432,"protocol":"UDP"}',
  },
  {
    name: 'endPort',
    objects: (name) => [
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 70, endPort: 90}]}]}`,
    ],
    ask: (name) => `${code(`http://${webIP()}`)}; kubectl delete networkpolicy ${name} >/dev/null`,
    want: '0',
  },
  {
    name: 'hostPort and hostIP',
    objects: (name, n) => [
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: node-2, containers: [{name: main, image: nginx, ports: [{containerPort: 80, hostPort: ${9000 + n}, hostIP: 172.18.0.4}]}]}`,
    ],
    ask: (_, n) =>
      [`172.18.0.4:${9000 + n}`, `[fc00:f853:ccd:e793::4]:${9000 + n}`]
        .map((at) => `curl -s -m 1 -o /dev/null -w '%{exitcode} ' http://${at}`)
        .join('; '),
    want: '0 7',
  },
])('$name', ({ objects, ask, want }) => {
  const n = 100 + run++;
  const name = `s${n}`;
  shell.apply(objects(name, n).join('\n---\n'));
  shell.cluster.advance(3000);
  const answer = shell.run(ask(name, n));
  if (typeof want === 'function') expect(answer).toBe(want(n));
  else expect(answer).toMatch(want);
});
