/** Servers that are asked about nodes: on the wire with the in-memory API server, and as a Pod behind a Service on a booted cluster. */
import { describe, expect, test } from 'vitest';
import { pods } from '../../../api/core/pod.ts';
import { createCluster } from '../../../cluster/index.ts';
import type { ByteString, HttpRequest, Kernel, NetNamespace } from '../../../kernel/index.ts';
import { base64, Random, textOf, utf8 } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import { Network, textResponse } from '../../../node/network/index.ts';
import { parseConfiguration } from '../configuration/load.ts';
import type { SchedulerTest } from '../testing.ts';
import { createSchedulerTest, requests } from '../testing.ts';

interface Asked {
  readonly Pod?: { readonly metadata: { readonly name: string } };
  readonly NodeNames?: readonly string[] | null;
  readonly Nodes?: { readonly items: readonly { readonly metadata: { readonly name: string } }[] } | null;
  readonly PodName?: string;
  readonly Node?: string;
  readonly NodeNameToVictims?: Readonly<
    Record<string, { readonly Pods: readonly { readonly metadata: { readonly name: string } }[] }>
  > | null;
  readonly NodeNameToMetaVictims?: Readonly<Record<string, { readonly Pods: readonly { readonly UID: string }[] }>> | null;
}

type Answer = (asked: Asked, test: SchedulerTest) => unknown;

const configuration = (scheme: string, lines: readonly string[]) =>
  parseConfiguration(
    `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nextenders:\n- urlPrefix: ${scheme}://10.0.0.2:8888/v1\n${lines.map((line) => `  ${line}\n`).join('')}`,
  );

interface Scene {
  readonly settings: readonly string[];
  readonly verbs: Readonly<Record<string, Answer>>;
  readonly isTls?: boolean;
}

const start = 1_700_000_000_000;
const authority = new CertificateAuthority(new Random(1), 'extenders', start);
const leaf = authority.issue({
  subject: { commonName: 'extender' },
  usages: ['server auth'],
  dnsNames: ['extender.example'],
  ips: ['10.0.0.2'],
  notBeforeMs: start,
  notAfterMs: start + 3_000 * 86_400_000,
});

/** Three nodes, and an extender that answers so; what it was asked stands in `calls`. */
function begin({ settings, verbs, isTls = false }: Scene): { readonly t: SchedulerTest; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const extenderNet = (kernel: Kernel): NetNamespace => {
    const network = new Network(kernel);
    network.addNode({ name: 'extender', ip: '10.0.0.2' }).namespace.listen(8888, {
      isTls,
      leaf: () => leaf,
      *http({ target, body }: HttpRequest) {
        const verb = target.replace('/v1/', '');
        const asked = JSON.parse(textOf(body as ByteString)) as Asked;
        const names = asked.NodeNames ?? asked.Nodes?.items.map(({ metadata }) => metadata.name) ?? [asked.Node ?? victimsOf(asked)];
        calls.push(`${verb} ${asked.Pod?.metadata.name ?? asked.PodName} ${names.join()}`);
        const answer = verbs[verb]?.(asked, t);
        if (answer === undefined) return textResponse(500, '');
        return { status: 200, headers: { 'content-type': 'application/json' }, body: utf8(JSON.stringify(answer)) };
      },
    });
    return network.addNode({ name: 'control-plane', ip: '10.0.0.1' }).namespace;
  };
  const t: SchedulerTest = createSchedulerTest(
    { a: {}, b: {}, c: {} },
    { configuration: configuration(isTls ? 'https' : 'http', settings), extenderNet },
  );
  return { t, calls };
}

const only =
  (...names: readonly string[]): Answer =>
  ({ NodeNames }) => ({
    nodenames: NodeNames!.filter((name) => names.includes(name)),
    failedNodes: Object.fromEntries(NodeNames!.filter((name) => !names.includes(name)).map((name) => [name, 'no licence'])),
  });

/** `a=x+y b=z`: the Pods that would have to go, by node. */
const victimsOf = ({ NodeNameToVictims: whole, NodeNameToMetaVictims: uids }: Asked): string => {
  const names = Object.entries(whole ?? {}).map(([node, { Pods }]) => `${node}=${Pods.map(({ metadata }) => metadata.name).join('+')}`);
  return [...names, ...Object.entries(uids ?? {}).map(([node, { Pods }]) => `${node}=${Pods.length} UIDs`)].sort().join(' ');
};

