import { beforeEach, describe, expect, test } from 'vitest';
import { namespaces } from '../../api/core/namespace.ts';
import { services } from '../../api/core/service.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { Kind } from '../../api/kind.ts';
import type { TestControlPlane } from '../../control-plane/kube-apiserver/testing.ts';
import { createTestControlPlane } from '../../control-plane/kube-apiserver/testing.ts';
import type { ByteString, Call, Machine, Process, Program } from '../../kernel/index.ts';
import { createMachine, FdTable, FileSystem, isErrno, noBytes, OpenFile, utf8 } from '../../kernel/index.ts';
import { createBridge } from '../../node/cni/index.ts';
import { kubeProxy } from '../../node/kube-proxy/index.ts';
import type { Namespace, NodeNetwork } from '../../node/network/index.ts';
import { addGateway, fetchUrl, Network, parseCidr, parseUrl, ResolveError, readText, textResponse } from '../../node/network/index.ts';
import { coredns } from './index.ts';

/** Two nodes with kube-proxy, a Pod of CoreDNS and one of a web server on each, a client's Pod on the first, and a real API server on port 6443 of the first. */
let plane: TestControlPlane;
let network: Network;
let nodes: NodeNetwork[];
let pods: Record<string, Namespace>;
let machines: Record<string, Machine>;
let proxies: Process[];

class Null extends OpenFile {
  override read(): ByteString {
    return noBytes;
  }
  override write(data: ByteString): number {
    return data.length;
  }
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

function create(kind: Kind, object: object): void {
  plane.run(
    plane.admin.call({
      verb: 'create',
      kind,
      object: { apiVersion: kind.group === '' ? 'v1' : `${kind.group}/${kind.version}`, kind: kind.kind, ...object },
    }),
  );
}

function createService(
  name: string,
  spec: object,
  endpoints: readonly { readonly ip: string; readonly node: string }[],
  port: number,
  namespace = 'default',
): void {
  const protocol = name === 'kube-dns' ? 'UDP' : 'TCP';
  create(services as unknown as Kind, {
    metadata: { name, namespace },
    spec: {
      ports: [
        { name: 'main', port: name === 'kubernetes' ? 443 : port, targetPort: port, protocol, ...(name === 'web' && { nodePort: 30_080 }) },
      ],
      ...spec,
    },
  });
  create(endpointSlices as unknown as Kind, {
    metadata: { name: `${name}-x`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'main', port, protocol }],
    endpoints: endpoints.map(({ ip, node }) => ({ addresses: [ip], nodeName: node, conditions: { ready: true } })),
  });
}

function machineOf(id: string, net: Namespace, files: Record<string, string>): Machine {
  const fs = new FileSystem(() => plane.kernel.loop.now);
  for (const [path, text] of Object.entries(files)) fs.writeFile(path, utf8(text));
  return (machines[id] = createMachine({ hostname: id, id, net, fs }));
}

function start(machine: Machine, program: Program, argv: readonly string[]): Process {
  const fds = new FdTable();
  for (const fd of [0, 1, 2]) fds.set(fd, new Null());
  const env = new Map([
    ['KUBERNETES_SERVICE_HOST', '10.96.0.1'],
    ['KUBERNETES_SERVICE_PORT', '443'],
  ]);
  return plane.kernel.spawn({ machine, program, argv, fds, env, background: true });
}

const proxyFiles = {
  '/config.conf':
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\nmode: ""\nclientConnection:\n  kubeconfig: /kubeconfig.conf\n',
  '/kubeconfig.conf':
    'clusters: [{name: d, cluster: {server: "https://172.18.0.2:6443"}}]\ncontexts: [{name: d, context: {cluster: d, user: d}}]\ncurrent-context: d\nusers: [{name: d, user: {token: proxy}}]\n',
};
const corefile =
  '.:53 {\n  errors\n  ready\n  kubernetes cluster.local in-addr.arpa {\n    pods insecure\n    fallthrough in-addr.arpa\n    ttl 30\n  }\n  cache 30 {\n    disable success cluster.local\n    disable denial cluster.local\n  }\n  forward . 172.18.0.1\n  loadbalance\n}\n';
const resolvConf = 'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';

