import type {
  ByteString,
  Call,
  ErrnoCode,
  ExitStatus,
  Kernel,
  Machine,
  NetNamespace,
  OpenFile,
  Process,
  Program,
  RemoteCommand,
  Tty,
} from '../../kernel/index.ts';
import { createMachine, createPipe, FdTable, FileSystem, isErrno, loadExecutable, textOf, WaitQueue } from '../../kernel/index.ts';
import type { ContainerConfig, ProcessNamespace } from './container.ts';
import { Container } from './container.ts';
import { LogFile } from './container-log.ts';
import { ContainerMachine, programOf } from './container-machine.ts';
import { parseImageReference } from './image-reference.ts';
import { ImageStore } from './image-store.ts';
import type { Registry } from './registry.ts';
import type { SessionOptions } from './remote-session.ts';
import { AttachSession, CapturedOutput, emptyInput, failedSession, InputSink, RemoteSession, ttyInput } from './remote-session.ts';
import type { Placement } from './out-of-memory.ts';
import { logKill, systemVictim, victimOf } from './out-of-memory.ts';
import type { SandboxConfig } from './sandbox.ts';
import { Sandbox } from './sandbox.ts';

/** The name under which a node's machine offers its `ContainerRuntime`: /run/containerd/containerd.sock. */
export const runtimeService = 'containerd';

/** The runtimes of containerd's configuration; the default one has no name. */
const handlers = ['', 'runc'];

/** What a call of a client brings while the service is stopped. */
export const unavailable =
  'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"';

/** A failure that the runtime reports to the kubelet; the message is containerd's. */
export class RuntimeError extends Error {}

/** Gives a sandbox its network: the CNI plugin of the node, and for host-network Pods the node's own. */
export interface SandboxNetwork {
  /** Throws a `RuntimeError` when the plugin fails. */
  add(sandboxId: string, config: SandboxConfig): Call<{ readonly ips: readonly string[]; readonly net: NetNamespace }>;
  /** Throws a `RuntimeError` when the plugin fails. */
  remove(sandboxId: string, config: SandboxConfig): void;
  /** Takes a sandbox off the network without asking any plugin. */
  unplug(sandboxId: string): void;
}

export interface RuntimeOptions {
  readonly kernel: Kernel;
  /** The node's machine. */
  readonly machine: Machine;
  readonly registry: Registry;
  readonly network: SandboxNetwork;
  readonly cpuMilli: number;
}

const messageLimit = 4096;
const pauseImage = 'registry.k8s.io/pause:3.10.1';

export class ContainerRuntime {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly registry: Registry;
  readonly images = new ImageStore();
  readonly sandboxes = new Map<string, Sandbox>();
  readonly containers = new Map<string, Container>();
  /** The service containerd was started or stopped. */
  onServing: (() => void) | undefined;
  /** Something happened to a container of the sandbox: the kubelet's PLEG listens here. */
  onChange: ((sandbox: Sandbox) => void) | undefined;
  /** Some container has taken memory, or given some back. */
  onMemory: (() => void) | undefined;
  /** How the kubelet has placed a container. */
  placementOf: ((container: Container) => Placement | undefined) | undefined;
  /** The machine's memory ran out, and its kernel ended a process. */
  onSystemOOM: ((victim: string, pid: number) => void) | undefined;
  /** CPUs of the node. */
  readonly cpuMilli: number;
  readonly #network: SandboxNetwork;
  readonly #served = new WaitQueue();
  #isServing = true;

  constructor(options: RuntimeOptions) {
    this.kernel = options.kernel;
    this.machine = options.machine;
    this.registry = options.registry;
    this.#network = options.network;
    this.cpuMilli = options.cpuMilli;
  }

  /** False while the service containerd is stopped; containers run on. */
  get isServing(): boolean {
    return this.#isServing;
  }

