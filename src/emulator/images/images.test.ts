import { describe, expect, test } from 'vitest';
import { configMaps } from '../api/core/config-map.ts';
import type { Kind } from '../api/kind.ts';
import type { ByteString, Call, HttpResponse } from '../kernel/index.ts';
import { textOf } from '../kernel/index.ts';
import type { TestNode } from '../node/kubelet/testing.ts';
import { createTestNode } from '../node/kubelet/testing.ts';
import { ConfigurationError, parseConfiguration } from './nginx/configuration.ts';
import { decodeCommand, decodeReply, encodeCommand, encodeReply } from './redis/reply.ts';
import { RedisStore } from './redis/store.ts';

const labImages = [
  {
    name: 'lab/shop',
    ports: [8080],
    routes: { '/': 'shop on $(hostname)\n', '/api/': '$(method) $(path)', '/down': { status: 503, body: 'busy' } },
  },
] as const;

/** Status, some headers and body of a request from the node to the only Pod. */
function ask(t: TestNode, port: number, target: string, method = 'GET'): string {
  const [container] = t.node.runtime.containers.values();
  let response: HttpResponse | undefined;
  t.kernel.fiber(
    (function* (): Call<void> {
      response = yield* t.node.machine.net.request({ ip: container!.sandbox.ip, port }, { method, target, headers: { host: 'web' } });
    })(),
  );
  t.advance(1000);
  const { status, headers, body } = response!;
  return `${status} ${headers.server ?? '-'} ${headers['content-type'] ?? '-'} ${textOf(body as ByteString)}`;
}

function serve(image: string, more: object = {}): TestNode {
  const t = createTestNode({ labImages });
  t.create('p', { containers: [{ name: 'c', image, ...more }] });
  t.advance(10_000);
  return t;
}

describe('web servers', () => {
  test.each([
    { image: 'nginx:1.27', port: 80, target: '/', want: /^200 nginx\/1\.27\.5 text\/html <!DOCTYPE html>[\s\S]*Welcome to nginx!/ },
    {
      image: 'gcr.io/google-samples/hello-app:2.0',
      port: 8080,
      target: '/',
      want: /^200 - text\/plain; charset=utf-8 Hello, world!\nVersion: 2\.0\.0\nHostname: p\n$/,
    },
    { image: 'hashicorp/http-echo', port: 5678, target: '/', more: { args: ['-text=hi'] }, want: /^200 - \S+ \S+ hi\n$/ },
    {
      image: 'gcr.io/google-samples/node-hello:1.0',
      port: 8080,
      target: '/',
      more: { command: ['node', 'server.js'] },
      want: /^200 .* Hello Kubernetes!$/,
    },
    { image: 'registry.k8s.io/serve_hostname', port: 9376, target: '/', want: /^200 .* p\n$/ },
    { image: 'registry.k8s.io/goproxy:0.1', port: 8080, target: '/', want: /^500 / },
    {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
      port: 8080,
      target: '/hostname',
      more: { args: ['netexec'] },
      want: /^200 .* p$/,
    },
    { image: 'nginx:1.27', port: 80, target: '/nope', want: /^404 nginx\/1\.27\.5 text\/html <html>\r\n<head><title>404 Not Found/ },
    { image: 'nginx:1.27', port: 80, target: '/', method: 'POST', want: /^405 / },
    { image: 'httpd:2.4', port: 80, target: '/', want: /^200 Apache\/2\.4\.65 \(Unix\) text\/html <html><body><h1>It works!/ },
    { image: 'lab/shop', port: 8080, target: '/', want: /^200 - text\/plain; charset=utf-8 shop on p\n$/ },
    { image: 'lab/shop', port: 8080, target: '/api/x?y=1', want: /GET \/api\/x$/ },
    { image: 'lab/shop', port: 8080, target: '/down', want: /^503 .* busy$/ },
    { image: 'lab/shop', port: 8080, target: '/nothing', want: /^404 / },
  ])('$image $target', ({ image, port, target, method, more, want }) =>
    expect(ask(serve(image, more), port, target, method)).toMatch(want),
  );

  test('nginx does what its configuration says', () => {
    const t = createTestNode();
    const site =
      'server { listen 8080; location / { return 200 "hello from $hostname\\n"; } location = /old { return 301 /new; } location /gone { return 410; } }';
    t.make(configMaps as unknown as Kind, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'site' },
      data: { 'default.conf': site },
    });
    t.create('p', {
      containers: [{ name: 'c', image: 'nginx:1.27', volumeMounts: [{ name: 'v', mountPath: '/etc/nginx/conf.d' }] }],
      volumes: [{ name: 'v', configMap: { name: 'site' } }],
    });
    t.advance(10_000);
    expect(ask(t, 8080, '/')).toMatch(/ hello from p\n$/);
    expect(ask(t, 8080, '/old')).toMatch(/^301 /);
    expect(ask(t, 8080, '/gone')).toMatch(/^410 /);
  });

  test('nginx writes its access log', () => {
    const t = serve('nginx:1.27');
    ask(t, 80, '/');
    const [container] = t.node.runtime.containers.values();
    expect(container!.log!.lines.at(-1)!.text).toMatch(
      /^\S+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 \d+ "-" "-" "-"$/,
    );
  });
});

