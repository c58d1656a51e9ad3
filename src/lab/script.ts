/** Runs shell input line by line on a machine, without a terminal: what `labs run`, `labs check --script` and the tests do. */
import { Errno, FdTable, OpenFile, noBytes, utf8 } from '../emulator/kernel/index.ts';
import type { ByteString, EventLoop, Kernel, Machine } from '../emulator/kernel/index.ts';

export interface ScriptOptions {
  readonly text: string;
  /** Virtual milliseconds that pass before each line, as a person would think. */
  readonly thinkMs: number;
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: ByteString) => void;
  /** Called as each line is handed to the shell. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface RunningScript {
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
}

export function startScript(
  kernel: Kernel,
  machine: Machine,
  { text, thinkMs, onOutput, onLine = () => {} }: ScriptOptions,
): RunningScript {
  const fds = new FdTable();
  fds.set(0, new ThoughtfulInput(kernel.loop, text, thinkMs, onLine));
  fds.set(1, new Sink((bytes) => onOutput('stdout', bytes)));
  fds.set(2, new Sink((bytes) => onOutput('stderr', bytes)));
  const running: { exitCode: number | undefined } = { exitCode: undefined };
  const home = '/root';
  const env = new Map([
    ['HOME', home],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['USER', 'root'],
    ['PWD', home],
  ]);
  const bash = machine.fs.inode('/bin/bash');
  if (bash.kind !== 'file' || !bash.program) throw new Error(`${machine.id} has no shell`);
  kernel.spawn({
    machine,
    program: bash.program,
    argv: ['bash'],
    env,
    cwd: home,
    fds,
    pgid: 'new',
    onExit: ({ code }) => (running.exitCode = code),
  });
  return running;
}

/** Standard input that hands out the next line a while after it was asked for. */
class ThoughtfulInput extends OpenFile {
  readonly #loop: EventLoop;
  readonly #thinkMs: number;
  readonly #onLine: (line: string) => void;
  readonly #lines: string[];
  #dueMs: number | undefined;
  #rest = noBytes;

  constructor(loop: EventLoop, text: string, thinkMs: number, onLine: (line: string) => void) {
    super();
    this.#loop = loop;
    this.#thinkMs = thinkMs;
    this.#onLine = onLine;
    this.#lines = text.split(/(?<=\n)/);
  }

  /** One line at most, so that what a program leaves of its input is the shell's next command, as in `sh < script`. */
  override read(max: number): ByteString | undefined {
    if (this.#rest === noBytes) {
      const line = this.#nextLine();
      if (line === undefined) return undefined;
      this.#rest = line;
    }
    const data = this.#rest.slice(0, max) as ByteString;
    this.#rest = this.#rest.slice(max) as ByteString;
    return data;
  }

  /** No bytes at the end of the input, undefined while the learner thinks. */
  #nextLine(): ByteString | undefined {
    const [line] = this.#lines;
    if (line === undefined) return noBytes;
    if (this.#dueMs === undefined && this.#thinkMs > 0) {
      this.#dueMs = this.#loop.now + this.#thinkMs;
      this.#loop.after(this.#thinkMs, () => this.readable.wake(), undefined);
    }
    if (this.#dueMs !== undefined && this.#loop.now < this.#dueMs) return undefined;
    this.#dueMs = undefined;
    this.#lines.shift();
    this.#onLine(line);
    return utf8(line);
  }

  override write(): number {
    throw new Errno('EBADF');
  }
}

class Sink extends OpenFile {
  readonly #take: (bytes: ByteString) => void;

  constructor(take: (bytes: ByteString) => void) {
    super();
    this.#take = take;
  }

  override read(): ByteString {
    return noBytes;
  }

  override write(bytes: ByteString): number {
    this.#take(bytes);
    return bytes.length;
  }
}
