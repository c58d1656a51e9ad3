/** kubectl proxy: a server on this machine that hands requests on to the API server. Upstream: kubectl/pkg/cmd/proxy, kubectl/pkg/proxy. */
import type { Call, HttpRequest, HttpResponse, Service } from '../../../../emulator/kernel/index.ts';
import { isErrno, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError, ConnectionError, messageOf } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import { klogHeader } from '../../rest/klog.ts';

const defaultPort = 8001;

export const proxy: Command = {
  name: 'proxy',
  short: 'Run a proxy to the Kubernetes API server',
  long: 'Serves the API on a port of this machine, with the credentials of the kubeconfig; what is asked there needs none of its own.',
  usage: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  examples: ['proxy', 'proxy --port=8011 --www=./local/www/', 'proxy --api-prefix=/k8s-api'],
  flags: [
    flag('accept-hosts', 'string', '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$', 'Patterns of hosts that are served.'),
    flag('accept-paths', 'string', '^.*', 'Patterns of paths that are served.'),
    flag('address', 'string', '127.0.0.1', 'Address to listen on.'),
    flag('api-prefix', 'string', '/', 'Path under which the API is served.'),
    flag('append-server-path', 'bool', false, 'Put the path of the server in front of every request.'),
    flag('disable-filter', 'bool', false, 'Serve everything to everyone.'),
    flag('keepalive', 'duration', 0, 'Has no effect: connections are not kept.'),
    flag('port', 'int', defaultPort, 'Port to listen on; 0 for any.', { short: 'p' }),
    flag('reject-methods', 'string', '^$', 'Patterns of methods that are refused.'),
    flag('reject-paths', 'string', '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach', 'Patterns of paths that are refused.'),
    flag('unix-socket', 'string', '', 'Socket to listen on.', { short: 'u', isUnsupported: true }),
    flag('www', 'string', '', 'Directory with files to serve.', { short: 'w' }),
    flag('www-prefix', 'string', '/static/', 'Path under which the files are served.', { short: 'P' }),
  ],
  *run(invocation) {
    const { flags, sys } = invocation;
    const filter = flags.bool('disable-filter') ? undefined : createFilter(invocation);
    if (!filter)
      yield* warn(invocation, 'proxy.go:177]', 'Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious');
    const directory = flags.string('www');
    if (directory !== '' && sys.fs.find(sys.path(directory)) === undefined) {
      const text = `Failed to stat static file directory ${directory}: stat ${directory}: no such file or directory`;
      yield* warn(invocation, 'proxy.go:199]', text);
    }
    const [ip, port] = [flags.string('address'), flags.int('port') || 40_000 + (sys.pid % 10_000)];
    try {
      const listener = sys.net.listen(port, serviceOf(invocation, filter), { ip });
      sys.own(() => listener.close());
    } catch (error) {
      if (!isErrno(error)) throw error;
      throw new CommandError(`listen tcp ${ip}:${port}: bind: ${error.message.toLowerCase()}`);
    }
    yield* invocation.out(`Starting to serve on ${ip}:${port}\n`);
    yield* sys.pause();
    return 0;
  },
};

function* warn(invocation: Invocation, source: string, text: string): Call<void> {
  yield* invocation.err(`${klogHeader(invocation.sys, 'W', source)} ${text}\n`);
}

type Filter = (request: HttpRequest) => boolean;

/** Who may ask for what. Each flag holds patterns, parted by commas. */
function createFilter({ flags }: Invocation): Filter {
  const patterns = (name: string): readonly RegExp[] =>
    flags
      .string(name)
      .split(',')
      .filter((text) => text !== '')
      .map((text) => {
        try {
          return new RegExp(text);
        } catch {
          throw new CommandError(`Error compiling re: error parsing regexp: invalid pattern: \`${text}\``);
        }
      });
  const [acceptHosts, acceptPaths, rejectPaths, rejectMethods] = ['accept-hosts', 'accept-paths', 'reject-paths', 'reject-methods'].map(
    patterns,
  ) as [readonly RegExp[], readonly RegExp[], readonly RegExp[], readonly RegExp[]];
  const matches = (list: readonly RegExp[], text: string): boolean => list.some((pattern) => pattern.test(text));
  return ({ method, target, headers }) => {
    const path = target.replace(/\?.*/, '');
    const host = (headers.host ?? '').replace(/:\d+$/, '');
    return !matches(rejectPaths, path) && !matches(rejectMethods, method) && matches(acceptPaths, path) && matches(acceptHosts, host);
  };
}

const plain = (status: number, text: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: utf8(`${text}\n`),
});

function serviceOf(invocation: Invocation, filter: Filter | undefined): Service {
  const { flags } = invocation;
  const slashed = (text: string): string => (text.endsWith('/') ? text : `${text}/`);
  const [apiPrefix, filePrefix, directory] = [
    slashed(flags.string('api-prefix')),
    slashed(flags.string('www-prefix')),
    flags.string('www'),
  ];
  const serverPath = flags.bool('append-server-path') ? invocation.client.config.server.replace(/^\w+:\/\/[^/]*/, '') : '';
  return {
    *http(request) {
      if (filter && !filter(request)) return plain(403, 'Forbidden');
      const { target } = request;
      if (directory !== '' && target.startsWith(filePrefix)) return staticFile(invocation, directory, target.slice(filePrefix.length));
      if (!target.startsWith(apiPrefix)) return plain(404, '404 page not found');
      return yield* forward(invocation, request, `${serverPath}/${target.slice(apiPrefix.length)}`);
    },
  };
}

function* forward(invocation: Invocation, request: HttpRequest, target: string): Call<HttpResponse> {
  try {
    return yield* invocation.client.forward({ ...request, target });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return plain(502, messageOf(error));
  }
}

function staticFile({ sys }: Invocation, directory: string, name: string): HttpResponse {
  const parts = decodeURIComponent(name.replace(/\?.*/, ''))
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const path = sys.path([directory.replace(/\/$/, ''), ...parts].join('/'));
  const inode = sys.fs.find(path);
  const file = inode?.kind === 'directory' ? `${path}/index.html` : path;
  if (sys.fs.find(file)?.kind !== 'file') return plain(404, '404 page not found');
  const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json' };
  const type = types[file.slice(file.lastIndexOf('.') + 1)] ?? 'text/plain';
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8` }, body: sys.fs.readFile(file) };
}
