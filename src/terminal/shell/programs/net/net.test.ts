import { beforeEach, describe, expect, test } from 'vitest';
import type { ByteString, HttpRequest, Machine } from '../../../../emulator/kernel/index.ts';
import {
  createMachine,
  createPipe,
  EventLoop,
  FdTable,
  FileSystem,
  Kernel,
  noBytes,
  OpenFile,
  programInode,
  Random,
  Trace,
  textOf,
  utf8,
  WallClock,
} from '../../../../emulator/kernel/index.ts';
import { CertificateAuthority } from '../../../../emulator/machinery/x509/index.ts';
import type { NodeNetwork } from '../../../../emulator/node/network/index.ts';
import { addGateway, Network, parseCidr, textResponse } from '../../../../emulator/node/network/index.ts';
import { netPrograms } from './index.ts';

class Capture extends OpenFile {
  bytes = '';
  get text(): string {
    return textOf(this.bytes as ByteString);
  }
  override read(): ByteString {
    return noBytes;
  }
  override write(data: ByteString): number {
    this.bytes += data;
    return data.length;
  }
}

let kernel: Kernel;
let network: Network;
let web: NodeNetwork;
let machine: Machine;

/** This machine is `node-1` (172.18.0.3); `web` (172.18.0.4) serves HTTP on 80, HTTPS on 443 and echoes lines on 7. */
beforeEach(() => {
  const loop = new EventLoop();
  kernel = new Kernel({ loop, clock: new WallClock(loop, 1_767_225_600_000), random: new Random(1), trace: new Trace(loop) });
  network = new Network(kernel);
  addGateway(network);
  const node = network.addNode({ name: 'node-1', ip: '172.18.0.3' });
  web = network.addNode({ name: 'web', ip: '172.18.0.4' });
  network.setPodBlocks(node, [parseCidr('10.244.1.0/24')!]);
  const fs = new FileSystem(() => loop.now);
  fs.writeFile('/etc/resolv.conf', utf8('nameserver 172.18.0.1\n'));
  for (const directory of ['/bin', '/tmp', '/dev']) fs.mkdirs(directory);
  for (const [name, program] of netPrograms) fs.link(`/bin/${name}`, programInode(program));
  machine = createMachine({ hostname: 'node-1', id: 'node-1', fs, net: node.namespace });
  web.namespace.listen(80, { http: answer });
  web.namespace.listen(443, { http: answer, isTls: true });
  web.namespace.listen(7, {
    stream: ({ input, output }) => {
      kernel.fiber(
        (function* () {
          for (;;) {
            const data = input.read(100);
            if (data === '') return output.closed();
            if (data === undefined) yield* kernel.block(input.readable, 'read');
            else output.write(data.toUpperCase() as ByteString);
          }
        })(),
        { background: true },
      );
    },
  });
});

function* answer({ method, target, headers, body }: HttpRequest) {
  if (target === '/old') return { status: 302, headers: { location: '/new' }, body: noBytes };
  if (target === '/echo') return textResponse(200, `${method} ${headers['content-type']} ${textOf(body as ByteString)}`);
  if (target === '/slow') {
    yield* kernel.sleep(5000);
    return textResponse(200, 'late');
  }
  if (target === '/missing') return textResponse(404, 'nothing here\n');
  return textResponse(200, `hello from ${target}\n`, 'text/html');
}

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number | undefined;
  readonly ms: number;
}

function run(line: string, { input = '', debian = false } = {}): Ran {
  if (debian) machine.fs.writeFile('/etc/debian_version', utf8('12.11\n'));
  const argv = line.split(' ').map((word) => word.replaceAll('~', ' ').replaceAll('\\n', '\n'));
  const [out, err, fds] = [new Capture(), new Capture(), new FdTable()];
  const stdin = createPipe();
  stdin.writer.write(utf8(input));
  fds.set(0, stdin.reader);
  stdin.writer.closed();
  fds.set(1, out);
  fds.set(2, err);
  const from = kernel.loop.now;
  let ms = 0;
  const process = kernel.spawn({
    machine,
    program: netPrograms.get(argv[0]!)!,
    argv,
    fds,
    onExit: () => void (ms = kernel.loop.now - from),
  });
  kernel.loop.run({ budget: 100_000 });
  return { out: out.text, err: err.text, code: process.exit?.code, ms };
}

