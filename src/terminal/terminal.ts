/**
 * A terminal on a machine: a line discipline with a login shell behind it. A page, `labs shell` and `ssh` open one.
 */
import { FdTable } from '../emulator/kernel/index.ts';
import type { Kernel, Machine, Process, Tty } from '../emulator/kernel/index.ts';

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: ReadonlyMap<string, string> | undefined;
  /** What runs in it; root's login shell by default. */
  readonly argv?: readonly string[] | undefined;
}

export interface Terminal {
  /** Keys go in by `tty.input`, the screen's bytes come out by `tty.onOutput`, a new size by `tty.resize`. */
  readonly tty: Tty;
  readonly shell: Process;
}

/** Environment of root's login shell. */
const loginEnv: ReadonlyMap<string, string> = new Map([
  ['HOME', '/root'],
  ['USER', 'root'],
  ['LOGNAME', 'root'],
  ['SHELL', '/bin/bash'],
  ['TERM', 'xterm-256color'],
  ['LANG', 'C.UTF-8'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
]);

/** Throws ENOENT when the machine has no such program, EAGAIN at its limit of processes. */
export function openTerminal(kernel: Kernel, machine: Machine, { columns, rows, env, argv = ['-bash'] }: TerminalOptions): Terminal {
  const tty = kernel.createTty();
  tty.columns = columns;
  tty.rows = rows;
  const fds = new FdTable();
  for (const fd of [0, 1, 2]) fds.set(fd, tty);
  const name = argv[0]!.replace(/^-/, '');
  const starter = kernel.spawn({
    machine,
    // A login shell's own name begins with a dash; the file does not.
    program: (sys) => {
      const { program } = sys.load(name, argv);
      return sys.exec(program, argv, sys.env);
    },
    argv,
    env: new Map([...loginEnv, ...(env ?? [])]),
    cwd: machine.fs.find('/root')?.kind === 'directory' ? '/root' : '/',
    fds,
    tty,
    pgid: 'new',
  });
  tty.foreground = { machine, pgid: starter.pgid };
  return { tty, shell: starter };
}
