/** Answers requests by what the controller has worked out. */
import type { ByteString, Call, HttpRequest, HttpResponse, Listener, Peer, Sys } from '../../kernel/index.ts';
import { isErrno, OpenFile, utf8 } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { Connection, exchange } from '../../node/network/index.ts';
import { logTime, page } from '../nginx.ts';
import { grpcStatuses } from './grpc-routes.ts';
import type { HeaderModifier, PathModifier, Redirect, RouteFilter, RouteMatch, RouteRule } from './kinds.ts';
import type { Entry, Site } from './matching.ts';
import { entryFor, mostExact } from './matching.ts';
import { hostPort } from '../../machinery/ipv6.ts';

const timeouts = { connectMs: 60_000, readMs: 60_000 };

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/** A backend with its share; without endpoints to ask for, its share is answered 500. */
export interface Backend {
  readonly weight: number;
  /** For the turn among its endpoints. */
  readonly name: string;
  /** Undefined when the reference leads nowhere. */
  readonly endpoints: (() => readonly Endpoint[]) | undefined;
}

/** One listener, as requests meet it. */
export interface Server {
  readonly hostname: string;
  readonly sites: readonly Site[];
  /** PEM, of an HTTPS listener. */
  readonly certificate: (() => string) | undefined;
}

/** What is served on one port. */
export interface Port {
  readonly isTls: boolean;
  readonly servers: readonly Server[];
}

export interface Routing {
  readonly ports: ReadonlyMap<number, Port>;
  backends(entry: Entry): readonly Backend[];
  /** Who gets a copy. */
  mirrors(entry: Entry): readonly Backend[];
}

export class DataPlane {
  #routing: Routing = { ports: new Map(), backends: () => [], mirrors: () => [] };
  readonly #sys: Sys;
  readonly #open = new Map<number, { readonly listener: Listener; readonly isTls: boolean }>();
  readonly #turns = new Map<string, number>();

  constructor(sys: Sys) {
    this.#sys = sys;
    sys.own(() => this.close());
  }

  close(): void {
    for (const { listener } of this.#open.values()) listener.close();
    this.#open.clear();
  }

  /** Serves another configuration from now on, and listens on its ports. */
  load(routing: Routing): void {
    this.#routing = routing;
    for (const [port, { listener, isTls }] of this.#open) {
      if (routing.ports.get(port)?.isTls === isTls) continue;
      listener.close();
      this.#open.delete(port);
    }
    for (const [port, { isTls }] of routing.ports) if (!this.#open.has(port)) this.#listen(port, isTls);
  }

  #listen(port: number, isTls: boolean): void {
    const http = (request: HttpRequest, peer: Peer) => this.#serve(port, request, peer);
    const certificate = (name?: string): string => this.#serverFor(port, name ?? '')?.certificate?.() ?? '';
    try {
      const listener = this.#sys.net.listen(port, isTls ? { http, isTls, certificate } : { http });
      this.#open.set(port, { listener, isTls });
    } catch (error) {
      if (!isErrno(error)) throw error;
      this.#sys.tryWrite(2, utf8(`nginx: [emerg] bind() to 0.0.0.0:${port} failed (98: Address in use)\n`));
    }
  }

  #serverFor(port: number, host: string): Server | undefined {
    return mostExact(this.#routing.ports.get(port)?.servers ?? [], host, ({ hostname }) => hostname);
  }

  *#serve(port: number, request: HttpRequest, peer: Peer): Call<HttpResponse> {
    const response = yield* this.#answer(port, request, peer);
    const size = typeof response.body === 'string' ? (response.body as ByteString).length : (response.headers['content-length'] ?? 0);
    const { referer = '-', 'user-agent': agent = '-' } = request.headers;
    this.#sys.tryWrite(
      1,
      utf8(
        `${peer.ip} - - [${logTime(this.#sys.kernel.clock.unixMs)}] "${request.method} ${request.target} HTTP/1.1" ${response.status} ${size} "${referer}" "${agent}"\n`,
      ),
    );
    return response;
  }

  *#answer(port: number, request: HttpRequest, peer: Peer): Call<HttpResponse> {
    const authority = (request.headers.host ?? '').toLowerCase();
    const host = authority.replace(/:\d+$/, '');
    const site = mostExact(this.#serverFor(port, host)?.sites ?? [], host, (one) => one.host);
    const entry = site && entryFor(site, request);
    if (!entry) return refusal(request, 404);
    const filters = entry.rule.filters ?? [];
    const isTls = this.#routing.ports.get(port)!.isTls;
    const redirect = filters.find(({ requestRedirect }) => requestRedirect)?.requestRedirect;
    if (redirect)
      return page(redirect.statusCode ?? 302, redirectTarget(redirect, { host, port, isTls, target: request.target, match: entry.match }));
    const backend = this.#choose(this.#routing.backends(entry));
    if (!backend?.endpoints) return refusal(request, 500);
    const message = rewritten(forwarded(request, peer, { authority, port, isTls }), filters, entry.match);
    for (const { name, endpoints } of this.#routing.mirrors(entry))
      if (endpoints) this.#sys.kernel.fiber(this.#copy(name, endpoints(), message), { background: true });
    const response = yield* this.#forward(backend.name, backend.endpoints(), message, entry.rule.timeouts);
    const change = filters.find(({ responseHeaderModifier }) => responseHeaderModifier)?.responseHeaderModifier;
    return change ? { ...response, headers: changed(response.headers, change) } : response;
  }

  /** One of them by weight; undefined when none has any. */
  #choose(backends: readonly Backend[]): Backend | undefined {
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return undefined;
    if (backends.length === 1) return backends[0];
    let left = this.#sys.kernel.random.below(total);
    return backends.find(({ weight }) => (left -= weight) < 0);
  }

  /** Nobody waits for the answer to a copy. */
  *#copy(name: string, endpoints: readonly Endpoint[], request: HttpRequest): Call<void> {
    const { body } = yield* this.#forward(name, endpoints, request);
    if (body instanceof OpenFile) body.closed();
  }

  *#forward(name: string, endpoints: readonly Endpoint[], request: HttpRequest, limits: RouteRule['timeouts'] = {}): Call<HttpResponse> {
    if (endpoints.length === 0) return refusal(request, 503);
    const deadline = this.#sys.nowMs + limitMs(limits.request);
    const tryMs = limitMs(limits.backendRequest);
    const turn = this.#turns.get(name) ?? 0;
    this.#turns.set(name, turn + 1);
    const { kernel, net } = this.#sys;
    let failure = 502;
    for (let tries = 0; tries < endpoints.length; tries++) {
      const endpoint = endpoints[(turn + tries) % endpoints.length]!;
      try {
        const left = Math.min(tryMs, deadline - this.#sys.nowMs);
        const connection = yield* net.connect(endpoint, { timeoutMs: Math.min(timeouts.connectMs, left) });
        if (!(connection instanceof Connection)) throw new Error('the data plane needs the wire');
        return yield* exchange(kernel, connection, request, { timeoutMs: Math.min(timeouts.readMs, left) });
      } catch (error) {
        if (!isErrno(error)) throw error;
        failure = error.code === 'ETIMEDOUT' ? 504 : 502;
        if (this.#sys.nowMs >= deadline) return refusal(request, 504);
        const where = `http://${hostPort(endpoint.ip, endpoint.port)}${request.target}`;
        this.#sys.tryWrite(2, utf8(`[error] connect() failed (${error.message}) while connecting to upstream, upstream: "${where}"\n`));
      }
    }
    return refusal(request, failure);
  }
}

