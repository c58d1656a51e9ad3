/** HTTP requests to the API server of a kubeconfig: credentials, user agent, warnings, Status errors, and what `-v` shows of them. */

import type { Address, ByteString, Call, Errno, Headers, HttpRequest, HttpResponse, Service, Sys } from '../../../emulator/kernel/index.ts';
import { isErrno, OpenFile, textOf } from '../../../emulator/kernel/index.ts';
import { StatusError } from '../../../emulator/machinery/status-error.ts';
import { certificatesOf, shakeHands, TlsError } from '../../../emulator/machinery/x509/index.ts';
import { ConnectionError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { ClientConfig } from '../kubeconfig.ts';
import type { Klog } from './klog.ts';
import { resolveServer, unknownHost } from './resolve.ts';

/** How long client-go waits for a connection; for the answer it waits as long as it takes. */
const dialTimeoutMs = 30_000;

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without the query, e.g. `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  /** Parameters in the order in which they are to stand; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly accept?: string;
  readonly contentType?: string;
  /** The protocol that the connection is to go on with. */
  readonly upgrade?: string;
  readonly body?: object | ByteString | undefined;
}

export interface RestClient {
  readonly config: ClientConfig;
  /** `host:port` of the server, as messages name it. */
  readonly host: string;
  /** The decoded JSON of a good answer. Throws a StatusError or a ConnectionError. */
  request(request: RestRequest): Call<Json>;
  /** A good answer as text. */
  text(request: RestRequest): Call<string>;
  /** The answer as it is: for streams and upgrades. */
  send(request: RestRequest): Call<HttpResponse>;
  /** Someone else's request, with these credentials; whatever the server answers. */
  forward(request: HttpRequest): Call<HttpResponse>;
}

interface RestClientOptions {
  readonly userAgent: string;
  readonly impersonate: Headers;
  readonly klog: Klog;
  readonly timeoutMs?: number | undefined;
  /** Called with each new warning of the server. */
  readonly onWarning: (text: string) => Call<void>;
}

export function createRestClient(sys: Sys, config: ClientConfig, options: RestClientOptions): RestClient {
  const server = resolveServer(config.server);
  const host = server.authority;
  const seen = new Set<string>();
  const { authority } = config;
  const verify =
    authority === undefined
      ? undefined
      : (service: Service): void =>
          shakeHands(service, { authorities: certificatesOf(authority), host: server.name, nowMs: sys.kernel.clock.unixMs });

  function* send(request: RestRequest): Call<HttpResponse> {
    const target = request.path + queryString(request.query);
    const url = `${server.origin}${target}`;
    const headers: Record<string, string> = {
      accept: request.accept ?? 'application/json',
      'user-agent': options.userAgent,
      host,
      ...options.impersonate,
    };
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    if (request.upgrade !== undefined) Object.assign(headers, { connection: 'Upgrade', upgrade: request.upgrade });
    if (config.token !== undefined) headers.authorization = `Bearer ${config.token}`;
    const startedMs = sys.nowMs;
    yield* options.klog.request(request, url, headers);
    let response: HttpResponse;
    try {
      const address = yield* addressOf(url, request.method);
      const connect = { tls: server.isTls, certificate: config.certificate, verify, timeoutMs: options.timeoutMs, dialTimeoutMs };
      response = yield* sys.net.request(address, { method: request.method, target, headers, body: request.body }, connect);
    } catch (error) {
      if (!isErrno(error)) throw error;
      yield* options.klog.response(request, url, undefined, sys.nowMs - startedMs);
      throw connectionError(error, { host, dialled: yield* dialledAt() }, url, request.method);
    }
    yield* options.klog.response(request, url, response, sys.nowMs - startedMs);
    for (const text of warningsOf(response.headers)) {
      if (seen.has(text)) continue;
      seen.add(text);
      yield* options.onWarning(text);
    }
    return response;
  }

  function* addressOf(url: string, method: string): Call<Address> {
    const ip = yield* server.address(sys);
    if (ip === undefined) throw new ConnectionError(host, url, method, unknownHost(sys, server), false);
    return { ip, port: server.port };
  }

  function* dialledAt(): Call<string> {
    return `${yield* server.address(sys)}:${server.port}`;
  }

  function* checked(request: RestRequest): Call<HttpResponse> {
    let response = yield* send(request);
    // client-go/rest/with_retry.go: a server that asks for patience gets it, ten times over.
    for (let retry = 0; retry < maxRetries && isAskedToWait(response); retry++) {
      yield* sys.sleep(Number(response.headers['retry-after']) * 1000);
      response = yield* send(request);
    }
    if (response.status < 400) return response;
    throw yield* statusError(sys, response, request);
  }

  return {
    config,
    host,
    send: checked,
    *forward({ method, target, headers, body }) {
      const { authorization: _, ...kept } = headers;
      const own = { ...kept, host, ...options.impersonate, ...(config.token !== undefined && { authorization: `Bearer ${config.token}` }) };
      try {
        const address = yield* addressOf(`${server.origin}${target}`, method);
        return yield* sys.net.request(
          address,
          { method, target, headers: own, body },
          { tls: server.isTls, certificate: config.certificate, verify, timeoutMs: options.timeoutMs, dialTimeoutMs },
        );
      } catch (error) {
        if (!isErrno(error)) throw error;
        throw connectionError(error, { host, dialled: yield* dialledAt() }, `${server.origin}${target}`, method);
      }
    },
    *request(request) {
      return yield* jsonBody(sys, yield* checked(request));
    },
    *text(request) {
      return yield* textBody(sys, yield* checked(request));
    },
  };
}

function queryString(query: RestRequest['query']): string {
  const parts = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${escapeQuery(name)}=${escapeQuery(value)}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** As Go's url.QueryEscape. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The text of a body, whatever form it travelled in. */
export function* textBody(sys: Sys, response: HttpResponse): Call<string> {
  const { body } = response;
  if (typeof body === 'string') return textOf(body);
  // An object ends with a line break when it travels as text.
  if (!(body instanceof OpenFile)) return `${JSON.stringify(body)}\n`;
  const fd = sys.fds.add(body);
  let bytes = '';
  for (let data: string; (data = yield* sys.read(fd)) !== ''; ) bytes += data;
  sys.fds.close(fd);
  return textOf(bytes as ByteString);
}

function* jsonBody(sys: Sys, response: HttpResponse): Call<Json> {
  if (typeof response.body === 'object' && !(response.body instanceof OpenFile)) return response.body;
  const text = yield* textBody(sys, response);
  return text === '' ? undefined : JSON.parse(text);
}

function* statusError(sys: Sys, response: HttpResponse, request: RestRequest): Call<StatusError> {
  const text = yield* textBody(sys, response);
  try {
    const status = JSON.parse(text);
    if (status.kind === 'Status') return new StatusError(status);
  } catch {
    // Not JSON: a plain text answer becomes the generic Status below.
  }
  return new StatusError({
    ...genericStatus(response.status, text, request),
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code: response.status,
  });
}

/** Upstream: apimachinery/pkg/api/errors NewGenericServerResponse, in the part that such answers need. */
function genericStatus(code: number, text: string, request: RestRequest): { readonly reason: string; readonly message: string } {
  const known: Readonly<Record<number, readonly [string, string]>> = {
    401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
    403: ['Forbidden', text.trim() || 'the server does not allow access to the requested resource'],
    404: ['NotFound', 'the server could not find the requested resource'],
    405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    429: ['TooManyRequests', `the server has received too many requests and has asked us to try again later${aboutResource(request)}`],
    500: [
      'InternalError',
      `an error on the server (${JSON.stringify(text.trim() || 'unknown')}) has prevented the request from succeeding${aboutResource(request)}`,
    ],
    503: ['ServiceUnavailable', text.trim() || 'the server is currently unable to handle the request'],
  };
  const [reason, message] = known[code] ?? ['', `the server responded with the status code ${code} but did not return more information`];
  return { reason, message: message || request.method };
}

const maxRetries = 10;

const isAskedToWait = ({ status, headers }: HttpResponse): boolean =>
  (status === 429 || status >= 500) && /^\d+$/.test(headers['retry-after'] ?? '');

/** ` (get pods)`, ` (delete deployments.apps web)`: what a generic answer was about. */
function aboutResource({ method, path }: RestRequest): string {
  const [, group, rest = ''] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/(.*)$/.exec(path) ?? [];
  const [resource = '', name = ''] = rest.replace(/^namespaces\/[^/]+\/(?=.)/, '').split('/');
  if (resource === '') return '';
  return ` (${method.toLowerCase()} ${resource}${group === undefined ? '' : `.${group}`}${name === '' ? '' : ` ${name}`})`;
}

function warningsOf(headers: Headers): string[] {
  const value = headers.warning;
  if (value === undefined) return [];
  return [...value.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\(.)/g, '$1'));
}

interface Dialled {
  /** `host:port` as the kubeconfig has it. */
  readonly host: string;
  /** The address that its name stands for. */
  readonly dialled: string;
}

function connectionError(error: Errno, { host, dialled }: Dialled, url: string, method: string): ConnectionError {
  if (error instanceof TlsError) return new ConnectionError(host, url, method, error.message, false);
  const { code } = error;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${dialled}: connect: connection refused`,
    ECONNRESET: `read tcp ${dialled}: read: connection reset by peer`,
    EHOSTUNREACH: `dial tcp ${dialled}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${dialled}: connect: network is unreachable`,
    ETIMEDOUT: `dial tcp ${dialled}: i/o timeout`,
  };
  return new ConnectionError(host, url, method, reasons[code] ?? `dial tcp ${dialled}: ${code}`, code === 'ECONNREFUSED');
}