  set isServing(isServing: boolean) {
    if (this.#isServing === isServing) return;
    this.#isServing = isServing;
    this.onServing?.();
    if (isServing) this.#served.wake();
  }

  /** Blocks until the service answers. */
  *untilServing(): Call<void> {
    while (!this.#isServing) yield* this.kernel.block(this.#served, 'cri');
  }

  *runSandbox(config: SandboxConfig): Call<Sandbox> {
    const { runtimeHandler = '' } = config;
    if (!handlers.includes(runtimeHandler))
      throw new RuntimeError(`failed to get sandbox runtime: no runtime for "${runtimeHandler}" is configured`);
    const id = this.kernel.random.hex(64);
    const { ips, net } = yield* this.#network.add(id, config);
    const sandbox = new Sandbox(id, config, this.kernel.loop.now, net, ips);
    this.sandboxes.set(id, sandbox);
    return sandbox;
  }

  /** The PID namespace of a Pod whose containers share one: the sandbox's own process is its first. */
  sharedProcesses(sandbox: Sandbox): ProcessNamespace {
    if (!sandbox.machine) {
      const { uid, hostname } = sandbox.config;
      const pause = this.registry.find(parseImageReference(pauseImage)!)!;
      const fs = new FileSystem(() => this.kernel.loop.now, pause.root());
      sandbox.machine = createMachine({ hostname, id: `${this.machine.hostname}/${uid}`, net: sandbox.net, fs, kernel: this.kernel });
      const argv = pause.config.entrypoint!;
      this.kernel.spawn({
        ...loadExecutable(fs, argv[0]!, argv),
        machine: sandbox.machine,
        fds: pauseFds(),
        pgid: 'new',
        background: true,
      });
    }
    return sandbox.machine;
  }

  /** Ends what still runs in it, at once, and gives its network back. Throws a `RuntimeError` when the plugin does not take it. */
  stopSandbox(sandbox: Sandbox): void {
    if (sandbox.state === 'not-ready') return;
    for (const container of sandbox.containers) if (container.state === 'running') this.#kill(container);
    if (sandbox.machine) this.kernel.killAll(sandbox.machine);
    this.#network.remove(sandbox.id, sandbox.config);
    sandbox.state = 'not-ready';
    this.onChange?.(sandbox);
  }

  /** Takes it down by force: an address that its plugin does not take back stays reserved. */
  removeSandbox(sandbox: Sandbox): void {
    try {
      this.stopSandbox(sandbox);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#network.unplug(sandbox.id);
    }
    for (const container of [...sandbox.containers]) this.removeContainer(container);
    this.sandboxes.delete(sandbox.id);
  }

  createContainer(sandbox: Sandbox, config: ContainerConfig): Container {
    const container = new Container(this.kernel.random.hex(64), config, sandbox, this.kernel.loop.now);
    sandbox.containers = sandbox.containers.concat(container); // Exactly as long as it must be: most Pods have one.
    this.containers.set(container.id, container);
    this.#trace(container, 'created');
    return container;
  }

  /** Runs the container's command. Throws a `RuntimeError` when it cannot be executed. */
  startContainer(container: Container): void {
    const machine = new ContainerMachine(this, container);
    container.machine = machine;
    try {
      const { program, argv } = this.#load(container, machine);
      container.process = this.kernel.spawn({
        program,
        argv,
        machine,
        env: () => this.#env(container),
        cwd: container.config.workingDir || container.config.image.config.workingDir || '/',
        fds: this.#openFds(container),
        pgid: 'new',
        tty: container.tty,
        background: true,
        onExit: (status) => this.#exited(container, status),
      });
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#failed(container, error.message);
      throw error;
    }
    if (container.tty) container.tty.foreground = { machine, pgid: container.process.pgid };
    container.state = 'running';
    container.startedMs = this.kernel.loop.now;
    this.#trace(container, 'started');
    this.onChange?.(container.sandbox);
  }

  /** Asks the first process to end, and kills the container when the grace period is over. 0 kills at once. */
  stopContainer(container: Container, graceMs: number): void {
    if (container.state !== 'running') return;
    const { process } = container;
    container.isStopping = true;
    if (graceMs <= 0 || !process) {
      this.#kill(container);
      return;
    }
    container.killTimer?.cancel();
    container.killTimer = this.kernel.loop.timer(graceMs, () => this.#kill(container));
    this.kernel.signal(process, container.config.image.config.stopSignal ?? 'TERM');
  }

  removeContainer(container: Container): void {
    if (container.state === 'running') this.#kill(container);
    const { sandbox } = container;
    sandbox.containers = sandbox.containers.filter((other) => other !== container);
    this.containers.delete(container.id);
    container.log?.close();
    container.machine = undefined;
    this.#trace(container, 'removed');
  }

  /** Starts a command in a running container, with its streams. */
  exec(container: Container, argv: readonly string[], options: SessionOptions): RemoteCommand {
    const { machine } = container;
    // Unverified: what a client of exec is told while the runtime is stopped.
    if (!this.#isServing) return failedSession(`Internal error occurred: ${unavailable}`);
    if (container.state !== 'running' || !machine)
      return failedSession(`Internal error occurred: container not found ("${container.config.name}")`);
    const session = new RemoteSession(this.kernel, options);
    try {
      const process = this.#execIn(
        container,
        machine,
        argv,
        session.fds,
        (status) => session.finish({ exitCode: status.code }),
        session.tty,
      );
      if (session.tty) session.tty.foreground = { machine, pgid: process.pgid };
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      session.fds.closeAll();
      return failedSession(`Internal error occurred: error executing command in container: ${this.#execError(error.message)}`);
    }
    return session;
  }

  /** Runs a command to its end; undefined output and code when the time was over first. Throws a `RuntimeError` when it cannot be started. */
  execSync(
    container: Container,
    argv: readonly string[],
    timeoutMs: number,
    done: (result: { readonly code: number; readonly output: string } | undefined) => void,
  ): void {
    const { machine } = container;
    if (container.state !== 'running' || !machine) throw new RuntimeError(`container not found ("${container.config.name}")`);
    const output = new CapturedOutput(10 * 1024);
    const fds = new FdTable();
    fds.set(0, emptyInput);
    fds.set(1, output);
    fds.set(2, output);
    const finish = (result: { readonly code: number; readonly output: string } | undefined): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      done(result);
    };
    let isOver = false;
    const process = this.#execIn(container, machine, argv, fds, (status) =>
      finish({ code: status.code, output: textOf(output.text as ByteString) }),
    );
    const timer = this.kernel.loop.timer(
      timeoutMs,
      () => {
        finish(undefined);
        this.kernel.signal(process, 'KILL');
      },
      true,
    );
  }

  /** Joins a client to the streams of the first process. */
  attach(container: Container, options: SessionOptions): RemoteCommand {
    if (container.state !== 'running') return failedSession(`Internal error occurred: container not found ("${container.config.name}")`);
    const session = new AttachSession(options.hasTty, options.hasStdin ? this.#stdinOf(container) : undefined, (columns, rows) =>
      container.tty?.resize(columns, rows),
    );
    (container.attached ??= new Set()).add(session.onOutput);
    (container.onEnd ??= []).push(() => session.end(container.exitCode));
    return session;
  }

  /** The machine lost its power: everything ends without a word, and nobody is told. */
  powerOff(): void {
    for (const sandbox of this.sandboxes.values()) {
      for (const container of sandbox.containers) if (container.state === 'running') this.#powerCut(container);
      if (sandbox.machine) this.kernel.killAll(sandbox.machine);
      sandbox.state = 'not-ready';
      try {
        this.#network.remove(sandbox.id, sandbox.config);
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        this.#network.unplug(sandbox.id);
      }
    }
  }

  #powerCut(container: Container): void {
    container.process = undefined;
    container.killTimer?.cancel();
    if (container.machine) this.kernel.killAll(container.machine);
    this.#ended(container, 255, 'Unknown');
  }