/** Milliseconds of a rule's timeout: none when it is not set or 0s. */
const limitMs = (text: string | undefined): number => parseDuration(text ?? '0s') || Number.POSITIVE_INFINITY;

/** A client of gRPC is told of its call's end by a status, where another one gets a page. */
function refusal({ headers }: HttpRequest, status: number): HttpResponse {
  const { code, message } = grpcStatuses[status] ?? { code: undefined, message: '' };
  if (code === undefined || !headers['content-type']?.startsWith('application/grpc')) return page(status);
  return { status: 200, headers: { 'content-type': 'application/grpc', 'grpc-status': String(code), 'grpc-message': message }, body: {} };
}

type Headers = Readonly<Record<string, string>>;

function changed(headers: Headers, { set = [], add = [], remove = [] }: HeaderModifier): Headers {
  const next: Record<string, string> = { ...headers };
  for (const { name, value } of set) next[name.toLowerCase()] = value;
  for (const { name, value } of add) {
    const key = name.toLowerCase();
    next[key] = next[key] === undefined ? value : `${next[key]},${value}`;
  }
  for (const name of remove) delete next[name.toLowerCase()];
  return next;
}

function forwarded(
  request: HttpRequest,
  { ip }: Peer,
  { authority, port, isTls }: { readonly authority: string; readonly port: number; readonly isTls: boolean },
): HttpRequest {
  const before = request.headers['x-forwarded-for'];
  const headers = {
    ...request.headers,
    'x-forwarded-for': before === undefined ? ip : `${before}, ${ip}`,
    'x-forwarded-host': authority,
    'x-forwarded-port': String(port),
    'x-forwarded-proto': isTls ? 'https' : 'http',
    'x-real-ip': ip,
  };
  return { ...request, headers };
}

/** The path after a modifier; the query is not its business. */
export function modifiedPath(path: string, { type, replaceFullPath, replacePrefixMatch }: PathModifier, match: RouteMatch): string {
  if (type === 'ReplaceFullPath') return replaceFullPath || '/';
  const prefix = (match.path?.value ?? '/').replace(/\/$/, '');
  const rest = path.slice(prefix.length);
  const start = (replacePrefixMatch ?? '').replace(/\/$/, '');
  return `${start}${rest === '' || rest.startsWith('/') ? rest : `/${rest}`}` || '/';
}

function rewritten(request: HttpRequest, filters: readonly RouteFilter[], match: RouteMatch): HttpRequest {
  let { headers, target } = request;
  for (const { requestHeaderModifier, urlRewrite } of filters) {
    if (requestHeaderModifier) headers = changed(headers, requestHeaderModifier);
    if (urlRewrite?.hostname !== undefined) headers = { ...headers, host: urlRewrite.hostname };
    if (urlRewrite?.path) {
      const mark = target.indexOf('?');
      const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark)];
      target = modifiedPath(path, urlRewrite.path, match) + query;
    }
  }
  return { ...request, headers, target };
}

/** Where a redirect leads: what it does not name stays as it was; usual ports are not named. */
function redirectTarget(
  { scheme, hostname, port, path }: Redirect,
  at: { readonly host: string; readonly port: number; readonly isTls: boolean; readonly target: string; readonly match: RouteMatch },
): string {
  const to = scheme ?? (at.isTls ? 'https' : 'http');
  const usual = to === 'https' ? 443 : 80;
  const number = port ?? (scheme === undefined ? at.port : usual);
  const mark = at.target.indexOf('?');
  const [before, query] = mark < 0 ? [at.target, ''] : [at.target.slice(0, mark), at.target.slice(mark)];
  const next = path ? modifiedPath(before, path, at.match) : before;
  return `${to}://${hostname ?? at.host}${number === usual ? '' : `:${number}`}${next}${query}`;
}
