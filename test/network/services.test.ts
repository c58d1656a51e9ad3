/** Services to the letter on a booted cluster: names, slices by hand, mirrored Endpoints, addresses and their blocks. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
let webIP: string;

const service = (name: string, spec: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: ${spec}`;
const run = (text: string): string => shell.run(text);
const inPod = (command: string): string => run(`kubectl exec client -- ${command}`);

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 4 });
  shell.apply(
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: main, image: busybox, command: [sleep, "99999"]}]}',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: main, image: nginx, ports: [{name: http, containerPort: 80}]}]}',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: db-0, labels: {app: db}}\nspec: {hostname: db-0, subdomain: db, containers: [{name: main, image: nginx, readinessProbe: {exec: {command: ["false"]}}}]}',
      service('db', '{clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}'),
      service('db-early', '{clusterIP: None, publishNotReadyAddresses: true, selector: {app: db}, ports: [{name: sql, port: 5432}]}'),
      service('alias', '{type: ExternalName, externalName: web.default.svc.cluster.local}'),
      service('web', '{selector: {app: web}, ports: [{port: 80, targetPort: http}]}'),
    ].join('\n---\n'),
  );
  webIP = run('kubectl get pod web -o jsonpath={.status.podIP}');
});

describe('names', () => {
  test('an ExternalName is an alias', () => {
    expect(inPod('nslookup -type=cname alias.default.svc.cluster.local')).toContain('canonical name = web.default.svc.cluster.local');
    expect(inPod('wget -qO- -T 3 http://alias')).toContain('Welcome to nginx!');
  });

  test('a headless Service has the Pods that are ready, or all that have an address', () => {
    expect(inPod('nslookup db-early.default.svc.cluster.local')).toMatch(/Address: 10\.244\./);
    expect(inPod('nslookup db.default.svc.cluster.local')).toMatch(/NXDOMAIN|can't find/);
  });

  test('a Pod with a hostname and the subdomain of its Service has a name', () => {
    shell.apply(service('db', '{clusterIP: None, publishNotReadyAddresses: true, selector: {app: db}, ports: [{name: sql, port: 5432}]}'));
    shell.cluster.advance(40_000);
    expect(inPod('nslookup db-0.db.default.svc.cluster.local')).toContain(run('kubectl get pod db-0 -o jsonpath={.status.podIP}'));
  });
});

describe('endpoints by hand', () => {
  const slice = (name: string, owner: string): string => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${owner}}}
addressType: IPv4
ports: [{port: 80}]
endpoints: [{addresses: [${webIP}]}]`;

  test('a slice makes a Service without selector lead somewhere', () => {
    shell.apply(service('manual', '{ports: [{port: 8080}]}'));
    expect(inPod('wget -qO- -T 3 http://manual:8080')).toContain("can't connect to remote host");
    shell.apply(slice('manual-1', 'manual'));
    shell.cluster.advance(3000);
    expect(inPod('wget -qO- -T 3 http://manual:8080')).toContain('Welcome to nginx!');
    expect(run('kubectl describe svc manual')).toContain(`Endpoints:                ${webIP}:80`);
  });

  test('Endpoints are mirrored into slices, follow, and go', () => {
    const endpoints = (ip: string, more = ''): string => `apiVersion: v1
kind: Endpoints
metadata: {name: old, labels: {team: a${more}}, annotations: {note: x}}
subsets: [{addresses: [{ip: ${ip}}], notReadyAddresses: [{ip: 10.9.9.9}], ports: [{port: 80}]}, {addresses: [{ip: 10.9.9.8}], ports: [{port: 81}]}]`;
    const mirrors = (path: string): string =>
      run(`kubectl get endpointslice -l kubernetes.io/service-name=old --sort-by=.ports[0].port -o jsonpath='${path}'`);
    shell.apply(endpoints('10.9.9.7'));
    expect(mirrors('{.items}')).toBe('[]');
    shell.apply(service('old', '{ports: [{port: 80}]}'));
    expect(mirrors('{range .items[*]}{.ports[0].port} {.endpoints[*].addresses[0]} {.endpoints[*].conditions.ready}{"\\n"}{end}')).toBe(
      '80 10.9.9.7 10.9.9.9 true false\n81 10.9.9.8 true',
    );
    expect(mirrors('{.items[0].metadata.labels}')).toBe(
      '{"endpointslice.kubernetes.io/managed-by":"endpointslicemirroring-controller.k8s.io","kubernetes.io/service-name":"old","team":"a"}',
    );
    expect(mirrors('{.items[0].metadata.ownerReferences[0].kind} {.items[0].metadata.annotations}')).toBe('Endpoints {"note":"x"}');
    shell.apply(endpoints('10.9.9.7').replace('10.9.9.9}', '10.9.9.9}, {ip: "fd00::9"}'));
    expect(
      mirrors(
        '{range .items[?(@.addressType=="IPv6")]}{.ports[0].port} {.endpoints[*].addresses[0]} {.endpoints[*].conditions.ready}{end}',
      ),
    ).toBe('80 fd00::9 false');
    shell.apply(endpoints(webIP).replace(/, \{addresses: \[\{ip: 10\.9\.9\.8\}\].*/, ']'));
    shell.cluster.advance(3000);
    expect(inPod('wget -qO- -T 3 http://old')).toContain('Welcome to nginx!');
    shell.apply(endpoints(webIP, ', endpointslice.kubernetes.io/skip-mirror: "true"'));
    expect(mirrors('{.items}')).toBe('[]');
  });
});

