/**
 * Connections that stop to be HTTP: exec, attach and port-forward, over WebSocket or SPDY.
 *
 * - The request goes through the API server like any other; only its answer 101 opens the streams.
 * - What a client does not take waits in the cluster, and the far process with it.
 * - A client that goes away ends its streams; what runs in the container learns it as in life, by its input and output.
 *
 * Deliberately absent: watches and logs over WebSocket, and the first three versions of the channel protocol.
 */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Call, HttpResponse, Kernel } from '../../../emulator/kernel/index.ts';
import { OpenFile, utf8 } from '../../../emulator/kernel/index.ts';
import type { Exchange } from '../exchange.ts';
import { answerHeaders, ask, bodyOf } from '../exchange.ts';
import { chooseSpdyProtocol, openSpdy } from './spdy-session.ts';
import { chooseWebSocketProtocol, openWebSocket } from './web-socket.ts';

export interface Upgrading {
  readonly incoming: IncomingMessage;
  readonly socket: TLSSocket;
  /** What the client sent behind its request. */
  readonly head: Buffer;
}

/** `command` is exec and attach. */
export type Purpose = 'command' | 'forward';

/** A request that was granted. */
export interface Granted extends Upgrading {
  readonly kernel: Kernel;
  /** Something may go on inside the cluster. */
  readonly wake: () => void;
  readonly purpose: Purpose;
  readonly protocol: string;
  /** What the API server handed over. */
  readonly far: unknown;
  readonly query: URLSearchParams;
}

export function upgrade(exchange: Exchange, upgrading: Upgrading): void {
  const { socket } = upgrading;
  const arrived = exchange.pace.wait();
  socket.on('error', () => {});
  socket.on('close', arrived);
  exchange.kernel.fiber(serve(exchange, upgrading, arrived));
}

function* serve(exchange: Exchange, upgrading: Upgrading, arrived: () => void): Call<void> {
  const { kernel, pace, request } = exchange;
  const { socket, incoming } = upgrading;
  const [path = '', search = ''] = request.target.split('?', 2);
  const purpose = purposeOf(path);
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  const protocol = purpose && (isWebSocket ? chooseWebSocketProtocol : chooseSpdyProtocol)(incoming, purpose);
  const response = purpose && protocol === undefined ? noProtocol : yield* ask(exchange);
  arrived();
  if (!response) return;
  if (response.status !== 101 || !purpose || protocol === undefined) {
    writePlain(exchange, socket, response);
    return;
  }
  socket.on('close', pace.stream());
  const wake = (): void => pace.wake();
  const granted: Granted = {
    ...upgrading,
    kernel,
    wake,
    purpose,
    protocol,
    far: response.upgrade,
    query: new URLSearchParams(search),
  };
  if (isWebSocket) openWebSocket(granted);
  else openSpdy(granted);
}

function purposeOf(path: string): Purpose | undefined {
  const subresource = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/(exec|attach|portforward)$/.exec(path)?.[1];
  if (subresource === undefined) return undefined;
  return subresource === 'portforward' ? 'forward' : 'command';
}

const noProtocol: HttpResponse = {
  status: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: utf8('unable to upgrade: none of the protocols that the client speaks is known\n'),
};

/** An answer that is no upgrade, on a socket that HTTP has let go. */
function writePlain({ request }: Exchange, socket: TLSSocket, response: HttpResponse): void {
  const body = response.body instanceof OpenFile ? Buffer.alloc(0) : bodyOf(response);
  const headers = { ...answerHeaders(request, response), 'content-length': String(body.length), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head), body]));
}
