/** One server of nginx: which location answers, and with what. */

import type { ByteString, Call, FileSystem, HttpRequest, HttpResponse, Peer, Sys } from '../../kernel/index.ts';
import { Errno, noBytes, textOf } from '../../kernel/index.ts';
import { answer, fileAt, httpDate, mediaType, targetPath } from '../http-server.ts';
import type { Directive } from './configuration.ts';
import { named } from './configuration.ts';

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** Sends a request on to another server; the program hands it in, since it needs names and a network. */
export type Forward = (url: string, request: HttpRequest, host: string) => Call<HttpResponse>;

export interface SiteContext {
  readonly sys: Sys;
  readonly version: string;
  readonly http: readonly Directive[];
  readonly server: readonly Directive[];
  readonly port: number;
  readonly forward: Forward;
}

/** An error page of nginx's own. */
export function errorPage(status: number, version: string): string {
  const title = `${status} ${reasons[status] ?? ''}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;
}

/** The location that serves a path: exact, else the longest prefix unless a regular expression matches. */
function locate(server: readonly Directive[], path: string): Directive | undefined {
  let best: Directive | undefined;
  let length = -1;
  for (const location of named(server, 'location')) {
    const [modifier, pattern] = location.args.length > 1 ? [location.args[0]!, location.args[1]!] : ['', location.args[0] ?? '/'];
    if (modifier === '=' && path === pattern) return location;
    if ((modifier === '' || modifier === '^~') && path.startsWith(pattern) && pattern.length > length)
      [best, length] = [location, pattern.length];
  }
  if (best?.args[0] === '^~') return best;
  return (
    named(server, 'location').find(
      ({ args }) => (args[0] === '~' || args[0] === '~*') && new RegExp(args[1] ?? '', args[0] === '~*' ? 'i' : '').test(path),
    ) ?? best
  );
}

function expand(text: string, context: SiteContext, request: HttpRequest, peer: Peer): string {
  const { path, query } = targetPath(request.target);
  const values: Readonly<Record<string, string>> = {
    hostname: context.sys.hostname,
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    http_host: request.headers.host ?? '',
    uri: path,
    request_uri: request.target,
    args: query,
    query_string: query,
    remote_addr: peer.ip,
    remote_port: String(peer.port),
    server_addr: context.sys.net.addresses[0] ?? '',
    server_port: String(context.port),
    request_method: request.method,
    scheme: 'http',
    nginx_version: context.version,
    server_protocol: 'HTTP/1.1',
    proxy_add_x_forwarded_for: peer.ip,
  };
  return text.replace(
    /\$\{?(\w+)\}?/g,
    (_, name: string) => values[name] ?? (name.startsWith('http_') ? (request.headers[name.slice(5).replaceAll('_', '-')] ?? '') : ''),
  );
}

/** Answers a request as the server block says. */
export function* respond(context: SiteContext, request: HttpRequest, peer: Peer, depth = 0): Call<HttpResponse> {
  const { sys, server, http, version } = context;
  const { path } = targetPath(request.target);
  const location = locate(server, path);
  const scopes = [location?.block ?? [], server, http];
  const first = (name: string): Directive | undefined => scopes.map((scope) => named(scope, name)[0]).find((found) => found);
  const headers: Record<string, string> = { server: `nginx/${version}`, date: httpDate(sys.kernel.clock.unixMs) };
  if (first('server_tokens')?.args[0] === 'off') headers.server = 'nginx';
  for (const { args } of scopes.map((scope) => named(scope, 'add_header')).find((found) => found.length > 0) ?? [])
    headers[(args[0] ?? '').toLowerCase()] = expand(args[1] ?? '', context, request, peer);
  const fail = function* (status: number): Call<HttpResponse> {
    const page = scopes.flatMap((scope) => named(scope, 'error_page')).find(({ args }) => args.slice(0, -1).includes(String(status)));
    const target = page?.args.at(-1);
    if (target?.startsWith('/') && depth < 3) {
      const response = yield* respond(context, { ...request, method: 'GET', target }, peer, depth + 1);
      if (response.status === 200) return { ...response, status };
    }
    return answer(request, status, { ...headers, 'content-type': 'text/html', connection: 'keep-alive' }, errorPage(status, version));
  };
  const returned = named(location?.block, 'return')[0] ?? named(server, 'return')[0];
  if (returned) {
    const status = Number(returned.args[0]);
    const text = expand(returned.args[1] ?? (Number.isNaN(status) ? returned.args[0]! : ''), context, request, peer);
    if (Number.isNaN(status) || (status >= 301 && status <= 308 && status !== 304))
      return answer(
        request,
        Number.isNaN(status) ? 302 : status,
        { ...headers, 'content-type': 'text/html', location: text },
        errorPage(status || 302, version),
      );
    if (returned.args.length === 1 && status >= 400) return yield* fail(status);
    return answer(request, status, { ...headers, 'content-type': first('default_type')?.args[0] ?? 'text/plain' }, text);
  }
  const proxied = named(location?.block, 'proxy_pass')[0];
  if (proxied) return yield* forwarded(context, request, peer, proxied, location!, headers, fail);
  if (request.method !== 'GET' && request.method !== 'HEAD') return yield* fail(405);
  const root = first('root')?.args[0] ?? '/etc/nginx/html';
  const alias = named(location?.block, 'alias')[0]?.args[0];
  const prefix = location?.args.at(-1) ?? '/';
  const fileOf = (uri: string): string =>
    alias === undefined ? (root.startsWith('/') ? '' : '/etc/nginx/') + root + uri : alias + uri.slice(prefix.length);
  const tried = first('try_files');
  if (tried) {
    for (const candidate of tried.args) {
      if (candidate.startsWith('=')) return yield* fail(Number(candidate.slice(1)));
      const uri = expand(candidate, context, request, peer);
      const found = serveFile(sys.fs, fileOf(uri), uri, first('index')?.args ?? ['index.html']);
      if (found) return file(request, headers, found, first('default_type')?.args[0]);
    }
    return yield* fail(404);
  }
  const found = serveFile(sys.fs, fileOf(path), path, first('index')?.args ?? ['index.html']);
  if (found) return file(request, headers, found, first('default_type')?.args[0]);
  const inode = sys.fs.find(fileOf(path).replace(/\/+$/, '') || '/');
  if (inode?.kind === 'directory' && !path.endsWith('/'))
    return answer(
      request,
      301,
      { ...headers, 'content-type': 'text/html', location: `http://${request.headers.host ?? sys.hostname}${path}/` },
      errorPage(301, version),
    );
  const why =
    inode?.kind === 'directory'
      ? `directory index of "${fileOf(path)}" is forbidden`
      : `open() "${fileOf(path)}" failed (2: No such file or directory)`;
  sys.fds.get(2).write(`${why}, client: ${peer.ip}\n` as ByteString);
  return yield* fail(inode?.kind === 'directory' ? 403 : 404);
}

