import { describe, expect, test } from 'vitest';
import { createMachine, EventLoop, FdTable, FileSystem, Kernel, OpenFile, Random, Trace, WallClock } from '../../kernel/index.ts';
import type { ByteString, HttpResponse } from '../../kernel/index.ts';
import { etcd } from '../etcd/index.ts';
import { Network } from '../../node/network/index.ts';
import { kubeApiserver } from './program.ts';

class Sink extends OpenFile {
  text = '';
  override read(): ByteString {
    return '' as ByteString;
  }
  override write(data: ByteString): number {
    this.text += data;
    return data.length;
  }
}

function createHost() {
  const loop = new EventLoop();
  const kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  const network = new Network(kernel);
  const node = network.addNode({ name: 'control-plane', ip: '172.18.0.2' });
  const machine = createMachine({
    hostname: 'control-plane',
    id: 'control-plane',
    fs: new FileSystem(() => loop.now),
    net: node.namespace,
  });
  const start = (program: typeof etcd, ...argv: string[]) => {
    const sink = new Sink();
    const fds = new FdTable();
    fds.set(1, sink);
    fds.set(2, sink);
    let code: number | undefined;
    const process = kernel.spawn({ program, argv, machine, fds, background: true, onExit: (status) => (code = status.code) });
    return { process, sink, code: () => code };
  };
  const advance = (ms: number): void => void loop.run({ untilMs: loop.now + ms });
  const get = (target: string): string => {
    let response: HttpResponse | undefined;
    let failure: string | undefined;
    kernel.fiber(
      (function* () {
        try {
          response = yield* machine.net.request({ ip: '172.18.0.2', port: 6443 }, { method: 'GET', target, headers: {} }, { tls: true });
        } catch (error) {
          failure = (error as Error).message;
        }
      })(),
    );
    advance(10_000);
    return failure ?? `${response?.status} ${response?.body as string}`;
  };
  return { kernel, machine, start, advance, get };
}

const flags = ['--etcd-servers=https://127.0.0.1:2379', '--service-account-issuer=https://x', '--authorization-mode=Node,RBAC'];

describe('the program', () => {
  test.each([
    { name: 'an unknown flag', argv: ['--foo=1'], says: 'Error: unknown flag: --foo\n' },
    {
      name: 'a file that is not there',
      argv: [...flags, '--client-ca-file=/none'],
      says: '"command failed" err="open /none: no such file or directory"\n',
    },
    {
      name: 'an audit policy that is not there',
      argv: [...flags, '--audit-policy-file=/none'],
      says: 'err="loading audit policy file: failed to read file path \\"/none\\": open /none: no such file or directory"\n',
    },
    { name: 'no etcd', argv: flags, says: '"command failed" err="context deadline exceeded"\n' },
    { name: 'an unknown plugin', argv: [...flags, '--enable-admission-plugins=Foo'], says: 'plugin \\"Foo\\" is unknown"\n' },
  ])('ends with $name', ({ argv, says }) => {
    const { start, advance } = createHost();
    const { code, sink } = start(kubeApiserver, 'kube-apiserver', ...argv);
    advance(60_000);
    expect([code(), sink.text.endsWith(says)]).toEqual([1, true]);
  });

  test('is healthy as long as it reaches etcd, and finds its objects again', () => {
    const { start, advance, get, kernel } = createHost();
    const first = start(etcd, 'etcd', '--name=control-plane', '--data-dir=/var/lib/etcd');
    advance(100);
    const server = start(kubeApiserver, 'kube-apiserver', ...flags);
    advance(1000);
    expect(get('/readyz')).toBe('200 ok');
    kernel.signal(first.process, 'KILL');
    expect(get('/livez')).toContain('500 [+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\n');
    start(etcd, 'etcd', '--name=control-plane', '--data-dir=/var/lib/etcd');
    advance(100);
    expect(get('/readyz')).toBe('200 ok');
    kernel.signal(server.process, 'KILL');
    expect(get('/readyz')).toBe('Connection refused');
  });
});