describe('curl', () => {
  test.each([
    { line: 'curl -s web', out: 'hello from /\n' },
    { line: 'curl -s http://web:80/a?b=1', out: 'hello from /a?b=1\n' },
    { line: 'curl -sI web', out: 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n' },
    { line: 'curl -s -o /dev/x -w %{http_code}\\n web', out: '200\n' },
    { line: 'curl -s web/missing', out: 'nothing here\n' },
    { line: 'curl -sf web/missing', code: 22 },
    { line: 'curl -sSf web/missing', err: 'curl: (22) The requested URL returned error: 404\n', code: 22 },
    { line: 'curl -sL web/old', out: 'hello from /new\n' },
    { line: 'curl -s web/old -w %{http_code}~%{redirect_url}', out: '302 http://web/new' },
    { line: 'curl -s -d a=1 -d b=2 web/echo', out: 'POST application/x-www-form-urlencoded a=1&b=2' },
    { line: 'curl -s -X PUT -H Content-Type:~x/y -d hi web/echo', out: 'PUT x/y hi' },
    { line: 'curl -s nope', code: 6 },
    { line: 'curl -sS nope', err: 'curl: (6) Could not resolve host: nope\n', code: 6 },
    { line: 'curl -sS web:81', err: 'curl: (7) Failed to connect to web port 81 after 4 ms: Could not connect to server\n', code: 7 },
    { line: 'curl -sS -m 2 web/slow', err: 'curl: (28) Operation timed out after 2000 milliseconds with 0 bytes received\n', code: 28 },
    { line: 'curl -sS --connect-timeout 1 192.0.2.1', err: 'curl: (28) Connection timed out after 1000 milliseconds\n', code: 28 },
    { line: 'curl -sk https://web', out: 'hello from /\n' },
    { line: 'curl -s https://web', code: 60 },
    { line: 'curl -s http://web:443', out: 'Client sent an HTTP request to an HTTPS server.\n' },
    {
      line: 'curl -sSk https://web:80',
      err: 'curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number\n',
      code: 35,
    },
    { line: 'curl -s --resolve other:80:172.18.0.4 other', out: 'hello from /\n' },
    { line: 'curl', err: 'curl: (2) no URL specified\n', code: 2 },
    {
      line: 'curl --nope web',
      err: "curl: option --nope: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      code: 2,
    },
  ])('$line', ({ line, out = '', err = '', code = 0 }) => {
    const ran = run(line);
    expect({ out: ran.out, err: ran.err, code: ran.code }).toEqual({ out, err, code });
  });

  test('trusts whom --cacert names, under the names of the certificate', () => {
    const random = new Random(2);
    const authority = new CertificateAuthority(random, 'kubernetes', 0);
    const leaf = authority.issue({
      subject: { commonName: 'web' },
      usages: ['server auth'],
      dnsNames: ['web'],
      notBeforeMs: kernel.clock.unixMs,
    });
    web.namespace.listen(8443, { http: answer, isTls: true, certificate: () => leaf.pem });
    machine.fs.writeFile('/ca.crt', utf8(authority.certificate.pem));
    machine.fs.writeFile('/other.crt', utf8(new CertificateAuthority(random, 'other', 0).certificate.pem));
    expect(run('curl -s --cacert /ca.crt https://web:8443').out).toBe('hello from /\n');
    expect(run('curl -sS --cacert /other.crt https://web:8443').err).toContain(
      'curl: (60) SSL certificate problem: unable to get local issuer certificate\n',
    );
    expect(run('curl -sS --cacert /ca.crt https://172.18.0.4:8443').err).toContain(
      "curl: (60) SSL: no alternative certificate subject name matches target ipv4 address '172.18.0.4'",
    );
    expect(run('curl -sS --cacert /none.crt https://web:8443').code).toBe(77);
  });

  test('-v shows both sides', () => {
    expect(run('curl -sv web').err).toBe(`* Host web:80 was resolved.
* IPv6: (none)
* IPv4: 172.18.0.4
*   Trying 172.18.0.4:80...
* Connected to web (172.18.0.4) port 80
* using HTTP/1.x
> GET / HTTP/1.1
> Host: web
> User-Agent: curl/8.14.1
> Accept: */*
> 
* Request completely sent off
< HTTP/1.1 200 OK
< Content-Type: text/html
< Content-Length: 13
< 
* Connection #0 to host web left intact
`);
  });

  test('-o writes a file and shows the meter', () => {
    const { err } = run('curl -o /tmp/page web');
    expect(textOf(machine.fs.readFile('/tmp/page'))).toBe('hello from /\n');
    expect(err).toContain('100    13  100    13    0     0 ');
  });
});

describe('the others', () => {
  test.each([
    { line: 'wget -qO- web', out: 'hello from /\n' },
    {
      line: 'wget -O- web',
      out: 'hello from /\n',
      err: `Connecting to web (172.18.0.4:80)\nwriting to stdout\n-                    100% |${'*'.repeat(32)}|    13  0:00:00 ETA\nwritten to stdout\n`,
    },
    { line: 'wget -q web/missing', err: 'wget: server returned error: HTTP/1.1 404 Not Found\n', code: 1 },
    { line: 'wget -qO- nope', err: "wget: bad address 'nope'\n", code: 1 },
    { line: 'wget -qO- web:81', err: "wget: can't connect to remote host (172.18.0.4): Connection refused\n", code: 1 },
    { line: 'wget -qO- -T 2 web/slow', err: 'wget: download timed out\n', code: 1 },
    { line: 'wget -S -O- web/missing', debian: true, code: 8 },
    {
      line: 'nslookup web',
      out: 'Server:\t\t172.18.0.1\nAddress:\t172.18.0.1:53\n\nNon-authoritative answer:\nName:\tweb\nAddress: 172.18.0.4\n\n\n',
    },
    {
      line: 'nslookup nope',
      out: "Server:\t\t172.18.0.1\nAddress:\t172.18.0.1:53\n\n** server can't find nope: NXDOMAIN\n\n** server can't find nope: NXDOMAIN\n\n",
      code: 1,
    },
    {
      line: 'nslookup web',
      debian: true,
      out: 'Server:\t\t172.18.0.1\nAddress:\t172.18.0.1#53\n\nNon-authoritative answer:\nName:\tweb\nAddress: 172.18.0.4\n\n',
    },
    {
      line: 'nslookup nope',
      debian: true,
      out: "Server:\t\t172.18.0.1\nAddress:\t172.18.0.1#53\n\n** server can't find nope: NXDOMAIN\n\n",
      code: 1,
    },
    { line: 'dig +short web', out: '172.18.0.4\n' },
    { line: 'dig +noall +answer web', out: 'web.\t\t\t600\tIN\tA\t172.18.0.4\n' },
    { line: 'host web', out: 'web has address 172.18.0.4\n' },
    { line: 'host nope', out: 'Host nope not found: 3(NXDOMAIN)\n', code: 1 },
    { line: 'getent hosts web', out: '172.18.0.4      web\n' },
    { line: 'getent hosts nope', code: 2 },
    { line: 'ping -c 1 nope', err: "ping: bad address 'nope'\n", code: 1 },
    { line: 'nc -z web 80' },
    { line: 'nc -zv web 80', err: 'web (172.18.0.4:80) open\n' },
    { line: 'nc -zv web 81', err: 'nc: web (172.18.0.4:81): Connection refused\n', code: 1 },
    { line: 'nc -zv web 80', debian: true, err: 'Connection to web (172.18.0.4) 80 port [tcp/http] succeeded!\n' },
    { line: 'nc -zv web 81', debian: true, err: 'nc: connect to web (172.18.0.4) port 81 (tcp) failed: Connection refused\n', code: 1 },
    { line: 'nc web 7', input: 'shout\n', out: 'SHOUT\n' },
    {
      line: 'ip route',
      out: 'default via 172.18.0.1 dev eth0 \n10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1 \n172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.3 \n',
    },
    {
      line: 'ip -br addr',
      out: 'lo               UNKNOWN        127.0.0.1/8 \neth0@if9         UP             172.18.0.3/16 \ncni0             DOWN           10.244.1.1/24 \n',
    },
    { line: 'ip addr show eth9', err: 'Device "eth9" does not exist.\n', code: 1 },
  ])('$line', ({ line, out, err = '', code = 0, debian = false, input = '' }) => {
    const ran = run(line, { debian, input });
    expect(ran.code).toBe(code);
    if (out !== undefined) expect({ out: ran.out, err: ran.err }).toEqual({ out, err });
    else if (!debian) expect(ran.err).toBe(err);
  });

  test('nc speaks HTTP to a server that takes messages', () => {
    expect(run('nc web 80', { input: 'GET /x HTTP/1.0\r\nConnection: close\r\n\r\n' }).out).toContain('\r\n\r\nhello from /x\n');
  });

  test('ping counts', () => {
    const { out, code } = run('ping -c 2 web');
    expect(out).toMatch(
      /^PING web \(172\.18\.0\.4\): 56 data bytes\n64 bytes from 172\.18\.0\.4: seq=0 ttl=62 time=2\.\d+ ms\n.*seq=1 .*\n\n--- web ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip/,
    );
    expect(code).toBe(0);
    web.setUp(false);
    const lost = run('ping -c 1 -W 1 web');
    expect(lost.out).toContain('1 packets transmitted, 0 packets received, 100% packet loss\n');
    expect({ code: lost.code, ms: lost.ms }).toEqual({ code: 1, ms: 1002 });
  });

  test('traceroute names the routers', () => {
    network.setPodBlocks(web, [parseCidr('10.244.2.0/24')!]);
    web.attach(web.createNamespace('pod'), '10.244.2.9');
    const { out } = run('traceroute 10.244.2.9');
    expect(out.replace(/ {2}[\d.]+ ms/g, '')).toBe(
      'traceroute to 10.244.2.9 (10.244.2.9), 30 hops max, 46 byte packets\n 1  172.18.0.4 (172.18.0.4)\n 2  10.244.2.9 (10.244.2.9)\n',
    );
  });

  test('a link that is set down cuts the node off', () => {
    run('ip link set eth0 down');
    expect(run('curl -sS 172.18.0.4').err).toContain('curl: (7)');
    run('ip link set eth0 up');
    expect(run('curl -s web').out).toBe('hello from /\n');
  });

  test('ss shows who listens', () => {
    machine.net.listen(8080, {});
    expect(run('ss -tlnH').out).toBe('LISTEN 0 4096 0.0.0.0:8080 0.0.0.0:*\n');
    expect(run('lsof -i what').err).toBe('lsof: unacceptable Internet address: what\n');
    expect(run('lsof /etc/passwd').err).toContain('only -i');
  });
});
