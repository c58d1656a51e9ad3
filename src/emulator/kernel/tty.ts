import { textOf, utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import { OpenFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import type { Machine } from './machine.ts';
import type { Signal } from './signals.ts';

const controlSignals: Readonly<Record<string, readonly [signal: Signal, echo: string]>> = {
  '\x03': ['INT', '^C'],
  '\x1c': ['QUIT', '^\\'],
  '\x1a': ['TSTP', '^Z'],
};

/**
 * A terminal's line discipline. Raw key bytes come in by `input`, what the screen shows goes out by `onOutput`.
 * `canonical` gathers lines and lets the user erase; a line editor turns it and `echo` off and reads every key.
 */
export class Tty extends OpenFile {
  override readonly isTty = true;
  canonical = true;
  echo = true;
  /** Whether Ctrl-C, Ctrl-Z and Ctrl-\ send signals; a full-screen program may turn it off. */
  signals = true;
  columns = 80;
  rows = 24;
  /** The process group that reads and that Ctrl-C reaches. */
  foreground: { readonly machine: Machine; readonly pgid: number } | undefined;
  onOutput: (bytes: ByteString) => void = () => {};
  /** When set, everything that is typed goes here: a client that hands its terminal to another machine (ssh, exec -it). */
  onInput: ((bytes: ByteString) => void) | undefined;
  #line = '';
  /** What can be read: whole lines, or an empty one for the end of the file. */
  readonly #queue: ByteString[] = [];
  /** Keys that came while the terminal was raw, each for itself. Should it be cooked by the time they are read, they count as typed then. */
  readonly #keys: string[] = [];
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    super();
    this.#kernel = kernel;
  }

  input(bytes: ByteString): void {
    if (this.onInput) return this.onInput(bytes);
    if (!this.canonical && !this.signals && this.#keys.length === 0) return this.#deliver(bytes);
    if (this.canonical) this.#cook();
    for (const key of textOf(bytes)) this.#key(key);
  }

  /** Whether a read would not block. */
  get hasInput(): boolean {
    if (this.canonical) this.#cook();
    return this.#queue.length > 0 || this.#keys.length > 0 || (!this.canonical && this.#line !== '');
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#signal('WINCH');
  }

  override read(max: number): ByteString | undefined {
    if (this.canonical) this.#cook();
    else if (this.#line !== '') {
      // A line that was begun in cooked mode is there for who reads keys.
      this.#queue.push(utf8(this.#line));
      this.#line = '';
    }
    let data = this.#queue.shift();
    if (!this.canonical && data === '') data = '\x04' as ByteString;
    if (data === undefined && !this.canonical && this.#keys.length > 0) data = utf8(this.#keys.shift()!);
    if (data === undefined || data.length <= max) return data;
    this.#queue.unshift(data.slice(max) as ByteString);
    return data.slice(0, max) as ByteString;
  }

  override write(bytes: ByteString): number {
    this.onOutput(bytes.replaceAll('\n', '\r\n') as ByteString);
    return bytes.length;
  }

  #key(key: string): void {
    const control = this.signals ? controlSignals[key] : undefined;
    if (control) {
      this.#line = '';
      this.#queue.length = this.#keys.length = 0;
      this.#echo(control[1]);
      this.#signal(control[0]);
    } else if (!this.canonical) {
      this.#keys.push(key);
      this.readable.wake();
    } else if (key === '\x7f') {
      if (this.#line !== '') this.#echo('\b \b');
      this.#line = [...this.#line].slice(0, -1).join('');
    } else if (key === '\x04') {
      this.#deliver(utf8(this.#line)); // An empty line is the end of the file.
      this.#line = '';
    } else {
      const char = key === '\r' ? '\n' : key;
      this.#line += char;
      this.#echo(char);
      if (char !== '\n') return;
      this.#deliver(utf8(this.#line));
      this.#line = '';
    }
  }

  /** Takes in as typed what came while the terminal was raw. */
  #cook(): void {
    for (const key of this.#keys.splice(0)) this.#key(key);
  }

  #signal(signal: Signal): void {
    if (this.foreground) this.#kernel.killGroup(this.foreground.machine, this.foreground.pgid, signal);
  }

  #echo(text: string): void {
    if (this.echo) this.write(utf8(text));
  }

  #deliver(data: ByteString): void {
    this.#queue.push(data);
    this.readable.wake();
  }
}
