/** Services of type LoadBalancer on a booted cluster, seen from the learner's machine and from outside of the cluster. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../src/emulator/kernel/index.ts';
import { isErrno } from '../../src/emulator/kernel/index.ts';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;

beforeEach(() => {
  const workers = ['a', 'a', 'b'].map((zone, i) => ({ name: `node-${i + 1}`, zone }));
  shell = bootShell({ nodes: ['control-plane', ...workers], seed: 3 });
});

/** A web server on some of the nodes that says who asks, and a Service in front of it. */
function serve(spec: string, nodes: readonly string[] = ['node-1', 'node-3']): void {
  const pods = nodes.map(
    (node) => `apiVersion: v1
kind: Pod
metadata: {name: web-${node}, labels: {app: web}}
spec:
  nodeName: ${node}
  containers: [{name: main, image: nginx, volumeMounts: [{name: conf, mountPath: /etc/nginx/conf.d}]}]
  volumes: [{name: conf, configMap: {name: conf}}]
`,
  );
  const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {default.conf: 'server { listen 80; location / { return 200 "$hostname $remote_addr"; } }'}
`;
  shell.apply([config, ...pods, `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}`].join('\n---\n'));
  // Health checks come every five seconds.
  shell.cluster.advance(10_000);
}

/** Asks from the host outside of the cluster: what a server answers, or the error's name. */
function fromOutside(ip: string, port = 80): string {
  const { kernel, network } = shell.cluster;
  let answer = 'nothing';
  const ask = function* (): Call<void> {
    try {
      const request = { method: 'GET', target: '/', headers: { host: ip } };
      const response = yield* network.nodes.get('gateway')!.namespace.request({ ip, port }, request, { timeoutMs: 3000 });
      answer = String(response.body);
    } catch (error) {
      if (!isErrno(error)) throw error;
      answer = error.code;
    }
  };
  kernel.fiber(ask());
  shell.cluster.advance(4000);
  return answer;
}

const balanced = '{type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}';
const more = (text: string): string => balanced.replace('}, ports', `}, ${text}, ports`);
const ip = '172.18.255.200';
const field = (path: string): string => shell.run(`kubectl get svc web -o jsonpath='{${path}}'`);
const reasons = (): string =>
  shell.run(
    'kubectl get events --field-selector involvedObject.kind=Service -o jsonpath=\'{range .items[*]}{.type} {.reason}: {.message}{"\\n"}{end}\'',
  );

test('an address that leads to the Pods from everywhere, and goes with the Service', () => {
  serve(balanced);
  expect(field('.status.loadBalancer')).toBe(`{"ingress":[{"ip":"${ip}","ipMode":"VIP"}]}`);
  expect(field('.metadata.finalizers')).toBe('["service.kubernetes.io/load-balancer-cleanup"]');
  expect(shell.run(`curl -s ${ip}`)).toMatch(/^web-node-\d /);
  // The nodes that pass the connection on are its source.
  expect(fromOutside(ip)).toMatch(/^web-node-\d (172\.18\.0\.|10\.244\.)/);
  expect(fromOutside(ip, 81)).toBe('ETIMEDOUT');
  expect(shell.run('kubectl delete svc web')).toContain('deleted');
  expect(fromOutside(ip)).toBe('ETIMEDOUT');
  expect(reasons().split('\n')).toEqual([
    'Normal EnsuringLoadBalancer: Ensuring load balancer',
    'Normal EnsuredLoadBalancer: Ensured load balancer',
    'Normal DeletingLoadBalancer: Deleting load balancer',
    'Normal DeletedLoadBalancer: Deleted load balancer',
  ]);
});

test('pending first, and for ever with a class that nobody serves', () => {
  shell.run(`kubectl create service loadbalancer quick --tcp=80`);
  expect(shell.run('kubectl get svc quick --no-headers')).toMatch(/<pending>/);
  serve(more('loadBalancerClass: example.com/other'));
  expect(shell.run('kubectl get svc quick web --no-headers')).toMatch(/^quick.* 172\.18\.255\.200 .*\nweb .* <pending> /);
});

describe('externalTrafficPolicy Local', () => {
  test('keeps the address of the client, and sends nothing to nodes without endpoints', () => {
    serve(more('externalTrafficPolicy: Local'));
    expect(new Set([1, 2, 3, 4, 5, 6].map(() => fromOutside(ip)))).toEqual(new Set(['web-node-1 172.18.0.1', 'web-node-3 172.18.0.1']));
    shell.run('kubectl delete pod web-node-3');
    shell.cluster.advance(10_000);
    expect(new Set([1, 2, 3, 4].map(() => fromOutside(ip)))).toEqual(new Set(['web-node-1 172.18.0.1']));
  });

  test('each node says whether it has endpoints', () => {
    serve(more('externalTrafficPolicy: Local, healthCheckNodePort: 32100'));
    const status = (node: string): string => shell.run(`curl -s -o /dev/null -w '%{http_code}' http://${node}:32100/healthz`);
    expect(['node-1', 'node-2', 'node-3'].map(status)).toEqual(['200', '503', '200']);
    shell.run(`kubectl patch svc web -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'`);
    shell.cluster.advance(5000);
    expect([field('.spec.healthCheckNodePort'), status('node-1')]).toEqual(['', '000']);
  });
});

