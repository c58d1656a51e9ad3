import { beforeEach, describe, expect, test } from 'vitest';
import type { Call, HttpResponse, TraceRecord } from '../../kernel/index.ts';
import { createPipe, Errno, EventLoop, type Fiber, Kernel, Random, Trace, utf8, WallClock } from '../../kernel/index.ts';
import { createBridge } from '../cni/index.ts';
import { parseCidr, readText } from './index.ts';
import type { Namespace } from './namespace.ts';
import { Network } from './network.ts';
import type { NodeNetwork } from './node-network.ts';
import type { NatTable } from './packet.ts';
import { tryAll } from './trial.ts';

let kernel: Kernel;
let network: Network;
let nodes: NodeNetwork[];
let pods: Record<string, Namespace>;

/** Two nodes with two Pods each: `a1`, `a2` on node a, `b1`, `b2` on node b. `b1` and node b serve HTTP on 80. */
beforeEach(() => {
  const loop = new EventLoop();
  kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  network = new Network(kernel);
  network.podSubnet = parseCidr('10.244.0.0/16');
  nodes = ['a', 'b'].map((name, i) => network.addNode({ name, ip: `172.18.0.${i + 2}` }));
  pods = {};
  for (const [i, node] of nodes.entries()) {
    const bridge = createBridge(node, { name: 'bridge', subnet: `10.244.${i}.0/24` });
    for (const n of [1, 2]) {
      const pod = node.createNamespace(`${node.name}${n}`);
      bridge.add(pod.name, pod);
      pods[pod.name] = pod;
    }
    pods[node.name] = node.namespace;
  }
  for (const name of ['b1', 'b']) pods[name]!.listen(80, { http: whoami(name) });
});

const whoami = (name: string) =>
  function* (_request: unknown, peer: { readonly ip: string }): Call<HttpResponse> {
    return { status: 200, headers: {}, body: utf8(`${name} sees ${peer.ip}`) };
  };

/** Runs a call to its end and returns its value or the name of its error, with the time that it took. */
function outcome<T>(call: Call<T>): { readonly value: T | string; readonly ms: number } {
  let result: { value: T | string; ms: number } | undefined;
  const from = kernel.loop.now;
  kernel.fiber(
    (function* () {
      try {
        result = { value: yield* call, ms: kernel.loop.now - from };
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        result = { value: error.code, ms: kernel.loop.now - from };
      }
    })(),
  );
  kernel.loop.run();
  return result!;
}

function* get(from: string, url: string, timeoutMs?: number): Call<string> {
  const [ip, port] = url.split(':');
  const response = yield* pods[from]!.request(
    { ip: ip!, port: Number(port) },
    { method: 'GET', target: '/', headers: {} },
    { ...(timeoutMs && { timeoutMs }) },
  );
  return yield* readText(kernel, response.body);
}

const service: NatTable = {
  translate(packet) {
    if (packet.ip === '10.96.0.9') return 'reject';
    if (packet.ip !== '10.96.0.1') return 'accept';
    packet.masquerade = packet.sourceIP === '10.244.1.2';
    packet.ip = '10.244.1.2';
    packet.port = 80;
    return 'accept';
  },
};

