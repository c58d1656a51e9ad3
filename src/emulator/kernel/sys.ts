import { utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import type { Call, Wchan } from './call.ts';
import { Errno, Interrupted } from './errno.ts';
import { loadExecutable } from './executable.ts';
import type { Executable } from './executable.ts';
import type { FdTable, OpenFile } from './file.ts';
import { absolute, openText } from './filesystem.ts';
import type { FileSystem, OpenMode } from './filesystem.ts';
import type { Kernel } from './kernel.ts';
import type { Machine } from './machine.ts';
import { mountsFile } from './mount-table.ts';
import type { NetNamespace } from './network.ts';
import { createPipe } from './pipe.ts';
import { Exec, Exit, quantum, shareDispositions } from './process.ts';
import { capabilitiesOf, confinement, processStatus } from './process-status.ts';
import type { ExitStatus, Process, Program, SpawnOptions } from './process.ts';
import type { Signal } from './signals.ts';
import type { Tty } from './tty.ts';
import type { WaitQueue } from './wait-queue.ts';

const standardStreams: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };

/**
 * A process's view of the kernel. Calls that cannot block are plain methods; the generators, and only they, may
 * block and are called with `yield*`. Even those return at once, without trapping, when they need not wait.
 */
export class Sys {
  readonly kernel: Kernel;
  readonly #process: Process;

  constructor(kernel: Kernel, process: Process) {
    this.kernel = kernel;
    this.#process = process;
  }

