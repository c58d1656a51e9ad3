import type { ByteString, Executable, ExitStatus, Kernel, Machine, Process, Signal, Timer } from '../../kernel/index.ts';
import { FdTable, isErrno, loadExecutable, noBytes, OpenFile, textOf } from '../../kernel/index.ts';
import { Journal, journalService } from './journal.ts';
import type { LoadedUnit } from './unit-file.ts';
import { commandLine, environmentOf, loadUnit, unitFolders } from './unit-file.ts';

/** The name under which a machine offers its `Systemd`. */
export const systemdService = 'systemd';

/** How long a service may take to end after SIGTERM (DefaultTimeoutStopSec). */
const stopTimeoutMs = 90_000;

/** A part of the machine that no program of ours runs: it is turned on and off with its unit. */
export interface Part {
  readonly onStart?: () => void;
  readonly onStop?: () => void;
}

export interface UnitState {
  /** With its ending: `kubelet.service`. */
  readonly name: string;
  /** As it was loaded; files that changed since count after a daemon-reload. */
  loaded: LoadedUnit;
  active: 'active' | 'inactive' | 'failed' | 'activating';
  isEnabled: boolean;
  /** Why it failed, as `Result` names it. */
  result: 'success' | 'exit-code' | 'signal' | 'start-limit-hit' | 'resources';
  sinceMs: number;
  /** The command line of the last start. */
  argv: readonly string[];
  process: Process | undefined;
  exit: ExitStatus | undefined;
  restarts: number;
  restartTimer: Timer | undefined;
  /** When it was started lately, to see whether that happens too often. */
  readonly starts: number[];
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

/** `code=exited, status=1/FAILURE`, as systemd words the end of a process. */
export function exitText({ code, signal }: ExitStatus): string {
  if (signal) return `code=killed, status=${code - 128}/${signal}`;
  const names: Readonly<Record<number, string>> = { 0: 'SUCCESS', 2: 'INVALIDARGUMENT', 203: 'EXEC', 200: 'CHDIR' };
  return `code=exited, status=${code}${code === 1 ? '/FAILURE' : names[code] ? `/${names[code]}` : '/n/a'}`;
}

export class Systemd {
  readonly units = new Map<string, UnitState>();
  readonly journal: Journal;
  readonly #parts = new Map<string, Part>();
  readonly #kernel: Kernel;
  readonly #machine: Machine;

  constructor(kernel: Kernel, machine: Machine) {
    this.#kernel = kernel;
    this.#machine = machine;
    this.journal = new Journal();
    machine.services.set(systemdService, this);
    machine.services.set(journalService, this.journal);
  }

