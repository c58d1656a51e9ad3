/** Connections that stop to be HTTP: exec, attach and port-forward over WebSocket or SPDY. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Call, HttpResponse } from '../../../emulator/kernel/index.ts';
import { OpenFile } from '../../../emulator/kernel/index.ts';
import type { Exchange } from '../exchange.ts';
import { answerHeaders, ask, bodyOf } from '../exchange.ts';

export interface Upgrading {
  readonly incoming: IncomingMessage;
  readonly socket: TLSSocket;
  readonly head: Buffer;
}

export function upgrade(exchange: Exchange, upgrading: Upgrading): void {
  const arrived = exchange.pace.wait();
  upgrading.socket.on('error', () => {});
  upgrading.socket.on('close', arrived);
  exchange.kernel.fiber(serve(exchange, upgrading, arrived));
}

function* serve(exchange: Exchange, { socket }: Upgrading, arrived: () => void): Call<void> {
  const response = yield* ask(exchange);
  arrived();
  if (response) writePlain(exchange, socket, response);
}

/** An answer that is no upgrade, on a socket that HTTP has let go. */
function writePlain({ request }: Exchange, socket: TLSSocket, response: HttpResponse): void {
  const body = response.body instanceof OpenFile ? Buffer.alloc(0) : bodyOf(response);
  const headers = { ...answerHeaders(request, response), 'content-length': String(body.length), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\n${lines.join('\r\n')}\r\n\r\n`), body]),
  );
}