interface Found {
  readonly path: string;
  readonly body: ByteString;
  readonly mtimeMs: number;
}

function serveFile(fs: FileSystem, path: string, uri: string, indexes: readonly string[]): Found | undefined {
  const candidates = uri.endsWith('/') ? indexes.map((index) => path + index) : [path];
  for (const candidate of candidates) {
    const body = fileAt(fs, candidate);
    if (body !== undefined) return { path: candidate, body, mtimeMs: fs.inode(candidate).mtimeMs };
  }
  return undefined;
}

function file(request: HttpRequest, headers: Record<string, string>, found: Found, fallback = 'text/plain'): HttpResponse {
  const unix = Math.floor(found.mtimeMs / 1000);
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': mediaType(found.path, fallback),
      'content-length': String(found.body.length),
      connection: 'keep-alive',
      etag: `"${unix.toString(16)}-${found.body.length.toString(16)}"`,
      'accept-ranges': 'bytes',
    },
    body: request.method === 'HEAD' ? noBytes : found.body,
  };
}

function* forwarded(
  context: SiteContext,
  request: HttpRequest,
  peer: Peer,
  proxied: Directive,
  location: Directive,
  headers: Record<string, string>,
  fail: (status: number) => Call<HttpResponse>,
): Call<HttpResponse> {
  const raw = expand(proxied.args[0] ?? '', context, request, peer);
  const [, name, uri] = /^https?:\/\/([^/]+)(\/.*)?$/.exec(raw) ?? [];
  if (name === undefined) return yield* fail(500);
  const upstream = named(context.http, 'upstream').find(({ args }) => args[0] === name);
  const servers = named(upstream?.block, 'server').map(({ args }) => args[0]!);
  const target = uri === undefined ? request.target : uri + request.target.slice((location.args.at(-1) ?? '/').length);
  const extra: Record<string, string> = {};
  for (const { args } of named(location.block, 'proxy_set_header'))
    extra[(args[0] ?? '').toLowerCase()] = expand(args[1] ?? '', context, request, peer);
  const authority = servers.length > 0 ? servers[context.sys.kernel.random.below(servers.length)]! : name;
  try {
    const response = yield* context.forward(
      `http://${authority}`,
      { ...request, target, headers: { ...request.headers, host: name, connection: 'close', ...extra } },
      authority,
    );
    return { ...response, headers: { ...response.headers, server: headers.server!, date: headers.date! } };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    context.sys.fds
      .get(2)
      .write(
        `connect() failed (${textOf(error.message as ByteString)}) while connecting to upstream, client: ${peer.ip}, upstream: "${raw}"\n` as ByteString,
      );
    return yield* fail(error.code === 'ETIMEDOUT' ? 504 : 502);
  }
}
