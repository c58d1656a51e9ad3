/** The everyday HTTP client: a URL taken apart, its host looked up, a connection, one exchange. Redirects are the program's business. */

import type { ByteString, Call, Headers, HttpResponse } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import type { ResolverContext } from './resolver.ts';
import { resolveHost } from './resolver.ts';

export interface Url {
  readonly scheme: string;
  readonly userinfo: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Path and query, `/` at least. */
  readonly target: string;
  /** `host` or `host:port` as it belongs into a Host header. */
  readonly authority: string;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Undefined when the text is no URL. A missing scheme is http, as for curl and wget. */
export function parseUrl(text: string): Url | undefined {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/.exec(text);
  if (!match?.[3]) return undefined;
  const scheme = (match[1] ?? 'http').toLowerCase();
  const port = match[4] ? Number(match[4]) : (defaultPorts[scheme] ?? 0);
  if (port > 65_535) return undefined;
  const host = match[3].replace(/^\[|\]$/g, '');
  const path = match[5] ?? '/';
  return {
    scheme,
    userinfo: match[2],
    host,
    port,
    target: path.startsWith('/') ? path : `/${path}`,
    authority: port === defaultPorts[scheme] ? match[3] : `${match[3]}:${port}`,
  };
}

/** Where a Location header leads from a URL. */
export function resolveUrl(base: Url, location: string): Url | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return parseUrl(location);
  const origin = `${base.scheme}://${base.authority}`;
  if (location.startsWith('//')) return parseUrl(`${base.scheme}:${location}`);
  if (location.startsWith('/')) return parseUrl(`${origin}${location}`);
  const directory = base.target.replace(/\?.*$/, '').replace(/[^/]*$/, '');
  return parseUrl(`${origin}${directory}${location}`);
}

export interface FetchOptions {
  readonly method?: string | undefined;
  readonly headers?: Headers | undefined;
  readonly body?: ByteString | undefined;
  /** Virtual milliseconds until the answer's headers must be there. */
  readonly timeoutMs?: number | undefined;
  readonly certificate?: unknown;
}

/** Asks for a URL. Throws a `ResolveError` or the `Errno` of the connection. */
export function* fetchUrl(context: ResolverContext, url: Url, options: FetchOptions = {}): Call<HttpResponse> {
  const ip = yield* resolveHost(context, url.host);
  const request = {
    method: options.method ?? 'GET',
    target: url.target,
    headers: { host: url.authority, ...options.headers },
    ...(options.body !== undefined && { body: options.body }),
  };
  const timeout = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  return yield* context.net.request({ ip, port: url.port }, request, {
    ...timeout,
    tls: url.scheme === 'https',
    certificate: options.certificate,
  });
}

/** A short text answer, for servers. */
export function textResponse(status: number, body: string, type = 'text/plain; charset=utf-8'): HttpResponse {
  const bytes = utf8(body);
  return { status, headers: { 'content-type': type, 'content-length': String(bytes.length) }, body: bytes };
}
