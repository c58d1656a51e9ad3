/** Posts a review to a webhook and reads the answer, for admission and for conversion. Upstream: apiserver/pkg/util/webhook, client-go/rest. */
import type { Call, HttpResponse } from '../../../kernel/index.ts';
import type { Status } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import { callServer, CallError, jsonBody, originOf } from './service-client.ts';

/** Where a webhook is, as configurations and definitions write it. */
export interface WebhookClientConfig {
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number } | undefined;
  readonly url?: string | undefined;
  readonly caBundle?: string | undefined;
}

/** The answer's JSON object. Throws a CallError when there is none. Admission and conversion tell the server how long they wait. */
export function* postReview(
  server: ApiServer,
  client: WebhookClientConfig,
  body: object,
  timeoutMs: number,
  { tellsTimeout = true } = {},
): Call<object> {
  const service = client.service && { ...client.service, port: client.service.port ?? 443 };
  const [, origin = '', urlPath = ''] = /^(https:\/\/[^/]*)(.*)$/.exec(client.url ?? '') ?? [];
  const callee = { service, origin, caBundle: client.caBundle };
  const path = (service ? (service.path ?? '') : urlPath) || '/';
  const target = tellsTimeout ? `${path}?timeout=${timeoutMs / 1000}s` : path;
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  let answer: HttpResponse;
  try {
    answer = yield* callServer(server, callee, { method: 'POST', target, headers, body }, timeoutMs);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CallError(`Post ${JSON.stringify(originOf(callee) + target)}: ${error.message}`);
  }
  const value = yield* jsonBody(server, answer);
  if (answer.status >= 400) throw new CallError(refusedText(answer.status, value));
  if (typeof value !== 'object' || value === null)
    throw new CallError("couldn't get version/kind; json parse error: invalid character in body");
  return value;
}

/** What client-go makes of a failure without a Status (rest/request.go, newUnstructuredResponseError). */
function refusedText(status: number, body: unknown): string {
  const { kind, message } = (body ?? {}) as Partial<Status>;
  if (kind === 'Status' && message) return message;
  if (status === 404) return 'the server could not find the requested resource';
  if (status < 500) return 'the server rejected our request for an unknown reason';
  return `an error on the server (${JSON.stringify(typeof body === 'string' ? body : 'unknown')}) has prevented the request from succeeding`;
}
