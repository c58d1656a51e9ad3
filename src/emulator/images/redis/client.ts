/** What asks a Redis server: redis-cli, replicas, and other images' programs. */
import type { Call, DuplexStream, Sys } from '../../kernel/index.ts';
import { Errno } from '../../kernel/index.ts';
import { resolveHost } from '../../node/network/resolver.ts';
import { decodeReply, encodeCommand } from './reply.ts';

/** A connection, closed at the program's end at the latest. Errors are Errno. */
export function* openRedis(sys: Sys, host: string, port: number): Call<DuplexStream> {
  const ip = yield* resolveHost(sys, host);
  const connection = yield* sys.net.connect({ ip, port });
  sys.own(() => connection.close());
  return sys.net.open(connection);
}

/** The answer to a command as redis-cli shows it; `raw` for a program. */
export function* askRedis(sys: Sys, stream: DuplexStream, words: readonly string[], raw: boolean): Call<string> {
  stream.output.write(encodeCommand(words));
  let buffer = '';
  for (;;) {
    const reply = decodeReply(buffer, raw);
    if (reply) return reply.text;
    const data = stream.input.read(65_536);
    if (data === undefined) yield* sys.kernel.block(stream.input.readable, 'read');
    else if (data === '') throw new Errno('ECONNRESET');
    else buffer += data;
  }
}
