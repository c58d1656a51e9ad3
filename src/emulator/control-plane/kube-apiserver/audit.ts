/** The record of a request: a count for /metrics, and the trace when someone listens. An audit log will be another listener. */
import type { Answer } from './pipeline.ts';
import type { ApiRequest } from './request.ts';
import type { ApiServer } from './server.ts';

/** Called once a request is answered, or refused. */
export function audit(server: ApiServer, request: ApiRequest, code: number, reason: string, answer?: Answer): void {
  server.requestCounts.set(request.verb, (server.requestCounts.get(request.verb) ?? 0) + 1);
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
      name: name || metadata?.name || '',
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
    },
  );
}