describe('addresses', () => {
  const error = (name: string, ip: string): string => run(`kubectl create service clusterip ${name} --tcp=80 --clusterip=${ip}`);

  test('each has an IPAddress, which goes with its Service and comes back when it is deleted', () => {
    const ip = run('kubectl get svc web -o jsonpath={.spec.clusterIP}');
    expect(
      run('kubectl get ipaddress --no-headers')
        .split('\n')
        .map((line) => line.split(/ +/).slice(0, 2).join(' '))
        .slice(0, 2),
    ).toEqual(['10.96.0.1 services/default/kubernetes', '10.96.0.10 services/kube-system/kube-dns']);
    expect(run(`kubectl get ip ${ip} --no-headers`)).toContain('services/default/web');
    run(`kubectl delete ipaddress ${ip}`);
    expect(run(`kubectl get ip ${ip} --no-headers`)).toContain('services/default/web');
    run('kubectl create service clusterip brief --tcp=80 --clusterip=10.96.0.77\nkubectl delete svc brief');
    expect(run('kubectl get ip 10.96.0.77')).toContain('NotFound');
  });

  test('one that is taken, or that somebody else holds, or outside of all blocks', () => {
    expect(error('again', '10.96.0.10')).toContain('failed to allocate IP 10.96.0.10: provided IP is already allocated');
    shell.apply(
      'apiVersion: networking.k8s.io/v1\nkind: IPAddress\nmetadata: {name: 10.96.0.88}\nspec: {parentRef: {group: gateway.networking.k8s.io, resource: gateways, namespace: default, name: g}}',
    );
    expect(error('held', '10.96.0.88')).toContain('provided IP is already allocated');
    expect(error('outside', '10.200.0.5')).toContain(
      'failed to allocate IP 10.200.0.5: the provided network does not match the current range',
    );
    expect(error('edge', '10.96.0.0')).toContain('The range of valid IPs is 10.96.0.0/16');
  });

  test('another block serves Services, and stays until its last one is gone', () => {
    expect(run('kubectl get servicecidr --no-headers')).toMatch(/^kubernetes +10\.96\.0\.0\/16 /);
    shell.apply('apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\nspec: {cidrs: [10.200.0.0/24]}');
    expect(run('kubectl describe servicecidr more')).toMatch(/Ready +True .* Kubernetes Service CIDR is ready/);
    expect(error('outside', '10.200.0.5')).toContain('created');
    run('kubectl delete servicecidr more --wait=false');
    shell.cluster.advance(20_000);
    expect(run("kubectl get servicecidr more -o jsonpath='{.status.conditions[0].reason}'")).toBe('Terminating');
    expect(error('late', '10.200.0.6')).toContain('does not match the current range');
    run('kubectl delete svc outside');
    shell.cluster.advance(20_000);
    expect(run('kubectl get servicecidr more')).toContain('NotFound');
  });

  test.each([
    {
      name: 'a family that the cluster has not',
      spec: 'ipFamilies: [IPv6]',
      want: 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    },
    { name: 'two families', spec: 'ipFamilyPolicy: RequireDualStack', want: 'this cluster is not configured for dual-stack services' },
    { name: 'two families if possible', spec: 'ipFamilyPolicy: PreferDualStack', want: 'created' },
    { name: 'two families for whom somebody else fills', spec: 'clusterIP: None', want: 'created' },
  ])('families: $name', ({ spec, want }) => {
    const manifest = service('families', `{${spec}, ports: [{port: 80}]}`);
    const selector = spec.includes('None') ? manifest : manifest.replace('ports', 'selector: {a: b}, ports');
    expect(run(`kubectl create -f - <<'END'\n${selector}\nEND`)).toContain(want);
    if (want === 'created')
      expect(run("kubectl get svc families -o jsonpath='{.spec.ipFamilies}'")).toBe(spec.includes('None') ? '["IPv4","IPv6"]' : '["IPv4"]');
    run('kubectl delete svc families --ignore-not-found');
  });

  test('node ports of choice', () => {
    const nodePort = (name: string, port: number): string => run(`kubectl create service nodeport ${name} --tcp=80 --node-port=${port}`);
    expect(nodePort('np', 30_123)).toContain('created');
    expect(nodePort('np2', 30_123)).toContain('provided port is already allocated');
    expect(nodePort('np3', 80)).toContain('The range of valid ports is 30000-32767');
    expect(run(`kubectl patch svc np -p '{"spec":{"clusterIP":"10.96.0.99"}}'`)).toContain('may not change once set');
  });
});

test('nc and wget tell a closed port from one that a policy drops', () => {
  expect(inPod(`nc -zv -w 2 ${webIP} 80`)).toMatch(/open/);
  expect(inPod(`nc -zv -w 2 ${webIP} 81`)).toMatch(/refused/);
  shell.apply(
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {matchLabels: {app: web}}}',
  );
  expect(inPod(`nc -zv -w 2 ${webIP} 80`)).toMatch(/timed out/);
  expect(inPod(`wget -qO- -T 2 http://${webIP}`)).toContain('download timed out');
});