describe('an extender', () => {
  const cached = 'nodeCacheCapable: true';
  test.each<Scene & { name: string; pod?: object; want: string; asked: readonly string[] }>([
    { name: 'filters', settings: ['filterVerb: filter', cached], verbs: { filter: only('b') }, want: 'b', asked: ['filter p a,b,c'] },
    {
      name: 'turns all nodes away',
      settings: ['filterVerb: filter', cached],
      verbs: { filter: only() },
      want: '0/3 nodes are available: 3 no licence.',
      asked: ['filter p a,b,c'],
    },
    {
      name: 'has a preference that outweighs the plugins',
      settings: ['prioritizeVerb: score', 'weight: 100', cached],
      verbs: {
        score: () => [
          { host: 'c', score: 10 },
          { host: 'a', score: 1 },
        ],
      },
      want: 'c',
      asked: ['score p a,b,c'],
    },
    {
      name: 'gets whole nodes when it has no cache',
      settings: ['filterVerb: filter'],
      verbs: { filter: ({ Nodes }) => ({ nodes: { items: Nodes!.items.slice(1, 2) } }) },
      want: 'b',
      asked: ['filter p a,b,c'],
    },
    {
      name: 'is not asked about Pods that are none of its business',
      settings: ['filterVerb: filter', cached, 'managedResources: [{name: example.com/key, ignoredByScheduler: true}]'],
      verbs: { filter: only() },
      want: 'a|b|c',
      asked: [],
    },
    {
      name: 'sees to a resource that no node has',
      settings: ['filterVerb: filter', cached, 'managedResources: [{name: example.com/key, ignoredByScheduler: true}]'],
      verbs: { filter: only('c') },
      pod: { containers: [{ name: 'main', image: 'pause', resources: { limits: { 'example.com/key': '1' } } }] },
      want: 'c',
      asked: ['filter p a,b,c'],
    },
    {
      name: 'that fails may be ignored',
      settings: ['filterVerb: filter', 'ignorable: true', cached],
      verbs: {},
      want: 'a|b|c',
      asked: ['filter p a,b,c'],
    },
    {
      name: 'binds',
      settings: ['bindVerb: bind', cached],
      verbs: {
        bind: ({ Node: name }, t) => {
          const target = { apiVersion: 'v1', kind: 'Node', name };
          t.run(
            t.client.act(pods, { namespace: 'default', name: 'p' }, 'binding', {
              apiVersion: 'v1',
              kind: 'Binding',
              metadata: { name: 'p' },
              target,
            }),
          );
          return {};
        },
      },
      want: 'a|b|c',
      asked: [expect.stringMatching(/^bind p [abc]$/) as unknown as string],
    },
    {
      name: 'that does not bind may be ignored',
      settings: ['bindVerb: bind', 'ignorable: true', cached],
      verbs: { bind: () => ({ Error: 'not today' }) },
      want: 'a|b|c',
      asked: [expect.stringMatching(/^bind p [abc]$/) as unknown as string],
    },
    {
      name: 'leaves a node that it was not asked about',
      settings: ['filterVerb: filter', cached],
      verbs: { filter: () => ({ NodeNames: ['z'] }) },
      want: 'extender "http://10.0.0.2:8888/v1" claims a filtered node "z" which is not found in the input node list',
      asked: ['filter p a,b,c'],
    },
  ])('$name', ({ pod = requests('100m'), want, asked, ...scene }) => {
    const { t, calls } = begin(scene);
    t.addPod('p', pod);
    t.kernel.loop.run({ untilMs: t.kernel.loop.now + 500 });
    expect(t.pod('p').spec.nodeName ?? t.verdict('p')).toMatch(want.length > 9 ? want : new RegExp(`^(${want})$`));
    expect(calls).toEqual(asked);
  });

  test('that fails keeps Pods waiting, and they are tried again', () => {
    const verbs: Record<string, Answer> = {};
    const { t } = begin({ settings: ['filterVerb: filter', cached], verbs });
    t.addPod('p', requests('100m'));
    t.kernel.loop.run({ untilMs: t.kernel.loop.now + 500 });
    expect(t.verdict('p')).toBe('failed filter with extender at URL http://10.0.0.2:8888/v1/filter, code 500');
    verbs.filter = only('b');
    t.kernel.loop.run({ untilMs: t.kernel.loop.now + 20_000 });
    expect(t.pod('p').spec.nodeName).toBe('b');
  });

  test('may change its mind: whatever happens makes a Pod worth another try', () => {
    const verbs: Record<string, Answer> = { filter: only() };
    const { t } = begin({ settings: ['filterVerb: filter', cached], verbs });
    t.addPod('p', requests('100m'));
    t.settle();
    verbs.filter = only('d');
    t.addNode('d');
    t.settle();
    expect(t.pod('p').spec.nodeName).toBe('d');
  });

  test('is asked about one Pod at a time, in their order', () => {
    const { t, calls } = begin({ settings: ['filterVerb: filter', cached], verbs: { filter: only('a', 'b', 'c') } });
    for (const name of ['x', 'y', 'z']) t.addPod(name, requests('100m'));
    t.settle();
    expect(calls.map((call) => call.split(' ')[1])).toEqual(['x', 'y', 'z']);
  });
});

