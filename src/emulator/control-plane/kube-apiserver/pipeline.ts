/**
 * The life of a request, in order. The same for HTTP, for the in-cluster kubectl and for every component:
 *
 *   1. authentication       who is it                            authentication/
 *   2. audit                what was asked, and the answer       audit/
 *   3. impersonation        whom does it speak for               impersonation.ts
 *   4. authorization        may it                               authorization/
 *   5. decoding             body to object, unknown fields       verbs/decode.ts
 *   6. defaulting           values that the client left out      api/<group>/<kind>.ts
 *   7. mutating admission   what the cluster adds                admission/
 *   8. strategy, validation what may be set, what is legal       api/<group>/<kind>.ts
 *   9. validating admission what the cluster refuses             admission/
 *  10. storage              one transaction                      storage/, ../etcd/
 *  11. response             object, Table, Status, watch         rest/
 *
 * Stages 1 to 4 are here; 5 to 10 belong to a verb and are listed in `verbs/create.ts` and `verbs/update.ts`; 11 is the
 * client's side of `session.ts` and `rest/`.
 */
import type { Watch, WatchHandler, WatchOptions } from '../../client/client.ts';
import type { ActionSubresource } from '../../api/kind.ts';
import type { Call } from '../../kernel/index.ts';
import type { ApiObject, List } from '../../machinery/objects.ts';
import { methodNotSupported, noSuchResource, StatusError } from '../../machinery/status-error.ts';
import { record } from './audit/index.ts';
import { refusalOf } from './authorization/index.ts';
import type { Attributes } from './authorization/index.ts';
import { decideAndRemember } from './authorization/remembered.ts';
import { successCode } from './request.ts';
import type { ApiRequest } from './request.ts';
import type { ApiServer } from './server.ts';
import { ConvertingHandler, inVersion, watchInVersion } from './custom-resources/versions.ts';
import { actions } from './subresources/index.ts';
import { create } from './verbs/create.ts';
import { decodeAction, decodeBody } from './verbs/decode.ts';
import { deleteCollection, deleteObject } from './verbs/delete.ts';
import type { Deletion } from './verbs/delete.ts';
import { patch } from './verbs/patch.ts';
import { get, list } from './verbs/read.ts';
import { update } from './verbs/update.ts';
import { performView, watchView } from './verbs/view.ts';
import { watch } from './verbs/watch.ts';

/** What a verb answers; which form depends on the verb. */
export type Answer = ApiObject | List<ApiObject> | Deletion;

/** Everything that follows once the user is known. */
export function* serve(server: ApiServer, request: ApiRequest): Call<Answer> {
  let answer: Answer;
  try {
    yield* authorize(server, request);
    answer = yield* perform(server, request);
    if (hasVersions(request)) answer = yield* inVersion(server, request.resource, answer);
  } catch (error) {
    record(
      server,
      request,
      error instanceof StatusError ? (error.status.code ?? 500) : 500,
      error instanceof StatusError ? error.reason : 'Error',
    );
    throw error;
  }
  record(server, request, successCode(request), '', answer);
  return answer;
}

/** Whether objects may be stored in another version than the one that was asked for. */
function hasVersions({ resource: { descriptor } }: ApiRequest): boolean {
  return descriptor.isCustom === true || descriptor.view !== undefined;
}

/** As `serve`, for the verb whose answer goes on. */
export function* serveWatch(
  server: ApiServer,
  request: ApiRequest,
  options: WatchOptions & { readonly sendInitialEvents?: boolean | undefined },
  handler: WatchHandler<ApiObject>,
): Call<Watch> {
  yield* authorize(server, request);
  record(server, request, 200, '');
  const view = request.resource.descriptor.viewOf;
  if (view) return yield* watchView(server, request, options, handler, view);
  const own = hasVersions(request) ? watchInVersion(server, request.resource, handler) : handler;
  const started = yield* watch(server, request, options, own);
  if (own instanceof ConvertingHandler) own.watch = started;
  return started;
}

/** Throws 403 unless an authorizer allows the request. */
export function* authorize(server: ApiServer, request: ApiRequest): Call<void> {
  const attributes = attributesOf(request);
  const decision = yield* decideAndRemember(server, attributes);
  request.authorizationReason = decision.reason;
  request.audit?.decided(decision);
  if (decision.verdict !== 'allow') throw refusalOf(attributes, decision);
}

function attributesOf({ user, verb, resource, subresource, namespace, name, list: options }: ApiRequest): Attributes {
  return {
    user,
    verb,
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    subresource,
    namespace,
    name,
    path: '',
    fieldSelector: options?.fieldSelector,
  };
}

function* perform(server: ApiServer, request: ApiRequest): Call<Answer> {
  const { resource, subresource, verb } = request;
  const { descriptor } = resource;
  if (descriptor.deprecation) request.warnings.push(descriptor.deprecation);
  if (subresource !== '') {
    const found = descriptor.subresources[subresource];
    if (!found) throw noSuchResource();
    if (!(found.verbs as readonly string[]).includes(verb)) throw methodNotSupported(resource, verb);
    if (!('prepareForUpdate' in found)) return yield* act(server, request, found as ActionSubresource);
  } else if (!descriptor.verbs.includes(verb)) throw methodNotSupported(resource, verb);
  if (descriptor.viewOf) return yield* performView(server, request, descriptor.viewOf, perform);
  const own = subresource === '' && !descriptor.isCustom ? actions.get(resource.resource) : undefined;
  // A kind that nobody creates and that has an action is made up for whoever asks.
  if (own && (verb === 'create' || !descriptor.verbs.includes('create'))) {
    if (verb === 'create') request.body = decodeBody(server, request);
    return yield* own(server, request);
  }
  switch (verb) {
    case 'get':
      return yield* get(server, request);
    case 'list':
      return yield* list(server, request);
    case 'create':
      return yield* create(server, request);
    case 'update':
      return yield* update(server, request);
    case 'patch':
      return yield* patch(server, request);
    case 'delete':
      return yield* deleteObject(server, request);
    case 'deletecollection':
      return yield* deleteCollection(server, request);
    case 'watch':
      throw new Error('a watch is served by serveWatch');
  }
}

function* act(server: ApiServer, request: ApiRequest, subresource: ActionSubresource): Call<Answer> {
  const action = actions.get(`${request.resource.resource}/${request.subresource}`);
  if (!action) throw methodNotSupported(request.resource, request.verb);
  if (request.verb === 'create') request.body = decodeAction(request, subresource);
  return yield* action(server, request);
}
