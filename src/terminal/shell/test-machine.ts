/** A machine with every program and no network, for the tests of this room. */
import {
  EventLoop,
  FdTable,
  FileSystem,
  Kernel,
  OpenFile,
  Random,
  Trace,
  WallClock,
  addDevices,
  createMachine,
  noBytes,
  programInode,
  textOf,
} from '../../emulator/kernel/index.ts';
import type { ByteString, Machine, NetNamespace, Process, Program } from '../../emulator/kernel/index.ts';
import { programs } from './programs/index.ts';

/** A namespace in which nothing listens and nothing is reachable. */
export const noNetwork: NetNamespace = {
  addresses: [],
  listeners: [],
  connect: unreachable,
  request: unreachable,
  datagram: unreachable,
  ping: unreachable,
  listen: unreachable,
  open: unreachable,
};

function unreachable(): never {
  throw new Error('this machine has no network');
}

/** A kernel whose clock starts on 2026-01-01. */
export function createTestKernel(seed = 1): Kernel {
  const loop = new EventLoop();
  return new Kernel({ loop, clock: new WallClock(loop, 1_767_225_600_000), random: new Random(seed), trace: new Trace(loop) });
}

/** Its pid 1 only waits, as a node's init does. */
export function createTestMachine(
  kernel: Kernel,
  options: { readonly maxProcesses?: number; readonly more?: ReadonlyMap<string, Program> } = {},
): Machine {
  const fs = new FileSystem(() => kernel.loop.now);
  for (const path of ['/tmp', '/root', '/bin', '/usr/bin', '/etc']) fs.mkdirs(path);
  for (const [name, program] of [...programs, ...(options.more ?? [])]) fs.link(`/bin/${name}`, programInode(program));
  addDevices(fs, kernel.random);
  const machine = createMachine({
    hostname: 'box',
    id: 'box',
    fs,
    net: noNetwork,
    ...(options.maxProcesses && { maxProcesses: options.maxProcesses }),
  });
  kernel.spawn({ machine, program: init, argv: ['init'], background: true });
  kernel.loop.run({ untilMs: 0 });
  return machine;
}

const init: Program = function* (sys) {
  for (;;) yield* sys.pause();
};

/** Keeps what is written to it. */
export class Capture extends OpenFile {
  bytes = '';
  get text(): string {
    return textOf(this.bytes as ByteString);
  }
  override read(): ByteString {
    return noBytes;
  }
  override write(data: ByteString): number {
    this.bytes += data;
    return data.length;
  }
}

export interface Started {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly process: Process;
  readonly out: Capture;
  readonly err: Capture;
}

export const testEnv: ReadonlyMap<string, string> = new Map([
  ['HOME', '/root'],
  ['PATH', '/usr/bin:/bin'],
]);

/** Starts `bash -c` without running it. */
export function start(
  script: string,
  kernel = createTestKernel(),
  machine = createTestMachine(kernel),
  argv: readonly string[] = ['bash', '-c', script],
): Started {
  const [out, err, fds] = [new Capture(), new Capture(), new FdTable()];
  fds.set(0, machine.fs.open('/dev/null', 'read'));
  fds.set(1, out);
  fds.set(2, err);
  const inode = machine.fs.inode(`/bin/${argv[0]}`);
  if (inode.kind !== 'file' || !inode.program) throw new Error(`no program ${argv[0]}`);
  const process = kernel.spawn({ machine, program: inode.program, argv, fds, env: testEnv, pgid: 'new' });
  return { kernel, machine, process, out, err };
}

/** Runs until nothing is due (or until a time). Fails rather than hang where something never ends. */
export function settle(kernel: Kernel, untilMs?: number): void {
  const end = kernel.loop.run(untilMs === undefined ? { untilSettled: true, budget: 1e6 } : { untilMs, budget: 1e6 });
  if (end === 'budget') throw new Error(`still busy at ${kernel.loop.now} ms`);
}

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number | undefined;
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly virtualMs: number;
}

/** Runs `bash -c` to its end, or until the budget is spent. */
export function run(script: string, machineOf?: (machine: Machine) => void, budget = 1e6): Ran {
  const kernel = createTestKernel();
  const machine = createTestMachine(kernel);
  machineOf?.(machine);
  const { process, out, err } = start(script, kernel, machine);
  kernel.loop.run({ untilSettled: true, budget });
  return { kernel, machine, out: out.text, err: err.text, code: process.exit?.code, virtualMs: kernel.loop.now };
}
