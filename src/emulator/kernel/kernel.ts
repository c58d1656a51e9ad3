import { utf8 } from './bytes.ts';
import type { Call, Wchan } from './call.ts';
import { DecisionLog } from './decision-log.ts';
import { Errno, Interrupted, isOutOfMemory } from './errno.ts';
import type { EventLoop } from './event-loop.ts';
import { Fiber } from './fiber.ts';
import { HostData } from './host-data.ts';
import type { Machine } from './machine.ts';
import { Exec, Exit, Process, quantum } from './process.ts';
import type { ExitStatus, SpawnOptions } from './process.ts';
import type { Random } from './random.ts';
import { ignoredByDefault, signalNumbers, stopsByDefault } from './signals.ts';
import type { Signal } from './signals.ts';
import { Sys } from './sys.ts';
import type { WallClock } from './time.ts';
import type { Trace } from './trace.ts';
import { Tty } from './tty.ts';
import type { WaitQueue, Waiter } from './wait-queue.ts';

/** What the kernels of all machines have in common. */
interface Common {
  decisions: DecisionLog | undefined;
  current: Waiter | undefined;
  onCrash: (error: Error) => void;
  onProgram: ((process: Process) => void) | undefined;
  readonly hotLoops: Set<string>;
  hostData?: HostData;
}

interface KernelParts {
  readonly loop: EventLoop;
  readonly clock: WallClock;
  readonly random: Random;
  readonly trace: Trace;
}

/** The processes of all machines, on one event loop. Each machine has a kernel of its own, which differs from the others by its clock. */
export class Kernel {
  readonly loop: EventLoop;
  readonly clock: WallClock;
  readonly random: Random;
  readonly trace: Trace;
  readonly hostData: HostData;
  /** Work that runs in circles, as `queue: key`: what keeps a cluster from settling. */
  readonly hotLoops: Set<string>;
  readonly quantumSteps = quantum.steps;
  readonly #common: Common;

  constructor(parts: KernelParts, common?: Common) {
    this.loop = parts.loop;
    this.clock = parts.clock;
    this.random = parts.random;
    this.trace = parts.trace;
    this.#common = common ?? { decisions: undefined, current: undefined, onCrash: fail, onProgram: undefined, hotLoops: new Set() };
    this.hotLoops = this.#common.hotLoops;
    this.hostData = this.#common.hostData ??= new HostData(this);
  }