describe('an extender with a say in preemption', () => {
  const full = (t: SchedulerTest): void => {
    t.addPriorityClass('high', 1000);
    for (const node of ['a', 'b', 'c']) t.addPod(`on-${node}`, { ...requests('3'), nodeName: node });
    t.settle();
    t.addPod('p', { ...requests('3'), priorityClassName: 'high' });
    t.kernel.loop.run({ untilMs: t.kernel.loop.now + 5000 });
  };
  const uidOn = (t: SchedulerTest, node: string): string => t.pod(`on-${node}`).metadata.uid!;
  const no = '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: no candidate node for preemption';
  const wrong = '0/3 nodes are available: 3 Insufficient cpu. preemption: ';
  test.each<{ name: string; settings?: readonly string[]; preempt: Answer; want: string; asked?: string }>([
    {
      name: 'chooses the node',
      preempt: (_, t) => ({ NodeNameToMetaVictims: { b: { Pods: [{ UID: uidOn(t, 'b') }], NumPDBViolations: 0 } } }),
      want: 'b',
    },
    {
      name: 'gets UIDs only when it has a cache',
      settings: ['nodeCacheCapable: true'],
      preempt: (_, t) => ({ NodeNameToMetaVictims: { c: { Pods: [{ UID: uidOn(t, 'c') }] } } }),
      want: 'c',
      asked: 'preempt p a=1 UIDs b=1 UIDs c=1 UIDs',
    },
    { name: 'spares them all', preempt: () => ({ NodeNameToMetaVictims: {} }), want: no },
    {
      name: 'names a node without victims',
      preempt: () => ({ NodeNameToMetaVictims: { a: { Pods: [] } } }),
      want: `${wrong}expected at least one victim pod on node "a"`,
    },
    {
      name: 'names a Pod that is not there',
      preempt: () => ({ NodeNameToMetaVictims: { a: { Pods: [{ UID: 'x' }] } } }),
      want: `${wrong}extender: http://10.0.0.2:8888/v1 claims to preempt pod (UID: &{x}) on node: a, but the pod is not found on that node`,
    },
    {
      name: 'fails',
      preempt: () => undefined,
      want: `${wrong}failed preempt with extender at URL http://10.0.0.2:8888/v1/preempt, code 500`,
    },
    { name: 'fails, and may be ignored', settings: ['ignorable: true'], preempt: () => undefined, want: '[abc]' },
  ])('$name', ({ settings = [], preempt, want, asked = 'preempt p a=on-a b=on-b c=on-c' }) => {
    const { t, calls } = begin({ settings: ['preemptVerb: preempt', ...settings], verbs: { preempt } });
    full(t);
    if (want.length > 5) expect([t.verdict('p'), t.pod('p').spec.nodeName]).toEqual([want, undefined]);
    else expect(t.pod('p').status?.nominatedNodeName).toMatch(new RegExp(`^${want}$`));
    expect(calls[0]).toBe(asked);
  });
});