test('source ranges keep others out of the address, not of the node ports', () => {
  serve(more('loadBalancerSourceRanges: [10.0.0.0/8]'));
  expect(fromOutside(ip)).toBe('ETIMEDOUT');
  expect(fromOutside('172.18.0.3', Number(field('.spec.ports[0].nodePort')))).toMatch(/^web-/);
  shell.run(`kubectl patch svc web -p '{"spec":{"loadBalancerSourceRanges":["172.18.0.1/32"]}}'`);
  shell.cluster.advance(5000);
  expect(fromOutside(ip)).toMatch(/^web-/);
  expect(reasons()).toContain('Normal LoadBalancerSourceRanges: [10.0.0.0/8] -> [172.18.0.1/32]');
});

test('without node ports, with an address of choice, with one that is taken', () => {
  serve(more('allocateLoadBalancerNodePorts: false, loadBalancerIP: 172.18.255.210'));
  expect([field('.spec.ports[0].nodePort'), fromOutside('172.18.255.210').slice(0, 4)]).toEqual(['', 'web-']);
  shell.apply(`apiVersion: v1\nkind: Service\nmetadata: {name: second}\nspec: ${more('loadBalancerIP: 172.18.255.210')}`);
  expect(reasons()).toContain(
    'Warning SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: address 172.18.255.210 is in use',
  );
  shell.run('kubectl delete svc web');
  shell.cluster.advance(20_000);
  expect(shell.run('kubectl get svc second --no-headers')).toContain('172.18.255.210');
});

test('another type gives the load balancer back; a node that fails gets no more connections', () => {
  serve(balanced);
  shell.run('ssh node-3 poweroff');
  shell.cluster.advance(60_000);
  expect(reasons()).toContain('Normal UpdatedLoadBalancer: Updated load balancer with new hosts');
  expect(shell.cluster.network.balancers.get(ip)!.nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2']);
  shell.run(`kubectl patch svc web -p '{"spec":{"type":"ClusterIP"}}'`);
  shell.cluster.advance(5000);
  expect([field('.status.loadBalancer'), field('.metadata.finalizers'), field('.spec.allocateLoadBalancerNodePorts')]).toEqual([
    '{}',
    '',
    '',
  ]);
  expect(shell.cluster.network.balancers.size).toBe(0);
  expect(reasons()).toContain('Normal Type: LoadBalancer -> ClusterIP');
});

test('traffic that prefers its zone or node, as hints say', () => {
  serve('{selector: {app: web}, ports: [{port: 80}], trafficDistribution: PreferSameZone}');
  const askFrom = (node: string): Set<string> => {
    const url = `http://${field('.spec.clusterIP')}`;
    return new Set(
      shell
        .run(`ssh ${node} 'for i in 1 2 3 4 5 6; do curl -s ${url}; echo; done'`)
        .split('\n')
        .map((line) => line.split(' ')[0]!),
    );
  };
  expect([askFrom('node-2'), askFrom('node-3')]).toEqual([new Set(['web-node-1']), new Set(['web-node-3'])]);
  const hints = (): string =>
    shell.run("kubectl get endpointslice -l kubernetes.io/service-name=web -o jsonpath='{.items[0].endpoints[*].hints}'");
  expect(hints()).toBe('{"forZones":[{"name":"a"}]} {"forZones":[{"name":"b"}]}');
  shell.run(`kubectl patch svc web -p '{"spec":{"trafficDistribution":"PreferSameNode"}}'`);
  shell.cluster.advance(5000);
  expect(hints()).toBe(
    '{"forNodes":[{"name":"node-1"}],"forZones":[{"name":"a"}]} {"forNodes":[{"name":"node-3"}],"forZones":[{"name":"b"}]}',
  );
  expect([askFrom('node-1'), askFrom('node-2')]).toEqual([new Set(['web-node-1']), new Set(['web-node-1'])]);
});

test('without its controller a Service waits', () => {
  shell.run('systemctl stop cloud-controller-manager');
  serve(balanced);
  expect(shell.run('kubectl get svc web --no-headers')).toContain('<pending>');
  shell.run('systemctl start cloud-controller-manager');
  shell.cluster.advance(10_000);
  expect(fromOutside(ip)).toMatch(/^web-/);
});
