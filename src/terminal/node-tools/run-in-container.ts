/** Runs a command in a container past the kubelet, with the streams of whoever asks: what `crictl exec` and `ctr tasks exec` do. */
import type { ByteString, Call, OpenFile, Sys } from '../../emulator/kernel/index.ts';
import type { Container, ContainerRuntime } from '../../emulator/node/container-runtime/index.ts';

/** Everything that comes, until its end. */
export function* copy(sys: Sys, from: OpenFile, fd: number): Call<number> {
  for (;;) {
    const data = from.read(65_536);
    if (data === undefined) yield* sys.block(from.readable, 'read');
    else if (data === '') return 0;
    else yield* sys.write(fd, data);
  }
}

function* pump(sys: Sys, from: OpenFile, to: OpenFile): Call<void> {
  for (;;) {
    const data = from.read(65_536);
    if (data === undefined) yield* sys.kernel.block(from.readable, 'read');
    else if (data === '') return to.closed();
    else {
      let rest = data;
      while (rest !== '') {
        const taken = to.write(rest);
        rest = rest.slice(taken) as ByteString;
        if (rest !== '') yield* sys.kernel.block(to.writable, 'write');
      }
    }
  }
}

/** How it ended, or why it did not begin. */
export type SessionEnd = { readonly exitCode: number } | { readonly message: string };

export function* runInContainer(
  sys: Sys,
  runtime: ContainerRuntime,
  container: Container,
  command: readonly string[],
  { hasStdin, hasTty: wantsTty }: { readonly hasStdin: boolean; readonly hasTty: boolean },
): Call<SessionEnd> {
  const { tty } = sys;
  const hasTty = wantsTty && tty !== undefined;
  const session = runtime.exec(container, command, { hasStdin, hasTty });
  if (session.result && 'message' in session.result) return session.result;
  if (hasTty) {
    session.resize(tty.columns, tty.rows);
    tty.onInput = (bytes: ByteString) => void session.stdin?.write(bytes);
    sys.own(() => {
      tty.onInput = undefined;
    });
    for (;;) {
      const data = session.stdout.read(65_536);
      if (data === undefined) yield* sys.block(session.stdout.readable, 'read');
      else if (data === '') break;
      else tty.onOutput(data);
    }
    tty.onInput = undefined;
  } else {
    if (session.stdin) {
      const stdin = session.stdin;
      const input = sys.fds.get(0);
      const fiber = sys.kernel.fiber(pump(sys, input, stdin));
      sys.own(() => fiber.cancel());
    }
    yield* copy(sys, session.stdout, 1);
    if (session.stderr) yield* copy(sys, session.stderr, 2);
  }
  while (!session.result) yield* sys.block(session.finished, 'exec');
  return session.result as SessionEnd;
}
