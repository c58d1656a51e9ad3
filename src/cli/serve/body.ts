/** Bodies of requests: read up to the API server's limit, and turned from protobuf into objects. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { HttpRequest } from '../../emulator/kernel/index.ts';
import { fromBuffer } from './bytes.ts';
import { decodeBody, protobufType } from './protobuf/index.ts';
import { WireError } from './protobuf/wire.ts';

/** `MaxRequestBodyBytes` of the API server, which refuses what is longer. */
const maxBytes = 3 * 1024 * 1024;

/** The request with its body. Of a body that is too long only so much is kept that the API server sees it. */
export async function readBody(incoming: Readable, request: HttpRequest): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (size <= maxBytes) chunks.push(chunk);
    size += chunk.length;
  }
  return withBody(request, Buffer.concat(chunks));
}

/** A body in protobuf of a kind that is known arrives as the object that its JSON would be; any other stays as it is. */
export function withBody(request: HttpRequest, body: Buffer): HttpRequest {
  if (body.length === 0) return { ...request, body: undefined };
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim();
  if (type !== protobufType || body.length > maxBytes) return { ...request, body: fromBuffer(body) };
  const headers = { ...request.headers, 'content-type': 'application/json' };
  try {
    const object = decodeBody(body);
    return object === undefined ? { ...request, body: fromBuffer(body) } : { ...request, headers, body: object };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // As an empty body: nothing in it can be recognised.
    return { ...request, headers, body: undefined };
  }
}

/** The body of a request that asks for an upgrade, which HTTP has let go of unread, and what stands behind it. */
export async function readUpgradeBody(
  { headers }: IncomingMessage,
  socket: Readable,
  head: Buffer,
): Promise<{ readonly body: Buffer; readonly rest: Buffer }> {
  const length = Number(headers['content-length'] ?? 0);
  // One byte too many is refused without the others.
  if (length > maxBytes) return { body: Buffer.alloc(maxBytes + 1), rest: Buffer.alloc(0) };
  let data = head;
  while (data.length < length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    data = Buffer.concat([data, chunk]);
  }
  return { body: data.subarray(0, length), rest: data.subarray(length) };
}
