import type { Call, Wchan } from './call.ts';
import type { Timer } from './event-loop.ts';
import { FdTable } from './file.ts';
import type { Kernel } from './kernel.ts';
import type { Machine } from './machine.ts';
import type { Signal } from './signals.ts';
import type { Sys } from './sys.ts';
import type { Tty } from './tty.ts';
import { WaitQueue } from './wait-queue.ts';
import type { Waiter } from './wait-queue.ts';

/** A program. One that never blocks may be a plain function that returns its exit code. */
export type Program = (sys: Sys) => Call<number> | number;

export interface ExitStatus {
  readonly pid: number;
  /** The exit code, or 128 plus the number of the signal that ended the process. */
  readonly code: number;
  readonly signal?: Signal | undefined;
}

/** A process that never blocks runs this many steps, and they take this much virtual time. */
export const quantum = { steps: 100, timeMs: 10, spawnSteps: 10 };

/** `Exit` and `Exec` unwind a stack of generators. They are no `Errno`, so programs do not catch them. */
export class Exit {
  readonly status: ExitStatus;
  constructor(status: ExitStatus) {
    this.status = status;
  }
}
export class Exec {}

export interface SpawnOptions {
  readonly program: Program;
  readonly argv: readonly string[];
  /** A function is asked by the first who looks: most servers never do. */
  readonly env?: ReadonlyMap<string, string> | (() => ReadonlyMap<string, string>) | undefined;
  readonly cwd?: string | undefined;
  /** Becomes the child's own. Without it the child gets a copy of the parent's. */
  readonly fds?: FdTable | undefined;
  /** The process group to join; 'new' makes the child its leader. */
  readonly pgid?: number | 'new' | undefined;
  readonly ignore?: readonly Signal[] | undefined;
  readonly tty?: Tty | undefined;
  /** Where it runs; the parent's machine by default. */
  readonly machine?: Machine | undefined;
  /** Whether its waiting keeps the cluster from being settled; inherited. A daemon's does not. */
  readonly background?: boolean | undefined;
  /** Called when it has ended, however it ended. */
  readonly onExit?: ((status: ExitStatus) => void) | undefined;
}

/** What a process does with signals in place of their default. */
export type Dispositions = ReadonlyMap<Signal, 'ignore' | 'shield' | 'catch'>;

const knownDispositions = new Map<string, Dispositions>();

/** The one map of these dispositions. There are few: programs catch one, two or three signals. */
export function shareDispositions(dispositions: Dispositions): Dispositions | undefined {
  if (dispositions.size === 0) return undefined;
  let key = '';
  for (const [signal, disposition] of dispositions) key += `${signal}=${disposition} `;
  const known = knownDispositions.get(key);
  if (known) return known;
  if (knownDispositions.size >= 256) knownDispositions.clear();
  knownDispositions.set(key, dispositions);
  return dispositions;
}

const emptyEnv: ReadonlyMap<string, string> = new Map();

export class Process implements Waiter {
  readonly pid: number;
  readonly machine: Machine;
  readonly startedMs: number;
  readonly background: boolean;
  readonly onExit: ((status: ExitStatus) => void) | undefined;
  state: 'ready' | 'running' | 'blocked' | 'stopped' | 'zombie' = 'ready';
  wchan: Wchan = '';
  waitingOn: WaitQueue | undefined;
  timer: Timer | undefined;
  /** Absent until the first run, after `exec`, and once the process has ended. */
  body: Call<number> | undefined;
  program: Program;
  argv: readonly string[];
  cwd: string;
  fds: FdTable;
  /** Tables set aside while a shell redirects itself. Kept here because the kernel must close them too. */
  readonly savedFds: FdTable[] = [];
  /** What else the process owns: run by the kernel when it ends, since a killed generator's `finally` never runs. */
  owned: (() => void)[] = [];
  parent: Process | undefined;
  pgid: number;
  tty: Tty | undefined;
  /** Steps left before it is preempted, and since when. A child starts with what its parent has left. */
  slice: number;
  sliceFromMs: number;
  cpuMs = 0;
  umask: number;
  /** Woken while it was stopped: it goes on at CONT. */
  wokenWhileStopped = false;
  /** It stopped itself while running: it does so at its next wait. */
  stopsItself = false;
  exit: ExitStatus | undefined;
  readonly pending: Signal[] = [];
  /** Shared by all processes that ask for the same: it is replaced, never changed. */
  dispositions: Dispositions | undefined;
  readonly #kernel: Kernel;
  #children: Set<Process> | undefined;
  #childExited: WaitQueue | undefined;
  #env: ReadonlyMap<string, string> | (() => ReadonlyMap<string, string>);

  constructor(kernel: Kernel, machine: Machine, options: SpawnOptions, parent: Process | undefined) {
    this.#kernel = kernel;
    this.machine = machine;
    this.pid = machine.nextPid++;
    this.startedMs = kernel.loop.now;
    this.background = options.background ?? parent?.background ?? false;
    this.onExit = options.onExit;
    this.program = options.program;
    this.argv = options.argv;
    this.#env = options.env ?? parent?.env ?? emptyEnv;
    this.cwd = options.cwd ?? parent?.cwd ?? '/';
    this.fds = options.fds ?? parent?.fds.clone() ?? new FdTable();
    this.pgid = options.pgid === 'new' ? this.pid : (options.pgid ?? parent?.pgid ?? this.pid);
    this.umask = parent?.umask ?? 0o022;
    this.tty = options.tty ?? parent?.tty;
    this.parent = parent;
    this.slice = parent ? parent.slice : kernel.quantumSteps;
    this.sliceFromMs = kernel.loop.now;
  }

  get env(): ReadonlyMap<string, string> {
    if (typeof this.#env === 'function') this.#env = this.#env();
    return this.#env;
  }

  set env(env: ReadonlyMap<string, string>) {
    this.#env = env;
  }

  get children(): Set<Process> {
    return (this.#children ??= new Set());
  }

  get childExited(): WaitQueue {
    return (this.#childExited ??= new WaitQueue());
  }

  /** Hands something over to be run when the process ends. */
  own(dispose: () => void): void {
    // A list that grows by pushing makes room for 17; most processes own one thing.
    if (this.owned.length === 0) this.owned = [dispose];
    else this.owned.push(dispose);
  }

  wake(): void {
    if (this.state === 'stopped') this.wokenWhileStopped = true;
    if (this.state !== 'blocked') return;
    this.state = 'ready';
    this.#kernel.schedule(this);
  }

  /** Forgets what the process waits for: it was signalled or has ended. */
  unblock(): void {
    this.waitingOn?.remove(this);
    this.waitingOn = undefined;
    this.timer?.cancel();
    this.timer = undefined;
  }
}