  /** A unit that is installed and enabled. Its file is on the machine. */
  add(name: string, part?: Part): void {
    if (part) this.#parts.set(name, part);
    this.units.set(name, this.#newState(name, true));
  }

  /** A unit by its name, with or without `.service`; one whose file somebody has written counts from its first use. */
  find(given: string): UnitState | undefined {
    const name = given.includes('.') ? given : `${given}.service`;
    const known = this.units.get(name);
    if (known) return known;
    const state = this.#newState(name, this.#isWanted(name));
    if (state.loaded.path === undefined) return undefined;
    this.units.set(name, state);
    return state;
  }

  /** Whether the unit's files say something else than when they were loaded. */
  isStale(state: UnitState): boolean {
    return loadUnit(this.#machine.fs, state.name).text !== state.loaded.text;
  }

  /** Reads all unit files anew; what runs goes on as it was started. */
  reload(): void {
    for (const state of this.units.values()) state.loaded = loadUnit(this.#machine.fs, state.name);
  }

  /** Starts every unit that is enabled, as the machine's boot does. */
  boot(): void {
    this.journal.newBoot(this.#kernel.loop.now);
    this.reload();
    for (const state of this.units.values()) if (state.isEnabled) this.start(state);
  }

  /** Why a unit cannot be started at all, as systemctl says it. */
  refusal(state: UnitState): string | undefined {
    if (state.loaded.isMasked) return `Unit ${state.name} is masked.`;
    if (state.loaded.path === undefined) return `Unit ${state.name} not found.`;
    if (state.loaded.definition.execStart === undefined && !this.#parts.has(state.name))
      return `Unit ${state.name} has a bad unit file setting.`;
    return undefined;
  }

  start(state: UnitState): void {
    if (state.active === 'active' || this.refusal(state) !== undefined) return;
    state.restartTimer?.cancel();
    state.restartTimer = undefined;
    if (this.#isTooOften(state)) return;
    const { definition } = state.loaded;
    state.exit = undefined;
    state.result = 'success';
    state.active = 'active';
    state.sinceMs = this.#kernel.loop.now;
    const part = this.#parts.get(state.name);
    if (part || definition.execStart === undefined) {
      this.#log(state, 'systemd[1]', `Started ${this.#title(state)}.`);
      part?.onStart?.();
      return;
    }
    this.#run(state, definition.execStart);
  }

  stop(state: UnitState): void {
    const { process } = state;
    state.restartTimer?.cancel();
    state.restartTimer = undefined;
    state.restarts = 0;
    if (state.active === 'failed') return;
    if (state.active !== 'active' && state.active !== 'activating') return;
    if (state.active === 'active') this.#log(state, 'systemd[1]', `Stopping ${this.#title(state)}...`);
    state.active = 'inactive';
    state.sinceMs = this.#kernel.loop.now;
    this.#parts.get(state.name)?.onStop?.();
    if (process) {
      this.#kernel.signal(process, 'TERM');
      this.#kernel.loop.after(stopTimeoutMs, this.#killLate, { state, process }, true);
    }
    this.#log(state, 'systemd[1]', `${state.name}: Deactivated successfully.`);
    this.#log(state, 'systemd[1]', `Stopped ${this.#title(state)}.`);
  }

  restart(state: UnitState): void {
    this.stop(state);
    this.start(state);
  }

  kill(state: UnitState, signal: Signal): void {
    if (state.process) this.#kernel.signal(state.process, signal);
  }

  /** Links the unit into the targets that want it, or out of them. Returns what systemctl says. */
  enable(state: UnitState, isEnabled: boolean): string {
    if (state.isEnabled === isEnabled) return '';
    state.isEnabled = isEnabled;
    const { fs } = this.#machine;
    let said = '';
    for (const target of state.loaded.definition.wantedBy) {
      const link = `${unitFolders[0]}/${target}.wants/${state.name}`;
      const isThere = fs.find(link, { followLast: false }) !== undefined;
      if (isEnabled && !isThere) {
        fs.mkdirs(`${unitFolders[0]}/${target}.wants`);
        fs.symlink(state.loaded.path!, link);
      } else if (!isEnabled && isThere) fs.remove(link);
      said += isEnabled ? `Created symlink ${link} → ${state.loaded.path}.\n` : `Removed "${link}".\n`;
    }
    return said;
  }

  /** A masked unit cannot be started by anybody. Returns what systemctl says. */
  mask(state: UnitState, isMasked: boolean): string {
    const { fs } = this.#machine;
    const path = `${unitFolders[0]}/${state.name}`;
    const there = fs.find(path, { followLast: false });
    let said = '';
    if (isMasked && there === undefined) {
      fs.mkdirs(unitFolders[0]);
      fs.symlink('/dev/null', path);
      said = `Created symlink ${path} → /dev/null.\n`;
    } else if (!isMasked && there?.kind === 'symlink') {
      fs.remove(path);
      said = `Removed "${path}".\n`;
    }
    state.loaded = loadUnit(fs, state.name);
    return said;
  }

  /** The machine lost its power: processes are gone, and nobody wrote a last line. */
  powerOff(): void {
    for (const state of this.units.values()) {
      state.restartTimer?.cancel();
      state.restartTimer = undefined;
      state.active = 'inactive';
      state.process = undefined;
      state.restarts = 0;
      state.starts.length = 0;
      this.#parts.get(state.name)?.onStop?.();
    }
  }

  #newState(name: string, isEnabled: boolean): UnitState {
    return {
      name,
      loaded: loadUnit(this.#machine.fs, name),
      active: 'inactive',
      isEnabled,
      result: 'success',
      sinceMs: this.#kernel.loop.now,
      argv: [],
      process: undefined,
      exit: undefined,
      restarts: 0,
      restartTimer: undefined,
      starts: [],
    };
  }

  #isWanted(name: string): boolean {
    return this.#machine.fs.find(`${unitFolders[0]}/multi-user.target.wants/${name}`, { followLast: false }) !== undefined;
  }

  readonly #killLate = ({ state, process }: { readonly state: UnitState; readonly process: Process }): void => {
    if (process.state === 'zombie' || !this.#machine.processes.has(process.pid)) return;
    this.#log(state, 'systemd[1]', `${state.name}: State 'stop-sigterm' timed out. Killing.`);
    this.#kernel.signal(process, 'KILL');
  };

  #isTooOften(state: UnitState): boolean {
    const { intervalMs, burst } = state.loaded.definition.startLimit;
    if (intervalMs === 0) return false;
    const { now } = this.#kernel.loop;
    while (state.starts.length > 0 && state.starts[0]! <= now - intervalMs) state.starts.shift();
    if (state.starts.length < burst) {
      state.starts.push(now);
      return false;
    }
    this.#log(state, 'systemd[1]', `${state.name}: Start request repeated too quickly.`);
    this.#fail(state, 'start-limit-hit');
    return true;
  }

  #run(state: UnitState, execStart: string): void {
    const environment = environmentOf(this.#machine.fs, state.loaded.definition);
    if (typeof environment === 'string') {
      this.#log(state, 'systemd[1]', `${state.name}: Failed to load environment files: No such file or directory`);
      this.#log(state, 'systemd[1]', `${state.name}: Failed to run 'start' task: No such file or directory`);
      this.#ended(state, undefined, 'resources');
      return;
    }
    this.#log(state, 'systemd[1]', `Started ${this.#title(state)}.`);
    const argv = commandLine(execStart, environment);
    state.argv = argv;
    const path = argv[0] ?? '';
    const name = path.slice(path.lastIndexOf('/') + 1);
    let executable: Executable;
    try {
      executable = loadExecutable(this.#machine.fs, path, argv);
    } catch (error) {
      if (!isErrno(error)) throw error;
      if (error.code === 'ENOENT') this.#log(state, `(${name})[1]`, `${state.name}: Failed to locate executable ${path}: ${error.message}`);
      this.#log(state, `(${name})[1]`, `${state.name}: Failed at step EXEC spawning ${path}: ${error.message}`);
      this.#ended(state, { pid: 0, code: 203 });
      return;
    }
    const fds = new FdTable();
    const file = new JournalFile((text) => this.#log(state, `${name}[${process.pid}]`, text));
    for (const fd of [0, 1, 2]) fds.set(fd, file);
    const process: Process = this.#kernel.spawn({
      ...executable,
      env: new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ...environment]),
      machine: this.#machine,
      fds,
      pgid: 'new',
      background: true,
      onExit: (status) => state.process === process && this.#ended(state, status),
    });
    state.process = process;
  }

  #ended(state: UnitState, status: ExitStatus | undefined, result?: UnitState['result']): void {
    state.process = undefined;
    state.exit = status;
    if (state.active === 'inactive') return;
    const isClean = status !== undefined && status.code === 0;
    const { restart, restartMs, isOneshot, remainsAfterExit } = state.loaded.definition;
    if (status && !(isOneshot && isClean)) this.#log(state, 'systemd[1]', `${state.name}: Main process exited, ${exitText(status)}`);
    const why = result ?? (isClean ? 'success' : status?.signal ? 'signal' : 'exit-code');
    if (!isClean) this.#log(state, 'systemd[1]', `${state.name}: Failed with result '${why}'.`);
    const isAgain = restart === 'always' || (restart === 'on-failure' && !isClean) || (restart === 'on-success' && isClean);
    state.sinceMs = this.#kernel.loop.now;
    if (!isAgain) {
      if (isClean && isOneshot && remainsAfterExit) return;
      if (isClean) {
        this.#log(state, 'systemd[1]', `${state.name}: Deactivated successfully.`);
        state.active = 'inactive';
      } else this.#fail(state, why, true);
      return;
    }
    state.result = why;
    state.active = 'activating';
    state.restartTimer = this.#kernel.loop.timer(
      restartMs,
      () => {
        state.restarts++;
        this.#log(state, 'systemd[1]', `${state.name}: Scheduled restart job, restart counter is at ${state.restarts}.`);
        this.start(state);
      },
      state.restarts > 3,
    );
  }

  #fail(state: UnitState, result: UnitState['result'], isSaid = false): void {
    state.active = 'failed';
    state.result = result;
    state.sinceMs = this.#kernel.loop.now;
    if (!isSaid) {
      this.#log(state, 'systemd[1]', `${state.name}: Failed with result '${result}'.`);
      this.#log(state, 'systemd[1]', `Failed to start ${this.#title(state)}.`);
    }
  }

  #title({ name, loaded }: UnitState): string {
    return `${name} - ${loaded.definition.description || name}`;
  }

  #log({ name }: UnitState, identifier: string, text: string): void {
    this.journal.append({ atMs: this.#kernel.loop.now, unit: name, identifier, text, priority: priorityOf(identifier, text) });
  }
}

/** systemd's own lines have the weight of what they say; what a service prints is information. */
function priorityOf(identifier: string, text: string): number {
  if (!identifier.startsWith('systemd[')) return identifier.startsWith('(') ? 3 : 6;
  if (/Failed with result|timed out|repeated too quickly|Failed to load/.test(text)) return 4;
  if (/^Failed to start/.test(text)) return 3;
  return /Main process exited/.test(text) ? 5 : 6;
}