beforeEach(() => {
  plane = createTestControlPlane();
  network = new Network(plane.kernel);
  addGateway(network);
  network.podSubnet = parseCidr('10.244.0.0/16');
  [nodes, pods, machines, proxies] = [[], {}, {}, []];
  for (const [i, name] of ['a', 'b'].entries()) {
    const node = network.addNode({ name, ip: `172.18.0.${i + 2}` });
    nodes.push(node);
    const bridge = createBridge(node, { name: 'bridge', subnet: `10.244.${i}.0/24` });
    for (const pod of ['dns', 'web', 'client']) {
      const namespace = node.createNamespace(`${pod}-${name}`);
      bridge.add(namespace.name, namespace);
      pods[namespace.name] = namespace;
    }
    pods[`web-${name}`]!.listen(8080, {
      http: function* () {
        return textResponse(200, name);
      },
    });
  }
  const session = (agent: string) =>
    plane.session(agent === 'coredns' ? 'system:serviceaccount:kube-system:coredns' : 'system:kube-proxy', ['system:masters'], agent);
  nodes[0]!.namespace.listen(6443, {
    isTls: true,
    endpoint: { http: plane.endpoint.http, open: (_: unknown, agent: string) => session(agent) },
  });
  createService('kubernetes', { clusterIP: '10.96.0.1' }, [{ ip: '172.18.0.2', node: 'a' }], 6443);
  createService(
    'kube-dns',
    { clusterIP: '10.96.0.10' },
    [
      { ip: '10.244.0.2', node: 'a' },
      { ip: '10.244.1.2', node: 'b' },
    ],
    53,
    'kube-system',
  );
  createService(
    'web',
    { clusterIP: '10.96.0.20', type: 'NodePort' },
    [
      { ip: '10.244.0.3', node: 'a' },
      { ip: '10.244.1.3', node: 'b' },
    ],
    8080,
  );
  for (const node of nodes)
    proxies.push(
      start(machineOf(node.name, node.namespace, proxyFiles), kubeProxy, [
        'kube-proxy',
        '--config=/config.conf',
        `--hostname-override=${node.name}`,
      ]),
    );
  const files = {
    '/Corefile': corefile,
    [`${serviceAccount}/token`]: 't',
    [`${serviceAccount}/ca.crt`]: '',
    [`${serviceAccount}/namespace`]: 'kube-system',
  };
  plane.advance(1000);
  for (const name of ['a', 'b']) start(machineOf(`dns-${name}`, pods[`dns-${name}`]!, files), coredns, ['coredns', '-conf', '/Corefile']);
  machineOf('client', pods['client-a']!, { '/etc/resolv.conf': resolvConf });
  plane.advance(6000);
});

/** What the client's Pod gets from `http://host:port/`. */
function* ask(host: string, port: number, target = '/'): Call<string> {
  const { fs, net } = machines.client!;
  try {
    const url = parseUrl(`http://${host}:${port}${target}`)!;
    const response = yield* fetchUrl({ kernel: plane.kernel, fs, net }, url, { timeoutMs: 3000 });
    return yield* readText(plane.kernel, response.body);
  } catch (error) {
    if (isErrno(error)) return error instanceof ResolveError ? error.reason : error.code;
    throw error;
  }
}

function answers(host: string, port: number, times = 20): string[] {
  return [...new Set(Array.from({ length: times }, () => plane.run(ask(host, port))))].sort();
}

function update(kind: Kind, name: string, change: (object: never) => object): void {
  const object = plane.run(plane.admin.call({ verb: 'get', kind, namespace: 'default', name }));
  plane.run(plane.admin.call({ verb: 'update', kind, namespace: 'default', name, object: change(object as never) }));
}

const noEndpoints = () => update(endpointSlices as unknown as Kind, 'web-x', (slice: object) => ({ ...slice, endpoints: [] }));

describe('a Pod finds a Service', () => {
  test.each([
    { name: 'by its short name, on any node', host: 'web', want: ['a', 'b'] },
    { name: 'by its full name', host: 'web.default.svc.cluster.local', want: ['a', 'b'] },
    { name: 'by its address', host: '10.96.0.20', want: ['a', 'b'] },
    { name: 'not by a name that does not exist', host: 'wbe', want: ['not-found'] },
    { name: 'not by an address that no Service has', host: '10.96.0.99', want: ['ETIMEDOUT'] },
  ])('$name', ({ host, want }) => {
    expect(answers(host, 8080)).toEqual(want);
  });

  test('refused when it has no endpoints', () => {
    noEndpoints();
    plane.advance(2000);
    expect(answers('web', 8080)).toEqual(['ECONNREFUSED']);
  });

  test('through a node port of any node', () => {
    expect(answers('172.18.0.3', 30_080)).toEqual(['a', 'b']);
  });
});

describe('what is programmed', () => {
  test('follows a change within the sync period', () => {
    noEndpoints();
    expect(answers('10.96.0.20', 8080, 1)).not.toEqual(['ECONNREFUSED']);
    plane.advance(1100);
    expect(answers('10.96.0.20', 8080)).toEqual(['ECONNREFUSED']);
  });

  test('stays, stale, while no proxy runs, and is replaced by the next', () => {
    for (const [i, proxy] of proxies.entries()) plane.kernel.kill(machines[nodes[i]!.name]!, proxy.pid, 'KILL');
    noEndpoints();
    plane.advance(60_000);
    expect(answers('web', 8080)).toEqual(['a', 'b']);
    for (const node of nodes)
      start(machines[node.name]!, kubeProxy, ['kube-proxy', '--config=/config.conf', `--hostname-override=${node.name}`]);
    plane.advance(1000);
    expect(answers('10.96.0.20', 8080)).toEqual(['ECONNREFUSED']);
  });

  test('a new Service has a name and an address at once, or nearly so', () => {
    create(namespaces as unknown as Kind, { metadata: { name: 'other' } });
    createService('db', { clusterIP: '10.96.0.30' }, [{ ip: '10.244.1.3', node: 'b' }], 8080, 'other');
    plane.advance(1100);
    expect(answers('db.other', 8080)).toEqual(['b']);
    expect(answers('db', 8080)).toEqual(['not-found']);
  });

  test('/ready and /healthz answer', () => {
    expect(plane.run(ask('10.244.0.2', 8181, '/ready'))).toBe('OK');
    expect(plane.run(ask('172.18.0.3', 10_256, '/healthz'))).toContain('lastUpdated');
  });
});