  /** The kernel of one machine, whose clock can be set. */
  ofMachine(): Kernel {
    const { loop, clock, random, trace } = this;
    return new Kernel({ loop, clock: clock.ofMachine(), random, trace }, this.#common);
  }

  /** The process or fiber that is running, so that a call knows whom to block. */
  get current(): Waiter | undefined {
    return this.#common.current;
  }

  set current(waiter: Waiter | undefined) {
    this.#common.current = waiter;
  }

  /** Why things are as they are, once somebody wants it kept. */
  get decisions(): DecisionLog | undefined {
    return this.#common.decisions;
  }

  /** Called with what a program let out that is no error of a program but ours. Default: throw. */
  get onCrash(): (error: Error) => void {
    return this.#common.onCrash;
  }

  set onCrash(onCrash: (error: Error) => void) {
    this.#common.onCrash = onCrash;
  }

  /** Told of every program that a process begins. It may look and change nothing. */
  get onProgram(): ((process: Process) => void) | undefined {
    return this.#common.onProgram;
  }

  set onProgram(onProgram: ((process: Process) => void) | undefined) {
    this.#common.onProgram = onProgram;
  }

  /** From now on keeps the latest decisions about each object. */
  keepDecisions(): void {
    this.#common.decisions ??= new DecisionLog(this.trace);
  }

  createTty(): Tty {
    return new Tty(this);
  }

  /** Starts an activity that may block. It runs at once up to its first wait. */
  fiber(body: Call<void>, { background = false } = {}): Fiber {
    const fiber = new Fiber(this, body, background);
    fiber.resume();
    return fiber;
  }

  /** Whether what is running now leaves the cluster settled while it waits. */
  get isInBackground(): boolean {
    const { current } = this;
    return current instanceof Process ? current.background : current instanceof Fiber && current.isBackground;
  }

  /** Blocks the running process or fiber until the queue is woken. The caller must look again at what it waits for. */
  *block(queue: WaitQueue, wchan: Wchan): Call<void> {
    const { current } = this;
    if (!current) throw new Error('a call that blocks was made outside of a process or fiber');
    if (current instanceof Process) {
      if (current.pending.length > 0) throw new Interrupted(); // One that came while it ran would otherwise not wake it.
      current.state = 'blocked';
    }
    queue.add(current);
    yield wchan;
    if (current instanceof Process && current.pending.length > 0) throw new Interrupted();
  }

  /** Lets virtual time pass for the running process or fiber. */
  *sleep(ms: number, background = false): Call<void> {
    const { current } = this;
    if (!current) throw new Error('a call that sleeps was made outside of a process or fiber');
    if (current instanceof Process) {
      current.state = 'blocked';
      current.timer = this.loop.timer(ms, () => current.wake(), current.background);
    } else this.loop.after(ms, wake, current, background);
    yield 'sleep';
  }

  spawn(options: SpawnOptions & { readonly machine: Machine }, parent?: Process): Process {
    const { machine } = options;
    if (machine.processes.size >= machine.maxProcesses) throw new Errno('EAGAIN');
    const kernel = machine.kernel ?? this;
    const process = new Process(kernel, machine, options, parent);
    if (options.ignore || parent?.dispositions) inheritSignals(process, options.ignore ?? []);
    parent?.children.add(process);
    machine.processes.set(process.pid, process);
    kernel.schedule(process);
    this.onProgram?.(process);
    return process;
  }

  schedule(process: Process): void {
    this.loop.after(0, this.#resume, process, process.background);
  }

  /** Throws ESRCH when the machine has no such process. */
  kill(machine: Machine, pid: number, signal: Signal): void {
    const process = machine.processes.get(pid);
    if (!process) throw new Errno('ESRCH');
    this.signal(process, signal);
  }

  signal(process: Process, signal: Signal): void {
    if (process.state === 'zombie') return;
    if (signal === 'CONT') this.#continue(process);
    const disposition = signal === 'KILL' || signal === 'STOP' ? undefined : process.dispositions?.get(signal);
    if (disposition === 'ignore' || disposition === 'shield' || (disposition === undefined && ignoredByDefault.has(signal))) return;
    if (disposition === 'catch') {
      process.pending.push(signal);
      if (process.wchan !== 'preempt' && process !== this.current) {
        process.unblock();
        process.wake();
      }
      return;
    }
    if (this.#isProtected(process, signal)) return;
    if (stopsByDefault.has(signal)) return this.#stop(process);
    const status = { pid: process.pid, code: 128 + signalNumbers[signal], signal };
    if (process === this.current) throw new Exit(status);
    this.#end(process, status);
  }

  killGroup(machine: Machine, pgid: number, signal: Signal): void {
    const members = [...machine.processes.values()].filter((p) => p.pgid === pgid && p !== this.current);
    for (const member of members) if (machine.processes.get(member.pid) === member) this.signal(member, signal);
    if (this.current instanceof Process && this.current.pgid === pgid && this.current.machine === machine)
      this.signal(this.current, signal);
  }

  /** Ends every process of a machine at once, as a power cut or the end of a PID namespace does. */
  killAll(machine: Machine): void {
    // Containers of one PID namespace share the table; each ends its own processes.
    for (const process of [...machine.processes.values()]) {
      if (process.machine !== machine) continue;
      if (process.state !== 'zombie') this.#end(process, { pid: process.pid, code: 137, signal: 'KILL' });
      machine.processes.delete(process.pid);
    }
  }

  /** Forgets an ended process once its parent has seen its status. */
  reap(process: Process): ExitStatus {
    process.parent?.children.delete(process);
    process.machine.processes.delete(process.pid);
    return process.exit!;
  }

  readonly #resume = (process: Process): void => {
    if (process.state === 'stopped') process.wokenWhileStopped = true;
    if (process.state !== 'ready') return; // It ended or was stopped since it was scheduled; after STOP and CONT it is scheduled twice.
    process.state = 'running';
    process.timer = undefined;
    if (process.sliceFromMs !== this.loop.now) {
      process.slice = quantum.steps;
      process.sliceFromMs = this.loop.now;
    }
    const sliceBefore = process.slice;
    const before = this.current;
    this.current = process;
    try {
      this.#advance(process);
    } catch (reason) {
      if (reason instanceof Exec) this.#restart(process);
      else if (reason instanceof Exit) this.#end(process, reason.status);
      else if (reason instanceof Errno) this.#fail(process, reason);
      else if (isOutOfMemory(reason)) this.#fail(process, new Errno('ENOMEM'));
      else this.#crash(process, reason);
    } finally {
      this.current = before;
    }
    this.loop.spend(sliceBefore - process.slice);
  };

  #advance(process: Process): void {
    if (!process.body) {
      const started = process.program(new Sys(this, process));
      if (typeof started === 'number') return this.#end(process, { pid: process.pid, code: started });
      process.body = started;
    }
    const step = process.body.next();
    if (step.done) this.#end(process, { pid: process.pid, code: step.value });
    else {
      process.wchan = step.value;
      if (process.stopsItself) this.#stop(process);
    }
  }

  /**
   * The first process of a PID namespace gets no signal that it has not asked for; only KILL and STOP from outside reach
   * it (pid_namespaces(7)). A daemon of the emulator waits in `pause` and counts as one that handles its end.
   */
  #isProtected(process: Process, signal: Signal): boolean {
    if (process.pid !== 1 || process.parent || process.wchan === 'pause') return false;
    const isFromInside = this.current instanceof Process && this.current.machine === process.machine;
    return isFromInside || (signal !== 'KILL' && signal !== 'STOP');
  }

