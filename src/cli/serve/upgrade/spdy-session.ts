/** Streams over SPDY, as kubectl before 1.31 opens them, and port-forward's within a WebSocket. */
import type { IncomingMessage } from 'node:http';
import type { Kernel, RemoteCommand } from '../../../emulator/kernel/index.ts';
import { toBuffer } from '../bytes.ts';
import type { Granted, Purpose } from './index.ts';
import type { Forwarder } from './port-forward.ts';
import { ForwardedConnection } from './port-forward.ts';
import { RemoteSession } from './remote-command.ts';
import type { SpdyStream } from './spdy.ts';
import { SpdyConnection } from './spdy.ts';
import type { Transport } from './transport.ts';
import { socketTransport } from './transport.ts';

const spoken: Readonly<Record<Purpose, string>> = { command: 'v4.channel.k8s.io', forward: 'portforward.k8s.io' };

/** The protocol within SPDY/3.1, if that is what the client wants. */
export function chooseSpdyProtocol({ headers }: IncomingMessage, purpose: Purpose): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'spdy/3.1') return undefined;
  const offered = [headers['x-stream-protocol-version'] ?? ''].flat().join(',').split(',');
  return offered.map((name) => name.trim()).find((name) => name === spoken[purpose]);
}

export function openSpdy({ kernel, socket, head, far, purpose, protocol, query, wake }: Granted): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  const transport = socketTransport(socket, wake);
  const spdy =
    purpose === 'forward'
      ? forwardOverSpdy(kernel, far as Forwarder, transport)
      : commandOverSpdy(kernel, far as RemoteCommand, transport, query);
  const receive = (data: Buffer): void => void spdy.receive(data).then(wake);
  if (head.length > 0) receive(head);
  socket.on('data', receive);
  socket.on('close', () => {
    spdy.close();
    wake();
  });
}

/** Each connection is two streams of one request: `data` and `error`. */
export function forwardOverSpdy(kernel: Kernel, forwarder: Forwarder, transport: Transport): SpdyConnection {
  const waiting = new Map<string, SpdyStream>();
  const connections = new Set<ForwardedConnection>();
  const connect = (port: number, data: SpdyStream, error: SpdyStream): void => {
    const connection = new ForwardedConnection(kernel, forwarder, port, {
      transport,
      data: (bytes) => data.write(toBuffer(bytes)),
      error: (text) => void error.write(Buffer.from(text)),
      end() {
        data.end();
        error.end();
        connections.delete(connection);
      },
    });
    connections.add(connection);
    data.onData = (bytes) => connection.inbox.push(bytes);
    data.onEnd = () => connection.inbox.end();
  };
  return new SpdyConnection(
    transport,
    (stream) => {
      const { headers } = stream;
      const request = `${headers.get('port')} ${headers.get('requestid')}`;
      const other = waiting.get(request);
      if (!other) {
        waiting.set(request, stream);
        return;
      }
      waiting.delete(request);
      const [data, error] = headers.get('streamtype') === 'data' ? [stream, other] : [other, stream];
      connect(Number(headers.get('port')), data, error);
    },
    () => {
      for (const connection of connections) connection.abandon();
    },
  );
}

/** The command's output begins once the client has opened all the streams that it asked for. */
function commandOverSpdy(kernel: Kernel, remote: RemoteCommand, transport: Transport, query: URLSearchParams): SpdyConnection {
  const isTrue = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  const expected = ['error', ...['stdin', 'stdout', 'stderr'].filter(isTrue), ...(isTrue('tty') ? ['resize'] : [])];
  const streams = new Map<string, SpdyStream>();
  let session: RemoteSession | undefined;
  const begin = (): void => {
    const client = {
      transport,
      output: (channel: 'stdout' | 'stderr', data: string) => streams.get(channel)?.write(toBuffer(data)) ?? true,
      finish(status: object) {
        streams.get('error')?.write(Buffer.from(JSON.stringify(status)));
        for (const stream of streams.values()) stream.end();
        transport.close();
      },
    };
    session = new RemoteSession(kernel, remote, client, query.getAll('command'));
  };
  return new SpdyConnection(
    transport,
    (stream) => {
      const name = stream.headers.get('streamtype') ?? '';
      streams.set(name, stream);
      if (name === 'stdin') {
        stream.onData = (data) => session?.input(data);
        stream.onEnd = () => session?.endInput();
      }
      if (name === 'resize') stream.onData = (data) => session?.resize(data);
      if (!session && expected.every((one) => streams.has(one))) begin();
    },
    () => session?.abandon(),
  );
}
