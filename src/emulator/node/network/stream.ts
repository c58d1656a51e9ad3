import type { DuplexStream, Kernel } from '../../kernel/index.ts';
import { createPipe, Errno } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { serveHttpText } from './http-text.ts';
import { Sender } from './transfer.ts';

/**
 * Opens the bytes of a connection and hands the other end to the server. A server that only speaks HTTP gets its messages
 * read from the bytes. Closing the output ends the far input, as shutdown(2) does. Throws ECONNRESET when the server takes no bytes.
 *
 * Differs from Linux: bytes of an open stream arrive at once, and only the connection's first packets cost latency, unless a link on
 * the way is shaped (tc).
 */
export function openStream(kernel: Kernel, connection: Connection): DuplexStream {
  const { service } = connection;
  if (!connection.isOpen) throw new Errno('ECONNRESET');
  const up = createPipe();
  const down = createPipe();
  const [upward, downward] = [new Sender(up.writer, connection, false), new Sender(down.writer, connection, true)];
  const server: DuplexStream = { input: up.reader, output: downward };
  const client: DuplexStream = { input: down.reader, output: upward };
  connection.onClose(() => {
    for (const file of [up.writer, up.reader, down.writer]) file.closed();
  });
  if (service.stream) service.stream(server, connection.peer());
  else if (service.http) serveHttpText(kernel, connection, server);
  else {
    connection.close();
    throw new Errno('ECONNRESET');
  }
  return client;
}
