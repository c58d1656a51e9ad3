/** A shell on another machine of the cluster, over its network. There are no passwords: root's key is everywhere. */

import type { SshServer } from '../../emulator/cluster/cluster.ts';
import type { Call, ExitStatus, Program, Sys } from '../../emulator/kernel/index.ts';
import { FdTable, isErrno, WaitQueue } from '../../emulator/kernel/index.ts';
import { resolveHost } from '../../emulator/node/network/resolver.ts';
import { parseArguments } from './arguments.ts';

const env: ReadonlyMap<string, string> = new Map([
  ['HOME', '/root'],
  ['USER', 'root'],
  ['LOGNAME', 'root'],
  ['SHELL', '/bin/bash'],
  ['TERM', 'xterm-256color'],
  ['LANG', 'C.UTF-8'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
]);
const flags = {
  '-l': { name: 'login', takesValue: true },
  '-p': { name: 'port', takesValue: true },
  '-o': { name: 'option', takesValue: true },
  '-q': { name: 'quiet' },
  '-t': { name: 'tty' },
  '-T': { name: 'no-tty' },
  '-v': { name: 'verbose' },
};

export const ssh: Program = function* (sys): Call<number> {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags, 1);
  const [destination, ...command] = words;
  if (unknown !== undefined || destination === undefined) {
    yield* sys.print(
      2,
      `${unknown === undefined ? '' : `unknown option -- ${unknown.replace(/^-+/, '')}\n`}usage: ssh [-qTtv] [-l login_name] [-o option] [-p port] destination [command [argument ...]]\n`,
    );
    return 255;
  }
  const [user, host] = destination.includes('@')
    ? [destination.slice(0, destination.indexOf('@')), destination.slice(destination.indexOf('@') + 1)]
    : [given.get('login') ?? 'root', destination];
  const port = Number(given.get('port') ?? 22);
  let ip: string;
  try {
    ip = yield* resolveHost(sys, host);
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(2, `ssh: Could not resolve hostname ${host}: Name or service not known\n`);
    return 255;
  }
  try {
    const connection = yield* sys.net.connect({ ip, port });
    sys.own(() => connection.close());
    const server = connection.service.endpoint as SshServer | undefined;
    if (!server?.machine) {
      yield* sys.print(2, `kex_exchange_identification: Connection closed by remote host\n`);
      return 255;
    }
    if (user !== 'root') {
      yield* sys.print(2, `${user}@${host}: Permission denied (publickey).\n`);
      return 255;
    }
    return yield* session(sys, server, connection, host, command);
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(2, `ssh: connect to host ${host} port ${port}: ${error.message}\n`);
    return 255;
  }
};

/** The far process has this terminal (or these streams) for its own, as if its bytes went over the connection. */
function* session(
  sys: Sys,
  { machine }: SshServer,
  connection: { readonly isOpen: boolean; onClose(callback: () => void): void },
  host: string,
  command: readonly string[],
): Call<number> {
  const done = new WaitQueue();
  let exit: ExitStatus | undefined;
  let isLost = false;
  const { tty } = sys;
  const isInteractive = command.length === 0 && tty !== undefined && sys.isatty(0);
  const saved = tty && { canonical: tty.canonical, echo: tty.echo, signals: tty.signals, foreground: tty.foreground };
  const fds = new FdTable();
  for (const fd of [0, 1, 2]) fds.set(fd, sys.fds.get(fd));
  const argv = command.length === 0 ? [isInteractive ? '-bash' : 'bash'] : ['bash', '-c', command.join(' ')];
  const process = sys.kernel.spawn({
    machine,
    argv,
    program: (far) => {
      const { program } = far.load('bash', argv);
      return far.exec(program, argv, env);
    },
    env,
    cwd: '/root',
    fds,
    tty: isInteractive ? tty : undefined,
    pgid: 'new',
    background: sys.isBackground,
    onExit: (status) => {
      exit = status;
      done.wake();
    },
  });
  if (isInteractive) tty.foreground = { machine, pgid: process.pgid };
  const restore = (): void => {
    if (tty && saved && isInteractive) Object.assign(tty, saved);
  };
  connection.onClose(() => {
    isLost = true;
    done.wake();
  });
  sys.own(() => {
    restore();
    if (!exit) sys.kernel.signal(process, 'HUP');
  });
  while (!exit && !isLost) yield* sys.block(done, 'ssh');
  restore();
  if (!exit || (isLost && exit.signal === 'KILL')) {
    yield* sys.print(2, `${isInteractive ? '\n' : ''}Connection to ${host} closed by remote host.\n`);
    if (isInteractive) yield* sys.print(2, `Connection to ${host} closed.\n`);
    return 255;
  }
  if (isInteractive) yield* sys.print(2, `Connection to ${host} closed.\n`);
  return exit.code;
}
