/** The streams of exec and attach: this terminal at one end, a process in a container at the other. */

import type { RemoteCommand } from '../../emulator/kernel/http.ts';
import type { ByteString, Call, OpenFile, Sys } from '../../emulator/kernel/index.ts';
import { CommandError } from './errors.ts';
import { flag } from './flag-set.ts';
import type { Invocation } from './invocation.ts';
import type { Json } from './json.ts';

interface StreamOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Connects both ends until the far process ends. Returns its exit code. */
export function* streamRemoteCommand(sys: Sys, remote: RemoteCommand, options: StreamOptions): Call<number> {
  const restore = options.tty ? handOverTerminal(sys, remote) : undefined;
  const helpers: number[] = [];
  if (options.stdin && !options.tty && remote.stdin) helpers.push(spawnPump(sys, remote.stdin));
  const errors = remote.stderr;
  if (errors) helpers.push(spawnCopy(sys, errors));
  yield* copyOut(sys, remote.stdout, 1);
  while (remote.result === undefined) yield* sys.block(remote.finished, 'remote');
  restore?.();
  const [pump] = options.stdin && !options.tty && remote.stdin ? helpers : [];
  if (pump !== undefined) sys.kill(pump, 'KILL');
  for (const pid of helpers) yield* sys.wait(pid);
  const { result } = remote;
  if ('message' in result) throw new CommandError(result.message);
  return result.exitCode;
}

/** Every key goes to the far side as it is; Ctrl-C too, for it is the far terminal that makes a signal of it. */
function handOverTerminal(sys: Sys, remote: RemoteCommand): () => void {
  const { tty } = sys;
  if (!tty) return () => {};
  const before = { canonical: tty.canonical, echo: tty.echo, signals: tty.signals, onInput: tty.onInput };
  Object.assign(tty, { canonical: false, echo: false, signals: false });
  tty.onInput = (bytes) => void remote.stdin?.write(bytes);
  remote.resize(tty.columns, tty.rows);
  const restore = (): void => void Object.assign(tty, before);
  sys.own(restore);
  return restore;
}

/** Copies standard input to the far side, and ends it there. */
function spawnPump(sys: Sys, to: OpenFile): number {
  return sys.spawn({
    argv: sys.argv,
    *program(child) {
      const fd = child.fds.add(to);
      for (let data: ByteString; (data = yield* child.read(0)) !== ''; ) yield* child.write(fd, data);
      child.fds.close(fd);
      to.closed();
      return 0;
    },
  });
}

function spawnCopy(sys: Sys, from: OpenFile, to = 2): number {
  return sys.spawn({
    argv: sys.argv,
    *program(child) {
      yield* copyOut(child, from, to);
      return 0;
    },
  });
}

function* copyOut(sys: Sys, from: OpenFile, to: number): Call<void> {
  const fd = sys.fds.add(from);
  for (let data: ByteString; (data = yield* sys.read(fd)) !== ''; ) yield* sys.write(to, data);
  sys.fds.close(fd);
}

const noTtyMessage = 'Unable to use a TTY - input is not a terminal or the right kind of file\n';

/** -i and -t. */
export const stdinFlags = [
  flag('stdin', 'bool', false, 'Pass standard input on.', { short: 'i' }),
  flag('tty', 'bool', false, 'Standard input is a terminal.', { short: 't' }),
];

/** Whether -t can be had: only with -i and a terminal. */
export function* wantsTty(invocation: Invocation): Call<boolean> {
  const { flags, sys } = invocation;
  if (!flags.bool('tty')) return false;
  if (!flags.bool('stdin') || !sys.isatty(0)) {
    yield* invocation.err(noTtyMessage);
    return false;
  }
  return true;
}

interface RemoteOptions {
  readonly command?: readonly string[];
  readonly container: string;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Asks for the upgraded connection. Each word of the command is a parameter of its own. */
export function* connect(invocation: Invocation, pod: Json, subresource: 'exec' | 'attach', options: RemoteOptions): Call<RemoteCommand> {
  const words = (options.command ?? []).map((word) => `command=${encodeURIComponent(word).replaceAll('%20', '+')}`);
  const rest = [
    `container=${options.container}`,
    ...(options.stdin ? ['stdin=true'] : []),
    'stdout=true',
    ...(options.tty ? ['tty=true'] : ['stderr=true']),
  ];
  const response = yield* invocation.client.send({
    method: 'POST',
    upgrade: 'SPDY/3.1',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/${subresource}?${[...words, ...rest].join('&')}`,
  });
  if (response.status !== 101 || response.upgrade === undefined)
    throw new CommandError('unable to upgrade connection: the server did not switch protocols');
  return response.upgrade as RemoteCommand;
}

interface RunOptions {
  /** All of its standard input; it has none when absent. */
  readonly stdin?: ByteString | undefined;
  /** Where its errors go; nowhere when absent. */
  readonly stderrTo?: number | undefined;
}

/** Runs the far process to its end and returns what it printed. */
export function* runRemoteCommand(
  sys: Sys,
  remote: RemoteCommand,
  { stdin, stderrTo }: RunOptions,
): Call<{ readonly stdout: ByteString; readonly code: number }> {
  const input = remote.stdin;
  const children: number[] = [];
  if (input && stdin !== undefined) children.push(spawnFeed(sys, input, stdin));
  if (remote.stderr) children.push(stderrTo === undefined ? spawnDrain(sys, remote.stderr) : spawnCopy(sys, remote.stderr, stderrTo));
  const fd = sys.fds.add(remote.stdout);
  let stdout = '';
  for (let data: ByteString; (data = yield* sys.read(fd)) !== ''; ) stdout += data;
  sys.fds.close(fd);
  while (remote.result === undefined) yield* sys.block(remote.finished, 'remote');
  for (const pid of children) {
    // A process that does not read to its end leaves the rest unread.
    if (pid === children[0] && input && stdin !== undefined) sys.kill(pid, 'KILL');
    yield* sys.wait(pid);
  }
  const { result } = remote;
  if ('message' in result) throw new CommandError(result.message);
  return { stdout: stdout as ByteString, code: result.exitCode };
}

function spawnFeed(sys: Sys, to: OpenFile, bytes: ByteString): number {
  return sys.spawn({
    argv: sys.argv,
    *program(child) {
      const fd = child.fds.add(to);
      yield* child.write(fd, bytes);
      child.fds.close(fd);
      to.closed();
      return 0;
    },
  });
}

function spawnDrain(sys: Sys, from: OpenFile): number {
  return sys.spawn({
    argv: sys.argv,
    *program(child) {
      const fd = child.fds.add(from);
      while ((yield* child.read(fd)) !== '');
      child.fds.close(fd);
      return 0;
    },
  });
}

/** This terminal at a container's process, until that ends. Returns its exit code. */
export function* attachSession(invocation: Invocation, pod: Json, container: string): Call<number> {
  const { flags } = invocation;
  const tty = yield* wantsTty(invocation);
  if (!flags.bool('quiet'))
    yield* invocation.err(
      tty
        ? "If you don't see a command prompt, try pressing enter.\n"
        : 'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n',
    );
  const stdin = flags.bool('stdin');
  const remote = yield* connect(invocation, pod, 'attach', { container, stdin, tty });
  return yield* streamRemoteCommand(invocation.sys, remote, { stdin, tty });
}