  #execIn(
    container: Container,
    machine: Machine,
    argv: readonly string[],
    fds: FdTable,
    onExit: (status: ExitStatus) => void,
    tty?: Tty,
  ): Process {
    const env = this.#env(container);
    const executable = this.#executable(machine, argv, env.get('PATH'), '');
    return this.kernel.spawn({
      ...executable,
      machine,
      env: tty ? new Map(env).set('TERM', 'xterm') : env,
      cwd: container.config.workingDir || container.config.image.config.workingDir || '/',
      fds,
      pgid: 'new',
      tty,
      background: false,
      onExit,
    });
  }

  #execError(message: string): string {
    return `failed to exec in container: failed to start exec "${this.kernel.random.hex(64)}": OCI runtime exec failed: exec failed: unable to start container process: ${message}: unknown`;
  }

  #load(container: Container, machine: Machine): { readonly program: Program; readonly argv: readonly string[] } {
    const { argv } = container;
    const prefix =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ';
    if (argv.length === 0)
      throw new RuntimeError(`failed to generate container "${container.id}" spec: failed to generate spec: no command specified`);
    const program = programOf(container);
    return program ? { program, argv } : this.#executable(machine, argv, this.#env(container).get('PATH'), prefix, ': unknown');
  }

  /** Looks a command up as runc does, and words its failures. */
  #executable(
    machine: Machine,
    argv: readonly string[],
    path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    prefix: string,
    suffix = '',
  ): { readonly program: Program; readonly argv: readonly string[] } {
    const name = argv[0]!;
    const fail = (why: string): never => {
      throw new RuntimeError(`${prefix}exec: ${JSON.stringify(name)}: ${why}${suffix}`);
    };
    const candidates = name.includes('/') ? [name] : path.split(':').map((directory) => `${directory}/${name}`);
    const found = candidates.find((candidate) => machine.fs.find(candidate)?.kind === 'file');
    if (found === undefined)
      return fail(name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH');
    try {
      return loadExecutable(machine.fs, found, argv);
    } catch (error) {
      if (!isErrno(error)) throw error;
      return fail(execWords[error.code] ?? error.message.toLowerCase());
    }
  }

  #env(container: Container): ReadonlyMap<string, string> {
    return (container.environment ??= new Map([
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['HOSTNAME', container.sandbox.config.hostname],
      ...Object.entries(container.config.image.config.env ?? {}),
      ...container.config.env(),
      ['HOME', container.config.env().get('HOME') ?? '/root'],
    ]));
  }

  #openFds(container: Container): FdTable {
    const { config } = container;
    const fds = new FdTable();
    const stdout = new LogFile(container, 'stdout', this.kernel.loop);
    if (config.hasTty) {
      const tty = this.kernel.createTty();
      tty.onOutput = (bytes) => void stdout.write(bytes);
      container.tty = tty;
      for (const fd of [0, 1, 2]) fds.set(fd, tty);
      return fds;
    }
    fds.set(0, config.hasStdin ? this.#createStdin(container) : emptyInput);
    fds.set(1, stdout);
    fds.set(2, new LogFile(container, 'stderr', this.kernel.loop));
    return fds;
  }

  #createStdin(container: Container): OpenFile {
    const { reader, writer } = createPipe();
    container.stdin = writer;
    return reader;
  }

  #stdinOf(container: Container): OpenFile | undefined {
    const { tty, stdin, config } = container;
    if (tty) return ttyInput(tty);
    return (
      stdin &&
      new InputSink(
        (data) => stdin.write(data),
        () => config.isStdinOnce && stdin.closed(),
      )
    );
  }

  #kill(container: Container): void {
    const { process, machine } = container;
    container.killTimer?.cancel();
    container.killTimer = undefined;
    if (process && process.state !== 'zombie') this.kernel.signal(process, 'KILL');
    else if (machine) this.kernel.killAll(machine);
  }

  /** Containers have taken memory or given some back: the machine itself may have none left. */
  memoryChanged(): void {
    this.onMemory?.();
    if (this.#isMemoryDue) return;
    this.#isMemoryDue = true;
    this.kernel.loop.after(0, this.#lookAtMemory, undefined);
  }

  #isMemoryDue = false;

  readonly #lookAtMemory = (): void => {
    this.#isMemoryDue = false;
    const { now } = this.kernel.loop;
    const containers = [...this.sandboxes.values()].flatMap(({ containers: all }) => all);
    const container = systemVictim(this.machine, containers, (one) => this.placementOf?.(one), now);
    if (!container) return;
    container.isOutOfMemory = true;
    logKill({ machine: this.machine, container, placement: this.placementOf?.(container), nowMs: now, isSystem: true });
    const { name, pid } = victimOf(container);
    this.onSystemOOM?.(name, pid);
    this.#kill(container);
  };

  /** The control group of a container has taken more than it may. */
  outOfMemory(container: Container): void {
    container.isOutOfMemory = true;
    logKill({ machine: this.machine, container, placement: this.placementOf?.(container), nowMs: this.kernel.loop.now, isSystem: false });
    // The process at hand cannot be ended from within its own call; it is, before it takes another step.
    this.kernel.loop.after(0, () => this.#kill(container), undefined);
  }

  #exited(container: Container, status: ExitStatus): void {
    if (container.state !== 'running' && container.state !== 'created') return;
    container.killTimer?.cancel();
    container.killTimer = undefined;
    if (container.machine) this.kernel.killAll(container.machine);
    const reason = container.isOutOfMemory ? 'OOMKilled' : status.code === 0 ? 'Completed' : 'Error';
    container.message = this.#terminationMessage(container);
    this.#ended(container, status.code, reason);
    this.#trace(container, 'exited');
    this.onChange?.(container.sandbox);
  }

  #ended(container: Container, code: number, reason: string): void {
    container.state = 'exited';
    container.exitCode = code;
    container.reason = reason;
    container.finishedMs = this.kernel.loop.now;
    container.process = undefined;
    container.stdin = undefined;
    container.attached = undefined;
    container.log?.close();
    for (const callback of container.onEnd?.splice(0) ?? []) callback();
  }

  #failed(container: Container, message: string): void {
    container.state = 'exited';
    container.exitCode = 128;
    container.reason = 'StartError';
    container.message = message;
    container.startedMs = Number.NEGATIVE_INFINITY;
    container.finishedMs = this.kernel.loop.now;
    this.onChange?.(container.sandbox);
  }

  #terminationMessage(container: Container): string {
    const { machine } = container;
    if (!(machine instanceof ContainerMachine) || !machine.hasFiles) return '';
    const inode = machine.fs.find(container.config.terminationMessagePath);
    return inode?.kind === 'file' ? textOf((inode.data as string).slice(0, messageLimit) as ByteString) : '';
  }

  #trace(container: Container, what: 'created' | 'started' | 'exited' | 'killed' | 'removed'): void {
    const { trace } = this.kernel;
    if (!trace.isOn) return;
    const { namespace, name, uid } = container.sandbox.config;
    const exitCode = what === 'exited' ? container.exitCode : undefined;
    trace.emit(
      `containerd@${this.machine.hostname}`,
      { resource: 'pods', namespace, name, uid },
      { type: 'container', what, container: container.config.name, node: this.machine.hostname, exitCode },
    );
  }
}

function pauseFds(): FdTable {
  const fds = new FdTable();
  for (const fd of [0, 1, 2]) fds.set(fd, emptyInput);
  return fds;
}

/** runc's words for why a file cannot be executed. */
const execWords: Partial<Record<ErrnoCode, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOEXEC: 'exec format error',
};
