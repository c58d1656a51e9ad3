import type { DuplexStream, Kernel } from '../../kernel/index.ts';
import { createPipe, Errno } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import { serveHttpText } from './http-text.ts';

/**
 * Opens the bytes of a connection and hands the other end to the server. A server that only speaks HTTP gets its messages
 * read from the bytes. Closing the output ends the far input, as shutdown(2) does. Throws ECONNRESET when the server takes no bytes.
 *
 * Differs from Linux: bytes of an open stream arrive at once; only the connection's first packets cost latency.
 */
export function openStream(kernel: Kernel, connection: Connection): DuplexStream {
  const { service } = connection;
  if (!connection.isOpen) throw new Errno('ECONNRESET');
  const up = createPipe();
  const down = createPipe();
  const server: DuplexStream = { input: up.reader, output: down.writer };
  const client: DuplexStream = { input: down.reader, output: up.writer };
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
