/** Requests for a kind that is a view of another: the same objects, read and written in other words (events.k8s.io/v1 Event). */
import type { Watch } from '../../../client/client.ts';
import type { KindView } from '../../../api/kind.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { invalid, notFound } from '../../../machinery/status-error.ts';
import type { Answer } from '../pipeline.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { decodeAs, decodeBody } from './decode.ts';
import { patchedObject } from './patch.ts';
import { watch } from './watch.ts';

type Perform = (server: ApiServer, request: ApiRequest) => Call<Answer>;

/** A field selector with the names of the kind that is stored. */
function selectorBehind(text: string | undefined, view: KindView): string | undefined {
  return text?.replace(/(^|,)([^=!,]+)/g, (_, comma: string, name: string) => comma + view.fieldName(name));
}

/** The same request about the kind that is stored. The client was authorized for what it asked. */
function behindView(server: ApiServer, request: ApiRequest, view: KindView): ApiRequest {
  const list = request.list && { ...request.list, fieldSelector: selectorBehind(request.list.fieldSelector, view) };
  return { ...request, resource: server.registry.of(view.kind)!, list };
}

/** Serves such a request by one for what is stored. Server-side apply merges and owns the fields under their stored names. */
export function* performView(server: ApiServer, request: ApiRequest, view: KindView, perform: Perform): Call<Answer> {
  const inner = behindView(server, request, view);
  if (request.verb === 'create' || request.verb === 'update') {
    const sent = decodeBody(server, request) as unknown as ApiObject;
    if (request.verb === 'create') {
      const errors = view.validateNew(sent);
      if (errors.length > 0) throw invalid(inner.resource, sent.metadata.name, errors);
    }
    return inView(yield* perform(server, { ...inner, body: view.set(sent), isTyped: true }), view);
  }
  if (request.verb !== 'patch' || !request.patch) return inView(yield* perform(server, inner), view);
  if (request.patch.type === 'application/apply-patch+yaml') {
    const patch = { ...request.patch, body: view.set(request.patch.body as ApiObject) };
    return inView(yield* perform(server, { ...inner, patch }), view);
  }
  const previous = server.storeOf(inner.resource).get(request.namespace, request.name);
  if (!previous) throw notFound(request.resource, request.name);
  const { model } = request.resource.descriptor;
  const patched = decodeAs(request, patchedObject(view.get(previous), request, model), model) as ApiObject;
  return inView(yield* perform(server, { ...inner, verb: 'update', patch: undefined, body: view.set(patched), isTyped: true }), view);
}

function inView(answer: Answer, view: KindView): Answer {
  if ('items' in answer) return { ...answer, items: answer.items.map(view.get) };
  return 'isGone' in answer ? { ...answer, object: view.get(answer.object) } : view.get(answer);
}

type WatchArguments = Parameters<typeof watch>;

/** As `performView`, for the verb whose answer goes on. */
export function* watchView(
  server: ApiServer,
  request: ApiRequest,
  options: WatchArguments[2],
  handler: WatchArguments[3],
  view: KindView,
): Call<Watch> {
  const inView: WatchArguments[3] = {
    onEvent: (event) => handler.onEvent({ ...event, object: view.get(event.object) }),
    onEnd: (error) => handler.onEnd(error),
  };
  const behind = { ...options, fieldSelector: selectorBehind(options.fieldSelector, view) };
  return yield* watch(server, behindView(server, request, view), behind, inView);
}
