import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../kernel/index.ts';
import { EventLoop, FileSystem, Kernel, Random, Trace, utf8, WallClock } from '../../kernel/index.ts';
import type { DnsQuery, Namespace } from './index.ts';
import { emptyAnswer, Network, parseResolvConf, parseUrl, type ResolveError, resolveAll, resolveUrl, searchNames } from './index.ts';

let kernel: Kernel;
let net: Namespace;
let fs: FileSystem;
let asked: string[];

beforeEach(() => {
  const loop = new EventLoop();
  kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  net = new Network(kernel).addNode({ name: 'a', ip: '172.18.0.2' }).namespace;
  fs = new FileSystem(() => 0);
  fs.writeFile('/etc/hosts', utf8('127.0.0.1 localhost\n10.0.0.9 db db.example # a comment\n'));
  fs.writeFile(
    '/etc/resolv.conf',
    utf8('search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5 timeout:2\n'),
  );
  asked = [];
});

function serve(records: Record<string, string>, code: 'NXDOMAIN' | 'SERVFAIL' = 'NXDOMAIN'): void {
  net.listen(
    53,
    {
      datagram: (payload) => {
        const query = payload as DnsQuery;
        asked.push(query.name);
        const data = records[query.name];
        return data
          ? { ...emptyAnswer(query, 'NOERROR'), answers: [{ name: query.name, type: 'A', ttl: 5, data }] }
          : emptyAnswer(query, code);
      },
    },
    { protocol: 'UDP' },
  );
}

function resolve(name: string): readonly string[] | string {
  let result: readonly string[] | string = 'blocked';
  kernel.fiber(
    (function* (): Call<void> {
      try {
        result = yield* resolveAll({ kernel, fs, net }, name);
      } catch (error) {
        result = (error as ResolveError).reason;
      }
    })(),
  );
  kernel.loop.run();
  return result;
}

describe('resolveAll', () => {
  test.each([
    { name: 'an address', host: '10.1.2.3', want: ['10.1.2.3'], queries: 0 },
    { name: 'localhost', host: 'localhost', want: ['127.0.0.1'], queries: 0 },
    { name: 'a name in /etc/hosts', host: 'DB', want: ['10.0.0.9'], queries: 0 },
    { name: 'a name that the first search domain completes', host: 'web', want: ['10.96.0.5'], queries: 1 },
    { name: 'a name that the second search domain completes', host: 'web.default', want: ['10.96.0.5'], queries: 2 },
    { name: 'a full name', host: 'web.default.svc.cluster.local.', want: ['10.96.0.5'], queries: 1 },
    {
      name: 'a full name without the dot goes through the search path first',
      host: 'web.default.svc.cluster.local',
      want: ['10.96.0.5'],
      queries: 4,
    },
    { name: 'a name that does not exist', host: 'nope', want: 'not-found', queries: 4 },
  ])('$name', ({ host, want, queries }) => {
    serve({ 'web.default.svc.cluster.local.': '10.96.0.5' });
    expect(resolve(host)).toEqual(want);
    expect(asked.length).toBe(queries);
  });

  test('a server that fails leaves the answer open', () => {
    serve({}, 'SERVFAIL');
    expect(resolve('web')).toBe('try-again');
  });

  test('without a server the answer is open at once', () => {
    expect(resolve('web')).toBe('try-again');
    expect(kernel.loop.now).toBe(0);
  });

  test('a server that is silent costs its time-out, twice', () => {
    fs.writeFile('/etc/resolv.conf', utf8('nameserver 10.96.0.10\noptions timeout:2\n'));
    expect(resolve('web')).toBe('try-again');
    expect(kernel.loop.now).toBe(4000);
  });

  test('nsswitch.conf may leave DNS out', () => {
    serve({ 'web.default.svc.cluster.local.': '10.96.0.5' });
    fs.writeFile('/etc/nsswitch.conf', utf8('hosts: files\n'));
    expect(resolve('web')).toBe('not-found');
  });
});

test('names with enough dots are tried as they are first', () => {
  expect(searchNames('a.b', { search: ['x'], ndots: 1 })).toEqual(['a.b.', 'a.b.x.']);
  expect(parseResolvConf('').nameservers).toEqual(['127.0.0.1']);
});

describe('URLs', () => {
  test.each([
    { text: 'web', want: { scheme: 'http', host: 'web', port: 80, target: '/', authority: 'web' } },
    { text: 'https://web:8443/a?b=c#d', want: { scheme: 'https', host: 'web', port: 8443, target: '/a?b=c', authority: 'web:8443' } },
    { text: 'http://user:pw@web/x', want: { host: 'web', userinfo: 'user:pw' } },
    { text: 'http://', want: undefined },
  ])('$text', ({ text, want }) => {
    if (want) expect(parseUrl(text)).toMatchObject(want);
    else expect(parseUrl(text)).toBeUndefined();
  });

  test('a relative redirect', () => {
    const base = parseUrl('http://web/a/b?q')!;
    expect(resolveUrl(base, 'c')?.target).toBe('/a/c');
    expect(resolveUrl(base, '/c')?.target).toBe('/c');
    expect(resolveUrl(base, 'https://other/')?.host).toBe('other');
  });
});
