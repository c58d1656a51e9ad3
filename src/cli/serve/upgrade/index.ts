/**
 * Connections that stop to be HTTP: exec, attach and port-forward, over WebSocket or SPDY, watches and logs over WebSocket.
 *
 * - The request goes through the API server like any other; only its answer 101 opens the streams.
 * - What a client does not take waits in the cluster, and the far process with it.
 * - A client that goes away ends its streams; what runs in the container learns it as in life, by its input and output.
 * - Who asks to upgrade what cannot be upgraded gets the answer as if nothing had been said.
 *
 * Deliberately absent: the first three versions of the channel protocol.
 */
import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Call, HttpResponse, Kernel } from '../../../emulator/kernel/index.ts';
import { noBytes, utf8 } from '../../../emulator/kernel/index.ts';
import type { Exchange } from '../exchange.ts';
import { ask, write } from '../exchange.ts';
import { readOnly } from './read-only.ts';
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
  const wake = (): void => pace.wake();
  if (!purpose) {
    const open = isWebSocket ? readOnly(path, upgrading, response) : undefined;
    if (typeof open !== 'function') return void (yield* writePlain(exchange, upgrading, open ? refused(open.refusal) : response));
    socket.on('close', pace.stream());
    return open(upgrading, kernel, wake);
  }
  if (response.status !== 101 || protocol === undefined) return void (yield* writePlain(exchange, upgrading, response));
  socket.on('close', pace.stream());
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

const refused = (status: number): HttpResponse => ({ status, headers: {}, body: noBytes });

/** An answer that is no upgrade, on a socket that HTTP has let go. */
function writePlain(exchange: Exchange, { incoming, socket }: Upgrading, response: HttpResponse): Call<void> {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.on('finish', () => void socket.end());
  return write(exchange, response, outgoing);
}
