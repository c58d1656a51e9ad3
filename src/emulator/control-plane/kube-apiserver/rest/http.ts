/**
 * REST over HTTP: an address becomes a request of the pipeline, its answer a response. Upstream: apiserver/pkg/server, endpoints.
 */
import { kinds } from '../../../api/kinds.ts';
import type { Credential } from '../endpoint.ts';
import type { Call, HttpHandler, HttpRequest, HttpResponse, Peer } from '../../../kernel/index.ts';
import { fromBase64, OpenFile, textOf, utf8 } from '../../../kernel/index.ts';
import { internalError, noSuchResource, StatusError, unauthorized } from '../../../machinery/status-error.ts';
import { IssuedCertificate } from '../../../machinery/x509/index.ts';
import type { AuditEntry } from '../audit/index.ts';
import { tellingWhenOver } from '../audit/index.ts';
import { RequestFailure } from '../request-failure.ts';
import { decideAndRemember } from '../authorization/remembered.ts';
import { refusalOf } from '../authorization/index.ts';
import type { Attributes } from '../authorization/index.ts';
import type { Classified } from '../flow-control/index.ts';
import { impersonated } from '../impersonation.ts';
import type { UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { serveOtherPath } from './other-paths.ts';
import { parseTarget, resourceInfo } from './request-info.ts';
import type { Query, ResourceInfo } from './request-info.ts';
import { encoded, failure, plainText } from './response.ts';
import { serveResource } from './resource.ts';
import { WatchStream } from './watch-stream.ts';

/** What reading, serving and writing a request takes. In-process clients do not pay it: they have no HTTP to speak. */
const requestMs = 2;

/** The handler of the secure port. */
export function createHttpHandler(server: ApiServer): HttpHandler {
  return function* (request, peer): Call<HttpResponse> {
    const { path, query } = parseTarget(request.target);
    const info = resourceInfo(request.method, path, query);
    const flow = yield* flowOf(server, request, peer, { path, info });
    const seat = flow && (yield* server.flowControl.enter(flow, info, query));
    if (flow && !seat) return plainText(429, tooMany, { ...flow.headers, 'retry-after': '1' });
    try {
      yield* server.kernel.sleep(requestMs);
      if (server.isStopped)
        return failure(
          server,
          request,
          new StatusError({
            kind: 'Status',
            apiVersion: 'v1',
            metadata: {},
            status: 'Failure',
            message: 'apiserver is shutting down',
            reason: 'ServiceUnavailable',
            code: 503,
          }),
        );
      return yield* route(server, request, peer, flow);
    } catch (error) {
      return encoded(server, failureOf(server, request, error));
    } finally {
      seat?.level.leave(seat);
    }
  };
}

const tooMany = 'Too many requests, please try again later.\n';

/** The flow of a request, by the user for whom it speaks; undefined for one that goes on for long, or is refused anyway. */
function* flowOf(
  server: ApiServer,
  request: HttpRequest,
  peer: Peer,
  { path, info }: { readonly path: string; readonly info: ResourceInfo | undefined },
): Call<Classified | undefined> {
  if (server.isStopped || longRunning.has(info?.subresource ?? '')) return undefined;
  try {
    const user = yield* impersonated(server, identify(server, request, peer), request.headers);
    return server.flowControl.classify(attributesOf(user, request, path, info));
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

function failureOf(server: ApiServer, request: HttpRequest, error: unknown): HttpResponse {
  if (error instanceof RequestFailure) return plainText(500, error.textFor(request.target));
  if (error instanceof StatusError) return failure(server, request, error);
  // What is no API error is a fault of a part that the server needs (etcd, a kubelet).
  if (error instanceof Error && 'code' in error) return failure(server, request, internalError(error.message));
  throw error;
}

function* route(server: ApiServer, request: HttpRequest, peer: Peer, flow: Classified | undefined): Call<HttpResponse> {
  const { path, query } = parseTarget(request.target);
  const info = resourceInfo(request.method, path, query);
  const client = identified(server, request, peer, { path, info });
  const own = attributesOf(client, request, path, info);
  const audit = server.auditor?.begin({ ...own, ...seenBy(request, peer, info) });
  if (audit && !(yield* server.auditor!.isStored())) return plainText(500, new RequestFailure(unstored).textFor(request.target));
  let response: HttpResponse;
  try {
    const user = yield* impersonated(server, client, request.headers);
    if (user !== client) audit?.impersonates(user);
    const attributes = user === client ? own : { ...own, user };
    response = yield* answer(server, request, { attributes, info, query, audit });
  } catch (error) {
    response = failureOf(server, request, error);
  }
  if (audit) {
    response = close(server, audit, response, info);
    yield* server.auditor!.delivered();
  }
  const { body, headers, ...rest } = encoded(server, response);
  return { ...rest, body: isPretty(request, query) ? indented(body) : body, headers: { ...headers, ...flow?.headers } };
}

/** What a request comes to whose first event did not arrive where it must (endpoints/filters/audit.go). */
const unstored = 'failed to store audit event';

/** Whether a person reads the answer (endpoints/handlers/negotiation, isPrettyPrint). */
function isPretty({ headers }: HttpRequest, query: Query): boolean {
  const asked = query.get('pretty')?.[0] ?? '';
  if (asked !== '') return ['1', 't', 'T', 'true', 'True', 'TRUE'].includes(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

function indented(body: HttpResponse['body']): HttpResponse['body'] {
  return typeof body === 'string' || body instanceof OpenFile ? body : utf8(JSON.stringify(body, null, 2));
}

function attributesOf(user: UserInfo, { method }: HttpRequest, path: string, info: ResourceInfo | undefined): Attributes {
  if (!info)
    return { user, verb: method.toLowerCase(), group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path };
  const { verb, apiVersion, resource, subresource, namespace, name } = info;
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  return { user, verb, group, version: '', resource, subresource, namespace, name, path };
}

/** What the audit log shows of where a request came from. */
function seenBy(
  { target, headers }: HttpRequest,
  { ip }: Peer,
  info: ResourceInfo | undefined,
): { readonly uri: string; readonly sourceIP: string; readonly userAgent: string; readonly version: string } {
  const version = info?.apiVersion.split('/').at(-1) ?? '';
  return { uri: target, sourceIP: ip, userAgent: headers['user-agent'] ?? '', version };
}

const longRunning = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/**
 * The last stages of a request, and the answer as it goes on.
 *
 * Differs from Kubernetes: port-forward and the proxies are complete when they begin.
 */
function close(server: ApiServer, audit: AuditEntry, response: HttpResponse, info: ResourceInfo | undefined): HttpResponse {
  const { status, body, upgrade } = response;
  const isStream = typeof body === 'string' || body instanceof OpenFile || upgrade !== undefined;
  audit.answered(status, isStream ? undefined : body);
  const complete = (): void => audit.reach('ResponseComplete');
  const isWatch = body instanceof WatchStream;
  const isLong = isWatch || longRunning.has(info?.subresource ?? '');
  if (isLong) audit.reach('ResponseStarted');
  if (isWatch) {
    body.onClosed = complete;
    return response;
  }
  const going = isLong ? tellingWhenOver(server.kernel, response, complete) : undefined;
  if (!going) complete();
  return going ?? response;
}

/** As `identify`; a credential that proves nothing leaves its mark in the audit log. */
function identified(
  server: ApiServer,
  request: HttpRequest,
  peer: Peer,
  { path, info }: { readonly path: string; readonly info: ResourceInfo | undefined },
): UserInfo {
  try {
    return identify(server, request, peer);
  } catch (error) {
    const { user: _nobody, ...asked } = attributesOf({ name: '', groups: [] }, request, path, info);
    const attempted = request.headers.authorization === undefined ? 'x509' : 'bearer';
    server.auditor?.unauthenticated({ ...asked, user: undefined, ...seenBy(request, peer, info) }, attempted);
    throw error;
  }
}

/** A request once it is known who asks for what. */
interface Asked {
  readonly attributes: Attributes;
  readonly info: ResourceInfo | undefined;
  readonly query: Query;
  readonly audit: AuditEntry | undefined;
}

function* answer(server: ApiServer, request: HttpRequest, { attributes, info, query, audit }: Asked): Call<HttpResponse> {
  const { user, path } = attributes;
  const agent = request.headers['user-agent'] ?? '';
  const resource = info && server.registry.find(info.apiVersion, info.resource);
  if (info && resource && !resource.isRemote) return yield* serveResource(server, { request, info, resource, query, user, agent, audit });
  const remote = server.aggregator.remoteFor(path);
  const decision = yield* decideAndRemember(server, attributes);
  audit?.decided(decision);
  if (decision.verdict !== 'allow') throw refusalOf(attributes, decision);
  if (remote) return yield* server.aggregator.proxy(remote, request, user);
  const served = yield* serveOtherPath(server, request, path, query);
  if (!served && isOfBuiltInGroup(path)) throw noSuchResource();
  return served ?? plainText(404, '404 page not found\n');
}

const builtInGroups = new Set(kinds.map(({ group }) => group));

/** Whether a path leads into a group of the server's own, and no further than that. */
function isOfBuiltInGroup(path: string): boolean {
  const [root, group, ...more] = path.split('/').filter((part) => part !== '');
  return root === 'api' ? group !== undefined : root === 'apis' && more.length > 0 && builtInGroups.has(group!);
}

/** Users of requests that are still looked at: who somebody is is found out once, and a refusal stands in the log once. */
const known = new WeakMap<HttpRequest, { readonly user: UserInfo } | { readonly error: unknown }>();

function identify(server: ApiServer, request: HttpRequest, peer: Peer): UserInfo {
  let found = known.get(request);
  if (!found) {
    try {
      found = { user: userOf(server, request, peer) };
    } catch (error) {
      found = { error };
    }
    known.set(request, found);
  }
  if ('error' in found) throw found.error;
  return found.user;
}

/** The user of a request: of the client certificate, else of a bearer token, else nobody. One that proves nothing leaves it to the other. */
function userOf(server: ApiServer, { headers, target }: HttpRequest, peer: Peer): UserInfo {
  const [, bearer] = /^bearer ([^ ]+)/i.exec(headers.authorization?.trim() ?? '') ?? [undefined, protocolToken(headers)];
  if (peer.isTls && peer.certificate) {
    try {
      return server.authenticator.authenticate(presented(peer.certificate)).user;
    } catch (error) {
      if (bearer === undefined || !(error instanceof StatusError)) throw error;
    }
  }
  const credential: Credential = bearer === undefined ? { type: 'anonymous' } : { type: 'token', token: bearer };
  return server.authenticator.authenticate(credential, target.replace(/\?.*/, '')).user;
}

/** A token among the protocols of a WebSocket, of a page that cannot set headers (authentication/request/websocket/protocol.go). */
function protocolToken(headers: HttpRequest['headers']): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const prefix = 'base64url.bearer.authorization.k8s.io.';
  const names = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const tokens = names.filter((name) => name.startsWith(prefix));
  if (tokens.length === 0) return undefined;
  if (tokens.length > 1 || names.length === 1) throw unauthorized('Unauthorized');
  const text = tokens[0]!.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/');
  const bytes = fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='));
  if (bytes === undefined) throw unauthorized('Unauthorized');
  return textOf(bytes);
}

/** A certificate as clients of this emulator show one: with its key as text, or as it was issued. */
function presented(certificate: unknown): Credential {
  if (certificate instanceof IssuedCertificate) return { type: 'certificate', certificate: '', key: '', issued: certificate };
  if (typeof certificate === 'object' && certificate !== null && 'certificate' in certificate && 'key' in certificate) {
    const { certificate: pem, key, issued, isKeyProven } = certificate as Credential & { type: 'certificate' };
    return { type: 'certificate', certificate: pem, key, issued, isKeyProven };
  }
  throw unauthorized('Unauthorized');
}
