/** A call of an in-process client for a resource of an aggregated API server: written as HTTP, answered as an object. */
import type { Call, HttpRequest } from '../../../kernel/index.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import { failure, serviceUnavailable, StatusError } from '../../../machinery/status-error.ts';
import type { Status } from '../../../machinery/status-error.ts';
import { refusalOf } from '../authorization/index.ts';
import { decideAndRemember } from '../authorization/remembered.ts';
import type { ObjectRequest } from '../endpoint.ts';
import { jsonBody } from '../outbound/service-client.ts';
import type { Resource } from '../registry.ts';
import { pathOf } from '../request.ts';
import type { UserInfo } from '../request.ts';
import { parseTarget, resourceInfo } from '../rest/request-info.ts';
import type { ApiServer } from '../server.ts';

const methods = { get: 'GET', list: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' };

/** Asks the far server as this user. Throws what the far server refuses, and 503 when it cannot be reached. */
export function* callRemote<T extends ApiObject>(
  server: ApiServer,
  resource: Resource,
  user: UserInfo,
  asked: ObjectRequest<T>,
): Call<T | List<T> | undefined> {
  const { verb, namespace = '', name = '', subresource = '' } = asked;
  const { group, version } = resource;
  const attributes = { user, verb, group, version, resource: resource.resource, subresource, namespace, name, path: '' };
  const decision = yield* decideAndRemember(server, attributes);
  if (decision.verdict !== 'allow') throw refusalOf(attributes, decision);
  return (yield* ask(server, user, requestFor(asked, pathOf({ resource, namespace, name, subresource })))) as T | List<T>;
}

/** What stands at a path. Throws as `callRemote` does, and 404 for a path that belongs to no far server. */
export function* readRemote(server: ApiServer, user: UserInfo, target: string): Call<object> {
  const { path, query } = parseTarget(target);
  const info = resourceInfo('GET', path, query);
  const { verb = 'get', resource = '', subresource = '', namespace = '', name = '' } = info ?? {};
  const [group = '', version = ''] = info?.apiVersion.split('/') ?? [];
  const attributes = { user, verb, group, version, resource, subresource, namespace, name, path: info ? '' : path };
  const decision = yield* decideAndRemember(server, attributes);
  if (decision.verdict !== 'allow') throw refusalOf(attributes, decision);
  if (!server.aggregator.remoteFor(path))
    throw new StatusError(failure(404, 'NotFound', 'the server could not find the requested resource'));
  return yield* ask(server, user, { method: 'GET', target, headers: { accept: 'application/json' } });
}

function* ask(server: ApiServer, user: UserInfo, request: HttpRequest): Call<object> {
  const remote = server.aggregator.remoteFor(request.target);
  if (!remote) throw serviceUnavailable('service unavailable');
  const response = yield* server.aggregator.proxy(remote, request, user);
  const body = yield* jsonBody(server, response);
  if (response.status < 400) return body as object;
  const isStatus = (body as Status | undefined)?.kind === 'Status';
  throw new StatusError(
    isStatus ? (body as Status) : failure(response.status, 'ServiceUnavailable', 'the server is currently unable to handle the request'),
  );
}

function requestFor<T extends ApiObject>({ verb, selectors, object, patch, delete: options }: ObjectRequest<T>, path: string): HttpRequest {
  const query: string[] = [];
  if (selectors?.labelSelector) query.push(`labelSelector=${encodeURIComponent(selectors.labelSelector)}`);
  if (selectors?.fieldSelector) query.push(`fieldSelector=${encodeURIComponent(selectors.fieldSelector)}`);
  const body = (patch?.body ?? object ?? options) as object | undefined;
  return {
    method: methods[verb],
    target: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers: { accept: 'application/json', ...(body && { 'content-type': patch?.type ?? 'application/json' }) },
    ...(body && { body }),
  };
}
