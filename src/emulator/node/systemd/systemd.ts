import type { ByteString, ExitStatus, Kernel, Machine, Process, Timer } from '../../kernel/index.ts';
import { FdTable, noBytes, OpenFile, textOf } from '../../kernel/index.ts';
import { Journal, journalService } from './journal.ts';

/** The name under which a machine offers its `Systemd`. */
export const systemdService = 'systemd';

export interface Unit {
  /** With its ending: `kubelet.service`. */
  readonly name: string;
  readonly description: string;
  /** The file that defines it, as `systemctl status` shows it. */
  readonly path: string;
  /** The command line; a unit without one stands for a part of the machine that `onStart` and `onStop` turn on and off. */
  readonly argv?: readonly string[];
  readonly restartSec?: number;
  readonly onStart?: () => void;
  readonly onStop?: () => void;
}

export interface UnitState {
  readonly unit: Unit;
  active: 'active' | 'inactive' | 'failed' | 'activating';
  isEnabled: boolean;
  sinceMs: number;
  process: Process | undefined;
  exit: ExitStatus | undefined;
  restarts: number;
  restartTimer: Timer | undefined;
}

/** A service's standard output and error: lines in the journal. */
class JournalFile extends OpenFile {
  #pending = '';
  readonly #line: (text: string) => void;

  constructor(line: (text: string) => void) {
    super();
    this.#line = line;
  }

  override read(): ByteString {
    return noBytes;
  }

  override write(data: ByteString): number {
    const lines = (this.#pending + data).split('\n');
    this.#pending = lines.pop()!;
    for (const line of lines) this.#line(textOf(line as ByteString));
    return data.length;
  }
}

export class Systemd {
  readonly units = new Map<string, UnitState>();
  readonly journal = new Journal();
  readonly #kernel: Kernel;
  readonly #machine: Machine;

  constructor(kernel: Kernel, machine: Machine) {
    this.#kernel = kernel;
    this.#machine = machine;
    machine.services.set(systemdService, this);
    machine.services.set(journalService, this.journal);
  }

  add(unit: Unit): void {
    this.units.set(unit.name, {
      unit,
      active: 'inactive',
      isEnabled: true,
      sinceMs: 0,
      process: undefined,
      exit: undefined,
      restarts: 0,
      restartTimer: undefined,
    });
  }

  /** A unit by its name, with or without `.service`. */
  find(name: string): UnitState | undefined {
    return this.units.get(name) ?? this.units.get(`${name}.service`);
  }

  /** Starts every unit that is enabled, as the machine's boot does. */
  boot(): void {
    for (const state of this.units.values()) if (state.isEnabled) this.start(state);
  }

  start(state: UnitState): void {
    if (state.active === 'active') return;
    const { unit } = state;
    state.restartTimer?.cancel();
    state.restartTimer = undefined;
    state.exit = undefined;
    state.active = 'active';
    state.sinceMs = this.#kernel.loop.now;
    this.#log(unit, 'systemd[1]', `Started ${unit.name} - ${unit.description}.`);
    unit.onStart?.();
    if (unit.argv) this.#spawn(state, unit.argv);
  }

  stop(state: UnitState): void {
    const { unit, process } = state;
    state.restartTimer?.cancel();
    state.restartTimer = undefined;
    if (state.active !== 'active' && state.active !== 'activating') return;
    this.#log(unit, 'systemd[1]', `Stopping ${unit.name} - ${unit.description}...`);
    state.active = 'inactive';
    state.sinceMs = this.#kernel.loop.now;
    unit.onStop?.();
    if (process) this.#kernel.signal(process, 'TERM');
    this.#log(unit, 'systemd[1]', `${unit.name}: Deactivated successfully.`);
    this.#log(unit, 'systemd[1]', `Stopped ${unit.name} - ${unit.description}.`);
  }

  restart(state: UnitState): void {
    this.stop(state);
    this.start(state);
  }

  /** The machine lost its power: processes are gone, and nobody wrote a last line. */
  powerOff(): void {
    for (const state of this.units.values()) {
      state.restartTimer?.cancel();
      state.restartTimer = undefined;
      state.active = 'inactive';
      state.process = undefined;
      state.unit.onStop?.();
    }
  }

  #spawn(state: UnitState, argv: readonly string[]): void {
    const { unit } = state;
    const fds = new FdTable();
    const inode = this.#machine.fs.find(argv[0]!);
    const program = inode?.kind === 'file' ? inode.program : undefined;
    const name = argv[0]!.slice(argv[0]!.lastIndexOf('/') + 1);
    if (!program) {
      this.#log(unit, `(${name})[1]`, `${unit.name}: Unable to locate executable '${argv[0]}': No such file or directory`);
      this.#ended(state, { pid: 0, code: 203 });
      return;
    }
    const file = new JournalFile((text) => this.#log(unit, `${name}[${process.pid}]`, text));
    for (const fd of [0, 1, 2]) fds.set(fd, file);
    const process: Process = this.#kernel.spawn({
      program,
      argv,
      machine: this.#machine,
      fds,
      pgid: 'new',
      background: true,
      onExit: (status) => state.process === process && this.#ended(state, status),
    });
    state.process = process;
  }

  #ended(state: UnitState, status: ExitStatus): void {
    const { unit } = state;
    state.process = undefined;
    state.exit = status;
    if (state.active === 'inactive') return;
    const how = status.signal
      ? `code=killed, status=${status.code - 128}/${status.signal}`
      : `code=exited, status=${status.code}/${status.code === 0 ? 'SUCCESS' : 'FAILURE'}`;
    this.#log(unit, 'systemd[1]', `${unit.name}: Main process exited, ${how}`);
    if (status.code !== 0) this.#log(unit, 'systemd[1]', `${unit.name}: Failed with result '${status.signal ? 'signal' : 'exit-code'}'.`);
    state.active = 'activating';
    state.sinceMs = this.#kernel.loop.now;
    state.restartTimer = this.#kernel.loop.timer(
      (unit.restartSec ?? 10) * 1000,
      () => {
        state.restarts++;
        this.#log(unit, 'systemd[1]', `${unit.name}: Scheduled restart job, restart counter is at ${state.restarts}.`);
        this.start(state);
      },
      state.restarts > 3,
    );
  }

  #log(unit: Unit, identifier: string, text: string): void {
    this.journal.append({ atMs: this.#kernel.loop.now, unit: unit.name, identifier, text });
  }
}
