/** socat: carries bytes from a port to another host's. */
import type { Call, DuplexStream, OpenFile, Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { resolveHost } from '../../node/network/resolver.ts';
import { serveUntilSignal } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { serveStreams } from '../streams.ts';
import { busyboxFiles } from '../userland.ts';

const listening = /^tcp4?-l(?:isten)?:(\d+)(?:,|$)/i;
const connecting = /^tcp4?(?:-connect)?:([^:,]+):(\d+)(?:,|$)/i;

function* copy(sys: Sys, from: OpenFile, to: OpenFile): Call<void> {
  for (;;) {
    const data = from.read(65_536);
    if (data === undefined) yield* sys.kernel.block(from.readable, 'read');
    else if (data === '') return to.closed();
    else to.write(data);
  }
}

function* carry(sys: Sys, client: DuplexStream, host: string, port: number): Call<void> {
  let server: DuplexStream;
  try {
    const ip = yield* resolveHost(sys, host);
    server = sys.net.open(yield* sys.net.connect({ ip, port }));
  } catch (error) {
    if (!isErrno(error)) throw error;
    const why =
      error.code === 'ENOENT' ? `getaddrinfo("${host}", "NULL"): Name does not resolve` : `connect to ${host}:${port}: ${error.message}`;
    yield* sys.print(2, `socat[${sys.pid}] E ${why}\n`);
    return client.output.closed();
  }
  sys.kernel.fiber(copy(sys, server.input, client.output), { background: true });
  yield* copy(sys, client.input, server.output);
}

// Differs from Kubernetes: of socat there is tcp-listen to tcp-connect, and every connection is served, with `fork` or without.
const program: Program = function* (sys): Call<number> {
  const [from = '', to = ''] = sys.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const [, port] = listening.exec(from) ?? [];
  const [, host, target] = connecting.exec(to) ?? [];
  if (port === undefined || host === undefined) {
    yield* sys.print(2, `socat[${sys.pid}] E unknown device/address "${port === undefined ? from : to}"\n`);
    return 1;
  }
  const listener = sys.net.listen(Number(port), { stream: serveStreams(sys, (stream) => carry(sys, stream, host, Number(target))) });
  sys.own(() => listener.close());
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};

export const socat: ImageDefinition = {
  repository: 'docker.io/alpine/socat',
  versions: [{ tags: ['1.8.0.3', 'latest'], sizeBytes: 4_300_000 }],
  config: { entrypoint: ['socat'] },
  files: (_version, programs) => ({ ...busyboxFiles(programs), '/usr/bin/socat': program }),
};
