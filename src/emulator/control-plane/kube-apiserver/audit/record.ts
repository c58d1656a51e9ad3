/** The record of a request: a count for /metrics, what admission has to say for the audit log, and the trace when someone listens. */
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Answer } from '../pipeline.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

/** Called once a request is answered, or refused. */
export function record(server: ApiServer, request: ApiRequest, code: number, reason: string, answer?: Answer): void {
  count(server, request, code);
  request.audit?.annotate(request.auditAnnotations);
  const { trace } = server.kernel;
  if (!trace.isOn) return;
  const { resource, namespace, name, verb, user, agent, subresource } = request;
  const object = answer && 'object' in answer ? answer.object : answer;
  const metadata = object && 'kind' in object ? object.metadata : undefined;
  trace.emit(
    'kube-apiserver',
    {
      resource: resource.resource,
      namespace: namespace === '' ? undefined : namespace,
      // What stores nothing, a Binding say, is answered without a name of its own.
      name: name || metadata?.name || nameOf(request.body) || '',
      uid: metadata?.uid,
    },
    {
      type: 'request',
      verb,
      subresource: subresource === '' ? undefined : subresource,
      user: user.name,
      agent,
      code,
      reason: reason || request.authorizationReason || undefined,
      revision: object?.metadata.resourceVersion,
      annotations: request.auditAnnotations,
    },
  );
}

const nameOf = (body: unknown): string | undefined => (body as Partial<ApiObject> | undefined)?.metadata?.name;

function count({ requestCounts }: ApiServer, { resource, verb, subresource, namespace, name }: ApiRequest, code: number): void {
  let counts = requestCounts.get(resource);
  if (!counts) requestCounts.set(resource, (counts = new Map()));
  const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
  // Whatever a client makes up counts as one.
  const known = subresource in resource.descriptor.subresources ? subresource : '';
  const key = `${verb} ${code} ${scope} ${known}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