describe('who reaches whom', () => {
  test.each([
    { name: 'a Pod on the same node', from: 'b2', to: '10.244.1.2:80', want: 'b1 sees 10.244.1.3', ms: 0 },
    { name: 'a Pod on another node', from: 'a1', to: '10.244.1.2:80', want: 'b1 sees 10.244.0.2', ms: 4 },
    { name: 'a Pod to itself', from: 'b1', to: '127.0.0.1:80', want: 'b1 sees 127.0.0.1', ms: 0 },
    { name: 'a Pod to its own address', from: 'b1', to: '10.244.1.2:80', want: 'b1 sees 10.244.1.2', ms: 0 },
    { name: 'a node to its Pod, from the bridge', from: 'b', to: '10.244.1.2:80', want: 'b1 sees 10.244.1.1', ms: 0 },
    { name: 'a node to a Pod elsewhere', from: 'a', to: '10.244.1.2:80', want: 'b1 sees 172.18.0.2', ms: 4 },
    { name: 'a Pod to its own node', from: 'b1', to: '172.18.0.3:80', want: 'b sees 10.244.1.2', ms: 0 },
    { name: 'a Pod to another node, masqueraded', from: 'a1', to: '172.18.0.3:80', want: 'b sees 172.18.0.2', ms: 4 },
    { name: 'a port where nothing listens', from: 'a1', to: '10.244.1.2:81', want: 'ECONNREFUSED', ms: 2 },
    { name: 'a Pod address that nobody has', from: 'a1', to: '10.244.1.99:80', want: 'EHOSTUNREACH', ms: 3000 },
    { name: 'an address beyond the cluster', from: 'a1', to: '192.0.2.1:80', want: 'ETIMEDOUT', ms: 127_000 },
    { name: 'an address beyond the cluster, impatiently', from: 'a1', to: '192.0.2.1:80', timeoutMs: 1500, want: 'ETIMEDOUT', ms: 1500 },
    { name: 'a Service', from: 'a1', to: '10.96.0.1:8080', want: 'b1 sees 10.244.0.2', ms: 4 },
    { name: 'a Service that leads back to the Pod itself (hairpin)', from: 'b1', to: '10.96.0.1:8080', want: 'b1 sees 10.244.1.1', ms: 0 },
    { name: 'a Service without endpoints', from: 'a1', to: '10.96.0.9:80', want: 'ECONNREFUSED', ms: 0 },
  ])('$name', ({ from, to, timeoutMs, want, ms }) => {
    for (const node of nodes) node.nat = service;
    expect(outcome(get(from, to, timeoutMs))).toEqual({ value: want, ms });
  });

  test('a host port leads to its Pod, from anywhere, until the Pod goes', () => {
    const pod = nodes[1]!.createNamespace('b3');
    const bridge = createBridge(nodes[1]!, { name: 'other', subnet: '10.244.9.0/24' });
    bridge.add('b3', pod, [{ hostPort: 8080, containerPort: 80, protocol: 'TCP' }]);
    pod.listen(80, { http: whoami('b3') });
    expect(outcome(get('a1', '172.18.0.3:8080')).value).toBe('b3 sees 172.18.0.2');
    expect(outcome(get('b', '127.0.0.1:8080')).value).toBe('b3 sees 10.244.9.1');
    bridge.del('b3', pod);
    expect(outcome(get('a1', '172.18.0.3:8080')).value).toBe('ECONNREFUSED');
  });

  test('a node without power is no neighbour, and a cut wire is silent', () => {
    nodes[1]!.setUp(false);
    expect(outcome(get('a1', '10.244.1.2:80'))).toEqual({ value: 'EHOSTUNREACH', ms: 3000 });
    nodes[1]!.setUp(true);
    network.setCut(nodes[0]!, nodes[1]!, true);
    expect(outcome(get('a1', '10.244.1.2:80', 5000))).toEqual({ value: 'ETIMEDOUT', ms: 5000 });
    network.setCut(nodes[0]!, nodes[1]!, false);
    expect(outcome(get('a1', '10.244.1.2:80')).value).toBe('b1 sees 10.244.0.2');
  });

  test('a SYN is sent again, so that a short cut only delays', () => {
    network.setCut(nodes[0]!, nodes[1]!, true);
    kernel.loop.after(2000, () => network.setCut(nodes[0]!, nodes[1]!, false), undefined);
    network.isRecording = true;
    expect(outcome(get('a1', '10.244.1.2:80'))).toEqual({ value: 'b1 sees 10.244.0.2', ms: 3004 });
    expect(network.log.entries).toMatchObject([{ outcome: 'delivered', attempts: 3 }]);
  });

  test('the trace tells every hop, for the packet that failed as well', () => {
    const records: TraceRecord[] = [];
    kernel.trace.listen((record) => void records.push(record));
    for (const node of nodes) node.nat = service;
    for (const to of ['10.96.0.1:8080', '10.244.1.2:81', '10.244.1.99:80', '192.0.2.1:80']) outcome(get('a1', to, 1500));
    const paths = records.flatMap((record) => (record.type === 'packet' ? [record] : []));
    expect(paths.map(({ from, to, outcome, why }) => ({ from, to, outcome, why }))).toEqual([
      { from: 'a1 (10.244.0.2)', to: '10.96.0.1:8080/TCP', outcome: 'delivered', why: 'It reached b1.' },
      { from: 'a1 (10.244.0.2)', to: '10.244.1.2:81/TCP', outcome: 'ECONNREFUSED', why: 'Nothing in b1 listens on port 81/TCP.' },
      {
        from: 'a1 (10.244.0.2)',
        to: '10.244.1.99:80/TCP',
        outcome: 'EHOSTUNREACH',
        why: 'No Pod on b has 10.244.1.99: nobody answers ARP.',
      },
      ...[0, 1].map(() => ({
        from: 'a1 (10.244.0.2)',
        to: '192.0.2.1:80/TCP',
        outcome: 'ETIMEDOUT',
        why: 'Nobody has 192.0.2.1: it went to the default gateway, which drops it.',
      })),
    ]);
    expect(paths[0]!.hops.map(({ kind, node, device = '', destination }) => `${kind} ${node} ${device} ${destination}`)).toEqual([
      'start a eth0 10.96.0.1:8080',
      'interface a veth2322f362 10.96.0.1:8080',
      'route a  10.244.1.2:80',
      'wire a eth0 10.244.1.2:80',
      'wire b eth0 10.244.1.2:80',
      'interface b veth5a9ca462 10.244.1.2:80',
      'arrival b eth0 10.244.1.2:80',
      'answer b  10.244.1.2:80',
    ]);
    expect(paths[0]!.hops.at(-1)!.text).toBe('the answer goes back the same way; conntrack gives it the source 10.96.0.1:8080 again');
    // A SYN that is sent again is the same packet to who lists them.
    expect(network.log.entries.map(({ id, attempts }) => ({ id, attempts }))).toEqual(
      [1, 2, 3, 4].map((id) => ({ id, attempts: id === 4 ? 2 : 1 })),
    );
  });

  test('a packet on trial meets what a packet meets, and nobody remembers it', () => {
    for (const node of nodes) node.nat = service;
    nodes[1]!.loss = 0.9;
    const random = kernel.random.uint32;
    kernel.random.uint32 = () => {
      throw new Error('dice');
    };
    const trials = tryAll(pods.a1!, 'TCP', { ip: '10.96.0.1', port: 8080 });
    nodes[1]!.loss = 1;
    const [lost] = tryAll(pods.a1!, 'TCP', { ip: '10.96.0.1', port: 8080 });
    kernel.random.uint32 = random;
    expect(lost).toMatchObject({ outcome: 'dropped', why: 'It was lost between a and b.' });
    expect(trials).toMatchObject([{ outcome: 'delivered', isAnswered: true, why: 'It reached b1.' }]);
    expect([trials[0]!.hops.length, network.log.entries.length]).toEqual([8, 0]);
  });
});