test.each([
  { text: 'events {', want: 'unexpected end of file, expecting "}" in f:1' },
  { text: 'a b\n}', want: 'unexpected "}" in f:2' },
  { text: 'a b', want: 'unexpected end of file, expecting ";" or "}" in f:1' },
])('nginx refuses $text', ({ text, want }) => {
  expect(() => parseConfiguration(text, 'f', () => [])).toThrow(new ConfigurationError(want));
});

describe('redis', () => {
  test('reads the file that it is given', () => {
    const t = createTestNode();
    t.make(configMaps, { metadata: { name: 'conf', namespace: 'default' }, data: { 'redis.conf': '# small\nport 7000\n' } });
    const readinessProbe = { tcpSocket: { port: 7000 }, periodSeconds: 1 };
    const container = { name: 'c', image: 'redis', readinessProbe, volumeMounts: [{ name: 'f', mountPath: '/conf' }] };
    const volumes = [{ name: 'f', configMap: { name: 'conf' } }];
    t.create('p', { volumes, containers: [{ ...container, command: ['redis-server', '/conf/redis.conf'] }] });
    t.create('q', { volumes, containers: [{ ...container, command: ['redis-server', '/conf/none.conf'] }], restartPolicy: 'Never' });
    t.advance(15_000);
    expect(t.pod('p')?.status?.containerStatuses?.[0]?.ready).toBe(true);
    expect(t.pod('q')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1);
  });

  test('shows its settings', () => {
    const store = new RedisStore(() => 0, new Map([['maxmemory', '2097152']]));
    expect(store.run(['CONFIG', 'GET', 'MAXMEMORY'])).toEqual(['maxmemory', '2097152']);
  });

  test.each([
    { commands: ['PING'], want: 'PONG' },
    { commands: ['SET a 1', 'INCR a', 'GET a'], want: '"2"' },
    { commands: ['GET nothing'], want: '(nil)' },
    { commands: ['RPUSH l a b c', 'LRANGE l 0 -1'], want: '1) "a"\n2) "b"\n3) "c"' },
    { commands: ['SET a x', 'INCR a'], want: '(error) ERR value is not an integer or out of range' },
    { commands: ['SET a x', 'LPUSH a y'], want: '(error) WRONGTYPE Operation against a key holding the wrong kind of value' },
    { commands: ['GET'], want: "(error) ERR wrong number of arguments for 'get' command" },
    { commands: ['FROB a'], want: "(error) ERR unknown command 'FROB', with args beginning with: 'a' " },
  ])('$commands', ({ commands, want }) => {
    const store = new RedisStore(() => 0);
    let last = '';
    for (const command of commands) {
      const { words } = decodeCommand(encodeCommand(command.split(' ')))!;
      last = decodeReply(encodeReply(store.run(words)), false)!.text;
    }
    expect(last).toBe(want);
  });
});

test('nginx does not start without its certificate', () => {
  const t = createTestNode();
  t.make(configMaps, {
    metadata: { name: 'site', namespace: 'default' },
    data: { 'default.conf': 'server { listen 443 ssl; ssl_certificate /none.crt; ssl_certificate_key /none.key; }' },
  });
  t.create('p', {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'v', mountPath: '/etc/nginx/conf.d' }] }],
    volumes: [{ name: 'v', configMap: { name: 'site' } }],
  });
  t.advance(10_000);
  const [container] = t.node.runtime.containers.values();
  expect(t.pod('p')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1);
  expect(container!.log!.lines.at(-1)!.text).toContain('nginx: [emerg] cannot load certificate "/none.crt"');
});