  #stop(process: Process): void {
    if (process.state === 'stopped') return;
    // A running process cannot be taken off its own stack: it stops at its next wait, and goes on from there.
    process.stopsItself = process === this.current && process.state === 'running';
    if (process.stopsItself) return;
    process.wokenWhileStopped = process.state === 'ready';
    process.state = 'stopped';
    process.parent?.childExited.wake();
  }

  #continue(process: Process): void {
    process.stopsItself = false;
    if (process.state !== 'stopped') return;
    process.state = 'blocked';
    if (process.wokenWhileStopped) process.wake();
    process.wokenWhileStopped = false;
  }

  #end(process: Process, status: ExitStatus): void {
    process.unblock();
    process.machine.cpuMs += process.cpuMs;
    process.state = 'zombie';
    process.exit = status;
    process.body = undefined;
    process.fds.closeAll();
    for (const table of process.savedFds.splice(0)) table.closeAll();
    for (const dispose of process.owned.splice(0).reverse()) dispose();
    for (const child of process.children) {
      child.parent = undefined;
      if (child.exit) this.reap(child);
    }
    process.children.clear();
    if (process.parent) process.parent.childExited.wake();
    else this.reap(process);
    process.onExit?.(status);
  }

  #restart(process: Process): void {
    for (const table of process.savedFds.splice(0)) table.closeAll();
    for (const dispose of process.owned.splice(0).reverse()) dispose();
    process.dispositions = undefined;
    process.state = 'blocked';
    process.wake();
  }

  /** A program let a failed call through: report it as the program would. */
  #fail(process: Process, error: Errno): void {
    try {
      process.fds.get(2).write(utf8(`${process.argv[0]}: ${error.message}\n`));
    } catch {
      // Nobody reads its errors.
    }
    this.#end(process, { pid: process.pid, code: 1 });
  }

  #crash(process: Process, reason: unknown): void {
    this.#end(process, { pid: process.pid, code: 139, signal: 'SEGV' });
    this.onCrash(new Error(`process ${process.pid} (${process.argv.join(' ')}) on ${process.machine.id} crashed`, { cause: reason }));
  }
}

function fail(error: Error): never {
  throw error;
}

const wake = (waiter: Waiter): void => waiter.wake();

/** Caught signals go back to their default in a child, ignored ones stay ignored. */
function inheritSignals(process: Process, ignore: readonly Signal[]): void {
  const inherited = [...(process.parent?.dispositions ?? [])].filter(([, d]) => d === 'ignore').map(([s]) => s);
  const ignored = [...inherited, ...ignore];
  if (ignored.length > 0) process.dispositions = new Map(ignored.map((signal) => [signal, 'ignore']));
}
