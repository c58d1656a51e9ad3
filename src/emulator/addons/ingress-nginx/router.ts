import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ByteString, Call, HttpRequest, HttpResponse, Peer, Sys } from '../../kernel/index.ts';
import { isErrno, toUint8Array, utf8 } from '../../kernel/index.ts';
import { Connection, contains, exchange, parseIPv4 } from '../../node/network/index.ts';
import type { Cors, Settings } from './annotations.ts';
import type { Location, Upstream, VirtualServer } from './servers.ts';
import { serverFor } from './servers.ts';
import { logTime, page } from '../nginx.ts';
import { hostPort } from '../../machinery/ipv6.ts';

/** How many servers are tried (proxy_next_upstream_tries). */
const maxTries = 3;

interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/** What the controller serves; replaced as a whole when Ingresses change. */
export interface Routing {
  readonly servers: readonly VirtualServer[];
  /** Ready endpoints of a Service's port. */
  endpoints(upstream: Upstream): readonly Endpoint[];
}

/** What the access log says of the way that a request went. */
interface Trip {
  upstreamName: string;
  address: string;
  status: string;
}

/** Answers requests by the routing of the moment. */
export class Router {
  routing: Routing;
  readonly #sys: Sys;
  readonly #turns = new Map<string, number>();

  constructor(sys: Sys, routing: Routing) {
    this.#sys = sys;
    this.routing = routing;
  }

  /** Serves one request of port 80 or 443, and writes its line into the access log. */
  *serve(request: HttpRequest, peer: Peer, isTls: boolean): Call<HttpResponse> {
    const startedMs = this.#sys.nowMs;
    const id = this.#sys.kernel.random.hex(32);
    const trip: Trip = { upstreamName: '', address: '', status: '' };
    const response = yield* this.#answer(request, peer, isTls, id, trip);
    const headers = { ...response.headers, ...(isTls && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }) };
    this.#log(request, peer, response, trip, (this.#sys.nowMs - startedMs) / 1000, id);
    return { ...response, headers };
  }

  *#answer(request: HttpRequest, peer: Peer, isTls: boolean, id: string, trip: Trip): Call<HttpResponse> {
    const authority = request.headers.host ?? '';
    const host = authority.replace(/:\d+$/, '');
    const server = serverFor(this.routing.servers, host);
    const mark = request.target.indexOf('?');
    const path = mark < 0 ? request.target : request.target.slice(0, mark);
    const found = locationFor(server, path);
    if (!found) return page(404);
    const { location, groups } = found;
    const { settings } = location;
    if (!isLetIn(settings, peer.ip)) return page(403);
    if (settings.cors && request.method === 'OPTIONS') return withCors({ status: 204, headers: {}, body: utf8('') }, settings.cors);
    const redirect = redirectOf(settings, { isTls, hasTls: server.secret !== undefined, host, target: request.target, path });
    if (redirect) return redirect;
    const upstream = this.#choose(location, request);
    if (!upstream) return page(404);
    trip.upstreamName = `${upstream.namespace}-${upstream.service}-${upstream.port}`;
    const target = rewrite(settings, path, groups) + (mark < 0 ? '' : request.target.slice(mark));
    const message = { ...request, target, headers: forwardedHeaders(request, peer, { isTls, host: authority, id, settings }) };
    const response = yield* this.#forward(upstream, message, settings, trip);
    return settings.cors ? withCors(response, settings.cors) : response;
  }

  /** The Service for a request: that of a canary if its turn has come. */
  #choose({ canaries, upstream }: Location, { headers }: HttpRequest): Upstream | undefined {
    for (const { canary, upstream: other } of canaries) {
      const value = canary.header === undefined ? undefined : headers[canary.header];
      if (value !== undefined) {
        if (canary.headerPattern && canary.headerValue === undefined) {
          if (canary.headerPattern.test(value)) return other;
        } else if (value === (canary.headerValue ?? 'always')) return other;
        if (canary.headerValue === undefined && value === 'never') continue;
      }
      const cookie = canary.cookie === undefined ? undefined : cookieOf(headers, canary.cookie);
      if (cookie === 'always') return other;
      if (cookie === 'never') continue;
      if (canary.weight > 0 && this.#sys.kernel.random.below(canary.total) < canary.weight) return other;
    }
    return upstream;
  }

  *#forward(upstream: Upstream, request: HttpRequest, settings: Settings, trip: Trip): Call<HttpResponse> {
    const endpoints = this.routing.endpoints(upstream);
    if (endpoints.length === 0) return page(503);
    let failure = 502;
    for (let tries = 0; tries < Math.min(maxTries, endpoints.length); tries++) {
      const kept = tries === 0 ? keptEndpoint(settings, request, endpoints) : undefined;
      const endpoint = kept ?? this.#next(trip.upstreamName, endpoints);
      trip.address = hostPort(endpoint.ip, endpoint.port);
      try {
        const response = yield* this.#ask(endpoint, request, settings);
        trip.status = String(response.status);
        return kept || settings.affinityCookie === undefined ? response : this.#keeping(response, settings.affinityCookie, endpoint);
      } catch (error) {
        if (!isErrno(error)) throw error;
        failure = error.code === 'ETIMEDOUT' ? 504 : 502;
        trip.status = String(failure);
        this.#sys.tryWrite(
          2,
          utf8(
            `[error] connect() failed (${error.message}) while connecting to upstream, upstream: "http://${trip.address}${request.target}"\n`,
          ),
        );
      }
    }
    return page(failure);
  }

  /** A server that does not take the connection is given up long before one that thinks about its answer. */
  *#ask({ ip, port }: Endpoint, request: HttpRequest, { speaksTls: tls, connectMs, readMs }: Settings): Call<HttpResponse> {
    const { kernel, net } = this.#sys;
    const connection = yield* net.connect({ ip, port }, { timeoutMs: connectMs });
    if (!(connection instanceof Connection)) throw new Error('the controller needs the wire');
    return yield* exchange(kernel, connection, request, { timeoutMs: readMs, tls });
  }

  /** The answer with a cookie that names the endpoint, for the client's next requests. */
  #keeping(response: HttpResponse, name: string, endpoint: Endpoint): HttpResponse {
    const seconds = (this.#sys.kernel.clock.unixMs / 1000).toFixed(3);
    const cookie = `${name}=${seconds}.32.${endpoint.port}|${cookieFor(endpoint)}; Path=/; HttpOnly`;
    return { ...response, headers: { ...response.headers, 'set-cookie': cookie } };
  }

  #next(name: string, endpoints: readonly Endpoint[]): Endpoint {
    const turn = this.#turns.get(name) ?? 0;
    this.#turns.set(name, turn + 1);
    return endpoints[turn % endpoints.length]!;
  }

  #log(request: HttpRequest, peer: Peer, response: HttpResponse, trip: Trip, seconds: number, id: string): void {
    const time = logTime(this.#sys.kernel.clock.unixMs);
    const { headers } = request;
    const size = typeof response.body === 'string' ? (response.body as ByteString).length : (response.headers['content-length'] ?? 0);
    const upstream = trip.address === '' ? '- - - -' : `${trip.address} ${size} ${seconds.toFixed(3)} ${trip.status}`;
    this.#sys.tryWrite(
      1,
      utf8(
        `${peer.ip} - - [${time}] "${request.method} ${request.target} HTTP/1.1" ${response.status} ${size} "${headers.referer ?? '-'}" "${headers['user-agent'] ?? '-'}" ${request.target.length + 60} ${seconds.toFixed(3)} [${trip.upstreamName}] [] ${upstream} ${id}\n`,
      ),
    );
  }
}

