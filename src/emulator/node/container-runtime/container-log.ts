/**
 * What a container wrote to its standard output and error, line by line as the CRI log format has it. Bounded: a
 * container that prints without end keeps its newest lines, as rotated log files do.
 */

import type { ByteString, EventLoop } from '../../kernel/index.ts';
import { incompleteTail, noBytes, OpenFile, textOf, WaitQueue } from '../../kernel/index.ts';
import { flat } from '../../machinery/flat-text.ts';

/** Characters kept of one container's log. Differs from Kubernetes: the kubelet rotates at 10 MiB and keeps five files. */
const maxLogLength = 256 * 1024;
/** The CRI splits longer lines into partial records. */
const maxLineLength = 16 * 1024;

/**
 * A runtime copies output no faster than it can, and a writer that is faster waits for it: 3.2 MB a virtual second, so that a
 * container which prints without end costs little.
 */
const windowMs = 20;
const maxPerWindow = 64 * 1024;

export interface LogLine {
  /** Virtual milliseconds. */
  readonly atMs: number;
  readonly stream: 'stdout' | 'stderr';
  /** Without the newline. */
  readonly text: ByteString;
  /** The line goes on in the next record (the CRI tag `P` instead of `F`). */
  readonly isPartial: boolean;
}

export class ContainerLog {
  readonly lines: LogLine[] = [];
  /** How many lines were dropped at the front, so that followers keep their place. */
  dropped = 0;
  /** Woken by every line and at the end. */
  readonly changed = new WaitQueue();
  isClosed = false;
  #length = 0;

  append(line: LogLine): void {
    this.lines.push(line);
    this.#length += line.text.length + 64;
    if (this.#length > maxLogLength) this.#rotate();
    this.changed.wake();
  }

  close(): void {
    this.isClosed = true;
    this.changed.wake();
  }

  #rotate(): void {
    let drop = 0;
    while (this.#length > maxLogLength / 2 && drop < this.lines.length - 1) this.#length -= this.lines[drop++]!.text.length + 64;
    this.lines.splice(0, drop);
    this.dropped += drop;
  }
}

/** Whose log is written, and who reads along. */
interface LogWriter {
  openLog(): ContainerLog;
  readonly attached: Iterable<(bytes: ByteString, stream: 'stdout' | 'stderr') => void> | undefined;
}

/** Servers of one image say the same when they start: such lines are one text for all of them. */
const recent = new Map<string, ByteString>();
const maxRecent = 256;

function shared(text: ByteString): ByteString {
  const known = recent.get(text);
  if (known !== undefined) return known;
  if (recent.size >= maxRecent) recent.clear();
  const one = flat(text) as ByteString;
  recent.set(one, one);
  return one;
}

/** The writing end that a container's process has as file descriptor 1 or 2. */
export class LogFile extends OpenFile {
  #pending = noBytes;
  readonly #container: LogWriter;
  readonly #stream: 'stdout' | 'stderr';
  readonly #loop: EventLoop;
  #windowEndMs = 0;
  #taken = 0;
  #isRefusing = false;

  constructor(container: LogWriter, stream: 'stdout' | 'stderr', loop: EventLoop) {
    super();
    this.#container = container;
    this.#stream = stream;
    this.#loop = loop;
  }

  override read(): ByteString {
    return noBytes;
  }

  /** All of it, or nothing while the runtime is behind with what came before. */
  override write(data: ByteString): number {
    if (!this.#hasRoom(data.length)) return 0;
    for (const client of this.#container.attached ?? []) client(data, this.#stream);
    let from = 0;
    for (let end: number; (end = data.indexOf('\n', from)) >= 0; from = end + 1) {
      this.#line((this.#pending + data.slice(from, end)) as ByteString, false);
      this.#pending = noBytes;
    }
    this.#pending = (this.#pending + data.slice(from)) as ByteString;
    while (this.#pending.length > maxLineLength) {
      this.#line(this.#pending.slice(0, maxLineLength) as ByteString, true);
      this.#pending = this.#pending.slice(maxLineLength) as ByteString;
    }
    return data.length;
  }

  /** Counts what this window has taken. A writer that is refused is woken when the next window begins. */
  #hasRoom(length: number): boolean {
    const { now } = this.#loop;
    if (now >= this.#windowEndMs) {
      this.#windowEndMs = now + windowMs;
      this.#taken = 0;
    }
    if (this.#taken < maxPerWindow) {
      this.#taken += length;
      return true;
    }
    if (!this.#isRefusing) this.#loop.after(this.#windowEndMs - now, LogFile.#admit, this, true);
    this.#isRefusing = true;
    return false;
  }

  static #admit(file: LogFile): void {
    file.#isRefusing = false;
    file.writable.wake();
  }

  override closed(): void {
    if (this.#pending !== '') this.#line(this.#pending, true);
    this.#pending = noBytes;
  }

  #line(text: ByteString, isPartial: boolean): void {
    this.#container.openLog().append({ atMs: this.#loop.now, stream: this.#stream, text: shared(text), isPartial });
  }
}

/** The end of a log as text, at most so many lines and characters: the fallback of `terminationMessagePolicy`. */
export function logTail(log: ContainerLog | undefined, maxLines: number, maxLength: number): string {
  if (!log) return '';
  const lines = log.lines.slice(-maxLines);
  const joined = lines.map((line) => line.text + (line.isPartial ? '' : '\n')).join('');
  const cut = joined.slice(-maxLength) as ByteString;
  return textOf(cut.slice(0, cut.length - incompleteTail(cut)) as ByteString);
}