describe('connections', () => {
  test('a listener that closes resets who waits for its answer', () => {
    const listener = pods.b2!.listen(90, { http: () => kernel.sleep(1000) as never });
    kernel.loop.after(300, () => listener.close(), undefined);
    expect(outcome(get('b1', '10.244.1.3:90'))).toEqual({ value: 'ECONNRESET', ms: 300 });
  });

  test('the client gives up on an answer that does not come', () => {
    pods.b2!.listen(90, { http: () => kernel.sleep(9000) as never });
    expect(outcome(get('b1', '10.244.1.3:90', 1000))).toEqual({ value: 'ETIMEDOUT', ms: 1000 });
  });

  test('a body that streams ends with its server', () => {
    const { reader, writer } = createPipe();
    const listener = pods.b2!.listen(90, {
      http: function* () {
        return { status: 200, headers: {}, body: reader };
      },
    });
    kernel.loop.after(10, () => writer.write(utf8('first ')), undefined);
    kernel.loop.after(20, () => listener.close(), undefined);
    expect(outcome(get('b1', '10.244.1.3:90'))).toEqual({ value: 'ECONNRESET', ms: 20 });
  });

  test('a connection breaks when the wire below it is cut', () => {
    let brokenAt = -1;
    outcome(
      (function* () {
        const connection = yield* pods.a1!.connect({ ip: '10.244.1.2', port: 80 });
        connection.onClose(() => (brokenAt = kernel.loop.now));
        network.setCut(nodes[0]!, nodes[1]!, true);
      })(),
    );
    expect(brokenAt).toBe(2);
  });

  test('one port has one listener', () => {
    expect(() => pods.b1!.listen(80, {})).toThrow('Address already in use');
    pods.b1!.listen(80, {}, { protocol: 'UDP' });
  });

  test('raw bytes reach a server that speaks HTTP', () => {
    const text = outcome(
      (function* (): Call<string> {
        const connection = yield* pods.b2!.connect({ ip: '10.244.1.2', port: 80 });
        const { input, output } = pods.b2!.open(connection);
        output.write(utf8('GET / HTTP/1.1\r\nHost: b1\r\nConnection: close\r\n\r\n'));
        return yield* readText(kernel, input);
      })(),
    );
    expect(text.value).toBe('HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\nb1 sees 10.244.1.3');
  });

  test('a datagram is answered, refused or lost', () => {
    pods.b1!.listen(53, { datagram: (payload) => (payload === 'lost' ? undefined : `${payload}!`) }, { protocol: 'UDP' });
    const to = { ip: '10.244.1.2', port: 53 };
    expect(outcome(pods.a1!.datagram(to, 'hello'))).toEqual({ value: 'hello!', ms: 2 });
    expect(outcome(pods.a1!.datagram(to, 'lost'))).toEqual({ value: 'ETIMEDOUT', ms: 5000 });
    expect(outcome(pods.a1!.datagram({ ...to, port: 54 }, 'hello'))).toEqual({ value: 'ECONNREFUSED', ms: 2 });
  });

  test('a fiber that was cancelled leaves nothing behind', () => {
    const fiber: Fiber = kernel.fiber(pods.a1!.ping('192.0.2.1') as unknown as Call<void>);
    fiber.cancel();
    kernel.loop.run();
    expect(pods.a1!.connections.size).toBe(0);
  });
});
