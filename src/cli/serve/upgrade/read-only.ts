/**
 * Watches and logs over a WebSocket: the server speaks, and what the client says is thrown away. Upstream: endpoints/handlers/watch.go
 * (HandleWS), apimachinery pkg/util/httpstream/wsstream/stream.go.
 */
import type { WebSocket } from 'ws';
import type { ByteString, Call, HttpResponse, Kernel } from '../../../emulator/kernel/index.ts';
import { OpenFile } from '../../../emulator/kernel/index.ts';
import { toBuffer } from '../bytes.ts';
import type { Upgrading } from './index.ts';
import { copyOut, release, webSocketTransport } from './transport.ts';
import type { Transport } from './transport.ts';
import { accept, offeredProtocols } from './web-socket.ts';

/** What becomes of such an answer: it goes on as messages, or the handshake is refused with this status. */
export type ReadOnly = { readonly refusal: number } | ((upgrading: Upgrading, kernel: Kernel, wake: () => void) => void);

const logPath = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/log$/;
const base64Protocol = 'base64.binary.k8s.io';
/** Bytes of a log in one message. */
const logChunk = 2048;

/** Undefined for an answer that a WebSocket changes nothing about. */
export function readOnly(path: string, { incoming }: Upgrading, response: HttpResponse): ReadOnly | undefined {
  const { status, body, headers } = response;
  if (status !== 200) return undefined;
  const offered = offeredProtocols(incoming);
  if (logPath.test(path)) {
    if (offered.length === 0) return serveLog(body, undefined);
    const chosen = offered.find((name) => name === 'binary.k8s.io' || name === base64Protocol);
    return chosen === undefined ? { refusal: 403 } : serveLog(body, chosen);
  }
  if (!(body instanceof OpenFile)) return undefined;
  // This handshake wants to know where a browser has the page from (golang.org/x/net/websocket, checkOrigin).
  if (!URL.canParse(incoming.headers.origin ?? '') || offered.length > 1) return { refusal: 403 };
  const isText = headers['content-type'] === 'application/json';
  return serveWatch(body, offered[0], isText ? new Lines() : new Frames());
}

const serveWatch =
  (body: OpenFile, protocol: string | undefined, messages: Lines | Frames): ReadOnly =>
  (upgrading, kernel, wake) => {
    accept(upgrading, protocol, (socket) => {
      const send = (transport: Transport, data: ByteString): boolean =>
        messages.take(data).reduce((hasRoom, message) => transport.send(message) && hasRoom, true);
      run(kernel, socket, body, wake, send);
    });
  };

const serveLog =
  (body: HttpResponse['body'], protocol: string | undefined): ReadOnly =>
  (upgrading, kernel, wake) => {
    accept(upgrading, protocol, (socket) => {
      const encode = (data: Buffer): Buffer | string => (protocol === base64Protocol ? data.toString('base64') : data);
      // Tells the client that the log begins.
      socket.send(encode(Buffer.alloc(0)));
      const send = (transport: Transport, data: ByteString): boolean => transport.send(encode(toBuffer(data)));
      if (body instanceof OpenFile) return run(kernel, socket, body, wake, send);
      const transport = webSocketTransport(socket, wake);
      const bytes = typeof body === 'string' ? body : '';
      for (let at = 0; at < bytes.length; at += logChunk) send(transport, bytes.slice(at, at + logChunk) as ByteString);
      transport.close();
    });
  };

function run(
  kernel: Kernel,
  socket: WebSocket,
  body: OpenFile,
  wake: () => void,
  send: (transport: Transport, data: ByteString) => boolean,
): void {
  const transport = webSocketTransport(socket, wake);
  const fiber = kernel.fiber(
    (function* (): Call<void> {
      yield* copyOut(kernel, body, transport, (data) => send(transport, data));
      transport.close();
    })(),
  );
  socket.on('close', () => {
    fiber.cancel();
    release(body);
    wake();
  });
  wake();
}

/** A message for each line, with its end. */
class Lines {
  #rest = '';

  take(data: ByteString): readonly string[] {
    const lines = (this.#rest + data).split('\n');
    this.#rest = lines.pop()!;
    return lines.map((line) => `${toBuffer(line).toString()}\n`);
  }
}

/** A message for each frame, without its length. */
class Frames {
  #rest = Buffer.alloc(0);

  take(data: ByteString): readonly Buffer[] {
    this.#rest = Buffer.concat([this.#rest, toBuffer(data)]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= 4) {
      const endsAt = 4 + this.#rest.readUInt32BE(0);
      if (this.#rest.length < endsAt) break;
      frames.push(this.#rest.subarray(4, endsAt));
      this.#rest = this.#rest.subarray(endsAt);
    }
    return frames;
  }
}