  get pid(): number {
    return this.#process.pid;
  }
  get ppid(): number {
    return this.#process.parent?.pid ?? 0;
  }
  get pgid(): number {
    return this.#process.pgid;
  }
  get argv(): readonly string[] {
    return this.#process.argv;
  }
  get env(): ReadonlyMap<string, string> {
    return this.#process.env;
  }
  get cwd(): string {
    return this.#process.cwd;
  }
  /** What the process may do of root's rights, without `CAP_`. */
  get capabilities(): ReadonlySet<string> {
    return capabilitiesOf(this.#process);
  }

  get machine(): Machine {
    return this.#process.machine;
  }
  get hostname(): string {
    return this.#process.machine.hostname;
  }
  get fs(): FileSystem {
    return this.#process.machine.fs;
  }
  get net(): NetNamespace {
    return this.#process.machine.net;
  }
  get fds(): FdTable {
    return this.#process.fds;
  }
  get tty(): Tty | undefined {
    return this.#process.tty;
  }
  /** Permission bits that new files and directories do not get. */
  get umask(): number {
    return this.#process.umask;
  }
  set umask(mask: number) {
    this.#process.umask = mask;
  }
  /** Virtual milliseconds since the cluster was made. */
  get nowMs(): number {
    return this.kernel.loop.now;
  }
  get isBackground(): boolean {
    return this.#process.background;
  }

  chdir(path: string): void {
    const target = this.path(path);
    if (this.fs.inode(target).kind !== 'directory') throw new Errno('ENOTDIR');
    this.#process.cwd = target;
  }

  /** Makes a path absolute from the working directory. */
  path(path: string): string {
    return absolute(this.#process.cwd, path);
  }

  open(path: string, mode: OpenMode): number {
    return this.fds.add(this.openFile(path, mode));
  }

  /** Opens without a descriptor. The names that mean something else to each process are known here: /dev/fd/N, /dev/stdin, /dev/tty. */
  openFile(path: string, mode: OpenMode): OpenFile {
    const target = this.path(path);
    if (!target.startsWith('/dev/') && !target.startsWith('/proc/')) return this.fs.open(target, mode, 0o666 & ~this.umask);
    const fd = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(target)?.[1];
    if (fd !== undefined) return this.fds.get(Number(fd));
    if (target in standardStreams) return this.fds.get(standardStreams[target]!);
    if (target === '/dev/tty') {
      if (!this.tty) throw new Errno('ENXIO');
      return this.tty;
    }
    const [, whose, about] = /^\/proc\/(self|\d+)\/(status|attr\/current)$/.exec(target) ?? [];
    if (whose !== undefined) {
      const found = whose === 'self' ? this.#process : this.machine.processes.get(Number(whose));
      if (!found) throw new Errno('ENOENT');
      return openText(this.fs, about === 'status' ? processStatus(found) : confinement(found));
    }
    if (/^\/proc\/(self\/)?mounts$/.test(target)) return openText(this.fs, mountsFile(this.fs));
    const other = /^\/proc\/(\d+)\/fd\/(\d+)$/.exec(target);
    if (!other) return this.fs.open(target, mode, 0o666 & ~this.umask);
    const process = this.machine.processes.get(Number(other[1]));
    if (!process || process.state === 'zombie') throw new Errno('ENOENT');
    return process.fds.get(Number(other[2]));
  }

  pipe(): { reader: OpenFile; writer: OpenFile } {
    return createPipe();
  }

  /** Puts another table in place until `popFds`: how a shell redirects a builtin or a whole loop. */
  pushFds(table: FdTable): void {
    this.#process.savedFds.push(this.fds);
    this.#process.fds = table;
  }

  popFds(): void {
    this.fds.closeAll();
    this.#process.fds = this.#process.savedFds.pop()!;
  }

  /** Makes the table in place permanent, instead of `popFds`: `exec >file`. */
  keepFds(): void {
    this.#process.savedFds.pop()!.closeAll();
  }

  isatty(fd: number): boolean {
    return this.fds.get(fd).isTty;
  }

  /** Finds a program as a shell does: a path as it is, a plain name in the directories of PATH. Undefined if there is none. */
  which(name: string, path = this.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'): string | undefined {
    const candidates = name.includes('/') ? [this.path(name)] : path.split(':').map((directory) => absolute(directory, name));
    return candidates.find((candidate) => {
      const inode = this.fs.find(candidate);
      return inode?.kind === 'file' && (inode.mode & 0o111) !== 0;
    });
  }

  /** What an executable file runs; `name` as `which` takes it. Throws ENOENT, EACCES, ENOEXEC or ELOOP. */
  load(name: string, argv: readonly string[], path?: string): Executable {
    const found = this.which(name, path);
    if (found === undefined && !name.includes('/')) throw new Errno('ENOENT');
    return loadExecutable(this.fs, found ?? this.path(name), argv);
  }

  /** Throws EAGAIN at the limit of processes. The child first runs when this process blocks. */
  spawn(options: SpawnOptions): number {
    this.#process.slice -= quantum.spawnSteps;
    return this.kernel.spawn({ ...options, machine: options.machine ?? this.machine }, this.#process).pid;
  }

  /** Replaces the program of this process, as exec(2) does; with it goes the whole stack of generators. The environment stays unless one is given. */
  exec(program: Program, argv: readonly string[], env?: ReadonlyMap<string, string>): never {
    const process = this.#process;
    process.program = program;
    process.argv = argv;
    if (env) process.env = env;
    process.body = undefined;
    this.kernel.onProgram?.(process);
    throw new Exec();
  }

  exit(code: number): never {
    throw new Exit({ pid: this.pid, code });
  }

  /** Hands something over to be closed when the process ends, however it ends. */
  own(dispose: () => void): void {
    this.#process.own(dispose);
  }

  /** A negative pid names a process group. */
  kill(pid: number, signal: Signal): void {
    if (pid < 0) this.kernel.killGroup(this.machine, -pid, signal);
    else this.kernel.kill(this.machine, pid, signal);
  }

  /**
   * Without a disposition the signal does what it does by default. A caught signal interrupts a blocked call. What is
   * ignored stays so in children; what is shielded is ignored here only, as an interactive shell does with TSTP.
   */
  onSignal(signal: Signal, disposition: 'ignore' | 'shield' | 'catch' | 'default'): void {
    const dispositions = new Map(this.#process.dispositions);
    if (disposition === 'default') dispositions.delete(signal);
    else dispositions.set(signal, disposition);
    this.#process.dispositions = shareDispositions(dispositions);
  }

  get hasSignal(): boolean {
    return this.#process.pending.length > 0;
  }

  takeSignal(): Signal | undefined {
    return this.#process.pending.shift();
  }

  /** Gives the terminal to a process group (tcsetpgrp). */
  setForeground(pgid: number): void {
    if (this.#process.tty) this.#process.tty.foreground = { machine: this.machine, pgid };
  }

  /** Counts one step. True when the time slice is used up: `if (sys.tick()) yield* sys.preempt()`. */
  tick(): boolean {
    return --this.#process.slice <= 0;
  }

  /** Gives way. A slice costs virtual time, so that a busy loop burns CPU and the clock moves on. */
  *preempt(): Call<void> {
    const process = this.#process;
    process.cpuMs += quantum.timeMs;
    process.state = 'blocked';
    const { cpuShare = 1 } = process.machine;
    process.timer = this.kernel.loop.timer(quantum.timeMs / cpuShare, () => process.wake(), process.background);
    yield 'preempt';
  }

  *sleep(ms: number): Call<void> {
    if (this.tick()) yield* this.preempt();
    this.checkSignals();
    yield* this.kernel.sleep(ms);
    this.checkSignals();
  }

  /** Waits until a signal comes that is caught (pause(2)); one that is not caught ends the process. */
  *pause(): Call<void> {
    while (this.#process.pending.length === 0) {
      this.#process.state = 'blocked';
      yield 'pause';
    }
  }

  *read(fd: number, max = 65_536): Call<ByteString> {
    if (this.tick()) yield* this.preempt();
    const file = this.fds.get(fd);
    if (file.isTty) yield* this.#awaitForeground(file);
    for (;;) {
      const data = file.read(max);
      if (data !== undefined) return data;
      yield* this.block(file.readable, 'read');
    }
  }

  *write(fd: number, data: ByteString): Call<void> {
    if (this.tick()) yield* this.preempt();
    const file = this.fds.get(fd);
    let rest = data;
    while (rest !== '') {
      rest = rest.slice(this.#put(file, rest)) as ByteString;
      if (rest !== '') yield* this.block(file.writable, 'write');
    }
  }

  /** Writes text as UTF-8. */
  print(fd: number, text: string): Call<void> {
    return this.write(fd, utf8(text));
  }

  /** Writes all of it at once or nothing, for builtins that want to stay plain functions. */
  tryWrite(fd: number, data: ByteString): boolean {
    return this.#process.slice > 0 && data.length <= 4096 && this.#put(this.fds.get(fd), data) === data.length;
  }

  /** Waits for a child to end (or, if asked, to be stopped) and forgets an ended one. Throws ECHILD when there is none (left). */
  *wait(pid?: number, { untraced = false } = {}): Call<ExitStatus> {
    for (;;) {
      let found = false;
      for (const child of this.#process.children) {
        if (pid !== undefined && child.pid !== pid) continue;
        found = true;
        if (child.exit) return this.kernel.reap(child);
        if (untraced && child.state === 'stopped') return { pid: child.pid, code: 148, signal: 'TSTP' };
      }
      if (!found) throw new Errno('ECHILD');
      yield* this.block(this.#process.childExited, 'wait');
    }
  }

  /** Waits until some child has ended, been stopped or continued. */
  *waitForChild(): Call<void> {
    yield* this.block(this.#process.childExited, 'wait');
  }

  /** What has become of a child, without waiting: undefined while it runs. An ended child is forgotten. Throws ECHILD. */
  poll(pid: number): ExitStatus | 'stopped' | undefined {
    for (const child of this.#process.children) {
      if (child.pid !== pid) continue;
      if (child.exit) return this.kernel.reap(child);
      return child.state === 'stopped' ? 'stopped' : undefined;
    }
    throw new Errno('ECHILD');
  }

  /** Blocks until the queue is woken. The caller must look again at what it waits for. */
  *block(queue: WaitQueue, wchan: Wchan): Call<void> {
    this.checkSignals(); // One that came while it ran would otherwise not wake it.
    this.#process.state = 'blocked';
    queue.add(this.#process);
    yield wchan;
    if (this.tick()) yield* this.preempt(); // Not before `add`: a wake-up in between would be lost.
    this.checkSignals();
  }

  checkSignals(): void {
    if (this.#process.pending.length > 0) throw new Interrupted();
  }

  /** A background job that reads its terminal is stopped (TTIN), unless it ignores that: then there is no input for it. */
  *#awaitForeground(file: OpenFile): Call<void> {
    const process = this.#process;
    const { tty, machine } = process;
    while (file === tty && tty.foreground && tty.foreground.machine === machine && tty.foreground.pgid !== process.pgid) {
      if (process.dispositions?.has('TTIN')) throw new Errno('EIO');
      this.kernel.killGroup(machine, process.pgid, 'TTIN');
      process.state = 'ready'; // It stops at this yield and goes on after CONT.
      yield 'tty';
    }
  }

  #put(file: OpenFile, data: ByteString): number {
    try {
      return file.write(data);
    } catch (error) {
      if (error instanceof Errno && error.code === 'EPIPE') this.kernel.signal(this.#process, 'PIPE');
      throw error; // Reached only if SIGPIPE is ignored.
    }
  }
}
