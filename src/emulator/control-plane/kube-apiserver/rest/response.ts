/** Answers: plain text, objects with their warnings, streams. */
import type { HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { OpenFile, utf8 } from '../../../kernel/index.ts';
import type { ProtobufCodec } from '../../../machinery/protobuf.ts';
import { protobufCodec, protobufType } from '../../../machinery/protobuf.ts';
import { notAcceptable, StatusError } from '../../../machinery/status-error.ts';
import { toYaml } from '../../../machinery/yaml.ts';
import type { ApiServer } from '../server.ts';
import { knownTypes, negotiate } from './media-type.ts';
import type { Accepted } from './media-type.ts';

/** An answer that is no API object. */
export function plainText(status: number, text: string, more: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...more },
    body: utf8(text),
  };
}

/** JSON that is no API object: written indented, as for people (responsewriters.WriteRawJSON). */
export function rawJson(value: object, more: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json', ...more }, body: utf8(JSON.stringify(value, null, 2)) };
}

/** An answer that is an API object or a stream. */
export function objectResponse(
  status: number,
  body: object,
  options: { readonly type?: string; readonly warnings?: readonly string[] } = {},
): HttpResponse {
  const { type = 'application/json', warnings = [] } = options;
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': type };
  if (warnings.length > 0) headers.warning = warnings.map((text) => `299 - ${quoteHeader(text)}`).join(', ');
  if (type === 'application/yaml' && !(body instanceof OpenFile)) return { status, headers, body: utf8(toYaml(body)) };
  return { status, headers, body };
}

const quoteHeader = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ')}"`;

/** What writes protobuf, if the host has given one. */
export const codecOf = (server: ApiServer): ProtobufCodec | undefined => server.kernel.hostData.known(protobufCodec);

/** An answer that is an object and goes out in protobuf, as bytes. */
export function encoded(server: ApiServer, response: HttpResponse): HttpResponse {
  const { body, headers } = response;
  if (headers['content-type'] !== protobufType || typeof body !== 'object' || body instanceof OpenFile) return response;
  const bytes = codecOf(server)?.encode(body);
  return bytes === undefined
    ? statusResponse(notAcceptable(`only the following media types are accepted: ${knownTypes}`))
    : { ...response, body: bytes };
}

/** A failure, in the form that the client asks for; in JSON if there is none (responsewriters.ErrorNegotiated). */
export function failure(server: ApiServer, { headers }: HttpRequest, error: StatusError, warnings: readonly string[] = []): HttpResponse {
  return statusResponse(error, typeForStatus(server, headers.accept), warnings);
}

function typeForStatus(server: ApiServer, accept: string | undefined): Accepted['type'] | undefined {
  if (accept === undefined || accept === 'application/json') return undefined;
  try {
    return negotiate(accept, { forms: [], protobuf: codecOf(server) ? ['object'] : [] }).type;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

function statusResponse({ status }: StatusError, type?: Accepted['type'], warnings: readonly string[] = []): HttpResponse {
  const retry = status.details?.retryAfterSeconds;
  const body = status.reason === 'Unauthorized' && status.details === undefined ? { ...status, message: 'Unauthorized' } : status;
  const response = objectResponse(status.code ?? 500, body, { ...(type && { type }), warnings });
  return retry ? { ...response, headers: { ...response.headers, 'retry-after': String(retry) } } : response;
}
