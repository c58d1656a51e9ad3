/** nginx: serves the files under /usr/share/nginx/html, or what its configuration says. */

import type { Call, HttpHandler, Program, Sys } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import { ContainerMachine } from '../../node/container-runtime/container-machine.ts';
import { forwardRequest } from '../forward.ts';
import { logDate, serveUntilSignal, slashDate, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';
import { debianFiles } from '../userland.ts';
import type { Directive } from './configuration.ts';
import { ConfigurationError, knownDirectives, named, parseConfiguration } from './configuration.ts';
import { respond } from './site.ts';

const mainFile = '/etc/nginx/nginx.conf';

function readIncluded(sys: Sys, pattern: string): { path: string; text: string }[] {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  const [directory, name] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
  if (!name.includes('*')) {
    const inode = sys.fs.find(path);
    if (!inode) throw new ConfigurationError(`open() "${path}" failed (2: No such file or directory) in ${mainFile}`);
    return [{ path, text: textOf(sys.fs.readFile(path)) }];
  }
  const matches = new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  if (sys.fs.find(directory)?.kind !== 'directory') return [];
  return sys.fs
    .list(directory)
    .filter((entry) => !entry.startsWith('.') && matches.test(entry) && sys.fs.find(`${directory}/${entry}`)?.kind === 'file')
    .map((entry) => ({ path: `${directory}/${entry}`, text: textOf(sys.fs.readFile(`${directory}/${entry}`)) }));
}

/** Servers of one configuration share what it parses to. */
const parsed = new Map<string, readonly Directive[]>();

/** The configuration that an image came with. */
const original = new WeakMap<object, readonly Directive[]>();

/** The block `http` of the configuration. Throws a `ConfigurationError`. */
function loadConfiguration(sys: Sys): readonly Directive[] {
  const image = sys.machine instanceof ContainerMachine ? sys.machine.imageBelow('/etc/nginx') : undefined;
  const known = image && original.get(image);
  if (known) return known;
  const http = readConfiguration(sys);
  if (image) original.set(image, http);
  return http;
}

function readConfiguration(sys: Sys): readonly Directive[] {
  const main = textOf(sys.fs.readFile(mainFile));
  const parts = [main];
  const includes = (pattern: string): { path: string; text: string }[] => {
    const files = readIncluded(sys, pattern);
    for (const { path, text } of files) parts.push(path, text);
    return files;
  };
  // The default files are looked up first: what they include is part of the key.
  for (const [, pattern] of main.matchAll(/^\s*include\s+(\S+);/gm)) includes(pattern!);
  const key = parts.join('\0');
  const known = parsed.get(key);
  if (known) return known;
  const directives = parseConfiguration(main, mainFile, (pattern) => readIncluded(sys, pattern));
  check(directives);
  const http = named(directives, 'http')[0]?.block ?? [];
  if (parsed.size > 200) parsed.clear();
  parsed.set(key, http);
  return http;
}

function check(directives: readonly Directive[]): void {
  for (const { name, block, file, line } of directives) {
    if (!knownDirectives.has(name)) throw new ConfigurationError(`unknown directive "${name}" in ${file}:${line}`);
    if (block && name !== 'types') check(block);
  }
}

/** Port to its servers, the default one first. */
function serversByPort(http: readonly Directive[]): ReadonlyMap<number, readonly Directive[]> {
  const known = ports.get(http);
  if (known) return known;
  const made = new Map<number, Directive[]>();
  for (const server of named(http, 'server')) {
    const listens = named(server.block, 'listen');
    for (const { args } of listens.length > 0 ? listens : [{ args: ['80'] }]) {
      if (args[0]?.startsWith('[')) continue;
      const port = Number(/(\d+)$/.exec(args[0] ?? '')?.[1] ?? 80);
      const servers = made.get(port) ?? [];
      if (args.includes('default_server')) servers.unshift(server);
      else servers.push(server);
      made.set(port, servers);
    }
  }
  ports.set(http, made);
  return made;
}

/** One program a version: every container of an image runs the same. */
const nginxPrograms = new Map<string, Program>();

function nginxProgram(version: string): Program {
  let program = nginxPrograms.get(version);
  if (!program) nginxPrograms.set(version, (program = makeProgram(version)));
  return program;
}

/** Opens the ports of all servers; what it makes on the way is not kept by the program that waits. */
function listen(sys: Sys, version: string, http: readonly Directive[]): void {
  for (const [port, servers] of serversByPort(http)) {
    const service = { http: handlerOf(sys, version, http, port, servers) };
    const pem = certificateOf(sys, servers, port);
    sys.net.listen(port, pem === undefined ? service : { ...service, isTls: true, certificate: () => pem });
  }
}

/** What a port with `ssl` shows to its clients. Differs from nginx: one certificate a port, its first server's. */
function certificateOf(sys: Sys, servers: readonly Directive[], port: number): string | undefined {
  for (const { block, file, line } of servers) {
    if (!named(block, 'listen').some(({ args }) => args.includes('ssl') && args[0]!.endsWith(String(port)))) continue;
    const paths = ['ssl_certificate', 'ssl_certificate_key'].map((name) => {
      const path = named(block, name)[0]?.args[0];
      if (path === undefined) throw new ConfigurationError(`no "${name}" is defined for the "listen ... ssl" directive in ${file}:${line}`);
      if (sys.fs.find(path)?.kind === 'file') return path;
      const what = name === 'ssl_certificate' ? 'certificate' : 'certificate key';
      throw new ConfigurationError(
        `cannot load ${what} "${path}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
      );
    });
    return textOf(sys.fs.readFile(paths[0]!));
  }
  return undefined;
}

/** By configuration, shared by all who run it. */
const ports = new WeakMap<readonly Directive[], ReadonlyMap<number, readonly Directive[]>>();

function makeProgram(version: string): Program {
  return function* nginx(sys): Call<number> {
    return (yield* start(sys, version)) ?? (yield* serveUntilSignal(sys, ['QUIT', 'TERM', 'INT']));
  };
}

/**
 * Does what the arguments ask for and returns the exit status, or begins to serve. Apart from the program, whose frame stays for as long
 * as the container runs: a cluster has thousands of them.
 */
function* start(sys: Sys, version: string): Call<number | undefined> {
  const log = (level: string, message: string): Call<void> =>
    sys.print(2, `${slashDate(sys.kernel.clock.unixMs)} [${level}] 1#1: ${message}\n`);
  if (sys.argv[1] === '-v') {
    yield* sys.print(2, `nginx version: nginx/${version}\n`);
    return 0;
  }
  const isTest = sys.argv[1] === '-t' || sys.argv[1] === '-T';
  let http: readonly Directive[];
  try {
    http = loadConfiguration(sys);
    for (const [port, servers] of serversByPort(http)) certificateOf(sys, servers, port);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (isTest) yield* sys.print(2, `nginx: [emerg] ${error.message}\nnginx: configuration file ${mainFile} test failed\n`);
    else {
      yield* log('emerg', error.message);
      yield* sys.print(2, `nginx: [emerg] ${error.message}\n`);
    }
    return 1;
  }
  if (isTest) {
    yield* sys.print(
      2,
      `nginx: the configuration file ${mainFile} syntax is ok\nnginx: configuration file ${mainFile} test is successful\n`,
    );
    if (sys.argv[1] === '-T') yield* sys.print(1, dump(sys));
    return 0;
  }
  if (sys.argv[1] === '-s') return yield* signalMaster(sys);
  listen(sys, version, http);
  yield* log('notice', 'using the "epoll" event method');
  yield* log('notice', `nginx/${version}`);
  yield* log('notice', 'start worker processes');
  return undefined;
}

/** All files of the configuration, one after the other. */
function dump(sys: Sys): string {
  const main = textOf(sys.fs.readFile(mainFile));
  const included = [...main.matchAll(/^\s*include\s+(\S+);/gm)].flatMap(([, pattern]) => readIncluded(sys, pattern!));
  return [{ path: mainFile, text: main }, ...included].map(({ path, text }) => `# configuration file ${path}:\n${text}\n`).join('');
}

function* signalMaster(sys: Sys): Call<number> {
  const order = sys.argv[2];
  if (order !== 'quit' && order !== 'stop') {
    yield* sys.print(2, `nginx: invalid option: "-s ${order ?? ''}"\n`);
    return 1;
  }
  sys.kill(1, order === 'quit' ? 'QUIT' : 'TERM');
  return 0;
}

function handlerOf(sys: Sys, version: string, http: readonly Directive[], port: number, servers: readonly Directive[]): HttpHandler {
  return function* (request, peer) {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const server = servers.find(({ block }) => named(block, 'server_name').some(({ args }) => args.includes(host))) ?? servers[0]!;
    const response = yield* respond(
      { sys, version, http, server: server.block ?? [], port, forward: (url, message) => forwardRequest(sys, url, message) },
      request,
      peer,
    );
    const isLogged = !named(server.block, 'access_log').some(({ args }) => args[0] === 'off');
    const length = response.headers['content-length'] ?? '0';
    const { path } = targetPath(request.target);
    if (isLogged && path !== undefined)
      sys.fds
        .get(1)
        .write(
          utf8(
            `${peer.ip} - - [${logDate(sys.kernel.clock.unixMs)}] "${request.method} ${request.target} HTTP/1.1" ${response.status} ${request.method === 'HEAD' ? 0 : length} "${request.headers.referer ?? '-'}" "${request.headers['user-agent'] ?? '-'}" "${request.headers['x-forwarded-for'] ?? '-'}"\n`,
          ),
        );
    return response;
  };
}

const mainConfiguration = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`;

const defaultSite = `server {
    listen       80;
    listen  [::]:80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const welcome = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>The web server works. What it serves lies in /usr/share/nginx/html.</p>
</body>
</html>
`;

const debian = (tag: string, sizeBytes: number, more: readonly string[]) => ({
  tags: [tag, ...more],
  sizeBytes,
  config: { env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NGINX_VERSION: tag, PKG_RELEASE: '1~bookworm' } },
});

// Differs from Kubernetes: the welcome page has the real one's title and heading, not its text; the image's entrypoint scripts are left out.
export const nginx: ImageDefinition = {
  repository: 'docker.io/library/nginx',
  versions: [
    debian('1.29.1', 72_324_501, ['1.29', '1', 'latest', 'mainline', 'alpine', '1.29-alpine', 'mainline-alpine']),
    debian('1.28.0', 72_223_946, ['1.28', 'stable', 'stable-alpine', '1.28-alpine']),
    debian('1.27.5', 72_406_859, ['1.27', '1.27-alpine', '1.27.0', '1.27.1', '1.27.2', '1.27.3', '1.27.4']),
    debian('1.26.3', 72_180_000, ['1.26', '1.26-alpine']),
    debian('1.25.5', 71_005_258, ['1.25', '1.25-alpine', '1.25.0', '1.25.1', '1.25.2', '1.25.3', '1.25.4']),
    debian('1.24.0', 57_000_000, [
      '1.24',
      '1.23',
      '1.22',
      '1.21',
      '1.20',
      '1.19',
      '1.18',
      '1.16',
      '1.16.1',
      '1.15',
      '1.14',
      '1.14.2',
      '1.9.2',
      '1.9.1',
      '1.7.9',
    ]),
  ],
  usage: { memoryBytes: 3_600_000, requestCpuMs: 0.3 },
  config: { entrypoint: ['/docker-entrypoint.sh'], cmd: ['nginx', '-g', 'daemon off;'], exposedPorts: [80], stopSignal: 'QUIT' },
  files: (version, programs) => ({
    ...debianFiles(programs),
    ...programsIn('/usr/bin', ['curl'], programs),
    '/docker-entrypoint.sh': entrypoint,
    '/usr/sbin/nginx': nginxProgram(version),
    [mainFile]: mainConfiguration,
    '/etc/nginx/mime.types':
      'types {\n    text/html                             html htm shtml;\n    text/css                              css;\n    application/javascript                js;\n}\n',
    '/etc/nginx/conf.d/default.conf': defaultSite,
    '/usr/share/nginx/html/index.html': welcome,
    '/usr/share/nginx/html/50x.html':
      '<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n<h1>An error occurred.</h1>\n</body>\n</html>\n',
  }),
};

/** What the documentation's StatefulSets run: nginx under another name. */
export const nginxSlim: ImageDefinition = {
  ...nginx,
  repository: 'registry.k8s.io/nginx-slim',
  versions: [
    { tags: ['0.27', '0.26', '0.25', '0.24', '0.21', '0.8', '0.7'], sizeBytes: 23_000_000, config: { env: { NGINX_VERSION: '1.27.1' } } },
  ],
  files: (_, programs) => nginx.files('1.27.1', programs),
};

/** The copy of the documentation's example with a certificate of one's own. */
export const nginxHttps: ImageDefinition = {
  ...nginx,
  repository: 'docker.io/bprashanth/nginxhttps',
  versions: [{ tags: ['1.0'], sizeBytes: 57_000_000, config: { env: { NGINX_VERSION: '1.9.2' } } }],
  files: (_, programs) => nginx.files('1.9.2', programs),
};

/** Runs the command that it is given, as the image's script does once it has prepared the configuration. */
const entrypoint: Program = function* (sys) {
  const argv = sys.argv.slice(1);
  // Looking the command up would make the container's files; most run the image's own.
  const image = argv[0] === 'nginx' && sys.machine instanceof ContainerMachine ? sys.machine.imageBelow('/usr/sbin') : undefined;
  const executable = image ? { program: nginxProgram(image.config.env?.NGINX_VERSION ?? ''), argv } : sys.load(argv[0] ?? 'nginx', argv);
  yield* sys.print(1, '/docker-entrypoint.sh: Configuration complete; ready for start up\n');
  return sys.exec(executable.program, executable.argv);
};