describe('an extender over TLS', () => {
  const ca = `caData: ${base64(utf8(authority.certificate.pem))}`;
  const failure = 'Post "https://10.0.0.2:8888/v1/filter": tls: failed to verify certificate: x509: ';
  test.each<{ name: string; settings: readonly string[]; want: string }>([
    { name: 'is believed when its authority is known', settings: [`tlsConfig: {${ca}}`], want: 'b' },
    { name: 'is not believed without one', settings: [], want: `${failure}certificate signed by unknown authority` },
    { name: 'is not looked at with enableHTTPS and no authority', settings: ['enableHTTPS: true'], want: 'b' },
    { name: 'is not looked at when that is insecure', settings: ['tlsConfig: {insecure: true}'], want: 'b' },
    {
      name: 'is asked by another name',
      settings: [`tlsConfig: {serverName: extender.example, ${ca}}`],
      want: 'b',
    },
    {
      name: 'is asked by a name that is not its own',
      settings: [`tlsConfig: {serverName: other.example, ${ca}}`],
      want: `${failure}certificate is valid for extender.example, not other.example`,
    },
  ])('$name', ({ settings, want }) => {
    const { t } = begin({
      settings: ['filterVerb: filter', 'nodeCacheCapable: true', ...settings],
      verbs: { filter: only('b') },
      isTls: true,
    });
    t.addPod('p', requests('100m'));
    t.kernel.loop.run({ untilMs: t.kernel.loop.now + 500 });
    expect(t.pod('p').spec.nodeName ?? t.verdict('p')).toBe(want);
  });

  test.each([
    [`{insecure: true, ${ca}}`, 'specifying a root certificates file with the insecure flag is not allowed'],
    ['{caFile: /nowhere}', 'unable to load root certificates: open /nowhere: no such file or directory'],
  ])('%s does not start', (tls, want) => {
    expect(() => begin({ settings: ['filterVerb: filter', `tlsConfig: ${tls}`], verbs: {} })).toThrow(`couldn't build extenders: ${want}`);
  });
});

test('a Pod behind a Service is asked by the scheduler of a cluster', () => {
  const routes = { '/filter': '{"nodenames":["node-2"],"failedNodes":{"node-1":"no licence"}}' };
  const cluster = createCluster({ nodes: 2, seed: 2, images: [{ name: 'registry.example/extender', tags: ['1'], ports: [80], routes }] });
  const client = cluster.client('test');
  const run = (body: Parameters<typeof cluster.kernel.fiber>[0]): void => {
    cluster.kernel.fiber(body);
    cluster.advance(30_000);
  };
  const pod = (name: string, image: string): never =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: { containers: [{ name: 'main', image }] },
    }) as never;
  run(
    (function* () {
      yield* client.create(pods, pod('extender', 'registry.example/extender:1'));
    })(),
  );
  const extender = [...cluster.network.nodes.values()]
    .flatMap((node) => [...node.pods])
    .find(([, { name }]) => name === 'default/extender')!;
  const { fs } = cluster.machine('control-plane')!;
  fs.writeFile(
    '/etc/kubernetes/own.yaml',
    utf8(
      `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nclientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}\nextenders: [{urlPrefix: "http://${extender[0]}", filterVerb: filter, nodeCacheCapable: true}]\n`,
    ),
  );
  const path = '/etc/kubernetes/manifests/kube-scheduler.yaml';
  const text = textOf(fs.readFile(path))
    .replace('    - --leader-elect=true\n', '    - --leader-elect=true\n    - --config=/etc/kubernetes/own.yaml\n')
    .replace('    volumeMounts:\n', '    volumeMounts:\n    - mountPath: /etc/kubernetes/own.yaml\n      name: own\n')
    .replace('  volumes:\n', '  volumes:\n  - hostPath:\n      path: /etc/kubernetes/own.yaml\n    name: own\n');
  fs.writeFile(path, utf8(text));
  cluster.advance(60_000);
  let nodeName: string | undefined;
  run(
    (function* () {
      for (const i of [1, 2, 3]) yield* client.create(pods, pod(`web-${i}`, 'nginx'));
      yield* cluster.kernel.sleep(5000);
      const { items } = yield* client.list(pods, { namespace: 'default', labelSelector: 'app!=extender' });
      nodeName = items.map(({ spec }) => spec.nodeName).join();
    })(),
  );
  expect(nodeName).toBe('node-2,node-2,node-2');
});
