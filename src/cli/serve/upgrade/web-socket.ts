/** Streams over a WebSocket. Upstream: apiserver pkg/util/proxy (streamtranslator.go, streamtunnel.go), kubelet's streaming server. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { RemoteCommand } from '../../../emulator/kernel/index.ts';
import { toBuffer } from '../bytes.ts';
import type { Granted, Purpose, Upgrading } from './index.ts';
import type { Forwarder } from './port-forward.ts';
import { ForwardedConnection } from './port-forward.ts';
import { RemoteSession } from './remote-command.ts';
import { forwardOverSpdy } from './spdy-session.ts';
import { webSocketTransport } from './transport.ts';

const tunnel = 'SPDY/3.1+portforward.k8s.io';
/** What is spoken. Version 5 has a message that ends the input; port-forward's own is SPDY within a WebSocket. */
const spoken: Readonly<Record<Purpose, readonly string[]>> = {
  command: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
  forward: [tunnel, 'v4.channel.k8s.io'],
};
/** Channels of exec and attach: the number stands before each message. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** The longest message that is taken. */
const maxPayload = 32 << 20;

/** A bearer token among the protocols, for clients that cannot set headers, is no protocol. */
const tokenPrefix = 'base64url.bearer.authorization.k8s.io.';

export function offeredProtocols({ headers }: IncomingMessage): readonly string[] {
  const names = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => name !== '' && !name.startsWith(tokenPrefix));
}

/** The first of the client's protocols that is spoken here. */
export function chooseWebSocketProtocol(incoming: IncomingMessage, purpose: Purpose): string | undefined {
  return offeredProtocols(incoming).find((name) => spoken[purpose].includes(name));
}

/** Completes the handshake. */
export function accept({ incoming, socket, head }: Upgrading, protocol: string | undefined, open: (webSocket: WebSocket) => void): void {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload });
  // The library takes no names with a slash, so it is not shown what the client offers.
  delete incoming.headers['sec-websocket-protocol'];
  if (protocol !== undefined) server.on('headers', (headers) => void headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  server.handleUpgrade(incoming, socket, head, (webSocket) => {
    webSocket.on('error', () => {});
    open(webSocket);
  });
}

export function openWebSocket(granted: Granted): void {
  const { protocol, purpose, wake } = granted;
  accept(granted, protocol, (webSocket) => {
    if (purpose === 'command') runCommand(granted, webSocket);
    else if (protocol === tunnel) tunnelForwarding(granted, webSocket);
    else forwardPorts(granted, webSocket);
    wake();
  });
}

function message(channel: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([channel]), data]);
}

function runCommand({ kernel, far, query, wake }: Granted, webSocket: WebSocket): void {
  const transport = webSocketTransport(webSocket, wake);
  const say = (channel: number, data: Buffer): boolean => transport.send(message(channel, data));
  // Tells the client that its streams are there.
  say(query.has('stdout') ? channels.stdout : channels.error, Buffer.alloc(0));
  const session = new RemoteSession(
    kernel,
    far as RemoteCommand,
    {
      transport,
      output: (channel, data) => say(channels[channel], toBuffer(data)),
      finish(status) {
        say(channels.error, Buffer.from(JSON.stringify(status)));
        transport.close();
      },
    },
    query.getAll('command'),
  );
  webSocket.on('message', (data: Buffer) => {
    const rest = data.subarray(1);
    if (data[0] === channels.stdin) session.input(rest);
    else if (data[0] === channels.resize) session.resize(rest);
    else if (data[0] === channels.close && rest[0] === channels.stdin) session.endInput();
    wake();
  });
  webSocket.on('close', () => {
    session.abandon();
    wake();
  });
}

function tunnelForwarding({ kernel, far, wake }: Granted, webSocket: WebSocket): void {
  const spdy = forwardOverSpdy(kernel, far as Forwarder, webSocketTransport(webSocket, wake));
  webSocket.on('message', (data: Buffer) => {
    void spdy.receive(data).then(wake);
  });
  webSocket.on('close', () => {
    spdy.close();
    wake();
  });
}

/** The older form: the ports stand in the query, and each has a channel for its bytes and one for what goes wrong. */
function forwardPorts({ kernel, far, query, wake }: Granted, webSocket: WebSocket): void {
  const transport = webSocketTransport(webSocket, wake);
  const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
  const connections = ports.map((port, i) => {
    const [data, error] = [2 * i, 2 * i + 1];
    // The first message of each channel is its port.
    const number = Buffer.from([port & 255, port >> 8]);
    for (const channel of [data, error]) transport.send(message(channel, number));
    return new ForwardedConnection(kernel, far as Forwarder, port, {
      transport,
      data: (bytes) => transport.send(message(data, toBuffer(bytes))),
      error: (text) => void transport.send(message(error, Buffer.from(text))),
      end: () => transport.close(),
    });
  });
  webSocket.on('message', (data: Buffer) => {
    if (data[0]! % 2 === 0) connections[data[0]! / 2]?.inbox.push(data.subarray(1));
    wake();
  });
  webSocket.on('close', () => {
    for (const connection of connections) connection.abandon();
    wake();
  });
}