function isLetIn({ allowed, denied }: Settings, ip: string): boolean {
  const address = parseIPv4(ip) ?? 0;
  if (denied.some((block) => contains(block, address))) return false;
  return allowed.length === 0 || allowed.some((block) => contains(block, address));
}

function withCors(response: HttpResponse, { origin, methods, headers }: Cors): HttpResponse {
  const added = {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': methods,
    'access-control-allow-headers': headers,
    'access-control-max-age': '1728000',
  };
  return { ...response, headers: { ...response.headers, ...added } };
}

function cookieOf(headers: HttpRequest['headers'], name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

/** What stands for an endpoint in a cookie. */
function cookieFor({ ip, port }: Endpoint): string {
  return bytesToHex(sha256(toUint8Array(utf8(`${ip}:${port}`)))).slice(0, 32);
}

/** The endpoint that the client's cookie names, while it is there. */
function keptEndpoint({ affinityCookie: name }: Settings, { headers }: HttpRequest, endpoints: readonly Endpoint[]): Endpoint | undefined {
  const hash = name === undefined ? undefined : cookieOf(headers, name)?.split('|')[1];
  return hash === undefined ? undefined : endpoints.find((endpoint) => cookieFor(endpoint) === hash);
}

function locationFor(server: VirtualServer, path: string): { readonly location: Location; readonly groups: readonly string[] } | undefined {
  for (const location of server.locations) {
    const match = location.match(path);
    if (match) return { location, groups: match === true ? [] : [...match] };
  }
  return undefined;
}

function redirectOf(
  { permanentRedirect, redirectCode, temporalRedirect, forcesTls, redirectsToTls, appRoot }: Settings,
  at: { readonly isTls: boolean; readonly hasTls: boolean; readonly host: string; readonly target: string; readonly path: string },
): HttpResponse | undefined {
  if (!at.isTls && (forcesTls || (redirectsToTls && at.hasTls))) return page(308, `https://${at.host}${at.target}`);
  if (temporalRedirect !== undefined) return page(302, temporalRedirect);
  if (permanentRedirect !== undefined) return page(redirectCode, permanentRedirect);
  return appRoot !== undefined && at.path === '/' ? page(302, `${at.isTls ? 'https' : 'http'}://${at.host}${appRoot}`) : undefined;
}

/** The path that the Service sees: `$1` and so on stand for the groups of the location's expression. */
function rewrite({ rewriteTarget }: Settings, path: string, groups: readonly string[]): string {
  if (rewriteTarget === undefined) return path;
  const target = rewriteTarget.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '');
  return target.startsWith('/') ? target : `/${target}`;
}

function forwardedHeaders(
  { headers }: HttpRequest,
  { ip }: Peer,
  { isTls, host, id, settings }: { readonly isTls: boolean; readonly host: string; readonly id: string; readonly settings: Settings },
): HttpRequest['headers'] {
  const scheme = isTls ? 'https' : 'http';
  return {
    ...headers,
    ...(settings.upstreamHost !== undefined && { host: settings.upstreamHost }),
    ...(settings.forwardedPrefix !== undefined && { 'x-forwarded-prefix': settings.forwardedPrefix }),
    'x-request-id': headers['x-request-id'] ?? id,
    'x-real-ip': ip,
    'x-forwarded-for': ip,
    'x-forwarded-host': host,
    'x-forwarded-port': isTls ? '443' : '80',
    'x-forwarded-proto': scheme,
    'x-forwarded-scheme': scheme,
    'x-scheme': scheme,
  };
}
